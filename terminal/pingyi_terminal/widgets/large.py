"""Large type and big figures within a row of cells, and how large the lines of a chart can be."""

from collections.abc import Callable
from typing import NamedTuple

from rich.style import Style

from pingyi_terminal.glyphs import glyphs
from pingyi_terminal.widgets.cells import Row, one_row
from pingyi_terminal.widgets.figures import FACES, FigureSize, figure, figure_width


class Look(NamedTuple):
    """How the lines of a chart are set: the rows of a line, those to the next, its figures, whether names are large.

    Without a size figures are plain.
    """

    rows: int
    pitch: int
    size: FigureSize | None = None
    large: bool = False

    @property
    def middle(self) -> int:
        """The row of a line in which plain words stand."""
        return (self.rows - 1) // 2

    def width(self, text: str) -> int:
        """Return the columns of a number."""
        return figure_width(text, self.size) if self.size and is_figure(text) else len(text)


LARGE = Look(6, 7, "M", large=True)
NAMES_LARGE = Look(6, 7, "S", large=True)
MIDDLE = Look(3, 4, "S")
AIRY = Look(1, 2)
DENSE = Look(1, 1)


def look_for(lines: int, rows: int, suits: Callable[[Look], bool]) -> Look:
    """Return the largest look that suits and in which so many lines stand in ``rows``."""
    looks = (LARGE, NAMES_LARGE, MIDDLE, AIRY)
    return next((look for look in looks if lines * look.pitch - 1 <= rows and suits(look)), DENSE)


def is_figure(text: str) -> bool:
    """Whether ``text`` is a number as big figures draw it."""
    return text.removeprefix("-").replace(".", "", 1).isdecimal()


def put_large(row: Row, column: int, text: str, y: int, style: Style) -> None:
    """Put row ``y`` (0-5) of ``text`` in large type at ``column``; nothing where the face lacks a character."""
    for bitmap in glyphs(one_row(text)) or ():
        column = row.put_blocks(column, bitmap.half_blocks(y), style)


def put_figure(row: Row, end: int, text: str, y: int, size: FigureSize, style: Style) -> None:
    """Put row ``y`` of a big figure so that it ends before ``end``; rows that it does not have stay free."""
    column = end - figure_width(text, size)
    for character in text if 0 <= y < FACES[size].height else "":
        bitmap = figure(character, size)
        row.put_blocks(column, bitmap.half_blocks(y), style)
        column += bitmap.width + FACES[size].gap


def put_number(row: Row, end: int, text: str, y: int, look: Look, style: Style) -> None:
    """Put a number so that it ends before ``end``: big in the middle of its line, or plain; other words are plain."""
    if look.size is not None and is_figure(text):
        put_figure(row, end, text, y - (look.rows - FACES[look.size].height) // 2, look.size, style)
    elif y == look.middle:
        row.put_right(end, text, style)
