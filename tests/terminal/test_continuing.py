"""A copy that was put back, on the screens: chair, seat and hall say it, the chair signs, and all are calm again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from kit.factories import first_score
from kit.hall import Hall, Terminal
from kit.restoring import REASON, again, backed_up, ballot, done, hall_at, staffed, watched
from kit.screens import plain
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.commands import CountersignContinuation, DeclareContinuation, OpenRound
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_server.restoring import put_back
from pingyi_terminal.chair.app import SETTLE_SECONDS, ChairApp
from pingyi_terminal.hall.app import HallApp
from pingyi_terminal.link import attach
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.seat.ballots import ballots_of, kept_receipts


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    monkeypatch.setattr("pingyi_protocol.client.vigil.SPREAD_SECONDS", 0.0)
    monkeypatch.setattr("pingyi_protocol.client.vigil.ANSWER_SECONDS", 0.3)


async def until(pilot: Pilot[None], condition: Any) -> None:
    """Wait until the screen is as the test wants it."""
    for _ in range(500):
        if condition(plain(pilot.app)):
            return
        await pilot.pause(0.02)
    raise TimeoutError(plain(pilot.app))


@asynccontextmanager
async def put_back_hall(
    path: Path, *, knows_round: bool = True
) -> AsyncIterator[tuple[Hall, Terminal, Terminal, Terminal, Terminal]]:
    """A hall whose database was put back by one ballot, or by the whole round that it was cast in.

    Chair, seat, wall and scrutineer are not running yet.
    """
    definition = watched()
    folder = path / "meeting"
    folder.mkdir()
    async with hall_at(folder, definition) as hall:
        chair, seats, scrutineer = await staffed(hall)
        wall = await hall.admit("hall", Role.HALL)
        if not knows_round:
            backed_up(hall.folder, path / "backup.db")
        await done(chair, OpenRound("1", 1))
        for one in (chair, seats[2], wall):
            await one.until(lambda session: len(session.vigil.witness.trust.officers) == 2)
        if knows_round:
            backed_up(hall.folder, path / "backup.db")
        await done(seats[2], ballot(90))
        size = hall.recorder.meeting.size
        for one in (chair, wall):
            await one.until(lambda session: session.picture and session.picture.head.size == size)
        meeting = hall.folder
    # whoever only watches learns of newer heads when it is to cosign one; here it has seen the newest
    for one in (chair, wall):
        one.memory.remember_head(hall.recorder.ledger.note or "")
    put_back(meeting, path / "backup.db", REASON)
    async with hall_at(folder, definition) as hall:
        yield hall, again(chair), again(seats[2]), again(wall), again(scrutineer)


def console(terminal: Terminal) -> ChairApp:
    return ChairApp(lambda app: attach(app, terminal.facts, terminal.keys, terminal.memory), Language.CHINESE)


async def test_the_chair_signs_with_two_presses_and_the_alarm_ends(tmp_path: Path) -> None:
    async with put_back_hall(tmp_path) as (hall, chair, _, _, scrutineer):
        app = console(chair)
        async with app.run_test(size=(120, 36)) as pilot:
            await until(pilot, lambda seen: "签字续记" in seen and REASON in seen and "警报" in seen)
            await pilot.press("enter")
            await until(pilot, lambda seen: "再按一次：签字续记" in seen)
            assert not hall.recorder.meeting.continuations
            await asyncio.sleep(SETTLE_SECONDS + 0.1)
            await pilot.press("enter")
            await until(pilot, lambda seen: "等待监票人会签" in seen)
            hall.start(scrutineer)
            one = hall.recorder.meeting.continuing
            assert one is not None
            await done(scrutineer, CountersignContinuation(one.size, one.root, one.reason))
            await until(pilot, lambda seen: "结束打分" in seen and "警报" not in seen)


async def continued(hall: Hall, chair: Terminal, scrutineer: Terminal) -> None:
    """Let both sign without screens."""
    hall.start(chair)
    hall.start(scrutineer)
    await chair.until(lambda session: session.picture)
    copy = chair.picture.watch.continuing
    assert copy is not None
    await done(chair, DeclareContinuation(copy.size, copy.root, copy.reason))
    await done(scrutineer, CountersignContinuation(copy.size, copy.root, copy.reason))


async def test_seat_and_wall_say_what_happened_until_both_have_signed(tmp_path: Path) -> None:
    async with put_back_hall(tmp_path) as (hall, chair, seat, wall, scrutineer):
        apps: list[tuple[App[None], str]] = [
            (SeatApp(seat.facts.person, Language.CHINESE, seat_attach(seat), {}), "主持人和监票人签字之后会议继续"),
            (HallApp(wall.facts, wall.keys, wall.memory, Language.CHINESE), "等待主持人和监票人签字"),
        ]
        async with apps[0][0].run_test(size=(80, 24)) as one, apps[1][0].run_test(size=(100, 30)) as other:
            for pilot, (_, said) in zip((one, other), apps, strict=True):
                await until(pilot, lambda seen: said in seen.replace("\n", "").replace(" ", ""))  # noqa: B023 - awaited at once
            await continued(hall, chair, scrutineer)
            for pilot, (_, said) in zip((one, other), apps, strict=True):
                await until(pilot, lambda seen: said not in seen.replace("\n", "").replace(" ", ""))  # noqa: B023 - awaited at once
            # the seat sends again what the copy lacks
            await until(one, lambda _: "M03" in hall.recorder.meeting.rounds[0].ballots)
        [counted] = hall.recorder.meeting.rounds
        assert str(first_score(counted.ballots["M03"].answers)) == "90"


async def test_a_ballot_of_a_round_that_the_copy_does_not_know_is_shown_as_recorded_no_more(tmp_path: Path) -> None:
    async with put_back_hall(tmp_path, knows_round=False) as (hall, chair, seat, _, scrutineer):
        profile = on_disk(tmp_path / "profiles", seat)
        [ballot_id] = [one for one in seat.memory.receipts if ballots_of(kept_receipts(profile))["1", 1].id == one]
        app = with_profile(profile)
        async with app.run_test(size=(80, 24)) as pilot:
            await continued(hall, chair, scrutineer)
            await until(pilot, lambda _: profile.gave_up(ballot_id))
            await done(chair, OpenRound("1", 1))
            await until(pilot, lambda seen: "确认 90 分" in seen)
            # there is no earlier ballot to stay with
            await pilot.press("escape")
            await pilot.pause(0.3)
            assert "确认 90 分" in plain(app)
        # nor does it come back with the next start
        app = with_profile(profile)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda seen: "请先输入分数" in seen)
            await pilot.press("8", "5", "enter")
            await asyncio.sleep(app.BOUNCE_SECONDS + 0.1)
            await pilot.press("enter")
            await until(pilot, lambda seen: "85 分" in seen and "已写入会议记录" in seen)
        assert [str(first_score(one.answers)) for one in hall.recorder.meeting.rounds[0].ballots.values()] == ["85"]
        app = with_profile(profile)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda seen: "85 分" in seen and "已写入会议记录" in seen)


def on_disk(root: Path, seat: Terminal) -> Profile:
    """What a terminal keeps in memory, as a profile."""
    profile = Profile.create(root, seat.facts, seat.keys)
    for command_id, receipt in seat.memory.receipts.items():
        profile.settle(command_id, receipt)
    profile.remember_head(seat.memory.note or "")
    profile.remember_trust(seat.memory.believed or b"")
    return profile


def with_profile(profile: Profile) -> SeatApp:
    """The seat's app as ``pingyi seat`` starts it."""
    keys = profile.unlock()
    return SeatApp(
        profile.facts.person,
        Language.CHINESE,
        lambda app: attach(app, profile.facts, keys, profile),
        kept_receipts(profile),
    )


def seat_attach(seat: Terminal) -> Any:
    return lambda app: attach(app, seat.facts, seat.keys, seat.memory)
