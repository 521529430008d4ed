"""Every screen of the seat as a snapshot: in Chinese at 80x24, a few in English and large."""

import msgspec
import pytest

from kit.composites import appraised, eleven
from kit.every_kind import CRITERIA, MOTION, QUESTIONED, RATING, SCORE, SELECTION, T01, T02, T03, hall
from kit.factories import live_rules, small_definition
from kit.playbook import CHAIR, Playbook
from kit.seats import StillSession, ballot, figures_of, picture, receipt_of
from kit.sitting import Sitting, own, shown, sit
from kit.snapshots import Shows
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import AnnounceRound, Cast, Choice, CloseRound, OpenCheckIn, OpenRound
from pingyi_protocol.meeting.definition import TRIAL, Definition, Item, Language, Option, Press
from pingyi_protocol.meeting.events import CompositeAnnounced
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.text import catalogue
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import Continuing, Head, Picture, Watch
from pingyi_terminal.link import AlarmRaised
from pingyi_terminal.seat.app import SeatApp

DEFINITION = small_definition(45)
HERE = tuple(range(36))
FINAL = Head(9, "K7M2-Q9XD-4TRB-8W3F")
LARGE = (160, 50)
ENGLISH = Language.ENGLISH


@pytest.fixture(autouse=True)
def _two_presses_may_be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)


def of_item(item: str = "1", definition: Definition = DEFINITION, **changes: object) -> Picture:
    return picture(definition, item=item, present=HERE, **changes)  # type: ignore[arg-type]  # names real fields


def mine(*scores: tuple[str, int | None], item: str = "1") -> Receipt:
    """The receipt of one's own ballot."""
    return receipt_of(StillSession().command(ballot(item, *scores)))


def opened(item: Item) -> tuple[Definition, Playbook]:
    """A meeting on this item, which is open, and four of five are there."""
    definition = hall(item)
    book = Playbook(definition).enrol("M01").enrol(*CHAIR).check_in("M01", "M02", "M03", "M04")
    return definition, book.chair(OpenRound(item.id))


async def until_recorded(seat: Sitting, *keys: str) -> None:
    """Fill in with these keys, and get a receipt."""
    await seat.press(*keys)
    await seat.recorded()


async def test_arriving(shows: Shows) -> None:
    async with sit(None, definition=DEFINITION, session=StillSession(link=Link.CONNECTING)) as seat:
        shows(seat.app, "connecting", "正在连接")
    async with sit(picture(DEFINITION, present=(0, 2)), definition=DEFINITION) as seat:
        shows(seat.app, "not-checked-in", "您还没有签到", "Enter  签到", "法定人数 23，尚未达到")
        await seat.show(picture(DEFINITION, present=HERE))
        shows(seat.app, "checked-in", "您已签到", "已达法定人数 23")


async def test_check_in_has_a_window(shows: Shows) -> None:
    definition = hall(MOTION, check_in_minutes=10)
    book = Playbook(definition).enrol("M01").enrol(*CHAIR)
    async with sit(shown(book), definition=definition) as seat:
        shows(seat.app, "not-open-yet", "签到还没有开放")
        book.clerk(OpenCheckIn())
        await seat.show(shown(book))
        shows(seat.app, "open", "签到还有 10:00")


async def test_a_score(shows: Shows) -> None:
    async with sit(of_item(), definition=DEFINITION) as seat:
        shows(seat.app, "open", "请为 文化和旅游局 打分", "请先输入分数", "剩余")
        await seat.press("9", "2")
        shows(seat.app, "typed", "Enter  确认 92 分", "90 分以上")
        await seat.press("f4")
        shows(seat.app, "discreet", "F4")
        seat.silent_on("92 分")
        await seat.press("f4", "f1")
        shows(seat.app, "help", "现在可以按的键", "会记录在案")
        await seat.press("f1", "f7")
        shows(seat.app, "papers", "突出问题与整改承诺", "报告 整改报告（示例）")
        await seat.press("escape", "enter")
        shows(seat.app, "confirm", "请再看一眼", "Enter  送出 92 分", "Esc  返回修改")
        await seat.press("enter")
        shows(seat.app, "sent", "已签名送出", "等待中")
        await seat.show(of_item(voted=(0, 1)))
        await seat.recorded()
        shows(seat.app, "recorded", "92 分  优秀", "已写入会议记录", "您不用再做什么。")
        await seat.press("f6")
        shows(seat.app, "changing", "已记录 92 分  优秀，现在改分", "不改了")


