"""A round is void by two people: the chair declares it and says why, and a scrutineer signs the very same."""

import msgspec

from kit.every_kind import MOTION, SCORE, hall
from kit.factories import small_definition
from kit.playbook import Playbook, full_house
from pingyi_protocol.meeting.commands import CountersignVoid, OpenRound, TakeBackVoid, VoidRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import RoundVoided, VoidProposed, VoidTakenBack
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason

change = msgspec.structs.replace
SCRUTINEER = Principal("M02", Role.SCRUTINEER)
WHY = "计票有误"


def declared() -> Playbook:
    return full_house(hall(SCORE, MOTION)).enrol(*SCRUTINEER).open("score").cast("M02", 90).close().propose_void(WHY)


def test_the_chairs_word_alone_changes_nothing_that_counts() -> None:
    book = declared().came_to(VoidProposed("score", 1, WHY, "M01")).stands(Phase.CLOSED)
    assert set(book.newest.ballots) == {"M02"}
    assert book.newest.reason == ""
    book.followed()


def test_it_is_void_once_a_scrutineer_has_signed_the_same_reason() -> None:
    book = declared().say(SCRUTINEER, CountersignVoid("score", 1, "别的原因")).refused(Reason.VOID_MISFIT)
    book.say(SCRUTINEER, CountersignVoid("score", 1, WHY)).came_to(RoundVoided("score", 1, WHY, "M02"))
    book.stands(Phase.VOID)
    assert (book.newest.reason, book.newest.voiding, book.newest.voided_by) == (WHY, None, "M02")
    book.say(SCRUTINEER, CountersignVoid("score", 1, WHY)).refused(Reason.ROUND_VOID)
    book.open("score").followed()


def test_while_it_waits_it_is_neither_announced_nor_held_again_nor_the_meeting_closed() -> None:
    book = declared()
    book.announce().refused(Reason.VOID_WAITS, item="score")
    book.chair(OpenRound("score", 2)).refused(Reason.VOID_WAITS, item="score")
    book.enter("score", 1).refused(Reason.VOID_WAITS, item="score")
    book.close_meeting().refused(Reason.VOID_WAITS, item="score")
    # another item is nobody's concern here
    book.open("motion").close().followed()


def test_the_chair_takes_it_back_and_the_round_stands() -> None:
    book = declared().chair(TakeBackVoid("score", 1)).came_to(VoidTakenBack("score", 1))
    book.say(SCRUTINEER, CountersignVoid("score", 1, WHY)).refused(Reason.VOID_MISFIT)
    book.chair(TakeBackVoid("score", 1)).refused(Reason.VOID_MISFIT)
    book.announce().stands(Phase.ANNOUNCED).followed()


def test_a_better_reason_takes_the_place_of_the_first() -> None:
    book = declared().propose_void("设备故障")
    book.say(SCRUTINEER, CountersignVoid("score", 1, WHY)).refused(Reason.VOID_MISFIT)
    book.say(SCRUTINEER, CountersignVoid("score", 1, "设备故障")).stands(Phase.VOID).followed()


def test_an_open_round_takes_ballots_until_the_scrutineer_has_signed() -> None:
    book = full_house(hall(SCORE)).enrol(*SCRUTINEER).open("score").propose_void(WHY).cast("M04", 70)
    book.say(SCRUTINEER, CountersignVoid("score", 1, WHY)).stands(Phase.VOID)
    book.cast("M05", 70).refused(Reason.ROUND_VOID)
    book.followed()


def test_an_announced_round_is_void_by_two_as_well() -> None:
    book = full_house(hall(SCORE)).enrol(*SCRUTINEER).open("score").close().announce().propose_void(WHY)
    book.stands(Phase.ANNOUNCED).say(SCRUTINEER, CountersignVoid("score", 1, WHY)).stands(Phase.VOID).followed()


def test_one_person_in_two_roles_is_not_two() -> None:
    definition = hall(SCORE)
    roster = (
        change(definition.roster[0], roles=(*definition.roster[0].roles, Role.SCRUTINEER)),
        *definition.roster[1:],
    )
    book = full_house(change(definition, roster=roster)).enrol("M01", Role.SCRUTINEER).open("score").propose_void(WHY)
    book.say(Principal("M01", Role.SCRUTINEER), CountersignVoid("score", 1, WHY)).refused(Reason.SAME_PERSON)


def test_without_a_second_person_nothing_waits_for_ever() -> None:
    book = full_house(small_definition(members=2)).open("1")
    book.chair(VoidRound("1", 1, WHY)).refused(Reason.NO_SCRUTINEER).stands(Phase.OPEN)


def test_a_trial_vote_counts_for_nothing_and_needs_nobody() -> None:
    book = Playbook(hall(SCORE)).check_in("M01").open("trial").propose_void(WHY)
    book.came_to(RoundVoided("trial", 1, WHY, "")).stands(Phase.VOID).followed()
