"""The live database against its ledger: every edit is named, and only what the ledger gives is shown to people."""

from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from kit.factories import small_definition
from kit.hall import free_port
from kit.ledgers import LOG_KEY, submissions
from kit.playbook import ORIGIN, Playbook, full_house
from kit.processes import pingyi, server
from pingyi_protocol.keys.signing import SigningKey, key_id, public_text
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record.checkpoint import Checkpoint, cosign, sign_checkpoint
from pingyi_protocol.record.cosignatures import body_of, cosigner_name
from pingyi_server.folder import MeetingFolder
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.recorder import Recorder
from pingyi_server.imports.toml_file import toml_of
from pingyi_server.ledger import audit as auditing
from pingyi_server.ledger.audit import audit
from pingyi_server.ledger.backup import write_backup
from pingyi_server.ledger.ledger import Ledger
from pingyi_server.ledger.projection import rebuild, rows_of, told
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.ledger.store import Restored
from pingyi_server.ledger.tables import (
    BALLOT,
    CHECKPOINT,
    COSIGNATURE,
    HEAD,
    ITEM,
    LEAF,
    MEMBER,
    PROJECTION,
    RESULT,
    ROUND,
)

KEY = public_text(LOG_KEY)
Damage = Callable[[SqlStore], None]


@pytest.fixture(scope="module")
def book() -> Playbook:
    script = full_house(small_definition(members=3)).move("M03", "9-01").open("1")
    script = script.cast("M01", 90).cast("M02", None).cast("M01", 100).close().announce()
    return script.check_out("M03").open("2").cast("M02", 1, 2).close().restart()


async def written(store: SqlStore, book: Playbook) -> Recorder:
    recorder = Recorder(Ledger(store, LOG_KEY, ORIGIN), MeetingClock(0))
    commands = submissions(book)
    for start in range(0, len(commands), 3):
        await recorder.record(commands[start : start + 3])
    return recorder


@pytest.fixture
async def store(database_url: str, book: Playbook) -> SqlStore:
    """A whole meeting, the query tables filled."""
    one = SqlStore(database_url)
    recorder = await written(one, book)
    rebuild(one, recorder.meeting)
    recorder.close()
    return SqlStore(database_url)


def findings(store: SqlStore) -> list[str]:
    return [str(finding) for finding in audit(store, KEY, ORIGIN).findings]


async def test_an_untouched_database_is_sound(store: SqlStore, book: Playbook) -> None:
    found = audit(store, KEY, ORIGIN)
    assert (found.sound, found.size, found.told) == (True, len(book.entries), len(book.entries))
    assert found.fingerprint == Ledger(store, LOG_KEY, ORIGIN).fingerprint
    assert found.meeting.rounds == Ledger(store, LOG_KEY, ORIGIN).meeting.rounds
    store.close()


async def test_people_can_query_who_gave_what(store: SqlStore) -> None:
    with store.reading() as connection:
        answers = text("""
            select member.name, ballot.score, leaf."index" from ballot
            join member on member.number = ballot.member
            join leaf on leaf."index" = ballot.leaf
            where ballot.item = '1' order by member.number
        """)
        rows = connection.execute(answers).all()
        assert [(name, score) for name, score, _ in rows] == [("委员01", 100), ("委员02", None)]
        means = connection.execute(select(RESULT.c.target_name, RESULT.c.mean, RESULT.c.band)).all()
        assert means == [("文化和旅游局", Decimal(100), "优秀")]
        seats = select(MEMBER.c.number, MEMBER.c.seat, MEMBER.c.present).where(MEMBER.c.number.in_(("M03", "A01")))
        assert sorted(connection.execute(seats).all()) == [("A01", "", False), ("M03", "9-01", False)]
        phases = connection.execute(select(ROUND.c.item, ROUND.c.phase, ROUND.c.present, ROUND.c.received)).all()
        assert sorted(phases) == [("1", "announced", 3, 2), ("2", "closed", 2, 1)]
    store.close()


def edited(statement: object) -> Damage:
    def run(store: SqlStore) -> None:
        with store.writing() as connection:
            connection.execute(statement)  # type: ignore[call-overload]  # any statement

    return run


def swapped(store: SqlStore) -> None:
    """Two bodies in each other's place."""
    one, two = store.leaf(4), store.leaf(7)
    with store.writing() as connection:
        connection.execute(update(LEAF).where(LEAF.c.index == 4).values(body=two))
        connection.execute(update(LEAF).where(LEAF.c.index == 7).values(body=one))


