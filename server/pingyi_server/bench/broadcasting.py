"""``pingyi bench broadcast``: when is an item that the chair opens on every screen? Beside it: a bare publisher."""

import asyncio

import msgspec

from pingyi_server.bench.figures import Found, Rounds, percentile
from pingyi_server.bench.orders import Hear, Heard, HearRound
from pingyi_server.bench.sides import SETTLE_SECONDS, Bare, both_sides
from pingyi_server.bench.workers import Worker

GOAL = 1.3
TAIL = 0.99
READY_SECONDS = 0.2
"""How long the seats have to begin to listen before the bare message goes out."""


class Size(msgspec.Struct, frozen=True):
    """How many seats, in how many rounds."""

    seats: int
    rounds: int


BROADCAST = {False: Size(3000, 7), True: Size(3000, 31)}


async def broadcast(*, full: bool) -> Found:
    """Open an item, and send as many bytes from a bare publisher, in turn."""
    size = BROADCAST[full]
    ours, theirs = [], []
    async with both_sides(size.seats, listening=True) as (_, crowd, bare, bare_crowd, _):
        for turn in range(size.rounds):
            await asyncio.sleep(SETTLE_SECONDS)
            opened = await crowd.ask(HearRound(turn + 2), Heard)
            ours.append(milliseconds(opened.seats, opened.asked))
            await asyncio.sleep(SETTLE_SECONDS)
            theirs.append(await published(bare, bare_crowd, opened.bytes))
    return Found(
        [("bench.broadcast_how", {"seats": str(size.seats), "rounds": str(size.rounds), "bytes": str(opened.bytes)})],
        [
            Rounds("broadcast p99", "ms", shares(ours, TAIL), shares(theirs, TAIL), "bench.beside_publisher", GOAL),
            Rounds("broadcast p50", "ms", shares(ours, 0.5), shares(theirs, 0.5), "bench.beside_publisher"),
        ],
    )


async def published(bare: Bare, crowd: Worker, size: int) -> list[float]:
    """Return how many milliseconds a bare message of so many bytes takes to each."""
    hearing = asyncio.create_task(crowd.ask(Hear(size), Heard))
    await asyncio.sleep(READY_SECONDS)
    sent = await bare.publish(size)
    return milliseconds((await hearing).seats, sent.at)


def milliseconds(moments: list[float], begun: float) -> list[float]:
    """Return how long after ``begun`` each was."""
    return [1000 * (moment - begun) for moment in moments]


def shares(rounds: list[list[float]], share: float) -> list[float]:
    """Return how long this share of the seats waited in each round at the most."""
    return [percentile(one, share) for one in rounds]
