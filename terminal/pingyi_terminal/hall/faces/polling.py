"""An item that is being scored, or that waits for its announcement: turnout, clock, and the live figures."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from pingyi_protocol.meeting.figures import TargetFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.faces.count import Count, set_on_foot, set_size
from pingyi_terminal.hall.faces.parts import Headline, Line, Words, full_name
from pingyi_terminal.hall.faces.table import Table, TableContent, TableLine
from pingyi_terminal.hall.fitting import GUTTER, Room, count_sizes
from pingyi_terminal.hall.view import Polling
from pingyi_terminal.running import LEAST_BALLOTS
from pingyi_terminal.widgets import BandBars, Bar, BigFigure, BigText, Tally, big_text_width

LAST_SECONDS = 10


def clock_text(milliseconds: int | None) -> str:
    """Return the time left as minutes and seconds, "" without a countdown; a second that has begun counts whole."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(-(-milliseconds // 1000), 60)
    return f"{minutes}:{seconds:02}"


class PollingFace(Vertical):
    """Shows ``Polling``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        yield Headline(id="polling-name")
        yield Line(id="polling-labels")
        with Horizontal(classes="figures"):
            yield Count()
            yield BigFigure("", "LL", id="clock")
            yield BigText("", "info", id="polling-closed")
        yield Tally(id="turnout")
        with Horizontal(id="live"):
            with Vertical(id="live-mean"):
                yield Line(id="live-labels")
                yield BigFigure("", "M", id="live-figure")
            with Vertical(id="live-bands"):
                yield Line(id="live-bands-label")
                yield BandBars(id="live-bars")
        yield Table(id="live-table")

    def show(self, face: Polling, words: Catalogue, room: Room, remaining: int | None) -> None:
        """Show the turnout, and the running figures where there are some."""
        names = (face.targets[0].name, face.targets[0].short_name) if len(face.targets) == 1 else (face.item.title,)
        self.query_one(Headline).names = names
        below = face.running is not None or face.withheld or len(face.targets) > 1
        rows = (5 if below else 7) if room.compact else (7 if below else 10)
        closed = words("hall.closed")
        columns = room.columns - ((big_text_width(closed) or 0) + GUTTER if face.closed else 0)
        sizes = count_sizes(face.base, "" if face.closed else clock_text(remaining), columns, rows)
        self.query_one(Count).show(face.received, face.base, sizes)
        set_size(self.query_one("#clock", BigFigure), sizes.clock, sizes.votes)
        turnout = self.query_one("#turnout", Tally)
        turnout.count, turnout.whole = face.received, face.base
        turnout.set_class(not below, "-tall")
        self.set_class(below, "-full")
        word = self.query_one("#polling-closed", BigText)
        word.display = face.closed
        word.text = closed
        set_on_foot(word, sizes.votes)
        labels = self.query_one("#polling-labels", Line)
        again = (Words(words("hall.nth_round", round=face.round), "warning", filled=True),) if face.round > 1 else ()
        labels.left = (Words(words("hall.voted_of_present"), bold=True), *again)
        labels.middle = full_name(names, room.columns)
        self.show_clock(face, words, remaining)
        self.show_running(face, words)

    def show_clock(self, face: Polling, words: Catalogue, remaining: int | None, *, frozen: bool = False) -> None:
        """Show the time left; ``frozen`` when the link is lost and nobody knows."""
        paused = face.phase is Phase.PAUSED
        clock = self.query_one("#clock", BigFigure)
        clock.display = remaining is not None and not face.closed
        clock.text = clock_text(remaining)
        over = remaining is not None and remaining <= LAST_SECONDS * 1000
        clock.colour = "dim" if paused or frozen else "warning" if over else "foreground"
        labels = self.query_one("#polling-labels", Line)
        if face.closed:
            labels.right = (Words(words("hall.awaiting"), bold=True),)
        elif paused:
            labels.right = (Words(words("hall.paused"), "warning", filled=True),)
        elif remaining is None:
            labels.right = ()
        else:
            labels.right = (Words(words("hall.remaining" if remaining else "hall.time_up"), bold=True),)

    def show_running(self, face: Polling, words: Catalogue) -> None:
        """Show the running figures: of one target large, several as a table; a sheet without any lists its targets."""
        running = {one.target: one for one in face.running.targets} if face.running else {}
        several = len(face.targets) > 1
        withheld = words("hall.live_withheld", least=LEAST_BALLOTS) if face.withheld else ""
        self.query_one("#live").display = bool(running or withheld) and not several
        table = self.query_one(Table)
        table.display = several
        if several:
            measure = words(f"hall.live_{face.item.rules.measure}")
            headings = (measure, words("hall.scores")) if running else (withheld,) if withheld else ()
            nothing = ("-",) if withheld else ()
            lines = (
                TableLine(one.name, one.short_name, live_cells(running[one.id]) if running else nothing)
                for one in face.targets
            )
            table.content = TableContent(headings, tuple(lines))
        elif running:
            self.show_measure(face, running[face.targets[0].id], words)
        elif withheld:
            label = words(f"hall.live_{face.item.rules.measure}")
            self.query_one("#live-labels", Line).left = (Words(label, bold=True), Words(withheld))
            self.query_one("#live-figure", BigFigure).text = ""
            self.query_one("#live-bands").display = False

    def show_measure(self, face: Polling, figures: TargetFigures, words: Catalogue) -> None:
        """Show the running measure of the one target and how its scores lie."""
        counts = words("hall.live_counts", scores=figures.scores, abstentions=figures.abstentions)
        label = words(f"hall.live_{face.item.rules.measure}")
        self.query_one("#live-labels", Line).left = (Words(label, bold=True), Words(counts))
        figure = self.query_one("#live-figure", BigFigure)
        figure.text = "-" if figures.measure is None else str(figures.measure)
        self.query_one("#live-bands-label", Line).left = (Words(words("hall.by_band"), bold=True),)
        bars = self.query_one(BandBars)
        bars.whole = figures.scores
        bars.bars = tuple(Bar(one.band, one.count, one.band == figures.band) for one in figures.bands)
        self.query_one("#live-bands").display = bool(figures.bands)


def live_cells(figures: TargetFigures) -> tuple[str, str]:
    """Return the running measure and the number of scores of one target as a table shows them."""
    return ("-" if figures.measure is None else str(figures.measure), str(figures.scores))
