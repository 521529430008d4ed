"""Bad networks between seats and server: every seat finishes, each ballot counts once, and no alarm is raised."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from kit.factories import live_rules, small_definition
from kit.hall import Hall, Terminal, free_port, open_hall
from kit.proxy import FAIR, Proxy, Weather, proxied
from kit.unreliable import Unreliable
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Cast, CheckIn, CloseRound, OpenRound, Score
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.gateway.limits import Limits

SHORT_AND_LONG = [(3, 2), pytest.param(30, 12, marks=pytest.mark.full)]


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


@pytest.mark.parametrize(
    "weather",
    [
        Weather(delay=0.3),
        Weather(trickle=40, delay=0.002),
        Weather(cut=(200, 8000)),
        Weather(cut=(900, 30000), delay=0.05),
    ],
    ids=["delayed", "trickle", "cut", "delayed and cut"],
)
@pytest.mark.parametrize(("seats", "presses"), SHORT_AND_LONG, ids=["short", "long"])
async def test_seats_finish_through_slow_and_broken_connections(
    tmp_path: Path, weather: Weather, seats: int, presses: int
) -> None:
    luck = random.Random(seats)  # noqa: S311 - repeatable on purpose
    async with committee(tmp_path, seats, luck) as (all_of_us, proxy):
        proxy.weather = weather
        for _ in range(presses):
            all_of_us.vote(luck)
            await asyncio.sleep(luck.random())
        while weather.cut is not None and not proxy.cuts:
            all_of_us.vote(luck)
            await asyncio.sleep(0.2)
        await all_of_us.finished()
        # the network gets no better before everybody sees the end
        await all_of_us.agreed()


@pytest.mark.parametrize(("seats", "presses"), SHORT_AND_LONG, ids=["short", "long"])
async def test_half_open_connections_are_given_up_at_both_ends(tmp_path: Path, seats: int, presses: int) -> None:
    luck = random.Random(seats)  # noqa: S311 - repeatable on purpose
    async with committee(tmp_path, seats, luck, Limits(heartbeat_seconds=1)) as (all_of_us, proxy):
        for _ in range(presses // 2):
            proxy.weather = Weather(silent=True)
            all_of_us.vote(luck)
            for seat in all_of_us.seats:
                await seat.until(lambda one: one.link is Link.LOST)
            proxy.weather = FAIR
            await all_of_us.finished()
        await all_of_us.agreed()
        # two connections a seat, and none that only the server still believes in
        async with asyncio.timeout(WAIT_SECONDS):
            await proxy.until_open(2 * seats)


@pytest.mark.parametrize(
    ("lost", "doubled", "delayed"),
    [(0.4, 0, 0), (0, 0.7, 0), (0, 0, 0.8), (0.2, 0.2, 0.3)],
    ids=["lost", "doubled", "late", "all of it"],
)
@pytest.mark.parametrize(("seats", "presses"), SHORT_AND_LONG, ids=["short", "long"])
async def test_seats_finish_through_lost_doubled_late_and_reordered_messages(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lost: float,
    doubled: float,
    delayed: float,
    seats: int,
    presses: int,
) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.RESEND_SECONDS", 0.15)
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    luck = random.Random(seats)  # noqa: S311 - repeatable on purpose
    network = Unreliable(luck, lost, doubled, delayed)
    # these terminals ask many times as often as others do
    async with committee(tmp_path, seats, luck, Limits(requests_per_second=200, requests_burst=1000)) as (all_of_us, _):
        monkeypatch.setattr("pingyi_protocol.client.session.connect", network.connect)
        for place, seat in enumerate(all_of_us.seats):
            worse = Terminal(seat.facts, seat.keys, seat.memory)
            await all_of_us.gone(seat)
            all_of_us.seats[place] = worse
            all_of_us.start(worse)
            await worse.until(lambda one: one.picture)
        for _ in range(presses):
            all_of_us.vote(luck)
            await asyncio.sleep(luck.random())
        await all_of_us.finished()
        await all_of_us.agreed()
        assert all(
            bool(network.fates[fate]) is bool(rate)
            for fate, rate in (("lost", lost), ("doubled", doubled), ("late", delayed))
        )


async def test_a_handshake_that_nobody_answers_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.sockets.HANDSHAKE_MILLISECONDS", 500)
    luck = random.Random(1)  # noqa: S311 - repeatable on purpose
    async with committee(tmp_path, 2, luck) as (all_of_us, proxy):
        seat = all_of_us.seats[0]
        await all_of_us.gone(seat)
        await proxy.until_open(2)
        proxy.weather = Weather(silent=True)
        again = Terminal(seat.facts, seat.keys, seat.memory)
        all_of_us.start(again)
        await proxy.until_open(4)
        # what has begun in silence stays silent, and by itself the library waits for half a minute
        proxy.weather = FAIR
        await again.until(lambda one: one.link is Link.UP, within=25)
