"""Every face of the seat at 80x24, driven by keys and looked at as the text on the screen."""

from decimal import Decimal
from functools import partial

import msgspec
import pytest

from kit import sitting
from kit.every_kind import CRITERIA, hall
from kit.factories import live_rules, small_definition
from kit.hall_display import long_sheet
from kit.seats import StillSession, ballot, figures_of, picture, receipt_of
from pingyi_protocol.client.session import Link, Outstanding
from pingyi_protocol.meeting.commands import Cast, CheckIn, Score
from pingyi_protocol.meeting.definition import Language, Press
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record.receipt import ReceiptError, code_of
from pingyi_protocol.wire.envelope import Envelope
from pingyi_protocol.wire.picture import Picture
from pingyi_terminal.link import AlarmRaised
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.widgets import ActionBlock, BigText, KeyHints, QRCode, ScoreRuler
from pingyi_terminal.widgets.cells import spaced

DEFINITION = small_definition(45)
HERE = tuple(range(36))
CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH
sit = partial(sitting.sit, definition=DEFINITION)


@pytest.fixture(autouse=True)
def _two_presses_may_be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)


def open_item(item: str = "1", **changes: object) -> Picture:
    return picture(DEFINITION, item=item, present=HERE, **changes)  # type: ignore[arg-type]  # names real fields


async def test_check_in_is_one_gold_block() -> None:
    async with sit(picture(DEFINITION, present=(0, 2))) as seat:
        seat.says("您还没有签到", "实到 2 / 应到 45", "法定人数 23，尚未达到", "Enter  签到", "1排02号 委员02")
        await seat.press("enter")
        assert [command.body for command in seat.session.submitted] == [CheckIn()]
        seat.says("签到已送出，等待回执")
        await seat.press("enter")
        assert len(seat.session.submitted) == 1
        await seat.show(picture(DEFINITION, present=HERE))
        seat.says("您已签到", "已达法定人数 23")


async def test_a_refused_check_in_says_why_and_can_be_pressed_again() -> None:
    async with sit(picture(DEFINITION, present=(0,))) as seat:
        await seat.press("enter")
        await seat.refused(Reason.NOT_ENTITLED, person="M02")
        seat.says("M02", "Enter  签到")


async def test_an_item_comes_up_by_itself_with_all_that_a_member_looks_up() -> None:
    async with sit(picture(DEFINITION, present=HERE)) as seat:
        await seat.show(open_item())
        seat.says("议题 1（共 2 项）  文化和旅游局整改评议", "请为 文化和旅游局 打分", "记 名", "剩余", "请先输入分数")
        seat.says("1 公共阅读场所偏少、分布不均", "目标 已建城市书房 92", "报告 整改报告（示例）", "0 至 100")


async def test_a_score_is_typed_confirmed_sent_and_recorded_only_with_a_receipt() -> None:
    async with sit(open_item()) as seat:
        await seat.press("９", "２")
        seat.says("优秀", "90 分以上", "Enter  确认 92 分")
        await seat.press("enter")
        seat.says("请再看一眼", "您给 文化和旅游局 的评分", "Enter  送出 92 分", "Esc  返回修改")
        assert seat.session.submitted == []
        await seat.press("enter")
        assert seat.session.submitted[0].body == Cast("1", 1, (Score("T01", "", Decimal(92)),))
        seat.says("您给 文化和旅游局 的评分 92 分 已签名送出", "4 写入记录", "等待中")
        await seat.show(open_item(voted=(0, 1)))
        assert "写入会议记录" not in seat.screen
        receipt = await seat.recorded()
        seat.says("您给 文化和旅游局 的评分", "92 分  优秀", "已写入会议记录", spaced(code_of(receipt)), "2 / 36 已投")
        seat.says("您不用再做什么。", "还剩 1:48", "F6")
        assert seat.app.screen.query_one(QRCode).data == code_of(receipt)


async def test_the_same_in_english() -> None:
    async with sit(open_item(), language=ENGLISH) as seat:
        seat.says("Score: 文化和旅游局", "OPEN BALLOT", "type a score", "Problems and promises")
        await seat.press("1", "0", "0")
        seat.says("Enter  confirm 100", "90 or up")
        await seat.press("enter", "enter")
        seat.says("100 is signed and sent, and waits for its receipt")
        receipt = await seat.recorded()
        seat.says("is in the record", spaced(code_of(receipt)), "Nothing more to do.", "in 1:48")


