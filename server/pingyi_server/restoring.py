"""Put a backup in place of a meeting's database. The record is served again only to be continued lawfully."""

import os
from base64 import b64encode
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TypeAlias

from pingyi_protocol.keys.durable import sync_folder
from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.meeting.definition import TRIAL, Language
from pingyi_protocol.meeting.events import BallotCast, Event, MeetingClosed, SecretBallotCast
from pingyi_protocol.meeting.reasons import LONGEST_REASON, is_reason
from pingyi_protocol.record.entry import EntryError, decode_entry
from pingyi_protocol.text import catalogue
from pingyi_server.folder import FolderError, MeetingFolder
from pingyi_server.ledger.audit import Audit
from pingyi_server.ledger.backup import audit_backup, restore_into
from pingyi_server.ledger.ledger import StandingLedger
from pingyi_server.ledger.sql_store import SqlStore, sqlite_url
from pingyi_server.ledger.store import Restored, StoreError

DATABASE = "meeting.db"


@dataclass(frozen=True)
class Lost:
    """What the present database has and the copy lacks: how many entries, ballots among them, the meeting's close.

    Trial votes are no ballots. ``fault`` says why the present database cannot be read, where that is so.
    """

    entries: int = 0
    ballots: int = 0
    closed: bool = False
    fault: StoreError | None = None

    @property
    def key(self) -> str:
        """The end of the catalogue's keys that say it, "" for nothing."""
        if self.fault is not None:
            return "unreadable"
        return "" if not self.entries else "closed" if self.closed else "entries"

    @property
    def values(self) -> dict[str, object]:
        """The values of these texts."""
        return {"entries": self.entries, "ballots": self.ballots}

    def stated(self, reason: str, language: Language) -> str:
        """Return the reason with what is lost behind it, as chair and scrutineer read and sign it.

        FolderError when that is no reason, or too long for one.
        """
        said = catalogue("pingyi_server", language)(f"restore.with_{self.key}", **self.values) if self.key else ""
        if not is_reason(reason) or not is_reason(reason + said):
            raise FolderError("restore.reason_refused", most=LONGEST_REASON - len(said))
        return reason + said


Agree: TypeAlias = Callable[[Lost, Audit], None]


def agreed(_lost: Lost, _audit: Audit) -> None:
    """Put the copy in place whatever goes."""


@dataclass(frozen=True)
class PutBack:
    """What was put in place: ``size`` leaves under a head with this ``fingerprint``; ``aside`` holds what was there.

    ``reason`` is what chair and scrutineer are shown, which also says what is ``lost``.
    """

    size: int
    fingerprint: str
    aside: Path | None
    reason: str
    lost: Lost


def put_back(folder: MeetingFolder, backup: Path, reason: str, agree: Agree = agreed) -> PutBack:
    """Put the record in the file ``backup`` in place of the folder's database, which is kept beside it.

    ``agree`` hears what goes, and what an audit of the backup found beside its ledger, before anything is changed, and
    raises to leave it so. Another database than the folder's own must be empty. FolderBusyError while a server runs,
    FolderError when the backup does not hold, StoreError and OSError as the database and the disk give them; then
    nothing is changed.
    """
    with folder.held():
        clerk = folder.clerk_profile()
        if not backup.is_file():
            raise FolderError("restore.no_file", file=backup)
        found = audit_backup(backup, clerk.facts.log_key, clerk.facts.origin, clerk.head())
        if found.meeting.id not in {"", clerk.facts.meeting}:
            raise FolderError("restore.other_meeting", file=backup)
        if not found.holds:
            raise FolderError(
                "restore.other_version" if found.other_version else "restore.damaged", fault=found.findings[0]
            )
        if not found.size:
            raise FolderError("restore.empty", file=backup)
        own = folder.path / DATABASE
        embedded = folder.database == sqlite_url(own)
        lost = lost_by(own, backup) if embedded else Lost()
        definition = found.meeting.definition
        reason = lost.stated(reason, definition.meeting.language if definition else Language.CHINESE)
        agree(lost, found)
        if not embedded:
            return PutBack(*filled(folder, folder.database, backup, reason), None, reason, lost)
        part = folder.path / f".{DATABASE}.{os.getpid()}.part"
        try:
            done = filled(folder, sqlite_url(part), backup, reason)
            aside = set_aside(own)
            part.replace(own)
            sync_folder(folder.path)
        finally:
            for leftover in files_of(part):
                leftover.unlink(missing_ok=True)
        return PutBack(*done, aside, reason, lost)


def lost_by(present: Path, copy: Path) -> Lost:
    """Return what the database in the file ``present``, which is only read, has behind all that the copy has too."""
    if not present.exists():
        return Lost()
    try:
        with (
            closing(SqlStore(sqlite_url(present, read_only=True))) as held,
            closing(SqlStore(sqlite_url(copy, read_only=True))) as kept,
        ):
            pairs = zip_longest(held.leaves(), kept.leaves())
            common = next((place for place, (one, other) in enumerate(pairs) if one != other), kept.size())
            events = [event_of(body) for _, body in held.leaves(common)]
    except StoreError as fault:
        return Lost(fault=fault)
    ballots = sum(isinstance(one, BallotCast | SecretBallotCast) and one.item != TRIAL.id for one in events)
    return Lost(len(events), ballots, any(isinstance(one, MeetingClosed) for one in events))


def event_of(body: bytes) -> Event | None:
    """Return the event in a leaf, None where somebody's edit left none."""
    try:
        return decode_entry(body).event
    except EntryError:
        return None


def filled(folder: MeetingFolder, url: str, backup: Path, reason: str) -> tuple[int, str]:
    """Fill an empty database with the backup and mark it; return its size and fingerprint."""
    clerk = folder.clerk_profile()
    with closing(SqlStore(url)) as store:
        store.claim()
        restore_into(store, backup)
        ledger = StandingLedger(store, parse_public_key(clerk.facts.log_key), clerk.facts.origin)
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
