"""A store in a database, by SQLAlchemy Core: SQLite by default, PostgreSQL by URL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Integer, cast, delete, func, insert, select, text, update

from pingyi_server.ledger.claim import Claim, claim_of
from pingyi_server.ledger.database import for_writing, naming_faults, open_engine, refuse_linked, sqlite_file
from pingyi_server.ledger.revision import make_current
from pingyi_server.ledger.store import HeadMissingError, HeadMovedError, Restored, StoreError
from pingyi_server.ledger.tables import CHECKPOINT, COSIGNATURE, HEAD, LEAF, RESTORED
from pingyi_server.ledger.trial import try_writing

CHUNK = 1000
"""Leaves read at a time, at the most."""

FIRST_CHUNK = 32
"""Leaves read at first: who wants only a few does not wait for a thousand."""

FLUSHING = text("show fsync")
"""Asks a PostgreSQL whether a power cut leaves what it committed; a session cannot set it."""


class SqlStore:
    """A ``Store`` in the database at a SQLAlchemy URL."""

    def __init__(self, url: str) -> None:
        """Open the database, and make its tables where there are none; RevisionError when they are not ours."""
        self.held: Connection | None = None
        self.claimed: Claim | None = None
        with naming_faults():
            self.engine = open_engine(url)
            self.writer = for_writing(self.engine)
            try:
                self.refuse_unsafe(sqlite_file(url))
                make_current(self.engine)
            except BaseException:
                self.engine.dispose()
                raise

    def refuse_unsafe(self, file: Path | None) -> None:
        """Raise StoreError for a ``file`` with a second name, and a PostgreSQL that does not flush what it commits."""
        if file is not None:
            refuse_linked(file)
        if self.engine.dialect.name == "postgresql":
            with self.reading() as connection:
                if connection.execute(FLUSHING).scalar_one() != "on":
                    raise StoreError("store.no_fsync")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that reads."""
        if self.held is not None:
            yield self.held
            return
        with naming_faults(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are durable when this ends without an error, or else not made."""
        with naming_faults(), self.writer.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator["SqlStore"]:
        """Give a store to read from that stands still while others write."""
        with self.reading() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901 - the same one
            still = copy(self)
            still.held = connection
            with naming_faults():
                yield still

    def claim(self) -> None:
        """Have the database for writing."""
        with naming_faults():
            self.claimed = self.claimed or claim_of(self.engine)
            self.claimed.take()

    def size(self) -> int:
        """Return the number of leaves that the head names."""
        with self.reading() as connection:
            size = connection.execute(select(HEAD.c.size)).scalar_one_or_none()
        # SQLite keeps whatever somebody's edit wrote there
        if not isinstance(size, int):
            raise HeadMissingError("store.head_missing")
        return size

    def note(self) -> str | None:
        """Return the newest signed head."""
        newest = select(CHECKPOINT.c.note).order_by(CHECKPOINT.c.size.desc()).limit(1)
        with self.reading() as connection:
            return connection.execute(newest).scalar_one_or_none()

    def notes(self) -> list[tuple[int, str]]:
        """Return every signed head."""
        with self.reading() as connection:
            rows = connection.execute(select(CHECKPOINT.c.size, CHECKPOINT.c.note).order_by(CHECKPOINT.c.size))
            return [(row.size, row.note) for row in rows]

    def leaf(self, index: int) -> bytes:
        """Return one leaf."""
        with self.reading() as connection:
            body = connection.execute(select(LEAF.c.body).where(LEAF.c.index == index)).scalar_one_or_none()
        if body is None:
            raise StoreError("store.leaf_missing", index=index)
        return bytes(body)

    def leaves(self, first: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield the leaves from ``first`` on, a page at a time."""
        after, page = first - 1, FIRST_CHUNK
        while True:
            chunk = select(LEAF.c.index, LEAF.c.body).where(LEAF.c.index > after).order_by(LEAF.c.index).limit(page)
            with self.reading() as connection:
                rows = connection.execute(chunk).all()
            for row in rows:
                yield int(row[0]), bytes(row[1])
            if len(rows) < page:
                return
            after, page = int(rows[-1][0]), min(2 * page, CHUNK)

    def append(self, size: int, leaves: Sequence[bytes], note: str) -> None:
        """Append a batch in one transaction, which begins by moving the head on.

        StoreBusyError when what was claimed went to another process, as a PostgreSQL that ended our session allows.
        """
        if self.claimed is not None:
            self.claim()
        grown = size + len(leaves)
        advance = update(HEAD).where(HEAD.c.only == 1, HEAD.c.size == size).values(size=grown)
        rows = [{"index": size + place, "body": body} for place, body in enumerate(leaves)]
        with self.writing() as connection:
            if connection.execute(advance).rowcount != 1:
                there = connection.execute(select(HEAD.c.size)).first() is not None
                raise HeadMovedError("store.head_moved", size=size) if there else HeadMissingError("store.head_missing")
            connection.execute(insert(LEAF), rows)
            connection.execute(insert(CHECKPOINT).values(size=grown, note=note))

    def cosign(self, lines: Sequence[tuple[int, str, str]]) -> None:
        """Keep cosignatures; those that are there stay as they are."""
        key = (COSIGNATURE.c.size, COSIGNATURE.c.device)
        with self.writing() as connection:
            held = connection.execute(select(*key).where(key[0].in_({size for size, _, _ in lines})))
            there = {(size, device) for size, device in held}
            rows = [
                {"size": size, "device": device, "line": line}
                for size, device, line in lines
                if (size, device) not in there
            ]
            if rows:
                connection.execute(insert(COSIGNATURE), rows)

    def cosignatures(self) -> list[tuple[int, str, str]]:
        """Return every cosignature."""
        query = select(COSIGNATURE).order_by(COSIGNATURE.c.size, COSIGNATURE.c.device)
        with self.reading() as connection:
            return [(row.size, row.device, row.line) for row in connection.execute(query)]

    def newest_cosigned(self) -> tuple[int, int]:
        """Return the greatest cosigned head's size, and how many cosigned it."""
        # SQLite keeps whatever somebody's edit wrote there
        size = cast(COSIGNATURE.c.size, Integer)
        query = select(size, func.count()).group_by(size).order_by(size.desc()).limit(1)
        with self.reading() as connection:
            row = connection.execute(query).first()
        return (0, 0) if row is None else (row[0], row[1])

    def restored(self) -> Restored | None:
        """Return which copy was put in place."""
        with self.reading() as connection:
            row = connection.execute(select(RESTORED.c.size, RESTORED.c.root, RESTORED.c.reason)).first()
        return None if row is None else Restored(*row)

    def mark_restored(self, restored: Restored) -> None:
        """Note that a copy was put in place."""
        with self.writing() as connection:
            connection.execute(delete(RESTORED))
            connection.execute(insert(RESTORED).values(only=1, **restored._asdict()))

    def probe(self, octets: int = 0) -> None:
        """Try to write a batch."""
        if self.claimed is not None:
            self.claim()
        with naming_faults():
            try_writing(self.engine, octets)

    def close(self) -> None:
        """Give the database back."""
        if self.claimed is not None:
            self.claimed.release()
        self.engine.dispose()


def sqlite_url(path: Path, *, read_only: bool = False) -> str:
    """Return the URL of an embedded database in this file."""
    if not read_only:
        return f"sqlite:///{path}"
    # a file that is only read is named by a URI within the URL: each quotes what it would misread
    inner = URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})
    return inner.render_as_string()
