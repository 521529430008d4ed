"""The end of a meeting: when the chair may close it, and that nothing follows."""

import pytest

from kit.factories import small_definition
from kit.playbook import Playbook
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Body,
    CheckIn,
    CheckInByHand,
    CheckOut,
    CloseMeeting,
    DeclareContinuation,
    IssueCode,
    LoadDefinition,
    MoveSeat,
    OpenRound,
    Recuse,
    VoidRound,
)
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import MeetingClosed
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason

MEMBER = Principal("M02", Role.MEMBER)


def opened() -> Playbook:
    """A meeting with a quorum whose first item takes ballots."""
    return Playbook(small_definition()).check_in("M01", "M02", "M03").open("1").cast("M02", 90)


def ended() -> Playbook:
    """A meeting that was closed after its first item; nothing is announced."""
    return opened().close().close_meeting()


def test_the_chair_closes_the_meeting_and_the_close_is_its_last_leaf() -> None:
    book = ended().came_to(MeetingClosed("M01"))
    assert book.meeting.closed == book.meeting.size - 1
    assert book.followed().closed == book.meeting.closed


@pytest.mark.parametrize("paused", [False, True])
def test_a_round_that_takes_ballots_comes_first(paused: bool) -> None:
    book = opened()
    if paused:
        book.pause()
    book.close_meeting().refused(Reason.ROUND_OPEN, item="1")
    assert book.meeting.closed is None
    book.close().announce().close_meeting().followed()


def test_void_and_unopened_items_do_not_hold_it_up() -> None:
    book = opened().void().close_meeting()
    assert book.meeting.phase_of("1") is Phase.VOID
    assert book.meeting.phase_of("2") is Phase.PENDING
    book.followed()


def test_a_meeting_that_never_had_a_quorum_can_be_closed() -> None:
    Playbook(small_definition()).check_in("M01").close_meeting().followed()


def test_only_the_chair_closes_it() -> None:
    book = opened().close()
    for principal in (CLERK, MEMBER):
        book.say(principal, CloseMeeting()).refused(Reason.NOT_ALLOWED)


AFTER: tuple[tuple[Principal, Body], ...] = (
    (CLERK, LoadDefinition(small_definition())),
    (CLERK, IssueCode("M04", Role.MEMBER, "0" * 64)),
    (CLERK, CheckInByHand("M04", "迟到")),
    (CLERK, CheckOut("M02", "早退")),
    (CLERK, MoveSeat("M02", "9-09")),
    (CLERK, Recuse("M02", "2", "理由")),
    (MEMBER, CheckIn()),
    (Principal("M01", Role.CHAIR), OpenRound("2")),
    (Principal("M01", Role.CHAIR), AnnounceRound("1", 1)),
    (Principal("M01", Role.CHAIR), VoidRound("1", 1, "计票有误")),
    (Principal("M01", Role.CHAIR), DeclareContinuation(1, "", "磁盘故障")),
    (Principal("M01", Role.CHAIR), CloseMeeting()),
)


@pytest.mark.parametrize(("principal", "body"), AFTER, ids=lambda one: type(one).__name__)
def test_nothing_moves_the_final_head(principal: Principal, body: Body) -> None:
    book = ended()
    leaves = len(book.entries)
    book.say(principal, body).refused(Reason.MEETING_CLOSED)
    assert len(book.entries) == leaves


def test_an_outstanding_code_no_longer_lets_anybody_in() -> None:
    book = opened().close()
    book.clerk(IssueCode("M04", Role.MEMBER, "a" * 64)).close_meeting()
    book.take_code(Principal("M04", Role.MEMBER), "M04 late").refused(Reason.MEETING_CLOSED)


def test_neither_clock_nor_restart_adds_anything() -> None:
    book = ended().wait(3600)
    leaves = len(book.entries)
    book.tick().restart()
    assert len(book.entries) == leaves
