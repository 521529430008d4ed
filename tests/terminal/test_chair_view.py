"""What the chair is shown, and which step is next, as plain functions over the real state of a meeting."""

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from kit.chairs import FINGERPRINT, NOON, Play
from kit.factories import live_rules, research, small_definition
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import (
    AnnounceComposite,
    AnnounceRound,
    CloseMeeting,
    CloseRound,
    ExtendRound,
    OpenRound,
    PauseRound,
    ResumeRound,
)
from pingyi_protocol.meeting.definition import Audience, Display, Language
from pingyi_protocol.meeting.events import CompositeAnnounced, EvidenceImported, SeatMoved
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.text import catalogue
from pingyi_terminal.chair.floor import floor
from pingyi_terminal.chair.moves import ending, extension, pausing, revote, voidable
from pingyi_terminal.chair.results import count, figures
from pingyi_terminal.chair.situation import Attention, Draft, GoTo, Here, attention
from pingyi_terminal.chair.step import clock_of, next_step
from pingyi_terminal.chair.view import aside, chair_view, countdown, shout
from pingyi_terminal.running import LEAST_BALLOTS
from pingyi_terminal.widgets import SeatState

ZH = catalogue("pingyi_terminal", Language.CHINESE)
EN = catalogue("pingyi_terminal", Language.ENGLISH)
HIDDEN = live_rules(display=Display.ON_ANNOUNCEMENT, running=Audience.NOBODY)


def hall_of_five(present: int = 4, **rules: object) -> Play:
    play = Play(small_definition(members=5, rules=live_rules(**rules)))
    play.arrive(present)
    return play


def open_hall(present: int = 4, voted: int = 0, **rules: object) -> Play:
    play = hall_of_five(present, **rules)
    play.open("1")
    for place in range(1, voted + 1):
        play.vote(f"M{place:02}", 90)
    return play


def test_below_quorum_nothing_can_be_opened_and_the_missing_are_counted() -> None:
    step = next_step(ZH, hall_of_five(present=1).situation())
    assert (step.does, step.state, step.detail) == (None, "faint", "还差 2 人签到")
    here = hall_of_five(present=1).situation().attendance
    assert (here.due, here.present, here.quorum, here.short) == (5, 1, 3, 2)


def test_the_step_goes_from_opening_through_close_and_announcement_to_the_next_item() -> None:
    play = hall_of_five()
    seen = [next_step(ZH, play.situation()).does]
    play.open("1")
    seen.append(next_step(ZH, play.situation()).does)
    play.pause(60_000)
    seen.append(next_step(ZH, play.situation()).does)
    play.close()
    seen.append(next_step(ZH, play.situation()).does)
    play.announce()
    seen.append(next_step(ZH, play.situation()).does)
    seen.append(next_step(ZH, play.situation(Draft(chosen="2"))).does)
    assert seen == [
        OpenRound("1"),
        CloseRound("1", 1),
        CloseRound("1", 1),
        AnnounceRound("1", 1),
        GoTo("2"),
        OpenRound("2"),
    ]


def test_a_void_round_is_repeated_by_the_gold_block_and_an_announced_one_only_when_asked_for() -> None:
    play = open_hall(voted=2)
    play.void("投票设备故障")
    assert next_step(ZH, play.situation()).does == OpenRound("1", 2)
    shown = figures(ZH, play.situation())
    assert (shown.heading, shown.lines) == ("第 1 轮已作废", ("投票设备故障",))
    assert floor(ZH, play.situation()).reading == ("投票设备故障",)
    play.open("1")
    assert next_step(ZH, play.situation()).does == CloseRound("1", 2)
    play.close()
    play.announce()
    situation = play.situation()
    assert next_step(ZH, situation).does == GoTo("2")
    again = revote(situation)
    assert again == OpenRound("1", 3)
    asked = next_step(ZH, play.situation(Draft(asking=again)))
    assert (asked.does, asked.asks, asked.state) == (again, True, "danger")
    assert "第 3 轮" in asked.detail


