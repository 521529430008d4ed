"""How long a secret result takes from the close: server, hall and scrutineers' terminals are processes of their own."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec
import zmq.asyncio

from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.commands import AnnounceRound, CheckIn, CloseRound, OpenRound
from pingyi_protocol.meeting.definition import Definition, Item, Opens, Person, Role, ScoreRules, Secrecy
from pingyi_protocol.meeting.evolve import HALL
from pingyi_protocol.meeting.figures import TargetFigures
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.wire.picture import LiveRound
from pingyi_server.bench.figures import Rounds, processor_seconds
from pingyi_server.bench.opener import OpenerPlan
from pingyi_server.bench.sealed import Cast, Check, Done, Join, Seal, SealedPlan
from pingyi_server.bench.stage import (
    ROLES,
    Enrolled,
    Stage,
    StageError,
    enrolled,
    free_port,
    meeting_of,
    on_record,
    recorded,
    submission,
)
from pingyi_server.bench.stall import PERMITTED, Stalls, pinging
from pingyi_server.bench.workers import Worker, worker
from pingyi_server.folder import MeetingFolder
from pingyi_server.gateway.limits import FILE
from pingyi_server.simulation import Ear, Memory, SimulatedTerminal, agreed, live_round, make_key, sealed

SCRUTINEERS = ("S1", "S2")
"""Both are needed to open a round."""

SETTLE_SECONDS = 1.0
LONGEST_SECONDS = 120.0


class Size(msgspec.Struct, frozen=True):
    """How rounds are held: what they open, for how many members, how many of them, and how soon each has its result.

    ``result`` and ``wait`` are the names of the figures. ``goal`` is in seconds, if there is one. Everybody casts in
    the last ``seconds`` before the close, 0 for as soon as they can.
    ``shared``: the scrutineers' terminals check the proofs of all ballots too, on the server's own cores.
    """

    result: str
    wait: str
    opens: Opens
    members: int
    rounds: int
    goal: float | None = None
    seconds: float = 0.0
    shared: bool = False


class Opened(NamedTuple):
    """What one round took, in seconds.

    From the first ballot to the close, and from there to the result; the longest wait for a ping in that; and what the
    server's workers had computed by the close.
    """

    casting: float
    result: float
    wait: float
    computed: float


class Voting:
    """A stage whose members and scrutineers are all there, under a chair with a session of its own."""

    def __init__(self, server: int, crowd: Worker, chair: SimulatedTerminal, stalls: Stalls) -> None:
        """Begin before the first round; ``server`` is the number of the server's process."""
        self.server = server
        self.crowd = crowd
        self.chair = chair
        self.stalls = stalls

    async def hold(self, item: Item, seconds: float) -> Opened:
        """Let everybody cast and close at once; StageError where no sum comes out, or another than was cast."""
        session = self.chair.session
        await agreed(session, OpenRound(item.id))
        cast = await self.crowd.ask(Seal(item, await self.live(item)), Done)
        await asyncio.sleep(SETTLE_SECONDS)
        begun, before = time.monotonic(), workers_seconds(self.server)
        await self.crowd.ask(Cast(seconds), Done)
        with self.stalls.watched() as waited:
            closed, computed = time.monotonic(), workers_seconds(self.server) - before
            await agreed(session, CloseRound(item.id, 1))
            await self.opened(item)
            opened = time.monotonic()
        await self.crowd.ask(Check(), Done)
        await agreed(session, AnnounceRound(item.id, 1))
        if (await self.figures(item)).total != cast.total:
            raise StageError("bench.false_result")
        return Opened(closed - begun, opened - closed, max(waited), computed)

    async def live(self, item: Item) -> LiveRound:
        """Return the open round of an item as soon as the chair is shown it."""
        while (live := live_round(self.chair.session, item.id, 1)) is None:
            await self.chair.ear.wait()
        return live

    async def opened(self, item: Item) -> None:
        """Wait until the chair is shown that the result is out."""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                while not any(one.unsealed for one in sealed(self.chair.session, item.id)):
                    await self.chair.ear.wait()
        except TimeoutError as late:
            raise StageError("bench.silent", seconds=int(LONGEST_SECONDS)) from late

    async def figures(self, item: Item) -> TargetFigures:
        """Return the announced figures of the one target."""
        session = self.chair.session
        while session.picture is None or (found := session.picture.figures(item.id)) is None:
            await self.chair.ear.wait()
        return found.targets[0]


