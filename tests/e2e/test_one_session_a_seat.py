"""The keys of a seat in two places: one of them is listened to, and the other one is told which."""

import asyncio
import logging
import random
import time
from pathlib import Path

import msgspec
import pytest
import zmq.asyncio

from kit.factories import small_definition
from kit.hall import Hall, Terminal, free_port, open_hall
from kit.proxy import Weather, proxied
from pingyi_protocol.client.enrolment import confirm, identify, request_for
from pingyi_protocol.client.session import Link
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.meeting.commands import CheckIn
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.gateway.limits import Limits


def copied(terminal: Terminal) -> Terminal:
    """The same keys on another machine."""
    return Terminal(terminal.facts, terminal.keys)


async def pinned(hall: Hall, person: str) -> Terminal:
    """A terminal whose keys lie under a PIN."""
    keys, context = generate_device_keys(), zmq.asyncio.Context.instance()
    code = await hall.code(person, Role.MEMBER)
    facts = await identify(context, code)
    facts = await confirm(context, facts, request_for(code, keys, facts.meeting, pinned=True))
    terminal = Terminal(facts, keys)
    hall.start(terminal)
    await terminal.until(lambda one: one.link is Link.UP)
    return terminal


async def test_keys_copied_from_a_seat_get_in_only_when_it_has_left_and_the_log_says_where_they_are(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        seat = await hall.admit("M02")
        thief = copied(seat)
        hall.start(thief)
        await thief.until(lambda one: one.link is Link.ELSEWHERE)
        stolen = thief.session.submit(CheckIn())
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        await asyncio.sleep(2.5)
        assert (seat.session.link, thief.session.link) == (Link.UP, Link.ELSEWHERE)
        assert stolen.id in thief.session.outstanding
        assert " address=127.0.0.1 reason=session_elsewhere" in caplog.text
        await hall.switch_off(seat)
        await thief.until(lambda one: one.link is Link.UP)


async def test_a_terminal_that_is_started_again_is_let_in_before_the_first_counts_as_silent(tmp_path: Path) -> None:
    limits = Limits(silent_seconds=60)
    async with open_hall(tmp_path, small_definition(port=free_port()), limits=limits) as hall:
        seat = await hall.admit("M02")
        for _ in range(3):
            await hall.switch_off(seat)
            seat = copied(seat)
            hall.start(seat)
            began = time.monotonic()
            await seat.until(lambda one: one.link is Link.UP)
            assert time.monotonic() - began < limits.silent_seconds
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)


async def test_who_has_the_pin_takes_over_and_the_first_is_told_and_does_not_fight(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        first = await pinned(hall, "M02")
        second = copied(first)
        hall.start(second)
        await first.until(lambda one: one.link is Link.TAKEN_OVER)
        kept = first.session.submit(CheckIn())
        assert isinstance(await second.session.ask(CheckIn()), Receipt)
        await asyncio.sleep(2.5)
        assert (first.session.link, second.session.link) == (Link.TAKEN_OVER, Link.UP)
        assert kept.id in first.session.outstanding


async def test_a_new_code_of_the_clerk_takes_the_seat_from_copied_keys(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall:
        seat = await hall.admit("M02")
        await hall.switch_off(seat)
        thief = copied(seat)
        hall.start(thief)
        await thief.until(lambda one: one.link is Link.UP)
        again = copied(seat)
        hall.start(again)
        await again.until(lambda one: one.link is Link.ELSEWHERE)
        anew = await hall.admit("M02")
        for old in (thief, again):
            await old.until(lambda one: one.link is Link.REVOKED)
        assert isinstance(await anew.session.ask(CheckIn()), Receipt)


async def test_a_frozen_terminal_is_followed_and_told_when_it_wakes(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(port=free_port()), limits=Limits(silent_seconds=3)) as hall:
        frozen = await hall.admit("M02")
        frozen.session.dealer, asleep = None, frozen.session.dealer  # it stays connected and says nothing
        other = copied(frozen)
        hall.start(other)
        await other.until(lambda one: one.link is Link.ELSEWHERE)
        await other.until(lambda one: one.link is Link.UP)
        frozen.session.dealer = asleep
        await frozen.until(lambda one: one.link is Link.TAKEN_OVER)
        assert isinstance(await other.session.ask(CheckIn()), Receipt)


async def noting(terminal: Terminal, links: set[Link]) -> None:
    """Note every state of a terminal's link."""
    while True:
        links.add(terminal.session.link)
        await asyncio.sleep(0.05)


async def test_a_seat_on_a_bad_network_is_never_taken_for_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a handshake that is met by silence begins anew
    monkeypatch.setattr("pingyi_protocol.client.sockets.HANDSHAKE_MILLISECONDS", 3000)
    luck = random.Random(7)  # noqa: S311 - a repeatable network
    async with open_hall(tmp_path, small_definition(port=free_port())) as hall, proxied(hall.port, luck) as proxy:
        seat = await hall.admit("M02")
        await hall.switch_off(seat)
        far = Terminal(msgspec.structs.replace(seat.facts, port=proxy.port), seat.keys)
        links: set[Link] = set()
        hall.start(far)
        await far.until(lambda one: one.link is Link.UP)
        hall.tasks.append(asyncio.create_task(noting(far, links)))
        # connections that break without a word to the server, and at once again
        for weather in (Weather(cut=(2000, 4000)), Weather(silent=True), Weather(cut=(2000, 4000))):
            proxy.weather = weather
            await asyncio.sleep(5)
        proxy.weather = Weather()
        assert isinstance(await far.session.ask(CheckIn()), Receipt)
        assert links <= {Link.UP, Link.LOST}
