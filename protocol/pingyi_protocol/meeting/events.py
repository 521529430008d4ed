"""What happened in a meeting. Each event is one leaf of the ledger; replaying them gives the meeting's state."""

from typing import TypeAlias

from pingyi_protocol.meeting.commands import Answer, AnswerCount
from pingyi_protocol.meeting.components import EvidenceLine
from pingyi_protocol.meeting.definition import Definition, Item, Problem, Role, Target
from pingyi_protocol.meeting.figures import CompositeLine, RoundFigures
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.secret.ceremony import ElectionKey
from pingyi_protocol.secret.messages import ConfirmKey, DisputeShare, Message, Scrutineer


class MeetingCreated(Struct, frozen=True, tag="meeting-created/1"):
    """The ledger begins. The clerk's device is enrolled by it."""

    meeting: str
    origin: str
    log_key: str
    server_key: str
    signing_key: str
    transport_key: str


class DefinitionLoaded(Struct, frozen=True, tag="definition-loaded/4"):
    """The meeting's definition from here on."""

    definition: Definition


class CodeIssued(Struct, frozen=True, tag="code-issued/2"):
    """A one-time enrolment code exists for (person, role); ``waits`` where it needs the chair's countersignature."""

    person: str
    role: Role
    secret_hash: str
    waits: bool


class CodeCountersigned(Struct, frozen=True, tag="code-countersigned/1"):
    """The code of (person, role) can be taken."""

    person: str
    role: Role


class CodeWithdrawn(Struct, frozen=True, tag="code-withdrawn/1"):
    """The code of (person, role) cannot be taken any more."""

    person: str
    role: Role


class DeviceEnrolled(Struct, frozen=True, tag="device-enrolled/2"):
    """A device speaks for (person, role) from here on; an earlier device of the same is revoked by it.

    ``pinned`` as in ``Enrol``.
    """

    person: str
    role: Role
    code: str
    signing_key: str
    transport_key: str
    pinned: bool


class DeviceRevoked(Struct, frozen=True, tag="device-revoked/1"):
    """The device of (person, role) speaks no more, for this reason, and no other one does."""

    person: str
    role: Role
    reason: str


class CheckedIn(Struct, frozen=True, tag="checked-in/1"):
    """A member is present. ``reason`` is empty unless the clerk did it by hand."""

    person: str
    reason: str


class CheckedOut(Struct, frozen=True, tag="checked-out/1"):
    """A member has left (早退)."""

    person: str
    reason: str


class CheckInOpened(Struct, frozen=True, tag="check-in-opened/1"):
    """Members may check in themselves for so many ``seconds``."""

    seconds: int


class CheckInClosed(Struct, frozen=True, tag="check-in-closed/1"):
    """Members can no longer check in themselves."""


class Excused(Struct, frozen=True, tag="excused/1"):
    """A member who has not been there is excused (请假)."""

    person: str
    reason: str


class SeatMoved(Struct, frozen=True, tag="seat-moved/1"):
    """A member sits elsewhere."""

    person: str
    seat: str


class Recused(Struct, frozen=True, tag="recused/1"):
    """A member does not vote on an item (回避), from its next round on."""

    person: str
    item: str
    reason: str


class RecusalLifted(Struct, frozen=True, tag="recusal-lifted/1"):
    """A member votes on an item again, from its next round on."""

    person: str
    item: str
    reason: str


class ItemAdded(Struct, frozen=True, tag="item-added/3"):
    """The agenda has one item more, and the definition these targets and problems."""

    item: Item
    targets: tuple[Target, ...]
    problems: tuple[Problem, ...]


class AgendaReordered(Struct, frozen=True, tag="agenda-reordered/1"):
    """The items (ids) come in this order."""

    order: tuple[str, ...]


class ItemWithdrawn(Struct, frozen=True, tag="item-withdrawn/1"):
    """The item is no longer voted on, for this reason."""

    item: str
    reason: str


class EvidenceImported(Struct, frozen=True, tag="evidence-imported/1"):
    """This is what counts of a component or of its part from here on; the fields are the command's."""

    component: str
    part: str
    file: str
    sha256: str
    lines: tuple[EvidenceLine, ...]


