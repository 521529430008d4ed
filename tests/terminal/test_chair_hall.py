"""The chair's console on a real server: members vote, the chair leads one item from opening to announcement."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import zmq.asyncio
from textual.app import App
from textual.pilot import Pilot

from kit.chairs import Clock
from kit.factories import small_definition
from kit.hall import Memory, free_port, open_hall
from kit.screens import plain
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.client.session import Session
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.meeting.commands import Cast, CheckIn, Score
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.chair.app import SETTLE_SECONDS, ChairApp
from pingyi_terminal.link import attach


async def until(pilot: Pilot[None], app: ChairApp, condition: Callable[[str], bool]) -> str:
    """Wait until the screen is as the test wants it, and return it."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition(plain(app)):
            await pilot.pause(0.02)
    return plain(app)


async def confirm(pilot: Pilot[None], clock: Clock) -> None:
    """Press Enter, let the question settle, and press it again."""
    await pilot.press("enter")
    clock.seconds += SETTLE_SECONDS
    await pilot.press("enter")


def left(app: ChairApp) -> int:
    """Return the milliseconds left of the countdown."""
    return (app.session.remaining() if app.session else None) or 0


async def test_the_chair_leads_an_item_through_the_screen(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(members=4, port=free_port())) as hall:
        keys = generate_device_keys()
        facts = await enrol(zmq.asyncio.Context.instance(), await hall.code("M01", Role.CHAIR), keys)
        seats = [await hall.admit(f"M{place:02}") for place in range(1, 5)]
        clock = Clock()

        def begin(app: App[None]) -> tuple[Session, "asyncio.Task[None]"]:
            return attach(app, facts, keys, Memory())

        app = ChairApp(begin, Language.CHINESE, clock)
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, app, lambda seen: "法定人数不足" in seen)
            for seat in seats:
                assert isinstance(await seat.session.ask(CheckIn()), Receipt)
            await until(pilot, app, lambda seen: "Enter  开始第 1 项打分" in seen)
            await confirm(pilot, clock)
            await until(pilot, app, lambda seen: "还没投的 4 人" in seen)
            for seat, score in zip(seats[:3], (92, 88, 95), strict=True):
                await seat.until(lambda session: session.picture and session.picture.live)
                cast = Cast("1", 1, (Score("T01", "", Decimal(score)),))
                assert isinstance(await seat.session.ask(cast), Receipt)
            seen = await until(pilot, app, lambda seen: "还有 1 人未投" in seen)
            assert "1-04 委员04" in seen
            await pilot.press("plus")
            await until(pilot, app, lambda _: left(app) > 120_000)
            await confirm(pilot, clock)
            await until(pilot, app, lambda seen: "Enter  宣布结果" in seen)
            await confirm(pilot, clock)
            seen = await until(pilot, app, lambda seen: "均分 91.67 分，等次优秀。" in seen)
            assert "Enter  转到第 2 项" in seen
        await seats[3].until(lambda session: session.picture and session.picture.published)
        assert str(seats[3].picture.published[0].targets[0].measure) == "91.67"
