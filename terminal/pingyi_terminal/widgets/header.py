"""Row 0 of every screen: who and where, and how the link is."""

from dataclasses import dataclass

from rich.cells import cell_len
from textual.reactive import reactive

from pingyi_protocol.meeting.definition import Secrecy
from pingyi_protocol.text import Catalogue
from pingyi_terminal.widgets.blocks import HATCH
from pingyi_terminal.widgets.cells import Row, clipped, one_row
from pingyi_terminal.widgets.painting import Painting

GAP = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of the right side: bold text in a theme colour, as a filled chip, or with a mark before it."""

    text: str
    colour: str = "foreground"
    filled: bool = False
    marked: bool = False

    @property
    def shown(self) -> str:
        """The text with its margins."""
        text = one_row(self.text)
        return f" {text} " if self.filled else f"█ {text}" if self.marked else text


def link_piece(words: Catalogue, online: bool) -> Piece:
    """Return the state of the link: quiet with a mark when it is well, a filled chip when it is lost."""
    if online:
        return Piece(words("widgets.online"), "ok", marked=True)
    return Piece(words("widgets.offline"), "warning", filled=True)


def mode_piece(words: Catalogue, secrecy: Secrecy) -> Piece:
    """Return the ballot mode as a chip: filled when open, hatched at both ends when secret."""
    word = words(f"widgets.{secrecy.value}_ballot")
    if secrecy is Secrecy.OPEN:
        return Piece(f" {word} ", "info", filled=True)
    return Piece(f"{HATCH * 2} {word} {HATCH * 2}", "info")


class HeaderBar(Painting):
    """Product chip, title and note on the left, pieces on the right; a long title is cut, the pieces never are.

    ``product`` is empty where there is no chip (hall); ``note`` is for the label of simulated data.
    """

    DEFAULT_CSS = """
    HeaderBar { width: 1fr; height: 1; }
    """

    product: reactive[str] = reactive("")
    title: reactive[str] = reactive("")
    note: reactive[str] = reactive("")
    pieces: reactive[tuple[Piece, ...]] = reactive(())

    def __init__(
        self,
        product: str = "",
        title: str = "",
        note: str = "",
        pieces: tuple[Piece, ...] = (),
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(HeaderBar.product, product)
        self.set_reactive(HeaderBar.title, title)
        self.set_reactive(HeaderBar.note, note)
        self.set_reactive(HeaderBar.pieces, pieces)

    def paint(self, y: int, row: Row) -> None:
        """Draw the bar."""
        row.put(0, " " * row.width, self.ink("foreground", "raised"))
        if y > 0:
            return
        end = self._paint_pieces(row)
        column = 2
        if self.product:
            column = row.put(0, f" {one_row(self.product)} ", self.ink("chip-text", "accent", bold=True)) + 1
        end -= GAP
        note = one_row(self.note)
        room = end - column - (cell_len(note) + GAP + 1 if note else 0)
        column = row.put(column, clipped(self.title, room), self.ink("foreground", "raised", bold=not self.product))
        if note:
            column += GAP + 1
            row.put(column, clipped(note, end - column), self.ink("dim", "raised"))

    def _paint_pieces(self, row: Row) -> int:
        """Draw the pieces from the right and return the column where they begin."""
        end = row.width
        for piece in reversed(self.pieces):
            if end == row.width and not piece.filled:
                end -= 1
            ink, ground = ("chip-text", piece.colour) if piece.filled else (piece.colour, "raised")
            end = row.put_right(end, piece.shown, self.ink(ink, ground, bold=True)) - GAP
        return end + GAP if self.pieces else end
