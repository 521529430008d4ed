"""Terminals that knock while the server is starting: nobody gets in unasked, and nobody who knocked harms it."""

import asyncio
from pathlib import Path

import msgspec
import zmq
import zmq.asyncio
from zmq.utils.monitor import recv_monitor_message

from kit.factories import small_definition
from kit.hall import Terminal, free_port, open_hall
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.sockets import connect
from pingyi_protocol.keys.transport import TransportKeys, generate_transport_keys
from pingyi_server.folder import MeetingFolder
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.recorder import Recorder
from pingyi_server.gateway.service import MeetingServer
from pingyi_server.gateway.sockets import bind_sockets

OUTCOMES = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_SUCCEEDED


class Knock:
    """A connection attempt, and what came of it."""

    def __init__(self, port: int, server_key: str, keys: TransportKeys, kind: int, offset: int) -> None:
        context = zmq.asyncio.Context.instance()
        self.socket = connect(context, kind, ("127.0.0.1",), port + offset, server_key, keys)
        self.socket.linger = 0
        self.watch = self.socket.get_monitor_socket(OUTCOMES)
        self.outcome = asyncio.create_task(self.first())

    async def first(self) -> int:
        """Return what the first handshake came to."""
        seen = await recv_monitor_message(self.watch)
        return int(seen["event"])

    def close(self) -> None:
        """Go away."""
        self.socket.disable_monitor()
        self.watch.close()
        self.socket.close()


async def test_who_knocks_before_the_server_looks_waits_for_the_answer(tmp_path: Path) -> None:
    definition = small_definition(port=free_port())
    async with open_hall(tmp_path, definition) as hall:
        seat = await hall.admit("M02")
    folder = MeetingFolder(tmp_path)
    ledger = folder.open_ledger()
    recorder = Recorder(ledger, MeetingClock(ledger.meeting.at))
    context, port = zmq.asyncio.Context.instance(), free_port()
    server_keys = folder.server_keys().transport
    sockets = bind_sockets(context, server_keys, "127.0.0.1", port)
    strangers = [
        Knock(port, server_keys.public, generate_transport_keys(), kind, offset)
        for kind, offset in ((zmq.DEALER, 0), (zmq.SUB, 1))
    ]
    again = Terminal(msgspec.structs.replace(seat.facts, port=port), seat.keys, seat.memory)
    stop = asyncio.Event()
    running = asyncio.create_task(again.session.run())
    try:
        # as long as nobody is there to ask, nobody is let in
        done, _ = await asyncio.wait([one.outcome for one in strangers], timeout=1)
        assert not done
        serving = asyncio.create_task(MeetingServer(context, sockets, recorder).run(stop))
        async with asyncio.timeout(WAIT_SECONDS):
            outcomes = await asyncio.gather(*(one.outcome for one in strangers))
        assert outcomes == [zmq.EVENT_HANDSHAKE_FAILED_AUTH] * 2
        await again.until(lambda one: one.picture)
        stop.set()
        await serving
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        for one in strangers:
            one.close()
        sockets.close()
        recorder.close()
