import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RUN = "from pingyi_protocol.command_line import main; main()"
SCREENS = """
import asyncio, sys
import pingyi_terminal
from pingyi_protocol.meeting.definition import Language
from pingyi_terminal.chair.app import ChairApp
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.widgets import big_text_width
assert pingyi_terminal.__file__.startswith(sys.argv[1]), pingyi_terminal.__file__
assert big_text_width("文化") == 24
for app in (ChairApp(lambda app: (None, asyncio.sleep(0)), Language.CHINESE), SeatApp("M01", Language.ENGLISH, None)):
    assert app.css_path and all(path.is_file() for path in app.css_path), app.css_path
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content in a folder of its own, away from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("pingyi-*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def run(site: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"PYTHONPATH": str(site), "PINGYI_LANGUAGE": "en"}
    command = [sys.executable, "-c", *map(str, arguments)]
    return subprocess.run(command, cwd=site.parent, env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_makes_loads_and_verifies_a_meeting_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    for arguments in (
        ("new", tmp_path / "meeting", "--sample"),
        ("load", tmp_path / "meeting"),
        ("status", tmp_path / "meeting"),
    ):
        done = run(installed, RUN, *arguments)
        assert done.returncode == 0, done.stderr
    done = run(installed, RUN, "verify", ROOT / "protocol" / "vectors" / "record.zip")
    assert done.returncode == 0, done.stderr
    listed = run(installed, RUN, "--help").stdout
    for command in ("new", "load", "serve", "code", "seat", "chair", "hall", "clerk", "status", "export", "verify"):
        assert f"\n  {command} " in listed


def test_the_wheel_holds_the_screens_styles_and_glyphs(installed: Path) -> None:
    done = run(installed, SCREENS, installed)
    assert done.returncode == 0, done.stderr
