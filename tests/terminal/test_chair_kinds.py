"""The chair's console for every kind of item: rules and results in words, ties, signatures, results by hand."""

from decimal import Decimal

import msgspec
import pytest

from kit.chairs import NOON, Desk, Play
from kit.factories import small_definition
from kit.screens import plain
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    AnswerCount,
    Choice,
    CloseCheckIn,
    CloseMeeting,
    CloseRound,
    OpenCheckIn,
    OpenRound,
    Score,
)
from pingyi_protocol.meeting.definition import (
    Audience,
    Base,
    Criterion,
    Definition,
    Item,
    Language,
    MotionRules,
    Option,
    Passing,
    RatingRules,
    Role,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.events import AgendaReordered, CheckInOpened, Excused, ItemAdded, ItemWithdrawn
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.text import catalogue
from pingyi_terminal.chair.agenda import agenda
from pingyi_terminal.chair.app import SETTLE_SECONDS
from pingyi_terminal.chair.floor import floor
from pingyi_terminal.chair.moves import check_in_switch, revote, runoff, trial, voidable
from pingyi_terminal.chair.results import count, figures, measure_heading
from pingyi_terminal.chair.situation import Attention, Draft, GoTo, attention
from pingyi_terminal.chair.step import next_step
from pingyi_terminal.chair.view import aside, chair_view, countdown, shout
from pingyi_terminal.widgets import SeatState

ZH = catalogue("pingyi_terminal", Language.CHINESE)
EN = catalogue("pingyi_terminal", Language.ENGLISH)
MOTION = Item("1", "决议", rules=MotionRules(running=Audience.CHAIR))
SELECTION = Item("1", "票决", ("T01", "T02", "T03"), SelectionRules(winners=2, most=2))


def hall(*items: Item, members: int = 6, present: int = 6, **facts: object) -> Play:
    """A hall of ``members`` with M02 the chief scrutineer and M03 another one."""
    base = small_definition(members=members)
    roles = {"M02": (Role.MEMBER, Role.SCRUTINEER), "M03": (Role.MEMBER, Role.SCRUTINEER)}
    roster = tuple(
        msgspec.structs.replace(one, roles=roles.get(one.number, one.roles), chief=one.number == "M02")
        for one in base.roster
    )
    meeting = msgspec.structs.replace(base.meeting, **facts)
    play = Play(msgspec.structs.replace(base, meeting=meeting, roster=roster, agenda=items or base.agenda))
    play.arrive(present)
    return play


def all_vote(play: Play, *options: Option) -> None:
    """Let M01, M02 ... choose these options about the motion."""
    for place, option in enumerate(options, 1):
        play.choose(f"M{place:02}", ("", option))


def tie(play: Play) -> None:
    """T01 is chosen by three, T02 and T03 by two each: two places, one of them for those two."""
    play.open("1")
    for place, chosen in enumerate((("T01", "T02"), ("T01", "T03"), ("T01",), ("T02",), ("T03",)), 1):
        play.choose(f"M{place:02}", *((target, Option.CHOSEN) for target in chosen))
    play.close()
    play.announce()


def test_the_trial_vote_stands_before_the_agenda_until_the_first_item_is_opened() -> None:
    play = hall(present=1)
    lines = agenda(ZH, play.situation()).lines
    assert (lines[0].mark, lines[0].title, lines[0].state.text) == ("试", "试投票", "不计入结果")
    assert trial(play.situation()) == OpenRound("trial", 1)
    play.open("trial")
    play.choose("M01", ("", Option.FOR))
    situation = play.situation()
    assert next_step(ZH, situation).does == CloseRound("trial", 1)
    assert shout(ZH, situation, NOON, NOON) == ""  # a trial needs no quorum
    assert voidable(situation) is None
    play.close()
    situation = play.situation()
    assert next_step(ZH, situation).does == GoTo("1")
    assert revote(situation) == trial(situation) == OpenRound("trial", 2)
    assert floor(ZH, situation).reading == ()
    play.arrive(6)
    play.open("1")
    play.close()
    assert trial(play.situation()) is None
    assert [line.mark for line in agenda(ZH, play.situation()).lines] == ["1", "2"]


async def test_one_key_asks_for_the_trial_vote_and_the_seats_show_who_has_pressed() -> None:
    desk = Desk(hall())
    async with desk.app.run_test(size=(120, 36)) as pilot:
        await pilot.press("f5")
        assert "再按一次：开始试投票" in plain(desk.app)
        assert "不计入任何结果" in plain(desk.app)
        desk.clock.seconds += SETTLE_SECONDS
        await pilot.press("enter")
        assert [one.body for one in desk.session.submitted] == [OpenRound("trial", 1)]
        assert "已送出：开始试投票" in plain(desk.app)
    desk = Desk(desk.play)
    desk.play.open("trial")
    desk.play.choose("M02", ("", Option.AGAINST))
    async with desk.app.run_test(size=(120, 36)) as pilot:
        await desk.news(pilot)
        seen = plain(desk.app)
        for words in ("试投票进行中", "投1-02", "到1-01", "还没投的 5 人", "Enter  结束试投票"):
            assert words in seen, words


def test_check_in_is_opened_by_the_gold_block_while_members_are_missing_and_by_a_key_at_any_time() -> None:
    play = hall(present=2, check_in_minutes=10)
    step = next_step(ZH, play.situation())
    assert (step.does, step.asks, step.detail) == (OpenCheckIn(), True, "开放 10 分钟，按下后再问一次")
    play.happen(CheckInOpened(600))
    situation = play.situation()
    assert (next_step(ZH, situation).does, next_step(ZH, situation).detail) == (None, "还差 2 人签到")
    assert check_in_switch(situation) == CloseCheckIn()
    assert (countdown(ZH, situation).figure, countdown(ZH, situation).word) == ("10:00", "签到剩余")
    assert check_in_switch(hall(present=2).situation()) is None


async def test_f3_opens_and_closes_the_window_without_asking() -> None:
    desk = Desk(hall(check_in_minutes=5))
    async with desk.app.run_test(size=(120, 36)) as pilot:
        assert "F3  开放签到" in plain(desk.app)
        await pilot.press("f3")
        assert [one.body for one in desk.session.submitted] == [OpenCheckIn()]


def test_who_left_early_and_who_is_excused_is_counted_and_said() -> None:
    play = hall(present=4)
    play.leave("M04")
    play.happen(Excused("M06", "出差"))
    here = play.situation().attendance
    assert (here.due, here.present, here.left, here.excused) == (6, 3, 1, 1)
    middle = floor(ZH, play.situation())
    assert middle.note == "早退 1  请假 1"
    assert [one.name for one in middle.people] == ["委员05", "委员04 早退", "委员06 请假"]
    texts = [piece.text for piece in chair_view(ZH, play.situation(), NOON, NOON).pieces]
    assert texts[:5] == ["应到 6", "实到 3", "早退 1", "请假 1", "法定 4 差 1"]


def test_a_quorum_lost_in_a_round_is_shouted_and_the_chair_has_three_ways_to_go() -> None:
    play = hall(present=4)
    play.open("1")
    play.leave("M04")
    situation = play.situation()
    assert shout(ZH, situation, NOON, NOON) == "法定人数不足：实到 3 人，法定 4 人，差 1 人。是否继续由您决定。"
    assert attention(situation) is Attention.QUORUM_LOST
    said = aside(EN, situation)
    assert said.heading.text == "The quorum is lost"
    assert [line[:2] for line in said.lines] == ["go", "F4", "F8"]
    assert next_step(ZH, situation).does == CloseRound("1", 1)
    assert voidable(situation) == ("1", 1)


@pytest.mark.parametrize(
    ("passing", "said"),
    [
        (Passing(), "赞成超过全体的 1/2，通过"),
        (Passing(2, 3, Base.PRESENT, strict=False), "赞成达到实到的 2/3，通过"),
        (Passing(base=Base.FOR_AND_AGAINST), "赞成超过赞成与反对之和的 1/2，通过"),
    ],
)
def test_the_passing_rule_is_said_with_share_base_and_strictness(passing: Passing, said: str) -> None:
    play = hall(Item("1", "决议", rules=MotionRules(passing=passing, confirmed=True, least_group=5)))
    lines = figures(ZH, play.situation()).lines
    assert lines[0] == said
    assert "截止后由总监票人签字" in lines
    assert "公布分组结果；不足 5 票的组，及可据以推知它的组，不公布" in lines


def test_the_rules_of_the_other_kinds_are_said_too() -> None:
    selection = SelectionRules(winners=2, most=3, least=1, passing=Passing())
    assert figures(EN, hall(Item("1", "x", ("T01", "T02"), selection)).situation()).lines[:2] == (
        "choose 1-3; the 2 with most votes are chosen",
        "and only with more than 1/2 of all members",
    )
    rating = figures(EN, hall(Item("1", "x", ("T01",), RatingRules())).situation()).lines[0]
    assert rating.startswith("satisfied with at least 1/2 of all members; basically satisfied where")
    score = ScoreRules(pass_mark=Decimal(60), question=Passing())
    criteria = (Criterion("T01", "a", "甲", Decimal(60)), Criterion("T01", "b", "乙", Decimal(40)))
    lines = figures(EN, hall(Item("1", "x", ("T01",), score, criteria)).situation()).lines
    assert lines[:4] == (
        "0-100 in steps of 1",
        "scored under 2 weighted criteria",
        "pass mark 60",
        "and pass or not: passes with more than 1/2 of all members for it",
    )


def test_a_motions_counts_run_along_where_the_chair_may_see_them_and_its_outcome_only_after_the_close() -> None:
    play = hall(MOTION)
    assert next_step(ZH, play.situation()).label == "开始第 1 项表决"
    play.open("1")
    all_vote(play, Option.FOR, Option.FOR, Option.AGAINST, Option.ABSTAIN)
    assert figures(ZH, play.situation()).rows == ()  # four ballots would tell too much
    play.choose("M05", ("", Option.FOR))
    shown = figures(ZH, play.situation())
    assert (shown.heading, shown.figure, shown.band.text) == ("实时赞成，共 5 票", "3", "")
    assert [(row.name, row.shown) for row in shown.rows] == [
        ("赞成", "3"), ("反对", "1"), ("弃权", "1"), ("未按", "1"),
    ]  # fmt: skip
    play.close()
    play.announce()
    shown = figures(ZH, play.situation())
    assert (shown.band.text, shown.lines) == ("未通过", ("须 4 票，全体 6",))
    assert floor(ZH, play.situation()).reading == (
        "应到 6 人，实到 6 人。",
        "赞成 3 票，反对 1 票，弃权 1 票，未按 1 人。",
        "全体 6，须 4 票：未通过。",
    )
    assert agenda(ZH, play.situation()).lines[0].state.text == "未通过"


def test_a_rating_of_several_targets_is_a_table_with_each_outcome() -> None:
    play = hall(Item("1", "测评", ("T01", "T02"), RatingRules()))
    play.open("1")
    for place in range(1, 7):
        second = Option.BASICALLY_SATISFIED if place < 4 else Option.NOT_SATISFIED
        play.choose(f"M{place:02}", ("T01", Option.SATISFIED), ("T02", second))
    play.close()
    play.announce()
    rows = figures(ZH, play.situation()).rows
    assert [(row.name, row.shown, row.band) for row in rows] == [
        ("文化和旅游局", "6/0/0", "满意"),
        ("人社局", "0/3/3", "基本满意"),
    ]


def test_who_came_too_late_is_not_among_those_who_have_not_voted() -> None:
    item = Item("1", "决议", rules=MotionRules())
    play = hall(item, present=3, late_ballots=False)
    play.open("1")
    all_vote(play, Option.FOR, Option.FOR)
    assert (SeatState.PRESENT, "未投 1") in floor(ZH, play.situation()).legend
    all_vote(play, Option.FOR, Option.FOR, Option.FOR)
    play.arrive(4)
    assert (SeatState.PRESENT, "未投 0，迟到不投 1") in floor(ZH, play.situation()).legend


async def test_the_agenda_gives_item_numbers_the_width_that_they_need() -> None:
    items = tuple(Item(number, f"决议{number}", rules=MotionRules()) for number in ("甲-1", "甲-2", "A.5"))
    desk = Desk(hall(*items))
    async with desk.app.run_test(size=(120, 36)):
        seen = plain(desk.app)
        for item in items:
            assert f"{item.id} {item.title}" in seen


def test_several_targets_with_unlike_numbers_of_scores_name_the_fewest_and_the_most() -> None:
    rules = ScoreRules()
    assert measure_heading(ZH, rules, Phase.CLOSED, 11, 12, 11) == "均分 11-12 人打分"
    assert measure_heading(ZH, rules, Phase.CLOSED, 12, 12) == "均分 12 人打分"


def test_after_an_announced_tie_a_round_among_the_tied_is_the_next_step() -> None:
    play = hall(SELECTION)
    tie(play)
    situation = play.situation()
    step = next_step(ZH, situation)
    assert (step.does, step.detail) == (OpenRound("1", 2, ("T02", "T03")), "争 1 个名额，按下后再问一次")
    assert revote(situation) == OpenRound("1", 2)
    assert [(row.name, row.shown, row.band) for row in figures(ZH, situation).rows] == [
        ("文化和旅游局", "3", "当选"), ("人社局", "2", "并列"), ("医保局", "2", "并列"),
    ]  # fmt: skip
    reading = floor(ZH, situation).reading
    assert reading[2:] == (
        "当选：文化和旅游局 3 票。",
        "人力资源和社会保障局、医疗保障局 各得 2 票，争 1 个名额，另行一轮票决。",
    )
    asked = aside(ZH, play.situation(Draft(asking=CloseMeeting())))
    assert "并列未决：1" in asked.lines
    play.open("1", ("T02", "T03"))
    play.void()
    assert runoff(play.situation()) == OpenRound("1", 3, ("T02", "T03"))
    play.open("1", ("T02", "T03"))
    for place, target in enumerate(("T02", "T03", "T03"), 1):
        play.choose(f"M{place:02}", (target, Option.CHOSEN))
    play.close()
    play.announce()
    situation = play.situation()
    assert runoff(situation) is None
    assert floor(ZH, situation).reading[2:] == ("前一轮已当选：文化和旅游局。", "当选：医疗保障局 2 票。")
    assert agenda(ZH, situation).lines[0].state.text.startswith("当选 2 名")


def test_what_the_chief_scrutineer_has_to_sign_waits_and_says_for_whom() -> None:
    play = hall(Item("1", "决议", rules=MotionRules(confirmed=True)), Item("2", "又一项", rules=MotionRules()))
    play.open("1")
    all_vote(play, *[Option.FOR] * 5)
    assert aside(ZH, play.situation()).lines[:2] == ("监票人签字：委员02", "由您当场宣布结果")
    play.close()
    situation = play.situation()
    step = next_step(ZH, situation)
    assert (step.does, step.label, step.detail) == (None, "等待监票人签字", "M02 委员02")
    assert agenda(ZH, situation).lines[0].state.text == "待监票人签字"
    assert aside(ZH, situation).lines[0] == "监票人签字：委员02"
    # it still waits when another item has been opened meanwhile
    play.open("2")
    play.close()
    assert next_step(ZH, play.situation(Draft(chosen="1"))).label == "等待监票人签字"
    assert agenda(ZH, play.situation()).lines[0].state.text == "待监票人签字"


def test_once_signed_it_can_be_announced() -> None:
    play = hall(Item("1", "决议", rules=MotionRules(confirmed=True)))
    play.open("1")
    play.close()
    play.sign("M02")
    assert next_step(ZH, play.situation()).does == AnnounceRound("1", 1)


def test_a_result_by_hand_is_marked_so_everywhere_and_any_scrutineer_may_sign_it() -> None:
    play = hall(MOTION)
    for_it, against = Choice("", Option.FOR), Choice("", Option.AGAINST)
    play.enter("1", 6, AnswerCount(for_it, 4), AnswerCount(against, 1), invalid=1)
    situation = play.situation()
    assert next_step(ZH, situation).detail == "其中任何一位签字即可"
    top = count(ZH, situation)
    assert (top.heading, top.figure, top.whole, top.line.text) == ("手工票 / 应投", 6, 6, "手工计票")
    assert floor(ZH, situation).people == ()
    assert floor(ZH, situation).reading == (
        "应到 6 人，实到 6 人。无效票 1 张。",
        "赞成 4 票，反对 1 票，弃权 0 票，未按 0 人。",
        "全体 6，须 4 票：通过。",
        "手工计票，理由：表决器断电",
    )
    play.sign("M03")
    play.announce()
    assert agenda(ZH, play.situation()).lines[0].state.text == "通过（手工）"


def test_a_score_with_the_old_question_a_pass_mark_and_criteria_shows_all_of_it() -> None:
    criteria = (Criterion("T01", "a", "甲", Decimal(60)), Criterion("T01", "b", "乙", Decimal(40)))
    rules = ScoreRules(pass_mark=Decimal(60), question=Passing(), least_group=5)
    play = hall(Item("1", "评议", ("T01",), rules, criteria))
    play.open("1")
    for place in range(1, 7):
        scores = Score("T01", "a", Decimal(90)), Score("T01", "b", Decimal(80))
        play.answer(f"M{place:02}", *scores, Choice("T01", Option.FOR if place < 4 else Option.AGAINST))
    play.close()
    play.announce()
    shown = figures(ZH, play.situation())
    assert (shown.figure, [(row.name, row.shown) for row in shown.rows]) == (
        "86.00",
        [("甲", "90.00"), ("乙", "80.00")],
    )
    assert shown.lines[1:] == ("达到合格线 60", "通过与否：未通过，须 4 票", "赞成 3  反对 3  弃权 0")
    reading = floor(ZH, play.situation()).reading
    assert reading[2] == "均分 86.00 分。达到合格线 60。"
    assert reading[3] == "通过与否：赞成 3 票，反对 3 票，弃权 0 票，未按 0 人。"
    # four groups of one or two members each tell too much
    assert reading[5] == "第1组（2 票）：为保密不公布，为保密不公布"
    assert agenda(ZH, play.situation()).lines[0].state.text == "86.00 未通过"


def test_items_added_reordered_and_withdrawn_are_shown_as_they_are_now() -> None:
    play = hall()
    added = Item("9", "临时动议", rules=MotionRules())
    play.happen(ItemAdded(added, (), ()))
    play.happen(AgendaReordered(("9", "2", "1")))
    play.happen(ItemWithdrawn("2", "材料未到"))
    lines = agenda(ZH, play.situation()).lines
    assert [(line.mark, line.withdrawn) for line in lines] == [("试", False), ("9", False), ("2", True), ("1", False)]
    assert lines[2].state.text == "已撤下：材料未到"
    situation = play.situation(Draft(chosen="2"))
    assert next_step(ZH, situation).does == GoTo("9")
    assert floor(ZH, situation).reading == ("材料未到",)


def test_a_definition_without_items_leads_nowhere_but_to_the_trial() -> None:
    base = hall().meeting.definition
    assert isinstance(base, Definition)
    play = Play(msgspec.structs.replace(base, agenda=()))
    assert next_step(ZH, play.situation()).does is None
    assert trial(play.situation()) == OpenRound("trial", 1)


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 36)])
@pytest.mark.parametrize("language", list(Language))
async def test_a_tie_and_a_long_result_are_whole_on_every_size(size: tuple[int, int], language: Language) -> None:
    play = hall(SELECTION)
    tie(play)
    desk = Desk(play, language)
    async with desk.app.run_test(size=size) as pilot:
        await desk.news(pilot)
        seen = "".join(plain(desk.app).split())
        whole = {"zh": "争1个名额，另行一轮票决。", "en": "anotherrounddecidesamongthem."}[language.value]
        # the panels beside cut lines apart: what must be there is its end
        assert whole[-6:] in seen
        await pilot.press("enter")
        desk.clock.seconds += SETTLE_SECONDS
        await pilot.press("enter")
        assert [one.body for one in desk.session.submitted] == [OpenRound("1", 2, ("T02", "T03"))]