async def test_what_is_refused_as_it_is_typed(shows: Shows) -> None:
    async with sit(of_item(), definition=DEFINITION) as seat:
        await seat.press("1", "0", "1")
        shows(seat.app, "101", "最高 100", "Enter  请改填")
        await seat.press("backspace", "backspace", "backspace", "8", ".", "5")
        shows(seat.app, "half", "只能填整数", "Enter  请改填")


async def test_abstaining_and_leaving(shows: Shows) -> None:
    async with sit(of_item(), definition=DEFINITION) as seat:
        await seat.press("7", "7", "ctrl+q")
        shows(seat.app, "leaving", "您输入的 77 分 没有送出。", "仍要离开")
        await seat.press("escape", "f3")
        shows(seat.app, "abstaining", "弃权会记录在案，不计入平均分", "Enter  送出 弃权")
        await seat.press("enter")
        await seat.recorded()
        shows(seat.app, "abstained", "弃权", "已写入会议记录")


async def test_the_clock(shows: Shows) -> None:
    async with sit(of_item(remaining=9_000), definition=DEFINITION) as seat:
        shows(seat.app, "ten-seconds", "剩余")
        await seat.show(of_item(phase=Phase.PAUSED))
        shows(seat.app, "paused", "暂停")
        await seat.show(of_item(remaining=None))
        shows(seat.app, "no-limit", "不限时")


async def test_where_the_first_press_counts(shows: Shows) -> None:
    definition = small_definition(45, rules=live_rules(press=Press.FIRST))
    async with sit(of_item(definition=definition), definition=definition) as seat:
        await seat.press("9", "enter")
        shows(seat.app, "confirm", "以第一次为准，不能再改")
        await until_recorded(seat, "enter")
        shows(seat.app, "recorded", "以第一次为准，不能再改")


async def test_without_a_link(shows: Shows) -> None:
    async with sit(of_item(), definition=DEFINITION) as seat:
        await seat.press("9")
        await seat.link(Link.LOST, lost=14.2)
        shows(seat.app, "half-typed", "连接中断 0:14，正在重连", "可以继续填写")
        await seat.press("2", "enter", "enter")
        shows(seat.app, "signed", "92 分 没有丢", "请不要关机", "本轮约剩 1:48")
        await seat.show(of_item(phase=Phase.CLOSED))
        await seat.link(Link.UP)
        await seat.refused(Reason.CLOSED)
        shows(seat.app, "late", "您的 92 分 送到时已经截止，没有计入")


async def test_after_the_close(shows: Shows) -> None:
    async with sit(of_item(), definition=DEFINITION) as seat:
        await seat.press("9", "2")
        await seat.show(of_item(phase=Phase.CLOSED))
        shows(seat.app, "without-a-ballot", "没有收到您的票，您这一票没有计入", "您输入的 92 分 没有送出")
        await seat.show(of_item(phase=Phase.VOID, reason="停电"))
        shows(seat.app, "void", "第 1 轮已作废。理由：停电")
    async with sit(of_item(phase=Phase.CLOSED, voted=(1,)), mine(("T01", 92)), definition=DEFINITION) as seat:
        shows(seat.app, "closed", "您给 文化和旅游局 的评分")