def test_while_a_later_round_is_void_the_result_that_still_stands_is_named() -> None:
    play = open_hall(voted=3)
    play.close()
    play.announce()
    play.open("1")
    assert figures(ZH, play.situation()).figure != "90.00"
    play.void()
    assert figures(ZH, play.situation()).lines == ("计票有误", "第 1 轮宣布的结果仍然有效。")


def test_a_round_is_void_by_its_own_number_and_never_twice() -> None:
    play = hall_of_five()
    assert voidable(play.situation()) is None
    play.open("1")
    assert voidable(play.situation()) == ("1", 1)
    assert voidable(play.situation(link=Link.LOST)) is None
    assert revote(play.situation()) is None
    play.close()
    assert voidable(play.situation()) == ("1", 1)
    play.void()
    assert voidable(play.situation()) is None
    play.leave("M01")
    play.leave("M02")
    assert revote(play.situation()) is None
    assert next_step(ZH, play.situation()).label == "法定人数不足，不能开始"


def test_the_recused_are_shown_before_the_round_and_left_out_of_what_is_waited_for() -> None:
    play = hall_of_five(present=5)
    play.recuse("M02", "1")
    play.recuse("M05", "2")
    states = {member.person.number: member.state for member in play.situation().members}
    assert [number for number, state in states.items() if state is SeatState.RECUSED] == ["M02"]
    assert (SeatState.RECUSED, "回避 1") in floor(ZH, play.situation()).legend
    play.open("1")
    for person in ("M01", "M03", "M04", "M05"):
        assert attention(play.situation()) is None
        play.vote(person, 90)
    votes = play.situation().turnout
    assert votes is not None
    assert (votes.voted, votes.base, votes.missing, votes.complete) == (4, 4, 0, True)
    assert attention(play.situation()) is Attention.COMPLETE
    play.leave("M02")
    assert not any(member.gone for member in play.situation().members)
    play.close()
    assert "回避 1 人。" in floor(ZH, play.situation()).reading[0]


def test_where_the_recused_stay_in_the_base_they_are_counted_against_but_not_waited_for() -> None:
    definition = small_definition(members=5, rules=live_rules())
    facts = msgspec.structs.replace(definition.meeting, recused_leave=False)
    play = Play(msgspec.structs.replace(definition, meeting=facts))
    play.arrive(5)
    play.recuse("M02", "1")
    play.open("1")
    for person in ("M01", "M03", "M04", "M05"):
        play.vote(person, 90)
    votes = play.situation().turnout
    assert votes is not None
    assert (votes.voted, votes.base, votes.missing, votes.complete) == (4, 5, 0, True)


def test_only_turning_to_the_next_item_asks_no_second_time() -> None:
    play = hall_of_five()
    asks = [next_step(ZH, play.situation()).asks]
    play.open("1")
    asks.append(next_step(ZH, play.situation()).asks)
    play.close()
    asks.append(next_step(ZH, play.situation()).asks)
    play.announce()
    asks.append(next_step(ZH, play.situation()).asks)
    assert asks == [True, True, True, False]


def test_a_question_shows_what_it_costs_and_stands_only_for_the_step_it_was_asked_for() -> None:
    play = open_hall(voted=1)
    asked = next_step(ZH, play.situation(Draft(asking=CloseRound("1", 1))))
    assert (asked.state, asked.label, asked.detail) == (
        "danger",
        "再按一次：结束打分",
        "还有 3 人未投。按 Esc 返回",
    )
    play.close()
    assert next_step(ZH, play.situation(Draft(asking=CloseRound("1", 1)))).state == "normal"


@pytest.mark.parametrize("link", [Link.LOST, Link.CONNECTING, Link.REVOKED, Link.ELSEWHERE, Link.TAKEN_OVER])
def test_without_the_link_nothing_can_be_sent(link: Link) -> None:
    situation = open_hall().situation(link=link)
    assert next_step(ZH, situation).does is None
    assert extension(situation) is None
    assert pausing(situation) is None


