"""The life of a round as scripts: what the chair may do when, the countdown, and which ballots count."""

from decimal import Decimal
from itertools import product

import msgspec
import pytest

from kit.every_kind import hall, scored, times
from kit.factories import live_rules, small_definition
from kit.playbook import CHAIR, Playbook, full_house
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Body,
    Cast,
    CloseRound,
    ConfirmRound,
    CountersignVoid,
    EnterResult,
    ExtendRound,
    OpenRound,
    PauseRound,
    ResumeRound,
    Score,
    VoidRound,
    WithdrawItem,
)
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import ResultAnnounced, RoundClosed, RoundOpened, RoundPaused, RoundVoided
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.life import LIFE, Move, Phase
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import unlawful

HALL = small_definition(members=5)
UNTIMED = small_definition(members=5, rules=live_rules(seconds=None))

MOVES: dict[Move, Body] = {
    Move.OPEN: OpenRound("1"),
    Move.REVOTE: OpenRound("1", 2),
    Move.CAST: Cast("1", 1, (Score("T01", "", Decimal(90)),)),
    Move.EXTEND: ExtendRound("1", 1, 30),
    Move.PAUSE: PauseRound("1", 1),
    Move.RESUME: ResumeRound("1", 1),
    Move.CLOSE: CloseRound("1", 1),
    Move.ENTER: EnterResult("1", 2, "表决器故障", 1, 0, (times(1, scored("T01", 90)),)),
    Move.CONFIRM: ConfirmRound("1", 1, present=5, received=0, recused=0),
    Move.ANNOUNCE: AnnounceRound("1", 1),
    Move.VOID: CountersignVoid("1", 1, "计票有误"),
    Move.WITHDRAW: WithdrawItem("1", "材料不齐"),
}
BY = {
    Move.CAST: Principal("M02", Role.MEMBER),
    Move.ENTER: CLERK,
    Move.CONFIRM: Principal("M02", Role.SCRUTINEER),
    Move.VOID: Principal("M02", Role.SCRUTINEER),
    Move.WITHDRAW: CLERK,
}
# an open round has nothing to unseal: test_decide_secret has the table of the secret ones
STEERED = [move for move in Move if move is not Move.UNSEAL]
FIRST_ENTRY = msgspec.structs.replace(MOVES[Move.ENTER], round=1)


def in_phase(phase: Phase) -> Playbook:
    book = full_house(hall(*HALL.agenda))
    if phase is Phase.PENDING:
        return book
    book.open("1")
    match phase:
        case Phase.PAUSED:
            book.pause()
        case Phase.CLOSED:
            book.close()
        case Phase.ANNOUNCED:
            book.close().announce()
        case Phase.VOID:
            book.void()
        case Phase.WITHDRAWN:
            book.void().withdraw("1")
        case _:
            pass
    return book


def moved(book: Playbook, phase: Phase, move: Move) -> Playbook:
    first = move is Move.ENTER and phase is Phase.PENDING
    if move is Move.VOID and (phase, move) in LIFE:
        book.propose_void()
    return book.acting(BY.get(move, CHAIR), FIRST_ENTRY if first else MOVES[move])


@pytest.mark.parametrize(("phase", "move"), list(product(Phase, STEERED)))
def test_the_table_of_a_rounds_life_is_what_happens(phase: Phase, move: Move) -> None:
    book = in_phase(phase).enrol("M02", Role.SCRUTINEER)
    before = book.meeting
    moved(book, phase, move)
    if (phase, move) in LIFE:
        book.settled()
        assert book.meeting.phase_of("1") is LIFE[phase, move]
    else:
        assert isinstance(book.outcome, Refusal)
        assert book.meeting is before
        assert unlawful(phase, move) is not None
        book.outcome = None
        assert book.meeting.phase_of("1") is phase
    book.followed()


