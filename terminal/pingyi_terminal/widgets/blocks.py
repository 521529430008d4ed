"""Bars drawn with eighths of a block."""

from fractions import Fraction

RISING = " ▁▂▃▄▅▆▇█"
GROWING = " ▏▎▍▌▋▊▉█"
HATCH = "░"


def eighths(count: Fraction | int, whole: Fraction | int, cells: int) -> int:
    """Return the eighths of a cell that ``count`` of ``whole`` fills of ``cells``: none for zero, else at least one."""
    if count <= 0 or whole <= 0:
        return 0
    return min(8 * cells, max(1, round(Fraction(count) * 8 * cells / whole)))


def growing_bar(length: int) -> str:
    """Return a bar from left to right of ``length`` eighths of a cell."""
    return "█" * (length // 8) + GROWING[length % 8].strip()


def rising_cell(length: int, row_from_base: int) -> str:
    """Return what a bar of ``length`` eighths shows ``row_from_base`` rows (0 is the lowest) above its base."""
    return RISING[min(8, max(0, length - 8 * row_from_base))]