@pytest.mark.parametrize(
    ("keys", "said"),
    [("101", "最高 100"), ("8.5", "只能填整数")],
)
async def test_what_is_no_score_is_refused_in_words_and_stays(keys: str, said: str) -> None:
    async with sit(open_item()) as seat:
        await seat.press(*keys)
        seat.says(said, "Enter  请改填")
        assert "请先输入分数" not in seat.screen
        assert not any(line.split("▌")[-1].strip().startswith("，") for line in seat.screen.splitlines())
        await seat.press("enter")
        assert seat.app.drafts[("1", 1)].entry.text == keys
        seat.says(said)
        await seat.press("backspace", "backspace")
        assert said not in seat.screen


@pytest.mark.parametrize(
    ("keys", "score"),
    [
        (("9", "0", "right"), "91"),
        (("9", "0", "down"), "89"),
        (("9", "0", "pageup", "pageup", "pageup"), "100"),
        (("9", "0", "pagedown"), "85"),
        (("end",), "100"),
        (("home",), "0"),
        (("9", "2", "backspace"), "9"),
    ],
)
async def test_keys_without_letters_are_enough(keys: tuple[str, ...], score: str) -> None:
    async with sit(open_item()) as seat:
        await seat.press(*keys)
        seat.says(f"Enter  确认 {score} 分")


async def test_a_mouse_is_enough_from_check_in_to_sent() -> None:
    async with sit(picture(DEFINITION, present=(0,))) as seat:
        await seat.pilot.click("#action")
        assert [command.body for command in seat.session.submitted] == [CheckIn()]
        await seat.show(open_item())
        await seat.pilot.click("QuickValues", offset=(19, 1))
        seat.says("Enter  确认 80 分")
        await seat.pilot.click(ScoreRuler, offset=(0, 1))
        seat.says("Enter  确认 0 分")
        await seat.pilot.click(ActionBlock)
        await seat.pilot.click("#bottom BackBlock")
        seat.says("Enter  确认 0 分")
        await seat.pilot.click(ActionBlock)
        await seat.pilot.click("#enter")
        assert seat.session.submitted[-1].body == ballot("1", ("T01", 0))


async def test_a_click_on_a_hint_presses_its_key() -> None:
    async with sit(open_item()) as seat:
        hints = seat.app.screen.query_one(KeyHints)
        places = {hint.key: begin for begin, _, hint, _ in hints.places(hints.size.width)}
        await seat.pilot.click(KeyHints, offset=(places["f3"], 0))
        seat.says("弃权会记录在案")


async def test_a_double_press_does_not_send(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 1e9)
    async with sit(open_item()) as seat:
        await seat.press("9", "enter", "enter", "enter")
        seat.says("请再看一眼")
        assert seat.session.submitted == []


async def test_abstaining_is_a_choice_of_its_own_and_asked_once() -> None:
    async with sit(open_item()) as seat:
        await seat.press("9", "f3")
        seat.says("弃权会记录在案，不计入平均分", "Enter  送出 弃权")
        await seat.press("escape")
        seat.says("Enter  确认 9 分")
        await seat.press("f3", "enter")
        assert seat.session.submitted[0].body == ballot("1", ("T01", None))


async def test_an_item_without_abstention_does_nothing_on_its_key() -> None:
    strict = small_definition(45, rules=live_rules(abstention=False))
    async with sit(picture(strict, item="1", present=HERE), definition=strict) as seat:
        await seat.press("f3")
        seat.says("请先输入分数")


async def test_a_score_is_changed_until_the_close() -> None:
    mine = receipt_of(StillSession().command(ballot("1", ("T01", 92))))
    async with sit(open_item(voted=(1,)), mine) as seat:
        await seat.press("f6")
        seat.says("已记录 92 分  优秀，现在改分", "不改了")
        await seat.press("escape")
        seat.says("已写入会议记录")
        await seat.press("f6", "8", "8", "enter")
        seat.says("将替换已记录的 92 分  优秀", "Enter  送出 88 分")
        await seat.press("f4")
        assert "92" not in seat.screen
        await seat.press("f4", "enter")
        assert seat.session.submitted[0].body == ballot("1", ("T01", 88))
        receipt = await seat.recorded()
        seat.says("88 分  良好", spaced(code_of(receipt)))


