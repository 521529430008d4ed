"""A record of another version of the product: nobody changed it, and that is what is said."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from kit.exports import LOG_KEY
from kit.records import LOG, ORIGIN, Record
from kit.tampering import GOOD
from pingyi_protocol.commands.verify import verify
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.events import DefinitionLoaded
from pingyi_protocol.record.entry import EntryError, OtherVersionError, decode_entry
from pingyi_server.exports.view import ExportError, Reader
from pingyi_server.ledger.audit import audit
from pingyi_server.ledger.backup import BackupError, write_backup
from pingyi_server.ledger.database import for_writing, open_engine
from pingyi_server.ledger.ledger import Ledger, LedgerDamagedError
from pingyi_server.ledger.revision import REVISIONS, migrate, revision_of, upgrade
from pingyi_server.ledger.sql_store import SqlStore, sqlite_url
from pingyi_server.ledger.tables import LEAF

PLACE = GOOD.find(DefinitionLoaded)
EARLIER = GOOD.leaves[PLACE].replace(b'"type":"definition-loaded/4"', b'"type":"definition-loaded/2"')
OTHER = GOOD.with_leaves((*GOOD.leaves[:PLACE], EARLIER, *GOOD.leaves[PLACE + 1 :])).signed_again()


def stored(folder: Path, record: Record, notes: tuple[str, ...]) -> SqlStore:
    store = SqlStore(sqlite_url(folder / "meeting.db"))
    store.append(0, record.leaves, notes[-1])
    return store


def test_an_event_of_another_version_is_told_from_what_is_no_entry() -> None:
    with pytest.raises(OtherVersionError, match=r"definition-loaded/2.*another version of Pingyi.*Use the version"):
        decode_entry(EARLIER)
    rubbish = (b"", b"{", b"[" * 100_000, EARLIER.replace(b"/2", b"/0"), EARLIER.replace(b"definition-loaded/2", b"x"))
    twisted = GOOD.leaves[PLACE].replace(b'"definition":', b'"definitions":', 1)
    for leaf in (*rubbish, twisted):
        with pytest.raises(EntryError) as found:
            decode_entry(leaf)
        assert type(found.value) is EntryError


def test_the_server_and_its_exports_say_so_and_what_to_do(tmp_path: Path) -> None:
    store = stored(tmp_path, OTHER, OTHER.notes)
    with pytest.raises(OtherVersionError) as refused:
        Ledger(store, LOG, ORIGIN)
    assert "请使用开会时所用的版本" in refused.value.words(Language.CHINESE)
    with store.snapshot() as still, pytest.raises(ExportError, match=r"Nothing was written.*another version"):
        list(Reader(still, LOG_KEY).leaves())
    found = audit(store, LOG_KEY, ORIGIN)
    assert found.other_version
    assert not found.holds
    with pytest.raises(BackupError, match=r"No backup was written. .*another version"):
        write_backup(store, tmp_path / "backup.db", LOG_KEY, ORIGIN)


def test_a_leaf_that_was_only_made_to_look_like_one_is_named_as_changed(tmp_path: Path) -> None:
    store = stored(tmp_path, OTHER, GOOD.notes)
    with pytest.raises(LedgerDamagedError, match="changed"):
        Ledger(store, LOG, ORIGIN)
    assert not audit(store, LOG_KEY, ORIGIN).other_version


def test_a_database_that_this_version_cannot_read_is_not_upgraded_away_from_the_one_that_can(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "meeting.db")
    engine = open_engine(url)
    with for_writing(engine).begin() as connection:
        migrate(connection, "base", REVISIONS[-2])
        connection.execute(insert(LEAF), [{"index": 0, "body": EARLIER}])
    with pytest.raises(OtherVersionError):
        upgrade(url)
    with engine.connect() as connection:
        assert revision_of(connection) == REVISIONS[-2]
    engine.dispose()


def test_verify_says_so_too(tmp_path: Path) -> None:
    said = CliRunner().invoke(verify, [str(OTHER.write(tmp_path / "record.zip")), "--lang", "zh"])
    assert said.exit_code == 1
    assert "由另一版本的评议系统写成" in said.output
    assert said.output.rstrip().endswith("请用那个版本核验。")
    forged = replace(OTHER, notes=GOOD.notes).write(tmp_path / "forged.zip")
    assert CliRunner().invoke(verify, [str(forged)]).output.rstrip().endswith("NOT VALID")