def test_leaving_is_possible_even_when_nothing_else_is() -> None:
    step = next_step(ZH, open_hall().situation(Draft(asking=Here.LEAVE), link=Link.REVOKED))
    assert (step.does, step.state) == (Here.LEAVE, "danger")


def test_a_command_on_its_way_blocks_the_next_one() -> None:
    situation = open_hall().situation(Draft(sent=CloseRound("1", 1)))
    assert next_step(EN, situation).label == "sent: close scoring"
    assert next_step(EN, situation).does is None
    assert extension(situation) is None


def test_the_countdown_can_be_extended_paused_and_resumed_while_it_is_there() -> None:
    play = open_hall()
    assert extension(play.situation()) == ExtendRound("1", 1, 60)
    assert pausing(play.situation()) == PauseRound("1", 1)
    play.pause(30_000)
    assert extension(play.situation()) == ExtendRound("1", 1, 60)
    assert pausing(play.situation()) == ResumeRound("1", 1)
    play.close()
    assert extension(play.situation()) is None
    assert pausing(play.situation()) is None


def test_without_a_countdown_there_is_nothing_to_extend() -> None:
    situation = open_hall(seconds=None).situation()
    assert extension(situation) is None
    assert pausing(situation) is None
    assert countdown(ZH, situation).figure == ""


def test_at_zero_the_server_closes_unless_the_chair_is_to_do_it() -> None:
    timed = open_hall().situation(remaining=0)
    assert next_step(ZH, timed).does is None
    assert countdown(ZH, timed).word == "正在截止"
    chairs_word = open_hall(timer_closes=False).situation(remaining=0)
    assert next_step(ZH, chairs_word).does == CloseRound("1", 1)
    assert countdown(ZH, chairs_word).word == "时间到"


def test_a_clock_counts_a_begun_second_whole_so_that_zero_means_over() -> None:
    assert [clock_of(ms) for ms in (0, 1, 1000, 1001, 59_999, 60_000, 725_000)] == [
        "0:00", "0:01", "0:01", "0:02", "1:00", "1:00", "12:05",
    ]  # fmt: skip


def test_the_count_is_of_those_present_for_the_round_and_never_falls_when_one_leaves() -> None:
    play = open_hall(voted=2)
    play.leave("M01")
    play.leave("M04")
    votes = play.situation().turnout
    assert votes is not None
    assert (votes.voted, votes.base, votes.missing) == (2, 4, 2)
    assert [member.person.number for member in votes.waiting] == ["M03"]
    assert [member.person.number for member in votes.gone] == ["M04"]


def test_seats_show_who_has_voted_who_is_cut_off_and_who_is_not_there() -> None:
    play = open_hall(voted=2)
    play.silent = {"M01", "M03"}
    play.happen(SeatMoved("M04", "3-01"))
    everybody = play.situation().members
    assert [member.state for member in everybody] == [
        SeatState.VOTED,
        SeatState.VOTED,
        SeatState.LOST,
        SeatState.PRESENT,
        SeatState.ABSENT,
    ]
    assert everybody[3].seat == "3-01"


def test_who_is_missing_is_listed_with_the_cut_off_first_and_never_how_anybody_voted() -> None:
    play = open_hall(voted=1)
    play.silent = {"M04"}
    middle = floor(ZH, play.situation(Draft(lost={3: 14.0})))
    assert [(one.state, one.name) for one in middle.people] == [
        (SeatState.LOST, "委员04"),
        (SeatState.PRESENT, "委员02"),
        (SeatState.PRESENT, "委员03"),
    ]
    assert middle.warning == "1-04 已断线 14 秒，选票可能存在本机"
    assert "90" not in str(middle)


def test_the_bell_is_for_a_complete_count_and_for_one_that_stalls_after_it_began() -> None:
    assert attention(open_hall(voted=0).situation(Draft(quiet=60))) is None
    assert attention(open_hall(voted=2).situation(Draft(quiet=11.9))) is None
    assert attention(open_hall(voted=2).situation(Draft(quiet=12))) is Attention.STALLED
    assert attention(open_hall(voted=4).situation(Draft(quiet=60))) is Attention.COMPLETE
    play = open_hall(voted=3)
    play.leave("M04")
    assert attention(play.situation()) is Attention.COMPLETE


