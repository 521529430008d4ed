"""A backup is one checked file, whichever database it comes from, and it goes back whole or not at all."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from kit.factories import small_definition
from kit.faults import When, broken
from kit.ledgers import LOG_KEY, submission, submissions
from kit.playbook import ORIGIN, Playbook, full_house
from kit.processes import pingyi
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.recorder import Recorder
from pingyi_server.ledger import backup
from pingyi_server.ledger.audit import Audit
from pingyi_server.ledger.backup import (
    BackupError,
    BackupExistsError,
    audit_backup,
    copy_record,
    restore_into,
    write_backup,
)
from pingyi_server.ledger.ledger import Ledger
from pingyi_server.ledger.sql_store import SqlStore, sqlite_url
from pingyi_server.ledger.store import StoreError
from pingyi_server.ledger.tables import LEAF, METADATA, PROJECTION, QUERIED, RECORD

KEY = public_text(LOG_KEY)


@pytest.fixture
def book() -> Playbook:
    return full_house(small_definition(members=4)).open("1").cast("M01", 90)


@pytest.fixture
async def recorder(database_url: str, book: Playbook) -> AsyncIterator[Recorder]:
    """A meeting under way."""
    recorder = Recorder(Ledger(SqlStore(database_url), LOG_KEY, ORIGIN), MeetingClock(0))
    await recorder.record(submissions(book))
    yield recorder
    recorder.close()


def store_of(recorder: Recorder) -> SqlStore:
    assert isinstance(recorder.ledger.store, SqlStore)
    return recorder.ledger.store


def unable(_self: Path, _target: Path) -> None:
    """A file system without links, as on a USB stick."""
    raise PermissionError(1, "Operation not permitted")


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_backup_holds_the_record_and_is_one_file(recorder: Recorder, tmp_path: Path) -> None:
    out = tmp_path / "usb stick 100%" / "备份.pingyi"
    out.parent.mkdir()
    written = write_backup(store_of(recorder), out, KEY, ORIGIN)
    assert written.audit.fingerprint == recorder.ledger.fingerprint
    assert (written.audit.size, written.octets) == (recorder.meeting.size, out.stat().st_size)
    assert files_in(out.parent) == [out.name]
    out.chmod(0o444)
    assert audit_backup(out, KEY, ORIGIN).meeting == recorder.meeting
    assert files_in(out.parent) == [out.name]


async def test_a_backup_is_of_one_moment_while_the_meeting_goes_on(
    recorder: Recorder, book: Playbook, tmp_path: Path
) -> None:
    members = [Principal(f"M0{place}", Role.MEMBER) for place in (2, 3, 4)]

    async def voting() -> None:
        for _ in range(15):
            for member in members:
                [answer] = await recorder.record([submission(book, member, book.ballot(80))])
                assert isinstance(answer, Receipt)

    def backing_up() -> list[int]:
        return [
            write_backup(store_of(recorder), tmp_path / f"{place}.pingyi", KEY, ORIGIN).audit.size for place in range(4)
        ]

    _, sizes = await asyncio.gather(voting(), asyncio.to_thread(backing_up))
    assert sizes == sorted(sizes)
    assert len(book.entries) <= sizes[0] < recorder.meeting.size


async def test_what_was_backed_up_can_be_gone_on_with(recorder: Recorder, book: Playbook, tmp_path: Path) -> None:
    write_backup(store_of(recorder), tmp_path / "copy", KEY, ORIGIN)
    with closing(SqlStore(sqlite_url(tmp_path / "new.db"))) as store:
        assert restore_into(store, tmp_path / "copy") == recorder.meeting.size
        assert (list(store.leaves()), store.notes()) == (list(store_of(recorder).leaves()), store_of(recorder).notes())
        again = Recorder(Ledger(store, LOG_KEY, ORIGIN), MeetingClock(recorder.meeting.at))
        assert again.meeting == recorder.meeting
        [answer] = await again.record([submission(book, Principal("M02", Role.MEMBER), book.ballot(70))])
        assert isinstance(answer, Receipt)
        again.close()


@pytest.mark.postgresql
async def test_a_backup_goes_back_into_postgresql(recorder: Recorder, postgresql_url: str, tmp_path: Path) -> None:
    write_backup(store_of(recorder), tmp_path / "copy", KEY, ORIGIN)
    database = f"{postgresql_url}_restored"
    with closing(SqlStore(postgresql_url)) as one, one.writing() as connection:
        connection.execute(text(f"create schema {database.rpartition('%3D')[2]}"))
    with closing(SqlStore(database)) as store:
        restore_into(store, tmp_path / "copy")
        assert Ledger(store, LOG_KEY, ORIGIN).meeting == recorder.meeting


async def test_only_an_empty_store_takes_a_backup(recorder: Recorder, tmp_path: Path) -> None:
    write_backup(store_of(recorder), tmp_path / "copy", KEY, ORIGIN)
    with pytest.raises(StoreError, match="not empty"):
        restore_into(store_of(recorder), tmp_path / "copy")


@pytest.mark.parametrize("when", When)
async def test_whatever_step_of_restoring_fails_nothing_or_all_is_there(
    recorder: Recorder, tmp_path: Path, when: When
) -> None:
    """A broken restore can be repeated, or has been done."""
    write_backup(store_of(recorder), tmp_path / "copy", KEY, ORIGIN)
    for step in range(20):
        with closing(SqlStore(sqlite_url(tmp_path / f"{step}.db"))) as store:
            with broken(store, step, when) as fault:
                try:
                    restore_into(store, tmp_path / "copy")
                except StoreError:
                    assert fault.struck
            if not store.size():
                restore_into(store, tmp_path / "copy")
            assert Ledger(store, LOG_KEY, ORIGIN).meeting == recorder.meeting
        if not fault.struck:
            assert step > len(RECORD)
            return
    raise AssertionError("restoring never ends")


async def test_before_the_end_there_is_no_file_of_that_name(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is killed before leaves nothing that looks like a backup."""
    out = tmp_path / "stick" / "copy"
    out.parent.mkdir()
    seen: list[bool] = []
    check = backup.audit_backup

    def looking(file: Path, log_key: str, origin: str) -> Audit:
        seen.append(out.exists())
        return check(file, log_key, origin)

    monkeypatch.setattr(backup, "audit_backup", looking)
    write_backup(store_of(recorder), out, KEY, ORIGIN)
    assert (seen, files_in(out.parent)) == ([False], ["copy"])


