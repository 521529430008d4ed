"""``evolve(meeting, event, at)``: the state after an event. It trusts the event; ``decide`` is where rules are."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from rpds import HashTrieMap

from pingyi_protocol.keys.signing import key_id, parse_public_key
from pingyi_protocol.meeting.commands import AddItem
from pingyi_protocol.meeting.definition import TRIAL, Definition, Role
from pingyi_protocol.meeting.events import (
    AgendaReordered,
    BallotCast,
    BallotsChecked,
    CeremonyBegun,
    CeremonyFailed,
    CheckedIn,
    CheckedOut,
    CheckInClosed,
    CheckInOpened,
    CodeCountersigned,
    CodeIssued,
    CodeWithdrawn,
    CompositeAnnounced,
    ContinuationCountersigned,
    ContinuationDeclared,
    CosigningOverridden,
    DefinitionLoaded,
    DeviceEnrolled,
    DeviceRevoked,
    ElectionKeyMade,
    Event,
    EvidenceImported,
    Excused,
    ItemAdded,
    ItemWithdrawn,
    KeyMessageTaken,
    MeetingClosed,
    MeetingCreated,
    OpeningBegun,
    OpeningPartTaken,
    ReceiptHandedIn,
    RecusalLifted,
    Recused,
    ResultAnnounced,
    ResultEntered,
    RoundClosed,
    RoundConfirmed,
    RoundExtended,
    RoundOpened,
    RoundPaused,
    RoundResumed,
    RoundUnsealed,
    RoundVoided,
    SeatMoved,
    SecretBallotCast,
    VoidProposed,
    VoidTakenBack,
)
from pingyi_protocol.meeting.evolve_rounds import (
    ballot_cast,
    result_announced,
    result_entered,
    round_closed,
    round_confirmed,
    round_extended,
    round_opened,
    round_paused,
    round_resumed,
    round_voided,
    void_proposed,
    void_taken_back,
    with_round,
)
from pingyi_protocol.meeting.evolve_secret import (
    ballots_checked,
    ceremony_begun,
    cosigning_overridden,
    election_key_made,
    kept_key,
    key_message_taken,
    opening_begun,
    opening_part_taken,
    round_unsealed,
    secret_ballot_cast,
)
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Continuation, Device, Imported, Lost, Meeting, Principal

CLERK = Principal("clerk", Role.CLERK)
"""Whom the keys of the ledger's first leaf speak for."""

HALL = Principal("hall", Role.HALL)
"""The hall display, which is nobody's."""

UNSETTLING = (CodeIssued, CodeCountersigned, DeviceEnrolled, ContinuationCountersigned)
"""What may come between an older copy of the record and the declaration that it is gone on from."""

Value = TypeVar("Value")

replace = msgspec.structs.replace


def evolve(meeting: Meeting, event: Event, at: int, command: str = "") -> Meeting:
    """Return the meeting after ``event``, the next leaf, at millisecond ``at`` of the meeting's clock.

    ``command`` is the id of the command that caused it, "" for none.
    """
    step: Callable[[Meeting, Any, int], Meeting] = STEPS[type(event)]
    after = step(meeting, event, at)
    commands = meeting.commands
    if command and command not in commands:
        commands = commands.insert(command, meeting.size)
    size = meeting.size + 1
    settled = meeting.settled if isinstance(event, UNSETTLING) else size
    return replace(after, size=size, at=at, commands=commands, settled=settled)


def created(meeting: Meeting, event: MeetingCreated, _at: int) -> Meeting:
    """Begin with the server's keys and the clerk's device."""
    begun = replace(
        meeting,
        id=event.meeting,
        origin=event.origin,
        log_key=event.log_key,
        server_key=event.server_key,
    )
    return with_device(begun, CLERK, event)


