"""The painted parts that the faces share: lines of text, the large name, the band's block, facts in a row."""

from dataclasses import dataclass

from rich.cells import cell_len
from textual.geometry import Size
from textual.reactive import reactive

from pingyi_protocol.meeting.definition import TRIAL, Item, ScoreRules, Target
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.fitting import large_lines, largest_name
from pingyi_terminal.widgets import Painting, big_text_width
from pingyi_terminal.widgets.cells import Row, cut, fit, one_row, spaced
from pingyi_terminal.widgets.figures import figure, figure_width
from pingyi_terminal.widgets.large import put_large

GAP = 3
LARGE_ROWS = 6
BAND_ROWS = 3


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a line in a theme colour, bold, or as a filled chip."""

    text: str
    colour: str = "dim"
    bold: bool = False
    filled: bool = False

    @property
    def shown(self) -> str:
        """The words with the margins of a chip."""
        return f" {one_row(self.text)} " if self.filled else one_row(self.text)


class Line(Painting):
    """One row: words from the left, in the middle and from the right. Where they meet, the middle gives way."""

    DEFAULT_CSS = """
    Line { width: 1fr; height: 1; }
    """

    left: reactive[tuple[Words, ...]] = reactive[tuple[Words, ...]](())
    middle: reactive[tuple[Words, ...]] = reactive[tuple[Words, ...]](())
    right: reactive[tuple[Words, ...]] = reactive[tuple[Words, ...]](())

    def paint(self, y: int, row: Row) -> None:
        """Draw the row; more rows repeat nothing."""
        if y != (self.size.height - 1) // 2:
            return
        end = row.width - self._width(self.right)
        self._put(row, end, self.right, row.width)
        if self.right:
            end -= GAP
        self._put(row, 0, self.left, end)
        centre = (row.width - self._width(self.middle)) // 2
        self._put(row, max(centre, self._width(self.left) + GAP if self.left else 0), self.middle, end)

    def _width(self, pieces: tuple[Words, ...]) -> int:
        return sum(cell_len(each.shown) for each in pieces) + GAP * max(0, len(pieces) - 1)

    def _put(self, row: Row, column: int, pieces: tuple[Words, ...], end: int) -> None:
        for each in pieces:
            style = self.ink("chip-text", each.colour, bold=True) if each.filled else self.ink(each.colour)
            text = cut(each.shown, end - column)
            column = row.put(column, text, style if not each.bold else self.ink(each.colour, bold=True)) + GAP


class Headline(Painting):
    """The name of what is scored in large type. What does not fit in large type is plain in a band of three rows.

    ``names``: the full name and then shorter ones; with ``breaks`` the full name may take two lines.
    """

    DEFAULT_CSS = """
    Headline { width: 1fr; }
    """

    names: reactive[tuple[str, ...]] = reactive[tuple[str, ...]]((), layout=True)
    breaks: reactive[bool] = reactive(False, layout=True)

    def large(self, columns: int) -> tuple[str, ...]:
        """Return the lines of large type in so many columns, none where nothing fits."""
        names = tuple(one_row(name) for name in self.names if name)
        if self.breaks and names:
            return large_lines(names[0], columns)
        one = largest_name(names, columns)
        return (one,) if one else ()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return the rows of large type, with a free one between two lines, else those of the band."""
        return (LARGE_ROWS + 1) * len(self.large(width)) - 1 if self.large(width) else BAND_ROWS

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the large name, or the band."""
        lines = self.large(row.width)
        if lines and self.size.height >= LARGE_ROWS:
            place, inside = divmod(y, LARGE_ROWS + 1)
            if place < len(lines) and inside < LARGE_ROWS:
                column = (row.width - (big_text_width(lines[place]) or 0)) // 2
                paint_large(self, row, column, lines[place], inside, "foreground")
        elif any(self.names):
            self._paint_plain(y, row, next(one_row(name) for name in self.names if name))

    def _paint_plain(self, y: int, row: Row, name: str) -> None:
        middle = (self.size.height - 1) // 2
        if abs(y - middle) <= 1:
            row.put(0, " " * row.width, self.ink("foreground", "panel"))
        if y == middle:
            wide = spaced(name)
            text = wide if cell_len(wide) <= row.width - 4 and not name.isascii() else name
            row.put(0, fit(text, row.width, "center"), self.ink("foreground", "panel", bold=True))


def names_of(item: Item, targets: tuple[Target, ...], words: Catalogue) -> tuple[str, ...]:
    """Return what names an item on the wall: its one target, or its title."""
    if item is TRIAL:
        return (words("hall.trial"),)
    return (targets[0].name, targets[0].short_name) if len(targets) == 1 else (item.title,)


def score_rules(item: Item) -> ScoreRules:
    """Return the rules of an item that was scored; TypeError for one of another kind."""
    if isinstance(item.rules, ScoreRules):
        return item.rules
    raise TypeError(f"item {item.id} is not scored")


def remarks(item: Item, round_number: int, manual: str, words: Catalogue) -> tuple[Words, ...]:
    """Say what sets a round apart: a trial, a vote held again, a result that was entered by hand."""
    said = []
    if item is TRIAL:
        said.append(Words(words("hall.trial_means"), "warning", filled=True))
    elif round_number > 1:
        said.append(Words(words("hall.nth_round", round=round_number), "warning", filled=True))
    if manual:
        said.append(Words(words("hall.manual"), "warning", filled=True))
    return tuple(said)


def full_name(names: tuple[str, ...], columns: int) -> tuple[Words, ...]:
    """Return the full name to put under the headline, nothing where the headline says it."""
    return (Words(names[0], bold=True),) if largest_name(names, columns) not in ("", names[0]) else ()


def paint_large(
    painting: Painting, row: Row, column: int, text: str, y: int, colour: str, on: str | None = None
) -> None:
    """Draw row ``y`` (0-5) of ``text`` in large type; nothing where the face lacks a character."""
    put_large(row, column, text, y, painting.ink(colour, on))


class WordBlock(Painting):
    """A filled block with one word in it, as large as fits, and a note under it: a band, or a state."""

    word: reactive[str] = reactive("")
    note: reactive[str] = reactive("")
    colour: reactive[str] = reactive("accent")

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the block."""
        row.put(0, " " * row.width, self.ink("chip-text", self.colour))
        word, high = one_row(self.word), self.size.height
        width = big_text_width(word) or row.width + 1
        large = width <= row.width and high >= LARGE_ROWS
        rows = LARGE_ROWS if large else 1
        noted = bool(self.note) and high >= rows + 2
        first = (high - rows) // (3 if noted else 2)
        bold = self.ink("chip-text", self.colour, bold=True)
        if large and first <= y < first + rows:
            paint_large(self, row, (row.width - width) // 2, word, y - first, "chip-text", self.colour)
        elif not large and y == first:
            wide = spaced(word)
            row.put(0, fit(wide if cell_len(wide) <= row.width else word, row.width, "center"), bold)
        elif noted and y == high - 1 - (high - rows - 1) // 3:
            row.put(0, fit(self.note, row.width, "center"), bold)


class Facts(Painting):
    """Counts side by side, each behind its word: figures of three rows, or plain where there is one row only."""

    DEFAULT_CSS = """
    Facts { width: 1fr; height: 3; }
    """

    facts: reactive[tuple[tuple[str, int], ...]] = reactive[tuple[tuple[str, int], ...]](())

    def paint(self, y: int, row: Row) -> None:
        """Draw one row."""
        large = self.size.height >= 3  # noqa: PLR2004 - the rows of the smallest figures
        widths = [
            cell_len(one_row(word)) + 1 + (figure_width(str(count), "S") if large else len(str(count)))
            for word, count in self.facts
        ]
        free = row.width - sum(widths)
        gap = min(5, max(1, free // max(1, len(widths) - 1)))
        column = 0
        for (word, count), width in zip(self.facts, widths, strict=True):
            if not large or y == 1:
                row.put(column, word, self.ink("foreground", bold=True))
            at = column + cell_len(one_row(word)) + 1
            if not large:
                row.put(at, str(count), self.ink("foreground", bold=True))
            for digit in str(count) if large else "":
                bitmap = figure(digit, "S")
                row.put_blocks(at, bitmap.half_blocks(y), self.ink("foreground"))
                at += bitmap.width + 1
            column += width + gap


def turnout(whole: RoundFigures, not_voted: int, words: Catalogue) -> tuple[tuple[str, int], ...]:
    """Return the counts that make up those present."""
    invalid = ((words("hall.invalid"), whole.invalid),) if whole.invalid else ()
    recused = ((words("hall.recused"), whole.recused),) if whole.recused else ()
    return (
        (words("hall.cast"), whole.received),
        *invalid,
        (words("hall.not_voted"), not_voted),
        *recused,
        (words("hall.present"), whole.present),
    )