async def test_where_the_first_press_counts_it_says_so_before_and_after() -> None:
    first = small_definition(45, rules=live_rules(press=Press.FIRST))
    async with sit(picture(first, item="1", present=HERE), definition=first) as seat:
        await seat.press("9", "enter")
        seat.says("以第一次为准，不能再改")
        await seat.press("enter")
        await seat.recorded()
        seat.says("以第一次为准，不能再改")
        await seat.press("f6")
        seat.says("已写入会议记录")


async def test_a_sheet_is_filled_gap_by_gap_reviewed_and_sent_once() -> None:
    async with sit(open_item("2")) as seat:
        seat.says(
            "请给 2 个对象打分", "0 / 2", "还缺 2 个，填满后才能提交", "1 人社局", "2 医保局", "断缴养老保险的人续保难"
        )
        await seat.press("9", "0", "enter", "f3")
        seat.says("2 / 2", "全部填好了", "Enter  核对并提交", "优秀", "弃权")
        await seat.press("enter")
        seat.says("请核对这 2 个评分", "Enter  提交 2 个评分", "Esc  返回修改")
        assert seat.session.submitted == []
        await seat.press("enter")
        assert seat.session.submitted[0].body == ballot("2", ("T02", 90), ("T03", None))
        await seat.recorded()
        seat.says("您的表决票：两局整改评议，2 个对象", "已填 1 / 2  弃权 1")


async def test_a_refused_entry_of_a_sheet_is_to_be_typed_anew() -> None:
    async with sit(open_item("2"), language=ENGLISH) as seat:
        await seat.press("1", "0", "1")
        seat.says("100 at the most", "Enter  type another score")
        await seat.press("enter")
        assert seat.app.drafts[("2", 1)].row == 0


async def test_an_abstention_says_what_it_replaces_also_where_another_terminal_cast_it() -> None:
    mine = receipt_of(StillSession().command(ballot("1", ("T01", 92))))
    async with sit(open_item(voted=(1,)), mine, language=ENGLISH) as seat:
        await seat.press("f6", "f3")
        seat.says("It replaces the recorded 92  优秀.")
    async with sit(open_item(voted=(1,)), language=ENGLISH) as seat:
        await seat.press("f6", "9", "enter")
        seat.says("It replaces your ballot on the record.")
    async with sit(open_item(), language=ENGLISH) as seat:
        await seat.press("9", "enter")
        assert "replaces" not in seat.screen


async def test_waiting_ballots_are_counted_in_words_that_fit_one_and_many() -> None:
    async with sit(open_item(), language=ENGLISH) as seat:
        await seat.press("9", "enter", "enter", "ctrl+q")
        seat.says("A signed ballot has no receipt yet.")
        await seat.press("escape")
        await seat.show(picture(DEFINITION, item="2", present=HERE, done=("1",)))
        await seat.press("9", "enter", "9", "enter", "enter", "ctrl+q")
        seat.says("2 signed ballots have no receipt yet.")


async def test_a_changed_sheet_shows_the_earlier_scores_beside_the_new_ones() -> None:
    mine = receipt_of(StillSession().command(ballot("2", ("T02", 92), ("T03", None))))
    async with sit(open_item("2", voted=(1,)), mine) as seat:
        await seat.press("f6", "8", "5")
        seat.says("我上次")
        [line] = [line for line in seat.screen.splitlines() if "人力资源和社会保障局" in line and "85" in line]
        assert "92" in line
    async with sit(open_item("2")) as seat:
        assert "我上次" not in seat.screen


async def test_a_line_of_a_sheet_can_be_touched() -> None:
    async with sit(open_item("2")) as seat:
        await seat.pilot.click("SheetTable", offset=(10, 2))
        await seat.press("7")
        assert [entry.text for entry in seat.app.drafts[("2", 1)].entries] == ["", "7"]


async def test_no_broadcast_resize_or_language_disturbs_what_is_typed() -> None:
    async with sit(open_item()) as seat:
        await seat.press("9")
        await seat.show(open_item(voted=(0, 2, 3), remaining=5_400))
        await seat.pilot.resize_terminal(120, 36)
        await seat.press("f2")
        seat.says("Enter  confirm 9", "0 to 100")
        await seat.pilot.resize_terminal(80, 24)
        await seat.press("2", "f2")
        seat.says("Enter  确认 92 分")


