"""Private keys stay on the machine that made them, in files that are their owner's alone."""

import asyncio
import os
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import UnionType
from typing import Any

import msgspec
import pytest
import zmq.asyncio
from click.testing import CliRunner
from zmq.utils import z85

from kit.factories import small_definition
from kit.hall import Hall, free_port, open_hall
from kit.records import ballot
from pingyi_protocol.commands.keys import keys as keys_command
from pingyi_protocol.keys.enrolment_code import encode
from pingyi_protocol.keys.key_file import DeviceKeys, WrongPinError, generate_device_keys
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.keys.transport import TransportKeys
from pingyi_protocol.keys.tries import try_pin
from pingyi_protocol.meeting.commands import CheckIn, Command, OpenRound
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.record.entry import Entry
from pingyi_protocol.wire.messages import EnrolmentRequest, Receipt, Reply, Request
from pingyi_server.commands.load import load
from pingyi_server.imports.toml_file import toml_of
from pingyi_terminal.enrolling import profile_for

SECRET = {"secret", "signing_seed", "seed", "private_key", "pin"}


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as opened:
        yield opened


@pytest.fixture
def _careless() -> Iterator[None]:
    """A person's machine that gives every new file to everybody."""
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def modes(folder: Path) -> set[tuple[str, int]]:
    """The kinds and modes of a folder and of all that is in it."""
    found = (folder, *folder.rglob("*"))
    return {("folder" if path.is_dir() else "file", path.stat().st_mode & 0o777) for path in found}


@pytest.mark.usefixtures("_careless")
async def test_a_careless_umask_opens_no_key_to_others(hall: Hall, tmp_path: Path) -> None:
    root = tmp_path / "made" / "by us" / "profiles"
    for _ in range(2):  # the first is set aside
        code = encode(await hall.code("M02", Role.MEMBER))
        opened = await asyncio.to_thread(profile_for, Role.MEMBER, code, root, Language.ENGLISH)
    profile = opened.profile
    assert CliRunner().invoke(keys_command, ["pin", str(profile.folder)], "2580\n2580\n").exit_code == 0
    with pytest.raises(WrongPinError):
        try_pin(profile.key_file, "0000")
    assert {path.name for path in root.rglob("keys.json*")} == {"keys.json", "keys.json.tries", "keys.json.lock"}
    assert modes(tmp_path / "made") == {("folder", 0o700), ("file", 0o600)}
    older = profile.folder.with_name("M02-member~1")
    assert CliRunner().invoke(keys_command, ["destroy", str(older), "--yes"]).exit_code == 0
    assert modes(tmp_path / "made") == {("folder", 0o700), ("file", 0o600)}


@pytest.mark.usefixtures("_careless")
def test_the_server_and_the_clerk_are_as_careful(tmp_path: Path) -> None:
    folder = tmp_path / "july"
    folder.mkdir()
    (folder / "meeting.toml").write_bytes(toml_of(small_definition()))
    (folder / "meeting.toml").chmod(0o600)
    folder.chmod(0o700)
    assert CliRunner().invoke(load, [str(folder)]).exit_code == 0
    assert (folder / "server.key").exists()
    assert modes(folder) == {("folder", 0o700), ("file", 0o600)}


@pytest.mark.parametrize("pin", ["", "2580"])
async def test_the_record_says_whether_keys_were_made_under_a_pin(hall: Hall, tmp_path: Path, pin: str) -> None:
    code = encode(await hall.code("M02", Role.MEMBER))

    def enrol() -> Profile:
        with CliRunner().isolation(f"{pin}\n{pin}\n"):
            return profile_for(Role.MEMBER, code, tmp_path, Language.ENGLISH, set_pin=bool(pin)).profile

    profile = await asyncio.to_thread(enrol)
    [device] = [one for one in hall.recorder.meeting.devices.values() if one.principal.person == "M02"]
    assert (device.pinned, profile.needs_pin) == (bool(pin), bool(pin))


def structs(kind: Any, seen: set[type[msgspec.Struct]]) -> set[type[msgspec.Struct]]:
    """Every struct that a message of this kind can hold."""
    for inner in msgspec.inspect.multi_type_info([kind]):
        walk(inner, seen)
    return seen


def walk(info: Any, seen: set[type[msgspec.Struct]]) -> None:
    if isinstance(info, msgspec.inspect.StructType):
        if info.cls in seen:
            return
        seen.add(info.cls)
    for name in info.__struct_fields__:
        value = getattr(info, name)
        for one in value if isinstance(value, tuple) else (value,):
            if isinstance(one, msgspec.inspect.Field):
                walk(one.type, seen)
            elif isinstance(one, msgspec.inspect.Type):
                walk(one, seen)


@pytest.mark.parametrize("message", [Command, Entry, Request, EnrolmentRequest, Reply], ids=str)
def test_no_message_has_room_for_a_private_key(message: type | UnionType) -> None:
    found = structs(message, set())
    assert not found & {DeviceKeys, TransportKeys}
    named = {(one.__name__, field) for one in found for field in one.__struct_fields__ if field in SECRET}
    # the code's own, once, and encrypted to the server's key; what all see of secret rounds; and of a key ceremony that
    # is over the key for shares of who shows a bad one, which nothing else was ever encrypted to
    assert named <= {
        ("EnrolRequest", "secret"),
        ("Picture", "secret"),
        ("Update", "secret"),
        ("DisputeShare", "secret"),
    }


async def test_no_private_key_is_ever_sent_even_under_encryption(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    plain = zmq.asyncio.Socket.send_multipart

    def overheard(socket: zmq.asyncio.Socket, frames: list[Any], *rest: Any, **more: Any) -> Any:
        sent.extend(bytes(frame) for frame in frames)
        return plain(socket, frames, *rest, **more)

    monkeypatch.setattr(zmq.asyncio.Socket, "send_multipart", overheard)
    chair, seat = await hall.admit("M01", Role.CHAIR), await hall.admit("M02")
    for person in ("M03", "M04"):
        assert isinstance(await (await hall.admit(person)).session.ask(CheckIn()), Receipt)
    assert isinstance(await seat.session.ask(CheckIn()), Receipt)
    assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
    await seat.until(lambda session: session.picture and session.picture.live)
    assert isinstance(await seat.session.ask(ballot("1", 1, 90)), Receipt)
    said = b"\n".join(sent)
    for keys in (chair.keys, seat.keys, hall.folder.server_keys(), hall.folder.clerk_keys()):
        for secret in (keys.signing_seed, z85.decode(keys.transport.secret)):
            for form in (secret, secret.hex().encode(), b64encode(secret), z85.encode(secret)):
                assert form not in said
    # the public halves are there: it listened
    assert seat.keys.transport.public.encode() in said


def test_new_keys_are_those_of_nobody_else() -> None:
    made = [generate_device_keys() for _ in range(100)]
    assert len({one.signing_seed for one in made} | {one.transport.secret for one in made}) == 200
