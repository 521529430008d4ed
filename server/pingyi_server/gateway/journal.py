"""The server's log of who did what: never a ballot's content, a key, a secret, a code or a text that people typed."""

import logging
import time
from traceback import extract_tb

from pingyi_protocol.hidden import shown
from pingyi_protocol.meeting.commands import Command
from pingyi_protocol.meeting.definition import Item
from pingyi_protocol.meeting.model import Device
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record.entry import Entry

log = logging.getLogger(__name__)

NAMED = ("person", "role", "item", "round", "seat")
"""The fields of an event that say whom or what it is about."""

LONGEST_NAME = 80
REPEAT_SECONDS = 10.0
"""How seldom it is logged that the same sender was refused the same for the same reason."""

MOST_REMEMBERED = 1000
NEWCOMER = "newcomer"
SERVER = "server"


class OneLine(logging.Formatter):
    """Keeps each message in a line of its own that no terminal obeys; what was raised follows in its lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """Return the line of a record."""
        record.message = shown(record.message)
        return super().formatMessage(record)


class Seldom:
    """Lets a line about a sender into the log only now and then, and counts what it leaves out."""

    def __init__(self) -> None:
        """Have logged nothing."""
        self.logged: dict[tuple[str, ...], float] = {}
        self.left_out = 0

    def due(self, *known: str) -> str | None:
        """Return how many lines were left out, as the end of one that is logged now; None for one that is not."""
        now = time.monotonic()
        if len(self.logged) >= MOST_REMEMBERED:
            self.logged = {one: at for one, at in self.logged.items() if now - at < REPEAT_SECONDS}
        if now - self.logged.get(known, -REPEAT_SECONDS) < REPEAT_SECONDS or len(self.logged) >= MOST_REMEMBERED:
            self.left_out += 1
            return None
        self.logged[known] = now
        besides, self.left_out = self.left_out, 0
        return f" left_out={besides}" if besides else ""


class Refusals(Seldom):
    """Logs who was refused what and why, and a sender who is refused the same again and again only now and then."""

    def note(self, who: str, what: str, reason: Reason) -> None:
        """Log one refusal, unless the same was logged lately; those left out are counted in the next line."""
        besides = self.due(who, what, reason)
        if besides is not None:
            log.info("refused %s by=%s reason=%s%s", what, who, reason, besides)


class Excesses(Seldom):
    """Logs who took more than a limit allows, once in a while for each sender and limit."""

    def note(self, who: str, limit: str, consequence: str) -> None:
        """Log that ``who`` exceeded ``limit``, a field of ``Limits``, and what comes of it."""
        besides = self.due(who, limit)
        if besides is not None:
            log.warning("limit exceeded by=%s limit=%s: %s%s", who, limit, consequence, besides)


def recorded(entry: Entry, command: Command | None) -> str:
    """Return a log line for a leaf: what happened to whom, and who sent it from which device."""
    found = {name: getattr(entry.event, name, None) for name in NAMED}
    parts = {name: one.id if isinstance(one, Item) else one for name, one in found.items()}
    about = " ".join(f"{name}={named(value)}" for name, value in parts.items() if value is not None)
    sender = SERVER
    if command is not None and entry.envelope is not None:
        sender = f"{sender_of(command)} device={named(entry.envelope.key)}"
    return " ".join(filter(None, (f"leaf={entry.index}", type(entry.event).__name__, about, f"by={sender}")))


def sender_of(command: Command) -> str:
    """Return who signed a command."""
    return f"{named(command.person)}/{command.role}"


def owner_of(device: Device) -> str:
    """Return whose device this is, and which."""
    return f"{named(device.principal.person)}/{device.principal.role} device={device.id}"


def kind_of(command: Command) -> str:
    """Return what kind of command this is."""
    return type(command.body).__name__


def named(value: object) -> str:
    """Return a name that may be anybody's invention as a short part of a line."""
    return shown(str(value))[:LONGEST_NAME]


def traced(fault: BaseException) -> str:
    """Return where something was raised, without its message: that may quote what was sent."""
    frames = " ".join(f"{frame.name}:{frame.lineno}" for frame in extract_tb(fault.__traceback__))
    return f"{type(fault).__name__} at {frames}"
