"""The seat on a real server: real sockets, real keys, a profile on the disk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import zmq.asyncio
from textual.pilot import Pilot

from kit.factories import first_score, small_definition
from kit.hall import Hall, free_port, open_hall
from kit.screens import plain
from pingyi_protocol.client import session as session_module
from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.commands import AnnounceRound, CheckIn, CloseRound, OpenRound
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.record.tracking import parse_tracking_code
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.link import attach
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.seat.ballots import kept_receipts


@pytest.fixture(autouse=True)
def _two_presses_may_be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)


async def profile_of(hall: Hall, person: str, root: Path) -> tuple[Profile, DeviceKeys]:
    keys = generate_device_keys()
    facts = await enrol(zmq.asyncio.Context.instance(), await hall.code(person, Role.MEMBER), keys)
    return Profile.create(root, facts, keys), keys


@asynccontextmanager
async def seated(profile: Profile, keys: DeviceKeys) -> AsyncIterator[tuple[SeatApp, Pilot[None]]]:
    app = SeatApp(
        profile.facts.person,
        Language.CHINESE,
        lambda running: attach(running, profile.facts, keys, profile),
        kept_receipts(profile),
    )
    with profile.held():
        async with app.run_test(size=(80, 24)) as pilot:
            yield app, pilot


async def until_says(app: SeatApp, pilot: Pilot[None], text: str) -> None:
    await until(lambda: text in plain(app), pilot)


async def until(condition: Callable[[], bool], pilot: Pilot[None]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await pilot.pause(0.02)


async def present_chair(hall: Hall) -> Callable[[object], "asyncio.Future[Receipt]"]:
    """Let chair and a quorum of members come in, and return what the chair asks with."""
    for person in ("M01", "M03", "M04"):
        member = await hall.admit(person)
        assert isinstance(await member.session.ask(CheckIn()), Receipt)
    chair = await hall.admit("M01", Role.CHAIR)
    return chair.session.ask  # type: ignore[return-value]  # a test asserts that it is a receipt


async def test_a_member_checks_in_scores_and_holds_a_code_after_a_restart_too(tmp_path: Path) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        profile, keys = await profile_of(hall, "M02", tmp_path / "profiles")
        ask = await present_chair(hall)
        async with seated(profile, keys) as (app, pilot):
            await until_says(app, pilot, "Enter  签到")
            await pilot.press("enter")
            await until_says(app, pilot, "您已签到")
            assert isinstance(await ask(OpenRound("1")), Receipt)
            await until_says(app, pilot, "请为 文化和旅游局 打分")
            await pilot.press("9", "2", "enter", "enter")
            await until_says(app, pilot, "已写入会议记录")
            ballot = app.ballots[("1", 1)]
            assert parse_tracking_code(ballot.code) == ballot.code
        async with seated(profile, keys) as (app, pilot):
            await until_says(app, pilot, "92 分  优秀")
            assert app.ballots[("1", 1)] == ballot
            await pilot.press("f6", "8", "8", "enter", "enter")
            await until_says(app, pilot, "88 分  良好")
            assert isinstance(await ask(CloseRound("1", 1)), Receipt)
            assert isinstance(await ask(AnnounceRound("1", 1)), Receipt)
            await until_says(app, pilot, "1 人打分")
            assert first_score(hall.recorder.meeting.rounds[0].ballots["M02"].answers) == 88


async def test_a_ballot_signed_without_a_server_outlives_the_program_and_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "SILENT_SECONDS", 1.0)
    monkeypatch.setattr(session_module, "PING_SECONDS", 0.2)
    definition = small_definition(5, port=free_port())
    async with open_hall(tmp_path / "hall", definition) as hall:
        profile, keys = await profile_of(hall, "M02", tmp_path / "profiles")
        ask = await present_chair(hall)
        seat = seated(profile, keys)
        app, pilot = await seat.__aenter__()
        await until_says(app, pilot, "Enter  签到")
        await pilot.press("enter")
        await until_says(app, pilot, "您已签到")
        assert isinstance(await ask(OpenRound("1")), Receipt)
        await until_says(app, pilot, "请为 文化和旅游局 打分")
        await pilot.press("9")
    await until_says(app, pilot, "正在重连。可以继续填写")
    await pilot.press("2", "enter", "enter")
    await until_says(app, pilot, "92 分 没有丢")
    [(signed, _)] = profile.waiting()
    await seat.__aexit__(None, None, None)
    async with seated(profile, keys) as (app, pilot):
        await until_says(app, pilot, "仍存在这台机器里")
        async with open_hall(tmp_path / "hall", definition) as hall:
            await until_says(app, pilot, "92 分  优秀")
            [ballot] = hall.recorder.meeting.rounds[0].ballots.values()
            assert ballot.id == signed
            assert profile.waiting() == []


async def test_a_device_that_was_replaced_is_told(tmp_path: Path) -> None:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as hall:
        profile, keys = await profile_of(hall, "M02", tmp_path / "first")
        async with seated(profile, keys) as (app, pilot):
            await until_says(app, pilot, "Enter  签到")
            await profile_of(hall, "M02", tmp_path / "second")
            await until_says(app, pilot, "另一台终端已接管您的席位")
