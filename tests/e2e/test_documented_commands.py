"""The documents name commands and options that there are, all of them, and say of them what their help says."""

import re
from pathlib import Path

import click
import pytest

from kit.help_pages import NAMES, reference
from pingyi_protocol.command_line import program
from pingyi_protocol.meeting.definition import Language

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("server/deploy/*")]
    if path.name not in {"CHANGELOG.md", *NAMES.values()}
)
CODE = re.compile(r"^```.*?^```|^    .*?$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?<![\w./@:{-])(?<!inet )(?:venv/bin/)?pingyi((?:[ \t]+[^\s`#|;&]+)+)")
LONG = re.compile(r"--[a-z][a-z-]*")


def calls(text: str) -> list[list[str]]:
    """The words after ``pingyi`` of each call in a document's code."""
    return [found[1].split() for code in CODE.findall(text) for found in CALL.finditer(code)]


def called(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that these words call, and the words that are left for it."""
    command: click.Command = program()
    while isinstance(command, click.Group) and words and re.fullmatch("[a-z][a-z-]*", words[0]):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            break
        command, words = found, words[1:]
    return command, words


def leaves(command: click.Command, *names: str) -> list[str]:
    """The names of all commands that have no subcommands."""
    if not isinstance(command, click.Group):
        return [" ".join(names)]
    context = click.Context(command)
    below = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [leaf for name, one in below if one is not None for leaf in leaves(one, *names, name)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_document_calls_can_be_called(path: Path) -> None:
    wrong = []
    for words in calls(path.read_text(encoding="utf-8")):
        command, left = called(words)
        options = {name for one in command.get_params(click.Context(command)) for name in one.opts}
        # "pingyi clerk DIR" is the console
        if isinstance(command, click.Group) and command.name != "clerk" and left and not left[0].startswith("-"):
            wrong.append(" ".join(words))
        wrong += [f"{' '.join(words)}: {option}" for option in LONG.findall(" ".join(left)) if option not in options]
    assert wrong == []


def test_every_command_stands_in_what_a_clerk_or_an_auditor_reads() -> None:
    code = " ".join(CODE.findall((ROOT / "README.md").read_text(encoding="utf-8")))
    named = set(re.findall(r"[a-z][a-z-]*", code))
    assert [leaf for leaf in leaves(program()) if not leaf.startswith("bench") and leaf.split()[-1] not in named] == []


@pytest.mark.parametrize("language", Language)
def test_the_page_of_all_commands_says_what_their_help_says(language: Language) -> None:
    page = ROOT / "docs" / NAMES[language]
    assert page.read_text(encoding="utf-8") == reference(language), "run scripts/commands"


def shape(text: str) -> dict[str, list[str]]:
    """What a document in one language has in common with the same in the other."""
    return {
        "headings": re.findall(r"^#+(?= )", text, re.MULTILINE),
        "blocks": re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL),
        # a sentence's words stand in another order in another language
        "code": sorted(
            code.replace("_zh.toml", "_en.toml").replace(".zh-CN.md", ".md") for code in re.findall(r"`[^`\n]+`", text)
        ),
        "pictures": re.findall(r"docs/pictures/([a-z-]+)-(?:zh|en)\.png", text),
        "steps": re.findall(r"^(?:\d+\.|-|\|)(?= )", text, re.MULTILINE),
    }


def test_the_readme_in_both_languages_has_the_same_commands_pictures_and_structure() -> None:
    english, chinese = (shape((ROOT / name).read_text(encoding="utf-8")) for name in ("README.md", "README.zh-CN.md"))
    assert chinese == english


def test_what_documents_link_to_and_show_is_there() -> None:
    missing = [
        f"{path.name}: {link}"
        for path in DOCUMENTS
        if path.suffix == ".md"
        for link in re.findall(r'(?:\]\(|src=")([^)"#]+)', path.read_text(encoding="utf-8"))
        if not re.match("[a-z]+:", link) and not (path.parent / link).exists()
    ]
    assert missing == []


def test_the_meeting_day_has_the_same_hours_and_commands_in_both_languages() -> None:
    day = [
        (ROOT / "docs" / name).read_text(encoding="utf-8").split("\n## ")[1:6]
        for name in ("operations.md", "operations.zh-CN.md")
    ]
    english, chinese = ([shape(hour) for hour in hours] for hours in day)
    assert chinese == english
