"""Seats of another hall come through a TCP forwarder, to which nothing is trusted."""

import asyncio
import random
from pathlib import Path

import msgspec
import pytest
import zmq.asyncio

from kit.committee import Committee, committee
from kit.factories import live_rules, small_definition
from kit.forwarder import Forwarder
from kit.hall import Hall, Terminal, free_port, open_hall
from kit.processes import pingyi, server
from kit.proxy import FAIR, Weather
from pingyi_protocol.client.enrolment import NoAnswerError, enrol
from pingyi_protocol.client.session import Link
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.meeting.commands import CheckIn, OpenRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.folder import MeetingFolder
from pingyi_server.gateway.limits import Limits
from pingyi_server.imports.toml_file import toml_of

CONTEXT = zmq.asyncio.Context.instance
FEW = Limits(enrolments_per_second=1, enrolments_burst=3)
SEATS = 8


async def come_in(hall: Hall, person: str, port: int, within: float) -> Terminal:
    """Enrol a seat and start its session, both by way of this port, and check in."""
    keys = generate_device_keys()
    code = msgspec.structs.replace(await hall.code(person, Role.MEMBER), port=port)
    seat = Terminal(await enrol(CONTEXT(), code, keys, within), keys)
    assert seat.facts.port == port
    hall.start(seat)
    await seat.until(lambda one: one.picture and one.definition)
    assert isinstance(await seat.session.ask(CheckIn()), Receipt)
    seat.ear.answers.clear()
    return seat


@pytest.mark.haproxy
async def test_two_halls_hold_one_meeting_and_one_of_them_is_cut_off_for_a_while(tmp_path: Path) -> None:
    luck = random.Random(2)  # noqa: S311 - repeatable on purpose
    definition = small_definition(SEATS + 1, free_port(), live_rules(seconds=None))
    async with open_hall(tmp_path, definition, limits=FEW) as hall:
        forwarder = Forwarder(hall.port)
        chair = await hall.admit("M01", Role.CHAIR)
        people = [f"M{place:02}" for place in range(2, SEATS + 2)]
        async with forwarder.running():
            # all from one address, and more at once than an address may
            far = await asyncio.gather(*(come_in(hall, one, forwarder.port, 30) for one in people[3:]))
            near = [await come_in(hall, one, hall.port, 30) for one in people[:3]]
            assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
            both = Committee(hall, chair, [*near, *far], {})
            both.vote(luck)
            await both.finished()
        for seat in far:
            await seat.until(lambda one: one.link is Link.LOST)
        assert all(seat.session.link is Link.UP for seat in near)
        both.vote(luck)
        assert all(seat.session.outstanding for seat in far)
        async with forwarder.running():
            await both.finished()
            await both.agreed()


@pytest.mark.haproxy
async def test_an_address_that_is_no_forwarder_s_is_bounded(tmp_path: Path) -> None:
    definition = small_definition(SEATS + 1, free_port(), live_rules(seconds=None))
    nobody = msgspec.structs.replace(FEW, forwarders=(), refused_requests=1)
    async with open_hall(tmp_path, definition, limits=nobody) as hall:
        forwarder = Forwarder(hall.port)
        async with forwarder.running():
            asked = (come_in(hall, f"M{place:02}", forwarder.port, 5) for place in range(2, SEATS + 2))
            came = await asyncio.gather(*asked, return_exceptions=True)
        assert any(isinstance(one, NoAnswerError) for one in came)


@pytest.mark.parametrize("weather", [Weather(forged=0.05), Weather(replayed=0.05)], ids=["forged", "replayed"])
async def test_a_forwarder_that_forges_or_replays_changes_nothing(tmp_path: Path, weather: Weather) -> None:
    luck = random.Random(3)  # noqa: S311 - repeatable on purpose
    async with committee(tmp_path, 3, luck) as (all_of_us, line):
        line.weather = weather
        while line.spoils < 10:
            all_of_us.vote(luck)
            await asyncio.sleep(0.2)
        line.weather = FAIR
        await all_of_us.finished()
        await all_of_us.agreed()


async def test_a_forwarder_that_leads_to_another_server_leads_nowhere(tmp_path: Path) -> None:
    luck = random.Random(4)  # noqa: S311 - repeatable on purpose
    theirs = MeetingFolder(tmp_path / "theirs")
    theirs.path.mkdir()
    other = free_port()
    (theirs.path / "meeting.toml").write_bytes(toml_of(small_definition(port=other)))
    pingyi("load", theirs.path)
    before = theirs.meeting().size
    async with committee(tmp_path / "ours", 2, luck) as (all_of_us, line):
        with server(theirs.path):
            ours, line.target = line.target, other
            line.weather = Weather(cut=(1, 2))
            for seat in all_of_us.seats:
                await seat.until(lambda one: one.link is Link.LOST)
            line.weather = FAIR
            all_of_us.vote(luck)
            await asyncio.sleep(3)
            assert all(seat.session.link is Link.LOST and seat.session.outstanding for seat in all_of_us.seats)
        assert theirs.meeting().size == before
        line.target = ours
        await all_of_us.finished()
        await all_of_us.agreed()