def test_the_measure_is_shown_live_only_where_the_item_lets_the_chair_see_it() -> None:
    for running in (Audience.ALL, Audience.CHAIR):
        shown = figures(ZH, open_hall(5, voted=5, running=running).situation())
        assert (shown.figure, shown.band.text, shown.tone) == ("90.00", "优秀", "foreground")
        assert shown.counts == {Decimal(90): 5}
    hidden = figures(ZH, open_hall(5, voted=5, running=Audience.NOBODY).situation())
    assert (hidden.figure, dict(hidden.counts), hidden.bars) == ("", {}, ())
    assert hidden.lines == ("本议题进行时不显示结果，只显示谁已投票。",)


@pytest.mark.parametrize("running", [Audience.ALL, Audience.CHAIR])
def test_live_figures_of_so_few_that_a_score_could_be_told_are_withheld_and_it_is_said(running: Audience) -> None:
    play = open_hall(5, voted=LEAST_BALLOTS - 1, running=running)
    few = figures(EN, play.situation())
    assert (few.figure, dict(few.counts), few.bars, few.rows) == ("", {}, (), ())
    assert few.lines == (f"Shown from {LEAST_BALLOTS} ballots on, so that nobody's vote can be told.",)
    play.vote("M05", 80)
    assert figures(EN, play.situation()).figure == "88.00"
    # what the close publishes is the result, however few took part
    few_at_close = open_hall(5, voted=2, running=running)
    few_at_close.close()
    assert figures(EN, few_at_close.situation()).figure == "90.00"


def test_that_nobody_sees_how_is_claimed_only_where_no_figures_run_along() -> None:
    assert floor(EN, open_hall(voted=1, running=Audience.NOBODY).situation()).note == "who, never how"
    for running in (Audience.ALL, Audience.CHAIR):
        assert floor(EN, open_hall(voted=1, running=running).situation()).note == ""


def test_a_closed_result_is_withheld_from_the_chair_too_until_it_is_announced() -> None:
    play = Play(small_definition(members=5, rules=HIDDEN))
    play.arrive(4)
    play.open("1")
    play.vote("M01", 77)
    play.close()
    closed = chair_view(ZH, play.situation(), NOON, NOON)
    assert "77" not in str(closed)
    play.announce()
    announced = figures(ZH, play.situation())
    assert (announced.figure, announced.tone) == ("77.00", "accent")


def test_after_the_close_the_chair_reads_what_will_be_announced() -> None:
    play = open_hall(voted=2)
    play.vote("M03", None)
    play.close()
    assert floor(ZH, play.situation()).reading == (
        "应到 5 人，实到 4 人。",
        "打分 2 人，弃权 1 人，未按 1 人。",
        "均分 90.00 分，等次优秀。",
    )


@pytest.mark.parametrize("display", list(Display))
def test_between_close_and_announcement_it_is_said_whether_the_result_is_seen_already(display: Display) -> None:
    play = open_hall(voted=3, display=display)
    seen_at_close = display is not Display.ON_ANNOUNCEMENT
    order = ["the hall sees it", "you announce it"] if seen_at_close else ["you announce it", "the hall sees it"]
    assert list(aside(EN, play.situation()).lines[:2]) == order
    play.close()
    reading = floor(EN, play.situation())
    if seen_at_close:
        assert (reading.heading.text, reading.note) == ("The result", "published at the close, not yet announced")
        assert aside(EN, play.situation()).lines[0] == "it becomes the official result"
    else:
        assert "published" not in reading.note
        assert aside(EN, play.situation()).lines[0] == "the hall sees it"
    play.announce()
    announced = floor(EN, play.situation())
    assert (announced.heading.text, announced.note) == ("The announced result", "")


