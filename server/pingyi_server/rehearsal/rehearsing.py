"""A meeting once through on this machine: the real server, members in other processes, and a record thrown away.

Everybody presses at the same moment, at check-in and in every round: the worst that a hall can do.
"""

import asyncio
import math
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec
import zmq.asyncio

from pingyi_protocol.meeting.commands import AnnounceRound, Body
from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.evolve import HALL
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import from_bitmap
from pingyi_server.bench.figures import memory, percentile, processor_seconds
from pingyi_server.bench.stage import Enrolled, Stage, StageError, enrolled, on_record, recorded
from pingyi_server.bench.workers import Worker, worker
from pingyi_server.capacity import MIB, SEAT_BYTES, memory_available, memory_for
from pingyi_server.clerk import first_of
from pingyi_server.flushing import flush_times
from pingyi_server.folder import MeetingFolder
from pingyi_server.gateway.limits import FILE as LIMITS
from pingyi_server.gateway.recorder import Submission
from pingyi_server.imports.mapping import MeetingFile
from pingyi_server.open_files import OpenFilesError, most_files
from pingyi_server.rehearsal.members import (
    Felt,
    MembersPlan,
    Order,
    Step,
    TimedSession,
    many_sockets,
)
from pingyi_server.simulated_scrutineer import open_secret_rounds
from pingyi_server.simulation import (
    FILES_BESIDE,
    SOCKETS_EACH,
    Ear,
    Pace,
    SimulatedTerminal,
    SimulationError,
    openers,
    preside,
    scrutineers,
    scrutinise,
)

PREFIX = ".pingyi-rehearsal-"
"""Of the folder that is thrown away, beside the meeting's: so it is on the same disk, and in no list of meetings."""

MODULE = "pingyi_server.rehearsal.members"
PACE = Pace(arrival=0.0, voting=0.0, standing=0.3)
SEED = 1
MEMBERS_EACH = 250
FEWEST_PROCESSES = 2
FLUSHES = 20
SEEN_SECONDS = 10.0
HELD = 5
"""How many times the bytes of a meeting's definition it takes in memory."""

FLUSHES_A_BURST = 3
"""The first ballots of a burst wait for one batch, those that came meanwhile for the next, the rest for one more."""

Told = Callable[..., None]
"""Told what happens, as a key of the section ``rehearse`` and its values."""


class Rehearsed(msgspec.Struct, frozen=True):
    """What a rehearsal found.

    ``check_ins`` and ``ballots`` are milliseconds from the press to the checked receipt, ``announcements`` from the
    chair's press until a screen has the result. ``due`` ballots could be cast in all rounds, ``counted`` are on the
    record. ``server`` and ``members`` are their seconds of processor time, on ``cores``; ``memory`` is the server's in
    MiB, ``flush`` the disk's median in milliseconds.
    """

    seats: int
    processes: int
    rounds: int
    due: int
    counted: int
    check_ins: list[float]
    ballots: list[float]
    announcements: list[float]
    server: float
    members: float
    cores: int
    memory: float
    flush: float

    @property
    def longest(self) -> float:
        """Milliseconds that 99 of 100 ballots took at the most."""
        return percentile(self.ballots or self.check_ins, 0.99)

    def bound(self) -> str:
        """Return what most of the waiting was for: simulated ``members``, the ``server``, the ``disk``, or ``none``.

        A burst that kept all cores busy for half of the longest waits was bound by them; so with its flushes.
        """
        busy = 1000 * (self.server + self.members) / (self.rounds + 1) / self.cores
        if busy >= self.longest / 2:
            return "members" if self.members > self.server else "server"
        return "disk" if FLUSHES_A_BURST * self.flush >= self.longest / 2 else "none"


class Count(NamedTuple):
    """Ballots that could be cast in a round, and those on the record."""

    due: int
    counted: int


class ChairSession(TimedSession):
    """The chair's session: it tells of each round that was announced."""

    def __init__(self, context: zmq.asyncio.Context, chair: Enrolled, felt: Felt, ear: Ear, told: Told) -> None:
        """Have announced nothing."""
        super().__init__(context, chair, felt, ear)
        self.told = told
        self.counts: list[Count] = []

    async def ask(self, body: Body) -> Receipt | Refusal:
        """Ask, and count the ballots of a round whose result stands now."""
        answer = await super().ask(body)
        live = self.picture.live if self.picture else None
        item = self.definition.item(body.item) if self.definition and isinstance(body, AnnounceRound) else None
        if live is not None and item is not None and not isinstance(answer, Refusal):
            able = from_bitmap(live.present) - from_bitmap(live.recused)
            self.counts.append(Count(len(able), live.received))
            self.told("round", item=item.id, title=item.title, number=live.round, due=len(able), counted=live.received)
        return answer