class RoundOpened(Struct, frozen=True, tag="round-opened/2"):
    """An item takes ballots. ``seconds`` is the countdown, None for none.

    In a selection ``candidates`` (target ids) stand for ``places``; otherwise there are none.
    """

    item: str
    round: int
    seconds: int | None
    candidates: tuple[str, ...] = ()
    places: int = 0


class RoundExtended(Struct, frozen=True, tag="round-extended/1"):
    """The countdown got longer."""

    item: str
    round: int
    seconds: int


class RoundPaused(Struct, frozen=True, tag="round-paused/1"):
    """The countdown stands at ``remaining`` milliseconds (None: there is no countdown)."""

    item: str
    round: int
    remaining: int | None


class RoundResumed(Struct, frozen=True, tag="round-resumed/1"):
    """The countdown runs on."""

    item: str
    round: int


class BallotCast(Struct, frozen=True, tag="ballot-cast/2"):
    """A member's ballot; ``ballot`` is the id of the command that cast it."""

    person: str
    item: str
    round: int
    ballot: str
    answers: tuple[Answer, ...]


class RoundClosed(Struct, frozen=True, tag="round-closed/1"):
    """No more ballots: those on the leaves ``first`` to ``last`` (both included) count.

    ``present`` members were present for the round, ``received`` of them have a ballot that counts, and ``recused`` of
    them did not vote on the item.
    """

    item: str
    round: int
    first: int
    last: int
    present: int
    received: int
    recused: int


class RoundConfirmed(Struct, frozen=True, tag="round-confirmed/1"):
    """A scrutineer has signed the count; what was signed stands in the command."""

    item: str
    round: int
    person: str


class ResultEntered(Struct, frozen=True, tag="result-entered/1"):
    """A round that hands or paper decided, closed as it was entered; nobody has a ballot in it.

    The fields are the command's; ``candidates`` and ``places`` as in ``RoundOpened``.
    """

    item: str
    round: int
    reason: str
    received: int
    invalid: int
    counts: tuple[AnswerCount, ...]
    candidates: tuple[str, ...] = ()
    places: int = 0


class ResultAnnounced(Struct, frozen=True, tag="result-announced/2"):
    """The figures are public."""

    figures: RoundFigures


class CompositeAnnounced(Struct, frozen=True, tag="composite-announced/1"):
    """The composites are public, until something changes them."""

    lines: tuple[CompositeLine, ...]


class CeremonyBegun(Struct, frozen=True, tag="ceremony-begun/1"):
    """The scrutineers make an election key; the fields are the command's.

    ``missing`` are those of whom the ceremony before, which this one ends, still awaited a message.
    """

    attempt: int
    threshold: int
    scrutineers: tuple[Scrutineer, ...]
    missing: tuple[str, ...]


class KeyMessageTaken(Struct, frozen=True, tag="key-message-taken/1"):
    """A scrutineer's word in the ceremony, as all others check it."""

    person: str
    attempt: int
    message: Message


class ElectionKeyMade(Struct, frozen=True, tag="election-key-made/1"):
    """The last scrutineer has signed: secret rounds are encrypted to this key now, known by ``fingerprint``."""

    person: str
    attempt: int
    message: ConfirmKey
    key: ElectionKey
    fingerprint: str


class CeremonyFailed(Struct, frozen=True, tag="ceremony-failed/1"):
    """Scrutineer ``person`` has shown that ``at_fault`` dealt a bad share: the ceremony is over, without a key."""

    person: str
    attempt: int
    message: DisputeShare
    at_fault: str


class SecretBallotCast(Struct, frozen=True, tag="secret-ballot-cast/1"):
    """A member's secret ballot, whose proofs are yet to be checked; ``ballot`` is the id of its command."""

    person: str
    item: str
    round: int
    ballot: str
    sealed: tuple[str, ...]


class InvalidBallot(Struct, frozen=True):
    """A secret ballot whose proofs do not hold; ``fault`` is the key of what is wrong with it."""

    person: str
    ballot: str
    fault: str


class BallotsChecked(Struct, frozen=True, tag="ballots-checked/1"):
    """The server has checked the proofs of a closed secret round: of each member the newest ballot that holds counts.

    ``invalid`` are those that were found not to hold before it, by member and from the newest back. There is no command
    behind it: who reads the record checks the same.
    """

    item: str
    round: int
    invalid: tuple[InvalidBallot, ...]


