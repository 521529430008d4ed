"""In a large hall ballots are told to everybody less often, and to chair and hall at once: what tells the two apart."""

import msgspec
import pytest
from rpds import HashTrieMap

from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.wire.picture import Head, LiveRound, Picture, from_bitmap
from pingyi_server.gateway.publisher import Projector, adds_ballots

LIVE = LiveRound("1", 1, Phase.OPEN, 9000, "Bw==", "", 0, "", 3)
PICTURE = Picture("epoch", 4, 100, "digest", Head(9, "code", "root"), "Bw==", {}, (), LIVE, ())


def test_ballots_alone_may_wait() -> None:
    counted = msgspec.structs.replace(LIVE, voted="AQ==", received=1, remaining=8000)
    later = msgspec.structs.replace(PICTURE, sequence=5, clock=1100, head=Head(10, "other", "other"), live=counted)
    assert adds_ballots(PICTURE, later)


@pytest.mark.parametrize(
    "change",
    [
        {"live": msgspec.structs.replace(LIVE, phase=Phase.CLOSED, received=1)},
        {"live": msgspec.structs.replace(LIVE, round=2)},
        {"live": None},
        {"present": "Aw=="},
        {"recording": False},
        {"closed": True},
        {"definition": "another"},
    ],
)
def test_whatever_else_changes_is_told_at_once(change: dict[str, object]) -> None:
    assert not adds_ballots(PICTURE, msgspec.structs.replace(PICTURE, sequence=5, **change))


def test_a_bitmap_is_made_again_only_for_another_map() -> None:
    projector = Projector("epoch")
    projector.places = {"M1": 0, "M2": 1}
    one: HashTrieMap[str, str] = HashTrieMap({"M1": "here"})
    first = projector.bitmap(one)
    assert from_bitmap(first) == {0}
    assert projector.bitmap(one) is first
    assert from_bitmap(projector.bitmap(one.insert("M2", "here"))) == {0, 1}
