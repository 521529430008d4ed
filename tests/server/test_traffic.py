"""What connections send beside whole messages: counted by plain rules, and cut on real sockets."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zmq.utils import z85

from kit import waits
from kit.factories import small_definition
from kit.hall import Hall, free_port, open_hall
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.session import Link
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.transport import TransportKeys, generate_transport_keys
from pingyi_protocol.meeting.commands import CheckIn
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import LARGEST_REQUEST, Ping, Receipt, encode
from pingyi_server.bench.zmtp import INNER_MORE, Address, Peer, ServerGoneError
from pingyi_server.gateway.limits import Limits
from pingyi_server.gateway.traffic import FRAME_BYTES, HANDSHAKE_BYTES, HARD, MOST_WORDS, Account, Connection

SHARED = "127.0.0.9"
"""An address of this machine behind which several terminals stand, and which no limits file names."""

# the account of one connection

LIMIT = 10_000


@given(st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 2)), max_size=50))
def test_whole_messages_are_never_held_against_their_sender(messages: list[tuple[int, float]]) -> None:
    account, received, now = Account(), 600, 0.0
    for size, pause in messages:
        received += size + FRAME_BYTES
        account.whole += size + FRAME_BYTES
        now += pause
        account.settle(received, pause)
        assert not account.exceeds(LIMIT, now, now, 0)


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=200))
def test_what_is_no_message_adds_up_however_it_is_cut_into_pieces(pieces: list[int]) -> None:
    account, received = Account(), 0
    for piece in pieces:
        received += piece
        account.settle(received, 0.0)
    assert account.exceeds(LIMIT, 1.0, 0.0, 0) is (received - HANDSHAKE_BYTES > HARD * LIMIT)
    assert account.exceeds(LIMIT, 2.0, 1.5, 0) is (received - HANDSHAKE_BYTES > LIMIT)


def test_what_waits_in_the_queue_of_a_server_that_was_held_up_is_not_taken_for_excess() -> None:
    account = Account()
    account.settle(2 * LIMIT, 0.0)
    assert not account.exceeds(LIMIT, 10.0, emptied=9.0, unread=0)
    account.whole += 2 * LIMIT
    account.settle(2 * LIMIT, 0.1)
    assert not account.exceeds(LIMIT, 11.0, emptied=10.5, unread=0)


def test_what_the_system_holds_unread_takes_no_memory_of_the_library() -> None:
    account = Account()
    account.settle(100 * LIMIT, 0.0)
    assert not account.exceeds(LIMIT, 1.0, emptied=2.0, unread=99 * LIMIT + LIMIT // 2)
    assert account.exceeds(LIMIT, 1.0, emptied=2.0, unread=0)


# real sockets

HASTY = Limits(handshake_seconds=3.0)
"""Who is turned away in silence hears so when this is over."""


@asynccontextmanager
async def peer(
    hall: Hall, keys: TransportKeys, offset: int = 0, kind: str = "DEALER", source: str = ""
) -> AsyncIterator[Peer]:
    """A client of the server's socket at this offset that may do anything; it comes from this machine's ``source``."""
    server_key = z85.decode(hall.folder.server_keys().transport.public.encode())
    one = await Peer.connect(Address("127.0.0.1", hall.port + offset, server_key), source=source)
    try:
        await one.join(keys, kind)
        yield one
    finally:
        one.close()


async def device(hall: Hall, person: str) -> TransportKeys:
    """The transport keys of an enrolled device that runs no session."""
    keys = generate_device_keys()
    await hall.enrolled(person, Role.MEMBER, keys)
    return keys.transport


async def turned_away(hall: Hall, keys: TransportKeys, offset: int = 0, kind: str = "DEALER") -> bool:
    """Whether the server does not let these keys in."""
    with suppress(ServerGoneError):
        async with peer(hall, keys, offset, kind):
            return False
    return True


async def answered(one: Peer) -> None:
    """See that the server still answers here."""
    async with asyncio.timeout(WAIT_SECONDS):
        await one.write(one.message(b"8", encode(Ping())))
        assert await one.receive() == (INNER_MORE, b"8")
        await one.receive()


async def connections_from(hall: Hall, address: str) -> list[Connection]:
    """The connections from there, as soon as the server knows of any."""
    traffic = hall.server.traffic
    await waits.until(lambda: any(one.address == address for one in traffic.connections.values()))
    return [one for one in traffic.connections.values() if one.address == address]


async def endless(does: Callable[[], Awaitable[object]]) -> None:
    """Do this again and again; TimeoutError when nothing ends it."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            await does()
            await asyncio.sleep(0)


