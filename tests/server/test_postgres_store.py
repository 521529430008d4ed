"""What holds on PostgreSQL only: what it must promise, and whose lock it is."""

import pytest
from sqlalchemy import text

from kit.databases import Cluster
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.ledger.store import StoreBusyError, StoreError

pytestmark = pytest.mark.postgresql


def test_every_commit_is_flushed_whatever_the_configuration_says(cluster: Cluster) -> None:
    url = cluster.new_database()
    store = SqlStore(url)
    with store.writing() as connection:
        name = connection.execute(text("select current_database()")).scalar_one()
        connection.execute(text(f"alter database {name} set synchronous_commit = off"))
    store.close()
    again = SqlStore(url)
    with again.reading() as connection:
        assert connection.execute(text("show synchronous_commit")).scalar_one() == "on"
        assert connection.execute(text("show fsync")).scalar_one() == "on"
    again.close()


def test_a_server_that_does_not_flush_is_refused(postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_server.ledger.sql_store.FLUSHING", text("select 'off'"))
    with pytest.raises(StoreError, match="fsync switched off"):
        SqlStore(postgresql_url)


def test_the_claim_follows_the_tables_and_not_the_words_of_the_url(cluster: Cluster) -> None:
    url = cluster.new_database()
    writer, other_words = SqlStore(url), SqlStore(f"{url}&connect_timeout=9")
    writer.claim()
    with pytest.raises(StoreBusyError, match=r"postgresql\+psycopg://pingyi@/"):
        other_words.claim()
    with writer.writing() as connection:
        connection.execute(text("create schema beside"))
    beside = SqlStore(f"{url}&options=-csearch_path%3Dbeside")
    beside.claim()  # another meeting in the same database
    beside.append(0, [b"x"], "note")
    assert writer.size() == 0
    for store in (writer, other_words, beside):
        store.close()


def end_session_of_holder(store: SqlStore) -> None:
    with store.writing() as connection:
        killed = connection.execute(
            text("select count(pg_terminate_backend(pid, 5000)) from pg_locks where locktype = 'advisory'")
        )
        assert killed.scalar_one() == 1


def test_whose_lock_was_taken_away_writes_nothing_under_the_claim_of_another(postgresql_url: str) -> None:
    writer, other = SqlStore(postgresql_url), SqlStore(postgresql_url)
    writer.claim()
    writer.append(0, [b"a"], "one")
    end_session_of_holder(other)
    writer.append(1, [b"b"], "two")  # nobody had taken the lock: it is held again
    with pytest.raises(StoreBusyError):
        other.claim()
    end_session_of_holder(other)
    other.claim()
    with pytest.raises(StoreBusyError):
        writer.append(2, [b"c"], "three")
    assert (other.size(), other.note()) == (2, "two")
    other.close()
    writer.append(2, [b"c"], "three")
    writer.close()


def test_a_holder_that_is_killed_lets_go(postgresql_url: str) -> None:
    writer, other = SqlStore(postgresql_url), SqlStore(postgresql_url)
    writer.claim()
    end_session_of_holder(other)
    other.claim()
    with pytest.raises(StoreBusyError):
        writer.probe()
    other.close()
    writer.probe()
    with pytest.raises(StoreBusyError):
        other.claim()
    writer.close()
    other.close()
