"""``pingyi bench reconnect``: the server is killed, how long until everybody is back? Beside it: bare sockets."""

import asyncio
import signal
import time

import msgspec

from pingyi_server.bench.figures import Found, Rounds
from pingyi_server.bench.orders import Back, Returned
from pingyi_server.bench.sides import SETTLE_SECONDS, Bare, both_sides
from pingyi_server.bench.stage import Stage
from pingyi_server.bench.workers import Worker

BACK_GOAL, MEMORY_GOAL = 1.5, 1.5


class Size(msgspec.Struct, frozen=True):
    """How many seats, in how many rounds."""

    seats: int
    rounds: int


RECONNECT = {False: Size(3000, 3), True: Size(3000, 7)}


async def reconnect(*, full: bool) -> Found:
    """Kill the server and start it again, and bare sockets that are down for as long, in turn."""
    size = RECONNECT[full]
    ours, theirs, gone = [], [], []
    async with both_sides(size.seats) as (stage, crowd, bare, bare_crowd, taken):
        for _ in range(size.rounds):
            killed, listened, last = await killed_and_back(stage, crowd)
            ours.append(last - listened)
            gone.append(last - killed)
            theirs.append(await bare_and_back(bare, bare_crowd, listened - killed))
    return Found(
        [("bench.reconnect_how", {"seats": str(size.seats), "rounds": str(size.rounds)})],
        [
            Rounds("reconnect", "s", ours, theirs, "bench.beside_sockets", BACK_GOAL),
            Rounds("reconnect from the kill", "s", gone),
            Rounds("memory a seat", "KiB", [taken[0]], [taken[1]], "bench.beside_sockets", MEMORY_GOAL),
        ],
    )


async def killed_and_back(stage: Stage, crowd: Worker) -> tuple[float, float, float]:
    """Return when the server was killed, when it listened again, and when everybody had the right screen again."""
    await asyncio.sleep(SETTLE_SECONDS)
    killed = time.monotonic()
    await stage.stop(signal.SIGKILL)
    back = asyncio.create_task(crowd.ask(Back(), Returned))
    await stage.start()
    listened = time.monotonic()
    return killed, listened, (await back).last


async def bare_and_back(bare: Bare, crowd: Worker, seconds: float) -> float:
    """Return how long it takes until everybody is back at bare sockets that were down for so many seconds."""
    await asyncio.sleep(SETTLE_SECONDS)
    killed = time.monotonic()
    await bare.kill()
    back = asyncio.create_task(crowd.ask(Back(), Returned))
    await bare.start()
    await asyncio.sleep(max(0.0, killed + seconds - time.monotonic()))
    listened = await bare.listen()
    return (await back).last - listened