async def test_results(shows: Shows) -> None:
    figures = figures_of(DEFINITION, "1", 92, 88, 95, None)
    announced = of_item(phase=Phase.ANNOUNCED, voted=(0, 1, 2, 3), figures=(figures,))
    async with sit(announced, mine(("T01", 92)), definition=DEFINITION) as seat:
        shows(seat.app, "one", "平均分", "3 人打分", "1 人弃权", "您的评分 92 分  优秀")
        await seat.press("f5")
        shows(seat.app, "agenda", "91.67", "您 92 分", "未开始")
    figures = figures_of(DEFINITION, "2", 92, 88)
    announced = of_item("2", phase=Phase.ANNOUNCED, voted=(1,), figures=(figures,))
    async with sit(announced, mine(("T02", 92), ("T03", None), item="2"), definition=DEFINITION) as seat:
        shows(seat.app, "sheet", "2 个对象的结果", "人力资源和社会保障局", "90.00", "弃权")


async def test_a_sheet(shows: Shows) -> None:
    async with sit(of_item("2"), definition=DEFINITION) as seat:
        shows(seat.app, "empty", "请给 2 个对象打分", "还缺 2 个，填满后才能提交", "断缴养老保险的人续保难")
        await seat.press("9", "0")
        shows(seat.app, "half", "1 / 2", "未填")
        await seat.press("enter", "f3")
        shows(seat.app, "full", "全部填好了", "Enter  核对并提交", "弃权")
        await seat.press("enter")
        shows(seat.app, "review", "请核对这 2 个评分", "Enter  提交 2 个评分")
        await until_recorded(seat, "enter")
        shows(seat.app, "recorded", "您的表决票：两局整改评议，2 个对象", "已填 1 / 2  弃权 1")
        await seat.press("f6", "8", "5")
        shows(seat.app, "changing", "我上次")


async def test_a_motion(shows: Shows) -> None:
    definition, book = opened(MOTION)
    async with sit(shown(book), definition=definition) as seat:
        shows(seat.app, "open", "请表决", "关于批准决算的决议", "请按 1 至 3 选一项")
        await seat.press("1")
        shows(seat.app, "confirm", "请再看一眼", "Enter  送出 赞成")
        await until_recorded(seat, "enter")
        shows(seat.app, "recorded", "赞成  已写入会议记录")
    book.member("M02", Cast("motion", 1, (Choice("", Option.FOR),)))
    book.chair(CloseRound("motion", 1)).chair(AnnounceRound("motion", 1))
    async with sit(shown(book), own("motion", Choice("", Option.FOR)), definition=definition) as seat:
        shows(seat.app, "result", "赞成")


async def test_a_rating(shows: Shows) -> None:
    definition, book = opened(RATING)
    async with sit(shown(book), definition=definition) as seat:
        await seat.press("2", "enter")
        shows(seat.app, "half", "1 / 2", "Enter  请先选一项", "不满意")


async def test_a_selection(shows: Shows) -> None:
    definition, book = opened(SELECTION)
    async with sit(shown(book), definition=definition) as seat:
        await seat.press("1", "3")
        shows(seat.app, "chosen", "已选 2 个，至多 2 个", "Enter  核对并提交")
        await seat.press("2")
        shows(seat.app, "too-many", "已选满 2 个。要换人选，请先取消一个。")
    chosen = {"M01": (T01, T02), "M02": (T01, T03), "M03": (T01,)}
    for person, targets in chosen.items():
        book.member(person, Cast("selection", 1, tuple(Choice(target, Option.CHOSEN) for target in targets)))
    book.chair(CloseRound("selection", 1)).chair(AnnounceRound("selection", 1))
    book.chair(OpenRound("selection", 2, (T02, T03)))
    async with sit(shown(book), definition=definition) as seat:
        shows(seat.app, "runoff", "第 2 轮", "另行一轮：在 2 个中再选出 1 个")