def test_too_few_scores_are_said_and_give_no_figure() -> None:
    play = open_hall(voted=2, least_scores=3)
    play.close()
    play.announce()
    shown = figures(EN, play.situation())
    assert shown.figure == ""
    assert "Fewer than 3 scores: no result" in shown.lines
    assert floor(EN, play.situation()).reading[-1] == "Fewer than 3 scores: no result."


def test_a_sheet_shows_the_running_mean_of_each_target() -> None:
    play = hall_of_five(5)
    play.open("2")
    play.vote("M01", 80, 95)
    play.vote("M02", 85, None)
    for person in ("M03", "M04", "M05"):
        play.vote(person, None, None)
    rows = figures(ZH, play.situation()).rows
    assert [(row.name, row.shown, row.band) for row in rows] == [
        ("人社局", "82.50", "良好"),
        ("医保局", "95.00", "优秀"),
    ]


def test_the_agenda_names_each_state_and_the_measure_of_what_was_announced() -> None:
    play = open_hall(voted=2)
    play.close()
    play.announce()
    play.open("2")
    lines = chair_view(ZH, play.situation(), NOON, NOON).agenda.lines
    assert [(line.state.text, line.stage) for line in lines] == [("90.00 优秀", False), ("评分中", True)]


def test_the_screen_stays_with_the_open_item_whatever_the_cursor_chooses() -> None:
    situation = open_hall().situation(Draft(chosen="2"))
    assert situation.stage is not None
    assert situation.cursor is not None
    assert (situation.stage.id, situation.cursor.id) == ("1", "2")
    assert next_step(ZH, situation).does == CloseRound("1", 1)


def test_before_a_round_the_chair_sees_attendance_and_the_rules_of_the_item() -> None:
    situation = hall_of_five(present=2).situation()
    here = count(ZH, situation)
    assert (here.figure, here.whole, here.line.text) == (2, 5, "法定人数 3，还差 1 人")
    assert "计时 2:00，到时自动截止" in figures(ZH, situation).lines
    assert [one.name for one in floor(ZH, situation).people] == ["委员03", "委员04", "委员05"]


def test_a_quorum_lost_during_a_round_is_said_and_left_to_the_chair() -> None:
    play = open_hall()
    play.leave("M01")
    play.leave("M02")
    said = aside(ZH, play.situation())
    assert said.heading.text == "实到已低于法定人数"
    assert next_step(ZH, play.situation()).does == CloseRound("1", 1)


def test_the_clock_of_a_lost_link_is_said_to_be_an_estimate_and_since_when() -> None:
    situation = open_hall().situation(link=Link.LOST)
    assert countdown(ZH, situation).word == "约剩"
    said = shout(EN, situation, datetime(2026, 11, 1, 15, 42, 7), NOON - timedelta(seconds=14))  # noqa: DTZ001 - a wall clock
    assert said.startswith("Link lost for 14 s (since 15:41:53).")


def test_when_all_is_announced_the_meeting_is_closed_next() -> None:
    play = hall_of_five()
    for item in ("1", "2"):
        play.open(item)
        play.close()
        play.announce()
    situation = play.situation()
    assert {situation.phase_of(item) for item in situation.definition.agenda} == {Phase.ANNOUNCED}
    step = next_step(EN, situation)
    assert (step.does, step.label, step.asks) == (CloseMeeting(), "close the meeting", True)
    assert "the wall shows the final fingerprint" in aside(EN, situation).lines
    play.end()
    step = next_step(EN, play.situation())
    assert (step.does, step.label) == (None, "the meeting is closed")


def test_the_meeting_can_be_closed_between_any_two_rounds_and_never_during_one() -> None:
    play = hall_of_five(present=1)
    assert ending(play.situation()) == CloseMeeting()
    play.arrive(4)
    play.open("1")
    assert ending(play.situation()) is None
    play.pause(None)
    assert ending(play.situation()) is None
    play.close()
    assert ending(play.situation()) == CloseMeeting()
    assert ending(play.situation(link=Link.LOST)) is None
    assert ending(play.situation(Draft(sent=CloseMeeting()))) is None
    play.end()
    assert ending(play.situation()) is None


