"""A backup: one SQLite file with everything that cannot be made again, from whichever database the meeting is in."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import delete, func, insert, select

from pingyi_protocol.keys.durable import sync_folder
from pingyi_protocol.wording import WordedError
from pingyi_server.ledger.audit import Audit, audit
from pingyi_server.ledger.sql_store import CHUNK, SqlStore, sqlite_url
from pingyi_server.ledger.store import StoreError
from pingyi_server.ledger.tables import HEAD, LEAF, RECORD


class BackupError(WordedError):
    """No backup was written; the text says why."""

    package = "pingyi_server"
    exit_code = 1


class BackupExistsError(BackupError):
    """A file would be overwritten."""

    exit_code = 2


@dataclass(frozen=True)
class Backup:
    """A written backup: its size in bytes, and what an audit of it found, which is nothing against the ledger."""

    octets: int
    audit: Audit


def write_backup(store: SqlStore, out: Path, log_key: str, origin: str) -> Backup:
    """Copy one moment of ``store`` into the new file ``out`` while others write, and audit the copy.

    BackupExistsError when the file is there, BackupError when there is no entry, or with the first finding when the
    record does not hold, OSError and StoreError as the disk and the database give them. Then there is no file.
    """
    with new_file(out) as part:
        target = SqlStore(sqlite_url(part))
        try:
            copy_record(store, target)
        finally:
            target.close()
        make_single(part)
        found = audit_backup(part, log_key, origin)
        if not found.holds:
            raise BackupError(
                "backup.other_version" if found.other_version else "backup.damaged", fault=found.findings[0]
            )
        if not found.size:
            raise BackupError("backup.empty")
        octets = part.stat().st_size
    return Backup(octets, found)


def audit_backup(file: Path, log_key: str, origin: str, seen: str | None = None) -> Audit:
    """Return what an audit of a backup finds, with a head ``seen`` elsewhere; the file is only read."""
    copy = SqlStore(sqlite_url(file, read_only=True))
    try:
        return audit(copy, log_key, origin, seen=seen)
    finally:
        copy.close()


def restore_into(store: SqlStore, backup: Path) -> int:
    """Copy a backup into an empty store, whole or not at all, and return how many leaves it has.

    The caller has audited it and holds the claim. StoreError when the store is not empty.
    """
    copy = SqlStore(sqlite_url(backup, read_only=True))
    try:
        copy_record(copy, store)
    finally:
        copy.close()
    return store.size()


def copy_record(source: SqlStore, target: SqlStore) -> None:
    """Copy every table of the record, as it is at one moment, into an empty store in one transaction."""
    with source.snapshot() as still, still.reading() as reader, target.writing() as writer:
        if writer.execute(select(func.count()).select_from(LEAF)).scalar_one():
            raise StoreError("store.not_empty")
        writer.execute(delete(HEAD))
        for table in RECORD:
            for rows in reader.execute(select(table)).mappings().partitions(CHUNK):
                writer.execute(insert(table), [dict(row) for row in rows])


def make_single(file: Path) -> None:
    """Put a database that nobody has open into one file that can be read where nothing can be written."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def new_file(out: Path) -> Iterator[Path]:
    """Give a path to write to; once the block has ended without an error, ``out`` is that file, on the disk.

    BackupExistsError where ``out`` is there before or after. Before the end there is nothing of this name.
    """
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    if os.path.lexists(out):
        raise BackupExistsError("backup.exists", file=out)
    try:
        # the system says more clearly than SQLite why a place takes no file
        part.touch()
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        put_beside(part, out)
        sync_folder(out.parent)
    finally:
        for leftover in (part, *(part.with_name(f"{part.name}-{end}") for end in ("wal", "shm", "journal"))):
            leftover.unlink(missing_ok=True)


def put_beside(part: Path, out: Path) -> None:
    """Give the whole file its name; BackupExistsError where another one has it."""
    try:
        try:
            out.hardlink_to(part)
        except FileExistsError:
            raise
        except OSError:
            # a USB stick's file system has no links: the name is taken first, for a moment
            out.touch(exist_ok=False)
            part.replace(out)
    except FileExistsError as fault:
        raise BackupExistsError("backup.exists", file=out) from fault
