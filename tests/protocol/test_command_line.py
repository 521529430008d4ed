"""``pingyi`` as a whole: what it says when it is called wrongly, cannot do what was asked, or lacks its libraries."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from pingyi_protocol.command_words import first_sentence

RUN = "import sys; sys.modules.update({absent}); from pingyi_protocol.command_line import main; main()"
REFUSING = """
from pingyi_protocol import command_line

def refuse(*_, **__):
    raise OSError({number}, "refused", "minutes.txt")

command_line.Commands.main = refuse
command_line.main()
"""


def pingyi(
    *arguments: object, language: str = "en", absent: tuple[str, ...] = ()
) -> "subprocess.CompletedProcess[str]":
    """Run the program as if the modules in ``absent`` were not installed."""
    program = RUN.format(absent=dict.fromkeys(absent))
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={"PINGYI_LANGUAGE": language, "PYTHONUTF8": "1", "COLUMNS": "80"},
    )


WRONG = {
    "missing argument": (["status"], "DIR is missing.", "缺少 DIR。"),
    "missing option": (["export", "."], "--out is missing.", "缺少 --out。"),
    "too many": (["status", ".", "spare"], "more than the command takes: spare.", "参数太多：spare。"),
    "no option": (["status", "--foo"], "There is no option --foo.", "没有选项 --foo。"),
    "no command": (["stauts"], "There is no command stauts.", "没有命令 stauts。"),
    "no clerk's command": (["clerk", "checkin"], "There is no command checkin.", "没有命令 checkin。"),
    "choice": (
        ["export", ".", "--out", "x", "--lang", "de"],
        "--lang is one of: zh, en.",
        "--lang 应为以下之一：zh, en。",
    ),
    "a file, not a folder": (["export", ".", "--out", __file__], "--out must be a folder", "--out 应为文件夹"),
    "no folder there": (["programme", "/nowhere"], "FOLDER must be a folder that is there", "FOLDER 应为已有的文件夹"),
    "no value": (["export", ".", "--out"], "--out was given without its value", "--out 没有给值"),
}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("arguments", "english", "chinese"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_call_is_said_in_one_line_in_the_persons_language(
    arguments: list[str], english: str, chinese: str, language: str
) -> None:
    done = pingyi(*arguments, language=language)
    assert (done.returncode, done.stdout) == (2, "")
    assert (chinese if language == "zh" else english) in done.stderr
    assert done.stderr.count("\n") == 1
    assert "--help" in done.stderr


def test_help_is_in_one_language_and_cut_nowhere() -> None:
    pages = [pingyi("--help", language="zh"), pingyi("export", "-h", language="zh"), pingyi("new", "-h", language="zh")]
    for page in pages:
        assert page.returncode == 0
        assert not any(word in page.stdout for word in ("Usage", "Options", "Commands", "Show ", "required", "default"))
    english = pingyi("--help")
    assert "..." not in english.stdout.replace("COMMAND ...", "")
    assert "(required)" in pingyi("export", "--help").stdout


def test_the_first_sentence_stands_in_the_list() -> None:
    assert first_sentence("Write meeting.xlsx into\nDIR. Nothing else.\n\nMore.") == "Write meeting.xlsx into DIR."
    assert first_sentence("写一个会议文件夹。已有的文件不会被覆盖。") == "写一个会议文件夹。"
    assert first_sentence("no full stop") == "no full stop"


@pytest.mark.parametrize("arguments", [[], ["m1"], ["--help"], ["m1", "--out", "x", "--force"]])
@pytest.mark.parametrize("command", ["status", "export", "load"])
def test_a_command_without_its_libraries_says_how_to_get_them(command: str, arguments: list[str]) -> None:
    done = pingyi(command, *arguments, absent=("sqlalchemy",))
    assert (done.returncode, done.stdout) == (2, "")
    assert "(sqlalchemy is missing)" in done.stderr
    assert done.stderr.endswith("pip install -c constraints.txt '.[server]'\n")
    assert "(sqlalchemy is missing)." in " ".join(pingyi("--help", absent=("sqlalchemy",)).stdout.split())


def test_so_does_one_that_needs_them_only_when_it_runs(tmp_path: Path) -> None:
    done = pingyi("new", tmp_path / "m", absent=("openpyxl", "xlsxwriter", "tomli_w"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "server part" in done.stderr
    assert done.stderr.count("\n") == 1


def test_keys_at_rest_need_neither_server_nor_network(tmp_path: Path) -> None:
    done = pingyi("keys", "list", "--profile", tmp_path, absent=("sqlalchemy", "zmq", "textual"))
    assert (done.returncode, done.stderr) == (0, "")
    assert f"no keys in {tmp_path}" in done.stdout


@pytest.mark.parametrize(("language", "said"), [("en", "There is no file or folder"), ("zh", "没有文件或文件夹")])
def test_what_the_system_refuses_is_said_in_words(language: str, said: str) -> None:
    done = pingyi("verify", "none.zip", language=language)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "none.zip" in done.stderr


def test_a_full_disk_is_a_failure_and_no_bad_input() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", RUN.format(absent={}), "--help"], stdout=full, stderr=subprocess.PIPE, text=True,
            check=False, env={"PINGYI_LANGUAGE": "en"},
        )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "Make room on it" in done.stderr


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.EROFS, 1), (errno.EIO, 1), (errno.EDQUOT, 1), (errno.ENOSPC, 1), (errno.EACCES, 2), (errno.ENOENT, 2)],
)
def test_what_a_disk_refuses_is_a_failure_and_names_the_file(number: int, code: int) -> None:
    program = REFUSING.format(number=number)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert "minutes.txt" in done.stderr


def test_a_suggested_command_can_be_typed_as_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    assert f"pingyi new '{folder}'" in pingyi("status", folder).stderr
    assert f"pingyi load '{folder}'" in pingyi("new", folder).stdout
    assert f"pingyi load '{folder}'" in pingyi("status", folder).stderr


@pytest.mark.parametrize(("typed", "kind"), [("load m", "dir"), ("verify r", "file"), ("export m --out o", "dir")])
def test_the_shell_completes_folders_and_files(typed: str, kind: str) -> None:
    words = f"pingyi {typed}"
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(absent={})],
        capture_output=True,
        text=True,
        check=False,
        env={"_PINGYI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)},
    )
    assert done.stdout.startswith(f"{kind},")
