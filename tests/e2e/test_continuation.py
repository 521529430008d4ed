"""An older copy of the database: noticed by every terminal, and gone on from only as chair and scrutineer sign."""

import asyncio
from base64 import b64decode
from pathlib import Path

import pytest

from kit.hall import Hall, Terminal
from kit.restoring import REASON, again, backed_up, ballot, calm, continued, done, hall_at, staffed, swapped_in, watched
from kit.waits import WAIT_SECONDS
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    CloseRound,
    CountersignContinuation,
    DeclareContinuation,
    MoveSeat,
    OpenRound,
)
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.report import Report
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.wire.messages import Receipt, Refused
from pingyi_server.exports.files import export_all
from pingyi_server.exports.view import Reader
from pingyi_server.folder import MeetingFolder
from pingyi_server.gateway.recorder import Submission
from pingyi_server.restoring import put_back


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    monkeypatch.setattr("pingyi_protocol.client.session.RESEND_SECONDS", 0.3)
    monkeypatch.setattr("pingyi_protocol.client.vigil.SPREAD_SECONDS", 0.0)
    monkeypatch.setattr("pingyi_protocol.client.vigil.ANSWER_SECONDS", 0.3)


async def scored(path: Path, definition: Definition) -> tuple[Terminal, list[Terminal], Terminal]:
    """Score the first item, with a backup in its middle: after two ballots, before the third and a changed one."""
    async with hall_at(path, definition) as hall:
        chair, seats, scrutineer = await staffed(hall)
        await done(chair, OpenRound("1"))
        await done(seats[0], ballot(80))
        await done(seats[1], ballot(85))
        for one in (chair, *seats, scrutineer):
            await one.until(lambda session: len(session.vigil.witness.trust.officers) == 2)
        backed_up(hall.folder, path.parent / "backup.db")
        await done(seats[2], ballot(90))
        await done(seats[0], ballot(70))
        size = hall.recorder.meeting.size
        for one in (chair, *seats, scrutineer):
            await one.until(lambda session: session.picture and session.picture.head.size == size)
    return chair, seats, scrutineer


async def test_an_older_copy_behind_everybody_s_back_is_noticed_without_a_ballot(tmp_path: Path) -> None:
    definition = watched()
    folder = tmp_path / "meeting"
    folder.mkdir()
    _, seats, _ = await scored(folder, definition)
    swapped_in(folder, tmp_path / "backup.db")
    lost = [again(seats[0]), again(seats[2])]
    async with hall_at(folder, definition, *lost):
        for one in lost:
            await one.until(lambda session: session.vigil.alarm)
            assert [fault.key for fault in one.ear.alarms] == ["witness.rolled_back"]
            held = one.session.head
            # nothing is sent to such a server
            one.session.submit(ballot(60))
            await asyncio.sleep(0.5)
            assert len(one.session.outstanding) == 1
            assert (one.session.head, one.ear.lifted) == (held, 0)


async def test_an_older_copy_that_has_grown_past_what_was_seen_is_noticed_too(tmp_path: Path) -> None:
    definition = watched()
    folder = tmp_path / "meeting"
    folder.mkdir()
    _, seats, _ = await scored(folder, definition)
    swapped_in(folder, tmp_path / "backup.db")
    async with hall_at(folder, definition) as hall:
        for place in range(8):
            await hall.clerk(MoveSeat("M03", f"9-{place + 10}"))
        grown = hall.recorder.meeting.size
    witness = again(seats[2])
    async with hall_at(folder, definition, witness):
        await witness.until(lambda session: session.vigil.alarm)
        assert witness.session.head is not None
        assert witness.session.head.size < grown
        assert [fault.key for fault in witness.ear.alarms] == ["witness.forked"]


async def test_the_true_record_put_back_lifts_the_alarm(tmp_path: Path) -> None:
    definition = watched()
    folder = tmp_path / "meeting"
    folder.mkdir()
    _, seats, _ = await scored(folder, definition)
    (folder / "meeting.db").rename(tmp_path / "true.db")
    swapped_in(folder, tmp_path / "backup.db")
    seat = again(seats[2])
    async with hall_at(folder, definition, seat):
        await seat.until(lambda session: session.vigil.alarm)
    swapped_in(folder, tmp_path / "true.db")
    async with hall_at(folder, definition, seat):
        await seat.until(lambda session: session.vigil.alarm is None)
        assert seat.ear.lifted == 1


async def test_a_lawful_restore_loses_no_ballot_that_can_still_be_taken(tmp_path: Path) -> None:
    definition = watched()
    folder = tmp_path / "meeting"
    folder.mkdir()
    chair, seats, scrutineer = await scored(folder, definition)
    meeting = await restored(folder, tmp_path / "backup.db")
    people = [again(one) for one in (chair, *seats, scrutineer)]
    async with hall_at(folder, definition, *people) as hall:
        chair, *seats, scrutineer = people
        await seats[2].until(lambda session: session.vigil.alarm)
        assert seats[2].ear.alarms[0].key == "witness.restored"
        late = seats[1].session.submit(ballot(86))
        copy = await continued(chair, scrutineer)
        assert copy.size == meeting
        assert copy.reason.startswith(REASON)
        for one in people:
            await calm(one)
        assert late.id in seats[1].memory.receipts
        # the changed ballot and the third one are back, in the order in which they were signed
        counted = hall.recorder.meeting.rounds[0].ballots
        answers = {person: one.answers for person, one in counted.items()}
        assert answers == {"M01": ballot(70).answers, "M02": ballot(86).answers, "M03": ballot(90).answers}
        async with asyncio.timeout(WAIT_SECONDS):
            assert isinstance(await chair.session.ask(CloseRound("1", 1)), Receipt)
            assert isinstance(await chair.session.ask(AnnounceRound("1", 1)), Receipt)
        assert not hall.recorder.meeting.lost
        report = exported(hall, tmp_path / "out")
        assert report.valid
        assert report.facts is not None
        assert [one.size for one in report.facts.meeting.continuations] == [meeting]


