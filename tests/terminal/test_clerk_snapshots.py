"""Every page of the clerk's console as a snapshot: in Chinese at 120x36, one in English, one small, one large."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from kit.chairs import Play
from kit.clerk_desk import Console
from kit.factories import small_definition
from kit.snapshots import Shows
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.wire.office import Exporting
from pingyi_protocol.wire.picture import to_bitmap
from pingyi_terminal.link import LinkChanged

USUAL, SMALL, LARGE = (120, 36), (80, 24), (200, 60)


def hall() -> Play:
    """A hall of 45 in which a round is open: one member has left, one is recused, some have voted."""
    play = Play(small_definition(45))
    play.arrive(43)
    play.leave("M41")
    play.recuse("M09", "1")
    play.open("1")
    for place in range(1, 9):
        play.vote(f"M{place:02}", 92)
    return play


@asynccontextmanager
async def tended(
    language: Language = Language.CHINESE, size: tuple[int, int] = USUAL
) -> AsyncIterator[tuple[Console, Pilot[None]]]:
    """The console of that hall."""
    console = Console(hall(), language)
    async with console.app.run_test(size=size) as pilot:
        await pilot.pause(0.6)
        yield console, pilot


async def test_the_roster(shows: Shows) -> None:
    async with tended() as (console, pilot):
        shows(console.app, "roster", "名册与终端", "委员02", "在场", "在线", "已投", "议题 1 正在进行")
        await console.told(pilot, calling=("M06",))
        shows(console.app, "calling", "呼叫 1", "已去处理呼叫")
        await console.told(pilot, calling=(), issued=to_bitmap((3,)), enrolled="", connected="")
        shows(console.app, "without-terminals", "未登记")
        await pilot.press("f1")
        await pilot.pause()
        shows(console.app, "help", "F3", "F8")
        await pilot.press("escape", *"M45")
        shows(console.app, "found", "委员45")
        await pilot.press("f3")
        await pilot.pause()
        shows(console.app, "asked", "委员45", "发卡")


async def test_the_agenda_and_the_exports(shows: Shows) -> None:
    async with tended() as (console, pilot):
        await pilot.press("tab")
        await pilot.pause(0.6)
        shows(console.app, "agenda", "议程", "文化和旅游局整改评议")
        await pilot.press("tab")
        await console.told(pilot, exporting=Exporting("/meetings/twelfth/exports/2", 40, 120))
        shows(console.app, "exporting", "导出", "/meetings/twelfth/exports/2")
        await console.told(pilot, exporting=Exporting("/meetings/twelfth/exports/2", 120, 120, finished=True))
        shows(console.app, "exported", "已完成", "/meetings/twelfth/exports/2")
        unmade = {"minutes.pdf": {"zh": "本机没有“国”字的字体。", "en": "no font"}}
        partly = Exporting("/meetings/twelfth/exports/2", 120, 120, finished=True, unmade=unmade)
        await console.told(pilot, exporting=partly)
        shows(console.app, "exported-partly", "有文件没有写出", "本机没有“国”字的字体。")


async def test_the_link(shows: Shows) -> None:
    console = Console(hall(), Language.CHINESE)
    picture, console.session.picture = console.session.picture, None
    async with console.app.run_test(size=USUAL) as pilot:
        await pilot.pause(0.6)
        shows(console.app, "connecting", "正在连接")
        console.session.picture, console.session.link = picture, Link.LOST
        console.app.post_message(LinkChanged())
        await pilot.pause(0.6)
        shows(console.app, "lost", "断")


async def test_in_english_small_and_large(shows: Shows) -> None:
    async with tended(Language.ENGLISH) as (console, _):
        shows(console.app, "english", "Roster", "委员02", "online", "voted")
    async with tended(size=SMALL) as (console, _):
        shows(console.app, "small", "名册与终端", "委员02")
    async with tended(size=LARGE) as (console, _):
        shows(console.app, "large", "名册与终端", "委员42")
