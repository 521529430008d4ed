"""What a person can ask of a meeting. A command is signed as the exact JSON bytes of ``Command``.

The name in each ``tag`` carries a version: a changed set of fields is a new tag, so that old records keep
their meaning.
"""

from decimal import Decimal
from typing import TypeAlias

from pingyi_protocol.meeting.definition import Definition, Role, Struct


class Answer(Struct, frozen=True):
    """One score on a ballot: of ``target``, under ``criterion`` ("" where there is none); None abstains."""

    target: str
    criterion: str
    score: Decimal | None


class CreateMeeting(Struct, frozen=True, tag="create-meeting/1"):
    """Begin a ledger: the keys of the server's log and transport, and the clerk's own keys.

    ``origin`` names the log in its checkpoints. Keys are base64 Ed25519 (signing, log) and Z85 CURVE (transport).
    """

    origin: str
    log_key: str
    server_key: str
    signing_key: str
    transport_key: str


class LoadDefinition(Struct, frozen=True, tag="load-definition/1"):
    """Take this definition as the meeting's own."""

    definition: Definition


class IssueCode(Struct, frozen=True, tag="issue-code/1"):
    """Allow one enrolment as (person, role) to whoever knows the secret with this SHA-256 (hex)."""

    person: str
    role: Role
    secret_hash: str


class Enrol(Struct, frozen=True, tag="enrol/1"):
    """Enrol a device with keys that it made, under an issued code; signed by ``signing_key`` itself."""

    code: str
    signing_key: str
    transport_key: str


class CheckIn(Struct, frozen=True, tag="check-in/1"):
    """The sender is present."""


class CheckInByHand(Struct, frozen=True, tag="check-in-by-hand/1"):
    """The clerk checks a member in, for a reason."""

    person: str
    reason: str


class CheckOut(Struct, frozen=True, tag="check-out/1"):
    """The clerk notes that a member has left, for a reason."""

    person: str
    reason: str


class MoveSeat(Struct, frozen=True, tag="move-seat/1"):
    """The clerk moves a member to another seat."""

    person: str
    seat: str


class Recuse(Struct, frozen=True, tag="recuse/1"):
    """The clerk notes that a member does not vote on an item, for a reason; an open round stays as it is."""

    person: str
    item: str
    reason: str


class LiftRecusal(Struct, frozen=True, tag="lift-recusal/1"):
    """The clerk notes that a member may vote on an item after all, for a reason; an open round stays as it is."""

    person: str
    item: str
    reason: str


class OpenRound(Struct, frozen=True, tag="open-round/1"):
    """Open the item for scoring, as its first ``round`` or, to vote again, as the one after its latest."""

    item: str
    round: int = 1


class ExtendRound(Struct, frozen=True, tag="extend-round/1"):
    """Add time to the countdown."""

    item: str
    round: int
    seconds: int


class PauseRound(Struct, frozen=True, tag="pause-round/1"):
    """Stop the countdown; ballots are still taken."""

    item: str
    round: int


class ResumeRound(Struct, frozen=True, tag="resume-round/1"):
    """Let the countdown run on."""

    item: str
    round: int


class CloseRound(Struct, frozen=True, tag="close-round/1"):
    """Take no more ballots."""

    item: str
    round: int


class AnnounceRound(Struct, frozen=True, tag="announce-round/1"):
    """Publish the result."""

    item: str
    round: int


class VoidRound(Struct, frozen=True, tag="void-round/1"):
    """Declare the round void, for a reason: it stays on the record and counts for nothing."""

    item: str
    round: int
    reason: str


class CloseMeeting(Struct, frozen=True, tag="close-meeting/1"):
    """End the meeting (散会): nothing comes after it, so that its head is the final one."""


class Cast(Struct, frozen=True, tag="cast/1"):
    """The sender's ballot: one answer for each target of the item, in the item's order."""

    item: str
    round: int
    answers: tuple[Answer, ...]


class KeptReceipt(Struct, frozen=True):
    """A receipt as a terminal keeps it: the text of leaf ``index``, and its inclusion proof under ``checkpoint``."""

    index: int
    leaf: str
    proof: tuple[str, ...]
    checkpoint: str


class DeclareContinuation(Struct, frozen=True, tag="declare-continuation/1"):
    """An older copy of the record was put back, for a reason: go on from its first ``size`` leaves (``root``, base64).

    What came after them is lost, unless terminals hand it in.
    """

    size: int
    root: str
    reason: str


class CountersignContinuation(Struct, frozen=True, tag="countersign-continuation/1"):
    """The scrutineer's word to the very same."""

    size: int
    root: str
    reason: str


class HandInReceipt(Struct, frozen=True, tag="hand-in-receipt/1"):
    """The sender holds a receipt for a command that the record has lost and that cannot be taken again."""

    receipt: KeptReceipt


Body: TypeAlias = (
    CreateMeeting
    | LoadDefinition
    | IssueCode
    | Enrol
    | CheckIn
    | CheckInByHand
    | CheckOut
    | MoveSeat
    | Recuse
    | LiftRecusal
    | OpenRound
    | ExtendRound
    | PauseRound
    | ResumeRound
    | CloseRound
    | AnnounceRound
    | VoidRound
    | CloseMeeting
    | Cast
    | DeclareContinuation
    | CountersignContinuation
    | HandInReceipt
)


class Command(Struct, frozen=True):
    """A request by (person, role) to one meeting.

    ``id`` is 32 hex digits made by the sender: sending a command twice is harmless. ``issued`` is the
    sender's clock as an ISO 8601 label, never an order.
    """

    meeting: str
    id: str
    person: str
    role: Role
    issued: str
    body: Body


MAY: dict[type[Body], frozenset[Role]] = {
    CreateMeeting: frozenset({Role.CLERK}),
    LoadDefinition: frozenset({Role.CLERK}),
    IssueCode: frozenset({Role.CLERK}),
    Enrol: frozenset(Role),
    CheckIn: frozenset({Role.MEMBER}),
    CheckInByHand: frozenset({Role.CLERK}),
    CheckOut: frozenset({Role.CLERK}),
    MoveSeat: frozenset({Role.CLERK}),
    Recuse: frozenset({Role.CLERK}),
    LiftRecusal: frozenset({Role.CLERK}),
    OpenRound: frozenset({Role.CHAIR}),
    ExtendRound: frozenset({Role.CHAIR}),
    PauseRound: frozenset({Role.CHAIR}),
    ResumeRound: frozenset({Role.CHAIR}),
    CloseRound: frozenset({Role.CHAIR}),
    AnnounceRound: frozenset({Role.CHAIR}),
    VoidRound: frozenset({Role.CHAIR}),
    CloseMeeting: frozenset({Role.CHAIR}),
    Cast: frozenset({Role.MEMBER}),
    DeclareContinuation: frozenset({Role.CHAIR}),
    CountersignContinuation: frozenset({Role.SCRUTINEER}),
    HandInReceipt: frozenset({Role.MEMBER}),
}
"""Who may send what: the one table."""
