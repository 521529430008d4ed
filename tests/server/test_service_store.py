"""A server whose database fails: everybody hears it at once, nobody loses anything, and it goes on by itself."""

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from kit.databases import Cluster
from kit.factories import first_score, small_definition
from kit.hall import Terminal, free_port, open_hall
from kit.processes import pingyi
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Cast, CheckIn, CloseRound, OpenRound, Score
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Receipt, WitnessRequest
from pingyi_server.folder import FolderBusyError, FolderError, MeetingFolder
from pingyi_server.gateway.witnesses import Witnesses
from pingyi_server.ledger.audit import audit
from pingyi_server.ledger.ledger import LedgerDamagedError
from pingyi_server.ledger.sql_store import SqlStore, sqlite_url
from pingyi_server.ledger.store import StoreError


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program has the SQLite database to itself."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield
        other.execute("rollback")


@contextmanager
def stopped(cluster: Cluster) -> Iterator[None]:
    """PostgreSQL is gone, as after a power cut."""
    cluster.stop("immediate")
    try:
        yield
    finally:
        cluster.start()


def ballot(score: int) -> Cast:
    return Cast("1", 1, (Score("T01", "", Decimal(score)),))


def recording(terminal: Terminal, expected: bool) -> Callable[[object], bool]:
    """Whether the terminal has been told so."""
    return lambda _session: terminal.picture.recording is expected


async def goes_on_by_itself(path: Path, database: str, fault: AbstractContextManager[None]) -> None:
    """Vote while the database fails."""
    async with open_hall(path, small_definition(members=3, port=free_port()), database) as hall:
        hall.recorder.ledger.store.claim()
        chair = await hall.admit("M01", Role.CHAIR)
        seats = [await hall.admit(f"M0{place}") for place in (1, 2, 3)]
        for seat in seats:
            assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
        everybody = [chair, *seats]
        with fault:
            for place, seat in enumerate(seats):
                seat.session.submit(ballot(80 + place))
            for terminal in everybody:
                await terminal.until(recording(terminal, False))
            assert [len(terminal.session.outstanding) for terminal in everybody] == [0, 1, 1, 1]
            assert {terminal.session.link for terminal in everybody} == {Link.UP}
        for terminal in everybody:
            await terminal.until(recording(terminal, True))
            await terminal.until(lambda session: not session.outstanding)
        assert [len(terminal.memory.receipts) for terminal in seats] == [2, 2, 2]
        assert isinstance(await chair.session.ask(CloseRound("1", 1)), Receipt)
        [counted] = hall.recorder.meeting.rounds
        assert {person: first_score(one.answers) for person, one in counted.ballots.items()} == {
            "M01": 80,
            "M02": 81,
            "M03": 82,
        }
        facts = hall.folder.clerk_profile().facts
        with closing(hall.folder.open_store()) as store:
            found = audit(store, facts.log_key, facts.origin)
        assert (found.findings, found.meeting) == ([], hall.recorder.meeting)


async def test_sqlite_locked_by_another_program_for_a_while(tmp_path: Path) -> None:
    file = tmp_path / "elsewhere.db"
    await goes_on_by_itself(tmp_path / "hall", sqlite_url(file), locked(file))


@pytest.mark.postgresql
async def test_postgresql_gone_and_back(tmp_path: Path, cluster: Cluster, postgresql_url: str) -> None:
    await goes_on_by_itself(tmp_path / "hall", postgresql_url, stopped(cluster))


