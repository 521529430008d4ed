"""A device that is turned away at the door says so; a server with several addresses is found at the one that works."""

from pathlib import Path

import msgspec
import pytest
import zmq.asyncio

from kit.factories import small_definition
from kit.hall import Terminal, free_port, open_hall
from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.client.session import Link
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.signing import key_id
from pingyi_protocol.meeting.commands import CheckIn
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Receipt


async def test_a_device_that_was_replaced_while_it_was_off_is_told_so_when_it_comes_back(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        old = await hall.admit("M02")
        hall.tasks.pop().cancel()
        new = await hall.admit("M02")
        again = Terminal(old.facts, old.keys, old.memory)
        hall.start(again)
        await again.until(lambda one: one.link is Link.REVOKED)
        assert new.session.link is Link.UP
        assert isinstance(await new.session.ask(CheckIn()), Receipt)


async def test_the_next_address_is_tried_while_one_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.ADDRESS_SECONDS", 0.5)
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        seat = await hall.admit("M02")
        hall.tasks.pop().cancel()
        # two where nobody listens, one of them on IPv6
        several = msgspec.structs.replace(seat.facts, addresses=("127.0.0.9", "::1", "127.0.0.1"))
        moved = Terminal(several, seat.keys, seat.memory)
        hall.start(moved)
        assert isinstance(await moved.session.ask(CheckIn()), Receipt)
        # who is heard is stayed with, and its broadcasts come
        await moved.until(lambda one: one.link is Link.UP and moved.picture.head.size == hall.recorder.meeting.size)


async def test_a_code_with_several_addresses_enrols_at_the_one_that_answers(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        code = msgspec.structs.replace(await hall.code("M02", Role.MEMBER), addresses=("127.0.0.9", "::1", "127.0.0.1"))
        keys = generate_device_keys()
        facts = await enrol(zmq.asyncio.Context.instance(), code, keys, within_seconds=3)
        assert facts.addresses == code.addresses
        assert hall.recorder.meeting.devices[key_id(bytes(keys.signing_key.verify_key))].principal.person == "M02"
