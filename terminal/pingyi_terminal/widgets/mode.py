"""Whether the ballot is open or secret, large: told apart by word, word length, frame and fill, not by colour alone."""

from rich.cells import cell_len
from textual.geometry import Size
from textual.reactive import reactive

from pingyi_protocol.meeting.definition import Secrecy
from pingyi_protocol.text import Catalogue
from pingyi_terminal.widgets.blocks import HATCH
from pingyi_terminal.widgets.cells import Row
from pingyi_terminal.widgets.painting import Painting

HEIGHT = 3


class ModeBlock(Painting):
    """记名 as a solid block three rows high; 无记名 hatched, with a frame."""

    secrecy: reactive[Secrecy] = reactive(Secrecy.OPEN, layout=True)
    words: reactive[Catalogue | None] = reactive(None, layout=True)

    def __init__(
        self,
        words: Catalogue,
        secrecy: Secrecy = Secrecy.OPEN,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(ModeBlock.words, words)
        self.set_reactive(ModeBlock.secrecy, secrecy)

    @property
    def word(self) -> str:
        """The word of the block."""
        return self.words(f"widgets.{self.secrecy.value}_ballot") if self.words else ""

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """Return the width of the word and its margins."""
        return cell_len(self.word) + (6 if self.secrecy is Secrecy.OPEN else 10)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return three rows."""
        return HEIGHT

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the block."""
        middle = (self.size.height - 1) // 2
        word = f" {self.word} "
        column = (row.width - cell_len(word)) // 2
        if self.secrecy is Secrecy.OPEN:
            row.put(0, " " * row.width, self.ink("chip-text", "info"))
            if y == middle:
                row.put(column, word, self.ink("chip-text", "info", bold=True))
            return
        edge = self.ink("info")
        inner = row.width - 2
        if y == 0:
            row.put(0, "█" + "▀" * inner + "█", edge)
        elif y == self.size.height - 1:
            row.put(0, "█" + "▄" * inner + "█", edge)
        else:
            row.put(0, "█" + HATCH * inner + "█", edge)
        if y == middle:
            row.put(column, word, self.ink("info", bold=True))
