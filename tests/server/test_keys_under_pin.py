"""The server's and the clerk's keys under PINs: asked for by who signs with them, by nobody who reads."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from kit.factories import small_definition
from kit.hall import free_port
from kit.processes import DYING_WITH_US, ENVIRONMENT, PINGYI, Terminal
from kit.waits import WAIT_SECONDS, quick_waits
from pingyi_protocol.keys.key_file import WrongPinError, read_key_file, write_key_file
from pingyi_protocol.meeting.commands import LoadDefinition
from pingyi_server.clerk import submitted
from pingyi_server.commands.audit import audit
from pingyi_server.commands.backup import backup
from pingyi_server.commands.clerk import clerk
from pingyi_server.commands.code import code
from pingyi_server.commands.export import export
from pingyi_server.commands.restore import restore
from pingyi_server.commands.status import status
from pingyi_server.folder import MeetingFolder

SERVER, CLERK = "server-pin", "clerk-pin"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MeetingFolder:
    """A loaded meeting whose server's and clerk's keys lie under different PINs."""
    monkeypatch.setenv("PINGYI_LANGUAGE", "en")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    found = MeetingFolder(tmp_path / "july")
    found.path.mkdir()
    begin(found)
    for key_file, pin in ((found.server_key, SERVER), (found.clerk_profile().key_file, CLERK)):
        write_key_file(key_file, read_key_file(key_file), pin)
    return MeetingFolder(found.path)


def begin(folder: MeetingFolder) -> None:
    definition = small_definition(port=free_port())
    folder.begin(definition)
    submitted(folder, LoadDefinition(definition))


def run(command: click.Command, *arguments: object, typed: str = "") -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments], typed)


def test_who_only_reads_is_asked_for_no_pin(folder: MeetingFolder, tmp_path: Path) -> None:
    copy = tmp_path / "copy.pingyi"
    for command, *arguments in (
        (status, folder.path),
        (audit, folder.path),
        (backup, folder.path, "--out", copy),
        (export, folder.path, "--out", tmp_path / "out"),
        (restore, folder.path, copy, "--reason", "disk failed", "--yes"),
    ):
        done = run(command, *arguments)
        assert (done.exit_code, "PIN" in done.output) == (0, False), done.output


def test_an_act_of_the_clerk_alone_asks_once_for_each_pin(folder: MeetingFolder) -> None:
    done = run(clerk, "check-in", folder.path, "M02", "--reason", "late", typed=f"{CLERK}\n{SERVER}\n")
    assert done.exit_code == 0, done.output
    assert [done.output.count(f"PIN of the {whose}'s keys") for whose in ("clerk", "server")] == [1, 1]
    assert not any(pin in done.output for pin in (CLERK, SERVER))
    issued = run(code, folder.path, "M02", typed=f"{CLERK}\n{SERVER}\n")
    assert issued.exit_code == 0, issued.output


def test_a_wrong_pin_puts_nothing_on_the_record(folder: MeetingFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = quick_waits(monkeypatch)
    before = folder.meeting().size
    done = run(clerk, "check-in", folder.path, "M02", "--reason", "late", typed="0000\n" * 4)
    assert (done.exit_code, waits, folder.meeting().size) == (2, [1, 2, 4], before)
    assert "only a copy" in done.output


def test_without_a_pin_given_no_private_key_is_opened(folder: MeetingFolder) -> None:
    for opening in (folder.server_keys, folder.clerk_keys, folder.first_command):
        with pytest.raises(WrongPinError, match="is protected by a PIN"):
            opening()
    assert not list(folder.path.rglob("*.tries"))


@contextmanager
def service(folder: MeetingFolder, credentials: Path | None) -> Iterator["subprocess.Popen[str]"]:
    """Run ``pingyi serve`` as a service manager does, without a terminal."""
    given = {} if credentials is None else {"CREDENTIALS_DIRECTORY": str(credentials)}
    process = subprocess.Popen(
        [*DYING_WITH_US, PINGYI, "serve", folder.path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=ENVIRONMENT | {"PINGYI_LANGUAGE": "en"} | given,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def served(folder: MeetingFolder) -> None:
    """Wait until the meeting is served."""
    until = time.monotonic() + WAIT_SECONDS
    while not folder.serving.exists():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_service_is_given_the_servers_pin_and_then_the_clerk_needs_only_the_clerks(
    folder: MeetingFolder, tmp_path: Path
) -> None:
    (tmp_path / "pingyi.server-pin").write_text(f"{SERVER}\n")
    with service(folder, tmp_path) as process:
        served(folder)
        done = run(clerk, "check-in", folder.path, "M02", "--reason", "late", typed=f"{CLERK}\n")
        assert done.exit_code == 0, done.output
        assert "server's keys" not in done.output
        process.terminate()
        said, _ = process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == 0
    assert "M02" in folder.meeting().present
    assert not any(pin in said for pin in (CLERK, SERVER))


def test_a_service_without_its_pin_says_where_to_put_it_and_serves_nothing(folder: MeetingFolder) -> None:
    with service(folder, None) as process:
        said, _ = process.communicate(timeout=WAIT_SECONDS)
    assert (process.returncode, folder.serving.exists()) == (2, False)
    assert said.count("\n") == 1
    assert "pingyi.server-pin" in said


def test_in_a_terminal_the_server_asks_and_shows_nothing_of_the_pin(folder: MeetingFolder) -> None:
    terminal = Terminal("serve", folder.path)
    terminal.answer("服务器密钥的 PIN 码", SERVER)
    assert SERVER not in terminal.until("Ctrl+C")


def test_ctrl_c_ends_the_asking(folder: MeetingFolder) -> None:
    terminal = Terminal("serve", folder.path)
    terminal.until("服务器密钥的 PIN 码")
    assert terminal.interrupt() == 130


def test_the_pins_are_asked_for_before_a_bar_moves(folder: MeetingFolder) -> None:
    terminal = Terminal("cards", folder.path, "M02", columns=120)
    terminal.answer("工作人员密钥的 PIN 码", CLERK)
    asked = terminal.until("服务器密钥的 PIN 码")
    assert "━" not in asked
    terminal.answer("服务器密钥的 PIN 码", SERVER)
    terminal.until(".pdf")
