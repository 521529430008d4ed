"""A committee whose seats reach the server by a way that a test spoils, and what must be true of it in the end."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import msgspec

from kit.factories import live_rules, small_definition
from kit.hall import Hall, Terminal, free_port, open_hall
from kit.proxy import Proxy, proxied
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Cast, CheckIn, CloseRound, OpenRound, Score
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.gateway.limits import Limits


class Committee:
    """Seats behind a bad network and a chair before it, with a round open."""

    def __init__(
        self, hall: Hall, chair: Terminal, seats: list[Terminal], running: "dict[str, asyncio.Task[None]]"
    ) -> None:
        self.before = hall.recorder.meeting.size
        self.hall = hall
        self.chair = chair
        self.seats = seats
        self.cast: dict[str, Cast] = {}
        self.running = running

    def start(self, terminal: Terminal) -> None:
        """Run a terminal."""
        self.running[terminal.facts.person] = self.hall.start(terminal)

    async def gone(self, terminal: Terminal) -> None:
        """End a terminal."""
        task = self.running.pop(terminal.facts.person)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def vote(self, luck: random.Random) -> None:
        """Every seat presses."""
        for seat in self.seats:
            body = Cast("1", 1, (Score("T01", "", Decimal(luck.randint(0, 100))),))
            seat.session.submit(body)
            self.cast[seat.facts.person] = body

    async def finished(self) -> None:
        """Every seat has an answer to all that it sent."""
        for seat in self.seats:
            await seat.until(lambda one: not one.outstanding)

    async def agreed(self) -> None:
        """All is as it would be had the network been good."""
        chair, meeting = self.chair, self.hall.recorder
        assert isinstance(await chair.session.ask(CloseRound("1", 1)), Receipt)
        head = meeting.meeting.size
        for seat in (chair, *self.seats):
            await seat.until(lambda one: one.picture and one.picture.head.size == head)
            assert seat.ear.alarms == []
            assert all(isinstance(answer, Receipt) for _, answer in seat.ear.answers)
            assert seat.session.link is Link.UP
            assert msgspec.structs.replace(seat.picture, sequence=0, clock=0) == msgspec.structs.replace(
                chair.picture, sequence=0, clock=0
            )
        ballots = meeting.meeting.rounds[0].ballots
        assert {person: ballot.answers for person, ballot in ballots.items()} == {
            person: body.answers for person, body in self.cast.items()
        }
        sent = [command.id for seat in self.seats for command, _ in seat.ear.answers]
        assert len(sent) == len(set(sent)) == meeting.meeting.size - self.before - 1


@asynccontextmanager
async def committee(
    path: Path, count: int, luck: random.Random, limits: Limits | None = None
) -> AsyncIterator[tuple[Committee, Proxy]]:
    """A hall whose seats reach the server through a proxy."""
    definition = small_definition(count + 1, free_port(), live_rules(seconds=None))
    async with open_hall(path, definition, limits=limits) as hall, proxied(hall.port, luck) as proxy:
        chair = await hall.admit("M01", Role.CHAIR)
        seats, running = [], {}
        for place in range(2, count + 2):
            near = await hall.admit(f"M{place:02}")
            hall.tasks.pop().cancel()
            far = Terminal(msgspec.structs.replace(near.facts, port=proxy.port), near.keys, near.memory)
            running[far.facts.person] = hall.start(far)
            await far.until(lambda one: one.picture)
            assert isinstance(await far.session.ask(CheckIn()), Receipt)
            far.ear.answers.clear()
            seats.append(far)
        assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
        yield Committee(hall, chair, seats, running), proxy
