"""QR codes (ISO/IEC 18004) as modules for a widget, as half blocks for a terminal, and as SVG for paper."""

from collections.abc import Iterator
from itertools import groupby, zip_longest

from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.main import QRCode

# upper module, lower module -> the character that is dark there
_HALF_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}

_PAPER_MARGIN = 4


def qr_matrix(text: str, correction: int = ERROR_CORRECT_L) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of ``text`` row by row, True for dark, without a margin.

    The smallest version that holds it at this error correction; digits alone take the numeric mode, digits, capitals
    and ``-`` the alphanumeric one. Raises qrcode's DataOverflowError above 2953 bytes (7089 digits) at L.
    """
    code = QRCode(error_correction=correction, border=0)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


def qr_half_blocks(text: str, quiet: int = 2) -> str:
    """Return ``text`` as lines of half blocks, two modules high and one wide a character.

    Dark modules are the drawn ones: show it black on white, or scanners see the inverse. ``quiet`` is the
    margin in modules on each side (the standard asks for 4; phones are content with 2).
    """
    matrix = qr_matrix(text)
    side = (False,) * quiet
    blank = (False,) * (len(matrix) + 2 * quiet)
    rows = [blank] * quiet + [side + row + side for row in matrix] + [blank] * quiet
    pairs = zip_longest(rows[::2], rows[1::2], fillvalue=blank)
    return "\n".join("".join(_HALF_BLOCKS[pair] for pair in zip(*pair, strict=True)) for pair in pairs)


def qr_svg(text: str) -> str:
    """Return ``text`` as an SVG picture, one unit a module, with the margin of 4 that the standard asks for.

    At error correction M: paper gets creased and stained. Raises qrcode's DataOverflowError above 2331 bytes (5596
    digits).
    """
    matrix = qr_matrix(text, ERROR_CORRECT_M)
    side = len(matrix) + 2 * _PAPER_MARGIN
    runs = ((row, run) for row, modules in enumerate(matrix, start=_PAPER_MARGIN) for run in _runs(modules))
    path = "".join(f"M{start} {row}h{length}v1h-{length}z" for row, (start, length) in runs)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><path d="{path}"/></svg>'


def _runs(modules: tuple[bool, ...]) -> Iterator[tuple[int, int]]:
    """Give the place and length of each run of dark modules in a row, behind the margin."""
    place = _PAPER_MARGIN
    for dark, run in groupby(modules):
        length = len(list(run))
        if dark:
            yield place, length
        place += length
