"""What the clerk's commands print: codes and their QR, attendance, and refusals that say what to do."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from kit.factories import small_definition
from kit.playbook import full_house
from pingyi_protocol.command_line import Failure
from pingyi_protocol.keys.qr import qr_half_blocks
from pingyi_protocol.meeting.definition import Definition
from pingyi_server.commands.clerk import clerk
from pingyi_server.commands.code import black_on_white, code
from pingyi_server.commands.load import load
from pingyi_server.commands.options import words
from pingyi_server.commands.status import attendance, status
from pingyi_server.imports.toml_file import toml_of
from pingyi_server.ledger.sql_store import SqlStore
from pingyi_server.ledger.store import StoreError


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_LANGUAGE", "en")


def meeting_in(folder: Path, definition: Definition | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "meeting.toml").write_bytes(toml_of(definition or small_definition()))
    told = CliRunner().invoke(load, [str(folder)])
    assert told.exit_code == 0, told.output
    return folder


def run(*arguments: object) -> Result:
    """Run an act of the clerk."""
    return CliRunner().invoke(clerk, [str(argument) for argument in arguments])


def test_a_code_is_printed_once(tmp_path: Path) -> None:
    told = CliRunner().invoke(code, [str(meeting_in(tmp_path)), "M01"])
    assert sum(line.isdigit() for line in told.output.splitlines()) == 1
    assert "pingyi seat" in told.output
    assert "earlier codes" in told.output


def test_the_qr_brings_its_own_black_and_white_on_every_line() -> None:
    lines = black_on_white(qr_half_blocks("910")).split("\n")
    assert len(lines) > 10
    assert all(line.startswith("\x1b[38;5;16m\x1b[48;5;231m") and line.endswith("\x1b[0m") for line in lines)


def test_attendance_tells_the_quorum_from_what_is_missing() -> None:
    definition = small_definition(members=5)
    meeting = full_house(definition).meeting
    assert attendance(meeting, definition).endswith("quorum 3, met")
    one = msgspec.structs.replace(meeting, present=type(meeting.present)(list(meeting.present.items())[:1]))
    assert attendance(one, definition).endswith(words()("status.quorum_missing", missing=2))
    assert "present 1, quorum 3, 2 missing" in attendance(one, definition)


def test_refusals_of_the_clerks_acts_fit_the_act(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path)
    absent = run("check-out", folder, "M02", "--reason", "left")
    assert (absent.exit_code, "nothing had to be done" in absent.output) == (Failure.exit_code, True)
    unknown = run("check-in", folder, "777", "--reason", "late")
    assert "number 777 in this role" in unknown.output
    assert "  " not in unknown.output


def test_status_of_a_database_that_is_not_there_makes_none(tmp_path: Path) -> None:
    folder = meeting_in(tmp_path / "m")
    told = CliRunner().invoke(status, [str(folder), "--database", f"sqlite:///{tmp_path / 'nothing.db'}"])
    assert "no database" in str(told.exception)
    assert not (tmp_path / "nothing.db").exists()


def test_what_the_database_says_comes_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_bytes(b"no database at all, only text" * 200)
    faults = {
        "bogus://host/x": "begins with sqlite:///",
        f"sqlite:///{tmp_path / 'text.db'}": "restore a backup",
        f"sqlite:///{tmp_path / 'no' / 'folder.db'}": "Check that it is where you say",
    }
    for url, advice in faults.items():
        with pytest.raises(StoreError, match=advice):
            SqlStore(url)


def test_load_counts_one_error_as_one_and_says_warnings_first(tmp_path: Path) -> None:
    text = toml_of(small_definition()).decode().replace('"chair"', '"scrutineer"').replace("port = 7610", "port = 0")
    (tmp_path / "meeting.toml").write_text(text, encoding="utf-8")
    told = CliRunner().invoke(load, [str(tmp_path)])
    assert told.exit_code == 2
    assert told.stderr.startswith("Warning: [[roster]], roles: nobody has the role")
    assert "1 error in the meeting file" in told.stderr
    assert len(told.stderr.splitlines()) == 3
