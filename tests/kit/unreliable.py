"""A client socket that loses, doubles, delays and reorders whole messages, both ways, and breaks none of them."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable

import zmq
import zmq.asyncio

from pingyi_protocol.client.sockets import connect
from pingyi_protocol.keys.transport import TransportKeys


class Unreliable:
    """Stands in for ``connect`` of the client's sockets; ``fates`` counts what befell messages.

    Each message is lost, doubled, late by up to ``late`` seconds (so that others overtake it), or left alone.
    """

    def __init__(self, luck: random.Random, lost: float, doubled: float, delayed: float, late: float = 0.3) -> None:
        self.luck = luck
        self.odds = (lost, doubled, delayed, max(0.0, 1 - lost - doubled - delayed))
        self.late = late
        self.fates: Counter[str] = Counter()

    def connect(
        self,
        context: zmq.asyncio.Context,
        kind: int,
        addresses: tuple[str, ...],
        port: int,
        server_key: str,
        keys: TransportKeys,
        route: bytes | None = None,
    ) -> "UnreliableSocket":
        """Connect, and let messages take their chances."""
        return UnreliableSocket(connect(context, kind, addresses, port, server_key, keys, route), self)

    def befall(self, deliver: Callable[[], object]) -> None:
        """Deliver a message never, once, twice or late."""
        [fate] = self.luck.choices(("lost", "doubled", "late", "well"), self.odds)
        self.fates[fate] += 1
        if fate in ("doubled", "well"):
            deliver()
        if fate in ("doubled", "late"):
            asyncio.get_running_loop().call_later(self.luck.random() * self.late, deliver)


class UnreliableSocket:
    """What a session uses of a socket."""

    def __init__(self, socket: zmq.asyncio.Socket, network: Unreliable) -> None:
        self.socket = socket
        self.network = network
        self.arrived: asyncio.Queue[list[bytes]] = asyncio.Queue()
        self.reading = asyncio.create_task(self.read())

    async def read(self) -> None:
        """Take what arrives."""
        while True:
            frames = await self.socket.recv_multipart()
            self.network.befall(lambda frames=frames: self.arrived.put_nowait(frames))  # type: ignore[misc]

    def subscribe(self, topic: bytes) -> None:
        """Subscribe."""
        self.socket.subscribe(topic)

    def get_monitor_socket(self, events: int) -> zmq.asyncio.Socket:
        """Watch what becomes of the connection, which is no message."""
        return self.socket.get_monitor_socket(events)

    def disable_monitor(self) -> None:
        """Watch it no more."""
        self.socket.disable_monitor()

    def send_multipart(self, frames: list[bytes], flags: int) -> "asyncio.Future[None]":
        """Send, as far as the sender can tell."""
        self.network.befall(lambda: self.sent(frames, flags))
        done = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def sent(self, frames: list[bytes], flags: int) -> None:
        """Send in truth; without a connection the message is lost too."""
        if not self.socket.closed:
            sending = asyncio.ensure_future(self.socket.send_multipart(frames, flags))
            assert sending.exception() is None or isinstance(sending.exception(), zmq.Again)

    async def recv_multipart(self) -> list[bytes]:
        """Return the next message."""
        return await self.arrived.get()

    async def recv(self) -> bytes:
        """Return the next message of one frame."""
        [frame] = await self.arrived.get()
        return frame

    def close(self) -> None:
        """Close."""
        self.reading.cancel()
        self.socket.close()