def definition_loaded(meeting: Meeting, event: DefinitionLoaded, _at: int) -> Meeting:
    """Take the definition; who is no longer on the roster is no longer there, excused, nor recused from anything.

    Items that were withdrawn stay so while they are in it, and evidence while targets and components are the same:
    their ids are the numbers of their lines.
    """
    changed = with_definition(kept_key(meeting, event.definition), event.definition)
    earlier, later = meeting.definition, event.definition
    same = earlier and (earlier.targets, earlier.components) == (later.targets, later.components)
    entitled, items = changed.entitled, changed.items
    kept = {key: why for key, why in meeting.recusals.items() if key[0] in items and key[1] in entitled}
    return replace(
        changed,
        present=of_these(meeting.present, entitled),
        left=of_these(meeting.left, entitled),
        excused=of_these(meeting.excused, entitled),
        recusals=HashTrieMap(kept),
        withdrawn=of_these(meeting.withdrawn, frozenset(items)),
        evidence=meeting.evidence if same else HashTrieMap(),
        composite=(),
    )


def with_definition(meeting: Meeting, definition: Definition) -> Meeting:
    """Return the meeting under this definition, with what is looked up in it."""
    entitled = frozenset(person.number for person in definition.entitled)
    items = HashTrieMap({item.id: item for item in (*definition.agenda, TRIAL)})
    return replace(meeting, definition=definition, entitled=entitled, items=items)


def of_these(noted: "HashTrieMap[str, Value]", wanted: frozenset[str]) -> "HashTrieMap[str, Value]":
    """Return what is noted of the people or items that are wanted."""
    return HashTrieMap({key: what for key, what in noted.items() if key in wanted})


def code_issued(meeting: Meeting, event: CodeIssued, _at: int) -> Meeting:
    """Remember the code; an earlier one for the same principal no longer works."""
    principal = Principal(event.person, event.role)
    meeting = without_code(meeting, principal)
    unsigned = meeting.unsigned_codes
    return replace(
        meeting,
        codes=meeting.codes.insert(event.secret_hash, principal),
        code_of=meeting.code_of.insert(principal, event.secret_hash),
        unsigned_codes=unsigned.insert(event.secret_hash, principal) if event.waits else unsigned,
    )


def code_countersigned(meeting: Meeting, event: CodeCountersigned, _at: int) -> Meeting:
    """Let the code be taken."""
    code = meeting.code_of[Principal(event.person, event.role)]
    return replace(meeting, unsigned_codes=meeting.unsigned_codes.remove(code))


def code_withdrawn(meeting: Meeting, event: CodeWithdrawn, _at: int) -> Meeting:
    """Forget the code."""
    return without_code(meeting, Principal(event.person, event.role))


def without_code(meeting: Meeting, principal: Principal) -> Meeting:
    """Return the meeting without the outstanding code of this principal, if there is one."""
    code = meeting.code_of.get(principal)
    if code is None:
        return meeting
    return replace(
        meeting,
        codes=meeting.codes.remove(code),
        code_of=meeting.code_of.remove(principal),
        unsigned_codes=meeting.unsigned_codes.discard(code),
    )


def device_enrolled(meeting: Meeting, event: DeviceEnrolled, _at: int) -> Meeting:
    """Use the code up, revoke the principal's earlier device, let the new one speak."""
    principal = Principal(event.person, event.role)
    return with_device(without_code(without_device(meeting, principal), principal), principal, event)


def device_revoked(meeting: Meeting, event: DeviceRevoked, _at: int) -> Meeting:
    """Let nobody speak for this principal."""
    return without_device(meeting, Principal(event.person, event.role))


def without_device(meeting: Meeting, principal: Principal) -> Meeting:
    """Return the meeting in which the device that spoke for this principal, if one did, is revoked."""
    spoke = meeting.sessions.get(principal)
    if spoke is None:
        return meeting
    revoked = replace(meeting.devices[spoke], revoked=True)
    return replace(meeting, devices=meeting.devices.insert(spoke, revoked), sessions=meeting.sessions.remove(principal))


def with_device(meeting: Meeting, principal: Principal, shown: MeetingCreated | DeviceEnrolled) -> Meeting:
    """Return the meeting in which the device whose keys were shown speaks for ``principal``."""
    public = parse_public_key(shown.signing_key)
    pinned = isinstance(shown, DeviceEnrolled) and shown.pinned
    device = Device(key_id(public), principal, public, shown.transport_key, meeting.size, pinned=pinned)
    return replace(
        meeting,
        devices=meeting.devices.insert(device.id, device),
        sessions=meeting.sessions.insert(principal, device.id),
        transports=meeting.transports.insert(shown.transport_key, device.id),
    )


