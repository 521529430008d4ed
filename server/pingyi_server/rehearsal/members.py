"""Simulated members in a process of their own: what they felt, by the clock that all processes of a machine share."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import StrEnum

import msgspec
import zmq
import zmq.asyncio

from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.commands import AnnounceRound, Body, Cast, CastSecret, CheckIn
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.bench.stage import Enrolled
from pingyi_server.bench.workers import lines, obey
from pingyi_server.simulation import (
    FILES_BESIDE,
    SOCKETS_EACH,
    Ear,
    Memory,
    Pace,
    SimulatedTerminal,
    SimulationError,
    allow_sockets,
    attend,
)

AT_ONCE = 32
"""How many terminals of a process start together: each has to check the whole meeting, and asks again meanwhile."""


class MembersPlan(Struct, frozen=True):
    """Who sits there, and how they behave."""

    seats: tuple[Enrolled, ...]
    seed: int
    pace: Pace


class Step(StrEnum):
    """What members are told to do, one after the other."""

    JOIN = "join"
    ATTEND = "attend"
    REPORT = "report"


class Order(Struct, frozen=True):
    """Do this, and answer with what was felt so far."""

    step: Step


class Felt(msgspec.Struct):
    """What terminals felt: milliseconds from a press to the checked receipt, and what was refused.

    ``announced`` has, by item and round, the seconds of the monotonic clock at which the chair pressed, or at which a
    screen had the result. ``processor`` is how many seconds the process has computed.
    """

    check_ins: list[float] = msgspec.field(default_factory=list)
    ballots: list[float] = msgspec.field(default_factory=list)
    announced: dict[str, list[float]] = msgspec.field(default_factory=dict)
    refused: list[str] = msgspec.field(default_factory=list)
    processor: float = 0.0


def round_name(item: str, number: int) -> str:
    """Return by which name a round is counted."""
    return f"{item}/{number}"


class TimedSession(Session):
    """A session that notes how long each answer took; a receipt has been checked by then."""

    def __init__(self, context: zmq.asyncio.Context, enrolled: Enrolled, felt: Felt, ear: Ear) -> None:
        """Take a device that is on the record."""
        super().__init__(context, enrolled.facts, enrolled.keys, Memory(), ear)
        self.felt = felt

    async def ask(self, body: Body) -> Receipt | Refusal:
        """Ask, and take the time."""
        begun = time.monotonic()
        answer = await super().ask(body)
        if isinstance(answer, Refusal):
            self.felt.refused.append(answer.reason)
        elif isinstance(body, CheckIn):
            self.felt.check_ins.append(1000 * (time.monotonic() - begun))
        elif isinstance(body, Cast | CastSecret):
            self.felt.ballots.append(1000 * (time.monotonic() - begun))
        elif isinstance(body, AnnounceRound):
            self.felt.announced[round_name(body.item, body.round)] = [begun]
        return answer


class Screen(Ear):
    """The listener of a member's terminal: it notes when a result was there to be shown."""

    def __init__(self, felt: Felt) -> None:
        """Have seen nothing."""
        super().__init__()
        self.felt = felt
        self.session: Session | None = None
        self.last: tuple[str, int] | None = None

    def picture_changed(self) -> None:
        """Note a result that is new."""
        super().picture_changed()
        live = self.session.picture.live if self.session and self.session.picture else None
        if live is not None and live.phase is Phase.ANNOUNCED and (live.item, live.round) != self.last:
            self.last = live.item, live.round
            self.felt.announced.setdefault(round_name(live.item, live.round), []).append(time.monotonic())


@asynccontextmanager
async def many_sockets(terminals: int) -> AsyncIterator[zmq.asyncio.Context]:
    """Give a context for the sockets of so many terminals."""
    allow_sockets(terminals)
    with zmq.asyncio.Context(io_threads=1) as context:
        context.set(zmq.MAX_SOCKETS, SOCKETS_EACH * terminals + FILES_BESIDE)
        yield context


class Members:
    """All terminals of this process."""

    def __init__(self, plan: MembersPlan, context: zmq.asyncio.Context, start: Callable[..., object]) -> None:
        """Take the plan, and what runs a coroutine beside."""
        self.plan = plan
        self.start = start
        self.felt = Felt()
        self.terminals = [self.seat(context, one) for one in plan.seats]

    def seat(self, context: zmq.asyncio.Context, enrolled: Enrolled) -> SimulatedTerminal:
        """Return a member's terminal."""
        screen = Screen(self.felt)
        screen.session = TimedSession(context, enrolled, self.felt, screen)
        return SimulatedTerminal(screen.session, screen)

    async def obey(self, order: Order) -> Felt:
        """Do one step."""
        if order.step is Step.JOIN:
            for first in range(0, len(self.terminals), AT_ONCE):
                some = self.terminals[first : first + AT_ONCE]
                for terminal in some:
                    self.start(terminal.session.run())
                await asyncio.gather(*(terminal.definition() for terminal in some))
        elif order.step is Step.ATTEND:
            for terminal in self.terminals:
                self.start(attend(terminal, terminal.session.facts.person, self.plan.seed, self.plan.pace))
        self.felt.processor = sum(os.times()[:2])
        return self.felt


async def take_part() -> None:
    """Do as ordered on standard input, behind the plan, until there are no more orders."""
    orders = lines()
    plan = msgspec.json.decode(await anext(orders), type=MembersPlan)
    async with many_sockets(len(plan.seats)) as context, asyncio.TaskGroup() as beside:
        running: list[asyncio.Task[None]] = []
        members = Members(plan, context, lambda work: running.append(beside.create_task(work)))
        await obey(orders, Order, members.obey)
        for task in running:
            task.cancel()


def main() -> None:
    """Run the members; what went wrong is said in a line of standard error."""
    try:
        asyncio.run(take_part())
    except* SimulationError as faults:
        sys.exit("; ".join(sorted({str(fault) for fault in faults.exceptions})))


if __name__ == "__main__":
    main()