async def test_a_ballot_that_cannot_be_taken_any_more_is_shown_as_lost(tmp_path: Path) -> None:
    definition = watched()
    folder = tmp_path / "meeting"
    folder.mkdir()
    chair, seats, scrutineer = await scored(folder, definition)
    await restored(folder, tmp_path / "backup.db")
    people = [again(one) for one in (chair, seats[1], scrutineer)]
    chair, _, scrutineer = people
    async with hall_at(folder, definition, *people):
        await continued(chair, scrutineer)
        await calm(chair)
        async with asyncio.timeout(WAIT_SECONDS):
            assert isinstance(await chair.session.ask(CloseRound("1", 1)), Receipt)
    # the third member's terminal comes back when all is over
    late = again(seats[2])
    async with hall_at(folder, definition, late) as hall:
        await calm(late)
        lost = list(hall.recorder.meeting.lost.values())
        assert [one.person for one in lost] == ["M03"]
        report = exported(hall, tmp_path / "out")
        assert report.valid
        assert report.facts is not None
        assert [one.person for one in report.facts.meeting.lost.values()] == ["M03"]


async def test_nothing_else_is_taken_before_both_have_signed(tmp_path: Path) -> None:
    definition = watched()
    folder = tmp_path / "meeting"
    folder.mkdir()
    chair, _, scrutineer = await scored(folder, definition)
    await restored(folder, tmp_path / "backup.db")
    people = [again(one) for one in (chair, scrutineer)]
    chair, scrutineer = people
    async with hall_at(folder, definition, *people) as hall:
        size = hall.recorder.meeting.size
        await chair.until(lambda session: session.picture)
        [answer] = await hall.recorder.record([Submission(*hall.folder.signed(MoveSeat("M03", "9-09")), 0)])
        assert isinstance(answer, Refused)
        assert answer.refusal == Refusal(Reason.CONTINUATION_NEEDED)
        copy = chair.picture.watch.continuing
        assert copy is not None
        other = await chair.session.ask(DeclareContinuation(copy.size - 1, copy.root, REASON))
        assert other == Refusal(Reason.CONTINUATION_MISFIT)
        assert hall.recorder.meeting.size == size
        values = (copy.size, copy.root, copy.reason)
        assert isinstance(await chair.session.ask(DeclareContinuation(*values)), Receipt)
        [answer] = await hall.recorder.record([Submission(*hall.folder.signed(MoveSeat("M03", "9-09")), 0)])
        assert isinstance(answer, Refused)
        assert answer.refusal == Refusal(Reason.CONTINUATION_PENDING)
        assert b64decode(copy.root) == hall.recorder.ledger.log.root(copy.size)
        assert isinstance(await scrutineer.session.ask(CountersignContinuation(*values)), Receipt)
        await hall.clerk(MoveSeat("M03", "9-09"))


async def test_a_continuation_excuses_one_loss_and_no_second(tmp_path: Path) -> None:
    definition = watched()
    folder = tmp_path / "meeting"
    folder.mkdir()
    chair, seats, scrutineer = await scored(folder, definition)
    await restored(folder, tmp_path / "backup.db")
    people = [again(one) for one in (chair, *seats, scrutineer)]
    async with hall_at(folder, definition, *people) as hall:
        chair, *seats, scrutineer = people
        await continued(chair, scrutineer)
        for one in people:
            await calm(one)
            await one.until(lambda session: session.vigil.witness.trust.continued)
        backed_up(hall.folder, tmp_path / "later.db")
        await done(seats[1], ballot(40))
    swapped_in(folder, tmp_path / "later.db")
    seat = again(seats[1])
    async with hall_at(folder, definition, seat):
        await seat.until(lambda session: session.vigil.alarm)
        assert seat.ear.alarms[0].key == "witness.rolled_back"


async def test_only_the_officers_who_were_seen_can_declare_a_continuation(tmp_path: Path) -> None:
    """A lying clerk enrols another chair and another scrutineer on the older copy, and lets them sign."""
    definition = watched()
    folder = tmp_path / "meeting"
    folder.mkdir()
    _, seats, _ = await scored(folder, definition)
    await restored(folder, tmp_path / "backup.db")
    async with hall_at(folder, definition) as hall:
        chair = await hall.admit("M01", Role.CHAIR)
        scrutineer = await hall.admit("M02", Role.SCRUTINEER)
        await continued(chair, scrutineer)
    seat = again(seats[2])
    async with hall_at(folder, definition, seat):
        await seat.until(lambda session: session.vigil.alarm)
        assert seat.ear.alarms[0].key == "witness.continuation"
        await asyncio.sleep(0.5)
        assert not seat.session.vigil.witness.sure


async def restored(folder: Path, backup: Path) -> int:
    """Put the backup back as the clerk does; return its size."""
    return put_back(MeetingFolder(folder), backup, REASON).size


def exported(hall: Hall, out: Path) -> Report:
    """Export and verify."""
    reader = Reader(hall.recorder.ledger.store, hall.recorder.meeting.log_key)
    export_all(reader, out, Language.CHINESE, force=False)
    return verify_record(out / "record.zip")
