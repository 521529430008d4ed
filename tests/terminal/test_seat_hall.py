"""The seat on a real server: real sockets, real keys, a profile on the disk."""

from pathlib import Path

import pytest

from kit.factories import first_score, small_definition
from kit.hall import free_port, open_hall
from kit.real_seat import present_chair, profile_of, seated, until_says
from pingyi_protocol.client import session as session_module
from pingyi_protocol.meeting.commands import AnnounceRound, CloseRound, OpenRound
from pingyi_protocol.record.tracking import parse_tracking_code
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.seat.app import SeatApp


@pytest.fixture(autouse=True)
def _two_presses_may_be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)


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
