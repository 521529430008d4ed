"""The contract of a store: append whole or not at all, one writer wins, and reading needs no lock."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from kit.ledgers import store_in
from pingyi_server.ledger.store import CHUNK, HeadMovedError, Store, StoreError


def test_a_new_store_is_empty(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    assert (store.size(), store.stored(), store.note(), store.notes()) == (0, 0, None, [])
    assert list(store.leaves()) == []


def test_what_was_appended_is_there_after_opening_it_again(tmp_path: Path) -> None:
    first = store_in(tmp_path)
    first.append(0, [b"a", b"\x00\xff"], "one")
    first.append(2, ["汉".encode()], "two")
    first.close()
    again = store_in(tmp_path)
    assert list(again.leaves()) == [(0, b"a"), (1, b"\x00\xff"), (2, "汉".encode())]
    assert again.notes() == [(2, "one"), (3, "two")]
    assert (again.size(), again.stored(), again.note(), again.leaf(1)) == (3, 3, "two", b"\x00\xff")
    assert list(again.leaves(2)) == [(2, "汉".encode())]
    assert list(again.leaves(3)) == []


def test_a_leaf_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Entry 7 is missing"):
        store_in(tmp_path).leaf(7)


@pytest.mark.parametrize("count", [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 1])
def test_leaves_are_read_in_pages_without_losing_one(tmp_path: Path, count: int) -> None:
    store = store_in(tmp_path)
    store.append(0, [str(place).encode() for place in range(count)], "note")
    assert [(index, int(body)) for index, body in store.leaves()] == [(place, place) for place in range(count)]
    assert [index for index, _ in store.leaves(CHUNK - 1)] == list(range(CHUNK - 1, count))


@pytest.mark.parametrize("size", [0, 1, 3])
def test_an_append_at_another_size_keeps_nothing(tmp_path: Path, size: int) -> None:
    store = store_in(tmp_path)
    store.append(0, [b"a", b"b"], "note")
    with pytest.raises(HeadMovedError, match="another server"):
        store.append(size, [b"c"], "other")
    assert (store.size(), store.stored(), store.note()) == (2, 2, "note")


def test_a_batch_that_fails_half_way_keeps_nothing(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    store.append(0, [b"a"], "note")
    with store.engine.begin() as connection:  # a stray row makes the second leaf of the batch fail
        connection.execute(text("insert into leaf values (2, x'00')"))
    with pytest.raises(StoreError):
        store.append(1, [b"b", b"c"], "other")
    assert (store.size(), store.note()) == (1, "note")
    assert [index for index, _ in store.leaves()] == [0, 2]


def test_of_two_writers_at_the_same_size_exactly_one_wins(tmp_path: Path) -> None:
    stores = [store_in(tmp_path) for _ in range(2)]
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


def test_a_reader_goes_on_while_another_writes(tmp_path: Path) -> None:
    writer, reader = store_in(tmp_path), store_in(tmp_path)
    writer.append(0, [b"x"] * (CHUNK + 1), "note")
    leaves = reader.leaves()
    assert next(leaves) == (0, b"x")
    writer.append(CHUNK + 1, [b"y"], "later")
    assert [index for index, _ in leaves] == list(range(1, CHUNK + 2))


@pytest.mark.parametrize("url", ["", "nonsense", "sqlite:////no/such/folder/meeting.db", "nodatabase://x"])
def test_a_database_that_cannot_be_opened_is_a_store_error(url: str) -> None:
    with pytest.raises(StoreError):
        Store(url)


def test_an_embedded_database_flushes_every_commit(tmp_path: Path) -> None:
    with store_in(tmp_path).engine.connect() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar_one() == "wal"
        assert connection.execute(text("pragma synchronous")).scalar_one() == 2
