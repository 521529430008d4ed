"""QR codes from half blocks, black on white in every theme, with the four quiet modules that readers need."""

from functools import cache

import qrcode
from rich.style import Style
from textual.geometry import Size
from textual.reactive import reactive

from pingyi_terminal.glyphs.bitmap import Bitmap
from pingyi_terminal.widgets.cells import Row
from pingyi_terminal.widgets.painting import Painting

QUIET_MODULES = 4


@cache
def qr_light_modules(data: str, correction: int = qrcode.ERROR_CORRECT_M) -> Bitmap:
    """Return the light modules of the smallest QR code of ``data`` at this level, quiet zone included."""
    code = qrcode.QRCode(error_correction=correction, border=QUIET_MODULES)
    code.add_data(data)
    code.make(fit=True)
    return Bitmap.of([[not dark for dark in row] for row in code.get_matrix()])


class QRCode(Painting):
    """A QR code of ``data``, a module half a cell: version 1 takes 29 columns and 14.5 rows. No data, no code.

    ``correction`` is the level: M, or L for long data that has to fit a small screen, which neither creases nor stains.
    """

    data: reactive[str] = reactive("", layout=True)

    def __init__(
        self,
        data: str = "",
        *,
        correction: int = qrcode.ERROR_CORRECT_M,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.correction = correction
        self.set_reactive(QRCode.data, data)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """Return the modules of a side."""
        return qr_light_modules(self.data, self.correction).width if self.data else 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return half the modules of a side, rounded up."""
        return qr_light_modules(self.data, self.correction).height if self.data else 0

    def paint(self, y: int, row: Row) -> None:
        """Draw two rows of modules; the half row under the last one keeps the ground of the screen."""
        if not self.data:
            return
        code = qr_light_modules(self.data, self.correction)
        if y < code.height:
            whole = 2 * y + 1 < len(code.rows)
            row.put_blocks(0, code.half_blocks(y), Style(color="#FFFFFF", bgcolor="#000000" if whole else None))