def checked_in(meeting: Meeting, event: CheckedIn, _at: int) -> Meeting:
    """Count the member as present, for an open round too where late arrivals get its ballot."""
    meeting = replace(
        with_second_code_unsigned(meeting, event.person),
        present=meeting.present.insert(event.person, True),
        left=meeting.left.discard(event.person),
        excused=meeting.excused.discard(event.person),
    )
    live = meeting.live_round
    if live is None or meeting.definition is None or not meeting.definition.meeting.late_ballots:
        return meeting
    return with_round(meeting, replace(live, present=live.present.insert(event.person, True)))


def with_second_code_unsigned(meeting: Meeting, person: str) -> Meeting:
    """Let a code that would replace this member's device wait for the chair, as one that is issued from now on does.

    Else codes that were issued to everybody beforehand would do without the chair.
    """
    principal = Principal(person, Role.MEMBER)
    code = meeting.code_of.get(principal)
    if code is None or principal not in meeting.sessions:
        return meeting
    return replace(meeting, unsigned_codes=meeting.unsigned_codes.insert(code, principal))


def checked_out(meeting: Meeting, event: CheckedOut, _at: int) -> Meeting:
    """The member is no longer present, but stays counted in a round that was open meanwhile."""
    left = meeting.left.insert(event.person, event.reason)
    return replace(meeting, present=meeting.present.remove(event.person), left=left)


def check_in_opened(meeting: Meeting, event: CheckInOpened, at: int) -> Meeting:
    """Let members in until then."""
    return replace(meeting, check_in_until=at + 1000 * event.seconds)


def check_in_closed(meeting: Meeting, _event: CheckInClosed, at: int) -> Meeting:
    """Let nobody in any more."""
    return replace(meeting, check_in_until=at)


def excused(meeting: Meeting, event: Excused, _at: int) -> Meeting:
    """Note the excuse."""
    return replace(meeting, excused=meeting.excused.insert(event.person, event.reason))


def seat_moved(meeting: Meeting, event: SeatMoved, _at: int) -> Meeting:
    """Note the new seat."""
    return replace(meeting, seats=meeting.seats.insert(event.person, event.seat))


def recused(meeting: Meeting, event: Recused, _at: int) -> Meeting:
    """Note it for the rounds to come."""
    return replace(meeting, recusals=meeting.recusals.insert((event.item, event.person), event.reason))


def recusal_lifted(meeting: Meeting, event: RecusalLifted, _at: int) -> Meeting:
    """Forget it for the rounds to come."""
    return replace(meeting, recusals=meeting.recusals.remove((event.item, event.person)))


def item_added(meeting: Meeting, event: ItemAdded, _at: int) -> Meeting:
    """Take the item as the agenda's last."""
    definition = meeting.definition
    return (
        meeting if definition is None else replace(with_definition(meeting, with_item(definition, event)), composite=())
    )


def with_item(definition: Definition, added: AddItem | ItemAdded) -> Definition:
    """Return the definition with this item as its last, and what comes with it."""
    return replace(
        definition,
        agenda=(*definition.agenda, added.item),
        targets=(*definition.targets, *added.targets),
        problems=(*definition.problems, *added.problems),
    )


def agenda_reordered(meeting: Meeting, event: AgendaReordered, _at: int) -> Meeting:
    """Put the items in their new order."""
    definition = meeting.definition
    if definition is None:
        return meeting
    return with_definition(meeting, replace(definition, agenda=tuple(meeting.items[one] for one in event.order)))


def item_withdrawn(meeting: Meeting, event: ItemWithdrawn, _at: int) -> Meeting:
    """The item keeps its line, and gets no round any more."""
    return replace(meeting, withdrawn=meeting.withdrawn.insert(event.item, event.reason), composite=())


def evidence_imported(meeting: Meeting, event: EvidenceImported, _at: int) -> Meeting:
    """It counts in place of what was there for the same; composites that were announced without it stand no more."""
    imported = Imported(event.file, event.sha256, event.lines, meeting.size)
    return replace(meeting, evidence=meeting.evidence.insert((event.component, event.part), imported), composite=())


