"""The hall display with a real server on real sockets, from an empty hall to the final ranking."""

import asyncio
from decimal import Decimal
from pathlib import Path

import zmq.asyncio
from textual.pilot import Pilot

from kit.factories import live_rules, small_definition
from kit.hall import Hall, Memory, Terminal, free_port, open_hall
from kit.screens import plain
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.meeting.commands import AnnounceRound, Cast, CheckIn, CloseMeeting, CloseRound, OpenRound, Score
from pingyi_protocol.meeting.definition import Display, Language, Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.hall.app import HallApp
from pingyi_terminal.hall.face import Final, Pace
from pingyi_terminal.widgets import BigFigure, RankingBars


async def until(pilot: Pilot[None], words: str) -> str:
    """Wait until the wall shows these words, and return all of it."""
    async with asyncio.timeout(WAIT_SECONDS):
        while words not in plain(pilot.app):
            await pilot.pause(0.02)
    return plain(pilot.app)


async def sure(
    terminal: Terminal, body: OpenRound | CloseRound | AnnounceRound | CloseMeeting | CheckIn | Cast
) -> None:
    """Get a command on record."""
    assert isinstance(await terminal.session.ask(body), Receipt)


async def wall_of(hall: Hall) -> HallApp:
    """Enrol a hall display as the clerk lets it in."""
    keys = generate_device_keys()
    facts = await enrol(zmq.asyncio.Context.instance(), await hall.code("hall", Role.HALL), keys)
    return HallApp(
        facts, keys, Memory(), Language.CHINESE, follow_end=True, pace=Pace(result=0.5, page=0.5, finale=0.5)
    )


async def test_a_whole_meeting_on_the_wall(tmp_path: Path) -> None:
    rules = live_rules(display=Display.ON_ANNOUNCEMENT)
    async with open_hall(tmp_path, small_definition(members=6, port=free_port(), rules=rules)) as hall:
        chair = await hall.admit("M01", Role.CHAIR)
        seats = [await hall.admit(f"M{place:02}") for place in range(1, 7)]
        app = await wall_of(hall)
        async with app.run_test(size=(100, 30)) as pilot:
            await until(pilot, "距法定人数 4 人还差")
            for seat in seats:
                await sure(seat, CheckIn())
            await until(pilot, "法定人数 4 人")
            await sure(chair, OpenRound("1"))
            for seat, score in zip(seats, (92, 88, 95, 90, 91), strict=False):
                await sure(seat, Cast("1", 1, (Score("T01", "", Decimal(score)),)))
            await until(pilot, "5 人打分  0 人弃权")
            assert app.wall.query_one("#live-figure", BigFigure).text == "91.20"
            await sure(chair, CloseRound("1", 1))
            await until(pilot, "等待主持人宣布")
            await sure(chair, AnnounceRound("1", 1))
            text = await until(pilot, "均分 = 合计 456 / 5 人")
            assert "当场宣布" in text
            await sure(chair, OpenRound("2"))
            answers = (Score("T02", "", Decimal(91)), Score("T03", "", None))
            await sure(seats[0], Cast("2", 1, answers))
            await until(pilot, "医疗保障局")
            await sure(chair, CloseRound("2", 1))
            await sure(chair, AnnounceRound("2", 1))
            await until(pilot, "全部议题已宣布")
            ranked = [(row.rank, row.name) for row in app.wall.query_one(RankingBars).rows]
            assert ranked == [("1", "文化和旅游局"), ("2", "人力资源和社会保障局"), ("-", "医疗保障局")]
            await sure(chair, CloseMeeting())
            await until(pilot, "会议记录最终指纹")
            picture = chair.session.picture
            assert isinstance(app.face, Final)
            assert picture is not None
            assert app.face.fingerprint == picture.head.fingerprint
            async with asyncio.timeout(WAIT_SECONDS):
                while app.return_code is None:
                    await pilot.pause(0.02)
        assert app.return_code == 0