async def test_a_stick_without_links_takes_a_backup_and_loses_none(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "hardlink_to", unable)
    out = tmp_path / "copy"
    write_backup(store_of(recorder), out, KEY, ORIGIN)
    assert audit_backup(out, KEY, ORIGIN).size == recorder.meeting.size
    with pytest.raises(BackupExistsError):
        backup.put_beside(tmp_path / "another", out)


@pytest.mark.parametrize("links", [True, False])
async def test_of_two_who_write_the_same_file_one_is_refused(
    recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    out = tmp_path / "copy"
    check = backup.audit_backup

    def overtaken(file: Path, log_key: str, origin: str) -> Audit:
        out.write_text("the other's")
        return check(file, log_key, origin)

    monkeypatch.setattr(backup, "audit_backup", overtaken)
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", unable)
    with pytest.raises(BackupExistsError):
        write_backup(store_of(recorder), out, KEY, ORIGIN)
    assert out.read_text() == "the other's"
    assert not [name for name in files_in(tmp_path) if "part" in name]


async def test_an_empty_database_is_not_backed_up(database_url: str, tmp_path: Path) -> None:
    with closing(SqlStore(database_url)) as store, pytest.raises(BackupError, match="no entry"):
        write_backup(store, tmp_path / "copy", KEY, ORIGIN)
    assert not [name for name in files_in(tmp_path) if "copy" in name]


def test_a_file_that_is_empty_or_of_another_program_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with closing(sqlite3.connect(tmp_path / "other")) as other:
        other.execute("create table guest (name text)")
    for name in ("empty", "other"):
        with pytest.raises(StoreError, match="is no backup"):
            audit_backup(tmp_path / name, KEY, ORIGIN)


async def test_no_file_is_overwritten(recorder: Recorder, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("minutes")
    with pytest.raises(BackupExistsError, match="left alone"):
        write_backup(store_of(recorder), tmp_path / "there", KEY, ORIGIN)
    assert (tmp_path / "there").read_text() == "minutes"


async def test_a_record_that_does_not_hold_is_not_backed_up(recorder: Recorder, tmp_path: Path) -> None:
    with store_of(recorder).writing() as connection:
        connection.execute(update(LEAF).where(LEAF.c.index == 3).values(body=b"x"))
    with pytest.raises(BackupError, match="Entry 3"):
        write_backup(store_of(recorder), tmp_path / "copy", KEY, ORIGIN)
    assert not [name for name in files_in(tmp_path) if "copy" in name]


async def test_a_full_disk_leaves_nothing_behind(recorder: Recorder, tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
    try:
        with pytest.raises(StoreError):
            write_backup(store_of(recorder), tmp_path / "copy", KEY, ORIGIN)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not [name for name in files_in(tmp_path) if "copy" in name]


@pytest.mark.parametrize("kept", [0, 100, 4096, 10_000, 60_000])
async def test_a_backup_that_was_cut_short_or_changed_is_not_believed(
    recorder: Recorder, tmp_path: Path, kept: int
) -> None:
    copy = tmp_path / "copy"
    write_backup(store_of(recorder), copy, KEY, ORIGIN)
    copy.write_bytes(copy.read_bytes()[:kept])
    with pytest.raises(StoreError):
        audit_backup(copy, KEY, ORIGIN)


async def test_a_changed_backup_is_named(recorder: Recorder, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    write_backup(store_of(recorder), copy, KEY, ORIGIN)
    content = copy.read_bytes()
    assert b'"score":"90"' in content
    copy.write_bytes(content.replace(b'"score":"90"', b'"score":"91"'))
    assert any("was changed" in str(one) for one in audit_backup(copy, KEY, ORIGIN).findings)


def test_everything_is_either_backed_up_or_made_again() -> None:
    assert {*RECORD, *QUERIED, PROJECTION} == set(METADATA.tables.values())
    assert not {*RECORD} & {*QUERIED, PROJECTION}


async def test_tables_that_people_query_are_not_in_a_backup(recorder: Recorder, tmp_path: Path) -> None:
    with closing(SqlStore(sqlite_url(tmp_path / "copy"))) as store:
        copy_record(store_of(recorder), store)
        with store.reading() as connection:
            assert all(connection.execute(select(table)).first() is None for table in (*QUERIED, PROJECTION))


def test_the_command_writes_a_backup_and_says_what_is_in_it(tmp_path: Path) -> None:
    pingyi("new", tmp_path / "meeting", "--sample")
    pingyi("load", tmp_path / "meeting")
    said = pingyi("backup", tmp_path / "meeting", "--out", tmp_path / "copy")
    head = pingyi("status", tmp_path / "meeting").split()[-1]
    assert head in said
    assert str((tmp_path / "copy").stat().st_size) in said
    assert str(tmp_path / "copy") in pingyi("backup", tmp_path / "meeting", "--out", tmp_path / "copy", code=2)
    assert "gone" in pingyi("backup", tmp_path / "meeting", "--out", tmp_path / "gone" / "copy", code=2)