def score_changed(store: SqlStore) -> None:
    [index] = [index for index, body in store.leaves() if b'"score":"100"' in body and b"ballot-cast" in body]
    body = store.leaf(index).replace(b'"score":"100"', b'"score":"101"')
    edited(update(LEAF).where(LEAF.c.index == index).values(body=body))(store)


def emptied(*tables: object) -> Damage:
    def run(store: SqlStore) -> None:
        with store.writing() as connection:
            for table in (BALLOT, RESULT, ROUND, ITEM, MEMBER, PROJECTION, *tables):
                connection.execute(delete(table))  # type: ignore[arg-type]  # a table

    return run


def last_leaves_removed(store: SqlStore) -> None:
    emptied()(store)
    edited(delete(LEAF).where(LEAF.c.index >= 18))(store)


newest = select(func.max(CHECKPOINT.c.size)).scalar_subquery()
DAMAGES: list[tuple[str, Damage, list[str]]] = [
    ("a score changed", score_changed, ["entries 15 to 17, one was", "Entry 17 does not say what its signed command"]),
    ("rows swapped", swapped, ["Entry 4 is missing", "entries 3 to 5, one was", "one numbered 4 in its place"]),
    (
        "rubbish",
        edited(update(LEAF).where(LEAF.c.index == 3).values(body=b"x")),
        ["Entry 3 cannot be read", "entries 3 to 5, one was"],
    ),
    ("the end removed", last_leaves_removed, ["Entries 18 to 23 are missing"]),
    ("all removed", emptied(LEAF), ["Entries 0 to 23 are missing"]),
    ("a leaf added", edited(insert(LEAF).values(index=24, body=b"x")), ["Entry 24 cannot", "24 to 24 are under no"]),
    ("a hole", edited(update(LEAF).where(LEAF.c.index == 6).values(index=99)), ["Entry 6 is missing; the next one"]),
    ("the last head removed", edited(delete(CHECKPOINT).where(CHECKPOINT.c.size == newest)), ["under no signed head"]),
    ("a head moved", edited(update(CHECKPOINT).where(CHECKPOINT.c.size == 6).values(size=5)), ["stands for 5 entries"]),
    (
        "a head forged",
        edited(update(CHECKPOINT).values(note="x")),
        ["The head over 3 entries is not signed", "24 entries is not"],
    ),
    ("the head row", edited(update(HEAD).values(size=7)), ["covers 24 entries, but the database says 7"]),
    ("no head row", edited(delete(HEAD)), ["the row of the table head that says so is gone"]),
    (
        "a text where bytes were",
        edited(text("update leaf set body = 'abc' where \"index\" = 3")),
        ["Entry 3 cannot be read", "entries 3 to 5, one was"],
    ),
    (
        "a result",
        edited(update(RESULT).values(mean=Decimal("99.5"))),
        ["Table result, row 1, 1, T01: mean is 99.5, and by the ledger 100.00"],
    ),
    ("a name", edited(update(MEMBER).where(MEMBER.c.number == "M02").values(name="x")), ["row M02: name is x, and"]),
    ("a ballot gone", edited(delete(BALLOT).where(BALLOT.c.member == "M01")), ["lacks the row 1, 1, M01, T01"]),
    (
        "a ballot added",
        edited(insert(BALLOT).values(item="1", round=1, member="M03", target="T01", criterion="", score=5, leaf=1)),
        ["Table ballot has a row 1, 1, M03, T01 that"],
    ),
    (
        "an item",
        edited(update(ITEM).values(title="x")),
        ["item, row 1: title is x", "item, row 2: title is x"],
    ),
    ("the tables ahead", edited(update(PROJECTION).values(size=26)), ["tell of 26 entries, but there are 24"]),
]


@pytest.mark.parametrize(("damage", "words"), [pytest.param(do, words, id=name) for name, do, words in DAMAGES])
async def test_every_edit_is_named(store: SqlStore, damage: Damage, words: list[str]) -> None:
    damage(store)
    found = findings(store)
    for one in words:
        assert any(one in finding for finding in found), found
    store.close()


async def test_what_fails_only_because_of_the_first_changed_entry_is_counted_in_one_line(store: SqlStore) -> None:
    """M01's terminal was enrolled by another key: nothing that it signed can be followed any more."""
    index, *_ = [index for index, body in store.leaves() if b'"device-enrolled/2","person":"M01"' in body]
    body = store.leaf(index).replace(b'"device-enrolled/2","person":"M01"', b'"device-enrolled/2","person":"M02"')
    edited(update(LEAF).where(LEAF.c.index == index).values(body=body))(store)
    found = findings(store)
    assert found[0] == f"Entry {index} does not say what its signed command leads to."
    assert found[1].startswith("Among the entries")
    assert found[2].startswith("More entries behind it do not follow")
    assert len(found) == 3
    store.close()


