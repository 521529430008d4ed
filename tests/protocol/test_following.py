"""A scrutineer's terminal follows the whole record by itself: what does not hold is named by its leaf, and stays so."""

from base64 import b64encode
from collections.abc import Sequence
from concurrent.futures import CancelledError

import pytest

from kit.attacks_secret import SECRET_ATTACKS
from kit.attacks_secret_form import FORM_ATTACKS
from kit.playbook import ORIGIN, signing_key
from kit.secret_records import SECRET, SECRET_BOOK, forged, head
from pingyi_protocol.client.following import Follower, OtherRecordError, begun_anew
from pingyi_protocol.record.checkpoint import Checkpoint, sign_checkpoint, verify_checkpoint
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.report import Step
from pingyi_protocol.wire.messages import RecordPart

LOG_KEY = signing_key("log")
PUBLIC = b64encode(bytes(LOG_KEY.verify_key)).decode()


def follower() -> Follower:
    return Follower(ORIGIN, PUBLIC)


def part(leaves: Sequence[bytes], first: int, count: int) -> RecordPart:
    """What a server answers that gives so many leaves at once, and whose record these are."""
    return RecordPart(first, tuple(leaf.decode() for leaf in leaves[first : first + count]), head(leaves))


def read(one: Follower, leaves: Sequence[bytes], count: int = 40) -> Follower:
    """Follow all of these leaves."""
    while one.size < len(leaves) and one.fault is None:
        one.take(part(leaves, one.size, count))
    return one


def signed(note: str) -> Checkpoint:
    return verify_checkpoint(note, bytes(LOG_KEY.verify_key), ORIGIN)


def test_the_meeting_is_known_once_the_head_is_reached() -> None:
    one = follower()
    one.take(part(SECRET.leaves, 0, 40))
    assert (one.size, one.shown, one.meeting) == (40, len(SECRET.leaves), None)
    # what was asked for twice is passed over
    one.take(part(SECRET.leaves, 0, 40))
    read(one, SECRET.leaves)
    assert one.meeting == SECRET_BOOK.meeting
    assert one.compared == len(SECRET.leaves)


NOT_FOLLOWED = {name: attack for name, attack in (SECRET_ATTACKS | FORM_ATTACKS).items() if Step.REPLAY in attack.fails}


@pytest.mark.parametrize("name", NOT_FOLLOWED)
def test_a_record_that_does_not_hold_is_named_by_its_leaf(name: str) -> None:
    one = read(follower(), NOT_FOLLOWED[name].make().leaves)
    assert one.fault is not None
    assert "index" in one.fault.values
    assert one.meeting is None
    fault = one.fault
    # and nothing mends it
    one.take(part(SECRET.leaves, one.size, 40))
    assert one.fault is fault


def test_leaves_that_do_not_give_the_signed_head_are_of_another_record() -> None:
    one = read(follower(), SECRET.leaves[:-2])
    other = forged(SECRET, (*SECRET.leaves[:-3], SECRET.leaves[-1])).leaves
    with pytest.raises(OtherRecordError):
        one.take(RecordPart(one.size, (), head(other)))
    with pytest.raises(OtherRecordError):
        one.take(RecordPart(one.size, (SECRET.leaves[-2].decode(),), head(SECRET.leaves[:-3])))
    # nothing of it was taken
    assert one.size == len(SECRET.leaves) - 2
    assert read(one, SECRET.leaves).meeting is not None


def test_a_head_that_the_witness_believes_is_compared_now_and_later() -> None:
    one = read(follower(), SECRET.leaves[:60])
    one.witnessed(signed(head(SECRET.leaves[:50])))
    one.witnessed(signed(head(SECRET.leaves[:70])))
    with pytest.raises(OtherRecordError):
        one.witnessed(signed(head(SECRET.leaves[1:51])))
    one.witnessed(signed(head(SECRET.leaves[1:81])))
    with pytest.raises(OtherRecordError):
        read(one, SECRET.leaves)


def test_a_head_of_another_log_is_no_head() -> None:
    log = MerkleLog(map(leaf_hash, SECRET.leaves[:9]))
    for note in (
        sign_checkpoint(Checkpoint(ORIGIN, 9, log.root()), signing_key("another"), ORIGIN),
        sign_checkpoint(Checkpoint("pingyi/other", 9, log.root()), LOG_KEY, "pingyi/other"),
    ):
        one = follower()
        one.take(RecordPart(0, tuple(leaf.decode() for leaf in SECRET.leaves[:9]), note))
        assert one.fault is not None


def test_read_anew_the_record_has_to_go_on_from_what_was_read() -> None:
    one = read(follower(), SECRET.leaves[:80])
    again = begun_anew(one)
    again.take(part(SECRET.leaves, 0, 10))
    assert again.meeting is None
    assert read(again, SECRET.leaves).meeting is not None
    # a shorter record that nobody signed for is none
    lost = read(begun_anew(one), SECRET.leaves[:70])
    assert lost.fault is not None
    assert lost.fault.key == "following.lost"


def test_who_leaves_waits_for_nothing() -> None:
    one = read(follower(), SECRET.leaves[:80])
    one.close()
    with pytest.raises(CancelledError):
        read(one, SECRET.leaves)
