import os
import subprocess
import sys
from pathlib import Path
from shutil import which
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "protocol" / "vectors" / "record.zip"
OUTSIDE = getattr(sys, "_base_executable", sys.executable)


def works(python: str) -> bool:
    """Whether this Python is here; a version manager may only have its name."""
    return (
        which(python) is not None and subprocess.run([python, "-V"], capture_output=True, check=False).returncode == 0
    )


OTHERS = [pytest.param(python, marks=pytest.mark.full) for python in ("python3.12", "python3.13") if works(python)]
SCREENS = """
import asyncio
from pathlib import Path
from pingyi_protocol.meeting.definition import Language
from pingyi_terminal.chair.app import ChairApp
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.widgets import big_text_width
assert big_text_width("文化") == 24
for app in (ChairApp(lambda app: (None, asyncio.sleep(0)), Language.CHINESE), SeatApp("M01", Language.ENGLISH, None)):
    assert app.css_path and all(path.is_file() for path in app.css_path), app.css_path
"""

SHEETS = 'from pingyi_server.typesetting.setting import template; template("pingyi_server.cards", "cards.typ")'


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.glob("pingyi-*.whl")
    return built


def installed(python: str, wheel: Path, extras: str, folder: Path) -> Path:
    """Install the wheel with pinned versions into an environment of its own, and return the environment's programs."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True, capture_output=True)
    pip = [python, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet"]
    subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), f"{wheel}{extras}"], check=True, capture_output=True)
    return folder / "bin"


def run(programs: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | {"PINGYI_LANGUAGE": "en"}
    command = [str(programs / "pingyi"), *map(str, arguments)]
    return subprocess.run(command, cwd=programs, env=environment, capture_output=True, text=True, check=False)


def test_the_base_install_verifies_a_record_has_its_screens_and_says_what_the_rest_needs(
    wheel: Path, tmp_path: Path
) -> None:
    programs = installed(OUTSIDE, wheel, "", tmp_path / "base")
    assert run(programs, "verify", RECORD).returncode == 0
    shown = subprocess.run(
        [programs / "python", "-c", SCREENS], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    for arguments in (("new", tmp_path / "meeting"), ("serve", tmp_path), ("load", "--help")):
        refused = run(programs, *arguments)
        assert refused.returncode in (0, 2)
        assert "needs the server part" in refused.stdout + refused.stderr
    refused = run(programs, "web", "seat", "--profile", tmp_path)
    assert (refused.returncode, ".[web]" in refused.stderr) == (2, True)
    pages = {name for name in ZipFile(wheel).namelist() if name.startswith("pingyi_terminal/web/page/")}
    assert {Path(name).suffix for name in pages} == {".html", ".css", ".js"}


@pytest.mark.parametrize("python", [OUTSIDE, *OTHERS], ids=lambda one: Path(one).name)
def test_the_server_install_makes_loads_and_exports_a_meeting(wheel: Path, tmp_path: Path, python: str) -> None:
    programs = installed(python, wheel, "[server]", tmp_path / "server")
    meeting = tmp_path / "meeting"
    for arguments in (
        ("new", meeting, "--sample"),
        ("load", meeting),
        ("status", meeting),
        ("export", meeting, "--out", tmp_path / "record"),
        ("verify", tmp_path / "record" / "record.zip"),
    ):
        done = run(programs, *arguments)
        assert done.returncode == 0, (arguments, done.stderr)
    subprocess.run([programs / "python", "-c", SHEETS], cwd=tmp_path, check=True)
    # the pins that the install was made with came along
    assert "with the libraries that it was tested with" in run(programs, "doctor", meeting).stdout