async def test_a_terminal_that_only_asks_finds_out_for_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal may not speak before it has seen that the record holds: then nobody would ever try to write."""
    async with open_hall(tmp_path, small_definition(members=3, port=free_port())) as hall:
        chair, seat = await hall.admit("M01", Role.CHAIR), await hall.admit("M02")

        def fail(*_: object) -> None:
            raise StoreError("store.failed", fault="disk I/O error")

        monkeypatch.setattr(Witnesses, "answer", fail)
        monkeypatch.setattr(hall.recorder.ledger.store, "probe", fail)
        seat.session.send(WitnessRequest(0, "", 0, ()))
        await chair.until(recording(chair, False))
        monkeypatch.undo()
        await chair.until(recording(chair, True))


# one server a database


def test_a_database_that_is_served_from_another_folder_is_refused(tmp_path: Path, database_url: str) -> None:
    """Two folders, one database: a copied folder is how it happens."""
    folders = [MeetingFolder(tmp_path / name, database_url) for name in ("one", "two")]
    for folder in folders:
        folder.begin(small_definition(members=3))
    holds = (
        "import sys, pathlib; from pingyi_server.folder import MeetingFolder\n"
        "with MeetingFolder(pathlib.Path(sys.argv[1]), sys.argv[2]).locked():\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holds, str(folders[0].path), database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(FolderBusyError, match="perhaps from another folder"), folders[1].locked():
            pass
        assert "数据库" in pingyi("serve", folders[1].path, "--database", database_url, code=1)
        other.kill()
        other.wait()
    with folders[1].locked():
        assert folders[0].busy()


# a database that is not what it was


async def loaded(path: Path) -> MeetingFolder:
    """A folder whose meeting has been served."""
    async with open_hall(path, small_definition(members=3, port=free_port())) as hall:
        await hall.admit("M01")
        hall.folder.clerk_profile().remember_head(hall.recorder.ledger.note or "")
        return hall.folder


@pytest.mark.parametrize("kept", [0, 50, 4096, 4097, 20_000])
async def test_a_database_that_was_cut_short_is_not_served(tmp_path: Path, kept: int) -> None:
    folder = await loaded(tmp_path)
    file = tmp_path / "meeting.db"
    content = file.read_bytes()
    assert kept < len(content)
    file.write_bytes(content[:kept])
    with pytest.raises((StoreError, LedgerDamagedError)):
        folder.standing()
    said = pingyi("serve", tmp_path, code=1)
    assert said.count("\n") == 1
    file.write_bytes(content)
    assert folder.meeting().size


DAMAGES = {
    "edited": ["update leaf set body = replace(body, 'M01', 'M02') where \"index\" = 2"],
    "swapped": [
        'update leaf set "index" = -1 where "index" = 1',
        'update leaf set "index" = 1 where "index" = 2',
        'update leaf set "index" = 2 where "index" = -1',
    ],
    "removed": ['delete from leaf where "index" = 1'],
    "the end removed": ['delete from leaf where "index" = (select max("index") from leaf)'],
    "the head set back": ["update head set size = 1"],
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
async def test_an_edited_database_is_neither_served_nor_read_and_the_entry_is_named(
    tmp_path: Path, damage: list[str]
) -> None:
    await loaded(tmp_path)
    with closing(sqlite3.connect(tmp_path / "meeting.db", isolation_level=None)) as other:
        for statement in damage:
            assert other.execute(statement).rowcount == 1
    for command in ("serve", "status"):
        said = pingyi(command, tmp_path, code=1)
        assert "不能提供服务" in said
        assert re.search(r"\d", said)
        assert said.count("\n") == 1
    assert re.search(r"\d", pingyi("audit", tmp_path, code=1))


@pytest.mark.parametrize(
    "change", ["drop table leaf", "drop table head", "alter table checkpoint rename column note to text"]
)
async def test_a_database_without_its_tables_is_said_to_be_changed_by_hand(tmp_path: Path, change: str) -> None:
    await loaded(tmp_path)
    with closing(sqlite3.connect(tmp_path / "meeting.db")) as other, other:
        other.execute(change)
    for command in ("serve", "status", "audit"):
        said = pingyi(command, tmp_path, code=1)
        assert "手工改动" in said
        assert "恢复备份" in said
        assert said.count("\n") == 1


@pytest.mark.postgresql
async def test_a_postgresql_without_its_tables_is_said_to_be_changed_by_hand(postgresql_url: str) -> None:
    with closing(SqlStore(postgresql_url)) as store:
        with store.writing() as connection:
            connection.execute(text("drop table leaf cascade"))
        with pytest.raises(StoreError, match="by hand"):
            list(store.leaves())


async def test_an_emptied_or_removed_database_is_neither_served_nor_loaded_anew(tmp_path: Path) -> None:
    await loaded(tmp_path)
    (tmp_path / "meeting.db").unlink()
    for command in ("serve", "status"):
        assert "恢复备份" in pingyi(command, tmp_path, code=1)


async def test_a_database_that_cannot_be_written_to_is_not_served(tmp_path: Path) -> None:
    await loaded(tmp_path)
    read_only = sqlite_url(tmp_path / "meeting.db", read_only=True)
    assert "readonly" in pingyi("serve", tmp_path, "--database", read_only, code=1)


def test_before_anything_was_recorded_an_empty_database_is_just_new(tmp_path: Path) -> None:
    folder = MeetingFolder(tmp_path)
    folder.begin(small_definition(members=3))
    assert folder.meeting().size == 0
    with pytest.raises(FolderError, match="pingyi load"):
        MeetingFolder(tmp_path / "other").meeting()
