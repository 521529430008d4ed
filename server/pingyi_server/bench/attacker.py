"""A hostile connection that comes again whenever it is cut, at a bounded rate, and counts what it sends."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import monotonic
from typing import TypeAlias

import msgspec

from pingyi_server.bench.stage import Enrolled
from pingyi_server.bench.zmtp import Address, Peer, ServerGoneError

AGAIN_SECONDS = 0.2
"""How long one that was cut waits before it comes again."""

BEAT_SECONDS = 0.05


class Tally(msgspec.Struct):
    """What was sent, and how often the server ended a connection."""

    connections: int = 0
    ended: int = 0
    messages: int = 0
    bytes: int = 0

    def add(self, other: "Tally") -> None:
        """Count another's too."""
        self.connections += other.connections
        self.ended += other.ended
        self.messages += other.messages
        self.bytes += other.bytes


class Rate(msgspec.Struct, frozen=True):
    """What one hostile connection sends at the most each second, so that the attacker's own work stays bounded."""

    messages: int = 200
    bytes: int = 1_000_000


class Attacker:
    """One hostile connection, and what its owner knows: the server, and an enrolled device's keys.

    It comes from the address ``source`` of this machine.
    """

    def __init__(self, address: Address, insider: Enrolled, rate: Rate, source: str) -> None:
        """Have done nothing yet."""
        self.address = address
        self.source = source
        self.insider = insider
        self.rate = rate
        self.tally = Tally()
        self.peer: Peer | None = None
        self.overheard: tuple[bytes, bytes] | None = None

    async def persist(self, attack: "Attack") -> None:
        """Attack, and come again whenever the server ends it, until cancelled."""
        while True:
            await self.once(attack)
            await asyncio.sleep(AGAIN_SECONDS)

    async def once(self, attack: "Attack") -> None:
        """Attack until the server ends it."""
        try:
            await attack.run(self, await self.connected(attack.offset, attack.receive_buffer))
        except ServerGoneError:
            self.tally.ended += 1
        finally:
            self.hang_up()

    async def connected(self, offset: int, receive_buffer: int | None = None) -> Peer:
        """Open a connection in place of the one before, and count it."""
        self.hang_up()
        self.peer = await Peer.connect(self.address.beside(offset), receive_buffer, self.source)
        self.tally.connections += 1
        return self.peer

    def hang_up(self) -> None:
        """End the connection, if there is one."""
        if self.peer is not None:
            self.peer.close()
            self.peer = None

    async def flood(self, peer: Peer, make: Callable[[], bytes]) -> None:
        """Send what ``make`` makes, as fast as the rate allows and the server takes it."""
        messages = spare = 0.0
        before = monotonic()
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            now = monotonic()
            # whoever was held up does not catch up
            passed, before = min(now - before, 4 * BEAT_SECONDS), now
            messages += self.rate.messages * passed
            spare += self.rate.bytes * passed
            while messages >= 1 and spare > 0:
                data = make()
                await self.send(peer, data)
                messages -= 1
                spare -= len(data)
            messages = min(messages, 1.0)

    async def send(self, peer: Peer, data: bytes) -> None:
        """Send one piece and count it."""
        await peer.write(data)
        self.tally.messages += 1
        self.tally.bytes += len(data)


Run: TypeAlias = Callable[[Attacker, Peer], Awaitable[None]]


@dataclass(frozen=True)
class Attack:
    """One kind of attack on the socket at ``offset``; ``receive_buffer`` is set for who reads nothing."""

    name: str
    offset: int
    run: Run
    receive_buffer: int | None = None


async def reading(peer: Peer, work: Awaitable[None]) -> None:
    """Do the work while all that the server says is read, and its heartbeats answered."""

    async def answers() -> None:
        while True:
            await peer.receive()

    both = [asyncio.ensure_future(work), asyncio.create_task(answers())]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for one in both:
            if one.done():
                one.result()
    finally:
        for one in both:
            one.cancel()
        await asyncio.gather(*both, return_exceptions=True)
