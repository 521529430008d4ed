"""Where leaves live: SQLAlchemy Core on SQLite by default, another database by URL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, event, func, insert, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from pingyi_protocol.wording import WordedError
from pingyi_server.ledger.tables import CHECKPOINT, HEAD, LEAF, METADATA

CHUNK = 1000
"""Leaves read at a time."""


class StoreError(WordedError):
    """The database could not do what was asked; nothing of the batch is kept, or it is not known whether it is."""

    package = "pingyi_server"
    exit_code = 1


class HeadMovedError(StoreError):
    """Another writer has appended meanwhile; nothing of the batch is kept."""


class Store:
    """The leaves and checkpoints of one meeting in one database.

    Every method raises StoreError with what the database said.
    """

    def __init__(self, url: str) -> None:
        """Open the database at this SQLAlchemy URL, and make its tables where there are none."""
        with naming_faults():
            self.engine = open_engine(url)
            METADATA.create_all(self.engine)
            with self.engine.begin() as connection:
                if connection.execute(select(HEAD.c.size)).first() is None:
                    connection.execute(insert(HEAD).values(only=1, size=0))

    def size(self) -> int:
        """Return the number of leaves that the head names."""
        with naming_faults(), self.engine.connect() as connection:
            return int(connection.execute(select(HEAD.c.size)).scalar_one())

    def stored(self) -> int:
        """Return the number of leaves that are really there."""
        with naming_faults(), self.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(LEAF)).scalar_one())

    def note(self) -> str | None:
        """Return the signed head after the last batch, None for an empty store."""
        newest = select(CHECKPOINT.c.note).order_by(CHECKPOINT.c.size.desc()).limit(1)
        with naming_faults(), self.engine.connect() as connection:
            return connection.execute(newest).scalar_one_or_none()

    def notes(self) -> list[tuple[int, str]]:
        """Return every signed head with its size, rising."""
        with naming_faults(), self.engine.connect() as connection:
            rows = connection.execute(select(CHECKPOINT.c.size, CHECKPOINT.c.note).order_by(CHECKPOINT.c.size))
            return [(row.size, row.note) for row in rows]

    def leaf(self, index: int) -> bytes:
        """Return one leaf; StoreError if there is none."""
        with naming_faults(), self.engine.connect() as connection:
            body = connection.execute(select(LEAF.c.body).where(LEAF.c.index == index)).scalar_one_or_none()
        if body is None:
            raise StoreError("store.leaf_missing", index=index)
        return bytes(body)

    def leaves(self, first: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield (index, bytes) from leaf ``first`` on, in order."""
        after = first - 1
        while True:
            chunk = select(LEAF.c.index, LEAF.c.body).where(LEAF.c.index > after).order_by(LEAF.c.index).limit(CHUNK)
            with naming_faults(), self.engine.connect() as connection:
                rows = connection.execute(chunk).all()
            for row in rows:
                yield int(row[0]), bytes(row[1])
            if len(rows) < CHUNK:
                return
            after = int(rows[-1][0])

    def append(self, size: int, leaves: Sequence[bytes], note: str) -> None:
        """Append ``leaves`` to the ``size`` there are, with the signed head ``note`` after them, durably or not at all.

        HeadMovedError when there are not ``size`` leaves any more.
        """
        grown = size + len(leaves)
        advance = update(HEAD).where(HEAD.c.only == 1, HEAD.c.size == size).values(size=grown)
        rows = [{"index": size + place, "body": body} for place, body in enumerate(leaves)]
        with naming_faults(), self.engine.begin() as connection:
            if connection.execute(advance).rowcount != 1:
                raise HeadMovedError("store.head_moved", size=size)
            connection.execute(insert(LEAF), rows)
            connection.execute(insert(CHECKPOINT).values(size=grown, note=note))

    def close(self) -> None:
        """Give the database back."""
        self.engine.dispose()


def sqlite_url(path: Path) -> str:
    """Return the URL of an embedded database in this file."""
    return f"sqlite:///{path}"


def open_engine(url: str) -> Engine:
    """Return an engine for ``url``; an embedded database gets write-ahead logging and a flush for every commit."""
    engine = create_engine(make_url(url))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", make_durable)
    return engine


def make_durable(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    """Set what SQLite forgets between connections."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@contextmanager
def naming_faults() -> Iterator[None]:
    """Turn what the database or its driver raises into a StoreError."""
    try:
        yield
    except ArgumentError as fault:
        raise StoreError("store.url", fault=fault) from fault
    except (SQLAlchemyError, ImportError) as fault:
        raise StoreError("store.failed", fault=str(fault).splitlines()[0]) from fault
