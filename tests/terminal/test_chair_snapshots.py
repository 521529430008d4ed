"""Every screen of the chair's console as a snapshot: in Chinese at 120x36, one in English, small and large."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from textual.pilot import Pilot

from kit.chairs import FINGERPRINT, Desk, Play
from kit.composites import appraised
from kit.factories import small_definition
from kit.screens import plain
from kit.snapshots import Shows
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import AnswerCount, Choice
from pingyi_protocol.meeting.definition import (
    TRIAL,
    Audience,
    Item,
    Language,
    MotionRules,
    Option,
    Role,
    SelectionRules,
)
from pingyi_protocol.meeting.events import CompositeAnnounced
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.text import catalogue
from pingyi_server.imports.sample import sample_meeting
from pingyi_terminal.chair.app import SETTLE_SECONDS
from pingyi_terminal.link import AlarmRaised, CommandAnswered

USUAL, SMALL, LARGE = (120, 36), (100, 30), (200, 60)
FOR, AGAINST, CHOSEN = Option.FOR, Option.AGAINST, Option.CHOSEN


def sample(present: int = 43, language: Language = Language.CHINESE) -> Play:
    """The sample meeting with so many present."""
    play = Play(sample_meeting(language).definition)
    play.arrive(present)
    return play


def of(item: Item) -> Play:
    """Six members on one item; M02 is the chief scrutineer, M03 another one."""
    base = small_definition(members=6)
    roles = {"M02": (Role.MEMBER, Role.SCRUTINEER), "M03": (Role.MEMBER, Role.SCRUTINEER)}
    roster = tuple(
        msgspec.structs.replace(one, roles=roles.get(one.number, one.roles), chief=one.number == "M02")
        for one in base.roster
    )
    play = Play(msgspec.structs.replace(base, roster=roster, agenda=(item,)))
    play.arrive(6)
    return play


def vote(play: Play, count: int) -> None:
    """Let so many of those present score the one target of an item, in four bands."""
    for place, person in enumerate(sorted(play.meeting.present)[:count]):
        play.vote(person, (95, 88, 92, 76, 91, 97, 84)[place % 7])


@asynccontextmanager
async def led(
    play: Play, language: Language = Language.CHINESE, size: tuple[int, int] = USUAL
) -> AsyncIterator[tuple[Desk, Pilot[None]]]:
    """The console over a play."""
    desk = Desk(play, language)
    async with desk.app.run_test(size=size) as pilot:
        await desk.news(pilot)
        yield desk, pilot


async def confirm(desk: Desk, pilot: Pilot[None]) -> None:
    """Let the question settle, and press Enter."""
    desk.clock.seconds += SETTLE_SECONDS
    await pilot.press("enter")


async def test_before_the_first_item(shows: Shows) -> None:
    play = sample(17)
    desk = Desk(play)
    desk.session.picture = desk.session.definition = None
    async with desk.app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        shows(desk.app, "connecting", "Enter  正在连接")
        desk.session.definition = play.meeting.definition
        await desk.news(pilot)
        shows(desk.app, "below-quorum", "法定人数不足，不能开始", "还差 6 人签到", "还没签到的 28 人")
        play.arrive(43)
        await desk.news(pilot)
        shows(desk.app, "ready", "Enter  开始第 1 项打分", "实到 43，计时 2:00，按下后再问一次")
        await pilot.press("enter")
        shows(desk.app, "asked", "再按一次：开始第 1 项打分")
        await confirm(desk, pilot)
        shows(desk.app, "sent", "已送出：开始打分")


async def test_the_trial_vote(shows: Shows) -> None:
    play = sample()
    play.open(TRIAL.id)
    async with led(play) as (desk, _):
        shows(desk.app, "trial", "试投票", "还没投的 43 人")


async def test_an_open_round(shows: Shows) -> None:
    play = sample()
    play.recuse("040", "1")
    play.open("1")
    play.silent = {"043"}
    vote(play, 36)
    async with led(play) as (desk, pilot):
        desk.session.left = 108_000
        await desk.news(pilot)
        shows(desk.app, "open", "/ 42", "还没投的", "断 5-07 李伟", "实时均分 36 人", "Enter  结束打分", "回避")
        await pilot.press("enter")
        shows(desk.app, "close-asked", "再按一次")
        await pilot.press("escape", "f1")
        shows(desk.app, "help", "主持台：现在可以做什么", "暂停时照常收票")
        await pilot.press("escape", "f8")
        shows(desk.app, "void-dialog", "宣布第 1 项第 1 轮作废", "须有监票人会签才作废")
        await pilot.press("escape", "ctrl+q")
        shows(desk.app, "leaving", "再按一次：离开主持台")


async def test_a_paused_and_a_complete_round(shows: Shows) -> None:
    play = sample()
    play.open("1")
    vote(play, 43)
    async with led(play) as (desk, pilot):
        shows(desk.app, "complete", "已全部投票", "实到者已全部投票，按下后再问一次")
        play.pause(60_000)
        await desk.news(pilot)
        shows(desk.app, "paused", "暂停")


async def test_from_close_to_the_next_item(shows: Shows) -> None:
    play = sample()
    play.open("1")
    vote(play, 40)
    play.close()
    async with led(play) as (desk, pilot):
        shows(desk.app, "closed", "已截止", "打分 40 人，弃权 0 人，未按 3 人。", "Enter  宣布结果")
        play.announce()
        await desk.news(pilot)
        shows(desk.app, "announced", "均分", "等次")
        await pilot.press("f7")
        shows(desk.app, "ending-asked", "再按一次：散会", "未进行：2、3、4、5，另有 8 项")
        play.end()
        await desk.news(pilot)
        shows(desk.app, "ended", "已散会", "会议记录最终指纹", FINGERPRINT)


async def test_a_void_round(shows: Shows) -> None:
    play = sample()
    play.open("1")
    vote(play, 30)
    play.close()
    play.declare("停电")
    async with led(play) as (desk, pilot):
        shows(desk.app, "waits-for-the-scrutineer", "第 1 轮待监票人会签作废", "理由：停电")
        play.void("停电")
        await desk.news(pilot)
        shows(desk.app, "void", "第 1 轮已作废", "停电", "Enter  第 1 项重新表决")


async def test_what_is_shouted(shows: Shows) -> None:
    play = sample()
    play.open("1")
    vote(play, 20)
    async with led(play) as (desk, pilot):
        play.issue("004", "second")
        await desk.news(pilot)
        shows(desk.app, "code", "换终端另发了登记码，等您同意")
        await desk.link(pilot, Link.LOST, 14)
        shows(desk.app, "lost", "连接中断")
        await desk.link(pilot, Link.TAKEN_OVER, 0)
        shows(desk.app, "taken-over", "另一台设备已接替主持")
    async with led(play) as (desk, pilot):
        await pilot.press("enter")
        await confirm(desk, pilot)
        desk.app.post_message(CommandAnswered(desk.session.submitted[-1], Refusal(Reason.CODE_NOT_COUNTERSIGNED)))
        await pilot.pause()
        shows(desk.app, "refused", "未被接受")
        desk.app.post_message(AlarmRaised(ReceiptError("receipt.other_command")))
        await pilot.pause()
        shows(desk.app, "alarm", "警报：回执对应的不是所送出的内容。")


async def test_a_motion(shows: Shows) -> None:
    play = of(Item("1", "关于批准决算的决议", rules=MotionRules(running=Audience.CHAIR, confirmed=True)))
    play.open("1")
    for place, option in enumerate((FOR, FOR, AGAINST, FOR, Option.ABSTAIN), 1):
        play.choose(f"M{place:02}", ("", option))
    async with led(play) as (desk, pilot):
        shows(desk.app, "open", "关于批准决算的决议", "赞成")
        play.close()
        await desk.news(pilot)
        shows(desk.app, "waits-for-the-chief", "M02 委员02")
        play.sign("M02")
        await desk.news(pilot)
        shows(desk.app, "signed", "Enter  宣布结果")


async def test_a_tie_and_a_result_by_hand(shows: Shows) -> None:
    play = of(Item("1", "票决评议对象", ("T01", "T02", "T03"), SelectionRules(winners=2, most=2)))
    play.open("1")
    for place, chosen in enumerate((("T01", "T02"), ("T01", "T03"), ("T01",), ("T02",), ("T03",)), 1):
        play.choose(f"M{place:02}", *((target, CHOSEN) for target in chosen))
    play.close()
    play.announce()
    async with led(play) as (desk, _):
        shows(desk.app, "tie", "另行一轮")
    play = of(Item("1", "关于批准决算的决议", rules=MotionRules()))
    play.enter("1", 6, AnswerCount(Choice("", FOR), 4), AnswerCount(Choice("", AGAINST), 2))
    async with led(play) as (desk, _):
        shows(desk.app, "by-hand", "手工", "表决器断电")


async def test_a_hall_of_seventy(shows: Shows) -> None:
    play = Play(small_definition(70))
    play.arrive(66)
    play.open("1")
    vote(play, 50)
    async with led(play) as (desk, _):
        shows(desk.app, "open", "/ 66", "还没投的 16 人")


async def test_in_english(shows: Shows) -> None:
    play = sample(language=Language.ENGLISH)
    play.open("1")
    vote(play, 40)
    async with led(play, Language.ENGLISH) as (desk, _):
        shows(desk.app, "open", "due 45", "Not voted yet: 3", "Enter  close scoring", "Mean so far, 40")


async def test_small_and_large(shows: Shows) -> None:
    play = sample()
    play.open("1")
    vote(play, 40)
    async with led(play, size=SMALL) as (desk, pilot):
        shows(desk.app, "small", "议程 1/13  评议文旅局  评分中", "还没投的 3 人", "Enter  结束打分")
        await pilot.resize_terminal(80, 24)
        shows(desk.app, "too-small", "Enter  结束打分")
    async with led(play, size=LARGE) as (desk, _):
        shows(desk.app, "large", "还没投的 3 人", "Enter  结束打分")


@pytest.mark.parametrize("size", [SMALL, USUAL], ids=["small", "usual"])
@pytest.mark.parametrize("language", list(Language), ids=lambda one: one.value)
async def test_the_composites(language: Language, size: tuple[int, int], shows: Shows) -> None:
    play, words = appraised(), catalogue("pingyi_terminal", language)
    async with led(play, language, size) as (desk, pilot):
        ready = words("chair.composite_ready_again", count=4)
        shows(desk.app, "ready", ready, f"Enter  {words('chair.compose')}", "94.39 优秀")
        play.happen(CompositeAnnounced(play.backstage.composite))
        await desk.news(pilot)
        shows(desk.app, "announced", words("chair.composite_announced_again", count=4), "94.39 优秀")
        assert ready not in plain(desk.app)