@pytest.mark.parametrize(
    ("phase", "move", "reason"),
    [
        (Phase.PENDING, Move.CAST, Reason.NO_SUCH_ROUND),
        (Phase.PENDING, Move.CLOSE, Reason.NO_SUCH_ROUND),
        (Phase.OPEN, Move.OPEN, Reason.ROUND_OPEN),
        (Phase.OPEN, Move.RESUME, Reason.NOT_PAUSED),
        (Phase.OPEN, Move.ANNOUNCE, Reason.NOT_CLOSED),
        (Phase.PAUSED, Move.PAUSE, Reason.PAUSED),
        (Phase.PAUSED, Move.ANNOUNCE, Reason.NOT_CLOSED),
        (Phase.PENDING, Move.REVOTE, Reason.OTHER_ROUND),
        (Phase.OPEN, Move.REVOTE, Reason.ROUND_OPEN),
        (Phase.CLOSED, Move.OPEN, Reason.OTHER_ROUND),
        (Phase.CLOSED, Move.CAST, Reason.CLOSED),
        (Phase.CLOSED, Move.CLOSE, Reason.ALREADY_CLOSED),
        (Phase.CLOSED, Move.EXTEND, Reason.ALREADY_CLOSED),
        (Phase.ANNOUNCED, Move.CAST, Reason.CLOSED),
        (Phase.ANNOUNCED, Move.OPEN, Reason.OTHER_ROUND),
        (Phase.ANNOUNCED, Move.ANNOUNCE, Reason.ALREADY_ANNOUNCED),
        (Phase.PENDING, Move.VOID, Reason.NO_SUCH_ROUND),
        (Phase.VOID, Move.CAST, Reason.ROUND_VOID),
        (Phase.VOID, Move.CLOSE, Reason.ROUND_VOID),
        (Phase.VOID, Move.VOID, Reason.ROUND_VOID),
        (Phase.VOID, Move.OPEN, Reason.OTHER_ROUND),
        (Phase.OPEN, Move.ENTER, Reason.ROUND_OPEN),
        (Phase.PAUSED, Move.ENTER, Reason.PAUSED),
        (Phase.PENDING, Move.CONFIRM, Reason.NO_SUCH_ROUND),
        (Phase.OPEN, Move.CONFIRM, Reason.NOT_CLOSED),
        (Phase.PAUSED, Move.CONFIRM, Reason.NOT_CLOSED),
        (Phase.ANNOUNCED, Move.CONFIRM, Reason.ALREADY_ANNOUNCED),
        (Phase.VOID, Move.CONFIRM, Reason.ROUND_VOID),
        (Phase.OPEN, Move.WITHDRAW, Reason.ROUND_OPEN),
        (Phase.PAUSED, Move.WITHDRAW, Reason.ROUND_OPEN),
        (Phase.CLOSED, Move.WITHDRAW, Reason.ITEM_VOTED),
        (Phase.ANNOUNCED, Move.WITHDRAW, Reason.ITEM_VOTED),
        (Phase.WITHDRAWN, Move.WITHDRAW, Reason.ITEM_WITHDRAWN),
        (Phase.WITHDRAWN, Move.REVOTE, Reason.ITEM_WITHDRAWN),
        (Phase.WITHDRAWN, Move.ENTER, Reason.ITEM_WITHDRAWN),
        (Phase.WITHDRAWN, Move.CAST, Reason.ROUND_VOID),
    ],
)
def test_a_refusal_says_what_is_the_matter(phase: Phase, move: Move, reason: Reason) -> None:
    moved(in_phase(phase), phase, move).refused(reason)


def test_one_item_at_a_time_is_open() -> None:
    book = full_house(HALL).open("1")
    book.open("2").refused(Reason.ROUND_OPEN, item="1")
    book.pause().open("2").refused(Reason.ROUND_OPEN, item="1")
    book.close().open("2")
    book.followed()


def test_an_item_that_is_not_on_the_agenda_is_not_opened() -> None:
    full_house(HALL).open("3").refused(Reason.NO_SUCH_ITEM, item="3")


@pytest.mark.parametrize(("item", "number"), [("2", 1), ("9", 1), ("1", 0), ("1", 2), ("1", -1), ("1", 10**30)])
def test_a_move_names_the_round_that_is_meant(item: str, number: int) -> None:
    book = full_house(HALL).open("1")
    answers = (Score("T01", "", Decimal(90)),)
    for body in (
        ExtendRound(item, number, 30),
        PauseRound(item, number),
        ResumeRound(item, number),
        CloseRound(item, number),
        AnnounceRound(item, number),
        VoidRound(item, number, "计票有误"),
    ):
        book.say(CHAIR, body).refused(Reason.NO_SUCH_ROUND, item=item, round=number)
    book.member("M02", Cast(item, number, answers)).refused(Reason.NO_SUCH_ROUND)
    book.stands(Phase.OPEN)