async def rehearse(file: MeetingFile, beside: MeetingFolder, rounds: int | None, told: Told) -> Rehearsed:
    """Run the meeting of ``file`` in a folder next to ``beside``, and throw it away, whatever happens.

    StageError when anything happens that should not, and where memory is too small; OSError where no folder can be
    made; OpenFilesError where the members of a process would need more open files than one may have.
    """
    members = len(file.definition.entitled)
    processes = max(FEWEST_PROCESSES, min(os.cpu_count() or 1, math.ceil(members / MEMBERS_EACH)))
    require_sockets(math.ceil(members / processes))
    require_memory(file.definition)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=beside.path.absolute().parent) as place:
        flush = median(flush_times(Path(place), FLUSHES))
        told("setting_up", seats=members, folder=place)
        stage, scrutineering = await staged(MeetingFolder(Path(place) / "meeting"), file)
        limits = beside.path / LIMITS
        if limits.exists():
            (stage.folder.path / LIMITS).write_bytes(limits.read_bytes())
        plans = [MembersPlan(tuple(stage.members[part::processes]), SEED, PACE) for part in range(processes)]
        async with stage.served(), AsyncExitStack() as stack:
            workers = [await stack.enter_async_context(worker(MODULE, plan)) for plan in plans]
            stand = Rehearsal(file.definition, stage, scrutineering, workers, told, flush)
            return await first_of(stand.run(rounds), stage.stands())


def require_sockets(members: int) -> None:
    """Raise OpenFilesError where a process may open too few files for so many members."""
    wanted = SOCKETS_EACH * members + FILES_BESIDE
    most = most_files(wanted)
    if most is not None and most < wanted:
        raise OpenFilesError("serve.open_files", limit=most, wanted=wanted, people=members)