class OpeningBegun(Struct, frozen=True, tag="opening-begun/1"):
    """More than half of the terminals of those present have cosigned the head on which a secret round is opened.

    It has ``size`` leaves and this ``root`` (base64); ``cosignatures`` are the lines, fewer where that was overridden.
    ``sums`` are what is opened: for each question of the sheet base64 of the sums of the valid ballots. There is no
    command behind it.
    """

    item: str
    round: int
    size: int
    root: str
    cosignatures: tuple[str, ...]
    sums: tuple[str, ...]


class CosigningOverridden(Struct, frozen=True, tag="cosigning-overridden/1"):
    """The chief scrutineer ``person`` lets a secret round be opened on this head, whoever cosigns it, for this reason.

    The opening begins by an event of its own, on this head if it is one of the record's. Until then it can be said of
    another head.
    """

    item: str
    round: int
    size: int
    root: str
    reason: str
    person: str


class OpeningPartTaken(Struct, frozen=True, tag="opening-part-taken/1"):
    """A scrutineer's part of opening a round, not yet enough of them; one that is not ``good`` is passed over."""

    person: str
    item: str
    round: int
    parts: tuple[str, ...]
    good: bool


class LineTotals(Struct, frozen=True):
    """What one question of a sheet opened to: the total of each thing that its encoding counts, and the abstentions."""

    totals: tuple[int, ...]
    abstentions: int


class RoundUnsealed(Struct, frozen=True, tag="round-unsealed/1"):
    """With this part there are enough: the totals of each question of the sheet in turn."""

    person: str
    item: str
    round: int
    parts: tuple[str, ...]
    lines: tuple[LineTotals, ...]


class VoidProposed(Struct, frozen=True, tag="void-proposed/1"):
    """The chair ``person`` declares the round void, for this reason; it waits for a scrutineer."""

    item: str
    round: int
    reason: str
    person: str


class VoidTakenBack(Struct, frozen=True, tag="void-taken-back/1"):
    """The round stands after all."""

    item: str
    round: int


class RoundVoided(Struct, frozen=True, tag="round-voided/2"):
    """The round counts for nothing, for this reason. ``person`` is the scrutineer, "" where a trial vote needs none."""

    item: str
    round: int
    reason: str
    person: str


class MeetingClosed(Struct, frozen=True, tag="meeting-closed/1"):
    """The chair ``person`` ends the meeting: the last leaf of its ledger."""

    person: str


class ContinuationDeclared(Struct, frozen=True, tag="continuation-declared/1"):
    """The chair says that the record goes on from an older copy of ``size`` leaves with this root."""

    person: str
    size: int
    root: str
    reason: str


class ContinuationCountersigned(Struct, frozen=True, tag="continuation-countersigned/1"):
    """A scrutineer agrees, and the meeting goes on."""

    person: str
    size: int
    root: str


class ReceiptHandedIn(Struct, frozen=True, tag="receipt-handed-in/1"):
    """The record has lost what ``person`` has a receipt for: the command with this id, once leaf ``index``.

    The receipt itself stands in the signed command.
    """

    person: str
    command: str
    index: int


Event: TypeAlias = (
    MeetingCreated
    | DefinitionLoaded
    | CodeIssued
    | CodeCountersigned
    | CodeWithdrawn
    | DeviceEnrolled
    | DeviceRevoked
    | CheckedIn
    | CheckedOut
    | CheckInOpened
    | CheckInClosed
    | Excused
    | SeatMoved
    | Recused
    | RecusalLifted
    | ItemAdded
    | AgendaReordered
    | ItemWithdrawn
    | EvidenceImported
    | RoundOpened
    | RoundExtended
    | RoundPaused
    | RoundResumed
    | BallotCast
    | RoundClosed
    | RoundConfirmed
    | ResultEntered
    | ResultAnnounced
    | CompositeAnnounced
    | CeremonyBegun
    | KeyMessageTaken
    | ElectionKeyMade
    | CeremonyFailed
    | SecretBallotCast
    | BallotsChecked
    | OpeningBegun
    | CosigningOverridden
    | OpeningPartTaken
    | RoundUnsealed
    | VoidProposed
    | VoidTakenBack
    | RoundVoided
    | MeetingClosed
    | ContinuationDeclared
    | ContinuationCountersigned
    | ReceiptHandedIn
)
