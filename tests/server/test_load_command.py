"""``pingyi load``: keys are made once, by one, and nobody else on the machine reads what it writes."""

import asyncio
import stat
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from kit.factories import small_definition
from kit.hall import free_port
from pingyi_protocol.meeting.commands import LiftRecusal, Recuse
from pingyi_server.clerk import submit
from pingyi_server.commands.load import load
from pingyi_server.folder import FolderBusyError, MeetingFolder
from pingyi_server.imports.toml_file import toml_of


@pytest.fixture
def folder(tmp_path: Path) -> MeetingFolder:
    (tmp_path / "meeting.toml").write_bytes(toml_of(small_definition(members=5, port=free_port())))
    return MeetingFolder(tmp_path)


def test_keys_are_not_made_while_another_load_makes_them(folder: MeetingFolder) -> None:
    with folder.held():
        result = CliRunner().invoke(load, [str(folder.path)])
        assert isinstance(result.exception, FolderBusyError)
        assert not folder.begun
        assert not folder.clerk.exists()
    result = CliRunner().invoke(load, [str(folder.path)])
    assert result.exit_code == 0, result.output
    assert folder.clerk_profile().facts.server_key == folder.server_keys().transport.public


def test_what_is_written_is_for_its_owner_only(folder: MeetingFolder) -> None:
    given = set(folder.path.iterdir())
    assert CliRunner().invoke(load, [str(folder.path)]).exit_code == 0
    written = [path for path in folder.path.rglob("*") if path not in given]
    assert {"meeting.db", "server.key", "meeting.lock"} <= {path.name for path in written}
    assert [path.name for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_who_only_looks_is_waited_for(folder: MeetingFolder) -> None:
    looking = threading.Event()

    def look() -> None:
        with folder.held():
            looking.set()
            time.sleep(0.1)

    other = threading.Thread(target=look)
    other.start()
    looking.wait()
    with folder.locked(patience=60):
        pass
    other.join()


def loaded(folder: MeetingFolder, members: int, *recusals: Recuse) -> str:
    """Write the meeting file and load it; return what was said, in English."""
    definition = small_definition(members)
    (folder.path / "meeting.toml").write_bytes(toml_of(definition, recusals))
    result = CliRunner(env={"PINGYI_LANGUAGE": "en"}).invoke(load, [str(folder.path)])
    assert result.exit_code == 0, result.output
    return result.output


FIRST = Recuse("M02", "1", "worked there")
SECOND = Recuse("M03", "2", "a relative works there")


def test_recusals_of_the_file_go_on_the_record_after_its_definition_and_once(folder: MeetingFolder) -> None:
    said = loaded(folder, 5, FIRST)
    assert "Kinds of item: 2 score." in said
    assert "Recused: item 1, M02 委员02, worked there" in said
    assert dict(folder.meeting().recusals) == {("1", "M02"): "worked there"}
    size = folder.meeting().size
    assert loaded(folder, 5, FIRST).startswith("Nothing has changed since the last load.")
    assert folder.meeting().size == size


def test_a_reload_adds_recusals_and_lifts_none(folder: MeetingFolder) -> None:
    loaded(folder, 5, FIRST)
    asyncio.run(submit(folder, Recuse("M04", "2", "by hand")))
    said = loaded(folder, 5, Recuse("M02", "1", "another reason"), SECOND)
    assert "Recused: item 2, M03 委员03, a relative works there" in said
    assert "Changed since" not in said
    assert "item 2, M04 委员04 is recused, by hand" in said
    assert "item 1, M02 委员02 is recused, worked there" in said
    wanted = {("1", "M02"): FIRST.reason, ("2", "M04"): "by hand", ("2", "M03"): SECOND.reason}
    assert dict(folder.meeting().recusals) == wanted


def test_a_load_that_was_cut_short_goes_on_with_what_is_missing(folder: MeetingFolder) -> None:
    loaded(folder, 5, FIRST)
    asyncio.run(submit(folder, LiftRecusal("M02", "1", "as if it had never come")))
    assert "Recused: item 1, M02" in loaded(folder, 5, FIRST)


def test_who_is_no_longer_on_the_roster_is_recused_from_nothing(folder: MeetingFolder) -> None:
    loaded(folder, 5, FIRST, SECOND)
    loaded(folder, 2, FIRST)
    assert dict(folder.meeting().recusals) == {("1", "M02"): "worked there"}


def test_a_recusal_of_nobody_on_the_roster_is_named_and_nothing_is_written(folder: MeetingFolder) -> None:
    (folder.path / "meeting.toml").write_bytes(toml_of(small_definition(), [Recuse("M99", "1", "reason")]))
    result = CliRunner(env={"PINGYI_LANGUAGE": "en"}).invoke(load, [str(folder.path)])
    assert result.exit_code == 2
    assert '[[recusals]], entry 1, person: found "M99"' in result.stderr
    assert not folder.begun