def test_who_closes_the_meeting_is_told_what_is_left() -> None:
    play = Play(msgspec.structs.replace(small_definition(members=5, rules=live_rules()), components=()))
    play.arrive(4)
    asking = Draft(asking=CloseMeeting())
    play.open("1")
    play.close()
    assert aside(ZH, play.situation(asking)).lines == ("未进行：2", "未宣布结果：1")
    play.void()
    play.open("2")
    play.void()
    step, said = next_step(EN, play.situation(asking)), aside(EN, play.situation(asking))
    assert (step.does, step.state, step.label) == (CloseMeeting(), "danger", "again to close the meeting")
    assert said.heading.text == "Closing the meeting is final"
    assert said.lines == ("Void: 1, 2",)
    for item in ("1", "2"):
        play.open(item)
        play.close()
        play.announce()
    final = "Nothing is taken after it; the final fingerprint goes on the wall."
    assert aside(EN, play.situation(asking)).lines == (final,)


def test_after_the_end_the_chair_reads_the_final_fingerprint_and_can_do_nothing_more() -> None:
    play = hall_of_five()
    play.open("1")
    play.close()
    play.end()
    situation = play.situation()
    assert aside(ZH, situation).lines[0] == FINGERPRINT
    item = situation.definition.agenda[1]
    assert countdown(ZH, play.situation(Draft(chosen=item.id))).figure == ""
    assert revote(situation) is None
    assert voidable(situation) is None
    hints = chair_view(ZH, situation, NOON, NOON).hints
    assert [hint.state for hint in hints if hint.chip in ("F7", "F8", "F9")] == ["faint"] * 3


def through(*scores: tuple[str, str], play: Play | None = None) -> Play:
    """Both items are announced: 96 for T01, 80 and 70 for T02 and T03; and research has given these scores."""
    play = play or hall_of_five()
    body = research(*scores)
    play.happen(EvidenceImported(body.component, body.part, body.file, body.sha256, body.lines))
    for item, given in (("1", (96,)), ("2", (80, 70))):
        play.open(item)
        play.vote("M02", *given)
        play.close()
        play.announce()
    return play


ALL = (("T01", "97.5"), ("T02", "90"), ("T03", "72"))


def test_once_the_agenda_is_through_the_composites_come_before_the_end() -> None:
    play = through(*ALL)
    here = play.situation()
    step, shown = next_step(ZH, here), figures(ZH, here)
    assert (step.does, step.asks) == (AnnounceComposite(), True)
    assert shown.heading == ZH("chair.composite_ready")
    assert [(row.name, row.shown, row.band) for row in shown.rows] == [
        ("文化和旅游局", "96.60", ""),
        ("人社局", "84.00", ""),
        ("医保局", "70.80", ""),
    ]
    asking = next_step(ZH, play.situation(draft=Draft(asking=AnnounceComposite())))
    assert (asking.does, asking.state) == (AnnounceComposite(), "danger")
    assert ZH("chair.composite_waits") in aside(ZH, play.situation(draft=Draft(asking=CloseMeeting()))).lines
    play.happen(CompositeAnnounced(play.backstage.composite))
    after = play.situation()
    assert next_step(ZH, after).does == CloseMeeting()
    assert figures(ZH, after).heading == ZH("chair.composite_announced")
    # an item that the chair looks at has its own figures
    assert figures(ZH, play.situation(draft=Draft(chosen="1"))).heading != ZH("chair.composite_announced")


def test_what_the_composites_lack_is_said_and_does_not_keep_the_meeting_from_its_end() -> None:
    play = through(*ALL[:2])
    assert next_step(ZH, play.situation()).does == CloseMeeting()
    lines = aside(ZH, play.situation(draft=Draft(asking=CloseMeeting()))).lines
    assert "综合得分不全：1 个对象缺整改成效调研" in lines
    assert figures(ZH, play.situation()).heading != ZH("chair.composite_ready")
