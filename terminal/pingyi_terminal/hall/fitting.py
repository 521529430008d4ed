"""What fits on the wall: which name, in which size. Pure; columns and rows are cells."""

from collections.abc import Iterable
from typing import NamedTuple

from rich.cells import cell_len

from pingyi_terminal.widgets import FigureSize, big_text_width, figure_width

GUTTER = 3
CLOCK_GUTTER = 8
"""Free columns before the clock, which nobody may read as more figures of the count."""


def largest_name(names: Iterable[str], columns: int) -> str:
    """Return the first of ``names`` that large type sets in ``columns``, "" when none does."""
    return next((name for name in names if name and 0 < (big_text_width(name) or 0) <= columns), "")


def large_lines(name: str, columns: int) -> tuple[str, ...]:
    """Return ``name`` in one line of large type or in two that are as even as can be; () when two do not hold it.

    Chinese is broken anywhere, other words only between them.
    """
    if largest_name((name,), columns):
        return (name,)
    broken = ((name[:end].strip(), name[end:].strip()) for end in range(len(name) - 1, 0, -1) if breaks_at(name, end))
    fitting = (lines for lines in broken if all(largest_name((line,), columns) for line in lines))
    return min(fitting, key=lambda lines: max(big_text_width(line) or 0 for line in lines), default=())


def breaks_at(name: str, end: int) -> bool:
    """Whether a line may end before ``name[end]``: not within a word of Latin letters."""
    around = name[end - 1 : end + 1]
    return not around.isascii() or " " in around


class CountSizes(NamedTuple):
    """The sizes of the votes, of what they are out of, and of the clock beside them."""

    votes: FigureSize
    whole: FigureSize
    clock: FigureSize


_COUNTS = (
    CountSizes("XL", "L", "XL"),
    CountSizes("XL", "M", "XL"),
    CountSizes("XL", "M", "LL"),
    CountSizes("XL", "M", "L"),
    CountSizes("LL", "M", "LL"),
    CountSizes("L", "M", "L"),
    CountSizes("M", "S", "M"),
    CountSizes("S", "S", "S"),
)
_SMALLEST: FigureSize = "S"
_HEIGHTS: dict[FigureSize, int] = {"XL": 10, "LL": 7, "L": 7, "M": 5, "S": 3}


def count_sizes(whole: int, clock: str, columns: int, rows: int) -> CountSizes:
    """Return the largest sizes in which a count of up to ``whole``, ``/whole`` and the clock stand side by side.

    The count is given the room of ``whole``'s own figures, so that nothing jumps while votes come in.
    """
    widest = "0" * len(str(whole))
    for sizes in _COUNTS:
        width = figure_width(widest, sizes.votes) + 2 + figure_width(f"/{whole}", sizes.whole)
        width += CLOCK_GUTTER + figure_width(clock, sizes.clock) if clock else 0
        if width <= columns and _HEIGHTS[sizes.votes] <= rows:
            return sizes
    return _COUNTS[-1]


class MeasureSizes(NamedTuple):
    """The size of a measure and the columns of the block of its band beside it, 0 for no block."""

    measure: FigureSize
    block: int


def measure_sizes(measure: str, band: str, columns: int, rows: int) -> MeasureSizes:
    """Return the largest size of ``measure`` beside which the block of ``band`` has room.

    The band is in large type as long as that costs the measure no more than two sizes; "" has no block.
    """
    if not band:
        size = next((size for size in _sizes(rows) if figure_width(measure, size) <= columns), _SMALLEST)
        return MeasureSizes(size, 0)
    large = big_text_width(band)
    plain = cell_len(band) + 6
    for sizes, block in ((_sizes(rows)[:3], large + 2 if large else 0), (_sizes(rows), plain)):
        for size in sizes:
            room = columns - figure_width(measure, size) - GUTTER
            if block and room >= block:
                return MeasureSizes(size, room)
    return MeasureSizes("S", 0)


def _sizes(rows: int) -> list[FigureSize]:
    return [size for size, height in _HEIGHTS.items() if height <= rows]


class Room(NamedTuple):
    """The cells that a face has."""

    columns: int
    rows: int

    @property
    def compact(self) -> bool:
        """Whether there is no room for free rows and the largest figures."""
        return self.rows < ROOMY_ROWS


ROOMY_ROWS = 26
