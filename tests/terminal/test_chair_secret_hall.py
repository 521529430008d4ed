"""The chair on a real server: a key is made, and a secret item is led from the first press to its announcement."""

import asyncio
from pathlib import Path

import pytest
import zmq.asyncio
from textual.app import App

from kit.chairs import Clock
from kit.every_kind import SCORE
from kit.hall import Memory, free_port, open_hall
from kit.screens import plain
from kit.sealed_hall import MemoryBox, Opener, SealedHall, sealed_definition
from kit.secret_book import OPENERS, secretly
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client import vigil
from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.client.session import Session
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.meeting.commands import CheckIn
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.chair.app import SETTLE_SECONDS, ChairApp
from pingyi_terminal.link import attach

PEOPLE = tuple(f"M{place:02}" for place in range(1, 7))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals of so small a hall cosign at once."""
    monkeypatch.setattr(vigil, "SPREAD_SECONDS", 0.1)


async def test_the_chair_leads_a_secret_item_through_the_screen(tmp_path: Path) -> None:
    async with open_hall(tmp_path, sealed_definition(free_port(), secretly(SCORE))) as hall:
        keys = generate_device_keys()
        facts = await enrol(zmq.asyncio.Context.instance(), await hall.code("M01", Role.CHAIR), keys)
        room, clock = SealedHall(hall), Clock()
        for person in PEOPLE:
            seat = room.seats[person] = await hall.admit(person)
            assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        for person in OPENERS:
            room.openers[person] = Opener(await hall.admit(person, Role.SCRUTINEER), MemoryBox())

        def begin(app: App[None]) -> tuple[Session, "asyncio.Task[None]"]:
            return attach(app, facts, keys, Memory())

        app = ChairApp(begin, Language.CHINESE, clock)
        try:
            async with app.run_test(size=(120, 36)) as pilot:

                async def until(*texts: str) -> None:
                    async with asyncio.timeout(WAIT_SECONDS):
                        while not all(text in plain(app) for text in texts):
                            await pilot.pause(0.02)

                async def confirm() -> None:
                    await pilot.press("enter")
                    clock.seconds += SETTLE_SECONDS
                    await pilot.press("enter")

                await until("先做密钥仪式")
                await pilot.press("enter")
                await until("3 人参加，2 人可开启")
                await pilot.press("enter")
                await until("Enter  开始第 score 项打分")
                await confirm()
                await until("还没投的 6 人")
                await room.cast(M01=90, M02=80, M03=None, M04=85, M05=100)
                await until("还有 1 人未投")
                await confirm()
                await until("监票人开启：0 / 2", "还没开启：M02 委员02、M03 委员03、M04 委员04")
                await room.openers["M04"].open("score")
                await until("监票人开启：1 / 2：M04 委员04", "还没开启：M02 委员02、M03 委员03")
                await room.openers["M02"].open("score")
                await until("无记名结果已开启", "Enter  宣布结果")
                await confirm()
                await until("已宣布的结果", "均分 88.75 分。")
        finally:
            await room.stop()
