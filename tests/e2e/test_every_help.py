"""Every command and each of its acts explains itself in the locale's language, in English on a bare console."""

import re
import subprocess
import sys

import pytest

from kit.processes import ENVIRONMENT

CHINESE = re.compile(r"[\u3400-\u9fff]")
WALK = """
import click
from click.testing import CliRunner
from pingyi_protocol.command_line import Commands

main = Commands("pingyi")

def walk(command, *names):
    print(f"== {' '.join(names)}")
    print(CliRunner().invoke(main, [*names, "--help"], terminal_width=200).output)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            walk(command.get_command(context, name), *names, name)

walk(main)
"""


def helps(**environment: str) -> dict[str, str]:
    """The help page of every command, by its name."""
    asked = {name: value for name, value in ENVIRONMENT.items() if name not in {"PINGYI_LANGUAGE", "LC_ALL", "TERM"}}
    done = subprocess.run(
        [sys.executable, "-c", WALK], env=asked | environment, capture_output=True, text=True, check=True, timeout=120
    )
    pages = done.stdout.split("== ")[1:]
    return dict(page.split("\n", 1) for page in pages)


@pytest.mark.parametrize(
    ("environment", "chinese"),
    [
        ({"LC_ALL": "zh_CN.UTF-8", "PYTHONUTF8": "1"}, True),
        ({"LC_ALL": "en_GB.UTF-8", "PYTHONUTF8": "1"}, False),
        ({"LC_ALL": "zh_CN.UTF-8", "PYTHONUTF8": "1", "TERM": "linux"}, False),
    ],
    ids=["zh", "en", "linux"],
)
def test_every_page_of_help_speaks_the_language_of_the_locale(environment: dict[str, str], *, chinese: bool) -> None:
    pages = helps(**environment)
    assert {"seat", "chair", "hall", "scrutineer", "clerk", "clerk check-in", "verify", "serve", "web"} <= set(pages)
    assert [name for name, page in pages.items() if bool(CHINESE.search(page)) is not chinese] == []