def test_the_close_names_the_leaves_that_count_and_the_announcement_the_figures() -> None:
    book = full_house(HALL)
    opened = len(book.entries)
    book.open("1")
    opening = next(entry.index for entry in book.entries[opened:] if entry.event == book.outcome)
    book.cast("M01", 90).cast("M02", 80).cast("M01", 100).cast("M03", None)
    last = len(book.entries) - 1
    book.close()
    book.came_to(RoundClosed("1", 1, opening, last, present=5, received=3, recused=0))
    book.announce()
    assert isinstance(book.outcome, ResultAnnounced)
    [figures] = book.outcome.figures.targets
    assert (figures.scores, figures.abstentions, figures.not_voted) == (2, 1, 2)
    assert figures.measure == Decimal(90)
    book.followed()


# void, and voted on again


def test_a_void_round_keeps_its_ballots_and_its_reason_and_takes_no_more() -> None:
    book = full_house(HALL).open("1").cast("M02", 90).cast("M03", 80).void("投票设备故障")
    book.came_to(RoundVoided("1", 1, "投票设备故障", "M03")).stands(Phase.VOID)
    assert (set(book.newest.ballots), book.newest.reason) == ({"M02", "M03"}, "投票设备故障")
    assert (book.newest.last, book.remaining) == (None, None)
    book.cast("M04", 70).refused(Reason.ROUND_VOID)
    leaves = len(book.entries)
    assert len(book.wait(1000).tick().restart().entries) == leaves
    book.followed()


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "隐\u200b形", "长" * 201])
def test_a_round_is_void_only_for_a_reason_that_can_be_read(reason: str) -> None:
    book = full_house(HALL).open("1")
    book.void(reason).refused(Reason.TEXT_REFUSED)
    book.stands(Phase.OPEN)


def test_a_new_round_begins_empty_with_whoever_is_present_and_the_old_one_stays() -> None:
    book = full_house(HALL).open("1").cast("M02", 90).void().check_out("M05")
    earlier = book.newest
    book.open("1")
    book.came_to(RoundOpened("1", 2, 120)).cast("M02", 60).cast("M03", 70).close().announce()
    assert book.meeting.rounds[0] == earlier
    assert (set(book.newest.present), set(book.newest.ballots)) == ({"M01", "M02", "M03", "M04"}, {"M02", "M03"})
    assert isinstance(book.outcome, ResultAnnounced)
    assert book.outcome.figures.targets[0].measure == Decimal(65)
    book.followed()


def test_a_doubled_command_opens_no_second_round() -> None:
    book = full_house(HALL).chair(OpenRound("1", 1)).close()
    book.chair(OpenRound("1", 1)).refused(Reason.OTHER_ROUND, item="1", round=1, next=2)
    book.chair(OpenRound("1", 3)).refused(Reason.OTHER_ROUND, item="1", round=3, next=2)
    book.chair(OpenRound("1", 2)).chair(OpenRound("1", 2)).refused(Reason.ROUND_OPEN)
    book.chair(VoidRound("1", 1, "计票有误")).refused(Reason.NO_SUCH_ROUND)
    book.void().chair(VoidRound("1", 2, "计票有误")).refused(Reason.ROUND_VOID)
    book.followed()


def test_a_vote_is_repeated_only_with_a_quorum_and_while_nothing_is_open() -> None:
    book = full_house(HALL).open("1").close().open("2")
    book.chair(OpenRound("1", 2)).refused(Reason.ROUND_OPEN, item="2")
    book.close().check_out("M05").check_out("M04").check_out("M03")
    book.chair(OpenRound("1", 2)).refused(Reason.BELOW_QUORUM, present=2)


def test_late_ballots_of_a_void_round_do_not_reach_the_next_one() -> None:
    book = full_house(HALL).open("1")
    late = book.ballot(90)
    book.void().open("1").member("M02", late).refused(Reason.NO_SUCH_ROUND)
    assert not book.newest.ballots


