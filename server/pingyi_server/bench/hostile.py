"""``pingyi bench hostile``: how long honest seats wait for their receipts while 200 hostile connections flood."""

import asyncio
import contextlib
import itertools
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from statistics import median

import msgspec

from pingyi_server.bench.attacker import Rate, Tally
from pingyi_server.bench.attacks import ATTACKS
from pingyi_server.bench.figures import Figure, held_against, memory, percentile, processor_seconds
from pingyi_server.bench.flood import Flooded, Flooding, FloodPlan
from pingyi_server.bench.seats import Casting, SeatsPlan, Timing
from pingyi_server.bench.stage import Stage, StageError, set_up
from pingyi_server.bench.workers import Worker, worker

GOAL = 3.0
CONNECTIONS = 200
WARM_SECONDS = 0.3
"""How long the flood has to connect before the honest seats are timed in it."""

SETTLE_SECONDS = 1.0
MOST_PERCENTILE = 0.99
LOOK_SECONDS = 0.1


class Size(msgspec.Struct, frozen=True):
    """How much is measured: honest seats and their ballots a second, and rounds of so many seconds."""

    seats: int
    rate: float
    rounds: int
    seconds: float


# more seats than these would keep their own process busier than the server: each takes 20 pictures a second
QUICK = Size(40, 100.0, 3, 5.0)
FULL = Size(100, 100.0, 5, 20.0)


class Round(msgspec.Struct):
    """One round: what honest seats felt, what the flood sent (None: a quiet round), and what it cost the server.

    ``processor`` is the server's share of one core, ``most`` its greatest memory in MiB.
    """

    timing: Timing
    flooded: Flooded | None
    processor: float
    most: float

    @property
    def p50(self) -> float:
        """Milliseconds that half of the ballots took at the most."""
        return percentile(self.timing.milliseconds, 0.5)

    @property
    def p99(self) -> float:
        """Milliseconds that 99 of 100 ballots took at the most."""
        return percentile(self.timing.milliseconds, MOST_PERCENTILE)


class Hostile(msgspec.Struct):
    """All rounds, quiet and hostile ones in turn, and the lines in the server's log that no ballot made."""

    size: Size
    rounds: list[tuple[Round, Round]]
    log_lines: int

    def figures(self) -> list[Figure]:
        """Return what was found; the first has the goal."""
        quiet, hostile = zip(*self.rounds, strict=True)
        sent = self.sent()
        seconds = self.size.rounds * (self.size.seconds + WARM_SECONDS)
        return [
            held_against(
                "cast p99",
                median(one.p99 for one in hostile),
                "ms",
                median(one.p99 for one in quiet),
                GOAL,
            ),
            Figure("cast p50", median(one.p50 for one in hostile), "ms", median(one.p50 for one in quiet)),
            Figure(
                "server processor",
                median(one.processor for one in hostile),
                "cores",
                median(one.processor for one in quiet),
            ),
            Figure("server memory", max(one.most for one in hostile), "MiB", quiet[0].most),
            Figure("hostile messages", sum(one.messages for one in sent.values()) / seconds, "1/s"),
            Figure("hostile bytes", sum(one.bytes for one in sent.values()) / seconds / 1e6, "MB/s"),
            Figure("hostile connections", sum(one.connections for one in sent.values()) / seconds, "1/s"),
            Figure("server log", self.log_lines / seconds, "lines/s"),
        ]

    def sent(self) -> dict[str, Tally]:
        """Return what each attack sent in all rounds."""
        sums = {name: Tally() for name in ATTACKS}
        for _, hostile in self.rounds:
            for name, tally in hostile.flooded.tallies.items() if hostile.flooded else ():
                sums[name].add(tally)
        return sums


async def measure(size: Size) -> Hostile:
    """Measure quiet and hostile rounds in turn on a throw-away meeting; StageError when an honest seat was wronged."""
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        stage = await set_up(Path(folder) / "meeting", size.seats + size.rounds * len(ATTACKS))
        honest, hostiles = stage.members[: size.seats], iter(stage.members[size.seats :])
        # a sender that was turned away in one round would do no harm in the next
        waves = tuple(tuple(itertools.islice(hostiles, len(ATTACKS))) for _ in range(size.rounds))
        async with (
            stage.served(),
            worker("pingyi_server.bench.seats", SeatsPlan(tuple(honest))) as seats,
            worker("pingyi_server.bench.flood", FloodPlan(waves, CONNECTIONS, tuple(ATTACKS), Rate())) as flood,
        ):
            await seats.ask(Casting(SETTLE_SECONDS, size.rate), Timing)
            rounds = [
                (await quiet(stage, seats, size), await hostile(stage, seats, flood, size, wave))
                for wave in range(size.rounds)
            ]
            log_lines = sum(b" leaf=" not in line for line in stage.log.read_bytes().splitlines())
    for one in rounds:
        for each in one:
            check(each.timing)
    return Hostile(size, rounds, log_lines)


def check(timing: Timing) -> None:
    """Raise StageError where an honest seat was wronged: slow is one thing, lost another."""
    if timing.refused or timing.unanswered or timing.lost_links or timing.alarms:
        raise StageError(
            "bench.wronged",
            refused=timing.refused,
            unanswered=timing.unanswered,
            lost=timing.lost_links,
            alarms=timing.alarms,
        )


async def quiet(stage: Stage, seats: Worker, size: Size) -> Round:
    """Time honest seats alone."""
    await asyncio.sleep(SETTLE_SECONDS)
    return await timed(stage, seats, size)


async def hostile(stage: Stage, seats: Worker, flood: Worker, size: Size, wave: int) -> Round:
    """Time honest seats in the flood."""
    flooding = asyncio.create_task(flood.ask(Flooding(WARM_SECONDS + size.seconds, wave), Flooded))
    await asyncio.sleep(WARM_SECONDS)
    found = await timed(stage, seats, size)
    found.flooded = await flooding
    return found


async def timed(stage: Stage, seats: Worker, size: Size) -> Round:
    """Let the seats cast, and look at what the server uses meanwhile."""
    async with watched(stage.pid) as most:
        begun, before = asyncio.get_running_loop().time(), processor_seconds(stage.pid)
        timing = await seats.ask(Casting(size.seconds, size.rate), Timing)
        used = (processor_seconds(stage.pid) - before) / (asyncio.get_running_loop().time() - begun)
    return Round(timing, None, used, max(most))


@contextlib.asynccontextmanager
async def watched(pid: int) -> AsyncIterator[list[float]]:
    """Note the memory of a process for as long as the block lasts."""
    seen = [memory(pid)]

    async def look() -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            seen.append(memory(pid))

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        looking.cancel()
