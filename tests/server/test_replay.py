"""Replay: a signed command of any kind counts once, in its own place, from its own device, for its own person and role.

Nobody can sign it again, so that a copy has the very same bytes. It is put elsewhere at the live server, by the path
that every command takes there, and into the record, where the verifier looks at it.
"""

import msgspec
import pytest

from kit.every_state import KINDS, Scene, State, scene
from kit.ledgers import LOG_KEY
from kit.playbook import ORIGIN, Playbook
from kit.taken import Taken, taken
from pingyi_protocol.keys.signing import key_id
from pingyi_protocol.meeting.admission import device_of, read_command, read_newcomer
from pingyi_protocol.meeting.commands import (
    MAY,
    Body,
    Command,
    CountersignContinuation,
    CreateMeeting,
    DeclareContinuation,
    Enrol,
    PauseRound,
    RevokeDevice,
)
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.model import Device, Meeting, Principal
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.checkpoint import Checkpoint, sign_checkpoint
from pingyi_protocol.record.entry import Entry, encode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.replay import DeviationError, follow
from pingyi_protocol.wire.envelope import Envelope, seal
from pingyi_protocol.wire.messages import Refused, Submit
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.recorder import Draft, Recorder, Submission
from pingyi_server.gateway.seats import Route
from pingyi_server.gateway.service import Letter, verified
from pingyi_server.ledger.ledger import Ledger
from pingyi_server.ledger.memory_store import MemoryStore
from pingyi_server.ledger.store import Restored

change = msgspec.structs.replace
TYPES = [kind for kind in MAY if kind is not CreateMeeting]
BY_DEVICES = [kind for kind in TYPES if kind is not Enrol]
# nobody but the clerk lets a device in, and nobody is let in before a continuation is signed
REENROLLED = [kind for kind in BY_DEVICES if MAY[kind] != {Role.CLERK} and kind is not CountersignContinuation]
every_type = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
every_devices_type = pytest.mark.parametrize("kind", BY_DEVICES, ids=lambda kind: kind.__name__)


def live(meeting: Meeting, at: int, envelope: Envelope, connection: Device | None = None) -> Refusal | int:
    """What the live server says, or the leaf: the connection, the signature, the sender, the rules."""
    named = device_of(meeting, envelope)
    if connection is None:
        if isinstance(named, Refusal):
            return named
        connection = named
    [refused] = verified([(Letter(Route("meeting", b""), b"", connection, b""), Submit(envelope, 0))])
    if refused is not None:
        return refused
    command = named if isinstance(named, Refusal) else read_command(envelope, named)
    return command if isinstance(command, Refusal) else newly(meeting, at, command, envelope)


def live_newcomer(meeting: Meeting, at: int, envelope: Envelope) -> Refusal | int:
    """What the enrolment socket says to whoever knows the code's secret."""
    command = read_newcomer(envelope, msgspec.json.decode(envelope.payload)["body"]["signing_key"])
    return command if isinstance(command, Refusal) else newly(meeting, at, command, envelope)


def newly(meeting: Meeting, at: int, command: Command, envelope: Envelope) -> Refusal | int:
    """What a batch makes of an admitted command; where an older copy is gone on from, that copy was put in place."""
    body = command.body
    copy = Restored(body.size, body.root, body.reason) if isinstance(body, DeclareContinuation) else None
    return Draft(meeting, at, "", copy).take(Submission(command, envelope, 0))


def recorder_of(book: Playbook) -> Recorder:
    """A recorder that goes on from this very record."""
    leaves, store = [encode_entry(entry) for entry in book.entries], MemoryStore()
    log = MerkleLog(map(leaf_hash, leaves))
    store.append(0, leaves, sign_checkpoint(Checkpoint(ORIGIN, log.size, log.root()), LOG_KEY, ORIGIN))
    return Recorder(Ledger(store, LOG_KEY, ORIGIN), MeetingClock(book.at))


def asked(one: Taken, meeting: Meeting, envelope: Envelope) -> Refusal | int:
    """What the live server says on the socket where this kind of command comes in."""
    ask = live_newcomer if isinstance(one.command.body, Enrol) else live
    return ask(meeting, one.book.at, envelope)


def reason(answer: Refusal | int) -> Reason:
    """Why something was refused."""
    assert isinstance(answer, Refusal), answer
    return answer.reason


def deviates(meeting: Meeting, entry: Entry) -> str:
    """How the verifier names what is wrong with a leaf."""
    with pytest.raises(DeviationError) as caught:
        follow(meeting, entry)
    return caught.value.key


@every_type
def test_in_its_own_place_it_is_taken_once_and_the_verifier_bears_it_out(kind: type[Body]) -> None:
    one = taken(kind)
    assert asked(one, one.before, one.envelope) == one.entry.index
    assert follow(one.before, one.entry) == one.book.meeting


@every_type
def test_a_command_of_another_meeting_is_refused_here(kind: type[Body]) -> None:
    one = taken(kind)
    elsewhere = one.signed(meeting="6" * 32)
    assert reason(asked(one, one.before, elsewhere)) is Reason.OTHER_MEETING
    assert deviates(one.before, change(one.entry, envelope=elsewhere)) == "deviation.rules"


@every_type
def test_a_command_sent_again_later_is_answered_with_its_first_leaf_and_changes_nothing(kind: type[Body]) -> None:
    one = taken(kind)
    meeting = one.book.meeting
    draft = Draft(meeting, one.book.at, "")
    assert draft.take(Submission(one.command, one.envelope, 0)) in (one.entry.index, Refusal(Reason.DEVICE_REVOKED))
    assert draft.meeting is meeting
    # on the record it stands once: a second leaf of it is none, whatever state the meeting has come to
    again = change(one.entry, index=meeting.size, at=meeting.at)
    assert deviates(meeting, again) in ("deviation.rules", "deviation.command")


