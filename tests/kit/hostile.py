"""A siege: a real server in a process of its own, honest seats that vote, and attackers at its sockets meanwhile."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from kit.hall import Deaf, Terminal
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Cast, CloseRound, Command, Score
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.bench.attacker import Attacker, Rate
from pingyi_server.bench.attacks import ATTACKS
from pingyi_server.bench.figures import memory
from pingyi_server.bench.stage import ITEM, Enrolled, Stage, set_up

HONEST = 3
INSIDERS = 2
CONNECTIONS = 4
SECONDS = 2.5
RATE = Rate(messages=400, bytes=4_000_000)


class Ear(Deaf):
    """Hears what a session says, and notes what an honest seat must never feel."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[Link] = []
        self.seat: Terminal

    def link_changed(self) -> None:
        self.links.append(self.seat.session.link)
        super().link_changed()


class Siege:
    """The server's process, the honest seats and the chair, and what the attackers did."""

    def __init__(self, stage: Stage, chair: Terminal, seats: list[Terminal]) -> None:
        self.stage = stage
        self.chair = chair
        self.seats = seats
        self.insiders = stage.members[HONEST:]
        self.cast: dict[str, Command] = {}
        self.attackers: list[Attacker] = []
        self.before = memory(stage.pid)
        self.most = self.before

    @property
    def grown(self) -> float:
        """MiB by which the server grew during the attack, at the most."""
        return self.most - self.before

    @property
    def sent(self) -> float:
        """MiB that the attackers sent."""
        return sum(one.tally.bytes for one in self.attackers) / 2**20

    @property
    def log(self) -> str:
        """What the server logged."""
        return self.stage.log.read_text()

    async def under(self, attack: str, connections: int = CONNECTIONS, seconds: float = SECONDS) -> None:
        """Let the seats vote while ``attack`` goes on, and see that each of them gets its receipts."""
        random_moments = random.Random(attack)  # noqa: S311 - repeatable on purpose
        self.attackers = [
            Attacker(self.stage.address, self.insiders[place % INSIDERS], RATE, f"127.0.1.{1 + place % INSIDERS}")
            for place in range(connections)
        ]
        tasks = [asyncio.create_task(one.persist(ATTACKS[attack])) for one in self.attackers]
        until = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            for seat in self.seats:
                score = Score("T", "", Decimal(random_moments.randint(0, 100)))
                self.cast[seat.facts.person] = seat.session.submit(Cast(ITEM, 1, (score,)))
            await asyncio.sleep(0.3)
            self.most = max(self.most, memory(self.stage.pid))
            assert not any(task.done() for task in tasks), [task for task in tasks if task.done()]
        for seat in self.seats:
            await seat.until(lambda one: not one.outstanding)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for seat in self.seats:
            assert seat.ear.answers
            assert all(isinstance(answer, Receipt) for _, answer in seat.ear.answers)
            assert seat.ear.alarms == []
            assert isinstance(seat.ear, Ear)
            assert seat.ear.links == [Link.UP]

    async def counted(self, *insiders: str) -> None:
        """Close the round: the ballots on the record are the seats' last ones, and those of these insiders."""
        assert isinstance(await self.chair.session.ask(CloseRound(ITEM, 1)), Receipt)
        [held] = self.stage.folder.meeting().rounds
        assert held.ballots.keys() == self.cast.keys() | set(insiders)
        for person, command in self.cast.items():
            assert isinstance(command.body, Cast)
            assert held.ballots[person].answers == command.body.answers


def seat_of(enrolled: Enrolled) -> Terminal:
    """A session with these keys, not running yet."""
    seat = Terminal(enrolled.facts, enrolled.keys)
    ear = Ear()
    ear.seat, seat.ear, seat.session.listener, seat.session.vigil.listener = seat, ear, ear, ear
    return seat


@asynccontextmanager
async def siege(path: Path) -> AsyncIterator[Siege]:
    """Serve a meeting with an open round to honest seats and a chair, and have insiders who do not connect yet."""
    stage = await set_up(path / "meeting", HONEST + INSIDERS)
    async with stage.served():
        chair, *seats = (seat_of(one) for one in (stage.chair, *stage.members[:HONEST]))
        running = [asyncio.create_task(one.session.run()) for one in (chair, *seats)]
        try:
            for one in (chair, *seats):
                await one.until(lambda session: session.picture and session.definition)
            yield Siege(stage, chair, seats)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
