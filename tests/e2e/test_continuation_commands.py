"""``pingyi restore`` and ``pingyi scrutineer``, as clerk and scrutineer use them."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from textual.pilot import Pilot

from kit.chairs import Clock
from kit.hall import Memory, Terminal
from kit.processes import pingyi, server
from kit.restoring import REASON, again, backed_up, ballot, calm, done, hall_at, watched
from kit.screens import plain
from kit.waits import WAIT_SECONDS
from pingyi_protocol.command_line import Failure
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    CheckIn,
    CloseMeeting,
    CloseRound,
    DeclareContinuation,
    OpenRound,
    Score,
)
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.record.checkpoint import fingerprint, parse_note_body
from pingyi_protocol.text import catalogue
from pingyi_protocol.wording import WordedError
from pingyi_server.commands.restore import restore
from pingyi_server.folder import MeetingFolder
from pingyi_server.ledger.sql_store import SqlStore, sqlite_url
from pingyi_terminal.link import attach
from pingyi_terminal.scrutineer.app import SETTLE_SECONDS, ScrutineerApp


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    monkeypatch.setattr("pingyi_protocol.client.session.RESEND_SECONDS", 0.3)
    monkeypatch.setattr("pingyi_protocol.client.vigil.SPREAD_SECONDS", 0.0)
    monkeypatch.setattr("pingyi_protocol.client.vigil.ANSWER_SECONDS", 0.3)


LACKS = "（此副本少 1 条，其中表决票 1 张）"


def put_back(folder: Path, backup: Path, reason: str = REASON, answer: str | None = None) -> Result:
    """Run the command: with ``--yes``, or with this answer to its question."""
    yes = ["--yes"] if answer is None else []
    return CliRunner().invoke(restore, [str(folder), str(backup), "--reason", reason, *yes], input=answer)


async def until(pilot: Pilot[None], *texts: str) -> None:
    """Wait until all of these texts are on the screen."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not all(text in plain(pilot.app) for text in texts):
            await pilot.pause(0.02)


async def scored(folder: Path, definition: Definition) -> tuple[Terminal, Terminal]:
    """A meeting without a scrutineer's console: one ballot before the backup, its change after it."""
    folder.mkdir()  # noqa: ASYNC240 - nothing else runs yet
    async with hall_at(folder, definition) as hall:
        chair, seat = await hall.admit("M01", Role.CHAIR), await hall.admit("M02")
        other = await hall.admit("M03")
        await done(seat, CheckIn())
        await done(other, CheckIn())
        await done(chair, OpenRound("1", 1))
        await done(seat, ballot(80))
        await seat.until(lambda session: session.vigil.witness.trust.officers)
        backed_up(hall.folder, folder.parent / "backup.db")
        with hall.folder.held():
            refused = put_back(folder, folder.parent / "backup.db")
        assert isinstance(refused.exception, WordedError)
        assert refused.exception.key == "folder.busy"
        await done(seat, ballot(70))
    return chair, seat


async def test_the_clerk_puts_a_backup_back_and_a_scrutineer_countersigns(tmp_path: Path) -> None:
    definition, folder = watched(), tmp_path / "meeting"
    chair, seat = await scored(folder, definition)
    before = (folder / "meeting.db").stat().st_ino
    result = put_back(folder, tmp_path / "backup.db")
    assert result.exit_code == 0
    assert (folder / "meeting.db~1").stat().st_ino == before
    chair, seat = again(chair), again(seat)
    async with hall_at(folder, definition, chair, seat) as hall:
        head = parse_note_body((hall.recorder.ledger.note or "").partition("\n\n")[0] + "\n")
        assert fingerprint(head) in result.output
        keys, clock = generate_device_keys(), Clock()
        facts = await hall.enrolled("M02", Role.SCRUTINEER, keys)
        memory = Memory()
        app = ScrutineerApp(
            lambda running: attach(running, facts, keys, memory), facts.person, facts.origin, Language.ENGLISH, clock
        )
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, "waiting for the chair", REASON, LACKS, fingerprint(head), f"{head.size} entries")
            await pilot.press("enter")
            await chair.until(lambda session: session.picture)
            copy = chair.picture.watch.continuing
            assert copy is not None
            await done(chair, DeclareContinuation(copy.size, copy.root, copy.reason))
            await until(pilot, "countersign: go on from it")
            await pilot.press("enter")
            await until(pilot, "again to countersign")
            assert hall.recorder.meeting.continuing is not None
            clock.seconds += SETTLE_SECONDS
            await pilot.press("enter")
            await until(pilot, "Countersigned (entry", "Where the meeting stands", "nothing to sign now")
        for one in (chair, seat):
            await calm(one)
        [scores] = [one.ballots["M02"].answers for one in hall.recorder.meeting.rounds]
        assert scores == (Score("T01", "", Decimal(70)),)


