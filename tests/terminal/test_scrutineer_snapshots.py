"""Every screen of the scrutineer as a snapshot: in Chinese at 80x24, one in English, one large."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from textual.pilot import Pilot

from kit.chairs import Booth, Play
from kit.factories import small_definition
from kit.snapshots import Shows
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import AnswerCount, Choice
from pingyi_protocol.meeting.definition import Item, Language, MotionRules, Option, Role
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import Continuing
from pingyi_terminal.link import AlarmRaised, CommandAnswered, LinkChanged
from pingyi_terminal.scrutineer.app import SETTLE_SECONDS

USUAL, LARGE = (80, 24), (120, 36)
SIGNED = Item("1", "关于批准决算的决议", rules=MotionRules(confirmed=True))
FREE = Item("2", "关于批准预算的决议", rules=MotionRules())


def hall() -> Play:
    """Six members, all there: M02 is the chief scrutineer, M03 another one."""
    base = small_definition(members=6)
    roles = {"M02": (Role.MEMBER, Role.SCRUTINEER), "M03": (Role.MEMBER, Role.SCRUTINEER)}
    roster = tuple(
        msgspec.structs.replace(one, roles=roles.get(one.number, one.roles), chief=one.number == "M02")
        for one in base.roster
    )
    play = Play(msgspec.structs.replace(base, roster=roster, agenda=(SIGNED, FREE)))
    play.arrive(6)
    return play


def closed() -> Play:
    """Four voted on the first item, M06 is recused, M05 did not press; it is closed."""
    play = hall()
    play.recuse("M06", "1")
    play.open("1")
    for place in range(1, 5):
        play.choose(f"M{place:02}", ("", Option.FOR))
    play.close()
    return play


@asynccontextmanager
async def watched(
    play: Play, person: str = "M02", language: Language = Language.CHINESE, size: tuple[int, int] = USUAL
) -> AsyncIterator[tuple[Booth, Pilot[None]]]:
    """The screen of a scrutineer over a play."""
    booth = Booth(play, person, language)
    async with booth.app.run_test(size=size) as pilot:
        await booth.news(pilot)
        yield booth, pilot


async def test_a_count_is_signed(shows: Shows) -> None:
    play = closed()
    async with watched(play) as (booth, pilot):
        shows(booth.app, "to-sign", "请核对计票：第 1 项", "实到", "未按", "回避", "Enter  签字确认计票")
        await pilot.press("f1")
        shows(booth.app, "help", "监票人：现在可以做什么", "签字确认计票（大方块中的下一步）", "现在不可用")
        await pilot.press("enter")
        await pilot.press("enter")
        shows(booth.app, "asked", "再按一次：签字确认计票")
        booth.clock.seconds += SETTLE_SECONDS
        await pilot.press("enter")
        shows(booth.app, "sent", "已送出签字")
        play.sign("M02")
        command = booth.session.submitted[-1]
        booth.app.post_message(CommandAnswered(command, Receipt(command.id, 57, "", (), "", ())))
        await booth.news(pilot)
        shows(booth.app, "signed", "已签字：第 1 项第 1 轮", "记录第 57 条", "现在没有需要签字的")
    async with watched(closed(), "M03") as (booth, _):
        shows(booth.app, "another-signs", "M02 委员02")


async def test_nothing_to_sign(shows: Shows) -> None:
    play = hall()
    booth = Booth(play, "M03")
    booth.session.picture = None
    async with booth.app.run_test(size=USUAL) as pilot:
        await pilot.pause()
        shows(booth.app, "connecting", "正在连接")
        await booth.news(pilot)
        shows(booth.app, "before", "应到 6 人，实到 6 人，法定人数 4 已达。", "还没有开始表决。")
        play.open("2")
        await booth.news(pilot)
        shows(booth.app, "open", "正在进行", "已投 0 / 6")
        play.close()
        play.end()
        await booth.news(pilot)
        shows(booth.app, "ended", "已散会")


async def test_a_result_by_hand_and_a_void_round(shows: Shows) -> None:
    play = hall()
    counts = AnswerCount(Choice("", Option.FOR), 3), AnswerCount(Choice("", Option.AGAINST), 2)
    play.enter("2", 6, *counts, invalid=1)
    async with watched(play, "M03") as (booth, _):
        shows(booth.app, "by-hand", "手工计票，理由：表决器断电", "赞成：3 票，反对：2 票", "无效票")
    play = closed()
    play.sign("M02")
    play.announce()
    play.declare("停电")
    async with watched(play, "M03") as (booth, _):
        shows(booth.app, "void", "请核对作废：第 1 项", "理由：停电", "会签：这一轮作废")


async def test_a_copy_that_was_put_back(shows: Shows) -> None:
    play = closed()
    picture = play.picture
    copy = Continuing(12, "A" * 43 + "=", "磁盘损坏", declared=True)
    async with watched(play) as (booth, pilot):
        booth.session.picture = msgspec.structs.replace(
            picture, watch=msgspec.structs.replace(picture.watch, continuing=copy)
        )
        booth.app.post_message(LinkChanged())
        await pilot.pause()
        shows(booth.app, "copy", "记录换上了较早的副本", "副本共 12 条")


async def test_what_is_shouted(shows: Shows) -> None:
    async with watched(closed()) as (booth, pilot):
        for name, link, words in (
            ("lost", Link.LOST, "连接中断"),
            ("elsewhere", Link.ELSEWHERE, "另一台设备正用同一密钥监票"),
            ("taken-over", Link.TAKEN_OVER, "另一台设备已接替本监票台"),
        ):
            booth.session.link = link
            booth.app.post_message(LinkChanged())
            await pilot.pause()
            shows(booth.app, name, words)
        booth.session.link = Link.UP
        booth.app.post_message(AlarmRaised(ReceiptError("receipt.other_command")))
        await pilot.pause()
        shows(booth.app, "alarm", "警报：回执对应的不是所送出的内容。")


async def test_in_english_and_large(shows: Shows) -> None:
    async with watched(closed(), language=Language.ENGLISH) as (booth, _):
        shows(booth.app, "english", "Check the count: item 1")
    async with watched(closed(), size=LARGE) as (booth, _):
        shows(booth.app, "large", "请核对计票：第 1 项", "Enter  签字确认计票")
