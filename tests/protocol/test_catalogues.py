import re
from pathlib import Path
from string import Formatter

import pytest

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.text import catalogue

ROOT = Path(__file__).resolve().parents[2]
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
    folders = [ROOT / "protocol", ROOT / "server", ROOT / "terminal", ROOT / "scripts"]
    code = "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py"))
    literal = set(re.findall(r"""["']([a-z_]+\.[a-z0-9_]+)["']""", code))
    # keys composed in the code: words(f"role.{role}"), prefixes such as f"{table}_" under a section
    composed = tuple(set(re.findall(r'f"([a-z_]+\.[a-z0-9_]*)\{', code)))
    keys = catalogue(package, Language.ENGLISH).words
    assert not {key for key in keys if key not in literal and not key.startswith(composed)}


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
