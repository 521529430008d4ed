"""Keys that nobody may enrol, shown to a running server: weak ones, and those that somebody has or had."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import zmq.asyncio

from kit.factories import small_definition
from kit.hall import Hall, free_port, open_hall
from kit.weak_keys import SIGNING, TRANSPORT, forged
from pingyi_protocol.client.enrolment import EnrolmentRefusedError, asked
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, secret_hash
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import CheckIn, Command, Enrol, RevokeDevice
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.wire.envelope import Envelope, seal
from pingyi_protocol.wire.messages import EnrolRequest, Receipt


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as opened:
        yield opened


def enrolment(hall: Hall, code: EnrolmentCode, signing: str, transport: str) -> Command:
    body = Enrol(secret_hash(code.secret), signing, transport, pinned=False)
    return Command(hall.recorder.meeting.id, secrets.token_hex(16), code.person, code.role, "", body)


async def refusal(code: EnrolmentCode, shown: str, envelope: Envelope) -> Reason:
    """Send an enrolment; return why it is refused."""
    with pytest.raises(EnrolmentRefusedError) as refused:
        await asked(zmq.asyncio.Context.instance(), code, EnrolRequest(code.secret.hex(), shown, envelope), 10)
    return refused.value.refusal.reason


async def shown_to(hall: Hall, code: EnrolmentCode, keys: DeviceKeys, transport: str | None = None) -> Reason:
    """Show these keys, whose secrets the sender has, perhaps with another's transport key."""
    signing = keys.signing_key
    command = enrolment(hall, code, public_text(signing), transport or keys.transport.public)
    return await refusal(code, public_text(signing), seal(msgspec.json.encode(command), signing))


async def still_good(hall: Hall, code: EnrolmentCode) -> None:
    """The code is not used up by what was refused."""
    keys = generate_device_keys()
    command = enrolment(hall, code, public_text(keys.signing_key), keys.transport.public)
    envelope = seal(msgspec.json.encode(command), keys.signing_key)
    request = EnrolRequest(code.secret.hex(), public_text(keys.signing_key), envelope)
    assert isinstance(await asked(zmq.asyncio.Context.instance(), code, request, 10), Receipt)


async def test_a_weak_signing_key_with_a_signature_that_others_would_take_is_refused(hall: Hall) -> None:
    code, size = await hall.code("M02", Role.MEMBER), hall.recorder.meeting.size
    for weak in SIGNING.values():
        command = enrolment(hall, code, weak, generate_device_keys().transport.public)
        assert await refusal(code, weak, forged(command, weak)) is Reason.KEY_REFUSED
    assert hall.recorder.meeting.size == size
    await still_good(hall, code)


async def test_a_weak_transport_key_is_refused(hall: Hall) -> None:
    code, size = await hall.code("M02", Role.MEMBER), hall.recorder.meeting.size
    for weak in TRANSPORT.values():
        keys = generate_device_keys()
        command = enrolment(hall, code, public_text(keys.signing_key), weak)
        sealed = seal(msgspec.json.encode(command), keys.signing_key)
        assert await refusal(code, public_text(keys.signing_key), sealed) is Reason.KEY_REFUSED
    assert hall.recorder.meeting.size == size
    await still_good(hall, code)


async def test_keys_that_another_has_are_refused_whoever_that_is(hall: Hall) -> None:
    """Whoever shows another's public transport key would be let in, and spoken to, as that one."""
    member = await hall.admit("M03")
    server, clerk = hall.folder.server_keys(), hall.folder.clerk_keys()
    code, size = await hall.code("M02", Role.MEMBER), hall.recorder.meeting.size
    for taken in (member.keys, server, clerk):
        assert await shown_to(hall, code, generate_device_keys(), taken.transport.public) is Reason.KEY_REFUSED
        mixed = DeviceKeys(taken.signing_seed, generate_device_keys().transport)
        assert await shown_to(hall, code, mixed) is Reason.KEY_REFUSED
    assert hall.recorder.meeting.size == size
    await still_good(hall, code)
    assert isinstance(await member.session.ask(CheckIn()), Receipt)


async def test_one_device_is_one_role(hall: Hall) -> None:
    """The chair votes at a seat with keys of its own: what each signed is told apart by its key."""
    chair = await hall.admit("M01", Role.CHAIR)
    code = await hall.code("M01", Role.MEMBER)
    assert await shown_to(hall, code, chair.keys) is Reason.KEY_REFUSED
    await still_good(hall, code)


async def test_keys_of_a_device_that_was_replaced_never_come_back(hall: Hall) -> None:
    first = await hall.admit("M02")
    await hall.admit("M02")
    for person in ("M02", "M03"):
        assert await shown_to(hall, await hall.code(person, Role.MEMBER), first.keys) is Reason.KEY_REFUSED
    speaking = [one for one in hall.recorder.meeting.devices.values() if not one.revoked]
    assert first.keys.transport.public not in {one.transport_key for one in speaking}


async def test_keys_that_the_clerk_revoked_never_come_back_in_any_role(hall: Hall) -> None:
    """Stolen keys are worth nothing, and neither is a code that the thief talks somebody out of."""
    stolen = await hall.admit("M01", Role.CHAIR)
    await hall.clerk(RevokeDevice("M01", Role.CHAIR, "设备被盗"))
    for role in (Role.CHAIR, Role.MEMBER):
        code = await hall.code("M01", role)
        assert await shown_to(hall, code, stolen.keys) is Reason.KEY_REFUSED
        assert await shown_to(hall, code, generate_device_keys(), stolen.keys.transport.public) is Reason.KEY_REFUSED
        await still_good(hall, code)
