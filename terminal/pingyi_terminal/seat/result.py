"""What a round yielded, once it is public: the measure, large, and how the own ballot stands to it."""

from collections.abc import Iterator

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pingyi_protocol.meeting.definition import Item
from pingyi_protocol.meeting.figures import TargetFigures
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.faces import Result
from pingyi_terminal.seat.parts import Cell, Column, FittingFigure, Listing, Scroll, Words
from pingyi_terminal.seat.screen import ScrollingScreen, SeatScreen
from pingyi_terminal.seat.wordings import graded, place_of, points, unsent_words
from pingyi_terminal.widgets import Distribution

COLUMNS = (Column(3, "right"), Column(0), Column(12, "right"), Column(9, "right"), Column(10, "center"))


class ResultScreen(SeatScreen[Result]):
    """Paints the published figures of a round with one target."""

    CSS_PATH = "result.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield the item, the figure or the table, and the own ballot."""
        yield Words(id="place", classes="heading")
        yield Words(id="name", classes="strong")
        yield from self.figures()
        with Vertical(id="own", classes="panel"):
            yield Words(id="own-words")

    def paint_face(self, words: Catalogue, face: Result) -> None:
        """Show the figures."""
        told = words("seat.item_announced" if face.announced else "seat.result_published")
        tone = "$dim" if face.announced else "bold $warning"
        self.query_one("#place", Words).say(f"{place_of(face.head, words)}  ", (told, tone), f"  {face.item.title}")
        self.paint_figures(words, face)
        amiss = face.missed or face.late or face.unsent is not None
        self.set_class(amiss, "-amiss")
        self.query_one("#own").set_class(amiss, "-warning")
        self.query_one("#own").set_class(not amiss, "-ok")
        self.query_one("#own-words", Words).say(*own_parts(words, face))

    def figures(self) -> Iterator[Widget]:
        """Yield the measure and the distribution."""
        with Horizontal(id="figure", classes="panel -accent"):
            yield FittingFigure(id="measure", colour="accent")
            yield Words(id="aside")
        yield Distribution(self.face.item.rules, {})

    def paint_figures(self, words: Catalogue, face: Result) -> None:
        """Show the figures of the one target."""
        figures = face.figures.targets[0]
        self.query_one("#name", Words).say(face.targets[0].name)
        self.query_one("#measure", FittingFigure).text = measure_of(figures, face.item) or "--"
        self.query_one("#aside", Words).say(*aside_of(words, face.item, figures))
        chart = self.query_one(Distribution)
        chart.rules = face.item.rules
        chart.counts = {one.value: one.count for one in figures.values}
        chart.band = next((band for band in face.item.rules.bands if band.name == figures.band), None)


class SheetResultScreen(ResultScreen, ScrollingScreen[Result]):
    """Paints the published figures of a round with several targets."""

    def figures(self) -> Iterator[Widget]:
        """Yield the table."""
        with Scroll():
            yield Listing(COLUMNS)

    def paint_figures(self, words: Catalogue, face: Result) -> None:
        """Show a line for each target."""
        self.query_one("#name", Words).say(words("seat.result_sheet", count=len(face.targets)))
        self.query_one(Listing).rows = tuple(rows_of(words, face))


def measure_of(figures: TargetFigures, item: Item) -> str:
    """Return the published measure with its decimals, "" where there were too few scores."""
    return "" if figures.measure is None else f"{figures.measure:.{item.rules.decimals}f}"


def aside_of(words: Catalogue, item: Item, figures: TargetFigures) -> tuple[str | tuple[str, str], ...]:
    """Return what stands beside the measure: its name and band, and who gave what."""
    parts: list[str | tuple[str, str]] = [(words(f"seat.measure_{item.rules.measure}"), "bold"), "\n"]
    if figures.measure is None:
        parts += ["\n", (words("seat.too_few", least=item.rules.least_scores), "bold $warning"), "\n"]
    elif figures.band:
        parts += ["\n", (f" {figures.band} ", "bold $chip-text on $accent"), "\n"]
    counts = words(
        "seat.result_counts", scores=figures.scores, abstentions=figures.abstentions, not_voted=figures.not_voted
    )
    return (*parts, "\n", (counts, "$dim"))


def own_parts(words: Catalogue, face: Result) -> tuple[str | tuple[str, str], ...]:
    """Return how the own ballot stands to the result."""
    late: tuple[str | tuple[str, str], ...] = ((words("seat.result_late"), "bold $warning"), "\n") if face.late else ()
    if face.unsent is not None:
        typed = unsent_words(face.unsent, words, discreet=face.frame.discreet)
        late = (*late, (typed, "bold $warning"), "\n")
    if face.missed:
        return (*late, (words("seat.result_missed"), "bold $warning"))
    if face.ballot is None:
        return (*late, (words("seat.result_none"), "$dim"))
    code = (f"  {words('seat.code_title')} {face.ballot.code}", "$dim")
    if len(face.ballot.answers) > 1 or face.frame.discreet:
        return (*late, words("seat.result_own_sheet"), code)
    return (*late, words("seat.result_own"), (graded(face.ballot.answers[0], face.item.rules, words), "bold $ok"), code)


def rows_of(words: Catalogue, face: Result) -> Iterator[tuple[Cell, ...]]:
    """Yield a heading and a line for each target of a sheet."""
    yield tuple(
        Cell(words(f"seat.column_{name}") if name else "", "dim")
        for name in ("number", "target", "own", "measure", "band")
    )
    own = face.ballot.answers if face.ballot and not face.frame.discreet else ()
    for place, (target, figures) in enumerate(zip(face.targets, face.figures.targets, strict=True), start=1):
        yield (
            Cell(str(place), "dim"),
            Cell(target.name, bold=True),
            Cell(points(own[place - 1].score, words) if own else "", "dim"),
            Cell(measure_of(figures, face.item) or words("seat.no_measure"), "accent", bold=True),
            Cell(figures.band or ""),
        )