async def test_why_a_command_is_refused_is_said_in_words(store: SqlStore) -> None:
    [index] = [index for index, body in store.leaves() if b'"round-opened/2","item":"1"' in body]
    body = store.leaf(index)
    place = body.index(b'"signature":"') + len(b'"signature":"')
    forged = body[:place] + (b"B" if body[place : place + 1] == b"A" else b"A") + body[place + 1 :]
    edited(update(LEAF).where(LEAF.c.index == index).values(body=forged))(store)
    said = "\n".join(findings(store))
    assert f"The signed command behind entry {index} is not admissible" in said
    assert "The signature does not fit." in said
    assert not [reason for reason in Reason if f"({reason})" in said or f": {reason}" in said]
    store.close()


def witnessed(store: SqlStore, book: Playbook, size: int) -> str:
    """Let M02's terminal cosign the head of this size, and return the line."""
    note = dict(store.notes())[size]
    key = book.keys[Principal("M02", Role.MEMBER)]
    device = key_id(bytes(key.verify_key))
    line = cosign(body_of(note), key, cosigner_name(ORIGIN, device), 1_793_523_600)
    store.cosign([(size, device, line)])
    return line


async def test_cosignatures_and_heads_beside_the_ledger_are_looked_at_and_do_not_keep_it_from_being_saved(
    store: SqlStore, book: Playbook, tmp_path: Path
) -> None:
    line = witnessed(store, book, 18)
    assert audit(store, KEY, ORIGIN).sound
    edited(update(COSIGNATURE).values(line=line.replace("A", "B")))(store)
    found = audit(store, KEY, ORIGIN)
    assert (found.sound, found.holds) == (False, True)
    [finding] = findings(store)
    assert finding.startswith("The cosignature of M02 on the head of 18 entries does not hold")
    written_anyway = write_backup(store, tmp_path / "copy", KEY, ORIGIN)
    assert [str(one) for one in written_anyway.audit.findings] == [finding]
    edited(delete(CHECKPOINT).where(CHECKPOINT.c.size == 18))(store)
    assert findings(store) == ["The signed head of 18 entries is gone; terminals cosigned it (1)."]
    edited(update(COSIGNATURE).values(size=30))(store)
    assert "the end of the record was taken away, or these cosignatures were changed" in findings(store)[0]
    store.mark_restored(Restored(18, "root", "reason"))
    assert any("must have been a signed head over 18 entries" in one for one in findings(store))
    store.close()


async def test_an_older_copy_is_named_by_a_head_that_was_kept_outside(store: SqlStore, book: Playbook) -> None:
    newest = store.note()
    assert audit(store, KEY, ORIGIN, seen=newest).sound
    assert audit(store, KEY, ORIGIN, seen=store.notes()[2][1]).sound
    emptied()(store)
    for table, column in ((LEAF, LEAF.c.index >= 18), (CHECKPOINT, CHECKPOINT.c.size > 18)):
        edited(delete(table).where(column))(store)
    edited(update(HEAD).values(size=18))(store)
    assert audit(store, KEY, ORIGIN).sound
    found = audit(store, KEY, ORIGIN, seen=newest)
    assert [str(one).partition(":")[0] for one in found.findings] == [
        f"The clerk has seen a head of {len(book.entries)} entries, and there are only 18"
    ]
    other = sign_checkpoint(Checkpoint(ORIGIN, 18, bytes(32)), LOG_KEY, ORIGIN)
    [finding] = audit(store, KEY, ORIGIN, seen=other).findings
    assert "are not those of the head that the clerk has seen" in str(finding)
    [finding] = audit(store, KEY, ORIGIN, seen="nonsense").findings
    assert "not signed by this meeting's server" in str(finding)
    store.close()


def test_serve_and_status_say_in_a_line_that_the_end_was_taken_away(tmp_path: Path) -> None:
    folder = MeetingFolder(tmp_path / "meeting")
    folder.path.mkdir()
    (folder.path / "meeting.toml").write_bytes(toml_of(small_definition(port=free_port())))
    pingyi("load", folder.path)
    for name in ("status", "audit"):
        assert "警告" not in pingyi(name, folder.path)
    size = folder.meeting().size
    with closing(folder.open_store()) as store:
        store.cosign([(size + 2, "one", "line"), (size + 2, "another", "line")])
    [line] = [one for one in pingyi("status", folder.path).splitlines() if "警告" in one]
    assert str(size + 2) in line
    with server(folder.path) as process:
        # a killed one says nothing more
        process.terminate()
        process.wait()
    assert "警告" in (folder.path / "server.log").read_text(encoding="utf-8")
    with closing(folder.open_store()) as store:
        edited(delete(COSIGNATURE))(store)
    assert "警告" not in pingyi("status", folder.path)
    profile = folder.clerk_profile()
    other = SigningKey(folder.server_keys().signing_seed)
    profile.remember_head(
        sign_checkpoint(Checkpoint(profile.facts.origin, size + 7, bytes(32)), other, profile.facts.origin)
    )
    assert str(size + 7) in pingyi("status", folder.path)


