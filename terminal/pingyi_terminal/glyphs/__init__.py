"""The glyphs of the big text: a 12-pixel face, ASCII and GB 2312, under the SIL Open Font License beside it.

``scripts/glyphs`` rebuilds ``glyphs.hex.gz``. Its lines are GNU Unifont's .hex format with 12 rows a glyph: code
point, colon, the rows from the top as hexadecimal digits, the leftmost pixel highest. Two digits a row are a glyph
6 pixels wide, three digits one 12 pixels wide.
"""

import gzip
from functools import cache
from importlib import resources

from pingyi_terminal.glyphs.bitmap import Bitmap

PIXELS = 12
_WIDTHS = {2: 6, 3: 12}
SPACE = Bitmap(6, (0,) * PIXELS)


@cache
def _lines() -> dict[str, str]:
    """Return the rows of every glyph, still as digits, by character."""
    data = (resources.files(__package__) / "glyphs.hex.gz").read_bytes()
    lines = gzip.decompress(data).decode("ascii").splitlines()
    return {chr(int(code, 16)): rows for code, _, rows in (line.partition(":") for line in lines)}


@cache
def glyph(character: str) -> Bitmap | None:
    """Return the 12 pixel rows of ``character``, 6 or 12 pixels wide, or None if the face does not have it."""
    if character == " ":
        return SPACE
    rows = _lines().get(character)
    if rows is None:
        return None
    digits = len(rows) // PIXELS
    width = _WIDTHS[digits]
    pixels = (int(rows[at : at + digits], 16) for at in range(0, len(rows), digits))
    return Bitmap(width, tuple(row >> (4 * digits - width) for row in pixels))


def glyphs(text: str) -> tuple[Bitmap, ...] | None:
    """Return the glyphs of ``text``, or None if one is missing."""
    found = [glyph(character) for character in text]
    return None if None in found else tuple(bitmap for bitmap in found if bitmap)