async def test_a_new_item_does_not_take_over_the_digits_of_the_last() -> None:
    async with sit(open_item()) as seat:
        await seat.press("9", "2")
        await seat.show(picture(DEFINITION, item="2", present=HERE, done=("1",)))
        seat.says("请给 2 个对象打分", "0 / 2")


async def test_a_lost_link_is_said_at_once_and_typing_goes_on() -> None:
    async with sit(open_item()) as seat:
        await seat.press("9")
        await seat.link(Link.LOST, lost=14.2)
        seat.says("连接中断 0:14，正在重连", "可以继续填写")
        await seat.press("2")
        seat.says("Enter  确认 92 分")
        await seat.link(Link.UP)
        assert "连接中断" not in seat.screen
        seat.says("Enter  确认 92 分")


async def test_a_ballot_signed_without_a_link_is_not_lost_and_goes_by_itself() -> None:
    async with sit(open_item()) as seat:
        await seat.press("9", "2")
        await seat.link(Link.LOST, lost=3)
        await seat.press("enter", "enter")
        seat.says("您给 文化和旅游局 的评分 92 分 没有丢。", "请不要关机", "3 送出", "本轮约剩 1:48", "请举手")
        await seat.link(Link.UP)
        seat.says("已签名送出，正在等待回执")
        await seat.recorded()
        seat.says("已写入会议记录")
        assert len(seat.session.submitted) == 1


async def test_a_ballot_of_an_earlier_run_is_shown_as_waiting_and_then_recorded() -> None:
    session = StillSession(definition=None, picture=None, link=Link.CONNECTING)
    command = session.command(ballot("1", ("T01", 92)))
    session.outstanding[command.id] = Outstanding(command, Envelope("", "", ""))
    async with sit(None, session=session) as seat:
        seat.says("仍存在这台机器里，连上后自动送出")
        session.definition, session.link = DEFINITION, Link.UP
        await seat.show(open_item())
        seat.says("您给 文化和旅游局 的评分 92 分 已签名送出")
        session.submitted.append(command)
        await seat.recorded()
        seat.says("92 分  优秀", "已写入会议记录")


async def test_closed_without_a_ballot_and_what_was_typed_is_said() -> None:
    async with sit(open_item()) as seat:
        await seat.press("9", "2")
        await seat.show(open_item(phase=Phase.CLOSED))
        seat.says("没有收到您的票，您这一票没有计入", "您输入的 92 分 没有送出")


@pytest.mark.parametrize(
    ("keys", "said"), [(("5", "5"), "您输入的 55 分 没有送出"), (("1", "0", "1"), "101 分"), (("f3",), "弃权没有送出")]
)
async def test_a_change_that_was_not_sent_is_said_at_the_close_and_beside_the_result(
    keys: tuple[str, ...], said: str
) -> None:
    mine = receipt_of(StillSession().command(ballot("1", ("T01", 92))))
    figures = (figures_of(DEFINITION, "1", 92, 88),)
    async with sit(open_item(voted=(1,)), mine) as seat:
        await seat.press("f6", *keys)
        await seat.show(open_item(phase=Phase.CLOSED, voted=(1,), figures=figures))
        seat.says(said, "您先前记录的 92 分  优秀 仍然有效", code_of(mine))
        await seat.show(open_item(phase=Phase.ANNOUNCED, voted=(1,), figures=figures))
        seat.says(said, "您的评分 92 分  优秀", code_of(mine))


async def test_a_changed_sheet_that_was_not_sent_is_said_too() -> None:
    mine = receipt_of(StillSession().command(ballot("2", ("T02", 92), ("T03", None))))
    async with sit(open_item("2", voted=(1,)), mine, language=ENGLISH) as seat:
        await seat.press("f6", "8", "5")
        await seat.show(open_item("2", phase=Phase.CLOSED, voted=(1,)))
        seat.says("What you filled in on the ballot was not sent.", "Your earlier ballot still counts")