async def until_cut(one: Peer, piece: bytes, most: int) -> None:
    """Send this piece so often, sealed anew, and wait until the server has ended the connection."""
    with suppress(ServerGoneError):
        async with asyncio.timeout(WAIT_SECONDS):
            for _ in range(most):
                await one.write(one.sealed(piece, INNER_MORE))
            while True:
                await one.receive()


@pytest.mark.parametrize(("offset", "size"), [(0, 60_000), (0, 0), (2, 10_000)])
async def test_a_message_that_never_ends_costs_its_sender_the_connection(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, offset: int, size: int
) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        seat = await hall.admit("M02")
        keys = await device(hall, "M03") if offset == 0 else generate_transport_keys()
        with caplog.at_level(logging.WARNING):
            async with peer(hall, keys, offset) as one:
                await until_cut(one, bytes(size), 60_000 if size == 0 else 400)
        assert "bytes that are no message" in caplog.text
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        assert seat.session.link is Link.UP


@pytest.mark.parametrize("words", [[b"\x01topic"], [b"\x03" + bytes(900)], [b""], [b"\x01", b"\x00"] * MOST_WORDS])
async def test_a_subscriber_that_says_anything_but_that_it_wants_everything_is_cut_and_turned_away(
    tmp_path: Path, words: list[bytes]
) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port()), limits=HASTY) as hall:
        keys = await device(hall, "M02")
        async with peer(hall, keys, 1, "SUB") as one:
            for word in words:
                await one.write(one.message(word))
            with pytest.raises(ServerGoneError):
                await endless(one.receive)
        assert await turned_away(hall, keys, 1, "SUB")


@pytest.mark.parametrize("late", [b"\x01", b"\x00"])
async def test_what_is_heard_late_of_who_had_its_descriptor_before_does_not_cost_a_subscriber_its_connection(
    tmp_path: Path, late: bytes
) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        keys = await device(hall, "M02")
        [known] = [one for one in hall.recorder.meeting.devices.values() if one.transport_key == keys.public]
        async with peer(hall, keys, 1, "SUB", SHARED) as one:
            [held] = await connections_from(hall, SHARED)
            # a terminal that was started anew: the word of its first connection, and then its own
            hall.server.judge_subscriber(held.descriptor, known.id, late)
            await one.write(one.message(b"\x01"))
            await waits.until(lambda: held.said == 2)
            await hall.admit("M03")
            assert (await one.receive())[1]
        assert not await turned_away(hall, keys, 1, "SUB")


