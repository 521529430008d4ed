import re
from pathlib import Path
from string import Formatter

import pingyi_protocol
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import Catalogue

PACKAGE = Path(pingyi_protocol.__file__).parent
SOURCES = [*(PACKAGE / "keys").glob("*.py"), PACKAGE / "wire" / "envelope.py"]


def words(language: Language) -> dict[str, str]:
    texts = Catalogue("pingyi_protocol", language).words
    return {key: text for key, text in texts.items() if key.startswith("keys.")}


def test_every_error_about_keys_has_words_in_both_languages_and_none_is_left_over() -> None:
    named = {key for path in SOURCES for key in re.findall(r'"(keys\.[a-z_0-9]+)"', path.read_text(encoding="utf-8"))}
    raised = named - {"keys.json"}  # a file name
    assert set(words(Language.ENGLISH)) == raised
    assert set(words(Language.CHINESE)) == raised


def test_both_languages_name_the_same_values() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    english, chinese = words(Language.ENGLISH), words(Language.CHINESE)
    assert {key: fields(text) for key, text in english.items()} == {key: fields(text) for key, text in chinese.items()}
