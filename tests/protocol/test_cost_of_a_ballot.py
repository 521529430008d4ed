"""What a ballot costs does not depend on how many there are: counted in calls, not in seconds."""

import gc
import sys
from types import FrameType

import pytest

from kit.every_kind import CRITERIA, MOTION, QUESTIONED, RATING, SCORE, SELECTION, hall, ruled
from kit.pretending import ballot_of
from pingyi_protocol.meeting.commands import Cast, Command
from pingyi_protocol.meeting.decide import decide
from pingyi_protocol.meeting.definition import Item, Role, SelectionRules
from pingyi_protocol.meeting.events import CheckedIn, DefinitionLoaded, RoundOpened
from pingyi_protocol.meeting.evolve import evolve
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Refusal

MANY = 600


def cast(meeting: Meeting, place: int, item: Item, pick: int) -> Meeting:
    """The member at this place casts a ballot, and it is counted."""
    one = meeting.rounds[-1]
    answers = ballot_of(item, [pick] * 8, one.candidates, one.places)
    command = Command("", f"{meeting.size:032x}", f"M{place:02}", Role.MEMBER, "", Cast(item.id, 1, answers))
    event = decide(meeting, command, 0)
    assert not isinstance(event, Refusal)
    return evolve(meeting, event, 0, command.id)


def calls(meeting: Meeting, place: int, item: Item, pick: int) -> int:
    """How many functions are called for it, those written in C included."""
    count = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    gc.disable()  # what a collection calls is not the ballot's
    sys.setprofile(note)
    try:
        cast(meeting, place, item, pick)
    finally:
        sys.setprofile(before)
        gc.enable()
    return count


@pytest.mark.parametrize("item", [SCORE, CRITERIA, QUESTIONED, MOTION, RATING, SELECTION])
def test_the_last_ballot_of_many_costs_what_the_first_ones_cost(item: Item) -> None:
    item = ruled(item, least_group=5)
    meeting = evolve(Meeting(), DefinitionLoaded(hall(item, members=MANY)), 0)
    for place in range(1, MANY + 1):
        meeting = evolve(meeting, CheckedIn(f"M{place:02}", ""), 0)
    places = item.rules.winners if isinstance(item.rules, SelectionRules) else 0
    candidates = item.targets if places else ()
    meeting = evolve(meeting, RoundOpened(item.id, 1, None, candidates, places), 0)
    meeting = cast(meeting, 1, item, 90)
    new, changed = calls(meeting, MANY, item, 80), calls(meeting, 1, item, 80)
    for place in range(2, MANY):
        meeting = cast(meeting, place, item, place % 101)
    assert calls(meeting, MANY, item, 80) <= new
    assert calls(meeting, 1, item, 80) <= changed
