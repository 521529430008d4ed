"""The meeting's database: reachable, of this version, durable, writable, and sound up to its head."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import text

from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.wording import WordedError
from pingyi_server.doctor.finding import Area, Finding, good, mend
from pingyi_server.folder import MeetingFolder
from pingyi_server.ledger.audit import Audit, audit
from pingyi_server.ledger.database import naming_faults, open_engine, sqlite_file
from pingyi_server.ledger.revision import NEWEST, revision_of
from pingyi_server.untouched import untouched

WAL = b"\x02\x02"
"""What stands at place 18 of an SQLite file that keeps a write-ahead log (sqlite.org/fileformat2.html)."""

WAL_PLACE = 18
STANDBY = text("select pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean")


class Record(NamedTuple):
    """What is on a meeting's record, as far as it can be read, and what is to be said of it.

    ``newest`` is the time of its last entry, the server's label (ISO 8601 UTC); "" where there is none that counts.
    """

    definition: Definition | None = None
    newest: str = ""
    findings: tuple[Finding, ...] = ()


def read_database(folder: MeetingFolder) -> Record:
    """Read a begun meeting's record from its first entry to its head."""
    file = sqlite_file(folder.database)
    try:
        folder.require_database()
        wrong = tuple(file_findings(file) if file else server_findings(folder.database))
        if wrong:
            return Record(findings=wrong)
        facts, seen = folder.clerk_profile().facts, folder.clerk_profile().head()
        with closing(untouched(folder).open_store()) as store:
            found = audit(store, facts.log_key, facts.origin, tables=False, seen=seen)
            newest = decode_entry(store.leaf(found.size - 1)).time if found.size and found.holds else ""
    except WordedError as fault:
        return Record(findings=(mend(Area.DATABASE, "doctor.fault", fault=fault),))
    return Record(found.meeting.definition, newest, (audit_finding(found, folder),))


def audit_finding(found: Audit, folder: MeetingFolder) -> Finding:
    """Say what following the whole record found."""
    if not found.holds:
        return mend(Area.DATABASE, "doctor.database_unsound", fault=found.findings[0], folder=folder.typed)
    if not found.sound:
        return mend(Area.DATABASE, "doctor.database_doubt", fault=found.findings[0], folder=folder.typed)
    return good(Area.DATABASE, "doctor.database", size=found.size, fingerprint=found.fingerprint, revision=NEWEST)


def file_findings(file: Path) -> Iterator[Finding]:
    """Yield what is wrong with an SQLite file before it is opened."""
    for path in (file, file.parent):
        if not os.access(path, os.W_OK):
            yield mend(Area.DATABASE, "doctor.database_unwritable", file=path)
    with file.open("rb") as source:
        header = source.read(WAL_PLACE + len(WAL))
    if header[WAL_PLACE:] != WAL:
        yield mend(Area.DATABASE, "doctor.database_no_log", file=file)


def server_findings(url: str) -> Iterator[Finding]:
    """Yield what is wrong with a database of another server, before anything could be made in it; StoreError."""
    with naming_faults():
        engine = open_engine(url)
        try:
            with engine.connect() as connection:
                if revision_of(connection) is None:
                    yield mend(Area.DATABASE, "doctor.database_empty")
                elif engine.dialect.name == "postgresql" and connection.execute(STANDBY).scalar_one():
                    yield mend(Area.DATABASE, "doctor.database_standby")
        finally:
            engine.dispose()