async def test_criteria_and_a_question(shows: Shows) -> None:
    definition, book = opened(CRITERIA)
    async with sit(shown(book), definition=definition) as seat:
        await seat.press("8", "0", "enter", "9", "0")
        shows(seat.app, "criteria", "问题一", "62.5%", "83.75")
    definition, book = opened(QUESTIONED)
    async with sit(shown(book), definition=definition) as seat:
        await seat.press("8", "0")
        shows(seat.app, "questioned", "请打分，并表决是否通过", "赞成")


async def test_the_trial_vote(shows: Shows) -> None:
    definition = hall(SCORE)
    book = Playbook(definition).enrol("M01").enrol(*CHAIR).check_in("M01", "M02", "M03", "M04")
    book.chair(OpenRound(TRIAL.id))
    async with sit(shown(book), definition=definition) as seat:
        shows(seat.app, "trial", "试投票", "请按 1 至 3 选一项")


async def test_who_does_not_vote(shows: Shows) -> None:
    async with sit(of_item(recused=(1,)), definition=DEFINITION) as seat:
        shows(seat.app, "recused", "您在本议题回避，不参加这一轮表决")
    ended = msgspec.structs.replace(picture(DEFINITION, present=HERE, done=("1", "2")), closed=True, head=FINAL)
    async with sit(ended, definition=DEFINITION) as seat:
        shows(seat.app, "closed-meeting", "K7M2-Q9XD-4TRB-8W3F")


async def test_what_stops_a_seat(shows: Shows) -> None:
    async with sit(of_item(), definition=DEFINITION) as seat:
        await seat.link(Link.ELSEWHERE)
        shows(seat.app, "elsewhere", "另一台终端正用同一密钥使用您的席位", "请立刻举手")
        await seat.link(Link.TAKEN_OVER)
        shows(seat.app, "taken-over", "另一台终端已接管您的席位", "已停用")
    async with sit(of_item(), definition=DEFINITION) as seat:
        seat.app.post_message(AlarmRaised(ReceiptError("receipt.other_command")))
        await seat.pilot.pause()
        shows(seat.app, "alarm", "请监票人过来看这个屏幕", "回执对应的不是所送出的内容")
    copy = msgspec.structs.replace(
        of_item(voted=(1,)), watch=Watch(continuing=Continuing(9, "", "磁盘损坏", declared=False))
    )
    async with sit(copy, mine(("T01", 90)), definition=DEFINITION) as seat:
        shows(seat.app, "restored", "90 分  优秀")


async def test_in_english(shows: Shows) -> None:
    async with sit(of_item(), definition=DEFINITION, language=ENGLISH) as seat:
        await seat.press("9", "2")
        shows(seat.app, "score", "Score: 文化和旅游局", "Enter  confirm 92", "Problems and promises")
        await until_recorded(seat, "enter", "enter")
        shows(seat.app, "recorded", "is in the record", "Nothing more to do.")


async def test_large(shows: Shows) -> None:
    async with sit(of_item(), definition=DEFINITION, size=LARGE) as seat:
        await seat.press("9", "2")
        shows(seat.app, "score", "Enter  确认 92 分")
    async with sit(of_item("2"), definition=DEFINITION, size=LARGE) as seat:
        shows(seat.app, "sheet", "请给 2 个对象打分")


@pytest.mark.parametrize("language", list(Language), ids=lambda one: one.value)
async def test_the_composites_are_what_the_hall_sees(language: Language, shows: Shows) -> None:
    play, definition = appraised(), eleven()
    words = catalogue("pingyi_terminal", language)
    async with sit(play.picture, definition=definition, language=language) as seat:
        assert "94.39" not in seat.screen
        play.happen(CompositeAnnounced(play.backstage.composite))
        await seat.show(play.picture)
        shows(seat.app, "announced", words("seat.composites"), "市文化和旅游局", "94.39", words("seat.again"))
        play.open("1")
        await seat.show(play.picture)
        assert "94.39" not in seat.screen
