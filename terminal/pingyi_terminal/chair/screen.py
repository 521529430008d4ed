"""The chair's screen: it shows a ``ChairView`` and says which item was clicked; it decides nothing."""

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from pingyi_protocol.meeting.definition import ScoreRules
from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.lists import AgendaList, Legend, PeopleList, TargetRows
from pingyi_terminal.chair.parts import Agenda, Aside, ChairView, Count, Countdown, Figures, Floor, Said
from pingyi_terminal.chair.small import small_lines
from pingyi_terminal.widgets import (
    ActionBlock,
    BandBars,
    BigFigure,
    Distribution,
    HeaderBar,
    KeyHints,
    Meter,
    SeatMap,
)
from pingyi_terminal.widgets.cells import clipped
from pingyi_terminal.widgets.seatmap import hall_rows

LEAST_COLUMNS = 100
LEAST_ROWS = 30
TARGETS_SHOWN = 4
SPACIOUS_ROWS = 3
"""Rows of a hall that have room for every result below them."""
TONES = ("foreground", "dim", "faint", "accent", "ok", "warning")


class ChairScreen(Screen[None]):
    """Agenda left, hall in the middle, count right, the next step below. On a smaller terminal the agenda folds.

    Below ``LEAST_COLUMNS`` x ``LEAST_ROWS`` it says so, and words stand in place of the unreadable hall.
    """

    CSS_PATH = "screen.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-small"), (LEAST_COLUMNS, "-narrow"), (116, "-wide"), (160, "-vast")]  # noqa: RUF012 - Textual types it as no ClassVar
    VERTICAL_BREAKPOINTS = [(0, "-low"), (LEAST_ROWS, "-short"), (35, "-tall")]  # noqa: RUF012 - Textual types it as no ClassVar

    def __init__(self, words: Catalogue) -> None:
        super().__init__()
        self.words = words

    def compose(self) -> ComposeResult:
        """Compose the parts, empty."""
        yield HeaderBar(id="header")
        yield line("shout")
        yield line("folded")
        with Vertical(id="small"):
            yield line("small-means", "warning")
            yield line("small-lines")
        with Horizontal(id="main"):
            with Vertical(id="agenda"):
                yield line("agenda-heading", "strong dim")
                yield AgendaList(id="agenda-list")
                yield line("targets-heading", "strong dim")
                yield line("targets")
            with Vertical(id="floor"):
                with Horizontal(id="floor-top"):
                    yield line("floor-title")
                    yield line("rostrum")
                yield SeatMap(self.words, id="seats")
                yield Legend(self.words, id="legend")
                yield line("people-heading")
                yield PeopleList(id="people")
                yield line("reading")
                yield line("seat-warning", "warning")
            with Vertical(id="right"):
                yield line("count-heading", "strong dim")
                with Horizontal(id="count-row"):
                    yield BigFigure(size="M", colour="accent", id="count")
                    yield BigFigure(size="S", colour="accent", id="count-small")
                    yield line("whole")
                yield Meter(id="meter")
                yield line("count-line")
                with Horizontal(id="figures-top"):
                    yield line("figures-heading", "strong dim")
                    yield line("band", "accent")
                yield BigFigure(size="S", id="measure")
                yield line("figures-lines", "dim")
                yield Distribution(ScoreRules(), {}, id="distribution")
                yield BandBars(id="bars")
                yield TargetRows(id="rows")
        with Horizontal(id="bottom"):
            yield ActionBlock(id="step")
            with Vertical(id="aside"):
                yield line("aside-heading", "strong")
                yield line("aside-lines")
            with Vertical(id="countdown-words"):
                yield line("countdown-word", "strong")
                yield line("countdown-unit", "faint")
            yield BigFigure(size="M", id="countdown")
        yield KeyHints(id="hints")

    def speak(self, words: Catalogue) -> None:
        """Show what does not come with a view in another language."""
        self.words = words
        self.query_one(SeatMap).words = words
        self.query_one(Legend).words = words
        self.query_one(PeopleList).words = words
        self.query_one(TargetRows).words = words
        self.query_one(AgendaList).words = words
        self.put("targets-heading", Said(words("chair.targets")))
        self.put("rostrum", Said(words("chair.rostrum")))
        self.query_one(HeaderBar).product = words("chair.product")
        self.show_size()

    def on_resize(self) -> None:
        """Say how small the terminal is, for where it is too small."""
        self.show_size()

    def show_size(self) -> None:
        """Show what the terminal measures, and what the console needs."""
        size = {"columns": LEAST_COLUMNS, "rows": LEAST_ROWS, "width": self.size.width, "height": self.size.height}
        self.put("small-means", Said(self.words("chair.small_means", **size), "warning"))

    def show_view(self, view: ChairView) -> None:
        """Show this view; what is as it was is not drawn again."""
        header = self.query_one(HeaderBar)
        header.title, header.note, header.pieces = view.title, view.note, view.pieces
        self.shown("main", bool(view.title))
        self.put("shout", Said(view.shout))
        self.query_one("#shout").set_class(bool(view.shout), "-loud")
        self.show_agenda(view.agenda)
        self.show_floor(view.floor)
        self.show_count(view.count)
        self.show_figures(view.figures)
        block = self.query_one(ActionBlock)
        block.label, block.detail, block.state = view.step.label, view.step.detail, view.step.state
        self.show_aside(view.aside)
        self.show_countdown(view.countdown)
        self.query_one(KeyHints).hints = view.hints
        self.put("small-lines", Said("\n".join(small_lines(view))))

    def show_agenda(self, agenda: Agenda) -> None:
        """Show the agenda, and as one line for where it folds."""
        self.query_one(AgendaList).lines = agenda.lines
        self.put("agenda-heading", Said(agenda.heading, "dim"))
        self.put("folded", Said(agenda.folded))
        self.shown("folded", bool(agenda.folded))
        shown = agenda.targets[:TARGETS_SHOWN]
        if len(agenda.targets) > TARGETS_SHOWN:
            shown = agenda.targets[: TARGETS_SHOWN - 1]
            shown += (self.words("chair.more_targets", count=len(agenda.targets) - len(shown)),)
        self.put("targets", Said("\n".join(shown)))
        self.shown("targets-heading", bool(shown))

    def show_floor(self, floor: Floor) -> None:
        """Show the hall and those who are missing."""
        room = self.query_one("#floor-title").size.width - cell_len(floor.doing) - 2
        title = clipped(floor.title, room) if room > 0 else floor.title
        self.put_text("floor-title", Text.assemble((f"{floor.doing}  ", self.ink("dim")), (title, "bold")))
        self.query_one(SeatMap).places = floor.places
        self.query_one(Legend).entries = floor.legend
        heading = Text.assemble((floor.heading.text, f"bold {self.ink(floor.heading.tone)}"))
        if floor.note:
            heading.append(f"  {floor.note}", self.ink("faint"))
        self.put_text("people-heading", heading)
        self.query_one(PeopleList).people = floor.people
        # a result takes the room that it needs, and the rows of a large hall move together
        crowded = bool(floor.reading) and len(hall_rows(floor.places)) > SPACIOUS_ROWS
        self.query_one(SeatMap).set_class(crowded, "-crowded")
        self.shown("people", not floor.reading)
        self.shown("reading", bool(floor.reading))
        self.put("reading", Said("\n".join(floor.reading)))
        self.put("seat-warning", Said(floor.warning, "warning"))

    def show_count(self, count: Count) -> None:
        """Show how many of how many."""
        self.put("count-heading", Said(count.heading, "dim"))
        figure = "" if count.figure is None else str(count.figure)
        large = len(figure) < 3  # noqa: PLR2004 - three large figures leave no room for the whole
        for name, shown in (("count", large), ("count-small", not large)):
            big = self.query_one(f"#{name}", BigFigure)
            big.text, big.colour = figure, count.tone
            self.shown(name, shown)
        self.put("whole", Said(f"/ {count.whole}" if figure else ""))
        meter = self.query_one(Meter)
        meter.count, meter.whole, meter.colour = count.figure or 0, count.whole, count.tone
        self.put("count-line", count.line)

    def show_figures(self, figures: Figures) -> None:
        """Show the measure, the sheet, or the lines."""
        self.put("figures-heading", Said(figures.heading, "dim"))
        self.put("band", figures.band)
        measure = self.query_one("#measure", BigFigure)
        measure.colour, measure.text = figures.tone, figures.figure
        self.shown("measure", bool(figures.figure))
        self.put("figures-lines", Said("\n".join(figures.lines), "dim"))
        chart = self.query_one(Distribution)
        if (chart.rules, chart.counts, chart.band) != (figures.rules, figures.counts, figures.in_band):
            chart.rules, chart.counts, chart.band = figures.rules, figures.counts, figures.in_band
        self.shown("distribution", bool(figures.counts))
        self.query_one(BandBars).bars = figures.bars
        self.shown("bars", bool(figures.bars))
        self.query_one(TargetRows).rows = figures.rows
        self.shown("rows", bool(figures.rows))

    def show_aside(self, aside: Aside) -> None:
        """Show what comes after the step, or what must be heard first."""
        self.put("aside-heading", aside.heading)
        room = self.query_one("#aside-lines").content_size.width - (2 if aside.numbered else 0)
        text = Text()
        for number, words in enumerate(aside.lines, 1):
            rows = Text(words).wrap(self.app.console, max(1, room)) if aside.numbered else [words]
            for place, row in enumerate(rows):
                if aside.numbered:
                    text.append("  " if place else f"{number} ", f"bold {self.ink('dim')}")
                text.append(f"{row}\n")
        text.rstrip()
        self.put_text("aside-lines", text)

    def show_countdown(self, countdown: Countdown) -> None:
        """Show the time left."""
        figure = self.query_one("#countdown", BigFigure)
        figure.colour, figure.text = countdown.tone, countdown.figure
        self.put("countdown-word", Said(countdown.word, "dim" if countdown.tone == "foreground" else countdown.tone))
        self.put("countdown-unit", Said(countdown.unit, "faint"))

    def put(self, name: str, said: Said) -> None:
        """Put words into a line in their tone."""
        widget = self.query_one(f"#{name}", Static)
        for tone in TONES:
            widget.set_class(tone == said.tone, f"-{tone}")
        self.put_text(name, Text(said.text))

    def put_text(self, name: str, text: Text) -> None:
        """Put text into a line, if it is another."""
        widget = self.query_one(f"#{name}", Static)
        if widget.content != text:
            widget.update(text)

    def shown(self, name: str, shown: bool) -> None:
        """Show or hide a part, as far as the size of the terminal lets it be seen."""
        self.query_one(f"#{name}", Widget).set_class(not shown, "-off")

    def ink(self, tone: str) -> str:
        """Return a theme colour."""
        return self.app.theme_variables[tone]


def line(name: str, classes: str = "") -> Static:
    """Return an empty text that never reads markup."""
    return Static("", id=name, classes=classes, markup=False)
