import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORD = ROOT / "protocol" / "vectors" / "record.zip"
OUTSIDE = getattr(sys, "_base_executable", sys.executable)


def run(*command: object, folder: Path, language: str = "en") -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [str(one) for one in command], cwd=folder, env=environment | {"PINGYI_LANGUAGE": language},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    """A folder with one harmed wheel, for this machine and its Python."""
    folder = tmp_path / "packed"
    shutil.copytree(ROOT / "scripts" / "wheelhouse_parts", folder)
    contents = {"python": "{}.{}".format(*sys.version_info[:2]), "platform": sysconfig.get_platform(), "parts": "base"}
    (folder / "contents.json").write_text(json.dumps(contents), encoding="utf-8")
    (folder / "SHA256SUMS").write_text(f"{hashlib.sha256(b'whole').hexdigest()}  wheels/a.whl\n", encoding="utf-8")
    (folder / "wheels").mkdir()
    (folder / "wheels" / "a.whl").write_bytes(b"whol")
    return folder


@pytest.mark.network
def test_a_folder_installs_where_there_is_no_network_and_no_pip(tmp_path: Path) -> None:
    wheelhouse = tmp_path / "wheelhouse"
    made = run(OUTSIDE, ROOT / "scripts" / "wheelhouse", wheelhouse, "base", folder=tmp_path)
    assert made.returncode == 0, made.stderr
    # -S leaves out the packages of this machine's Python, its pip among them
    installed = run("unshare", "-n", OUTSIDE, "-S", wheelhouse / "install.py", "here", folder=tmp_path)
    assert installed.returncode == 0, installed.stderr
    program = tmp_path / "here" / "bin" / "pingyi"
    assert str(program) in installed.stdout
    assert run("unshare", "-n", program, "verify", RECORD, folder=tmp_path).returncode == 0
    again = run(OUTSIDE, wheelhouse / "install.py", "here", folder=tmp_path)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)


@pytest.mark.parametrize(("language", "said"), [("en", "Copy the folder again."), ("zh", "请重新复制整个文件夹。")])
def test_a_harmed_wheel_is_named_before_anything_is_installed(
    packed: Path, tmp_path: Path, language: str, said: str
) -> None:
    refused = run(OUTSIDE, packed / "install.py", folder=tmp_path, language=language)
    assert refused.returncode == 1
    assert refused.stderr.startswith("wheels/a.whl ")
    assert said in refused.stderr
    assert not (tmp_path / "pingyi").exists()


def test_another_python_is_told_which_one_it_is_for(packed: Path, tmp_path: Path) -> None:
    contents = json.loads((packed / "contents.json").read_text(encoding="utf-8"))
    (packed / "contents.json").write_text(json.dumps(contents | {"python": "3.99"}), encoding="utf-8")
    refused = run(OUTSIDE, packed / "install.py", folder=tmp_path)
    assert (refused.returncode, "for Python 3.99 on" in refused.stderr) == (1, True)


def test_what_is_no_part_or_no_new_folder_is_refused(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "wheelhouse"
    assert "There is no part servers;" in run(OUTSIDE, script, "new", "servers", folder=tmp_path).stderr
    assert "is there already" in run(OUTSIDE, script, tmp_path, folder=tmp_path).stderr
    assert (
        "There is no Python at no-python." in run(OUTSIDE, script, "new", "base", "no-python", folder=tmp_path).stderr
    )
    assert run(OUTSIDE, script, folder=tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []


def test_both_languages_say_the_same_things() -> None:
    words = json.loads((ROOT / "scripts" / "wheelhouse_parts" / "words.json").read_text(encoding="utf-8"))
    assert words["en"].keys() == words["zh"].keys()
