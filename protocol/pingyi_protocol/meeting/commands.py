"""What a person can ask of a meeting. A command is signed as the exact JSON bytes of ``Command``.

The name in each ``tag`` carries a version: a changed set of fields is a new tag, so that old records keep
their meaning.
"""

from decimal import Decimal
from typing import TypeAlias

from pingyi_protocol.meeting.components import EvidenceLine
from pingyi_protocol.meeting.definition import Definition, Item, Option, Problem, Role, Target
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.secret.messages import CommitToKey, ConfirmKey, DealShares, DisputeShare, RevealKey, Scrutineer


class Score(Struct, frozen=True, tag="score"):
    """One score on a ballot: of ``target``, under ``criterion`` ("" where there is none); None abstains."""

    target: str
    criterion: str
    score: Decimal | None


class Choice(Struct, frozen=True, tag="choice"):
    """One choice on a ballot: about ``target``, "" where the item has none or a selection is abstained from."""

    target: str
    option: Option


Answer: TypeAlias = Score | Choice


class AnswerCount(Struct, frozen=True):
    """How many ballots gave this answer."""

    answer: Answer
    count: int


class CreateMeeting(Struct, frozen=True, tag="create-meeting/1"):
    """Begin a ledger: the keys of the server's log and transport, and the clerk's own keys.

    ``origin`` names the log in its checkpoints. Keys are base64 Ed25519 (signing, log) and Z85 CURVE (transport).
    """

    origin: str
    log_key: str
    server_key: str
    signing_key: str
    transport_key: str


class LoadDefinition(Struct, frozen=True, tag="load-definition/4"):
    """Take this definition as the meeting's own."""

    definition: Definition


class IssueCode(Struct, frozen=True, tag="issue-code/1"):
    """Allow one enrolment as (person, role) to whoever knows the secret with this SHA-256 (hex)."""

    person: str
    role: Role
    secret_hash: str


class CountersignCode(Struct, frozen=True, tag="countersign-code/1"):
    """The chair's word to a code for a member who has been here already: only now it can be taken."""

    person: str
    role: Role
    secret_hash: str


class WithdrawCode(Struct, frozen=True, tag="withdraw-code/1"):
    """The outstanding code of this principal is worth nothing any more."""

    person: str
    role: Role


class Enrol(Struct, frozen=True, tag="enrol/2"):
    """Enrol a device with keys that it made, under an issued code; signed by ``signing_key`` itself.

    ``pinned`` says that the keys lie under a PIN from the first moment: whoever speaks with them has typed it.
    """

    code: str
    signing_key: str
    transport_key: str
    pinned: bool


class RevokeDevice(Struct, frozen=True, tag="revoke-device/1"):
    """The device that speaks for this principal may not speak any more, for a reason."""

    person: str
    role: Role
    reason: str


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


class OpenCheckIn(Struct, frozen=True, tag="open-check-in/1"):
    """Let members check in themselves for as many minutes as the definition says."""


class CloseCheckIn(Struct, frozen=True, tag="close-check-in/1"):
    """Let no member check in any more, except by the clerk's hand."""


class Excuse(Struct, frozen=True, tag="excuse/1"):
    """The clerk notes that a member who has not been there is excused, for a reason."""

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


class AddItem(Struct, frozen=True, tag="add-item/3"):
    """The clerk adds an item at the end of the agenda, with the targets and problems that it needs besides."""

    item: Item
    targets: tuple[Target, ...] = ()
    problems: tuple[Problem, ...] = ()


class ReorderAgenda(Struct, frozen=True, tag="reorder-agenda/1"):
    """The clerk puts all items of the agenda (ids) in this order."""

    order: tuple[str, ...]


class WithdrawItem(Struct, frozen=True, tag="withdraw-item/1"):
    """The clerk takes an item on which nothing was decided off the agenda, for a reason; it stays on the record."""

    item: str
    reason: str


