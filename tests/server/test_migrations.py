"""New databases are stamped, old ones upgraded whole or not at all, and nothing else touches what is not ours."""

import threading
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, event, insert, inspect, update
from sqlalchemy.exc import OperationalError

from kit.factories import small_definition
from kit.processes import pingyi
from pingyi_server.folder import MeetingFolder
from pingyi_server.ledger.database import for_writing, open_engine
from pingyi_server.ledger.revision import (
    MIGRATIONS,
    NEWEST,
    REVISIONS,
    VERSION,
    RevisionError,
    migrate,
    revision_of,
    upgrade,
)
from pingyi_server.ledger.sql_store import SqlStore, sqlite_url
from pingyi_server.ledger.store import StoreBusyError, StoreError
from pingyi_server.ledger.tables import CHECKPOINT, HEAD, LEAF, METADATA

OLDEST = REVISIONS[0]


def make_database(url: str, revision: str) -> Engine:
    """A database as the migrations make it, up to this revision."""
    engine = open_engine(url)
    with for_writing(engine).begin() as connection:
        migrate(connection, "base", revision)
    return engine


def first_database(url: str) -> Engine:
    """A database with two leaves from before databases said what they are."""
    engine = make_database(url, OLDEST)
    with for_writing(engine).begin() as connection:
        connection.execute(insert(LEAF), [{"index": 0, "body": b"a"}, {"index": 1, "body": b"b"}])
        connection.execute(insert(CHECKPOINT).values(size=2, note="note"))
        connection.execute(update(HEAD).values(size=2))
        VERSION.drop(connection)
    return engine


def forms(engine: Engine) -> dict[str, Any]:
    """Columns, keys, references and checks of every table."""
    seen = inspect(engine)
    return {
        table: (
            [(one["name"], str(one["type"]), one["nullable"]) for one in seen.get_columns(table)],
            seen.get_pk_constraint(table)["constrained_columns"],
            sorted(
                (one["constrained_columns"], one["referred_table"], one["referred_columns"])
                for one in seen.get_foreign_keys(table)
            ),
            [(one["name"], one["sqltext"]) for one in seen.get_check_constraints(table)],
        )
        for table in sorted(seen.get_table_names())
    }


def test_the_program_knows_every_migration_in_its_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest_first = [one.revision for one in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(newest_first)) == REVISIONS


def test_migrations_and_models_make_the_same_tables(database_url: str) -> None:
    engine = make_database(database_url, NEWEST)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    migrated = forms(engine)
    with engine.begin() as connection:
        reflected = MetaData()
        reflected.reflect(connection)
        reflected.drop_all(connection)
    store = SqlStore(database_url)
    assert forms(store.engine) == migrated
    assert set(migrated) == {*METADATA.tables, VERSION.name}
    store.close()
    engine.dispose()


def test_a_new_database_is_stamped(database_url: str) -> None:
    store = SqlStore(database_url)
    with store.reading() as connection:
        assert revision_of(connection) == NEWEST
    assert upgrade(database_url) == (NEWEST, NEWEST)
    store.close()


def test_upgrade_makes_a_database_where_there_is_none(database_url: str) -> None:
    assert upgrade(database_url) == (None, NEWEST)
    store = SqlStore(database_url)
    assert store.size() == 0
    store.close()


def test_a_first_database_is_refused_then_upgraded_with_all_it_held(database_url: str) -> None:
    first_database(database_url).dispose()
    with pytest.raises(RevisionError, match="pingyi upgrade"):
        SqlStore(database_url)
    assert upgrade(database_url) == (OLDEST, NEWEST)
    store = SqlStore(database_url)
    assert (list(store.leaves()), store.notes(), store.size()) == ([(0, b"a"), (1, b"b")], [(2, "note")], 2)
    store.append(2, [b"c"], "more")
    store.close()


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_every_stamped_revision_is_upgraded(database_url: str, revision: str) -> None:
    make_database(database_url, revision).dispose()
    with pytest.raises(RevisionError, match=f"revision {revision}"):
        SqlStore(database_url)
    assert upgrade(database_url) == (revision, NEWEST)
    SqlStore(database_url).close()


def test_a_newer_database_is_refused_and_left_alone(database_url: str) -> None:
    store = SqlStore(database_url)
    with store.writing() as connection:
        connection.execute(update(VERSION).values(version_num="9999"))
    store.close()
    with pytest.raises(RevisionError, match="Use a newer Pingyi"):
        SqlStore(database_url)
    with pytest.raises(RevisionError, match="Use a newer Pingyi"):
        upgrade(database_url)


def test_an_upgrade_that_fails_half_way_changes_nothing(database_url: str) -> None:
    engine = first_database(database_url)
    before = forms(engine)

    def fail(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        if "CREATE TABLE result" in statement:
            raise OperationalError(statement, {}, Exception("disk full"))

    event.listen(Engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(StoreError, match="disk full"):
            upgrade(database_url)
    finally:
        event.remove(Engine, "before_cursor_execute", fail)
    assert forms(engine) == before
    assert upgrade(database_url) == (OLDEST, NEWEST)
    engine.dispose()


def test_nobody_upgrades_under_a_writer(database_url: str) -> None:
    store = SqlStore(database_url)
    store.claim()
    with store.writing() as connection:
        connection.execute(update(VERSION).values(version_num=OLDEST))
    with pytest.raises(StoreBusyError):
        upgrade(database_url)
    store.close()


def test_the_command_upgrades_and_everything_else_says_to(tmp_path: Path) -> None:
    folder = MeetingFolder(tmp_path)
    folder.begin(small_definition(members=3))
    first_database(sqlite_url(tmp_path / "meeting.db")).dispose()
    for command in ("status", "serve", "audit"):
        assert "pingyi upgrade" in pingyi(command, tmp_path, code=1)
    assert f"{OLDEST} " in pingyi("upgrade", tmp_path)
    assert NEWEST in pingyi("upgrade", tmp_path)


def test_the_command_leaves_a_served_meeting_alone(tmp_path: Path) -> None:
    folder = MeetingFolder(tmp_path)
    folder.begin(small_definition(members=3))
    with folder.locked():
        assert str(tmp_path) in pingyi("upgrade", tmp_path, code=1)


def test_those_who_make_the_same_database_at_once_make_one(database_url: str) -> None:
    barrier, faults = threading.Barrier(4), list[StoreError]()

    def open_store() -> None:
        barrier.wait()
        try:
            SqlStore(database_url).close()
        except StoreError as fault:
            faults.append(fault)

    threads = [threading.Thread(target=open_store) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    store = SqlStore(database_url)
    assert store.size() == 0
    store.close()
