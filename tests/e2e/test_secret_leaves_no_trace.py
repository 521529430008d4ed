"""A score that was given in secret at a real seat is in no file, on no log and on no screen afterwards."""

import asyncio
import logging
from base64 import b64encode
from decimal import Decimal
from pathlib import Path

import pytest

from kit.every_kind import SCORE
from kit.hall import free_port, open_hall
from kit.real_seat import profile_of, seated, until_says
from kit.screens import plain
from kit.sealed_hall import SealedHall, sealed_definition
from kit.secret_book import secretly
from kit.secrets_sought import found_in, sought
from pingyi_protocol.client import vigil
from pingyi_protocol.meeting.commands import AnnounceRound, CloseRound, OpenRound
from pingyi_terminal.seat.app import SeatApp

FIRST, SECOND = "91.64", "87.35"
# a number of five characters is looked for as it is, and with its quotes in every form
WANTED = {score.encode(): score for score in (FIRST, SECOND)} | sought(
    (score, f'"{score}"') for score in (FIRST, SECOND)
)


def files_below(*roots: Path) -> dict[Path, bytes]:
    """Every file of these folders with its bytes."""
    return {path: path.read_bytes() for root in roots for path in root.rglob("*") if path.is_file()}


def traces(*roots: Path) -> list[tuple[Path, set[str]]]:
    """Which files hold one of the scores."""
    found = [(path, found_in(data, WANTED)) for path, data in files_below(*roots).items()]
    return [one for one in found if one[1]]


def test_what_an_open_ballot_leaves_is_found(tmp_path: Path) -> None:
    left = tmp_path / "outbox" / "1.json"
    left.parent.mkdir()
    left.write_bytes(b64encode(f'{{"score":"{SECOND}"}}'.encode()))
    assert traces(tmp_path) == [(left, {SECOND})]


async def test_a_secret_score_is_in_no_file_no_log_and_on_no_later_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)
    monkeypatch.setattr(vigil, "SPREAD_SECONDS", 0.1)
    caplog.set_level(logging.DEBUG)
    hall_folder, profiles = tmp_path / "hall", tmp_path / "profiles"
    item = secretly(SCORE, press="last", step=Decimal("0.01"))
    async with open_hall(hall_folder, sealed_definition(free_port(), item)) as hall:
        room = SealedHall(hall)
        try:
            await room.gather(("M01", "M02", "M03", "M04", "M05"))
            profile, keys = await profile_of(hall, "M06", profiles)
            async with seated(profile, keys) as (app, pilot):
                await until_says(app, pilot, "Enter  签到")
                await pilot.press("enter")
                await room.make_key()
                await room.press(OpenRound("score", 1))
                await until_says(app, pilot, "请为 文化和旅游局 打分")
                await pilot.press("9", "1", "full_stop", "6", "4")
                await until_says(app, pilot, FIRST)
                # filled in, and not sent
                assert traces(hall_folder, profiles) == []
                await pilot.press("enter", "enter")
                await until_says(app, pilot, "您的票已加密写入会议记录")
                with monkeypatch.context() as cut:
                    cut.setattr(app.session, "send", lambda *_: False)
                    await pilot.press("f6", "8", "7", "full_stop", "3", "5", "enter", "enter")
                    await until_says(app, pilot, "无记名票（文化和旅游局）没有丢")
                    # sealed in the outbox, and not sent
                    assert profile.waiting()
                    assert traces(hall_folder, profiles) == []
                    await pilot.press("ctrl+q", "enter")
            async with seated(profile, keys) as (app, pilot):
                await until_says(app, pilot, "您的票已加密写入会议记录")
                async with asyncio.timeout(60):
                    while profile.waiting():
                        await pilot.pause(0.02)
                await room.cast(M01=90, M02=80, M03=70)
                await room.press(CloseRound("score", 1))
                for person in ("M02", "M03"):
                    await room.openers[person].open("score")
                await room.until("score", "unsealed")
                await room.press(AnnounceRound("score", 1))
                await until_says(app, pilot, "您已无记名投票")
                assert not [score for score in (FIRST, SECOND) if score in plain(app)]
        finally:
            await room.stop()
    assert len(files_below(hall_folder)) > 1
    assert len(files_below(profiles)) > 1
    assert traces(hall_folder, profiles) == []
    heard = capfd.readouterr()
    said = "\n".join(f"{one.getMessage()} {one.exc_text or ''}" for one in caplog.records)
    assert "SecretBallotCast person=M06" in said
    for place in (said, heard.out, heard.err):
        assert found_in(place.encode(), WANTED) == set()
