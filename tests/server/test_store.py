"""The contract of every store: append whole or not at all, one writer wins, and reading needs no claim."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, text

from pingyi_server.ledger.memory_store import MemoryRecord, MemoryStore
from pingyi_server.ledger.sql_store import CHUNK, SqlStore, sqlite_url
from pingyi_server.ledger.store import HeadMissingError, HeadMovedError, Store, StoreBusyError, StoreError
from pingyi_server.ledger.tables import HEAD, LEAF

Opening = Callable[[], Store]


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opening]:
    """Opens one more store on the same record."""
    opened: list[Store] = []
    record = MemoryRecord()
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else sqlite_url(tmp_path / "m.db")

    def open_store() -> Store:
        opened.append(MemoryStore(record) if request.param == "memory" else SqlStore(url))
        return opened[-1]

    yield open_store
    for store in opened:
        store.close()


def test_a_new_store_is_empty(opening: Opening) -> None:
    store = opening()
    assert (store.size(), store.note(), store.notes(), list(store.leaves())) == (0, None, [], [])


def test_what_was_appended_is_there_after_opening_it_again(opening: Opening) -> None:
    first = opening()
    first.append(0, [b"a", b"\x00\xff"], "one")
    first.append(2, ["汉".encode()], "two")
    first.close()
    again = opening()
    assert list(again.leaves()) == [(0, b"a"), (1, b"\x00\xff"), (2, "汉".encode())]
    assert again.notes() == [(2, "one"), (3, "two")]
    assert (again.size(), again.note(), again.leaf(1)) == (3, "two", b"\x00\xff")
    assert list(again.leaves(2)) == [(2, "汉".encode())]
    assert list(again.leaves(3)) == []


@pytest.mark.parametrize("index", [7, -1])
def test_a_leaf_that_is_not_there_is_named(opening: Opening, index: int) -> None:
    store = opening()
    store.append(0, [b"a"], "note")
    with pytest.raises(StoreError, match=f"Entry {index} is missing"):
        store.leaf(index)


@pytest.mark.parametrize("count", [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
def test_leaves_are_read_in_pages_without_losing_one(opening: Opening, count: int) -> None:
    store = opening()
    store.append(0, [str(place).encode() for place in range(count)], "note")
    assert [(index, int(body)) for index, body in store.leaves()] == [(place, place) for place in range(count)]
    assert [index for index, _ in store.leaves(CHUNK - 1)] == list(range(CHUNK - 1, count))


@pytest.mark.parametrize("size", [0, 1, 3])
def test_an_append_at_another_size_keeps_nothing(opening: Opening, size: int) -> None:
    store = opening()
    store.append(0, [b"a", b"b"], "note")
    with pytest.raises(HeadMovedError, match="another server"):
        store.append(size, [b"c"], "other")
    assert (store.size(), len(list(store.leaves())), store.note()) == (2, 2, "note")


def test_of_two_writers_at_the_same_size_exactly_one_wins(opening: Opening) -> None:
    stores = [opening() for _ in range(2)]
    for size in range(20):
        barrier, outcomes = threading.Barrier(2), list[str]()

        def write(
            store: Store, name: str, size: int = size, start: threading.Barrier = barrier, done: list[str] = outcomes
        ) -> None:
            start.wait()
            try:
                store.append(size, [name.encode()], f"{size} {name}")
            except HeadMovedError:
                done.append("moved")
            else:
                done.append(name)

        threads = [threading.Thread(target=write, args=(store, name)) for store, name in zip(stores, "ab", strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [winner] = set(outcomes) - {"moved"}
        assert sorted(outcomes) == sorted([winner, "moved"])
        assert stores[0].leaf(size) == winner.encode()
        assert stores[1].note() == f"{size} {winner}"


def test_two_writers_that_take_turns_leave_one_unbroken_log(opening: Opening) -> None:
    """Whatever two servers without a claim do, a batch stands whole behind the one that its writer saw."""
    stores = [opening() for _ in range(2)]

    def write(store: Store, name: str) -> None:
        for _ in range(15):
            size = store.size()
            try:
                store.append(size, [f"{name} {size} {part}".encode() for part in range(3)], f"{name} {size}")
            except HeadMovedError:
                continue

    threads = [threading.Thread(target=write, args=(store, name)) for store, name in zip(stores, "ab", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    leaves = [body.decode() for _, body in stores[0].leaves()]
    expected = [f"{note} {part}" for _, note in stores[0].notes() for part in range(3)]
    assert leaves == expected
    assert [size for size, _ in stores[0].notes()] == list(range(3, len(leaves) + 1, 3))


def test_a_reader_goes_on_while_another_writes(opening: Opening) -> None:
    writer, reader = opening(), opening()
    writer.append(0, [b"x"] * (CHUNK + 1), "note")
    leaves = reader.leaves()
    assert next(leaves) == (0, b"x")
    writer.append(CHUNK + 1, [b"y"], "later")
    assert [index for index, _ in leaves] == list(range(1, CHUNK + 2))


def test_a_probe_writes_nothing(opening: Opening) -> None:
    store = opening()
    store.append(0, [b"a"], "note")
    store.probe()
    assert (store.size(), store.notes(), list(store.leaves())) == (1, [(1, "note")], [(0, b"a")])


def test_one_claims_the_store_until_it_closes_and_anybody_reads(opening: Opening) -> None:
    writer, other = opening(), opening()
    writer.claim()
    writer.claim()
    writer.probe()
    for _ in range(2):
        with pytest.raises(StoreBusyError, match="for writing"):
            other.claim()
    writer.append(0, [b"a"], "note")
    assert other.note() == "note"
    writer.close()
    other.claim()
    with pytest.raises(StoreBusyError):
        opening().claim()


def test_the_newest_cosigned_head_is_known_with_how_many_cosigned_it(opening: Opening) -> None:
    store = opening()
    assert store.newest_cosigned() == (0, 0)
    store.cosign([(3, "a", "x"), (9, "a", "x"), (9, "b", "y"), (9, "c", "z")])
    assert store.newest_cosigned() == (9, 3)
    store.close()


def test_cosignatures_are_kept_once_however_often_they_come(opening: Opening) -> None:
    store = opening()
    store.cosign([(3, "b", "line b"), (3, "a", "line a")])
    store.cosign([(3, "a", "another line"), (5, "a", "later")])
    store.cosign([(5, "a", "later")])
    assert opening().cosignatures() == [(3, "a", "line a"), (3, "b", "line b"), (5, "a", "later")]


def test_a_snapshot_stands_still_while_another_writes(opening: Opening) -> None:
    one, other = opening(), opening()
    one.append(0, [b"a"], "one")
    with one.snapshot() as still:
        assert still.size() == 1
        other.append(1, [b"b"], "two")
        other.cosign([(1, "a", "line")])
        assert (still.size(), still.notes(), list(still.leaves())) == (1, [(1, "one")], [(0, b"a")])
        assert (still.cosignatures(), still.restored()) == ([], None)
    assert (one.size(), one.note()) == (2, "two")


# what only databases have


@pytest.fixture
def sql(database_url: str) -> Iterator[SqlStore]:
    store = SqlStore(database_url)
    yield store
    store.close()


def test_a_batch_that_fails_half_way_keeps_nothing(sql: SqlStore) -> None:
    sql.append(0, [b"a"], "note")
    with sql.writing() as connection:  # a stray row makes the second leaf of the batch fail
        connection.execute(insert(LEAF).values(index=2, body=b"stray"))
    with pytest.raises(StoreError):
        sql.append(1, [b"b", b"c"], "other")
    assert (sql.size(), sql.note()) == (1, "note")
    assert [index for index, _ in sql.leaves()] == [0, 2]


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite:////no/such/folder/meeting.db", "nodatabase://x"])
def test_a_database_that_cannot_be_opened_is_a_store_error(url: str) -> None:
    with pytest.raises(StoreError):
        SqlStore(url)


def test_a_file_that_is_no_database_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "meeting.db").write_bytes(b"this is a letter, not a database\n" * 100)
    with pytest.raises(StoreError, match="not a database"):
        SqlStore(sqlite_url(tmp_path / "meeting.db"))


def test_a_database_in_memory_cannot_be_claimed() -> None:
    store = SqlStore("sqlite://")
    with pytest.raises(StoreError, match="Name a file"):
        store.claim()
    store.close()


def test_an_embedded_database_flushes_every_commit(tmp_path: Path) -> None:
    store = SqlStore(sqlite_url(tmp_path / "meeting.db"))
    with store.reading() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("pragma synchronous")).scalar_one() == 2
        assert connection.execute(text("pragma foreign_keys")).scalar_one() == 1
    store.close()


@pytest.mark.parametrize("name", ["meeting.db", "a link.db", "../{folder}/meeting.db", "file:meeting.db?uri=true"])
def test_one_file_by_any_name_has_one_writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    writer = SqlStore(sqlite_url(tmp_path / "meeting.db"))
    (tmp_path / "a link.db").symlink_to(tmp_path / "meeting.db")
    writer.claim()
    other = SqlStore(f"sqlite:///{name.format(folder=tmp_path.name)}")
    with pytest.raises(StoreBusyError):
        other.claim()
    writer.close()
    other.claim()
    other.close()


def test_a_file_with_a_second_name_is_not_written_by_either(tmp_path: Path) -> None:
    """Under a hard link SQLite finds neither the other's lock nor its log."""
    path, other = tmp_path / "a" / "meeting.db", tmp_path / "b" / "meeting.db"
    for folder in (path.parent, other.parent):
        folder.mkdir()
    store = SqlStore(sqlite_url(path))
    other.hardlink_to(path)
    with pytest.raises(StoreError, match="second name"):
        store.claim()
    for each in (path, other):
        with pytest.raises(StoreError, match="second name"):
            SqlStore(sqlite_url(each))
    other.unlink()
    store.claim()
    store.close()


def test_a_link_made_while_a_server_writes_gives_no_second_writer(tmp_path: Path) -> None:
    store = SqlStore(sqlite_url(tmp_path / "meeting.db"))
    store.claim()
    (tmp_path / "link.db").hardlink_to(tmp_path / "meeting.db")
    with pytest.raises(StoreError, match="second name"):
        SqlStore(sqlite_url(tmp_path / "link.db"))
    store.probe()
    store.close()


def test_a_database_without_its_head_row_says_so_and_takes_nothing(sql: SqlStore) -> None:
    sql.append(0, [b"a"], "note")
    with sql.writing() as connection:
        connection.execute(delete(HEAD))
    with pytest.raises(HeadMissingError):
        sql.size()
    with pytest.raises(HeadMissingError):
        sql.append(1, [b"b"], "other")