# the countdown


def test_a_ballot_a_millisecond_before_the_end_counts_and_at_the_end_it_does_not() -> None:
    book = full_house(HALL).open("1")
    end = book.at + 120_000
    book.at = end - 1
    book.cast("M02", 90)
    book.at = end
    book.cast("M03", 90).refused(Reason.CLOSED)
    book.extend(30).refused(Reason.CLOSED)
    book.pause().refused(Reason.CLOSED)
    book.stands(Phase.OPEN)
    book.tick()
    book.stands(Phase.CLOSED)
    assert set(book.newest.ballots) == {"M02"}
    book.followed()


def test_the_clock_closes_at_the_end_and_not_before() -> None:
    book = full_house(HALL).open("1")
    end = book.at + 120_000
    book.at = end - 1
    leaves = len(book.entries)
    assert len(book.tick().entries) == leaves
    book.at = end
    assert len(book.tick().entries) == leaves + 1
    assert len(book.tick().entries) == leaves + 1
    book.followed()


def test_the_chair_may_close_in_the_moment_after_the_end() -> None:
    book = full_house(HALL).open("1").wait(121).close()
    assert len(book.tick().entries) == len(book.entries)
    assert book.followed().phase_of("1") is Phase.CLOSED


def test_a_countdown_that_only_warns_ends_nothing_and_is_extended_from_now_on() -> None:
    definition = small_definition(rules=live_rules(timer_closes=False))
    book = full_house(definition).open("1").wait(200)
    assert len(book.tick().entries) == len(book.entries)
    assert book.remaining == 0
    book.cast("M02", 90).extend(30)
    assert book.remaining == 30_000
    book.wait(10).extend(5)
    assert book.remaining == 25_000
    book.followed()


def test_pausing_stands_the_countdown_still_and_resuming_lets_it_run_on() -> None:
    book = full_house(HALL).open("1").wait(20).pause()
    assert book.remaining == 100_000
    book.wait(1000).tick()
    assert (book.newest.phase, book.remaining) == (Phase.PAUSED, 100_000)
    book.cast("M02", 90).extend(15)
    assert book.remaining == 115_000
    book.wait(50).resume()
    assert book.remaining == 115_000
    book.wait(114.999).tick().cast("M03", 80)
    book.wait(0.001).cast("M04", 80).refused(Reason.CLOSED)
    book.tick()
    book.stands(Phase.CLOSED)
    book.followed()


@pytest.mark.parametrize("seconds", [0, -1, 3601, 10**30])
def test_a_countdown_is_extended_by_a_second_to_an_hour(seconds: int) -> None:
    book = full_house(HALL).open("1")
    book.extend(seconds).refused(Reason.SECONDS_OUT_OF_RANGE, most=3600)
    book.extend(1).extend(3600)
    assert book.remaining == 120_000 + 3_601_000
    book.followed()


def test_without_a_countdown_there_is_nothing_to_extend_but_a_pause_is_harmless() -> None:
    book = full_house(UNTIMED).open("1")
    book.extend(30).refused(Reason.NO_COUNTDOWN)
    book.wait(86_400).tick().cast("M02", 90).pause().cast("M03", 80).resume()
    assert (book.newest.phase, book.remaining) == (Phase.OPEN, None)
    book.restart()
    book.stands(Phase.OPEN)
    book.followed()


def test_a_restart_pauses_at_the_remaining_time_that_the_record_last_knew() -> None:
    book = full_house(HALL).open("1").wait(20).cast("M02", 90).wait(60).restart()
    assert (book.newest.phase, book.remaining) == (Phase.PAUSED, 100_000)
    assert isinstance(book.entries[-1].event, RoundPaused)
    leaves = len(book.entries)
    assert len(book.restart().entries) == leaves  # a second crash finds it paused
    book.cast("M03", 80).resume()
    assert book.remaining == 100_000
    book.followed()


def test_a_restart_after_the_end_closes_instead_of_taking_ballots_again() -> None:
    book = full_house(HALL).open("1").wait(120).check_out("M05").restart()
    book.stands(Phase.CLOSED)
    book.cast("M02", 90).refused(Reason.CLOSED)
    book.followed()