@every_type
async def test_a_command_under_an_id_that_was_used_is_refused(kind: type[Body]) -> None:
    one = taken(kind)
    recorder = recorder_of(one.book)
    other = seal(msgspec.json.encode(change(one.command, issued="later")), one.key)
    again = Submission(change(one.command, issued="later"), other, 0)
    size = recorder.meeting.size
    [answer] = await recorder.record([again])
    assert isinstance(answer, Refused)
    assert answer.refusal.reason in (Reason.COMMAND_ID_TAKEN, Reason.DEVICE_REVOKED)
    assert recorder.meeting.size == size
    recorder.close()
    leaf = change(one.entry, index=one.book.meeting.size, at=one.book.meeting.at, envelope=other)
    assert deviates(one.book.meeting, leaf) in ("deviation.rules", "deviation.command")


@every_type
def test_in_another_item_round_or_name_it_is_not_borne_out(kind: type[Body]) -> None:
    one = taken(kind)
    event, other = one.entry.event, {"item": "second", "round": 9, "person": "M04", "role": Role.CLERK, "index": 9}
    places = {name: value for name, value in other.items() if isinstance(getattr(event, name, None), type(value))}
    for name, value in places.items():
        if getattr(event, name) != value:
            assert deviates(one.before, change(one.entry, event=change(event, **{name: value}))) == "deviation.event"
    assert deviates(one.before, change(one.entry, index=one.entry.index + 1)) == "deviation.number"
    if kind is not PauseRound:  # the server itself pauses what was open when it comes back
        assert deviates(one.before, change(one.entry, envelope=None)) == "deviation.unsigned"


@every_devices_type
def test_it_is_taken_from_the_connection_of_its_own_device_only(kind: type[Body]) -> None:
    one = taken(kind)
    others = [device for device in one.before.devices.values() if device.id != one.envelope.key]
    assert len(others) > 5
    for device in others:
        assert reason(live(one.before, one.book.at, one.envelope, device)) is Reason.DEVICE_UNKNOWN


@every_devices_type
def test_nobody_elses_device_signs_it_not_even_in_another_role_of_the_same_person(kind: type[Body]) -> None:
    one = taken(kind)
    for principal, key in one.book.keys.items():
        device = one.before.devices.get(key_id(bytes(key.verify_key)))
        if principal == one.principal or device is None or device.revoked:
            continue
        forged = seal(msgspec.json.encode(one.command), key)
        assert reason(live(one.before, one.book.at, forged)) is Reason.NOT_ALLOWED
        assert deviates(one.before, change(one.entry, envelope=forged)) == "deviation.command"
        # in his own name it needs a role that may
        if principal.role not in MAY[kind]:
            own = seal(msgspec.json.encode(change(one.command, person=principal.person, role=principal.role)), key)
            assert reason(live(one.before, one.book.at, own)) is Reason.NOT_ALLOWED


@every_devices_type
def test_a_changed_byte_of_it_is_refused(kind: type[Body]) -> None:
    one = taken(kind)
    payload = one.envelope.payload.replace('"issued":"2026', '"issued":"2027')
    forged = change(one.envelope, payload=payload)
    assert reason(live(one.before, one.book.at, forged)) is Reason.BAD_SIGNATURE
    assert deviates(one.before, change(one.entry, envelope=forged)) == "deviation.command"


@pytest.mark.parametrize("kind", REENROLLED, ids=lambda kind: kind.__name__)
def test_the_device_before_a_new_enrolment_says_nothing_any_more(kind: type[Body]) -> None:
    one = taken(kind)
    book = Scene(one.book, next(iter(KINDS.values())), None).replayed()  # type: ignore[arg-type]  # no receipt needed
    book.meeting, book.entries = one.before, book.entries[:-1]
    book.enrol(*one.principal, device="new one").settled()
    answer = live(book.meeting, book.at, one.envelope)
    assert reason(answer) is Reason.DEVICE_REVOKED
    leaf = change(one.entry, index=book.meeting.size, at=book.meeting.at)
    assert deviates(book.meeting, leaf) == "deviation.command"


def test_a_second_beginning_is_refused() -> None:
    here = scene("motion", State.PENDING, window=True)
    created = here.book.commands[0]
    [first] = here.book.entries[:1]
    assert first.envelope is not None
    anew = seal(msgspec.json.encode(change(created, id="f" * 32)), here.book.keys[CLERK])
    assert reason(live(here.book.meeting, here.book.at, anew)) is Reason.NOT_ALLOWED
    assert reason(live_newcomer(here.book.meeting, here.book.at, anew)) is Reason.MEETING_EXISTS
    again = change(first, index=here.book.meeting.size, at=here.book.meeting.at, envelope=anew)
    assert deviates(here.book.meeting, again) in ("deviation.rules", "deviation.command")


def test_a_revoked_device_is_refused_at_its_next_word() -> None:
    here = scene("motion", State.OPEN, window=True)
    book = here.replayed().clerk(RevokeDevice("M02", Role.MEMBER, "遗失"))
    member = Principal("M02", Role.MEMBER)
    ping = seal(msgspec.json.encode(book.command(member, RevokeDevice("M03", Role.MEMBER, "x"))), book.keys[member])
    assert reason(live(book.meeting, book.at, ping)) is Reason.DEVICE_REVOKED
