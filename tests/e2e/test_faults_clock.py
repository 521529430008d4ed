"""The wall clock is set a day back or forward during a round: order and deadlines stay right; a restart pauses."""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path

import pytest
import zmq.asyncio

from kit.factories import first_score, live_rules, small_definition
from kit.hall import Deaf, Hall, Terminal, free_port, open_hall
from kit.processes import pingyi
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.session import Session
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.commands import Cast, CheckIn, CheckInByHand, OpenRound, ResumeRound, Score
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import BallotCast
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.entry import Entry, decode_entry
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.gateway.clock import MeetingClock

DAY = timedelta(days=1)


class Wall:
    """The machine's wall clock, which somebody sets."""

    def __init__(self) -> None:
        self.wrong = timedelta()

    def now(self, zone: tzinfo) -> datetime:
        return datetime.now(zone) + self.wrong


class Steps(MeetingClock):
    """A meeting's clock that passes time when a test says so."""

    def __init__(self, start: int) -> None:
        super().__init__(start)
        self.now = start

    def at(self) -> int:
        return self.now


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    one = Wall()
    monkeypatch.setattr("pingyi_server.gateway.clock.datetime", one)
    monkeypatch.setattr("pingyi_protocol.client.session.datetime", one)
    seconds, nanoseconds = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: seconds() + one.wrong.total_seconds())
    monkeypatch.setattr(time, "time_ns", lambda: nanoseconds() + int(one.wrong.total_seconds()) * 1_000_000_000)
    return one


def stepped(hall: Hall) -> Steps:
    """Take the hall's clock in hand."""
    clock = Steps(hall.recorder.clock.at())
    hall.recorder.clock = clock
    return clock


def ballot(score: int) -> Cast:
    return Cast("1", 1, (Score("T01", "", Decimal(score)),))


def entries(hall: Hall) -> list[Entry]:
    return [decode_entry(leaf) for _, leaf in hall.recorder.ledger.store.leaves()]


async def recorded(terminal: Terminal, body: Cast | CheckIn | OpenRound | ResumeRound) -> None:
    assert isinstance(await terminal.session.ask(body), Receipt)


def verified(folder: Path, out: Path) -> None:
    pingyi("export", folder, "--out", out)
    assert "有效" in pingyi("verify", out / "record.zip")


def test_the_meeting_s_own_clock_heeds_no_wall_clock(wall: Wall, monkeypatch: pytest.MonkeyPatch) -> None:
    monotonic = 7_000_000_000
    monkeypatch.setattr(time, "monotonic_ns", lambda: monotonic)
    clock = MeetingClock(5_000)
    times = []
    for wrong in (timedelta(), DAY, -DAY, timedelta()):
        wall.wrong = wrong
        monotonic += 250_000_000
        times.append(clock.at())
        label = datetime.fromisoformat(clock.label())
        assert abs(label - datetime.now(UTC) - wrong) < timedelta(minutes=10)
    assert times == [5_250, 5_500, 5_750, 6_000]


@pytest.mark.parametrize("wrong", [-DAY, DAY], ids=["back", "forward"])
async def test_a_countdown_on_the_server_s_own_clock_outlives_a_wall_clock_that_is_set(
    tmp_path: Path, wall: Wall, wrong: timedelta
) -> None:
    folder = tmp_path / "meeting"
    folder.mkdir()
    async with open_hall(folder, small_definition(2, free_port(), live_rules(seconds=3600))) as hall:
        chair, seat = await hall.admit("M01", Role.CHAIR), await hall.admit("M01")
        await hall.clerk(CheckInByHand("M02", "终端故障"))
        await recorded(seat, CheckIn())
        await recorded(chair, OpenRound("1"))
        for score, error in ((90, timedelta()), (91, wrong), (92, timedelta())):
            wall.wrong = error
            await recorded(seat, ballot(score))
            # the loop looks at the countdown several times
            await asyncio.sleep(0.2)
            assert hall.recorder.meeting.rounds[0].phase is Phase.OPEN
            assert 3_000_000 < (chair.session.remaining() or 0) <= 3_600_000
        cast = [one for one in entries(hall) if isinstance(one.event, BallotCast)]
        assert [first_score(one.event.answers) for one in cast if isinstance(one.event, BallotCast)] == [90, 91, 92]
        assert sorted(one.at for one in cast) == [one.at for one in cast]
        assert cast[-1].at - cast[0].at < 600_000
    verified(folder, tmp_path / "record")


