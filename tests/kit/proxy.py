"""A TCP proxy between terminals and server that does to their bytes what a bad network does."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from kit.hall import free_port

SOCKETS = 4


@dataclass(frozen=True)
class Weather:
    """What befalls the bytes of a connection from now on; seconds, and bytes of one direction.

    ``delay``: every piece waits up to so long. ``cut``: the connection breaks after so many bytes, drawn anew for
    each. ``trickle``: pieces of so many bytes at the most. ``silent``: everything is accepted and nothing arrives.
    ``forged``: this share of the pieces comes with one bit changed; ``replayed``: this share comes once more.
    """

    delay: float = 0.0
    cut: tuple[int, int] | None = None
    trickle: int = 65536
    silent: bool = False
    forged: float = 0.0
    replayed: float = 0.0


FAIR = Weather()


class Proxy:
    """Listens on four ports from ``port`` on. ``cuts`` counts broken connections, ``open`` those to the server,
    ``spoils`` pieces that were forged or replayed.

    ``tape`` holds, where it is wanted, all bytes of each connection and direction, as an eavesdropper has them.
    """

    def __init__(self, target: int, luck: random.Random) -> None:
        self.target = target
        self.port = free_port()
        self.luck = luck
        self.weather = FAIR
        self.cuts = 0
        self.spoils = 0
        self.open = 0
        self.changed = asyncio.Event()
        self.listeners: list[asyncio.Server] = []
        self.carriers: set[asyncio.Task[None]] = set()
        self.tape: list[tuple[int, str, bytearray]] | None = None

    async def listen(self) -> None:
        """Take connections."""
        for place in range(SOCKETS):
            self.listeners.append(await asyncio.start_server(partial(self.take, place), "127.0.0.1", self.port + place))

    def take(self, place: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take a connection for the server's socket at this place."""
        task = asyncio.create_task(self.carry(place, reader, writer))
        self.carriers.add(task)
        task.add_done_callback(self.carriers.discard)

    async def carry(self, place: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry bytes both ways until either side ends, or the weather does."""
        try:
            onwards, back = await asyncio.open_connection("127.0.0.1", self.target + place)
        except OSError:
            writer.close()
            return
        self.opened(1)
        silenced = asyncio.Event()
        ways = [
            asyncio.create_task(self.pump(self.taped(place, "to", reader), back, silenced)),
            asyncio.create_task(self.pump(self.taped(place, "from", onwards), writer, silenced)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            if silenced.is_set():
                # one end gave up, and the other does not hear of it: half-open
                await asyncio.wait(ways)
        finally:
            self.opened(-1)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in (writer, back):
                end.transport.abort()

    def taped(self, place: int, way: str, reader: asyncio.StreamReader) -> asyncio.StreamReader:
        """Keep all that comes in here, where it is wanted."""
        if self.tape is not None:
            heard = bytearray()
            self.tape.append((place, way, heard))
            feed = reader.feed_data

            def kept(data: bytes | bytearray | memoryview) -> None:
                heard.extend(data)
                feed(data)

            vars(reader)["feed_data"] = kept  # the one way in
        return reader

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, silenced: asyncio.Event) -> None:
        """Carry bytes one way."""
        carried, limit = 0, self.limit()
        weather = self.weather
        while data := await reader.read(self.weather.trickle):
            if self.weather is not weather:
                weather, carried, limit = self.weather, 0, self.limit()
            if weather.silent:
                silenced.set()
            if silenced.is_set():
                # what was swallowed once never arrives, so nothing behind it may
                continue
            if weather.delay:
                await asyncio.sleep(self.luck.random() * weather.delay)
            carried += len(data)
            if limit is not None and carried > limit:
                self.cuts += 1
                writer.write(data[: max(0, len(data) - (carried - limit))])
                return
            writer.write(self.spoiled(data))
            await writer.drain()

    def spoiled(self, data: bytes) -> bytes:
        """Return what arrives of a piece where somebody holds the line."""
        if self.luck.random() < self.weather.replayed:
            self.spoils += 1
            return data + data
        if self.luck.random() < self.weather.forged:
            self.spoils += 1
            place = self.luck.randrange(8 * len(data))
            return (int.from_bytes(data, "big") ^ 1 << place).to_bytes(len(data), "big")
        return data

    def opened(self, count: int) -> None:
        """Count connections to the server."""
        self.open += count
        self.changed.set()

    async def until_open(self, count: int) -> None:
        """Wait until there are so many connections to the server."""
        while self.open != count:
            self.changed.clear()
            await self.changed.wait()

    def limit(self) -> int | None:
        """Return after how many bytes to cut, None for never."""
        return None if self.weather.cut is None else self.luck.randint(*self.weather.cut)

    async def close(self) -> None:
        """Break every connection and listen no more."""
        for listener in self.listeners:
            listener.close()
        for task in list(self.carriers):
            task.cancel()
        await asyncio.gather(*self.carriers, return_exceptions=True)


@asynccontextmanager
async def proxied(target: int, luck: random.Random) -> AsyncIterator[Proxy]:
    """A proxy before the server's ports from ``target`` on."""
    proxy = Proxy(target, luck)
    await proxy.listen()
    try:
        yield proxy
    finally:
        await proxy.close()
