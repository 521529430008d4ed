"""The help of every command as people read it, and the reference pages of the documentation made of it."""

import subprocess
import sys

from kit.processes import ENVIRONMENT
from pingyi_protocol.meeting.definition import Language

WALK = """
import click
from click.testing import CliRunner
from pingyi_protocol.command_line import program

main = program()

def walk(command, *names):
    print(f"== {' '.join(names)}")
    wide = {"terminal_width": WIDTH, "max_content_width": WIDTH}
    print(CliRunner().invoke(main, [*names, "--help"], prog_name="pingyi", **wide).output)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            walk(command.get_command(context, name), *names, name)

walk(main)
"""
PAGE_WIDTH = 100
LOCALES = {Language.ENGLISH: "en_GB.UTF-8", Language.CHINESE: "zh_CN.UTF-8"}
NAMES = {Language.ENGLISH: "commands.md", Language.CHINESE: "commands.zh-CN.md"}
OPENINGS = {
    Language.ENGLISH: """# All commands

What each command says of itself with `--help`, in the order in which a meeting needs them. Made by `scripts/commands`.
What `pingyi bench` measures, and says, is in [performance.md](performance.md).
""",
    Language.CHINESE: """# 全部命令

每条命令加 `--help` 时的说明，按会议使用的先后排列。本页由 `scripts/commands` 生成。
`pingyi bench` 测量什么，见 [performance.md](performance.md)。
""",
}


def helps(environment: dict[str, str], width: int = 200) -> dict[str, str]:
    """Return the help page of every command by its name without ``pingyi``, as under these variables."""
    asked = {name: value for name, value in ENVIRONMENT.items() if name not in {"PINGYI_LANGUAGE", "LC_ALL", "TERM"}}
    walk = WALK.replace("WIDTH", str(width))
    done = subprocess.run(
        [sys.executable, "-c", walk], env=asked | environment, capture_output=True, text=True, check=True, timeout=120
    )
    pages = done.stdout.split("== ")[1:]
    return dict(page.split("\n", 1) for page in pages)


def reference(language: Language) -> str:
    """Return the documentation's page of all commands."""
    pages = helps({"LC_ALL": LOCALES[language], "PYTHONUTF8": "1"}, PAGE_WIDTH)
    sections = [
        f"\n## {' '.join(['pingyi', *name.split()])}\n\n```text\n{as_page(text)}\n```\n"
        for name, text in pages.items()
        if name.split()[:1] != ["bench"]
    ]
    return OPENINGS[language] + "".join(sections)


def as_page(text: str) -> str:
    """Return a help text without blanks at the ends of lines."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
