"""What was shown to a terminal holds the server too: who lost nothing of their own notices an older copy as well."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kit.hall import Hall, Terminal
from kit.restoring import REASON, backed_up, ballot, calm, done, hall_at, staffed, swapped_in, watched
from pingyi_protocol.client.session import Link
from pingyi_protocol.client.vigil import EACH_SECONDS, SPREAD_SECONDS, Vigil
from pingyi_protocol.client.witness import Haste
from pingyi_protocol.meeting.commands import CountersignContinuation, DeclareContinuation, MoveSeat, OpenRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.picture import Continuing
from pingyi_server.folder import MeetingFolder
from pingyi_server.restoring import put_back

NEVER = 1000.0


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    monkeypatch.setattr("pingyi_protocol.client.session.RESEND_SECONDS", 0.3)
    monkeypatch.setattr("pingyi_protocol.client.vigil.ANSWER_SECONDS", 0.3)
    # nobody's turn comes: what was shown is remembered, and not proven
    monkeypatch.setattr("pingyi_protocol.client.vigil.SPREAD_SECONDS", NEVER)
    monkeypatch.setattr("pingyi_protocol.client.vigil.EACH_SECONDS", NEVER)


class Room:
    """Terminals that go on running while the server goes and comes back."""

    def __init__(self, folder: Path) -> None:
        self.definition = watched()
        self.folder = folder
        self.chair: Terminal
        self.scrutineer: Terminal
        self.seats: list[Terminal]
        self.wall: Terminal
        self.tasks: list[asyncio.Task[None]] = []

    @property
    def everybody(self) -> list[Terminal]:
        """All terminals."""
        return [self.chair, self.scrutineer, self.wall, *self.seats]

    async def shown(self, hall: Hall, terminals: Sequence[Terminal] = ()) -> None:
        """Wait until these terminals, or all, were shown the newest head."""
        size = hall.recorder.meeting.size
        for one in terminals or self.everybody:
            await one.until(lambda session: session.picture and session.picture.head.size == size)

    async def alone(self) -> None:
        """Wait until everybody has noticed that the server is gone."""
        for one in self.everybody:
            await one.until(lambda session: session.link is not Link.UP)

    def alarms(self, of: Terminal) -> list[str]:
        """What a terminal has shouted."""
        return [fault.key for fault in of.ear.alarms]


@asynccontextmanager
async def room(path: Path) -> AsyncIterator[Room]:
    """Two ballots, a backup, then the third member votes and votes again; all saw it, the server is gone."""
    folder = path / "meeting"
    folder.mkdir()
    found = Room(folder)
    try:
        async with hall_at(folder, found.definition) as hall:
            found.chair, found.seats, found.scrutineer = await staffed(hall)
            found.wall = await hall.admit("hall", Role.HALL)
            found.tasks, hall.tasks = hall.tasks, []
            await done(found.chair, OpenRound("1"))
            await done(found.seats[0], ballot(80))
            await done(found.seats[1], ballot(85))
            backed_up(hall.folder, path / "backup.db")
            await done(found.seats[2], ballot(90), ballot(70))
            await found.shown(hall)
            for one in found.everybody:
                await one.until(lambda session: session.vigil.witness.sure)
            backed_up(hall.folder, path / "true.db")
        await found.alone()
        yield found
    finally:
        for task in found.tasks:
            task.cancel()
        await asyncio.gather(*found.tasks, return_exceptions=True)


async def signed(found: Room) -> Continuing:
    """Let chair and scrutineer sign."""
    await found.chair.until(lambda session: session.picture and session.picture.watch.continuing)
    copy = found.chair.picture.watch.continuing
    assert copy is not None
    values = (copy.size, copy.root, copy.reason)
    await done(found.chair, DeclareContinuation(*values))
    await done(found.scrutineer, CountersignContinuation(*values))
    return copy


async def test_everybody_to_whom_more_was_shown_shouts_until_the_true_record_is_back(tmp_path: Path) -> None:
    async with room(tmp_path) as found:
        swapped_in(found.folder, tmp_path / "backup.db")
        size = found.wall.picture.head.size
        async with hall_at(found.folder, found.definition) as hall:
            for one in found.everybody:
                await one.until(lambda session: session.vigil.alarm)
            # whoever was proven more, as by a receipt of its own, misses that; the wall was only shown it
            assert all(len(found.alarms(one)) == 1 for one in found.everybody)
            assert found.alarms(found.seats[2]) == ["witness.rolled_back"]
            [told] = found.wall.ear.alarms
            assert (told.key, told.values) == ("witness.fewer", {"seen": size, "size": hall.recorder.meeting.size})
            # a record that grows again is not the record that was shown
            for place in range(6):
                await hall.clerk(MoveSeat("M03", f"9-{place + 10}"))
            assert hall.recorder.meeting.size > size
            await asyncio.sleep(1.0)
            assert all(one.session.vigil.alarm and not one.ear.lifted for one in found.everybody)
        await found.alone()
        swapped_in(found.folder, tmp_path / "true.db")
        async with hall_at(found.folder, found.definition):
            for one in found.everybody:
                await calm(one)
                assert one.ear.lifted == 1


async def test_an_older_copy_that_comes_back_longer_is_noticed_too(tmp_path: Path) -> None:
    async with room(tmp_path) as found:
        swapped_in(found.folder, tmp_path / "backup.db")
        # it grows where nobody hears it
        elsewhere = tmp_path / "elsewhere"
        found.folder.rename(elsewhere)
        async with hall_at(elsewhere, watched()) as hall:
            for place in range(12):
                await hall.clerk(MoveSeat("M03", f"9-{place + 10}"))
        elsewhere.rename(found.folder)
        async with hall_at(found.folder, found.definition):
            for one in found.everybody:
                await one.until(lambda session: session.vigil.alarm)
            assert {found.alarms(one)[0] for one in found.everybody} == {"witness.forked"}


async def test_a_lawful_continuation_lifts_the_alarm_of_what_was_only_shown_and_none_does_so_twice(
    tmp_path: Path,
) -> None:
    async with room(tmp_path) as found:
        put_back(MeetingFolder(found.folder), tmp_path / "backup.db", REASON)
        async with hall_at(found.folder, found.definition) as hall:
            for one in found.everybody:
                await one.until(lambda session: session.vigil.alarm)
                assert found.alarms(one) == ["witness.restored"]
            await signed(found)
            for one in found.everybody:
                await calm(one)
                assert one.ear.lifted == 1
            # the seat that lost entries of its own has sent its ballot again
            ballots = hall.recorder.meeting.rounds[0].ballots
            assert ballots["M03"].answers == ballot(70).answers
            backed_up(hall.folder, tmp_path / "later.db")
            await done(found.seats[2], ballot(75))
            await found.shown(hall)
        await found.alone()
        swapped_in(found.folder, tmp_path / "later.db")
        async with hall_at(found.folder, found.definition):
            for one in (found.chair, found.wall, *found.seats):
                await one.until(lambda session: session.vigil.alarm)
            assert found.alarms(found.wall)[1:] == ["witness.fewer"]
            assert found.alarms(found.seats[2])[1:] == ["witness.rolled_back"]


async def test_what_was_shown_is_proven_and_kept_without_a_ballot_of_one_s_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with room(tmp_path) as found:
        held = found.wall.session.vigil.witness.size
        async with hall_at(found.folder, found.definition) as hall:
            monkeypatch.setattr("pingyi_protocol.client.vigil.SPREAD_SECONDS", 0.0)
            await found.shown(hall)
            size = hall.recorder.meeting.size
            for _ in range(100):
                if all(one.session.vigil.witness.size == size for one in found.everybody):
                    break
                await asyncio.sleep(0.05)
            assert held < found.wall.session.vigil.witness.size == size
            assert f"\n{size}\n" in (found.wall.memory.note or "")
            assert all(found.alarms(one) == [] for one in found.everybody)


async def test_a_large_hall_takes_its_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.vigil.SPREAD_SECONDS", SPREAD_SECONDS)
    monkeypatch.setattr("pingyi_protocol.client.vigil.EACH_SECONDS", EACH_SECONDS)
    async with room(tmp_path) as found:
        vigil: Vigil = found.wall.session.vigil
        assert vigil.members == len(found.definition.roster)
        for members, least, most in ((3, 1.5, 4.5), (3000, 15.0, 45.0)):
            vigil.members = members
            waits = [vigil.wait(Haste.IN_TURN) for _ in range(300)]
            assert least <= min(waits) < max(waits) <= most
            # what is to be cosigned is not waited for as long, and hardly at all where few are present
            soon = max(vigil.wait(Haste.SOON) for _ in range(300))
            assert 0.5 * EACH_SECONDS * members < soon <= EACH_SECONDS * members < least / 2
