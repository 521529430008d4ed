"""``pingyi bench burst``, ``spread`` and ``sustained``: how ballots get through when everybody casts."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from pingyi_server.bench.bare import verifies
from pingyi_server.bench.figures import RATE, Found, Rounds, percentile
from pingyi_server.bench.orders import Cast, CrowdPlan, Done, Felt, Join, Joined, Next
from pingyi_server.bench.stage import SHOWN, Enrolled, Stage, ballot, set_up
from pingyi_server.bench.workers import Worker, worker
from pingyi_server.gateway.limits import FILE

SETTLE_SECONDS = 0.5
"""How long everybody has to see that another round is open."""

TAIL = 0.99
BURST_GOAL, SPREAD_GOAL = 2.2, 25.0
"""Times the checks of all signatures one after the other, and milliseconds."""

SUSTAINED_GOAL, SEATS_GOAL = 0.6, 1.25
SHOWN_GOAL = 100.0
"""Milliseconds from a receipt until chair and hall are shown a count that holds it."""

UNLIMITED = (
    "ballots_per_second = 100000.0\nballots_burst = 100000\nrequests_per_second = 100000.0\nrequests_burst = 100000\n"
)
"""In a sustained load each seat casts as often as it can, which the limits are there to prevent."""


class Size(msgspec.Struct, frozen=True):
    """How many seats, in how many rounds; ``few`` seats are held against them, and ``ballots`` are each seat's."""

    seats: int
    rounds: int
    few: int = 100
    ballots: int = 1


BURST = {False: Size(3000, 3), True: Size(3000, 9)}
SPREAD = {False: Size(3000, 3), True: Size(3000, 9)}
SUSTAINED = {False: Size(3000, 3, ballots=2), True: Size(3000, 5, ballots=10)}


class Casting:
    """A stage whose seats are all there, and cast round after round."""

    def __init__(self, stage: Stage, crowd: Worker) -> None:
        """Begin behind the round that is open."""
        self.stage = stage
        self.crowd = crowd
        self.round = 1

    async def cast(self, ballots: int, seconds: float) -> Felt:
        """Let the chair open another round, and everybody cast."""
        self.round += 1
        await self.crowd.ask(Next(self.round), Done)
        await asyncio.sleep(SETTLE_SECONDS)
        return await self.crowd.ask(Cast(self.round, ballots, seconds, self.stage.pid), Felt)


@asynccontextmanager
async def hall(seats: int, limits: str = "") -> AsyncIterator[Casting]:
    """Run a server and its crowd for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="pingyi-bench-") as folder:
        stage = await set_up(Path(folder) / "meeting", seats, SHOWN)
        (stage.folder.path / FILE).write_text(limits, encoding="utf-8")
        plan = CrowdPlan(tuple(stage.members), stage.chair, stage.wall)
        async with stage.served(), worker("pingyi_server.bench.crowd", plan) as crowd:
            await crowd.ask(Join(), Joined)
            yield Casting(stage, crowd)


def signed_bytes(member: Enrolled) -> int:
    """Return how many bytes a ballot's signature is over, about."""
    return len(member.command(ballot()).payload)


async def burst(*, full: bool) -> Found:
    """Let everybody cast at once."""
    size = BURST[full]
    felt, checks = [], []
    async with hall(size.seats) as casting:
        length = signed_bytes(casting.stage.chair)
        for _ in range(size.rounds):
            checks.append(1000 * size.seats / verifies(length))
            felt.append(await casting.cast(1, 0.0))
    return Found(
        how(size, "bench.burst_how"),
        [
            Rounds("burst p99", "ms", tails(felt), checks, "bench.beside_checks", BURST_GOAL),
            Rounds(
                "burst p50", "ms", [percentile(one.milliseconds, 0.5) for one in felt], checks, "bench.beside_checks"
            ),
            Rounds("burst rate", RATE, [one.rate for one in felt]),
        ],
    )


async def spread(*, full: bool) -> Found:
    """Let everybody cast at some moment of a second."""
    size = SPREAD[full]
    async with hall(size.seats) as casting:
        felt = [await casting.cast(1, 1.0) for _ in range(size.rounds)]
    return Found(
        how(size, "bench.spread_how"),
        [
            Rounds("spread p99", "ms", tails(felt), goal=SPREAD_GOAL),
            Rounds("spread p50", "ms", [percentile(one.milliseconds, 0.5) for one in felt]),
            Rounds("chair shown p99", "ms", [percentile(one.chair, TAIL) for one in felt], goal=SHOWN_GOAL),
            Rounds("hall shown p99", "ms", [percentile(one.hall, TAIL) for one in felt], goal=SHOWN_GOAL),
        ],
    )


async def sustained(*, full: bool) -> Found:
    """Let everybody cast again and again, and hold many seats against few with as many ballots."""
    size = SUSTAINED[full]
    many, few, checks = [], [], []
    async with hall(size.seats, UNLIMITED) as full_hall, hall(size.few, UNLIMITED) as small_hall:
        length = signed_bytes(full_hall.stage.chair)
        for _ in range(size.rounds):
            checks.append(verifies(length))
            few.append(await small_hall.cast(size.ballots * size.seats // size.few, 0.0))
            many.append(await full_hall.cast(size.ballots, 0.0))
    return Found(
        how(size, "bench.sustained_how", ballots=str(size.ballots), few=str(size.few)),
        [
            Rounds("sustained rate", RATE, [one.rate for one in many], checks, "bench.beside_verifies", SUSTAINED_GOAL),
            Rounds("processor a ballot", "us", costs(many), costs(few), "bench.beside_few", SEATS_GOAL),
            Rounds("own processor a ballot", "us", [1e6 * one.own / len(one.milliseconds) for one in many]),
        ],
    )


def tails(felt: list[Felt]) -> list[float]:
    """Return the milliseconds that 99 of 100 ballots of each round took at the most."""
    return [percentile(one.milliseconds, TAIL) for one in felt]


def costs(felt: list[Felt]) -> list[float]:
    """Return the microseconds of the server's processor time that a ballot of each round took."""
    return [1e6 * one.processor / len(one.milliseconds) for one in felt]


def how(size: Size, key: str, **values: str) -> list[tuple[str, dict[str, str]]]:
    """Return what was done, and by whom."""
    return [(key, {"seats": str(size.seats), "rounds": str(size.rounds), **values}), ("bench.crowd_how", {})]
