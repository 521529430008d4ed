"""The chair closes the meeting: the final head is what hall, witnesses, exports and a restart all hold to."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from kit.exports import text_of
from kit.hall import Hall
from kit.restoring import again, backed_up, ballot, calm, done, hall_at, staffed, watched
from pingyi_protocol.meeting.commands import CheckIn, CloseMeeting, CloseRound, CountersignVoid, OpenRound, VoidRound
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.verify import verify_record
from pingyi_server.commands.export import export
from pingyi_server.exports.files import NAMES, RECORD, export_all
from pingyi_server.exports.formats import GROUPS, SLIPS
from pingyi_server.exports.view import Reader
from pingyi_server.folder import MeetingFolder
from pingyi_server.restoring import put_back


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    monkeypatch.setattr("pingyi_protocol.client.vigil.SPREAD_SECONDS", 0.2)
    monkeypatch.setattr("pingyi_protocol.client.vigil.ANSWER_SECONDS", 0.3)


async def cosigned(hall: Hall, count: int) -> None:
    """Wait until so many terminals have cosigned the head over all there is."""
    size = hall.recorder.meeting.size
    for _ in range(200):
        if sum(one[0] == size for one in hall.recorder.ledger.store.cosignatures()) >= count:
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(hall.recorder.ledger.store.cosignatures())


@pytest.mark.fonts
async def test_the_final_fingerprint_is_one_and_the_same_whatever_the_items_came_to(tmp_path: Path) -> None:
    async with hall_at(tmp_path, watched()) as hall:
        chair, seats, scrutineer = await staffed(hall)
        await done(chair, OpenRound("1"))
        await done(seats[0], ballot(90))
        assert await chair.session.ask(CloseMeeting()) == Refusal(Reason.ROUND_OPEN, {"item": "1"})
        await done(chair, CloseRound("1", 1), VoidRound("1", 1, "计票有误"))
        assert await chair.session.ask(CloseMeeting()) == Refusal(Reason.VOID_WAITS, {"item": "1"})
        await done(scrutineer, CountersignVoid("1", 1, "计票有误"))
        await done(chair, CloseMeeting())
        await seats[0].until(lambda session: session.picture and session.picture.closed)
        final = seats[0].picture.head.fingerprint
        await cosigned(hall, 2 + len(seats))
        # nothing moves it away
        assert await seats[0].session.ask(CheckIn()) == Refusal(Reason.MEETING_CLOSED)
        assert await chair.session.ask(OpenRound("2")) == Refusal(Reason.MEETING_CLOSED)
        assert scrutineer.picture.head.fingerprint == final == hall.recorder.ledger.fingerprint
        reader = Reader(hall.recorder.ledger.store, hall.recorder.meeting.log_key)
        export_all(reader, tmp_path / "out", Language.CHINESE, force=False)
    tables = {path.name for path in (tmp_path / "out").iterdir()} - {RECORD}
    assert tables | {RECORD, GROUPS, SLIPS} == set(NAMES)
    for name in tables:
        text = text_of(tmp_path / "out" / name)
        # where a page was broken into lines says nothing
        assert final in "".join(text.split()), f"{name}: {text}"
    report = verify_record(tmp_path / "out" / RECORD)
    assert report.valid
    assert report.facts is not None
    assert report.facts.fingerprint == final
    assert report.facts.meeting.closed == report.facts.size - 1
    assert report.facts.final == (len(seats), len(seats), 2 + len(seats))


async def test_a_restart_keeps_the_final_head_and_its_picture(tmp_path: Path) -> None:
    definition = watched()
    async with hall_at(tmp_path, definition) as hall:
        chair, seats, _ = await staffed(hall)
        hall.tasks[-1].cancel()
        await done(chair, CloseMeeting())
        final = hall.recorder.ledger.fingerprint
        await cosigned(hall, 1 + len(seats))
    back = again(seats[-1])
    async with hall_at(tmp_path, definition, back) as hall:
        await back.until(lambda session: session.picture and session.picture.closed)
        assert (back.picture.head.fingerprint, hall.recorder.ledger.fingerprint) == (final, final)
        # who was away when the meeting was closed cosigns its end now
        await cosigned(hall, 2 + len(seats))


async def test_a_backup_of_a_closed_meeting_has_lost_nothing_and_waits_for_nobody(tmp_path: Path) -> None:
    definition = watched()
    folder = tmp_path / "meeting"
    folder.mkdir()
    async with hall_at(folder, definition) as hall:
        chair, seats, _ = await staffed(hall)
        await done(chair, CloseMeeting())
        final = hall.recorder.ledger.fingerprint
        backed_up(hall.folder, tmp_path / "backup.db")
    put_back(MeetingFolder(folder), tmp_path / "backup.db", "磁盘损坏")
    back = again(seats[0])
    async with hall_at(folder, definition, back) as hall:
        await calm(back)
        assert back.picture.watch.continuing is None
        assert back.picture.head.fingerprint == final
        assert back.ear.alarms == []


@pytest.mark.parametrize("closed", [False, True])
async def test_export_says_whether_its_fingerprint_is_the_final_one(tmp_path: Path, closed: bool) -> None:
    (tmp_path / "meeting").mkdir()
    async with hall_at(tmp_path / "meeting", watched()) as hall:
        chair, _, _ = await staffed(hall)
        if closed:
            await done(chair, CloseMeeting())
        final, folder = hall.recorder.ledger.fingerprint, str(hall.folder.path)
    said = CliRunner().invoke(export, [folder, "--out", str(tmp_path / "out")], env={"PINGYI_LANGUAGE": "zh"})
    assert said.exit_code == 0, said.output
    assert final in said.output
    assert ("not the final fingerprint" in said.output or "不是最终指纹" in said.output) is not closed