async def test_a_copy_that_nobody_has_signed_is_said_by_every_command_that_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "meeting"
    await scored(folder, watched())
    size = MeetingFolder(folder).meeting().size
    waiting = catalogue("pingyi_server", Language.CHINESE)("restore.waiting", size=size - 1, reason=REASON + LACKS)
    commands = (("status",), ("audit",), ("export", "--force", "--out", tmp_path / "out"))
    assert not any(waiting in pingyi(name, folder, *options) for name, *options in commands)
    assert put_back(folder, tmp_path / "backup.db").exit_code == 0
    assert all(waiting in pingyi(name, folder, *options) for name, *options in commands)
    above = catalogue("pingyi_server", Language.CHINESE)("export.waiting")
    assert above in (tmp_path / "out" / "results.csv").read_text(encoding="utf-8-sig")
    with server(folder):
        assert waiting in pingyi("status", folder)
    assert waiting in (folder / "server.log").read_text(encoding="utf-8")


async def test_what_the_copy_lacks_is_said_and_asked_for_and_stands_in_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "meeting"
    await scored(folder, watched())
    refused = put_back(folder, tmp_path / "backup.db", answer="n\n")
    assert "(entries: 1, ballots among them: 1)" in refused.output
    assert refused.exit_code == 1
    assert "Nothing was changed." in refused.output
    assert not (folder / "meeting.db~1").exists()
    agreed = put_back(folder, tmp_path / "backup.db", answer="y\n")
    assert agreed.exit_code == 0
    assert REASON + LACKS in agreed.output
    # the clerk was there: put back once more, the copy lacks nothing of what it is held against
    assert "[y/N]" not in put_back(folder, tmp_path / "backup.db", answer="").output


async def test_a_copy_without_the_close_and_a_database_that_cannot_be_read_are_said_as_such(tmp_path: Path) -> None:
    folder = tmp_path / "meeting"
    definition = watched()
    chair, _ = await scored(folder, definition)
    chair = again(chair)
    async with hall_at(folder, definition, chair):
        await calm(chair)
        await done(chair, CloseRound("1", 1), AnnounceRound("1", 1), CloseMeeting())
    assert "AND THE CLOSE OF THE MEETING" in put_back(folder, tmp_path / "backup.db", answer="n\n").output
    (folder / "meeting.db").write_bytes(b"x" * 4096)
    for name in ("meeting.db-wal", "meeting.db-shm"):
        (folder / name).unlink(missing_ok=True)
    assert "The present database cannot be read" in put_back(folder, tmp_path / "backup.db", answer="n\n").output
    result = put_back(folder, tmp_path / "backup.db", answer="y\n")
    assert result.exit_code == 0
    assert REASON + "（原数据库无法读取）" in result.output


async def test_a_second_restore_keeps_both_earlier_databases(tmp_path: Path) -> None:
    folder = tmp_path / "meeting"
    await scored(folder, watched())
    for number in (1, 2):
        assert put_back(folder, tmp_path / "backup.db").exit_code == 0
        assert (folder / f"meeting.db~{number}").exists()
    assert sorted(one.name for one in folder.iterdir() if ".part" in one.name) == []


@pytest.mark.parametrize("fault", ["missing", "other", "other and empty", "cut", "reason"])
async def test_what_is_no_backup_of_this_meeting_is_not_put_in_place(tmp_path: Path, fault: str) -> None:
    folder, backup = tmp_path / "meeting", tmp_path / "backup.db"
    await scored(folder, watched())
    before = (folder / "meeting.db").read_bytes()
    key = {"other": "restore.other_meeting", "other and empty": "restore.empty"}.get(fault, "")
    match fault:
        case "other and empty":
            backup = tmp_path / "empty.db"
            SqlStore(sqlite_url(backup)).close()
        case "missing":
            backup.unlink()
        case "other":
            other = tmp_path / "other" / "meeting"
            other.parent.mkdir()
            await scored(other, watched())
            backup = other.parent / "backup.db"
        case "cut":
            backup.write_bytes(backup.read_bytes()[:3000])
    result = put_back(folder, backup, reason="\x1b[2J" if fault == "reason" else REASON)
    assert isinstance(result.exception, WordedError | Failure)
    assert key in {"", getattr(result.exception, "key", None)}
    assert (folder / "meeting.db").read_bytes() == before
    assert not (folder / "meeting.db~1").exists()
    assert MeetingFolder(folder).meeting().rounds