async def test_a_hidden_score_stays_hidden_when_it_was_not_sent() -> None:
    async with sit(open_item()) as seat:
        await seat.press("9", "7", "f4")
        await seat.show(open_item(phase=Phase.CLOSED))
        seat.says("没有送出")
        assert "97" not in seat.screen
    mine = receipt_of(StillSession().command(ballot("1", ("T01", 92))))
    async with sit(open_item(voted=(1,)), mine) as seat:
        await seat.press("f6", "f4", "9", "7")
        await seat.show(open_item(phase=Phase.CLOSED, voted=(1,)))
        seat.says("仍然有效", "没有送出")
        assert "97 分" not in seat.screen
        assert "92 分" not in seat.screen


async def test_a_ballot_that_came_late_is_said_to_count_for_nothing() -> None:
    async with sit(open_item()) as seat:
        await seat.press("9", "2", "enter", "enter")
        await seat.link(Link.LOST, lost=40)
        await seat.show(open_item(phase=Phase.CLOSED))
        seat.says("没有丢")
        await seat.link(Link.UP)
        await seat.refused(Reason.CLOSED)
        seat.says("您的 92 分 送到时已经截止，没有计入")


async def test_another_refusal_brings_the_draft_back_with_the_reason() -> None:
    async with sit(open_item()) as seat:
        await seat.press("9", "2", "enter", "enter")
        await seat.refused(Reason.ALREADY_VOTED)
        seat.says("Enter  确认 92 分", "第一次")
        await seat.press("right")
        seat.says("Enter  确认 93 分")
        assert "第一次" not in seat.screen


async def test_the_result_is_shown_until_the_next_item() -> None:
    mine = receipt_of(StillSession().command(ballot("1", ("T01", 92))))
    figures = figures_of(DEFINITION, "1", 92, 88, 95, None)
    shown = open_item(phase=Phase.ANNOUNCED, voted=(0, 1, 2, 3), figures=(figures,))
    async with sit(shown, mine) as seat:
        seat.says("平均分", "优秀", "3 人打分", "1 人弃权", "1 人未按", "您的评分 92 分  优秀", code_of(mine))
        await seat.press("f5")
        seat.says("91.67", "您 92 分", "未开始", "按 Esc 返回")
        await seat.press("escape")
        seat.says("3 人打分")
        await seat.press("f5")
        await seat.show(picture(DEFINITION, item="2", present=HERE, figures=(figures,), done=("1",)))
        seat.says("请给 2 个对象打分")


@pytest.mark.parametrize("item", ["1", "2"])
async def test_a_result_that_the_close_publishes_is_said_to_wait_for_its_announcement(item: str) -> None:
    scores = [(target, 92) for target in ("T01",)] if item == "1" else [("T02", 92), ("T03", None)]
    mine = receipt_of(StillSession().command(ballot(item, *scores)))
    figures = (figures_of(DEFINITION, item, 92, 88),)
    async with sit(open_item(item, phase=Phase.CLOSED, voted=(1,), figures=figures), mine, language=ENGLISH) as seat:
        seat.says("published at the close, not yet announced")
        await seat.show(open_item(item, phase=Phase.ANNOUNCED, voted=(1,), figures=figures))
        seat.says("announced")
        assert "not yet announced" not in seat.screen


async def test_the_result_of_a_sheet_is_a_line_for_each_target() -> None:
    mine = receipt_of(StillSession().command(ballot("2", ("T02", 92), ("T03", None))))
    figures = figures_of(DEFINITION, "2", 92, 88)
    async with sit(open_item("2", phase=Phase.ANNOUNCED, voted=(1,), figures=(figures,)), mine) as seat:
        seat.says("2 个对象的结果", "人力资源和社会保障局", "90.00", "92 分", "弃权", "您的表决票已计入")


async def test_a_result_without_the_own_ballot_says_so() -> None:
    figures = figures_of(DEFINITION, "1", 92, 88)
    async with sit(open_item(phase=Phase.ANNOUNCED, figures=(figures,))) as seat:
        seat.says("没有收到您的票，您这一票没有计入")


async def test_another_device_took_the_seat_over() -> None:
    async with sit(open_item()) as seat:
        for link in (Link.REVOKED, Link.TAKEN_OVER):
            await seat.link(link)
            seat.says("另一台终端已接管您的席位", "已停用")


async def test_copied_keys_in_use_elsewhere_are_named_and_the_seat_goes_on_when_they_have_left() -> None:
    async with sit(open_item()) as seat:
        await seat.link(Link.ELSEWHERE)
        seat.says("另一台终端正用同一密钥使用您的席位", "请立刻举手", "别处在用")
        await seat.link(Link.UP)
        seat.silent_on("别处在用")


