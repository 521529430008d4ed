"""Big figures: one square face in five sizes, readable at 20 metres, drawn from half blocks."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from textual.geometry import Region, Size
from textual.reactive import reactive

from pingyi_terminal.glyphs.bitmap import Bitmap
from pingyi_terminal.widgets.blocks import HATCH
from pingyi_terminal.widgets.cells import Row
from pingyi_terminal.widgets.painting import Painting

FigureSize = Literal["S", "M", "L", "LL", "XL"]


@dataclass(frozen=True, slots=True)
class Face:
    """The measures of one size: a figure's width in columns and height in rows of cells.

    ``stroke`` is in columns (and in half rows), ``gap`` the free columns between figures; ``cut`` is how many
    columns are taken off a round corner.
    """

    width: int
    height: int
    stroke: int
    gap: int
    cut: int


FACES: dict[FigureSize, Face] = {
    "S": Face(4, 3, 1, 1, 0),
    "M": Face(6, 5, 2, 2, 1),
    "L": Face(8, 7, 2, 2, 1),
    "LL": Face(10, 7, 3, 2, 1),
    "XL": Face(12, 10, 4, 2, 2),
}

# which strokes a figure has, named as in a seven-segment display, and which corners are round
_STROKES = {
    "0": "abcdef", "2": "abged", "3": "abgcd", "4": "fgbc", "5": "afgcd",
    "6": "afgedc", "7": "abc", "8": "abcdefg", "9": "abcdfg", "-": "g",
}  # fmt: skip
_ROUND = {"0": "pqrs", "2": "pq", "3": "pqrsm", "5": "rs", "6": "pqrs", "8": "pqrsmn", "9": "pqrs"}
_NARROW = ".:"


class _Sheet:
    """The pixels of one figure while it is drawn."""

    def __init__(self, width: int, height: int) -> None:
        self.pixels = [[False] * width for _ in range(height)]

    def fill(self, columns: range, rows: range, on: bool = True) -> None:
        for y in rows:
            for x in columns:
                self.pixels[y][x] = on


@cache
def figure(character: str, size: FigureSize) -> Bitmap:
    """Return the picture of one of ``0123456789.:/-`` or space; ValueError for any other."""
    face = FACES[size]
    stroke, high = face.stroke, 2 * face.height
    width = stroke if character in _NARROW else face.width
    sheet = _Sheet(width, high)
    if character == "1":
        _draw_one(sheet, face)
    elif character == "/":
        width = face.width - stroke + 1
        return Bitmap.of([[x in _slash_columns(y, face) for x in range(width)] for y in range(high)])
    elif character == ".":
        sheet.fill(range(width), range(high - stroke, high))
    elif character == ":":
        dot = (face.height - stroke + 1) // 2
        sheet.fill(range(width), range(dot, dot + stroke))
        sheet.fill(range(width), range(high - dot - stroke, high - dot))
    elif character in _STROKES:
        _draw_strokes(sheet, face, character)
    elif character != " ":
        raise ValueError(f"no big figure for {character!r}: use digits . : / - and space")
    return Bitmap.of(sheet.pixels)


def _draw_strokes(sheet: _Sheet, face: Face, character: str) -> None:
    stroke, width, high = face.stroke, face.width, 2 * face.height
    middle = (high - stroke) // 2
    across, left, right = range(width), range(stroke), range(width - stroke, width)
    upper, lower = range(middle + stroke), range(middle, high)
    places = {
        "a": (across, range(stroke)),
        "b": (right, upper),
        "c": (right, lower),
        "d": (across, range(high - stroke, high)),
        "e": (left, lower),
        "f": (left, upper),
        "g": (across, range(middle, middle + stroke)),
    }
    for name in _STROKES[character]:
        sheet.fill(*places[name])
    first, last = range(face.cut), range(width - face.cut, width)
    waist = range(middle + stroke // 2, middle + stroke // 2 + stroke // 2) if stroke > 2 else range(0)  # noqa: PLR2004 - a thinner stroke has no room for a waist
    corners = {
        "p": (first, range(1)),
        "q": (last, range(1)),
        "r": (first, range(high - 1, high)),
        "s": (last, range(high - 1, high)),
        "m": (range(width - 1, width), waist),
        "n": (range(1), waist),
    }
    for name in _ROUND.get(character, ""):
        sheet.fill(*corners[name], on=False)


def _draw_one(sheet: _Sheet, face: Face) -> None:
    """Draw the 1 with a flag and a foot, so that it never looks like the 7."""
    stroke, high = face.stroke, 2 * face.height
    foot = min(3 * stroke, face.width)
    stem = range((foot - stroke) // 2, (foot - stroke) // 2 + stroke)
    sheet.fill(stem, range(high))
    sheet.fill(range(stem.stop), range(max(1, stroke // 2), stroke + max(1, stroke // 2)))
    sheet.fill(range(foot), range(high - stroke, high))


def _slash_columns(y: int, face: Face) -> range:
    """Return the columns of the slash in half row ``y``."""
    steps = face.width - 2 * face.stroke + 1
    begin = steps - 1 - y * steps // (2 * face.height)
    return range(begin, begin + face.stroke)


def figure_width(text: str, size: FigureSize) -> int:
    """Return the columns that ``text`` takes in this size."""
    return sum(figure(character, size).width for character in text) + FACES[size].gap * max(0, len(text) - 1)


class BigFigure(Painting):
    """A number or a clock in large figures: ``text`` of digits, ``. : / -`` and space.

    ``colour`` names a theme colour; with ``hidden`` each figure is a hatched field, so that neighbours cannot read it.
    """

    text: reactive[str] = reactive("", init=False, repaint=False)
    colour: reactive[str] = reactive("foreground")
    hidden: reactive[bool] = reactive(False)

    def __init__(
        self,
        text: str = "",
        size: FigureSize = "M",
        colour: str = "foreground",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.figure_size = size
        self.set_reactive(BigFigure.text, text)
        self.set_reactive(BigFigure.colour, colour)

    def validate_text(self, text: str) -> str:
        """Refuse what has no figure before anything is drawn."""
        for character in text:
            figure(character, self.figure_size)
        return text

    def watch_text(self, before: str, after: str) -> None:
        """Repaint the figures that changed; lay out anew only when the width did."""
        if [figure(old, self.figure_size).width for old in before] != [
            figure(new, self.figure_size).width for new in after
        ]:
            self.refresh(layout=True)
            return
        column = self.indent(figure_width(after, self.figure_size), self.size.width)
        for old, new in zip(before, after, strict=True):
            width = figure(new, self.figure_size).width
            if old != new:
                self.refresh(Region(column, 0, width, FACES[self.figure_size].height))
            column += width + FACES[self.figure_size].gap

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """Return the width of the text in columns."""
        return figure_width(self.text, self.figure_size)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return the height of the size in rows."""
        return FACES[self.figure_size].height

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the figures."""
        face = FACES[self.figure_size]
        if y >= face.height:
            return
        column = self.indent(figure_width(self.text, self.figure_size), row.width)
        for character in self.text:
            picture = figure(character, self.figure_size)
            if self.hidden and character.isdigit():
                row.put(column, HATCH * picture.width, self.ink("dim"))
            else:
                row.put_blocks(column, picture.half_blocks(y), self.ink(self.colour))
            column += picture.width + face.gap