def require_memory(definition: Definition) -> None:
    """Raise StageError where memory is too small for the server and every member's own copy of the meeting."""
    members = len(definition.entitled)
    needed = memory_for(members) + members * (SEAT_BYTES + HELD * len(msgspec.json.encode(definition)))
    free = memory_available()
    if free is not None and free < needed:
        raise StageError("rehearse.memory", members=members, free=free // MIB, needed=needed // MIB)


async def staged(folder: MeetingFolder, file: MeetingFile) -> tuple[Stage, list[Enrolled]]:
    """Write the record up to the meeting's beginning, with everybody's device on it; return the scrutineers too."""
    definition = file.definition
    who = [Principal(person.number, Role.MEMBER) for person in definition.entitled]
    who += [
        Principal(person, Role.SCRUTINEER) for person in dict.fromkeys((*scrutineers(definition), *openers(definition)))
    ]
    who.append(Principal(chair_of(definition), Role.CHAIR))
    async with on_record(folder, definition) as recorder:
        *others, chair, wall = await enrolled(folder, recorder, [*who, HALL])
        if file.recusals:
            await recorded(recorder, [Submission(*folder.signed(one), 0) for one in file.recusals])
    seats = len(definition.entitled)
    return Stage(folder, chair, wall, others[:seats]), others[seats:]


def chair_of(definition: Definition) -> str:
    """Return the number of who presides; StageError where nobody can."""
    chair = next((person.number for person in definition.roster if Role.CHAIR in person.roles), None)
    if chair is None:
        raise StageError("rehearse.no_chair")
    return chair


class Rehearsal:
    """One meeting under way."""

    def __init__(
        self,
        definition: Definition,
        stage: Stage,
        scrutineering: list[Enrolled],
        workers: list[Worker],
        told: Told,
        flush: float,
    ) -> None:
        """Take what is held, and who takes part."""
        self.definition = definition
        self.stage = stage
        self.scrutineering = scrutineering
        self.workers = workers
        self.told = told
        self.flush = flush
        self.counts: list[Count] = []
        self.chair_felt = Felt()

    async def run(self, rounds: int | None) -> Rehearsed:
        """Hold the meeting, and return what was found."""
        begun = time.monotonic()
        await self.order(Step.JOIN)
        seats = len(self.stage.members)
        self.told("joined", seats=seats, processes=len(self.workers), seconds=f"{time.monotonic() - begun:.1f}")
        server = processor_seconds(self.stage.pid)
        try:
            async with many_sockets(1 + len(self.scrutineering)) as context, asyncio.TaskGroup() as beside:
                before = await self.preside(context, beside, rounds)
        except* SimulationError as faults:
            raise StageError("rehearse.failed", fault=faults.exceptions[0]) from faults
        felt = await self.reported()
        self.check(felt)
        return Rehearsed(
            seats=seats,
            processes=len(self.workers),
            rounds=len(self.counts),
            due=sum(count.due for count in self.counts),
            counted=sum(count.counted for count in self.counts),
            check_ins=felt.check_ins,
            ballots=felt.ballots,
            announcements=self.announcements(felt),
            server=processor_seconds(self.stage.pid) - server,
            members=felt.processor - before,
            cores=os.cpu_count() or 1,
            memory=memory(self.stage.pid),
            flush=self.flush,
        )

    async def preside(self, context: zmq.asyncio.Context, beside: asyncio.TaskGroup, rounds: int | None) -> float:
        """Run chair and scrutineers, and return how long the members had computed when it began."""
        ear = Ear()
        session = ChairSession(context, self.stage.chair, self.chair_felt, ear, self.told)
        chair = SimulatedTerminal(session, ear)
        signing = [signing_terminal(context, one) for one in self.scrutineering]
        running = [beside.create_task(one.session.run()) for one in (chair, *signing)]
        for one in signing:
            if one.session.facts.person in scrutineers(self.definition):
                running.append(beside.create_task(scrutinise(one, PACE)))
            if one.session.facts.person in openers(self.definition):
                running.append(beside.create_task(open_secret_rounds(one.session)))
        before = sum(one.processor for one in await self.order(Step.ATTEND))
        await preside(chair, SEED, PACE, rounds)
        for task in running:
            task.cancel()
        self.counts = session.counts
        return before

    async def order(self, step: Step) -> list[Felt]:
        """Let the members of all processes do this step."""
        return list(await asyncio.gather(*(one.ask(Order(step), Felt) for one in self.workers)))

    async def reported(self) -> Felt:
        """Return what all members felt, once every screen has the last result."""
        until = time.monotonic() + SEEN_SECONDS
        while True:
            felt = together(await self.order(Step.REPORT))
            seen = sum(map(len, felt.announced.values()))
            if seen >= len(self.counts) * len(self.stage.members) or time.monotonic() > until:
                return felt
            await asyncio.sleep(PACE.standing)

    def announcements(self, felt: Felt) -> list[float]:
        """Return the milliseconds from the chair's press until each screen had each result."""
        pressed = {name: begun for name, [begun] in self.chair_felt.announced.items()}
        return [1000 * (seen - pressed[name]) for name, times in felt.announced.items() for seen in times]

    def check(self, felt: Felt) -> None:
        """Raise StageError where anything was refused, a ballot has no receipt, or a screen had no result."""
        seats, rounds = len(self.stage.members), len(self.counts)
        counted = sum(count.counted for count in self.counts)
        seen = sum(map(len, felt.announced.values()))
        if felt.refused or counted != len(felt.ballots) or seen != rounds * seats:
            raise StageError(
                "rehearse.wronged",
                refused=len(felt.refused),
                counted=counted,
                receipts=len(felt.ballots),
                screens=rounds * seats - seen,
            )


def signing_terminal(context: zmq.asyncio.Context, scrutineer: Enrolled) -> SimulatedTerminal:
    """Return the terminal of a scrutineer."""
    ear = Ear()
    return SimulatedTerminal(TimedSession(context, scrutineer, Felt(), ear), ear)


def together(parts: list[Felt]) -> Felt:
    """Return what all processes felt."""
    whole = Felt()
    for part in parts:
        whole.check_ins += part.check_ins
        whole.ballots += part.ballots
        whole.refused += part.refused
        whole.processor += part.processor
        for name, times in part.announced.items():
            whole.announced.setdefault(name, []).extend(times)
    return whole
