"""Which form a database has: new ones are made in the newest, others are brought there by ``upgrade`` alone."""

from pathlib import Path

from sqlalchemy import Column, Connection, Engine, MetaData, String, Table, insert, inspect, select, text

from pingyi_protocol.record.entry import OtherVersionError, foreign
from pingyi_server.ledger.claim import SCOPE, claim_of
from pingyi_server.ledger.database import for_writing, naming_faults, open_engine, read_only
from pingyi_server.ledger.store import StoreError
from pingyi_server.ledger.tables import HEAD, LEAF, METADATA

MIGRATIONS = Path(__file__).parent / "migrations"

REVISIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
"""Every revision of the tables in ``migrations/versions``, the oldest first."""

NEWEST = REVISIONS[-1]

VERSION = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Alembic's own note of the revision."""


class RevisionError(StoreError):
    """The database has the form of another version of this program."""


def make_current(engine: Engine) -> None:
    """Make the tables of a new database; RevisionError when it has other ones than ours.

    StoreError for a file that is only to be read, and in which there are none.
    """
    with engine.connect() as connection:
        found = revision_of(connection)
    if found is None and read_only(engine.url):
        raise StoreError("store.no_record")
    if found is None:
        with for_writing(engine).begin() as connection:
            wait_for_turn(connection)
            found = revision_of(connection) or create(connection)
    if found != NEWEST:
        raise RevisionError("store.older" if found in REVISIONS else "store.newer", found=found, newest=NEWEST)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a database, None for one without any tables of ours."""
    tables = inspect(connection).get_table_names()
    if VERSION.name in tables:
        return connection.execute(select(VERSION.c.version_num)).scalar_one_or_none()
    # the first databases did not say what they are
    return REVISIONS[0] if LEAF.name in tables else None


def create(connection: Connection) -> str:
    """Make the tables of an empty ledger and return their revision."""
    METADATA.create_all(connection)
    VERSION.create(connection)
    connection.execute(insert(HEAD).values(only=1, size=0))
    connection.execute(insert(VERSION).values(version_num=NEWEST))
    return NEWEST


def wait_for_turn(connection: Connection) -> None:
    """Let one process at a time make or change tables; SQLite's transaction has seen to it already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:scope)"), {"scope": SCOPE})


def upgrade(url: str) -> tuple[str | None, str]:
    """Bring a database to the newest revision, whole or not at all; return the revisions before and after.

    None stands for a database that was new. StoreBusyError while another process serves it, RevisionError when
    it is of a newer version than this program, OtherVersionError when this version cannot read its entries.
    """
    with naming_faults():
        engine = open_engine(url)
        try:
            return upgraded(engine)
        finally:
            engine.dispose()


def upgraded(engine: Engine) -> tuple[str | None, str]:
    """Do what ``upgrade`` says."""
    with engine.connect() as connection:
        before = revision_of(connection)
    if before in (None, NEWEST) or before not in REVISIONS:
        make_current(engine)
        return before, NEWEST
    claim = claim_of(engine)
    claim.take()
    try:
        with for_writing(engine).begin() as connection:
            wait_for_turn(connection)
            require_readable(connection)
            migrate(connection, before)
    finally:
        claim.release()
    return before, NEWEST


def require_readable(connection: Connection) -> None:
    """Raise OtherVersionError for entries of another version: in a newer form, that one could not open them either."""
    for body in connection.execute(select(LEAF.c.body)).scalars():
        kind = foreign(bytes(body))
        if kind:
            raise OtherVersionError("entry.other_version", kind=kind)


def migrate(connection: Connection, before: str, after: str = NEWEST) -> None:
    """Run the migrations after ``before``, "base" for all, up to ``after`` in this transaction."""
    from alembic import command  # noqa: PLC0415 - nothing else needs it, and it is slow to load
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    if VERSION.name not in inspect(connection).get_table_names():
        command.stamp(config, before)
    command.upgrade(config, after)
