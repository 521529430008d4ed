"""The parts that several faces share: a figure as large as its place, the countdown, lists, and the way back."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widgets import Static

from pingyi_protocol.meeting.definition import Item, Secrecy
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.faces import Head
from pingyi_terminal.seat.wordings import clock, place_of
from pingyi_terminal.widgets import (
    ActionBlock,
    BigFigure,
    BigText,
    FigureSize,
    ModeBlock,
    Painting,
    big_text_width,
    figure_width,
)
from pingyi_terminal.widgets.blocks import HATCH
from pingyi_terminal.widgets.cells import Row, clipped, cut, fit
from pingyi_terminal.widgets.figures import FACES

LAST_SECONDS = 10
HATCHED = 24
SIZES: tuple[FigureSize, ...] = ("XL", "LL", "L", "M", "S")


class Words(Static):
    """Text that is never markup: what people and files wrote is shown as it is."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes, markup=False)

    def say(self, *parts: str | tuple[str, str]) -> None:
        """Show these parts, a plain one or one with a style (``$accent bold``), unless they stand there already."""
        content = Content.assemble(*parts)
        if content != self.content:
            self.update(content)


class Scroll(VerticalScroll):
    """A place that scrolls by wheel and finger and takes no key for itself."""

    can_focus = False


class FittingFigure(BigFigure):
    """A big figure in the largest size that fits its place, in the middle of its height."""

    DEFAULT_CSS = """
    FittingFigure { width: 1fr; height: 1fr; }
    """

    def watch_text(self, before: str, after: str) -> None:
        """Draw all of it: another text may take another size."""
        if before != after:
            self.refresh()

    def paint(self, y: int, row: Row) -> None:
        """Draw one row in the size that fits now."""
        high = self.size.height
        fitting = (size for size in SIZES if figure_width(self.text, size) <= row.width and FACES[size].height <= high)
        self.figure_size = next(fitting, "S")
        height = FACES[self.figure_size].height
        above = max(0, (high - height) // 2)
        if above <= y < above + height:
            super().paint(y - above, row)


class BigWord(BigText):
    """A word in large type where there is room for all of it, else plain; hatched while it is ``hidden``."""

    hidden: reactive[bool] = reactive(False)

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the word."""
        if self.hidden:
            columns = min(HATCHED, row.width)
            row.put(self.indent(columns, row.width), HATCH * columns, self.ink("dim"))
            return
        large = big_text_width(self.text)
        if large is not None and large <= row.width:
            super().paint(y, row)
        elif y == self.size.height // 2:
            text = cut(self.text, row.width)
            row.put(self.indent(cell_len(text), row.width), text, self.ink(self.colour, bold=True))


class TrialBanner(Horizontal):
    """Above all that belongs to a trial vote: that it is one, large, and that it counts for nothing."""

    DEFAULT_CSS = """
    TrialBanner { height: 6; margin-bottom: 1; padding: 0 2; background: $calling; color: $chip-text; }
    TrialBanner > BigText { width: auto; margin-right: 3; }
    TrialBanner > Words { width: 1fr; height: 6; padding-top: 1; }
    """

    def compose(self) -> ComposeResult:
        """Compose the large word and the sentence."""
        yield BigText(colour="chip-text")
        yield Words()

    def show(self, words: Catalogue) -> None:
        """Show it in the language of ``words``."""
        self.query_one(BigText).text = words("seat.trial_big")
        parts = ((words("seat.trial_counts"), "bold"), "\n\n", words("seat.trial_means"))
        self.query_one(Words).say(*parts)


class BackBlock(ActionBlock):
    """A quiet block: the way back, large enough for a finger."""

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the block."""
        row.put(0, " " * row.width, self.ink("foreground", "raised"))
        if y == (self.size.height - 1) // 2:
            text = cut(f"{self.chip}  {self.label}".rstrip(), row.width - 2)
            row.put((row.width - cell_len(text)) // 2, text, self.ink("foreground", "raised", bold=True))


class RoundClock(Horizontal):
    """The countdown: quiet, solid orange in the last ten seconds, with a word where it stands still."""

    DEFAULT_CSS = """
    RoundClock { width: auto; height: 3; }
    RoundClock > Words { width: auto; height: 3; text-align: right; color: $dim; margin-right: 1; }
    RoundClock > BigFigure { width: auto; }
    RoundClock.-last > Words { background: $warning; color: $chip-text; text-style: bold; padding: 0 1; }
    RoundClock.-paused > Words { color: $warning; text-style: bold; }
    """

    def compose(self) -> ComposeResult:
        """Compose the word and the figures."""
        yield Words()
        yield BigFigure("", "S")

    def show(self, words: Catalogue, head: Head) -> None:
        """Show where the countdown of ``head`` stands."""
        last = head.seconds is not None and head.seconds <= LAST_SECONDS and not head.paused
        self.set_class(last, "-last")
        self.set_class(head.paused, "-paused")
        name = "paused" if head.paused else "unlimited" if head.seconds is None else "left"
        self.query_one(Words).say(words(f"seat.clock_{name}"))
        figure = self.query_one(BigFigure)
        figure.colour = "warning" if last else "dim" if head.paused else "foreground"
        figure.text = "" if head.seconds is None else clock(head.seconds)


class RoundHead(Horizontal):
    """The three rows on top of every ballot: which item, what to do, the countdown, and open or secret, large."""

    DEFAULT_CSS = """
    RoundHead { height: 3; margin-bottom: 1; }
    RoundHead > Vertical { width: 1fr; height: 3; margin-right: 2; }
    RoundHead .place { height: 1; color: $dim; text-wrap: nowrap; text-overflow: ellipsis; }
    RoundHead .task { height: 1fr; }
    RoundHead > RoundClock { margin-right: 2; }
    """

    def __init__(self, words: Catalogue) -> None:
        super().__init__()
        self.words = words

    def compose(self) -> ComposeResult:
        """Compose the words, the clock and the mode."""
        with Vertical():
            yield Words(classes="place")
            yield Words(classes="task")
        yield RoundClock()
        yield ModeBlock(self.words, Secrecy.OPEN)

    def show(self, words: Catalogue, head: Head, item: Item, *task: str | tuple[str, str]) -> None:
        """Show the round of ``head`` and what there is to do."""
        self.query_one(".place", Words).say(f"{place_of(head, words)}  {item.title}".rstrip())
        self.query_one(".task", Words).say(*task)
        self.query_one(RoundClock).show(words, head)
        mode = self.query_one(ModeBlock)
        mode.words, mode.secrecy = words, item.rules.secrecy


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a list: its text in a theme colour, on another one where it is a chip."""

    text: str
    colour: str = "foreground"
    bold: bool = False
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list: so many cells wide, 0 for what is left."""

    width: int
    align: Literal["left", "right", "center"] = "left"


class Listing(Painting):
    """Rows of cells in columns, as many as there are: put it where it can scroll. The ``marked`` row is raised.

    The last cell of a row with fewer cells than columns takes the rest of the row. Every other row that begins anew
    (its first cell says something) stands on a panel, and what follows it stands on the same ground.
    """

    DEFAULT_CSS = """
    Listing { width: 1fr; height: auto; }
    """

    rows: reactive[tuple[tuple[Cell, ...], ...]] = reactive((), layout=True)
    marked: reactive[int | None] = reactive[int | None](None)

    def __init__(self, columns: tuple[Column, ...], *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self.columns = columns

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return a row a line."""
        return len(self.rows)

    def paint(self, y: int, row: Row) -> None:
        """Draw one line."""
        if y >= len(self.rows):
            return
        begun = sum(bool(cells[0].text) for cells in self.rows[: y + 1])
        ground = "raised" if y == self.marked else None if begun % 2 else "panel"
        if ground:
            row.put(0, " " * row.width, self.ink("foreground", ground))
        fixed = sum(column.width for column in self.columns) + 2 * (len(self.columns) - 1)
        at, cells = 0, self.rows[y]
        for place, (column, cell) in enumerate(zip(self.columns, cells, strict=False), start=1):
            width = column.width or max(0, row.width - fixed)
            if place == len(cells):
                width = row.width - at
            row.put(
                at,
                fit(clipped(cell.text, width), width, column.align),
                self.ink(cell.colour, cell.on or ground, bold=cell.bold),
            )
            at += width + 2
