"""The life of a round as scripts: what the chair may do when, the countdown, and which ballots count."""

from decimal import Decimal
from itertools import product

import pytest

from kit.factories import live_rules, small_definition
from kit.playbook import CHAIR, Playbook, full_house
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    Answer,
    Body,
    Cast,
    CloseRound,
    ExtendRound,
    OpenRound,
    PauseRound,
    ResumeRound,
    Score,
    VoidRound,
)
from pingyi_protocol.meeting.definition import Press
from pingyi_protocol.meeting.events import ResultAnnounced, RoundClosed, RoundOpened, RoundPaused, RoundVoided
from pingyi_protocol.meeting.life import LIFE, Move, Phase
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
    Move.ANNOUNCE: AnnounceRound("1", 1),
    Move.VOID: VoidRound("1", 1, "计票有误"),
}


def in_phase(phase: Phase) -> Playbook:
    book = full_house(HALL)
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
        case _:
            pass
    return book


@pytest.mark.parametrize(("phase", "move"), list(product(Phase, Move)))
def test_the_table_of_a_rounds_life_is_what_happens(phase: Phase, move: Move) -> None:
    book = in_phase(phase)
    before = book.meeting
    if move is Move.CAST:
        book.member("M02", MOVES[move])
    else:
        book.chair(MOVES[move])
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
    ],
)
def test_a_refusal_says_what_is_the_matter(phase: Phase, move: Move, reason: Reason) -> None:
    book = in_phase(phase)
    if move is Move.CAST:
        book.member("M02", MOVES[move])
    else:
        book.chair(MOVES[move])
    book.refused(reason)


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
    book.came_to(RoundVoided("1", 1, "投票设备故障")).stands(Phase.VOID)
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


# ballots


def test_the_last_press_counts_where_it_may_change() -> None:
    book = full_house(HALL).open("1").cast("M02", 10).cast("M02", 20).cast("M02", None).cast("M02", 30)
    book.close().announce()
    assert isinstance(book.outcome, ResultAnnounced)
    [figures] = book.outcome.figures.targets
    assert (figures.total, figures.scores, figures.abstentions) == (Decimal(30), 1, 0)
    assert book.outcome.figures.received == 1
    book.followed()


def test_the_first_press_counts_where_it_is_final() -> None:
    book = full_house(small_definition(rules=live_rules(press=Press.FIRST))).open("1").cast("M02", 10)
    book.cast("M02", 20).refused(Reason.ALREADY_VOTED)
    assert book.newest.ballots["M02"].answers[0].score == Decimal(10)
    book.followed()


def test_abstaining_is_an_answer_only_where_the_item_takes_it() -> None:
    full_house(HALL).open("1").cast("M02", None).followed()
    strict = full_house(small_definition(rules=live_rules(abstention=False))).open("1")
    strict.cast("M02", None).refused(Reason.ABSTENTION_NOT_ALLOWED)


@pytest.mark.parametrize(
    "answers",
    [
        (),
        (Score("T02", "", Decimal(90)),),
        (Score("T03", "", Decimal(90)), Score("T02", "", Decimal(90))),
        (Score("T02", "", Decimal(90)), Score("T02", "", Decimal(90))),
        (Score("T02", "", Decimal(90)), Score("T03", "quality", Decimal(90))),
        (Score("T02", "", Decimal(90)), Score("T03", "", Decimal(90)), Score("T01", "", Decimal(90))),
    ],
)
def test_a_sheet_is_answered_whole_and_in_order(answers: tuple[Answer, ...]) -> None:
    book = full_house(HALL).open("2")
    book.member("M02", Cast("2", 1, answers)).refused(Reason.ANSWERS_MISFIT)
    book.cast("M02", 90, None)
    book.followed()


OFF_GRID = ["100.5", "101", "-1", "0.5", "92.0", "1E+2", "9E+1", "-0", "0.0", "NaN", "sNaN", "-NaN", "NaN123"]
OFF_GRID += ["Infinity", "-Infinity", "9" * 50, "9" * 5000, "0." + "0" * 4000 + "1", "1E+9999", "1E-9999"]


@pytest.mark.parametrize("text", OFF_GRID)
def test_a_score_off_the_grid_or_written_oddly_is_refused(text: str) -> None:
    book = full_house(HALL).open("1")
    book.cast("M02", Decimal(text)).refused(Reason.SCORE_OFF_GRID, lowest=0, highest=100, step=1)


@pytest.mark.parametrize(
    ("lowest", "highest", "step", "good", "bad"),
    [
        ("0", "100", "0.5", ["0", "0.5", "99.5", "100"], ["0.25", "0.50", "100.0"]),
        ("1", "10", "3", ["1", "4", "10"], ["2", "3", "11"]),
        ("-5", "5", "2.5", ["-5", "-2.5", "0", "2.5"], ["-0", "-2.50", "-7.5", "1"]),
        ("0", "20000", "10", ["0", "19990", "20000"], ["19995", "20010"]),
        ("0", "0.001", "0.000001", ["0.000001", "0.000999", "0.001"], ["0.0000001", "0.0010"]),
    ],
)
def test_every_grid_that_a_definition_may_have_can_be_scored_on(
    lowest: str, highest: str, step: str, good: list[str], bad: list[str]
) -> None:
    grid = live_rules(lowest=Decimal(lowest), highest=Decimal(highest), step=Decimal(step), bands=())
    book = full_house(small_definition(rules=grid)).open("1")
    for text in good:
        book.cast("M02", Decimal(text) if "E" not in text else Decimal(f"{Decimal(text):f}"))
    for text in bad:
        book.cast("M02", text).refused(Reason.SCORE_OFF_GRID)
    book.followed()
