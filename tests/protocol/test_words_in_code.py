"""People read the words of the catalogues and no others: the code holds no Chinese, and no text that it shows."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

from kit.code import ROOMS, Source, Text, called, sources, texts

CHINESE = re.compile(r"[\u3400-\u9fff]")
SENTENCE = re.compile(r"[A-Z][a-z]*( [\w',-]+)+[.?!]")
WORD = re.compile(r"[A-Za-z]{2}")

SHOWN = {"BadInput", "Failure", "Label", "Static", "Text", "confirm", "echo", "notify", "print", "prompt", "secho"}
"""What shows or says a text that it is given. The place of an option's value (DIR) is no word."""
TITLES = {"epilog", "help", "label", "placeholder", "short_help", "subtitle", "title", "tooltip"}
"""By which names texts are given to screens and commands."""


def in_pattern(text: Text) -> bool:
    """Whether a text is a pattern that is looked for."""
    return any(called(node) in {"compile", "fullmatch", "match", "search", "sub"} for node in text.nodes)


def for_who_mends(text: Text) -> bool:
    """Whether a text goes with an error, which reaches a log only, or is looked up and not shown."""
    looked_up = isinstance(text.nodes[-2], ast.Dict)
    logged = {"debug", "info", "warning", "error", "exception", "__init__"}
    return looked_up or any(isinstance(node, ast.Raise) or called(node) in logged for node in text.nodes)


def given(text: Text) -> bool:
    """Whether a text is given as it is, alone or within an f-string, to what shows it."""
    for argument, outer in pairwise(reversed(text.nodes)):
        if isinstance(outer, ast.JoinedStr | ast.BinOp):
            continue
        if isinstance(outer, ast.keyword):
            return outer.arg in TITLES
        return called(outer) in SHOWN and isinstance(outer, ast.Call) and argument in outer.args[:1]
    return False


def words_in(source: Source) -> list[str]:
    """The words for people that a file holds, with their places."""
    found = []
    for text in texts(source):
        chinese = CHINESE.search(text.value) and not in_pattern(text)
        sentence = SENTENCE.search(text.value) and not for_who_mends(text)
        shown = WORD.search(text.value) and given(text)
        if chinese or sentence or shown:
            found.append(f"{source.name}:{text.line}: {text.value!r}")
    return found


def test_the_code_holds_no_words_for_people() -> None:
    assert [word for source in sources(*ROOMS) for word in words_in(source)] == []


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ('words = "已记录"', True),
        ('yield "Please call the clerk."', True),
        ('yield Static("recorded")', True),
        ('click.echo(f"{count} ballots")', True),
        ('option("--pin", help="ask for a PIN")', True),
        ('yield Static(words("seat.recorded"), id="word")', False),
        ('raise ValueError("This cannot be.")', False),
        ('log.warning("The disk is full.")', False),
        ('DATE = re.compile("年")', False),
        ('option("--out", metavar="DIR")', False),
    ],
)
def test_words_are_found_where_they_are(line: str, *, seen: bool) -> None:
    source = Source(Path(__file__), ast.parse(f"def screen():\n    '''Words 为 those who read code.'''\n    {line}\n"))
    assert bool(words_in(source)) is seen
