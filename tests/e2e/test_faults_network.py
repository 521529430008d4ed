"""Bad networks between seats and server: every seat finishes, each ballot counts once, and no alarm is raised."""

import asyncio
import random
from pathlib import Path

import pytest

from kit.committee import committee
from kit.hall import Terminal
from kit.proxy import FAIR, Weather
from kit.unreliable import Unreliable
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.session import Link
from pingyi_server.gateway.limits import Limits

SHORT_AND_LONG = [(3, 2), pytest.param(30, 12, marks=pytest.mark.full)]


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
