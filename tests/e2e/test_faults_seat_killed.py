"""A seat is killed between the press and the receipt: its signed ballot is on the disk and is recorded exactly once."""

import asyncio
import os
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kit.factories import live_rules, small_definition
from kit.hall import Hall, free_port, open_hall
from kit.processes import DYING_WITH_US, ENVIRONMENT, Terminal, pingyi, server
from kit.waits import WAIT_SECONDS
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.admission import decode_command
from pingyi_protocol.meeting.commands import CheckIn, CheckInByHand, Command, OpenRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.imports.toml_file import toml_of

SEAT = Path(__file__).parent.parent / "kit" / "seat_process.py"
PIN = "2468"


@asynccontextmanager
async def spawned(profiles: Path, *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A seat's process, killed at the end if it still runs."""
    paths = os.pathsep.join(path for path in (str(SEAT.parent.parent), os.environ.get("PYTHONPATH", "")) if path)
    process = await asyncio.create_subprocess_exec(
        *DYING_WITH_US, sys.executable, SEAT, profiles, *arguments,
        stdout=asyncio.subprocess.PIPE, env=ENVIRONMENT | {"PYTHONPATH": paths},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(WAIT_SECONDS):
        return (await process.stdout.readline()).decode().strip()


def recorded(hall: Hall, person: str) -> list[str]:
    """The ids of all commands of this member's on the record."""
    envelopes = (decode_entry(leaf).envelope for _, leaf in hall.recorder.ledger.store.leaves())
    commands = (decode_command(envelope) for envelope in envelopes if envelope is not None)
    return [one.id for one in commands if isinstance(one, Command) and one.person == person]


@pytest.mark.parametrize("times", [4, pytest.param(60, marks=pytest.mark.full)], ids=["short", "long"])
async def test_a_ballot_of_a_killed_seat_is_recorded_exactly_once(
    tmp_path: Path, database_url: str, times: int
) -> None:
    luck = random.Random(times)  # noqa: S311 - repeatable on purpose
    async with open_hall(tmp_path, small_definition(2, free_port(), live_rules(seconds=None)), database_url) as hall:
        chair = await hall.admit("M01", Role.CHAIR)
        keys = generate_device_keys()
        profile = Profile.create(tmp_path / "profiles", await hall.enrolled("M02", Role.MEMBER, keys), keys)
        other = await hall.admit("M01")
        await hall.clerk(CheckInByHand("M02", "终端故障"))
        assert isinstance(await other.session.ask(CheckIn()), Receipt)
        assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
        before = len(recorded(hall, "M02"))
        pressed = left = 0
        for one in range(times):
            async with spawned(tmp_path / "profiles", str(luck.randint(0, 100))) as seat:
                assert await line(seat) == "waiting 0"
                assert await line(seat) == "pressing"
                # now and then before the ballot is on the disk; at other times before, while or after the receipt comes
                if one % 3 != 2:
                    assert await line(seat) == "pressed"
                await asyncio.sleep(luck.choice((0.0, luck.random() * 0.02)))
            signed = {path.stem for path in profile.folder.glob("outbox/*.json")}
            async with spawned(tmp_path / "profiles") as again:
                assert await line(again) == f"waiting {len(signed)}"
                assert await line(again) == "done 0"
                assert await again.wait() == 0
            found = recorded(hall, "M02")
            assert len(found) == len(set(found))
            # whatever was on the disk is on the record under the id that it was signed with
            assert signed <= set(found)
            kept = {path.stem for path in profile.folder.glob("receipts/*.json")}
            assert kept == set(found[before:])
            assert len(kept) - pressed in (0, 1)
            assert one % 3 == 2 or len(kept) == pressed + 1
            pressed = len(kept)
            left += len(signed)
        # some were killed before they had their receipt
        assert left > 0


def issued(folder: Path, *whom: str) -> str:
    return next(line for line in pingyi("code", folder, *whom).splitlines() if line.isdigit())


def pressed_again(terminal: Terminal, *texts: str) -> None:
    """Press Enter, and once more after the pause that tells it from a bounced key."""
    terminal.press("enter")
    terminal.until(*texts)
    time.sleep(0.6)
    terminal.press("enter")


def test_a_killed_seat_with_a_pin_asks_for_it_and_then_sends_what_was_signed(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ENVIRONMENT, "PINGYI_DATABASE", database_url)
    folder, profiles = tmp_path / "meeting", tmp_path / "profiles"
    folder.mkdir()
    (folder / "meeting.toml").write_bytes(toml_of(small_definition(3, free_port())))
    pingyi("load", folder)
    with server(folder) as first:
        chair = Terminal("chair", issued(folder, "--role", "chair"), "--profile", profiles / "chair", columns=120)
        seat = Terminal("seat", issued(folder, "M02"), "--profile", profiles, "--pin", "--lang", "zh")
        for question in ("设定 PIN 码", "再输入一次 PIN 码"):
            seat.answer(question, PIN)
        seat.until("您还没有签到")
        seat.press("enter")
        seat.until("您已签到")
        pingyi("clerk", "check-in", folder, "M03", "--reason", "终端故障")
        chair.until("实到 2")
        pressed_again(chair, "再按一次")
        seat.until("请先输入分数")
        first.kill()
    seat.press("9", "1")
    seat.until("确认 91 分")
    pressed_again(seat, "送出 91 分")
    seat.until("91 分 没有丢")
    seat.kill()
    [waiting] = profiles.glob("*/M02-member/outbox/*.json")
    seat = Terminal("seat", "--profile", profiles, "--lang", "zh")
    with server(folder):
        seat.answer("PIN", PIN)
        seat.until("91 分", "已写入会议记录")
        chair.until("还有 1 人未投")
    assert not waiting.exists()
    assert [path.stem for path in profiles.glob("*/M02-member/receipts/*.json")].count(waiting.stem) == 1
