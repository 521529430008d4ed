"""A PIN comes from a terminal or from a service manager's credential, from nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from kit.waits import quick_waits
from pingyi_protocol.command_line import BadInput
from pingyi_protocol.keys.key_file import generate_device_keys, write_key_file
from pingyi_protocol.keys.places import Whose
from pingyi_protocol.keys.tries import seconds_to_wait
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.pin_prompt import new_pin, opened

KEYS = generate_device_keys()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "server.key"
    write_key_file(path, KEYS, "2580")
    return path


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "credentials"
    folder.mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_service_is_given_its_pin_in_a_credential(file: Path, credentials: Path, end: str) -> None:
    (credentials / "pingyi.server-pin").write_text(f"2580{end}", newline="")
    assert opened(file, Whose.SERVER, Language.ENGLISH) == KEYS


def test_a_wrong_credential_is_named_counted_and_not_tried_again(
    file: Path, credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = quick_waits(monkeypatch)
    (credentials / "pingyi.server-pin").write_text("0000\n")
    with pytest.raises(BadInput, match=r"pingyi\.server-pin does not open .*server\.key"):
        opened(file, Whose.SERVER, Language.ENGLISH)
    assert (waits, seconds_to_wait(file)) == ([], 1)
    # a service that is restarted again and again waits as a person does
    with pytest.raises(BadInput):
        opened(file, Whose.SERVER, Language.ENGLISH)
    assert (waits, seconds_to_wait(file)) == ([1], 2)


def test_a_credential_for_others_opens_nothing_here(file: Path, credentials: Path) -> None:
    (credentials / "pingyi.clerk-pin").write_text("2580\n")

    @click.command
    def ask() -> None:
        opened(file, Whose.SERVER, Language.ENGLISH)

    assert "PIN of the server's keys" in CliRunner().invoke(ask, input="2580\n").output


ASKING = """
import sys
from pathlib import Path
from pingyi_protocol.command_line import Commands
from pingyi_protocol import command_line, pin_prompt
from pingyi_protocol.keys.places import Whose
from pingyi_protocol.meeting.definition import Language
def ask(*_, **__):
    pin_prompt.opened(Path(sys.argv[1]), Whose.SERVER, Language.ENGLISH)
Commands.main = ask
command_line.main()
"""


def test_without_terminal_and_credential_no_pin_is_read_from_a_pipe_or_the_environment(file: Path) -> None:
    environment = os.environ | {"PINGYI_PIN": "2580", "PINGYI_LANGUAGE": "en"}
    environment.pop("CREDENTIALS_DIRECTORY", None)
    done = subprocess.run(
        [sys.executable, "-c", ASKING, file],
        input="2580\n",
        capture_output=True,
        text=True,
        env=environment,
        start_new_session=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "no terminal to ask for a PIN at" in done.stderr
    assert "pingyi.server-pin" in done.stderr
    assert seconds_to_wait(file) == 0


def test_keys_without_a_pin_are_opened_without_a_question(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.pin_prompt.asked", lambda *_, **__: pytest.fail("asked without need"))
    write_key_file(file, KEYS)
    assert opened(file, Whose.SERVER, Language.ENGLISH) == KEYS


def test_a_new_pin_is_the_same_where_an_input_method_makes_its_digits_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["2580", "\uff12\uff15\uff18\uff10"])
    monkeypatch.setattr("pingyi_protocol.pin_prompt.asked", lambda *_: next(typed))
    assert new_pin(Language.ENGLISH) == "2580"
