"""When a record may go on from an older copy, and which receipts are handed in."""

from base64 import b64encode

import msgspec
import pytest

from kit.factories import small_definition
from kit.playbook import CHAIR, Playbook
from kit.tampering import GOOD, LOST, SCRIBE, change
from pingyi_protocol.keys.signing import SigningKey
from pingyi_protocol.meeting.commands import (
    CheckIn,
    Command,
    CountersignContinuation,
    DeclareContinuation,
    HandInReceipt,
    KeptReceipt,
)
from pingyi_protocol.meeting.decide import decide
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import Event, ReceiptHandedIn
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.entry import decode_entry, encode_entry
from pingyi_protocol.record.replay import Replay

ROOT = b64encode(bytes(32)).decode()
WHY = "磁盘损坏"
SCRUTINEER = Principal("M03", Role.SCRUTINEER)


def staffed() -> Playbook:
    book = Playbook(small_definition()).enrol(*CHAIR).enrol(*SCRUTINEER)
    return book.check_in("M01", "M02", "M03")


def declared(book: Playbook, size: int | None = None) -> Playbook:
    return book.chair(DeclareContinuation(book.meeting.size if size is None else size, ROOT, WHY))


def agreed(book: Playbook) -> Playbook:
    one = book.meeting.continuing
    assert one is not None
    return book.say(SCRUTINEER, CountersignContinuation(one.size, one.root, one.reason))


def test_the_meeting_waits_for_both_signatures_and_goes_on() -> None:
    book = staffed()
    size = book.meeting.size
    declared(book)
    book.say(Principal("M02", Role.MEMBER), CheckIn()).refused(Reason.CONTINUATION_PENDING)
    declared(book).refused(Reason.CONTINUATION_PENDING)
    agreed(book)
    [one] = book.meeting.continuations
    assert (one.size, one.root, one.chair, one.declared, one.countersigned) == (size, ROOT, "M01", size, size + 1)
    assert book.meeting.continuing is None
    book.open("1").followed()


def test_somebody_may_enrol_meanwhile_for_somebody_must_sign() -> None:
    book = staffed()
    size = book.meeting.size
    book.enrol("M04")
    declared(book, size).enrol("M05")
    agreed(book).followed()


@pytest.mark.parametrize("size", [-1, 0, 3, 1000])
def test_only_the_copy_itself_can_be_gone_on_from(size: int) -> None:
    declared(staffed(), size).refused(Reason.CONTINUATION_MISFIT)


@pytest.mark.parametrize("root", ["", "x", ROOT[:-4], ROOT + "\n", ROOT[:-2] + "B="])
def test_a_root_is_a_hash_in_its_one_form(root: str) -> None:
    book = staffed()
    book.chair(DeclareContinuation(book.meeting.size, root, WHY)).refused(Reason.CONTINUATION_MISFIT)
    book.chair(DeclareContinuation(book.meeting.size, ROOT, " ")).refused(Reason.TEXT_REFUSED)


def test_a_scrutineer_signs_the_very_same_and_is_not_the_chair() -> None:
    definition = small_definition()
    roster = tuple(
        change(one, roles=(*one.roles, Role.SCRUTINEER)) if one.number == "M01" else one for one in definition.roster
    )
    book = Playbook(change(definition, roster=roster)).enrol(*CHAIR).enrol(*SCRUTINEER)
    own = Principal("M01", Role.SCRUTINEER)
    book.enrol(*own)
    book.say(SCRUTINEER, CountersignContinuation(1, ROOT, WHY)).refused(Reason.CONTINUATION_MISFIT)
    size = book.meeting.size
    declared(book)
    for other in ((size + 1, ROOT, WHY), (size, ROOT[:-4] + "AAE=", WHY), (size, ROOT, "别的原因")):
        book.say(SCRUTINEER, CountersignContinuation(*other)).refused(Reason.CONTINUATION_MISFIT)
    book.say(own, CountersignContinuation(size, ROOT, WHY)).refused(Reason.SAME_PERSON)
    agreed(book)


def test_a_running_countdown_stands_where_the_copy_left_it() -> None:
    book = staffed().open("1").wait(20).cast("M01", 90).wait(500)
    declared(book).stands(Phase.PAUSED)
    assert book.remaining == 100_000
    agreed(book).wait(1000).tick().resume()
    assert book.remaining == 100_000
    book.followed()


def before(index: int) -> Meeting:
    """The good record up to a leaf."""
    replay = Replay()
    for leaf in GOOD.leaves[:index]:
        replay.take(decode_entry(leaf))
    return replay.meeting


HANDED_IN = GOOD.find(ReceiptHandedIn)


def handed_in(kept: KeptReceipt, person: str = "M04", meeting: Meeting | None = None) -> Event | Refusal:
    meeting = meeting or before(HANDED_IN)
    return decide(meeting, Command(meeting.id, "a" * 32, person, Role.MEMBER, "", HandInReceipt(kept)), SCRIBE.at)


def lost(**changes: object) -> KeptReceipt:
    return change(KeptReceipt(LOST.index, LOST.leaf, LOST.proof, LOST.checkpoint), **changes)


def test_a_receipt_of_a_lost_ballot_is_taken_once() -> None:
    event = handed_in(lost())
    assert event == ReceiptHandedIn("M04", LOST.command, LOST.index)
    assert handed_in(lost(), meeting=before(HANDED_IN + 1)) == Refusal(Reason.COMMAND_ID_TAKEN)


def forged_leaf() -> str:
    """The leaf of a ballot that M04 never signed."""
    entry = decode_entry(LOST.leaf.encode())
    assert entry.envelope is not None
    payload = entry.envelope.payload.replace('"70"', '"71"')
    return encode_entry(change(entry, envelope=change(entry.envelope, payload=payload))).decode()


@pytest.mark.parametrize(
    "kept",
    [
        lost(index=LOST.index - 1),
        lost(proof=LOST.proof[:-1]),
        lost(leaf=forged_leaf()),
        lost(leaf=""),
        lost(leaf=GOOD.leaves[0].decode()),
        lost(checkpoint=LOST.checkpoint[:-2] + "A\n"),
        lost(checkpoint=GOOD.signed_again(SigningKey(bytes(32))).notes[0]),
        lost(checkpoint=""),
    ],
)
def test_a_receipt_that_proves_nothing_is_refused(kept: KeptReceipt) -> None:
    assert handed_in(kept) == Refusal(Reason.RECEIPT_REFUSED)


def test_a_receipt_is_handed_in_by_its_owner_after_a_continuation() -> None:
    assert handed_in(lost(), person="M03") == Refusal(Reason.RECEIPT_REFUSED)
    never = change(before(HANDED_IN), continuations=())
    assert handed_in(lost(), meeting=never) == Refusal(Reason.RECEIPT_REFUSED)


def test_a_receipt_for_what_is_on_the_record_shows_no_loss() -> None:
    ballots = [index for index in range(HANDED_IN) if '"ballot-cast/2"' in GOOD.leaves[index].decode()]
    kept = GOOD.receipt(ballots[-1])
    meeting = before(HANDED_IN)
    went_on = change(meeting.continuations[0], size=0)
    event = GOOD.entry(ballots[-1]).event
    person = msgspec.to_builtins(event)["person"]
    body = KeptReceipt(kept.index, kept.leaf, kept.proof, kept.checkpoint)
    found = handed_in(body, person=person, meeting=change(meeting, continuations=(went_on,)))
    assert found == Refusal(Reason.COMMAND_ID_TAKEN)
