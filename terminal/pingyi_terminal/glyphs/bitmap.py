"""Pictures of square pixels, drawn with half blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Bitmap:
    """A picture of ``width`` pixels a row, one pixel one cell wide and half a cell high.

    Each of ``rows``, top first, holds its pixels as bits, the leftmost highest.
    """

    width: int
    rows: tuple[int, ...]

    @classmethod
    def of(cls, pixels: Sequence[Sequence[bool]]) -> Self:
        """Return the picture of rows of pixels, all of one length."""
        return cls(len(pixels[0]), tuple(int("".join("01"[bool(pixel)] for pixel in row), 2) for row in pixels))

    @property
    def height(self) -> int:
        """The rows of cells that the picture takes."""
        return (len(self.rows) + 1) // 2

    def half_blocks(self, row: int) -> str:
        """Return cell row ``row`` as ``width`` characters out of space, upper half, lower half and full block."""
        upper = self.rows[2 * row]
        lower = self.rows[2 * row + 1] if 2 * row + 1 < len(self.rows) else 0
        bits = range(self.width - 1, -1, -1)
        return "".join(" ▄▀█"[(upper >> bit & 1) * 2 + (lower >> bit & 1)] for bit in bits)
