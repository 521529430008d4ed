"""The window of a terminal is closed: its program ends, also one that was told to outlive that, and leaves no load."""

import asyncio
import signal
from pathlib import Path

import pytest

from kit.factories import small_definition
from kit.hall import free_port, open_hall
from kit.processes import Terminal, pingyi
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.definition import Role

PEOPLE = {Role.MEMBER: "M01", Role.CHAIR: "M01", Role.HALL: "hall"}
COMMANDS = {Role.MEMBER: "seat", Role.CHAIR: "chair", Role.HALL: "hall"}
SHOWN = {Role.MEMBER: "服务器", Role.CHAIR: "服务器", Role.HALL: "市人大常委会"}


async def started(path: Path, role: Role, *, nohup: bool, pin: str = "") -> Terminal:
    """The screen of an enrolled terminal whose server has gone."""
    (path / "meeting").mkdir()
    async with open_hall(path / "meeting", small_definition(3, free_port())) as hall:
        keys = generate_device_keys()
        Profile.create(path / "profiles", await hall.enrolled(PEOPLE[role], role, keys), keys, pin)
    return Terminal(COMMANDS[role], "--profile", path / "profiles", columns=120, rows=36, nohup=nohup)


@pytest.mark.parametrize("role", PEOPLE)
async def test_a_screen_without_a_terminal_says_so(tmp_path: Path, role: Role) -> None:
    (await started(tmp_path, role, nohup=False)).kill()
    assert "终端窗口" in await asyncio.to_thread(pingyi, COMMANDS[role], "--profile", tmp_path / "profiles", code=2)


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("nohup", [False, True], ids=["hung up", "nohup"])
async def test_a_screen_ends_with_its_terminal(tmp_path: Path, role: Role, nohup: bool) -> None:
    screen = await started(tmp_path, role, nohup=nohup)
    await asyncio.to_thread(screen.until, SHOWN[role])
    assert await asyncio.to_thread(screen.hang_up) == -signal.SIGHUP


@pytest.mark.parametrize("nohup", [False, True], ids=["hung up", "nohup"])
async def test_so_does_one_that_asks_for_its_pin(tmp_path: Path, nohup: bool) -> None:
    screen = await started(tmp_path, Role.MEMBER, nohup=nohup, pin="2468")
    await asyncio.to_thread(screen.until, "PIN")
    assert await asyncio.to_thread(screen.hang_up) != 0
