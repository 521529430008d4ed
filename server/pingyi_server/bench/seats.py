"""Honest seats in one process: they cast at random moments and time each ballot until its checked receipt."""

import asyncio
import random
import time
from contextlib import suppress

import msgspec
import zmq
import zmq.asyncio

from pingyi_protocol.client.session import Link, Session
from pingyi_protocol.meeting.commands import Command
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.bench.stage import Enrolled, ballot
from pingyi_server.bench.workers import lines, obey
from pingyi_server.simulation import FILES_BESIDE, SOCKETS_EACH, Memory, allow_sockets

ANSWER_SECONDS = 20.0
JOIN_SECONDS = 60.0


class SeatsPlan(Struct, frozen=True):
    """Who sits there."""

    seats: tuple[Enrolled, ...]


class Casting(Struct, frozen=True):
    """Cast for so many seconds, so many ballots a second all together."""

    seconds: float
    rate: float


class Timing(msgspec.Struct):
    """Milliseconds from each press to its checked receipt, and what should never happen to an honest seat."""

    milliseconds: list[float] = msgspec.field(default_factory=list)
    refused: int = 0
    unanswered: int = 0
    lost_links: int = 0
    alarms: int = 0


class Seat:
    """One honest seat, as its session's listener."""

    def __init__(self, context: zmq.asyncio.Context, enrolled: Enrolled) -> None:
        """Prepare its session."""
        self.session = Session(context, enrolled.facts, enrolled.keys, Memory(), self)
        self.pressed: dict[str, float] = {}
        self.timing = Timing()
        self.news = asyncio.Event()

    def press(self, due: float) -> None:
        """Cast a ballot that was due at this moment of the monotonic clock."""
        self.pressed[self.session.submit(ballot()).id] = due

    def picture_changed(self) -> None:
        """Wake whoever waits for it."""
        self.news.set()

    def link_changed(self) -> None:
        """Count what an honest seat must not feel."""
        if self.session.link in (Link.LOST, Link.REVOKED):
            self.timing.lost_links += 1

    def command_answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """Take the time; the session has checked the receipt."""
        due = self.pressed.pop(command.id)
        if isinstance(answer, Refusal):
            self.timing.refused += 1
        else:
            self.timing.milliseconds.append(1000 * (time.monotonic() - due))
        self.news.set()

    def alarm_raised(self, fault: ReceiptError) -> None:  # noqa: ARG002 - any is one too many
        """Count it."""
        self.timing.alarms += 1

    def alarm_lifted(self) -> None:
        """Leave it counted."""


async def take_part() -> None:
    """Connect everybody in the plan on standard input, and cast as ordered there."""
    orders = lines()
    plan = msgspec.json.decode(await anext(orders), type=SeatsPlan)
    allow_sockets(len(plan.seats))
    with zmq.asyncio.Context(io_threads=1) as context:
        context.set(zmq.MAX_SOCKETS, SOCKETS_EACH * len(plan.seats) + FILES_BESIDE)
        seats = [Seat(context, one) for one in plan.seats]
        running = [asyncio.create_task(seat.session.run()) for seat in seats]
        try:
            async with asyncio.timeout(JOIN_SECONDS):
                for seat in seats:
                    while seat.session.picture is None:
                        await seat.news.wait()
                        seat.news.clear()
            await obey(orders, Casting, lambda order: cast(seats, order))
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def cast(seats: list[Seat], order: Casting) -> Timing:
    """Let random seats cast at random moments, whether the server keeps up or not, and wait for every receipt."""
    moments = sorted(random.random() * order.seconds for _ in range(int(order.rate * order.seconds)))  # noqa: S311 - no secret
    begun = time.monotonic()
    for moment in moments:
        await asyncio.sleep(max(0.0, begun + moment - time.monotonic()))
        random.choice(seats).press(begun + moment)  # noqa: S311 - no secret
    with suppress(TimeoutError):
        async with asyncio.timeout(ANSWER_SECONDS):
            for seat in seats:
                while seat.pressed:
                    await seat.news.wait()
                    seat.news.clear()
    together = Timing()
    for seat in seats:
        together.milliseconds += seat.timing.milliseconds
        together.refused += seat.timing.refused
        together.unanswered += len(seat.pressed)
        together.lost_links += seat.timing.lost_links
        together.alarms += seat.timing.alarms
        seat.timing = Timing()
    return together


if __name__ == "__main__":
    asyncio.run(take_part())
