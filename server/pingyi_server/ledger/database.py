"""How a database is reached: durable on every commit, quick to give up, and its faults as StoreError."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from pingyi_server.ledger.store import StoreError

PATIENCE_MILLISECONDS = 2000
"""How long a statement waits for somebody else's lock: terminals take a server that is silent for longer as lost."""

POSTGRESQL = {
    # a connection whose other end is gone is given up in seconds, on either side
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,
    "application_name": "pingyi",
}
SESSION = {
    "synchronous_commit": "on",
    "lock_timeout": PATIENCE_MILLISECONDS,
    "tcp_keepalives_idle": 5,
    "tcp_keepalives_interval": 2,
    "tcp_keepalives_count": 3,
}
"""What a PostgreSQL session is told, whatever the server's configuration says."""

SIGNS = {
    "unable to open database file": "store.not_opened",
    "file is not a database": "store.not_a_database",
    "database disk image is malformed": "store.not_a_database",
    "readonly database": "store.not_opened",
    "Could not decode to UTF-8": "store.no_text",
    "no such table": "store.changed",
    "no such column": "store.changed",
    "has no column named": "store.changed",
    "UndefinedTable": "store.changed",
    "UndefinedColumn": "store.changed",
    "database or disk is full": "store.full",
    "database is locked": "store.locked",
    "disk I/O error": "store.disk",
}
"""What SQLite, or the driver of PostgreSQL, says of a fault that a person can mend, and the key of what to do."""


def open_engine(url: str) -> Engine:
    """Return an engine for ``url``; every commit through it is flushed to the disk before it returns."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        given = parsed.query.get("options", "")
        options = " ".join([str(given), *(f"-c {name}={value}" for name, value in SESSION.items())])
        return create_engine(parsed, connect_args=POSTGRESQL | {"options": options.strip()})
    engine = create_engine(parsed)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", make_readable if read_only(parsed) else make_durable)
        event.listen(engine, "begin", begin)
    return engine


def sqlite_file(url: str) -> Path | None:
    """Return the file of an embedded database, None for another URL, one in memory or one with options of its own."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    named = parsed.database if parsed.get_backend_name() == "sqlite" and not parsed.query else None
    return Path(named) if named and named != ":memory:" else None


def refuse_linked(file: Path) -> None:
    """Raise StoreError for a database file with a second name.

    SQLite finds log and locks by the name: whoever came by another one would know nothing of them.
    """
    if file.exists() and file.stat().st_nlink > 1:
        raise StoreError("store.linked", file=file)


def read_only(url: URL) -> bool:
    """Whether an SQLite URL asks for a file that is not to be written."""
    return url.query.get("mode") == "ro"


def make_durable(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    """Set what SQLite forgets between connections."""
    make_readable(connection, record)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def make_readable(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Let transactions begin where SQLAlchemy begins them, so that reads are of one moment and tables made at once."""
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MILLISECONDS}")
    cursor.close()


def begin(connection: Connection) -> None:
    """Begin a transaction on SQLite; one that will write waits for its turn before it reads."""
    how = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    if how is not None:
        connection.exec_driver_sql(f"BEGIN {how}")


def for_writing(engine: Engine) -> Engine:
    """Return the engine whose transactions write."""
    return engine.execution_options(sqlite_begin="IMMEDIATE")


def without_transaction(engine: Engine) -> Engine:
    """Return the engine for what SQLite does outside of transactions only."""
    return engine.execution_options(sqlite_begin=None)


@contextmanager
def naming_faults() -> Iterator[None]:
    """Turn what the database or its driver raises into a StoreError."""
    try:
        yield
    except NoSuchModuleError as fault:
        raise StoreError("store.unknown_kind") from fault
    except ArgumentError as fault:
        raise StoreError("store.url", fault=fault) from fault
    except ImportError as fault:
        raise StoreError("store.no_driver", module=fault.name) from fault
    except SQLAlchemyError as fault:
        first_line = str(fault).splitlines()[0]
        key = next((key for sign, key in SIGNS.items() if sign in first_line), "store.failed")
        raise StoreError(key, fault=first_line) from fault
