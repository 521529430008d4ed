"""A terminal with a damaged profile: it alone is hurt and is told in words what to do; nobody sees a traceback."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import zmq.asyncio

from kit.factories import live_rules, small_definition
from kit.hall import Deaf, free_port, open_hall
from kit.processes import Terminal
from pingyi_protocol.client.session import Session
from pingyi_protocol.client.witness import Trust
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.commands import Cast, CheckIn, Score
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.messages import Receipt

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "half": lambda data: data[: len(data) // 2],
    "garbled": lambda data: bytes((data[0] ^ 0x80,)) + data[1:],
    "zeros": lambda data: bytes(len(data)),
}
BALLOT = Cast("1", 1, (Score("T01", "", Decimal(90)),))


async def lived(tmp_path: Path) -> Profile:
    """A seat's profile that has a receipt and holds a command that was not sent."""
    folder = tmp_path / "meeting"
    folder.mkdir()
    async with open_hall(folder, small_definition(3, free_port(), live_rules(seconds=None))) as hall:
        keys = generate_device_keys()
        profile = Profile.create(tmp_path / "profiles", await hall.enrolled("M01", Role.MEMBER, keys), keys)
        session = Session(zmq.asyncio.Context.instance(), profile.facts, keys, profile, Deaf())
        running = asyncio.create_task(session.run())
        assert isinstance(await session.ask(CheckIn()), Receipt)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        session.submit(BALLOT)
    # what the terminal knows of the officers comes only after a while
    profile.remember_trust(msgspec.json.encode(Trust()))
    return profile


def last_words(*arguments: object) -> str:
    """Run a screen until it ends by itself, and return what stands there then."""
    terminal = Terminal(*arguments, columns=160)
    try:
        while True:
            terminal.read()
    except AssertionError:
        assert terminal.process.wait() == 2
        return terminal.text.replace("\n", "")


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["profile.json", "keys.json", "head.txt", "trust.json"])
async def test_a_damaged_file_without_which_a_seat_cannot_work_is_named_with_what_to_do(
    tmp_path: Path, name: str, damage: str
) -> None:
    profile = await lived(tmp_path)
    path = profile.folder / name
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    text = await asyncio.to_thread(last_words, "seat", "--profile", tmp_path / "profiles", "--lang", "zh")
    assert name in text
    assert "已损坏" in text
    assert "登记码" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("role", [Role.CHAIR, Role.HALL])
async def test_chair_and_hall_say_so_too(tmp_path: Path, role: Role) -> None:
    person = {"chair": "M01", "hall": "hall"}[role]
    folder = tmp_path / "meeting"
    folder.mkdir()
    async with open_hall(folder, small_definition(3, free_port())) as hall:
        keys = generate_device_keys()
        profile = Profile.create(tmp_path / "profiles", await hall.enrolled(person, role, keys), keys)
    profile.remember_head("no head")
    text = await asyncio.to_thread(last_words, role.value, "--profile", tmp_path / "profiles", "--lang", "zh")
    assert "head.txt" in text
    assert "登记码" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_half_written_outbox_hurts_only_itself_and_the_member_is_told(tmp_path: Path, damage: str) -> None:
    profile = await lived(tmp_path)
    [path] = profile.folder.glob("outbox/*.json")
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    told = await asyncio.to_thread(seen, tmp_path / "profiles")
    # a toast breaks its lines where it likes
    assert "可能没有发出" in told
    assert [one.name for one in profile.damaged] == [path.name]
    again = await asyncio.to_thread(seen, tmp_path / "profiles")
    assert "可能没有发出" not in again


def seen(profiles: Path) -> str:
    """What a seat shows while it looks for its server, without the frames around it."""
    terminal = Terminal("seat", "--profile", profiles, "--lang", "zh", columns=160)
    try:
        terminal.until("正在")
        for _ in range(10):
            terminal.read()
        return "".join(character for character in terminal.text if not character.isspace())
    finally:
        terminal.kill()


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_receipt_is_left_out_and_the_seat_goes_on(tmp_path: Path, damage: str) -> None:
    profile = await lived(tmp_path)
    for path in profile.folder.glob("receipts/*.json"):
        path.write_bytes(DAMAGES[damage](path.read_bytes()))
    ear = Deaf()
    async with open_hall(tmp_path / "meeting", small_definition(3, profile.facts.port)) as hall:
        session = Session(zmq.asyncio.Context.instance(), profile.facts, profile.unlock(), profile, ear)
        running = asyncio.create_task(session.run())
        # a ballot for a round that was never opened: its refusal looks for an older receipt
        assert await session.ask(BALLOT) == Refusal(Reason.NO_SUCH_ROUND, {"item": "1", "round": "1"})
        assert not running.done()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert hall.recorder.meeting.present
    assert "正在" in await asyncio.to_thread(seen, tmp_path / "profiles")