class ImportEvidence(Struct, frozen=True, tag="import-evidence/1"):
    """The clerk puts on the record what was found about targets for a component, or for one ``part`` of it ("": whole).

    It was read from ``file``, whose bytes have this SHA-256 (hex), and replaces what was there for the same.
    """

    component: str
    part: str
    file: str
    sha256: str
    lines: tuple[EvidenceLine, ...]


class OpenRound(Struct, frozen=True, tag="open-round/2"):
    """Open the item for ballots, as its first ``round`` or, to vote again, as the one after its latest.

    ``among`` are the candidates who were tied at the edge of the latest round of a selection: they alone stand, for the
    places that are left. Without them everything is voted on anew.
    """

    item: str
    round: int = 1
    among: tuple[str, ...] = ()


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


class ConfirmRound(Struct, frozen=True, tag="confirm-round/1"):
    """A scrutineer signs the count of a closed round.

    ``present`` for the round, ``received`` ballots, ``recused`` of those present; and, where the clerk entered the
    result by hand, the very ``counts`` and ``invalid`` ballots that were entered.
    """

    item: str
    round: int
    present: int
    received: int
    recused: int
    invalid: int = 0
    counts: tuple[AnswerCount, ...] = ()


class EnterResult(Struct, frozen=True, tag="enter-result/1"):
    """The clerk enters, for a reason, what hands or paper gave, as the item's next ``round``.

    ``received`` ballots in all, ``invalid`` of them; ``counts`` says how many gave each answer, a target's score as a
    whole ("" for the criterion). ``among`` is as in ``OpenRound``.
    """

    item: str
    round: int
    reason: str
    received: int
    invalid: int
    counts: tuple[AnswerCount, ...]
    among: tuple[str, ...] = ()


class AnnounceRound(Struct, frozen=True, tag="announce-round/1"):
    """Publish the result."""

    item: str
    round: int


class AnnounceComposite(Struct, frozen=True, tag="announce-composite/1"):
    """Publish the composite of every target."""


class VoidRound(Struct, frozen=True, tag="void-round/1"):
    """Declare the round void, for a reason: it stays on the record and counts for nothing.

    Until a scrutineer has countersigned, the round stays what it is; a trial vote is void at once.
    """

    item: str
    round: int
    reason: str


class CountersignVoid(Struct, frozen=True, tag="countersign-void/1"):
    """The scrutineer's word to the very same."""

    item: str
    round: int
    reason: str


class TakeBackVoid(Struct, frozen=True, tag="take-back-void/1"):
    """The chair's word that the round stands after all, as long as nobody has countersigned."""

    item: str
    round: int


class CloseMeeting(Struct, frozen=True, tag="close-meeting/1"):
    """End the meeting (散会): nothing comes after it, so that its head is the final one."""


class Cast(Struct, frozen=True, tag="cast/2"):
    """The sender's ballot, in the item's order.

    For each target a score, or one under each of its criteria, and then the old question where it is asked; a motion's
    one choice; a rating's one for each target; a selection's one for each chosen candidate.
    """

    item: str
    round: int
    answers: tuple[Answer, ...]


class BeginCeremony(Struct, frozen=True, tag="begin-ceremony/1"):
    """Let these scrutineers, in the order of the roster, make an election key, ``threshold`` of whom can open.

    ``attempt`` numbers the ceremonies of the meeting from 1. One that is not finished ends by it; a key that was made
    stands until there is another one. The scrutineers' own words to it are the bodies in ``secret.messages``.
    """

    attempt: int
    threshold: int
    scrutineers: tuple[Scrutineer, ...]


class CastSecret(Struct, frozen=True, tag="cast-secret/1"):
    """The sender's ballot in a secret round: for each question of the sheet in turn what ``cast_ballot`` returns."""

    item: str
    round: int
    sealed: tuple[str, ...]


class OverrideCosigning(Struct, frozen=True, tag="override-cosigning/1"):
    """The chief scrutineer lets a round be opened on a head that not enough terminals have cosigned, for a reason.

    It is the head of ``size`` leaves with this ``root`` (base64).
    """

    item: str
    round: int
    size: int
    root: str
    reason: str


