"""Who may write: one process a database, whichever folder or URL it came by. A killed holder lets go."""

from contextlib import suppress
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from pingyi_server.ledger.database import refuse_linked
from pingyi_server.ledger.store import StoreBusyError, StoreError

SCOPE = int.from_bytes(b"PY")
"""Keeps our advisory locks apart from those of other programs in the same database."""

KEY = {"scope": SCOPE}
GRACE_MILLISECONDS = 500
"""How long PostgreSQL may take to notice that the holder was killed."""

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code for a lock that was waited for in vain."""


class Claim(Protocol):
    """The right to write to one database."""

    def take(self) -> None:
        """Take it, or make sure that it is still held; StoreBusyError when another process has it."""

    def release(self) -> None:
        """Let another process take it."""


class FileClaim:
    """An operating system's lock on a file beside an SQLite database."""

    def __init__(self, engine: Engine) -> None:
        """Find the file that the database really is, past relative paths and links."""
        with engine.connect() as connection:
            path = str(connection.exec_driver_sql("PRAGMA database_list").all()[0][2])
        if not path:
            raise StoreError("store.in_memory")
        self.path = path
        # any thread of this process may ask whether it is held
        self.lock = FileLock(f"{path}.lock", thread_local=False)

    def take(self) -> None:
        """Take the lock without waiting; StoreError for a file that has a second name (hard link)."""
        if self.lock.is_locked:
            return
        refuse_linked(Path(self.path))
        try:
            self.lock.acquire(timeout=0)
        except Timeout as fault:
            raise StoreBusyError("store.busy", database=self.path) from fault

    def release(self) -> None:
        """Release the lock."""
        self.lock.release()


class SessionClaim:
    """An advisory lock of a PostgreSQL session, on the very table that holds the head of the ledger."""

    def __init__(self, engine: Engine) -> None:
        """Name the database; nothing is locked yet."""
        self.engine = engine
        self.session: Connection | None = None

    def take(self) -> None:
        """Lock in a session of its own; one that the database has ended is replaced."""
        if self.session is not None and self.alive(self.session):
            return
        self.release()
        session = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        # never back into the pool: a lock ends with its session
        session.detach()
        try:
            session.execute(text(f"set lock_timeout = {GRACE_MILLISECONDS}"))
            session.execute(text("select pg_advisory_lock((:scope << 32) | 'head'::regclass::oid::bigint)"), KEY)
        except DBAPIError as fault:
            session.close()
            if getattr(fault.orig, "sqlstate", "") != LOCK_NOT_AVAILABLE:
                raise
            database = self.engine.url.render_as_string(hide_password=True)
            raise StoreBusyError("store.busy", database=database) from fault
        self.session = session

    def alive(self, session: Connection) -> bool:
        """Whether the session still answers; if it does, it holds its lock."""
        try:
            session.execute(text("select 1"))
        except DBAPIError:
            return False
        return True

    def release(self) -> None:
        """End the session."""
        session, self.session = self.session, None
        if session is not None:
            with suppress(SQLAlchemyError):  # a session that the database has ended holds nothing
                session.execute(text("select pg_advisory_unlock_all()"))
            session.close()


def claim_of(engine: Engine) -> Claim:
    """Return the claim on this database, not taken yet."""
    return FileClaim(engine) if engine.dialect.name == "sqlite" else SessionClaim(engine)