def workers_seconds(server: int) -> float:
    """Return how long the worker processes of a server have computed so far."""
    threads = Path(f"/proc/{server}/task").glob("*/children")
    return sum(processor_seconds(int(child)) for one in threads for child in one.read_text().split())


def definition_of(size: Size) -> Definition:
    """Return a meeting with an item for each round, and scrutineers."""
    rules = ScoreRules(secrecy=Secrecy.SECRET, opens=size.opens)
    open_one = meeting_of(size.members, free_port(), rules)
    openers = tuple(Person(number, number, roles=(Role.SCRUTINEER,), entitled=False) for number in SCRUTINEERS)
    return msgspec.structs.replace(
        open_one,
        meeting=msgspec.structs.replace(open_one.meeting, threshold=len(SCRUTINEERS)),
        roster=(*open_one.roster, *openers),
        agenda=tuple(Item(str(number), "T", ("T",), rules) for number in range(1, size.rounds + 1)),
    )


async def set_up(path: Path, definition: Definition) -> tuple[Stage, list[Enrolled]]:
    """Write the record of a meeting in which everybody is checked in; return it, and the scrutineers."""
    folder = MeetingFolder(path)
    roles = (*ROLES, Role.SCRUTINEER)
    able = [Principal(one.number, role) for role in roles for one in definition.roster if role in one.roles]
    async with on_record(folder, definition) as recorder:
        *seats, chair, first, second, wall = await enrolled(folder, recorder, [*able, HALL])
        await recorded(recorder, [submission(seat.command(CheckIn())) for seat in seats])
    (path / FILE).write_text(PERMITTED, encoding="utf-8")
    return Stage(folder, chair, wall, seats), [first, second]


@asynccontextmanager
async def voting(size: Size, definition: Definition) -> AsyncIterator[Voting]:
    """Run all that a secret round takes for as long as the block lasts; the election key is made."""
    async with AsyncExitStack() as running:
        folder = running.enter_context(tempfile.TemporaryDirectory(prefix="pingyi-bench-"))
        stage, openers = await set_up(Path(folder) / "meeting", definition)
        await running.enter_async_context(stage.served())
        crowd = await running.enter_async_context(
            worker("pingyi_server.bench.sealed", SealedPlan(tuple(stage.members)))
        )
        for one in openers:
            await running.enter_async_context(worker("pingyi_server.bench.opener", OpenerPlan(one, size.shared)))
        stalls = running.enter_context(pinging(stage.wall))
        context = running.enter_context(zmq.asyncio.Context(io_threads=1))
        sessions = await running.enter_async_context(asyncio.TaskGroup())
        ear = Ear()
        chair = SimulatedTerminal(Session(context, stage.chair.facts, stage.chair.keys, Memory(), ear), ear)
        session = sessions.create_task(chair.session.run())
        await crowd.ask(Join(), Done)
        await make_key(chair, await chair.definition())
        yield Voting(stage.pid, crowd, chair, stalls)
        session.cancel()


async def opened(size: Size) -> list[Opened]:
    """Hold all rounds."""
    definition = definition_of(size)
    async with voting(size, definition) as hall:
        return [await hall.hold(item, size.seconds) for item in definition.agenda]


def rounds_of(size: Size, found: list[Opened]) -> list[Rounds]:
    """Return what the rounds found."""
    return [
        Rounds(size.result, "s", [one.result for one in found], goal=size.goal),
        Rounds(size.wait, "ms", [1000 * one.wait for one in found]),
    ]


def cast_before(size: Size, found: list[Opened], check: float) -> tuple[str, dict[str, str]]:
    """Return the line that says how soon before the close everybody cast; checking one ballot takes ``check`` ms."""
    checked = min(size.members, round(1000 * median(one.computed for one in found) / check))
    return f"bench.cast_{size.opens}{'_shared' if size.shared else ''}", {
        "members": str(size.members),
        "rounds": str(size.rounds),
        "seconds": f"{median(one.casting for one in found):.2f}",
        "checked": str(checked),
    }
