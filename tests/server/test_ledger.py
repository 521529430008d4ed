"""A ledger opens on what it signed and on nothing else, and says what is wrong."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from kit.factories import small_definition
from kit.ledgers import LOG_KEY, ledger_in, recorder_in, store_in, submissions
from kit.playbook import ORIGIN, Playbook, full_house, signing_key
from pingyi_server.ledger.ledger import Ledger, LedgerDamagedError
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.ledger.store import HeadMissingError

Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def book() -> Playbook:
    script = full_house(small_definition(members=3)).open("1").cast("M01", 90).cast("M02", 80).cast("M01", 100)
    return script.close().announce()


async def written(folder: Path, book: Playbook) -> Path:
    recorder = recorder_in(folder)
    commands = submissions(book)
    for start in range(0, len(commands), 3):
        await recorder.record(commands[start : start + 3])
    recorder.close()
    return folder


def sql(statement: str, **values: object) -> Damage:
    def run(folder: Path) -> None:
        store = store_in(folder)
        with store.engine.begin() as connection:
            connection.execute(text(statement), values)
        store.close()

    return run


def together(*damages: Damage) -> Damage:
    def run(folder: Path) -> None:
        for damage in damages:
            damage(folder)

    return run


def changed_leaf(folder: Path) -> None:
    store = store_in(folder)
    [index] = [index for index, body in store.leaves() if b'"score":"80"' in body]
    body = store.leaf(index).replace(b'"score":"80"', b'"score":"81"')
    sql('update leaf set body = :body where "index" = :index', body=body, index=index)(folder)


async def test_opening_again_gives_the_same_meeting_head_and_receipts(tmp_path: Path, book: Playbook) -> None:
    folder = await written(tmp_path, book)
    one, two = ledger_in(folder), ledger_in(folder)
    assert (one.meeting, one.note, one.fingerprint) == (two.meeting, two.note, two.fingerprint)
    assert one.meeting.size == len(book.entries)
    assert one.meeting.rounds[-1].tallies == book.newest.tallies
    assert one.fingerprint


DAMAGES: list[tuple[str, Damage, str]] = [
    ("a leaf changed", changed_leaf, "Among the entries"),
    ("a leaf replaced by rubbish", sql("update leaf set body = x'00' where \"index\" = 4"), "entries 3 to 5 in"),
    ("a leaf removed", sql('delete from leaf where "index" = 4'), "Entry 4 is missing"),
    ("the first leaf removed", sql('delete from leaf where "index" = 0'), "Entry 0 is missing"),
    ("the last leaf removed", sql('delete from leaf where "index" = (select max("index") from leaf)'), "is missing"),
    ("a leaf added", sql("insert into leaf values (1000, x'00')"), "is missing"),
    ("all leaves removed", sql("delete from leaf"), "Entry 0 is missing"),
    ("all heads removed", sql("delete from checkpoint"), "no signed head"),
    (
        "two leaves swapped",
        together(
            sql('update leaf set "index" = 999 where "index" = 4'),
            sql('update leaf set "index" = 4 where "index" = 5'),
            sql('update leaf set "index" = 5 where "index" = 999'),
        ),
        "entries 3 to 5 in",
    ),
    ("everything removed", together(sql("delete from leaf"), sql("delete from checkpoint")), "no signed head"),
    (
        "the last batch removed",
        together(
            sql("delete from checkpoint where size = (select max(size) from checkpoint)"),
            sql('delete from leaf where "index" >= (select max(size) from checkpoint)'),
        ),
        "the last ones were removed",
    ),
    (
        "the last head removed",
        sql("delete from checkpoint where size = (select max(size) from checkpoint)"),
        "are not those",
    ),
    ("a head changed", sql("update checkpoint set note = replace(note, 'pingyi', 'other')"), "not signed by"),
    ("a head emptied", sql("update checkpoint set note = ''"), "not signed by"),
    (
        "an older head changed",
        sql("update checkpoint set note = 'x' where size = 6"),
        "head over 6 entries .* not signed",
    ),
    ("an older head moved", sql("update checkpoint set size = 5 where size = 6"), "stands for 5 entries"),
    ("the head row lowered", sql("update head set size = 7"), "says that there are 7"),
    ("the head row raised", sql("update head set size = 1000"), "there were 1000"),
]


@pytest.mark.parametrize(("damage", "words"), [pytest.param(do, words, id=name) for name, do, words in DAMAGES])
async def test_a_damaged_database_is_not_opened_and_the_damage_is_named(
    tmp_path: Path, book: Playbook, damage: Damage, words: str
) -> None:
    folder = await written(tmp_path, book)
    damage(folder)
    with pytest.raises(LedgerDamagedError, match=words):
        ledger_in(folder)


async def test_the_head_of_another_key_or_log_is_not_believed(tmp_path: Path, book: Playbook) -> None:
    folder = await written(tmp_path, book)
    with pytest.raises(LedgerDamagedError, match="not signed by"):
        Ledger(store_in(folder), signing_key("another"), ORIGIN)
    with pytest.raises(LedgerDamagedError, match="not signed by"):
        Ledger(store_in(folder), LOG_KEY, "pingyi/other")


async def test_a_ledger_without_its_head_row_says_so(tmp_path: Path, book: Playbook) -> None:
    folder = await written(tmp_path, book)
    sql("delete from head")(folder)
    with pytest.raises(HeadMissingError, match="no longer says how many entries"):
        ledger_in(folder)


async def test_a_head_row_removed_while_serving_ends_it_and_is_named(tmp_path: Path, book: Playbook) -> None:
    recorder = recorder_in(tmp_path)
    commands = submissions(book)
    await recorder.record(commands[:5])
    sql("delete from head")(tmp_path)
    with pytest.raises(HeadMissingError, match="table head"):
        await recorder.record(commands[5:])
    recorder.close()


async def test_a_reader_sees_a_whole_record_while_another_process_appends(
    tmp_path: Path, book: Playbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = recorder_in(tmp_path)
    commands = submissions(book)
    await recorder.record(commands[:5])
    store = store_in(tmp_path)
    plain = SqlStore.leaves
    waiting = commands[5:]

    def meanwhile(self: SqlStore, first: int = 0) -> Iterator[tuple[int, bytes]]:
        yield from plain(self, first)
        if waiting:  # the writer is quicker: it appends when these leaves have been read
            batch = recorder.ledger.prepare(book.meeting, book.entries[-len(waiting) :])
            waiting.clear()
            recorder.ledger.store.append(batch.size, batch.leaves, batch.note)

    monkeypatch.setattr(SqlStore, "leaves", meanwhile)
    assert Ledger(store, LOG_KEY, ORIGIN).meeting.size == 5
    assert not waiting
    assert Ledger(store, LOG_KEY, ORIGIN).meeting.size == len(book.entries)
    store.close()
    recorder.close()
