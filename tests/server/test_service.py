"""The server on real sockets: who gets in, what strange frames do to it (nothing), and what each role is sent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import zmq
import zmq.asyncio
from zmq.utils.monitor import recv_monitor_message

from kit.factories import live_rules, small_definition
from kit.hall import Hall, Terminal, free_port, open_hall
from kit.ledgers import recorder_in, submissions
from kit.playbook import full_house
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.sockets import connect
from pingyi_protocol.keys.enrolment_code import secret_hash
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.signing import SigningKey, public_text
from pingyi_protocol.keys.transport import TransportKeys, generate_transport_keys
from pingyi_protocol.meeting.commands import Cast, CheckIn, CloseRound, Command, Enrol, OpenRound, Score
from pingyi_protocol.meeting.definition import Audience, Display, Role
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.envelope import Envelope, seal
from pingyi_protocol.wire.messages import (
    LARGEST_CLERK_REQUEST,
    LARGEST_ENROLMENT,
    LARGEST_REQUEST,
    BackstagePush,
    EnrolRequest,
    Hello,
    Identity,
    IdentityRequest,
    Ping,
    Pong,
    Receipt,
    Refused,
    Reply,
    Submit,
    Welcome,
    encode,
    reply_decoder,
)
from pingyi_protocol.wire.picture import difference, updated
from pingyi_server.gateway.answers import WelcomeFrame
from pingyi_server.gateway.publisher import at_clock
from pingyi_server.gateway.service import MeetingServer
from pingyi_server.gateway.sockets import bind_sockets


class Raw:
    """A socket under CURVE that sends whatever a test wants."""

    def __init__(self, socket: zmq.asyncio.Socket) -> None:
        self.socket = socket

    async def send(self, *frames: bytes) -> None:
        await self.socket.send_multipart(list(frames))

    async def reply(self) -> tuple[bytes, Reply]:
        async with asyncio.timeout(WAIT_SECONDS):
            number, body = await self.socket.recv_multipart()
        return number, reply_decoder().decode(body)

    async def ask(self, body: bytes, number: bytes = b"7") -> Reply:
        while True:
            await self.send(number, body)
            found, reply = await self.reply()
            assert found == number
            if reply != Refused("", Refusal(Reason.SESSION_ELSEWHERE)):
                return reply
            # the session before may have said goodbye a moment ago: ask again, as terminals do
            await asyncio.sleep(0.1)


@asynccontextmanager
async def raw(hall: Hall, keys: TransportKeys, offset: int = 0) -> AsyncIterator[Raw]:
    server_key = hall.folder.server_keys().transport.public
    context = zmq.asyncio.Context.instance()
    with connect(context, zmq.DEALER, ("127.0.0.1",), hall.port + offset, server_key, keys) as socket:
        socket.linger = 0
        yield Raw(socket)


async def turned_away(hall: Hall, keys: TransportKeys, kind: int, offset: int) -> bool:
    """Whether the server's ZAP answer closes the door on these keys."""
    server_key = hall.folder.server_keys().transport.public
    context = zmq.asyncio.Context.instance()
    socket = context.socket(kind)
    watch = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_SUCCEEDED)
    socket.curve_serverkey = server_key.encode()
    socket.curve_publickey, socket.curve_secretkey = keys.public.encode(), keys.secret.encode()
    socket.linger = 0
    try:
        socket.connect(f"tcp://127.0.0.1:{hall.port + offset}")
        async with asyncio.timeout(WAIT_SECONDS):
            seen = await recv_monitor_message(watch)
        return bool(seen["event"] == zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    finally:
        socket.disable_monitor()
        watch.close()
        socket.close()


# the door


@pytest.mark.parametrize(("kind", "offset"), [(zmq.DEALER, 0), (zmq.SUB, 1)])
async def test_only_enrolled_devices_of_this_meeting_get_through_the_door(
    tmp_path: Path, kind: int, offset: int
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    async with open_hall(tmp_path / "one", small_definition(port=free_port())) as other:
        elsewhere = await other.admit("M02")
    async with open_hall(tmp_path / "two", small_definition(port=free_port())) as hall:
        here = await hall.admit("M02")
        assert await turned_away(hall, generate_transport_keys(), kind, offset)
        assert await turned_away(hall, elsewhere.keys.transport, kind, offset)
        assert not await turned_away(hall, here.keys.transport, kind, offset)
        await hall.admit("M02")
        assert await turned_away(hall, here.keys.transport, kind, offset)


# strange frames

STRANGE = [
    b"",
    b"\xff",
    b"\x00" * 100,
    b"null",
    b"[]",
    b"{}",
    b'{"type":"hello/1"}',
    b'{"type":"hello/2","definition":""}',
    b'{"type":"hello/1","definition":"\xff"}',
    b'{"type":"hello/1","definition":"\\ud800"}',
    b'{"type":"ping/1","extra":1}',
    b'{"type":"submit/1","envelope":{"payload":"\xc3\x28","key":"","signature":""},"seen":0}',
    b'{"type":"submit/1","envelope":{"payload":"","key":"","signature":""},"seen":' + b"9" * 5000 + b"}",
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b'"' + b"a" * (LARGEST_REQUEST // 2),
]


async def test_no_frame_of_an_enrolled_device_harms_the_server(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        seat, strange = await hall.admit("M02"), generate_device_keys()
        await hall.enrolled("M03", Role.MEMBER, strange)
        async with raw(hall, strange.transport) as wire:
            for body in STRANGE:
                assert await wire.ask(body) == Refused("", Refusal(Reason.MALFORMED)), body[:60]
            for frames in ([b"alone"], [b"", b"", b""], [b"1", b"2", b"3", b"4"]):
                await wire.send(*frames)
            assert isinstance(await wire.ask(encode(Ping()), b"\xff" * 1000), Pong)
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)


async def test_what_is_larger_than_any_request_costs_its_sender_the_connection(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        seat, strange = await hall.admit("M02"), generate_device_keys()
        await hall.enrolled("M03", Role.MEMBER, strange)
        office = hall.server.sockets.office_port - hall.port
        for keys, offset, largest, question in (
            (strange.transport, 0, LARGEST_REQUEST, Ping()),
            (hall.folder.clerk_keys().transport, office, LARGEST_CLERK_REQUEST, Ping()),
            (generate_transport_keys(), 2, LARGEST_ENROLMENT, IdentityRequest("")),
        ):
            async with raw(hall, keys, offset) as wire:
                assert isinstance(await wire.ask(encode(question)), Pong | Refused)
                watch = wire.socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
                await wire.send(b"", b" " * (largest + 1))
                async with asyncio.timeout(WAIT_SECONDS):
                    await recv_monitor_message(watch)
                wire.socket.disable_monitor()
                watch.close()
            async with raw(hall, keys, offset) as wire:
                assert isinstance(await wire.ask(encode(question)), Pong | Refused)
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)


async def test_no_frame_of_a_newcomer_harms_the_server(tmp_path: Path) -> None:
    keys = generate_device_keys()
    key = SigningKey(keys.signing_seed)

    def request(code: str, secret: str, shown: str = public_text(key)) -> bytes:
        body = Enrol(code, public_text(key), keys.transport.public, pinned=False)
        command = Command("m", "0" * 32, "M02", Role.MEMBER, "", body)
        return encode(EnrolRequest(secret, shown, seal(msgspec.json.encode(command), key)))

    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        async with raw(hall, generate_transport_keys(), 2) as wire:
            for frame in (one for one in STRANGE if len(one) < LARGEST_ENROLMENT):
                assert await wire.ask(frame) == Refused("", Refusal(Reason.MALFORMED)), frame[:60]
            good = secret_hash(bytes(12))
            for code, secret in ((good, "00"), (good, ""), (good, "é"), ("é", "00" * 16), ("", ""), ("码", "zz")):
                assert await wire.ask(request(code, secret)) == Refused("", Refusal(Reason.CODE_UNKNOWN))
            known = (await hall.code("M04", Role.MEMBER)).secret
            for shown in ("", "é", "A" * 43 + "="):
                refused = await wire.ask(request(secret_hash(known), known.hex(), shown))
                assert refused == Refused("", Refusal(Reason.KEY_REFUSED))
            other = await wire.ask(request(good, known.hex()))
            assert other == Refused("0" * 32, Refusal(Reason.CODE_UNKNOWN))
            assert await wire.ask(encode(Ping())) == Refused("", Refusal(Reason.MALFORMED))
            for unknown in ("", "é", "00" * 32, "0" * 16_000):
                assert await wire.ask(encode(IdentityRequest(unknown))) == Refused("", Refusal(Reason.CODE_UNKNOWN))
            issued = await hall.code("M03", Role.MEMBER)
            named = await wire.ask(encode(IdentityRequest(secret_hash(issued.secret))))
            assert isinstance(named, Identity)
            assert (named.person, named.role) == ("M03", Role.MEMBER)
        assert isinstance(await (await hall.admit("M02")).session.ask(CheckIn()), Receipt)


async def test_a_command_is_taken_from_its_own_device_and_connection_only(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        one, two = await hall.admit("M02"), await hall.admit("M03")
        command = Command(hall.recorder.meeting.id, "0" * 32, "M02", Role.MEMBER, "", CheckIn())
        good = seal(msgspec.json.encode(command), one.session.signing_key)
        own = seal(msgspec.json.encode(command), two.session.signing_key)
        forged = msgspec.structs.replace(good, signature=own.signature)
        for seat in (one, two):
            await hall.switch_off(seat)
        async with raw(hall, two.keys.transport) as wire:
            for envelope, reason in (
                (good, Reason.DEVICE_UNKNOWN),
                (own, Reason.NOT_ALLOWED),
                (Envelope("", own.key, ""), Reason.BAD_SIGNATURE),
            ):
                assert await wire.ask(encode(Submit(envelope, 0))) == Refused("", Refusal(reason))
        async with raw(hall, one.keys.transport) as wire:
            assert await wire.ask(encode(Submit(forged, 0))) == Refused("", Refusal(Reason.BAD_SIGNATURE))
            for seen in (-1, 0, 3, 10**30):
                receipt = await wire.ask(encode(Submit(good, seen)))
                assert isinstance(receipt, Receipt)
        assert set(hall.recorder.meeting.present) == {"M02"}


async def test_a_loop_that_fails_ends_the_server_in_the_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(MeetingServer, "answer_all", broken)
    with pytest.raises(ZeroDivisionError):
        await ping_once(tmp_path)


async def ping_once(folder: Path) -> None:
    """Open a hall, send one ping, and leave when the server ends."""
    async with open_hall(folder, small_definition(port=free_port())) as hall:
        keys = generate_device_keys()
        await hall.enrolled("M02", Role.MEMBER, keys)
        async with raw(hall, keys.transport) as wire:
            await wire.send(b"", encode(Ping()))
            async with asyncio.timeout(WAIT_SECONDS):
                await asyncio.wait([hall.serving])


# who is sent what


async def heard(wire: Raw, wanted: Callable[[Reply], bool]) -> list[Reply]:
    """What comes in until this is among it."""
    replies: list[Reply] = []
    while not replies or not wanted(replies[-1]):
        replies.append((await wire.reply())[1])
    return replies


async def present_and_open(hall: Hall) -> tuple[Terminal, list[Terminal]]:
    chair = await hall.admit("M01", Role.CHAIR)
    seats = [await hall.admit(f"M{place:02}") for place in range(1, 4)]
    for seat in seats:
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)
    assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
    return chair, seats


async def test_only_the_chair_sees_figures_that_are_for_the_chair(tmp_path: Path) -> None:
    rules = live_rules(running=Audience.CHAIR, display=Display.ON_ANNOUNCEMENT)
    definition = small_definition(members=3, port=free_port(), rules=rules)
    async with open_hall(tmp_path, definition) as hall:
        chair, seats = await present_and_open(hall)
        display = await hall.admit("hall", Role.HALL)
        for seat, score in zip(seats, (90, 91, 92), strict=True):
            assert isinstance(await seat.session.ask(ballot(score)), Receipt)
        await chair.until(lambda one: one.backstage and one.backstage.running and one.backstage.running.received == 3)
        assert isinstance(await chair.session.ask(CloseRound("1", 1)), Receipt)
        for terminal in (chair, display, *seats):
            await terminal.until(lambda one: one.picture and one.picture.status("1").phase is Phase.CLOSED)
            assert (terminal.round.running, terminal.picture.published) == (None, ())
        assert [one.session.backstage for one in (display, *seats)] == [None] * 4


async def test_a_snapshot_is_what_the_others_were_shown_last(tmp_path: Path) -> None:
    # a snapshot ahead of its number would keep whatever changed back before the next update
    recorder, book = recorder_in(tmp_path), full_house(small_definition(members=3))
    await recorder.record(submissions(book))
    context = zmq.asyncio.Context.instance()
    sockets = bind_sockets(context, generate_transport_keys(), "127.0.0.1", free_port())
    server = MeetingServer(context, sockets, recorder)
    shown = server.publish()
    assert len(await recorder.record(submissions(book.check_out("M02"), first=shown.head.size))) == 1
    welcome = server.reply(Hello(""), "device")
    assert isinstance(welcome, WelcomeFrame)
    assert welcome.picture == at_clock(shown, welcome.picture.clock)
    await recorder.record(submissions(book.check_in_by_hand("M02"), first=shown.head.size + 1))
    assert updated(welcome.picture, difference(shown, server.publish())) == server.shown
    server.close()
    sockets.close()
    recorder.close()


async def test_a_console_that_comes_back_is_shown_the_backstage_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # here one device asks for the definition twice within a second
    monkeypatch.setattr("pingyi_server.gateway.service.DEFINITION_SECONDS", 0.0)
    async with open_hall(tmp_path, small_definition(members=3, port=free_port())) as hall:
        chair, _ = await present_and_open(hall)
        await chair.until(lambda one: one.backstage)
        member = await hall.admit("M02")
        definition = chair.session.definition
        for terminal in (chair, member):
            await hall.switch_off(terminal)
        async with raw(hall, chair.keys.transport) as wire:
            await wire.send(b"1", encode(Hello("")))
            replies = await heard(wire, lambda reply: isinstance(reply, BackstagePush))
            assert isinstance(replies[0], Welcome)
            assert replies[0].definition == definition
        async with raw(hall, member.keys.transport) as wire:
            first = await wire.ask(encode(Hello(chair.picture.definition)))
            assert isinstance(first, Welcome)
            assert first.definition is None
            # ten pings later nothing else has come: a member is never sent what is backstage
            for _ in range(10):
                assert isinstance(await wire.ask(encode(Ping())), Pong)


def ballot(score: int) -> Cast:
    """A ballot for the first item."""
    return Cast("1", 1, (Score("T01", "", Decimal(score)),))
