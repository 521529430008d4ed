"""Big text: words in a 12-pixel face, for names on the hall display and for the one word a seat must see."""

from rich.cells import cell_len
from textual.geometry import Size
from textual.reactive import reactive

from pingyi_terminal.glyphs import PIXELS, glyphs
from pingyi_terminal.widgets.cells import Row, cut, one_row
from pingyi_terminal.widgets.painting import Painting

HEIGHT = PIXELS // 2


def big_text_width(text: str) -> int | None:
    """Return the columns of ``text`` in large type (12 a Chinese, 6 a Latin character), None if a glyph is missing."""
    bitmaps = glyphs(one_row(text))
    return None if bitmaps is None else sum(bitmap.width for bitmap in bitmaps)


class BigText(Painting):
    """Words 6 rows high. Where the face lacks one character the whole string is plain bold text in the same block."""

    text: reactive[str] = reactive("", layout=True)
    colour: reactive[str] = reactive("foreground")

    def __init__(
        self,
        text: str = "",
        colour: str = "foreground",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(BigText.text, text)
        self.set_reactive(BigText.colour, colour)

    @property
    def content_columns(self) -> int:
        """The columns that the text takes, large or plain."""
        large = big_text_width(self.text)
        return cell_len(one_row(self.text)) if large is None else large

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """Return the width of the text in columns."""
        return self.content_columns

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return the height: six rows."""
        return HEIGHT

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the words."""
        bitmaps = glyphs(one_row(self.text))
        column = self.indent(self.content_columns, row.width)
        if bitmaps is None:
            if y == (HEIGHT - 1) // 2:
                row.put(column, cut(self.text, row.width), self.ink(self.colour, bold=True))
            return
        for bitmap in bitmaps if y < HEIGHT else ():
            column = row.put_blocks(column, bitmap.half_blocks(y), self.ink(self.colour))