async def test_a_request_of_the_largest_size_that_trickles_in_is_no_excess(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        keys = await device(hall, "M02")
        async with peer(hall, keys) as one:
            whole = one.message(b"7", b'"' + b"a" * (LARGEST_REQUEST - 2) + b'"')
            for place in range(0, len(whole), 30_000):
                await one.write(whole[place : place + 30_000])
                await asyncio.sleep(0.15)
            async with asyncio.timeout(WAIT_SECONDS):
                assert await one.receive() == (INNER_MORE, b"7")
                assert b"malformed" in (await one.receive())[1]


async def test_a_flood_of_requests_is_dropped_its_sender_turned_away_and_let_in_again_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    limits = Limits(refused_requests=50, handshake_seconds=3.0)
    async with open_hall(tmp_path, small_definition(port=free_port()), limits=limits) as hall:
        seat, keys = await hall.admit("M02"), await device(hall, "M03")
        with caplog.at_level(logging.WARNING):
            async with peer(hall, keys) as one:
                with pytest.raises(ServerGoneError):
                    await endless(lambda: one.write(one.message(b"", encode(Ping()))))
            assert await turned_away(hall, keys)
        said = [one.getMessage() for one in caplog.records]
        assert len([one for one in said if "limit=requests_per_second" in one]) == 1
        assert len([one for one in said if "limit=refused_requests" in one]) == 1
        assert all("by=M03/member device=" in one for one in said)
        assert (seat.session.link, isinstance(await seat.session.ask(CheckIn()), Receipt)) == (Link.UP, True)
        # so much later
        [(who, until)] = hall.server.door.bans.until.items()
        hall.server.door.bans.until[who] = until - limits.ban_seconds
        async with peer(hall, keys) as one:
            await one.write(one.message(b"9", encode(Ping())))
            assert await one.receive() == (INNER_MORE, b"9")


async def test_only_the_clerk_gets_into_the_office(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        keys, office = await device(hall, "M02"), hall.server.sockets.office_port - hall.port
        for stranger in (keys, generate_transport_keys()):
            assert await turned_away(hall, stranger, office)
        async with peer(hall, hall.folder.clerk_keys().transport, office) as one:
            await one.write(one.message(b"9", encode(Ping())))
            assert await one.receive() == (INNER_MORE, b"9")


async def test_a_revoked_device_hears_no_more_broadcasts_on_a_connection_that_stands(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        keys = await device(hall, "M02")
        async with peer(hall, keys, 1, "SUB") as one:
            await one.write(one.message(b"\x01"))
            await hall.admit("M02")
            with pytest.raises(ServerGoneError):
                await endless(one.receive)


async def test_who_only_holds_a_connection_to_the_enrolment_socket_is_let_go(tmp_path: Path) -> None:
    keys = generate_transport_keys()
    async with (
        open_hall(tmp_path, small_definition(port=free_port())) as hall,
        peer(hall, keys, 2, source=SHARED) as one,
    ):
        [held] = await connections_from(hall, SHARED)
        held.since -= Limits().enrolment_seconds
        with pytest.raises(ServerGoneError):
            await endless(one.receive)


async def test_who_shares_an_address_with_a_hostile_terminal_stays_connected_and_is_let_in(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port()), limits=HASTY) as hall:
        honest, hostile, other = [await device(hall, person) for person in ("M02", "M03", "M04")]
        async with peer(hall, honest, source=SHARED) as stands:
            await answered(stands)
            # it came long ago, as far as the door knows
            [came] = [one for one in hall.server.door.admitted if one.who.address == SHARED]
            hall.server.door.admitted.remove(came)
            hall.server.door.admitted.appendleft(came._replace(at=came.at - 60))
            async with peer(hall, hostile, source=SHARED) as attacker:
                await until_cut(attacker, bytes(60_000), 400)
            with pytest.raises(ServerGoneError):
                async with peer(hall, hostile, source=SHARED):
                    pass
            async with peer(hall, other, source=SHARED) as late:
                await answered(late)
            await answered(stands)


async def test_where_two_came_at_once_from_an_address_an_endless_message_bans_neither(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        honest, hostile = await device(hall, "M02"), await device(hall, "M03")
        async with peer(hall, honest, source=SHARED) as one:
            async with peer(hall, hostile, source=SHARED) as attacker:
                await until_cut(attacker, bytes(60_000), 400)
            await answered(one)
            async with peer(hall, honest, source=SHARED) as again:
                await answered(again)


@pytest.mark.parametrize(("offset", "kind"), [(0, "DEALER"), (1, "SUB")])
async def test_a_device_holds_only_so_many_connections(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, offset: int, kind: str
) -> None:
    limits = Limits(connections=4)
    async with open_hall(tmp_path, small_definition(port=free_port()), limits=limits) as hall:
        keys = await device(hall, "M02")
        async with AsyncExitStack() as held:
            with caplog.at_level(logging.WARNING):
                peers = []
                for _ in range(limits.connections + 1):
                    one = await held.enter_async_context(peer(hall, keys, offset, kind, SHARED))
                    await one.write(one.message(b"\x01") if offset else one.message(b"1", encode(Ping())))
                    peers.append(asyncio.create_task(endless(one.receive)))
                # which of them is heard last is not said
                gone, standing = await asyncio.wait(peers, return_when=asyncio.FIRST_COMPLETED)
                for task in standing:
                    task.cancel()
                assert [type(task.exception()) for task in gone] == [ServerGoneError]
            assert "limit=connections" in caplog.text
            assert len([it for it in hall.server.traffic.connections.values() if it.address == SHARED]) == 4


async def test_a_connection_that_has_shaken_hands_and_says_nothing_is_let_go(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        keys = await device(hall, "M02")
        async with peer(hall, keys, source=SHARED) as one:
            [held] = await connections_from(hall, SHARED)
            held.since -= 3 * Limits().handshake_seconds
            with pytest.raises(ServerGoneError):
                await endless(one.receive)