async def test_the_tables_tell_of_a_moment_and_are_held_to_that_one(database_url: str, book: Playbook) -> None:
    """Later entries do not make them wrong; an edit does, also then."""
    store = SqlStore(database_url)
    recorder = Recorder(Ledger(store, LOG_KEY, ORIGIN), MeetingClock(0))
    commands = submissions(book)
    assert audit(store, KEY, ORIGIN).told is None
    await recorder.record(commands[:18])
    rebuild(store, recorder.meeting)
    await recorder.record(commands[18:])
    found = audit(store, KEY, ORIGIN)
    assert (found.sound, found.told, found.size) == (True, 18, len(commands))
    edited(update(MEMBER).where(MEMBER.c.number == "M01").values(present=False))(store)
    assert findings(store) == ["Table member, row M01: present is False, and by the ledger True."]
    rebuild(store, recorder.meeting)
    assert (told(store), findings(store)) == (len(commands), [])
    recorder.close()


async def test_many_differences_are_counted_and_not_all_named(database_url: str) -> None:
    book = full_house(small_definition(members=40))
    store = SqlStore(database_url)
    recorder = await written(store, book)
    rebuild(store, recorder.meeting)
    edited(update(MEMBER).values(name="x"))(store)
    found = findings(store)
    assert len(found) == auditing.MOST_NAMED + 1
    assert found[-1] == "and 21 more in the table member"  # 40 members and an attendee, 20 named
    recorder.close()


async def test_a_ballot_of_a_running_round_and_a_result_before_its_announcement_are_not_shown() -> None:
    script = full_house(small_definition(members=3)).open("1").cast("M01", 90)
    running = rows_of(script.meeting)
    assert (running[BALLOT], running[RESULT], running[ROUND][0]["received"]) == ([], [], None)
    closed = rows_of(script.close().meeting)
    assert (len(closed[BALLOT]), closed[RESULT]) == (1, [])
    assert len(rows_of(script.announce().meeting)[RESULT]) == 1


async def test_a_reader_of_the_tables_changes_nothing_that_the_server_believes(store: SqlStore) -> None:
    before = Ledger(store, LOG_KEY, ORIGIN).meeting
    emptied()(store)
    with store.writing() as connection:
        connection.execute(text("drop table ballot"))
        connection.execute(text("drop table result"))
    assert Ledger(store, LOG_KEY, ORIGIN).meeting == before
    store.close()


async def test_another_key_or_log_is_named(store: SqlStore) -> None:
    assert any("not signed by" in str(one) for one in audit(store, public_text(LOG_KEY), "other").findings)
    store.close()


def test_an_empty_database_is_sound(database_url: str) -> None:
    store = SqlStore(database_url)
    found = audit(store, KEY, ORIGIN)
    assert (found.sound, found.size, found.told, found.meeting) == (True, 0, None, Meeting())
    store.close()


def test_the_command_says_whether_it_is_sound_and_fills_the_tables(tmp_path: Path) -> None:
    pingyi("new", tmp_path / "meeting", "--sample")
    pingyi("load", tmp_path / "meeting")
    assert "--rebuild" in pingyi("audit", tmp_path / "meeting")
    assert "--rebuild" not in pingyi("audit", tmp_path / "meeting", "--rebuild")
    with closing(SqlStore(f"sqlite:///{tmp_path}/meeting/meeting.db")) as store:
        edited(update(MEMBER).where(MEMBER.c.number == "007").values(entitled=False))(store)
    said = pingyi("audit", tmp_path / "meeting", code=1)
    assert "可以继续" in said
    assert "--rebuild" in said
    assert "--rebuild" not in pingyi("audit", tmp_path / "meeting", "--rebuild")
    assert pingyi("audit", tmp_path / "meeting")
    with closing(SqlStore(f"sqlite:///{tmp_path}/meeting/meeting.db")) as store:
        edited(update(MEMBER).where(MEMBER.c.number == "007").values(entitled=False))(store)
        edited(update(LEAF).where(LEAF.c.index == 1).values(body=b"\x1b[2J"))(store)
    said = pingyi("audit", tmp_path / "meeting", code=1)
    assert "docs/operations.md" in said
    assert "可以继续" not in said
    assert "\x1b" not in said
