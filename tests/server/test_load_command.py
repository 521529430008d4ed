"""``pingyi load``: keys are made once, by one, and nobody else on the machine reads what it writes."""

import stat
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from kit.factories import small_definition
from kit.hall import free_port
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
