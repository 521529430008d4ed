"""What a session needs around it: where it keeps what must survive, and whom it tells."""

from enum import StrEnum
from typing import Protocol

from pingyi_protocol.meeting.commands import Command
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.messages import Receipt


class Link(StrEnum):
    """Whether the server answers.

    ``REVOKED``: it no longer takes this device's word. ``ELSEWHERE``: it listens to another session with the keys of
    this device until that one has left. ``TAKEN_OVER``: another session has taken this one's place, which says no more.
    """

    CONNECTING = "connecting"
    UP = "up"
    LOST = "lost"
    REVOKED = "revoked"
    ELSEWHERE = "elsewhere"
    TAKEN_OVER = "taken_over"

    @property
    def shut_out(self) -> bool:
        """Whether a server is there that does not listen to this session."""
        return self in {Link.REVOKED, Link.ELSEWHERE, Link.TAKEN_OVER}

    @property
    def shut(self) -> str:
        """Whether it is shut out for a while, "elsewhere", or for good, "revoked": so catalogues name it."""
        return "elsewhere" if self is Link.ELSEWHERE else "revoked"


ANSWERED = frozenset({Link.UP, Link.ELSEWHERE})
UNHEARD = {
    Reason.DEVICE_REVOKED: Link.REVOKED,
    Reason.DEVICE_UNKNOWN: Link.REVOKED,
    Reason.SESSION_ELSEWHERE: Link.ELSEWHERE,
    Reason.SESSION_TAKEN_OVER: Link.TAKEN_OVER,
}
"""What the link is when the server does not listen to this session."""


class Keeping(Protocol):
    """What a session keeps: signed commands before they are sent, receipts, and the last head. A Profile does."""

    def keep(self, command_id: str, sent: bytes) -> None:
        """Keep a signed command until it is answered."""

    def waiting(self) -> list[tuple[str, bytes]]:
        """Return the signed commands that were not answered."""

    def settle(self, command_id: str, receipt: bytes) -> None:
        """Keep the receipt in place of the command."""

    def drop(self, command_id: str, reason: str) -> None:
        """Put a refused command away."""

    def head(self) -> str | None:
        """Return the last signed head that was seen."""

    def remember_head(self, note: str) -> None:
        """Remember a signed head."""

    def kept_receipts(self) -> list[bytes]:
        """Return every receipt that was kept, in no order."""

    def trust(self) -> bytes | None:
        """Return what is believed of the record besides the head."""

    def remember_trust(self, trust: bytes) -> None:
        """Keep what is believed besides the head."""


class Listener(Protocol):
    """What a session tells its screen. Every call comes on the session's own event loop."""

    def picture_changed(self) -> None:
        """The picture, the definition or the backstage view is new."""

    def link_changed(self) -> None:
        """The link's state is new."""

    def command_answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """A command is on the record, with a receipt that was checked, or was refused."""

    def alarm_raised(self, fault: ReceiptError) -> None:
        """The server showed something that does not fit the record it showed before."""

    def alarm_lifted(self) -> None:
        """The record fits again: what was lost was put back, or chair and scrutineer have signed to go on without."""
