"""Disks and databases that fail under a recorder: nothing answered is lost, nothing counts twice, and it goes on."""

import resource
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import delete, inspect, text

from kit.databases import Cluster
from kit.factories import small_definition
from kit.faults import When, broken
from kit.ledgers import LOG_KEY, submission, submissions
from kit.playbook import CHAIR, ORIGIN, Playbook, full_house
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import CloseRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.messages import Receipt, Refused
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.recorder import Recorder, Submission
from pingyi_server.ledger.audit import audit
from pingyi_server.ledger.ledger import Ledger
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.ledger.store import Restored, StoreError
from pingyi_server.ledger.tables import COSIGNATURE, RESTORED

STEPS = 5
"""What an append has: begin (on SQLite), head, leaves, signed head, commit."""


MANY = 9
"""Members whose ballots take more than a page of SQLite's, which may have room left in it."""


@pytest.fixture
def book() -> Playbook:
    return full_house(small_definition(members=MANY)).open("1")


@pytest.fixture
async def recorder(database_url: str, book: Playbook) -> AsyncIterator[Recorder]:
    """A recorder with a round open, on each database in turn."""
    store = SqlStore(database_url)
    store.claim()
    recorder = Recorder(Ledger(store, LOG_KEY, ORIGIN), MeetingClock(0))
    assert all(isinstance(answer, Receipt) for answer in await recorder.record(submissions(book)))
    yield recorder
    recorder.close()


def store_of(recorder: Recorder) -> SqlStore:
    assert isinstance(recorder.ledger.store, SqlStore)
    return recorder.ledger.store


def ballots(book: Playbook) -> list[Submission]:
    people = (Principal(f"M{place:02}", Role.MEMBER) for place in range(1, MANY + 1))
    return [submission(book, person, book.ballot(70 + place)) for place, person in enumerate(people)]


async def look(recorder: Recorder) -> None:
    """The server's look at its clock."""
    await recorder.record_own(lambda _meeting, _at: None)


async def counted_once(recorder: Recorder, waiting: list[Submission], book: Playbook) -> None:
    """Everybody sends again; each gets a receipt, and each ballot is there once."""
    await look(recorder)
    answers = await recorder.record(waiting)
    assert all(isinstance(answer, Receipt) for answer in answers), answers
    assert recorder.meeting.size == len(book.entries) + len(waiting)
    assert len(recorder.meeting.rounds[0].ballots) == len(waiting)
    [closed] = await recorder.record([submission(book, CHAIR, CloseRound("1", 1))])
    assert isinstance(closed, Receipt)
    found = audit(store_of(recorder), public_text(LOG_KEY), ORIGIN)
    assert (found.findings, found.meeting) == ([], recorder.meeting)


def refused(answers: list[Receipt | Refused]) -> bool:
    return all(isinstance(one, Refused) and one.refusal == Refusal(Reason.UNAVAILABLE) for one in answers)


# every write broken two ways


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize("step", range(STEPS))
async def test_whatever_step_of_a_write_fails_each_ballot_counts_once(
    recorder: Recorder, book: Playbook, step: int, when: When
) -> None:
    waiting = ballots(book)
    with broken(store_of(recorder), step, when) as fault:
        answers = await recorder.record(waiting)
    assert refused(answers) if fault.struck else all(isinstance(answer, Receipt) for answer in answers)
    assert recorder.failing is bool(fault.struck)
    kept = store_of(recorder).size() > len(book.entries)
    assert kept == (not fault.struck or (fault.struck == "COMMIT" and when is When.AFTER))
    await counted_once(recorder, waiting, book)


async def test_the_steps_above_are_all_that_a_write_has(recorder: Recorder, book: Playbook) -> None:
    with broken(store_of(recorder), STEPS, When.BEFORE) as fault:
        await recorder.record(ballots(book))
    assert STEPS - 1 <= fault.count <= STEPS


LINES = [(3, "a", "line a"), (3, "b", "line b")]
COPY = Restored(3, "root", "reason")
OTHER_WRITES: dict[str, Callable[[SqlStore], None]] = {
    "cosign": lambda store: store.cosign(LINES),
    "mark restored": lambda store: store.mark_restored(COPY),
    "probe": lambda store: store.probe(),
}


def beside_the_log(store: SqlStore) -> tuple[object, ...]:
    """What the other writes may change, and the head, which none of them may."""
    with store.reading() as connection:
        tables = inspect(connection).get_table_names()
    return store.cosignatures(), store.restored(), "scratch" in tables, store.size(), list(store.leaves())


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize("write", OTHER_WRITES.values(), ids=OTHER_WRITES)
async def test_whatever_step_of_another_write_fails_it_is_whole_when_it_was_done_again(
    recorder: Recorder, write: Callable[[SqlStore], None], when: When
) -> None:
    store = store_of(recorder)
    before = beside_the_log(store)
    step, fault = 0, None
    while fault is None or fault.struck:
        with store.writing() as connection:
            for table in (COSIGNATURE, RESTORED):
                connection.execute(delete(table))
        with broken(store, step, when) as fault, suppress(StoreError):
            write(store)
        whole = beside_the_log(store)
        if write is not OTHER_WRITES["probe"]:
            # all of it or nothing
            assert whole[0] in ([], LINES)
            assert whole[1] in (None, COPY)
        assert whole[3:] == before[3:]
        write(store)
        assert beside_the_log(store) == (
            LINES if write is OTHER_WRITES["cosign"] else [],
            COPY if write is OTHER_WRITES["mark restored"] else None,
            *before[2:],
        )
        step += 1
    assert step > 2


