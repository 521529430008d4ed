"""Both sides of what is held against bare sockets: the server with its crowd, and beside it another crowd's."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from pingyi_protocol.keys.transport import TransportKeys, generate_transport_keys
from pingyi_server.bench.bare import BarePlan, Publish, Published
from pingyi_server.bench.figures import memory
from pingyi_server.bench.orders import CrowdPlan, Join, Joined
from pingyi_server.bench.stage import SHOWN, Enrolled, Stage, free_port, set_up
from pingyi_server.bench.workers import Worker, worker

CROWD = "pingyi_server.bench.crowd"
BARE = "pingyi_server.bench.bare"
SETTLE_SECONDS = 1.0
KIBIBYTES = 1024


class Bare:
    """A server of nothing but sockets, for seats that differ from the stage's in the server alone."""

    def __init__(self, stage: Stage, answer: str) -> None:
        """Choose a port and keys; everybody who asks will get this answer."""
        self.keys: TransportKeys = generate_transport_keys()
        self.port = free_port()
        self.crowd = CrowdPlan(tuple(map(self.moved, stage.members)), self.moved(stage.chair), self.moved(stage.wall))
        people = (*stage.members, stage.chair, stage.wall)
        self.plan = BarePlan(self.port, self.keys, tuple(one.keys.transport.public for one in people), answer)
        self.worker: Worker | None = None
        self.running = AsyncExitStack()

    def moved(self, one: Enrolled) -> Enrolled:
        """Return a device that connects to this server."""
        facts = msgspec.structs.replace(one.facts, port=self.port, server_key=self.keys.public)
        return msgspec.structs.replace(one, facts=facts)

    @property
    def pid(self) -> int:
        """The number of the server's process."""
        return self.server.process.pid

    @property
    def server(self) -> Worker:
        """The server's process."""
        if self.worker is None:
            raise AssertionError("it was not started")
        return self.worker

    async def start(self) -> None:
        """Start a process that will listen when it is told to."""
        self.worker = await self.running.enter_async_context(worker(BARE, self.plan))

    async def listen(self) -> float:
        """Let it listen, and return when it did (monotonic, seconds)."""
        return (await self.publish(0)).at

    async def publish(self, size: int) -> Published:
        """Let it send so many bytes to all subscribers."""
        return await self.server.ask(Publish(size), Published)

    async def kill(self) -> None:
        """End it at once."""
        self.server.process.kill()
        await self.running.aclose()


@asynccontextmanager
async def both_sides(
    seats: int, *, listening: bool = False
) -> AsyncIterator[tuple[Stage, Worker, Bare, Worker, list[float]]]:
    """Run the server and bare sockets, each with a crowd of its own; ``listening`` ones look at what is broadcast.

    The last are the KiB of memory that a seat takes of the server, and of the bare one.
    """
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        stage = await set_up(Path(folder) / "meeting", seats, SHOWN)
        plan = CrowdPlan(tuple(stage.members), stage.chair, stage.wall, listening=listening)
        async with stage.served(), AsyncExitStack() as held:
            empty = memory(stage.pid)
            crowd = await held.enter_async_context(worker(CROWD, plan))
            joined = await crowd.ask(Join(), Joined)
            await asyncio.sleep(SETTLE_SECONDS)
            taken = [KIBIBYTES * (memory(stage.pid) - empty) / seats]
            bare = Bare(stage, joined.welcome)
            held.push_async_callback(bare.running.aclose)
            await bare.start()
            await bare.listen()
            bare_empty = memory(bare.pid)
            bare_plan = msgspec.structs.replace(bare.crowd, listening=listening)
            bare_crowd = await held.enter_async_context(worker(CROWD, bare_plan))
            await bare_crowd.ask(Join(), Joined)
            await asyncio.sleep(SETTLE_SECONDS)
            taken.append(KIBIBYTES * (memory(bare.pid) - bare_empty) / seats)
            yield stage, crowd, bare, bare_crowd, taken