@pytest.mark.parametrize("wrong", [-DAY, DAY], ids=["back", "forward"])
async def test_a_wall_clock_that_is_set_changes_neither_order_nor_deadline(
    tmp_path: Path, wall: Wall, wrong: timedelta
) -> None:
    folder = tmp_path / "meeting"
    folder.mkdir()
    async with open_hall(folder, small_definition(4, free_port(), live_rules(seconds=60))) as hall:
        chair = await hall.admit("M01", Role.CHAIR)
        seats = [await hall.admit(f"M{place:02}") for place in (2, 3, 4)]
        for seat in seats:
            await recorded(seat, CheckIn())
        clock = stepped(hall)
        await recorded(chair, OpenRound("1"))
        clock.now += 20_000
        await recorded(seats[0], ballot(90))
        wall.wrong = wrong
        clock.now += 20_000
        await recorded(seats[1], ballot(91))
        clock.now += 19_999
        await recorded(seats[0], ballot(92))
        assert hall.recorder.meeting.rounds[0].phase is Phase.OPEN
        clock.now += 1
        await chair.until(lambda _: chair.picture.live and chair.round.phase is Phase.CLOSED)
        assert await seats[2].session.ask(ballot(93)) == Refusal(Reason.CLOSED)
        cast = [one for one in entries(hall) if isinstance(one.event, BallotCast)]
        times = [datetime.fromisoformat(one.time) for one in cast]
        assert [first_score(one.event.answers) for one in cast if isinstance(one.event, BallotCast)] == [90, 91, 92]
        # the wrong clock is on the record as the label that it is
        assert abs(times[1] - times[0] - wrong) < timedelta(minutes=10)
        assert [one.at - cast[0].at for one in cast] == [0, 20_000, 39_999]
        assert first_score(hall.recorder.meeting.rounds[0].ballots["M02"].answers) == 92
    verified(folder, tmp_path / "record")


@pytest.mark.parametrize("wrong", [-DAY, DAY], ids=["back", "forward"])
async def test_a_restart_pauses_at_the_last_durable_remaining_time_and_the_chair_resumes(
    tmp_path: Path, wall: Wall, wrong: timedelta
) -> None:
    folder = tmp_path / "meeting"
    folder.mkdir()
    definition = small_definition(2, free_port(), live_rules(seconds=60))
    async with open_hall(folder, definition) as hall:
        chair, seat, other = [await hall.admit(*who) for who in (("M01", Role.CHAIR), ("M01",), ("M02",))]
        await recorded(seat, CheckIn())
        await recorded(other, CheckIn())
        clock = stepped(hall)
        await recorded(chair, OpenRound("1"))
        clock.now += 10_000
        await recorded(seat, ballot(90))
        # 15 s of which the record knows nothing
        clock.now += 15_000
    wall.wrong = wrong
    async with open_hall(folder, definition) as hall:
        clock = stepped(hall)
        chair, other = [Terminal(one.facts, one.keys, one.memory) for one in (chair, other)]
        for one in (chair, other):
            hall.start(one)
        await chair.until(lambda one: one.picture and chair.picture.live and chair.round.phase is Phase.PAUSED)
        assert chair.session.remaining() == 50_000
        # the pause stops the countdown, not the members
        clock.now += 3_600_000
        await recorded(other, ballot(80))
        assert chair.round.phase is Phase.PAUSED
        await recorded(chair, ResumeRound("1", 1))
        clock.now += 49_999
        await recorded(other, ballot(81))
        assert hall.recorder.meeting.rounds[0].phase is Phase.OPEN
        clock.now += 1
        await other.until(lambda _: other.picture.live and other.round.phase is Phase.CLOSED)
        times = [one.at for one in entries(hall)]
        assert times == sorted(times)
        for one in (chair, other):
            assert one.ear.alarms == []
    verified(folder, tmp_path / "record")


async def test_ballots_that_wait_on_the_disk_go_out_in_the_order_of_the_presses(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(2, free_port(), live_rules(seconds=None))) as hall:
        chair, other = await hall.admit("M01", Role.CHAIR), await hall.admit("M01")
        keys = generate_device_keys()
        profile = Profile.create(tmp_path / "profiles", await hall.enrolled("M02", Role.MEMBER, keys), keys)
        await recorded(other, CheckIn())
        await hall.clerk(CheckInByHand("M02", "终端故障"))
        await recorded(chair, OpenRound("1"))
        context = zmq.asyncio.Context.instance()
        offline = Session(context, profile.facts, keys, profile, Deaf())
        pressed = [offline.submit(ballot(score)).id for score in (70, 80, 90)]
        # the machine's clock was set back before each press
        for hours, command in enumerate(pressed):
            then = 1_000_000_000 - 3600 * hours
            os.utime(profile.folder / "outbox" / f"{command}.json", (then, then))
        ear = Deaf()
        changed = ear.changed
        again = Session(context, profile.facts, keys, profile, ear)
        running = asyncio.create_task(again.run())
        async with asyncio.timeout(WAIT_SECONDS):
            while again.outstanding:
                changed.clear()
                await changed.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        cast = [one.event for one in entries(hall) if isinstance(one.event, BallotCast)]
        assert [one.ballot for one in cast] == pressed
        assert first_score(hall.recorder.meeting.rounds[0].ballots["M02"].answers) == 90
