"""The base of a seat's screens: header, a line for what is wrong with the link, the face, the keys."""

from collections.abc import Iterator
from typing import ClassVar, Generic, TypeVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Key
from textual.screen import Screen
from textual.widget import Widget

from pingyi_protocol.client.session import Link
from pingyi_protocol.text import Catalogue
from pingyi_terminal.sealed import is_secret
from pingyi_terminal.seat.faces import Agenda, Alarm, Connecting, Face, Frame, Sent
from pingyi_terminal.seat.hints import hints_of
from pingyi_terminal.seat.parts import Scroll, Words
from pingyi_terminal.seat.wordings import clock, sealed_words, seat_of
from pingyi_terminal.widgets import HeaderBar, KeyHints, Piece, link_piece

F = TypeVar("F", bound=Face)

WIDE = 110
HIGH = 30
TITLE_COLUMNS = 32
"""What a narrow header has for the title, between the product and the person."""


class SeatScreen(Screen[None], Generic[F]):
    """Paints one kind of face. It decides nothing and holds nothing: ``show`` may be called at any time."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-low"), (HIGH, "-high")]  # noqa: RUF012 - Textual declares it so

    def __init__(self, words: Catalogue, face: F, *, translates: bool = True) -> None:
        super().__init__()
        self.words = words
        self.face = face
        self.translates = translates
        self.ready = False

    def compose(self) -> ComposeResult:
        """Compose the frame around the face."""
        yield HeaderBar(id="header")
        yield Words(id="strip")
        with Vertical(id="body"):
            yield from self.body()
        with Horizontal(id="keys"):
            yield KeyHints()

    def body(self) -> Iterator[Widget]:
        """Yield the widgets of the face."""
        raise NotImplementedError

    def paint_face(self, words: Catalogue, face: F) -> None:
        """Show the face on the widgets of the body."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Show the face that the screen was made for, or the one that came meanwhile."""
        self.ready = True
        self.show(self.words, self.face)

    def on_resize(self) -> None:
        """Show the same face where there is more room, or less."""
        self.show(self.words, self.face)

    def show(self, words: Catalogue, face: F) -> None:
        """Show another face of the same kind, in the language of ``words``."""
        self.words, self.face = words, face
        if not self.ready:
            return
        frame = face.frame
        header = self.query_one(HeaderBar)
        header.product = words("widgets.product")
        header.title = title_of(frame, wide=self.size.width >= WIDE)
        header.note = words("widgets.simulated") if frame.simulated else ""
        header.pieces = pieces_of(words, frame)
        said = strip_of(words, face, translates=self.translates)
        strip = self.query_one("#strip", Words)
        strip.say(said)
        strip.set_class(bool(said) and (frame.lost > 0 or frame.unsaved or frame.unrecorded or frame.restored), "-loud")
        strip.set_class(frame.recess, "-told")
        self.query_one(KeyHints).hints = hints_of(face, words, translates=self.translates)
        self.paint_face(words, face)


class ScrollingScreen(SeatScreen[F]):
    """A screen whose list or text scrolls by keys that have no other use on it."""

    def on_key(self, event: Key) -> None:
        """Scroll."""
        scroll = self.query_one(Scroll)
        moves = {
            "up": scroll.scroll_up,
            "down": scroll.scroll_down,
            "pageup": scroll.scroll_page_up,
            "pagedown": scroll.scroll_page_down,
        }
        if event.key in moves:
            event.stop()
            moves[event.key](animate=False)


def title_of(frame: Frame, *, wide: bool) -> str:
    """Return the meeting's name, with the session where there is room for all of it."""
    whole = f"{frame.meeting} {frame.session}".strip()
    return whole if wide or cell_len(whole) <= TITLE_COLUMNS else frame.meeting


def pieces_of(words: Catalogue, frame: Frame) -> tuple[Piece, ...]:
    """Return who sits here, and how the link is."""
    who = f"{seat_of(frame.seat, words)} {frame.name}".strip()
    person = (Piece(who),) if who else ()
    if frame.link is Link.CONNECTING:
        return (*person, Piece(words("seat.connecting_short"), "warning", filled=True))
    if frame.link.shut_out:
        short = "seat.elsewhere_short" if frame.link is Link.ELSEWHERE else "seat.revoked_short"
        return (*person, Piece(words(short), "warning", filled=True))
    calling = (Piece(words("seat.called"), "calling", filled=True),) if frame.calling else ()
    return (*calling, *person, link_piece(words, online=frame.link is Link.UP))


def strip_of(words: Catalogue, face: Face, *, translates: bool) -> str:
    """Return the line under the header: what is wrong, or that the meeting is closed; "" if nothing."""
    frame = face.frame
    if frame.unsaved:
        return words("seat.unsaved")
    if frame.lost and not isinstance(face, Connecting | Sent):
        return words("seat.lost_strip", since=clock(frame.lost))
    if frame.unrecorded and not frame.lost:
        return words("seat.unrecorded")
    if frame.restored and not isinstance(face, Alarm):
        return words("seat.restored")
    if frame.final or frame.recess:
        return words("seat.final", code=frame.final) if frame.final else words("seat.recess")
    return secret_strip(words, face) or ("" if translates else words("app.bare_console"))


def secret_strip(words: Catalogue, face: Face) -> str:
    """Return what is opened of the secret round, and the fingerprint of its key; on the agenda that of the next."""
    code = face.frame.election_key
    if isinstance(face, Agenda):
        secret = any(is_secret(line.item) for line in face.lines)
        return words("seat.election_key", code=code) if secret and code else ""
    item = getattr(face, "item", None)
    return sealed_words(item, code, words) if item is not None and code else ""