# faults of the disk


@contextmanager
def full_database(recorder: Recorder, _folder: Path) -> Iterator[None]:
    """SQLite may not take another page."""
    with store_of(recorder).reading() as connection:
        pages = connection.execute(text("pragma page_count")).scalar_one()
        connection.execute(text(f"pragma max_page_count={pages}"))
    yield
    with store_of(recorder).reading() as connection:
        connection.execute(text("pragma max_page_count=1000000"))


@contextmanager
def full_disk(_recorder: Recorder, folder: Path) -> Iterator[None]:
    """No file of this process may grow past what the write-ahead log has now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((folder / "meeting.db-wal").stat().st_size + 100, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def read_only(recorder: Recorder, _folder: Path) -> Iterator[None]:
    """The connection may only read."""
    with store_of(recorder).reading() as connection:
        connection.execute(text("pragma query_only=1"))
    yield
    with store_of(recorder).reading() as connection:
        connection.execute(text("pragma query_only=0"))


@contextmanager
def locked(_recorder: Recorder, folder: Path) -> Iterator[None]:
    """Another program has the database to itself."""
    with closing(sqlite3.connect(folder / "meeting.db", isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield
        other.execute("rollback")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("disk", [full_database, full_disk, read_only, locked])
async def test_a_disk_that_takes_nothing_stops_the_meeting_and_loses_nothing(
    recorder: Recorder, book: Playbook, tmp_path: Path, disk: Callable[[Recorder, Path], AbstractContextManager[None]]
) -> None:
    waiting = ballots(book)
    with disk(recorder, tmp_path):
        assert refused(await recorder.record(waiting))
        for _ in range(2):
            assert refused(await recorder.record(waiting))
        assert recorder.failing
        assert recorder.meeting.size == len(book.entries)
    await counted_once(recorder, waiting, book)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("disk", [full_database, full_disk, read_only, locked])
async def test_as_long_as_nothing_can_be_written_nothing_is_accepted(
    recorder: Recorder, book: Playbook, tmp_path: Path, disk: Callable[[Recorder, Path], AbstractContextManager[None]]
) -> None:
    with disk(recorder, tmp_path):
        await recorder.record(ballots(book))
        for _ in range(2):
            with pytest.raises(StoreError):
                await look(recorder)
            assert recorder.failing
    await look(recorder)
    assert not recorder.failing


# PostgreSQL


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_postgresql_goes_and_comes_back(recorder: Recorder, book: Playbook, cluster: Cluster, mode: str) -> None:
    waiting = ballots(book)
    cluster.stop(mode)
    try:
        assert refused(await recorder.record(waiting))
        for _ in range(2):
            with pytest.raises(StoreError):
                await look(recorder)
            assert refused(await recorder.record(waiting))
    finally:
        cluster.start()
    await counted_once(recorder, waiting, book)


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
async def test_a_postgresql_that_becomes_read_only(recorder: Recorder, book: Playbook, cluster: Cluster) -> None:
    waiting = ballots(book)
    store = store_of(recorder)

    def only_read(setting: str) -> None:
        with cluster.connect() as connection:
            connection.execute("set default_transaction_read_only = off")
            connection.execute(f"alter database postgres set default_transaction_read_only = {setting}")
        store.engine.dispose()

    only_read("on")
    try:
        assert refused(await recorder.record(waiting))
        with pytest.raises(StoreError, match="read-only"):
            await look(recorder)
    finally:
        only_read("off")
    await counted_once(recorder, waiting, book)


@pytest.mark.parametrize("database_url", [pytest.param("postgresql", marks=pytest.mark.postgresql)], indirect=True)
async def test_a_postgresql_that_is_locked_by_another_program(
    recorder: Recorder, book: Playbook, database_url: str
) -> None:
    waiting = ballots(book)
    with closing(SqlStore(database_url)) as other:
        with other.writing() as connection:
            connection.execute(text("lock table leaf, head in access exclusive mode"))
            assert refused(await recorder.record(waiting))
            with pytest.raises(StoreError, match="lock timeout"):
                await look(recorder)
        await counted_once(recorder, waiting, book)


# what is still on its way


async def test_doubt_is_not_resolved_while_a_write_may_still_arrive(database_url: str) -> None:
    """A commit that was cut off may still happen: whoever asks whether it did waits for its end."""
    writer, asker = SqlStore(database_url), SqlStore(database_url)
    order = list[str]()

    def ask() -> None:
        asker.probe()
        order.append(f"asked: {asker.size()}")

    with writer.writing() as connection:
        connection.execute(text("update head set size = 1"))
        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(0.3)
        order.append("written")
    asking.join()
    assert order == ["written", "asked: 1"]
    writer.close()
    asker.close()
