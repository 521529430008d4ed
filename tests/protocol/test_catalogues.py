import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from kit.code import ROOMS, Asked, Source, sources
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.text import catalogue

PACKAGES = ("pingyi_protocol", "pingyi_server", "pingyi_terminal")


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("package", PACKAGES)
def test_both_languages_have_the_same_keys_with_the_same_fields(package: str) -> None:
    chinese = catalogue(package, Language.CHINESE).words
    english = catalogue(package, Language.ENGLISH).words
    assert chinese.keys() == english.keys()
    differing = {key for key in chinese if fields(chinese[key]) != fields(english[key])}
    assert not differing


@pytest.mark.parametrize("package", PACKAGES)
def test_no_text_is_without_a_use(package: str) -> None:
    """A key stands in the code, or an f-string with its section composes it of parts that stand in the code."""
    asked = Asked(sources(*ROOMS, "scripts"))
    assert [key for key in catalogue(package, Language.ENGLISH).words if key not in asked] == []


def test_a_key_that_only_looks_composed_has_no_use(tmp_path: Path) -> None:
    code = tmp_path / "screen.py"
    code.write_text(
        'def say(words, one):\n    """Say "seat.documented"."""\n    words(f"seat.step_{one}", "seat.plain")\n'
    )
    tree = ast.parse(code.read_text() + 'KINDS = {"known": 1}\n')
    asked = Asked((Source(code, tree),))
    keys = ("seat.plain", "seat.step_known", "seat.step_1", "seat.step_other", "seat.documented", "seat.step_known_too")
    assert [key for key in keys if key in asked] == ["seat.plain", "seat.step_known", "seat.step_1"]


@pytest.mark.parametrize("language", Language)
def test_every_refusal_has_words_and_no_words_are_left_over(language: Language) -> None:
    words = catalogue("pingyi_protocol", language).words
    assert {key.removeprefix("refusal.") for key in words if key.startswith("refusal.")} == set(Reason)


@pytest.mark.parametrize("language", Language)
def test_every_refusal_says_what_is_so_and_what_to_do(language: Language) -> None:
    """Words cannot be read by a test; one bare clause is surely a fault without advice."""
    words = catalogue("pingyi_protocol", language)
    bare = {reason for reason in Reason if len(clauses(words.words[f"refusal.{reason}"])) < 2}
    assert not bare


def clauses(text: str) -> list[str]:
    """Chinese runs sentences on with a comma, English does not."""
    return [part for part in re.split(r"[。；：，]|[.;:](?=\s|$)", text) if part.strip()]