class OpenPart(Struct, frozen=True, tag="open-part/1"):
    """The sender's part of opening a round: for each question of the sheet in turn the text of a ``Part``."""

    item: str
    round: int
    parts: tuple[str, ...]


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
    | CountersignCode
    | WithdrawCode
    | Enrol
    | RevokeDevice
    | CheckIn
    | CheckInByHand
    | CheckOut
    | OpenCheckIn
    | CloseCheckIn
    | Excuse
    | MoveSeat
    | Recuse
    | LiftRecusal
    | AddItem
    | ReorderAgenda
    | WithdrawItem
    | ImportEvidence
    | OpenRound
    | ExtendRound
    | PauseRound
    | ResumeRound
    | CloseRound
    | ConfirmRound
    | EnterResult
    | AnnounceRound
    | AnnounceComposite
    | VoidRound
    | CountersignVoid
    | TakeBackVoid
    | CloseMeeting
    | Cast
    | BeginCeremony
    | CommitToKey
    | RevealKey
    | DealShares
    | ConfirmKey
    | DisputeShare
    | CastSecret
    | OverrideCosigning
    | OpenPart
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
    CountersignCode: frozenset({Role.CHAIR}),
    WithdrawCode: frozenset({Role.CLERK}),
    Enrol: frozenset(Role),
    RevokeDevice: frozenset({Role.CLERK}),
    CheckIn: frozenset({Role.MEMBER}),
    CheckInByHand: frozenset({Role.CLERK}),
    CheckOut: frozenset({Role.CLERK}),
    OpenCheckIn: frozenset({Role.CHAIR, Role.CLERK}),
    CloseCheckIn: frozenset({Role.CHAIR, Role.CLERK}),
    Excuse: frozenset({Role.CLERK}),
    MoveSeat: frozenset({Role.CLERK}),
    Recuse: frozenset({Role.CLERK}),
    LiftRecusal: frozenset({Role.CLERK}),
    AddItem: frozenset({Role.CLERK}),
    ReorderAgenda: frozenset({Role.CLERK}),
    WithdrawItem: frozenset({Role.CLERK}),
    ImportEvidence: frozenset({Role.CLERK}),
    OpenRound: frozenset({Role.CHAIR}),
    ExtendRound: frozenset({Role.CHAIR}),
    PauseRound: frozenset({Role.CHAIR}),
    ResumeRound: frozenset({Role.CHAIR}),
    CloseRound: frozenset({Role.CHAIR}),
    ConfirmRound: frozenset({Role.SCRUTINEER}),
    EnterResult: frozenset({Role.CLERK}),
    AnnounceRound: frozenset({Role.CHAIR}),
    AnnounceComposite: frozenset({Role.CHAIR}),
    VoidRound: frozenset({Role.CHAIR}),
    CountersignVoid: frozenset({Role.SCRUTINEER}),
    TakeBackVoid: frozenset({Role.CHAIR}),
    CloseMeeting: frozenset({Role.CHAIR}),
    Cast: frozenset({Role.MEMBER}),
    BeginCeremony: frozenset({Role.CHAIR, Role.CLERK}),
    CommitToKey: frozenset({Role.SCRUTINEER}),
    RevealKey: frozenset({Role.SCRUTINEER}),
    DealShares: frozenset({Role.SCRUTINEER}),
    ConfirmKey: frozenset({Role.SCRUTINEER}),
    DisputeShare: frozenset({Role.SCRUTINEER}),
    CastSecret: frozenset({Role.MEMBER}),
    OverrideCosigning: frozenset({Role.SCRUTINEER}),
    OpenPart: frozenset({Role.SCRUTINEER}),
    DeclareContinuation: frozenset({Role.CHAIR}),
    CountersignContinuation: frozenset({Role.SCRUTINEER}),
    HandInReceipt: frozenset({Role.MEMBER}),
}
"""Who may send what: the one table."""
