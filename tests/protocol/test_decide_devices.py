"""Codes and devices: withdrawn by the clerk, countersigned by the chair for who has been here, revoked for a reason."""

import pytest

from kit.every_kind import SCORE, hall
from kit.playbook import CHAIR, Playbook, code_of
from pingyi_protocol.meeting.commands import CheckIn, CountersignCode, IssueCode, RevokeDevice, WithdrawCode
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import CodeCountersigned, CodeIssued, CodeWithdrawn, DeviceRevoked
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason

M04 = Principal("M04", Role.MEMBER)


def reissue(book: Playbook, name: str) -> Playbook:
    """Let the clerk issue a code of this name for M04."""
    return book.clerk(IssueCode("M04", Role.MEMBER, code_of(name)))


def start() -> Playbook:
    return Playbook(hall(SCORE)).enrol(*CHAIR).enrol("M04")


def test_before_check_in_the_clerks_word_is_enough() -> None:
    book = reissue(start(), "second").came_to(CodeIssued("M04", Role.MEMBER, code_of("second"), waits=False))
    book.take_code(M04, "second").check_in("M04").followed()


@pytest.mark.parametrize("left", [False, True])
def test_a_seat_is_not_taken_over_after_check_in_without_the_chair(*, left: bool) -> None:
    book = start().check_in("M04")
    if left:
        book.check_out("M04")
    first = book.meeting.sessions[M04]
    reissue(book, "second").came_to(CodeIssued("M04", Role.MEMBER, code_of("second"), waits=True))
    book.take_code(M04, "second").refused(Reason.CODE_NOT_COUNTERSIGNED)
    assert book.meeting.sessions[M04] == first
    book.chair(CountersignCode("M04", Role.MEMBER, code_of("second")))
    book.came_to(CodeCountersigned("M04", Role.MEMBER)).take_code(M04, "second")
    assert book.meeting.devices[first].revoked
    book.chair(CountersignCode("M04", Role.MEMBER, code_of("second"))).refused(Reason.NO_CODE_WAITS)
    book.followed()


def test_the_chairs_word_is_for_one_code_and_not_for_the_next() -> None:
    book = reissue(start().check_in("M04"), "second")
    book.chair(CountersignCode("M04", Role.MEMBER, code_of("second")))
    reissue(book, "third").take_code(M04, "second").refused(Reason.CODE_UNKNOWN)
    book.take_code(M04, "third").refused(Reason.CODE_NOT_COUNTERSIGNED)
    book.chair(CountersignCode("M04", Role.MEMBER, code_of("second"))).refused(Reason.NO_CODE_WAITS)
    book.followed()


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_second_code_kept_from_before_check_in_takes_no_seat_after_it_without_the_chair(*, by_hand: bool) -> None:
    book = reissue(start(), "second")
    first = book.meeting.sessions[M04]
    if by_hand:
        book.check_in_by_hand("M04")
    else:
        book.check_in("M04")
    book.take_code(M04, "second").refused(Reason.CODE_NOT_COUNTERSIGNED)
    assert book.meeting.sessions[M04] == first
    book.chair(CountersignCode("M04", Role.MEMBER, code_of("second"))).take_code(M04, "second").followed()


def test_the_first_card_of_who_was_checked_in_by_hand_needs_the_clerk_alone() -> None:
    book = Playbook(hall(SCORE)).enrol(*CHAIR)
    reissue(book, "first").check_in_by_hand("M04").take_code(M04, "first")
    assert book.meeting.devices[book.meeting.sessions[M04]].principal == M04
    book.followed()


def test_an_officers_new_terminal_needs_the_clerk_alone() -> None:
    """The chair's terminal may be the broken one: nobody else could let the chair in."""
    book = start().check_in("M01", "M02", "M03").enrol(*CHAIR, device="another console")
    book.open("score").followed()


def test_nobody_becomes_scrutineer_while_the_hall_votes_without_the_chair() -> None:
    """Or the clerk could sign alone what takes two."""
    scrutineer = Principal("M03", Role.SCRUTINEER)
    book = start().check_in("M01", "M02", "M03").clerk(IssueCode(*scrutineer, code_of("kept"))).open("score")
    # also with a code that was kept from before
    book.take_code(scrutineer, "kept").refused(Reason.CODE_NOT_COUNTERSIGNED)
    book.clerk(IssueCode(*scrutineer, code_of("late"))).came_to(CodeIssued(*scrutineer, code_of("late"), waits=True))
    book.take_code(scrutineer, "late").refused(Reason.CODE_NOT_COUNTERSIGNED)
    book.chair(CountersignCode(*scrutineer, code_of("late"))).take_code(scrutineer, "late").followed()
    assert scrutineer in book.meeting.sessions


def test_a_scrutineer_comes_in_freely_while_only_the_trial_was_held() -> None:
    scrutineer = Principal("M03", Role.SCRUTINEER)
    start().check_in("M01").open("trial").close().enrol(*scrutineer).followed()


def test_a_withdrawn_code_is_worth_nothing() -> None:
    book = reissue(start(), "second").clerk(WithdrawCode("M04", Role.MEMBER))
    book.came_to(CodeWithdrawn("M04", Role.MEMBER)).take_code(M04, "second").refused(Reason.CODE_UNKNOWN)
    book.clerk(WithdrawCode("M04", Role.MEMBER)).refused(Reason.NO_CODE)
    reissue(book, "third").take_code(M04, "third").followed()


def test_a_withdrawn_code_waits_for_nobody() -> None:
    book = reissue(start().check_in("M04"), "second").clerk(WithdrawCode("M04", Role.MEMBER))
    book.chair(CountersignCode("M04", Role.MEMBER, code_of("second"))).refused(Reason.NO_CODE_WAITS)
    assert not book.meeting.unsigned_codes


def test_a_revoked_device_says_nothing_more_until_a_new_one_is_enrolled() -> None:
    book = start().clerk(RevokeDevice("M04", Role.MEMBER, "终端遗失"))
    book.came_to(DeviceRevoked("M04", Role.MEMBER, "终端遗失"))
    book.member("M04", CheckIn()).refused(Reason.DEVICE_REVOKED)
    book.clerk(RevokeDevice("M04", Role.MEMBER, "终端遗失")).refused(Reason.NO_DEVICE)
    book.enrol("M04", device="a spare one").check_in("M04").followed()


def test_the_clerk_does_not_saw_off_the_branch() -> None:
    book = start().clerk(RevokeDevice(*CLERK, "误操作")).refused(Reason.CLERK_DEVICE)
    book.check_in("M04").followed()


def test_a_revoked_device_leaves_an_outstanding_code_as_it_was() -> None:
    book = reissue(start(), "second").clerk(RevokeDevice("M04", Role.MEMBER, "终端遗失")).take_code(M04, "second")
    book.check_in("M04").followed()
