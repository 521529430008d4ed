"""QR codes (ISO/IEC 18004) as modules for a widget and as half blocks for a terminal."""

from itertools import zip_longest

from qrcode.constants import ERROR_CORRECT_L
from qrcode.main import QRCode

# upper module, lower module -> the character that is dark there
_HALF_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def qr_matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of ``text`` row by row, True for dark, without a margin.

    The smallest version that holds it at error correction L; digits, capitals and ``-`` alone take the
    alphanumeric mode. Raises qrcode's DataOverflowError above 2953 bytes (4296 alphanumeric characters).
    """
    code = QRCode(error_correction=ERROR_CORRECT_L, border=0)
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
