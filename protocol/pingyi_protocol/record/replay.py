"""Follow a ledger leaf by leaf: each event must be what its signed command leads to under the rules."""

import msgspec

from pingyi_protocol.meeting.admission import device_of, read_command, read_newcomer, signed_by
from pingyi_protocol.meeting.commands import Command
from pingyi_protocol.meeting.decide import decide
from pingyi_protocol.meeting.events import DeviceEnrolled, MeetingCreated, ResultAnnounced
from pingyi_protocol.meeting.evolve import evolve
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.meeting.rounds import restarted, timer
from pingyi_protocol.meeting.sealed_ballots import Fault
from pingyi_protocol.meeting.unsealing import borne_out
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.entry import Entry
from pingyi_protocol.secret.ballot import fault_of


class DeviationError(RecordError):
    """A leaf that the rules or its signature do not bear out: ``values["index"]`` names it."""


def advance(meeting: Meeting, entry: Entry, command: Command | None) -> Meeting:
    """Return the meeting after ``entry``, taking its word: for a ledger whose root has been compared with its head."""
    return evolve(meeting, entry.event, entry.at, command.id if command else "")


def follow(meeting: Meeting, entry: Entry, fault: Fault = fault_of) -> Meeting:
    """Return the meeting after ``entry``; DeviationError unless signature, order, clock and rules bear it out.

    ``fault`` says of secret ballots what is wrong with them, which may be known already.
    """
    if entry.index != meeting.size:
        raise DeviationError("deviation.number", index=meeting.size, found=entry.index)
    if entry.at < meeting.at:
        raise DeviationError("deviation.clock", index=entry.index)
    if entry.envelope is None:
        own = entry.event in (timer(meeting, entry.at), restarted(meeting))
        if not own and not borne_out(meeting, entry.event, fault):
            raise DeviationError("deviation.unsigned", index=entry.index)
        return evolve(meeting, entry.event, entry.at)
    command = admitted(meeting, entry)
    if isinstance(command, Refusal):
        raise refused("deviation.command", entry, command)
    outcome = decide(meeting, command, entry.at)
    if isinstance(outcome, Refusal):
        raise refused("deviation.rules", entry, outcome)
    # equal numbers can be written differently (93 and 93.00): the bytes must be those that the rules give
    if msgspec.json.encode(outcome) != msgspec.json.encode(entry.event):
        raise DeviationError("deviation.event", index=entry.index)
    return evolve(meeting, entry.event, entry.at, command.id)


def refused(key: str, entry: Entry, refusal: Refusal) -> DeviationError:
    """Return what is wrong with a leaf whose command is refused: the reason's code, and as what people read of it."""
    words = RecordError(f"refusal.{refusal.reason}", **refusal.values)
    return DeviationError(key, index=entry.index, reason=refusal.reason, refusal=words)


class Replay:
    """A ledger followed from its first leaf: the ``meeting`` so far, and its rounds as announced, (item, round)."""

    def __init__(self, fault: Fault = fault_of) -> None:
        """Begin before the first leaf; ``fault`` may know what is wrong with secret ballots."""
        self.fault = fault
        self.meeting = Meeting()
        self.announced: list[tuple[str, int]] = []

    def take(self, entry: Entry) -> None:
        """Follow the next leaf; DeviationError, and nothing changed, when it is not borne out."""
        self.meeting = follow(self.meeting, entry, self.fault)
        if isinstance(entry.event, ResultAnnounced):
            self.announced.append((entry.event.figures.item, entry.event.figures.round))

    def pass_over(self, entry: Entry) -> None:
        """Count a leaf that is not borne out as one that changes nothing, so that those behind it can be followed."""
        meeting = self.meeting
        self.meeting = msgspec.structs.replace(meeting, size=meeting.size + 1, at=max(meeting.at, entry.at))


def admitted(meeting: Meeting, entry: Entry) -> Command | Refusal:
    """Return the verified command behind an entry, or why it is not admissible."""
    envelope = entry.envelope
    if envelope is None:
        raise ValueError("an entry without an envelope has no command")
    if isinstance(entry.event, MeetingCreated | DeviceEnrolled):
        return read_newcomer(envelope, entry.event.signing_key)
    device = device_of(meeting, envelope)
    if isinstance(device, Refusal):
        return device
    return signed_by(envelope, device.signing_key) or read_command(envelope, device)