async def test_a_record_that_does_not_fit_shouts_for_a_scrutineer() -> None:
    async with sit(open_item()) as seat:
        seat.app.post_message(AlarmRaised(ReceiptError("receipt.other_command")))
        await seat.pilot.pause()
        seat.says("请监票人过来看这个屏幕", "回执对应的不是所送出的内容")


async def test_the_countdown_says_when_it_stands_still_and_when_there_is_none() -> None:
    async with sit(open_item(phase=Phase.PAUSED)) as seat:
        seat.says("计时", "暂停")
        await seat.show(open_item(remaining=None))
        seat.says("不限时")


async def test_help_lists_what_is_possible_now() -> None:
    async with sit(open_item()) as seat:
        await seat.press("f1")
        seat.says("现在可以按的键", "F3", "会记录在案", "F2", "改用英文界面")
        assert "修改：" not in seat.screen
        await seat.press("f1", "9", "f7")
        seat.says("突出问题与整改承诺", "报告 整改报告（示例）")
        await seat.press("escape")
        seat.says("Enter  确认 9 分")


async def test_a_hidden_score_is_nowhere_on_the_screen() -> None:
    async with sit(open_item()) as seat:
        await seat.press("9", "7", "f4")
        assert "97" not in seat.screen
        await seat.press("enter")
        assert "97" not in seat.screen
        await seat.press("enter")
        assert "97 " not in seat.screen
        await seat.recorded()
        assert "97 分" not in seat.screen
        await seat.press("f4")
        seat.says("97 分  优秀")


async def test_leaving_with_an_unsent_ballot_is_asked() -> None:
    async with sit(open_item()) as seat:
        await seat.press("9", "enter", "enter", "ctrl+q")
        seat.says("还有 1 张已签名的票没有收到回执")
        await seat.press("escape")
        seat.says("正在等待回执")
        await seat.press("ctrl+q", "enter")
        assert not seat.app.is_running


async def test_leaving_with_a_typed_score_is_asked_and_going_back_keeps_it() -> None:
    async with sit(open_item()) as seat:
        await seat.press("7", "7", "ctrl+q")
        seat.says("您输入的 77 分 没有送出。", "回来后要重新输入", "仍要离开")
        await seat.press("escape")
        seat.says("Enter  确认 77 分")
        await seat.press("ctrl+q", "ctrl+q")
        assert not seat.app.is_running


async def test_one_long_press_does_not_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 1e9)
    async with sit(open_item(), language=ENGLISH) as seat:
        await seat.press("7", "ctrl+q", "ctrl+q", "ctrl+q")
        seat.says("The 7 that you typed was not sent.")
        assert seat.app.is_running


async def test_leaving_with_nothing_unsent_needs_no_question() -> None:
    mine = receipt_of(StillSession().command(ballot("1", ("T01", 92))))
    async with sit(open_item(voted=(1,)), mine) as seat:
        await seat.press("f6", "ctrl+q")
        assert not seat.app.is_running


async def test_the_help_says_how_to_leave() -> None:
    async with sit(open_item()) as seat:
        await seat.press("f1")
        seat.says("Ctrl+Q", "有没送出的内容会先问")


async def test_a_disk_that_takes_no_ballot_keeps_the_draft_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_body: object) -> None:
        raise OSError(28, "No space left on device")

    async with sit(open_item()) as seat:
        monkeypatch.setattr(seat.session, "submit", full)
        await seat.press("9", "2", "enter", "enter")
        seat.says("本机磁盘无法写入", "Enter  送出 92 分")


async def test_names_from_files_are_never_markup() -> None:
    wild = small_definition(45)
    target = type(wild.targets[0])("T01", "[/b]局[red]", "")
    wild = type(wild)(wild.meeting, wild.roster, (target, *wild.targets[1:]), wild.agenda, wild.problems)
    async with sit(picture(wild, item="1", present=HERE), definition=wild) as seat:
        seat.says("请为 [/b]局[red] 打分")
        await seat.press("9", "enter", "enter")
        seat.says("[/b]局[red]")