def composite_announced(meeting: Meeting, event: CompositeAnnounced, _at: int) -> Meeting:
    """The composites are public."""
    return replace(meeting, composite=event.lines)


def meeting_closed(meeting: Meeting, _event: MeetingClosed, _at: int) -> Meeting:
    """Note the last leaf."""
    return replace(meeting, closed=meeting.size)


def continuation_declared(meeting: Meeting, event: ContinuationDeclared, _at: int) -> Meeting:
    """Wait for the scrutineer; a running countdown stands where the older copy left it."""
    enrolled = speaking(meeting, event.person, Role.CHAIR).leaf
    begun = Continuation(event.size, event.root, event.reason, event.person, meeting.size, enrolled)
    meeting = replace(meeting, continuations=(*meeting.continuations, begun))
    live = meeting.live_round
    if live is None or live.deadline is None:
        return meeting
    remaining = live.remaining_at(meeting.at)
    return with_round(meeting, replace(live, phase=Phase.PAUSED, deadline=None, remaining=remaining))


def continuation_countersigned(meeting: Meeting, event: ContinuationCountersigned, _at: int) -> Meeting:
    """Go on."""
    agreed = replace(
        meeting.continuations[-1],
        countersigned=meeting.size,
        scrutineer=event.person,
        scrutineer_enrolled=speaking(meeting, event.person, Role.SCRUTINEER).leaf,
    )
    return replace(meeting, continuations=(*meeting.continuations[:-1], agreed))


def receipt_handed_in(meeting: Meeting, event: ReceiptHandedIn, _at: int) -> Meeting:
    """Note what was lost."""
    lost = Lost(event.person, event.command, event.index, meeting.size)
    return replace(meeting, lost=meeting.lost.insert(event.command, lost))


def speaking(meeting: Meeting, person: str, role: Role) -> Device:
    """Return the device that speaks for this principal now; KeyError where none does."""
    return meeting.devices[meeting.sessions[Principal(person, role)]]


STEPS: dict[type[Event], Callable[[Meeting, Any, int], Meeting]] = {
    MeetingCreated: created,
    DefinitionLoaded: definition_loaded,
    CodeIssued: code_issued,
    CodeCountersigned: code_countersigned,
    CodeWithdrawn: code_withdrawn,
    DeviceEnrolled: device_enrolled,
    DeviceRevoked: device_revoked,
    CheckedIn: checked_in,
    CheckedOut: checked_out,
    CheckInOpened: check_in_opened,
    CheckInClosed: check_in_closed,
    Excused: excused,
    SeatMoved: seat_moved,
    Recused: recused,
    RecusalLifted: recusal_lifted,
    ItemAdded: item_added,
    AgendaReordered: agenda_reordered,
    ItemWithdrawn: item_withdrawn,
    EvidenceImported: evidence_imported,
    RoundOpened: round_opened,
    RoundExtended: round_extended,
    RoundPaused: round_paused,
    RoundResumed: round_resumed,
    BallotCast: ballot_cast,
    RoundClosed: round_closed,
    RoundConfirmed: round_confirmed,
    ResultEntered: result_entered,
    ResultAnnounced: result_announced,
    CompositeAnnounced: composite_announced,
    CeremonyBegun: ceremony_begun,
    KeyMessageTaken: key_message_taken,
    ElectionKeyMade: election_key_made,
    CeremonyFailed: key_message_taken,
    SecretBallotCast: secret_ballot_cast,
    BallotsChecked: ballots_checked,
    OpeningBegun: opening_begun,
    CosigningOverridden: cosigning_overridden,
    OpeningPartTaken: opening_part_taken,
    RoundUnsealed: round_unsealed,
    VoidProposed: void_proposed,
    VoidTakenBack: void_taken_back,
    RoundVoided: round_voided,
    MeetingClosed: meeting_closed,
    ContinuationDeclared: continuation_declared,
    ContinuationCountersigned: continuation_countersigned,
    ReceiptHandedIn: receipt_handed_in,
}
