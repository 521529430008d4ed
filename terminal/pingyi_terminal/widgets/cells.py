"""Text by cells: data made safe for one row, cut and padded without ever splitting a wide character."""

from itertools import groupby
from typing import Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

STOPS = ".."
"""What marks a cut. The one-cell ellipsis is drawn two cells wide by some terminals."""

Align = Literal["left", "center", "right"]


def one_row(text: str) -> str:
    """Return ``text`` with everything that is not a printable character (line ends, escapes, bidi marks) as a space."""
    return "".join(character if character.isprintable() else " " for character in text)


def cut(text: str, width: int) -> str:
    """Return the beginning of ``text`` that fits in ``width`` cells; a wide character at the edge is left out whole."""
    text = one_row(text)
    return text if cell_len(text) <= width else set_cell_size(text, max(width, 0)).rstrip()


def clipped(text: str, width: int) -> str:
    """Return ``text`` in at most ``width`` cells; one that had to be cut says so with two stops at its end."""
    whole = cut(text, width)
    return whole if whole == one_row(text) else cut(text, width - len(STOPS)) + STOPS[: max(width, 0)]


def fit(text: str, width: int, align: Align = "left") -> str:
    """Return ``text`` cut and padded to exactly ``width`` cells."""
    text = cut(text, width)
    free = max(width, 0) - cell_len(text)
    before = {"left": 0, "center": free // 2, "right": free}[align]
    return " " * before + text + " " * (free - before)


def spaced(text: str) -> str:
    """Return the characters of ``text`` with a space between each two, as short words on blocks are set."""
    return " ".join(text)


class Row:
    """One row of cells that text is put on at any column; what comes later covers what was there."""

    def __init__(self, width: int) -> None:
        self.width = width
        # the second cell of a wide character holds an empty string
        self._cells: list[tuple[str, Style]] = [(" ", Style.null())] * width

    def put(self, column: int, text: str, style: Style) -> int:
        """Put ``text`` at ``column`` (what lies outside the row is dropped) and return the column after it."""
        for character in one_row(text):
            size = cell_len(character)
            if size and column >= 0 and column + size <= self.width:
                self._clear(column)
                self._clear(column + size - 1)
                self._cells[column : column + size] = [(character, style), ("", style)][:size]
            column += size
        return column

    def put_right(self, end: int, text: str, style: Style) -> int:
        """Put ``text`` so that it ends before column ``end`` and return the column where it begins."""
        begin = end - cell_len(one_row(text))
        self.put(begin, text, style)
        return begin

    def put_blocks(self, column: int, blocks: str, style: Style) -> int:
        """Put block characters; full blocks are filled by ground and ink alike, so that no font leaves a seam."""
        full = style + Style(bgcolor=style.color)
        for is_full, run in groupby(blocks, key=lambda block: block == "█"):
            column = self.put(column, "".join(run), full if is_full else style)
        return column

    def strip(self) -> Strip:
        """Return the row as a Strip of runs of equal style."""
        runs = groupby(self._cells, key=lambda cell: cell[1])
        segments = [Segment("".join(character for character, _ in run), style) for style, run in runs]
        return Strip(segments, self.width)

    def _clear(self, column: int) -> None:
        """Blank both halves of the wide character that holds ``column``, if one does."""
        character, style = self._cells[column]
        if character == "":
            self._cells[column - 1] = (" ", self._cells[column - 1][1])
            self._cells[column] = (" ", style)
        elif column + 1 < self.width and self._cells[column + 1][0] == "":
            self._cells[column + 1] = (" ", self._cells[column + 1][1])