@pytest.mark.parametrize(
    ("language", "word", "reason", "ballot", "second"),
    [
        (CHINESE, "本 轮 作 废", "第 1 轮已作废。理由：停电", "您在这一轮的票不计入结果", "第 2 轮"),
        (ENGLISH, "VOID", "round 1 is void. Reason: 停电", "does not count", "round 2"),
    ],
)
async def test_a_void_round_is_said_large_and_the_next_one_by_its_number(
    language: Language, word: str, reason: str, ballot: str, second: str
) -> None:
    void = picture(DEFINITION, present=HERE, voted=(1,), item="1", phase=Phase.VOID, reason="停电")
    async with sit(void, language=language) as seat:
        seat.says(reason, ballot)
        assert seat.app.screen.query_one("#word", BigText).text == word.replace(" ", "")
        await seat.press("f5")
        seat.says("已作废" if language is CHINESE else "void")
        await seat.press("f5")
        await seat.show(picture(DEFINITION, present=HERE, item="1", number=2))
        seat.says(second)


async def test_a_ballot_that_meets_a_void_round_is_not_asked_for_again() -> None:
    async with sit(picture(DEFINITION, present=HERE, item="1")) as seat:
        await seat.press("9", "2", "enter", "enter")
        await seat.show(picture(DEFINITION, present=HERE, item="1", phase=Phase.VOID, reason="停电"))
        await seat.refused(Reason.ROUND_VOID)
        seat.says("第 1 轮已作废。理由：停电")
        assert seat.app.drafts == {}


@pytest.mark.parametrize(
    ("language", "word", "means"),
    [(CHINESE, "您已回避", "您在本议题回避，不参加这一轮表决"), (ENGLISH, "RECUSED", "do not vote in this round")],
)
async def test_a_recused_seat_says_so_and_takes_no_score(language: Language, word: str, means: str) -> None:
    async with sit(picture(DEFINITION, present=HERE, recused=(1,), item="1"), language=language) as seat:
        seat.says(means)
        assert seat.app.screen.query_one("#word", BigText).text == word
        await seat.press("9", "2", "enter", "enter")
        assert seat.session.submitted == []
        await seat.press("f5")
        seat.says("您回避" if language is CHINESE else "you are recused")


async def test_a_long_sheet_names_what_is_missing_by_number_and_the_last_ones_by_name() -> None:
    sheet = long_sheet(live_rules())
    async with sit(picture(sheet, item="1", present=HERE), definition=sheet) as seat:
        seat.says("还缺 11 个，填满后才能提交", "  1  2  3  4  5  6  7  8  9  10  11  ")
        for _ in range(9):
            await seat.press("9", "0", "enter")
        seat.says("还缺 2 个", "\n  10 市公共资料中心", "\n  11 市园艺技术中心")


async def test_between_criteria_of_one_target_enter_names_the_next_criterion() -> None:
    meeting = hall(CRITERIA)
    async with sit(picture(meeting, item=CRITERIA.id, present=HERE), definition=meeting) as seat:
        first, second = CRITERIA.criteria[:2]
        seat.says(first.name, f"Enter  填 {second.name}")


async def test_the_help_of_a_ballot_says_what_enter_does() -> None:
    async with sit(open_item()) as seat:
        await seat.press("f1")
        seat.says("Enter", "确认：先再看一眼，再按一次才送出")
    async with sit(open_item("2")) as seat:
        await seat.press("f1")
        seat.says("Enter", "到下一个没填的；都填好了，就核对并提交")


async def test_papers_are_cut_only_where_they_do_not_fit() -> None:
    async with sit(open_item(), size=(80, 24)) as seat:
        seat.says("阅读吧", "报告 整改报告（示例）")
        seat.silent_on("阅读吧..")


async def test_a_break_is_said_at_the_seat_until_a_round_takes_ballots() -> None:
    done = figures_of(DEFINITION, "1", 90, 91)
    announced = open_item(phase=Phase.ANNOUNCED, figures=(done,))
    async with sit(msgspec.structs.replace(picture(DEFINITION, present=HERE), recess=True)) as seat:
        seat.says("您已签到", "现在休会：请稍候")
        await seat.show(msgspec.structs.replace(announced, recess=True))
        seat.says("现在休会：请稍候", "已宣布")
        await seat.show(msgspec.structs.replace(open_item("2"), recess=True))
        seat.silent_on("休会")
