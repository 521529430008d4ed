"""Put a backup in place of a meeting's database. The record is served again only to be continued lawfully."""

import os
from base64 import b64encode
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pingyi_protocol.keys.durable import sync_folder
from pingyi_protocol.keys.signing import SigningKey
from pingyi_server.folder import FolderError, MeetingFolder
from pingyi_server.ledger.audit import Audit
from pingyi_server.ledger.backup import audit_backup, restore_into
from pingyi_server.ledger.ledger import Ledger
from pingyi_server.ledger.sql_store import SqlStore, sqlite_url
from pingyi_server.ledger.store import Restored

DATABASE = "meeting.db"


@dataclass(frozen=True)
class PutBack:
    """What was put in place: ``size`` leaves under a head with this ``fingerprint``; ``aside`` holds what was there.

    ``audit`` of the backup found nothing against the ledger.
    """

    size: int
    fingerprint: str
    aside: Path | None
    audit: Audit


def put_back(folder: MeetingFolder, backup: Path, reason: str) -> PutBack:
    """Put the record in the file ``backup`` in place of the folder's database, which is kept beside it.

    Another database than the folder's own must be empty. FolderBusyError while a server runs, FolderError when the
    backup does not hold, StoreError and OSError as the database and the disk give them; then nothing is changed.
    """
    with folder.held():
        facts = folder.clerk_profile().facts
        if not backup.is_file():
            raise FolderError("restore.no_file", file=backup)
        found = audit_backup(backup, facts.log_key, facts.origin)
        if not found.holds:
            raise FolderError("restore.damaged", fault=found.findings[0])
        own = folder.path / DATABASE
        if folder.database != sqlite_url(own):
            return PutBack(*filled(folder, folder.database, backup, reason), None, found)
        part = folder.path / f".{DATABASE}.{os.getpid()}.part"
        try:
            done = filled(folder, sqlite_url(part), backup, reason)
            aside = set_aside(own)
            part.replace(own)
            sync_folder(folder.path)
        finally:
            for leftover in files_of(part):
                leftover.unlink(missing_ok=True)
        return PutBack(*done, aside, found)


def filled(folder: MeetingFolder, url: str, backup: Path, reason: str) -> tuple[int, str]:
    """Fill an empty database with the backup and mark it; return its size and fingerprint."""
    clerk = folder.clerk_profile()
    with closing(SqlStore(url)) as store:
        store.claim()
        restore_into(store, backup)
        ledger = Ledger(store, SigningKey(folder.server_keys().signing_seed), clerk.facts.origin)
        store.mark_restored(Restored(ledger.log.size, b64encode(ledger.log.root()).decode(), reason))
    # the clerk knows what was done, and is not to be alarmed by it; everybody else is, until others have signed
    if ledger.note is not None:
        clerk.remember_head(ledger.note)
    return ledger.log.size, ledger.fingerprint


def set_aside(database: Path) -> Path | None:
    """Rename a database with all its files and return the new name, None where there was none."""
    if not any(file.exists() for file in files_of(database)[:-1]):
        return None
    number = 1
    while (aside := database.with_name(f"{database.name}~{number}")).exists():
        number += 1
    for file, kept in zip(files_of(database), files_of(aside), strict=True):
        if file.exists():
            file.replace(kept)
    return aside


def files_of(database: Path) -> list[Path]:
    """Return the files of an embedded database; the last is the lock of whoever has it for writing."""
    return [database.with_name(f"{database.name}{end}") for end in ("", "-wal", "-shm", ".lock")]
