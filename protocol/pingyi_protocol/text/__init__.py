"""The words that people read, by key and language: one TOML file a language in each package's ``text`` folder.

A key is ``section.name``; values hold ``str.format`` fields. Screens and commands hold no words of their own.
"""

import locale
import os
import tomllib
from functools import cache
from importlib import resources
from pathlib import PurePath

from pingyi_protocol.hidden import shown
from pingyi_protocol.meeting.definition import Language


class Catalogue:
    """The words of one package in one language.

    Call it with a key and the values of its fields: ``words("seat.confirm", score=92)``.
    """

    def __init__(self, package: str, language: Language) -> None:
        """Read ``<package>/text/<language>.toml``."""
        source = resources.files(package) / "text" / f"{language.value}.toml"
        sections = tomllib.loads(source.read_text(encoding="utf-8"))
        self.language = language
        self.words: dict[str, str] = {
            f"{section}.{name}": text for section, texts in sections.items() for name, text in texts.items()
        }

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of ``key`` with its fields filled; KeyError names a key that is missing.

        What fills a field may be anybody's invention: characters that a terminal would obey are written out.
        """
        text = self.words[key]
        filled = text.format(**values)
        if filled.isprintable():
            return filled
        return text.format(**{name: plain(value) for name, value in values.items()})


def plain(value: object) -> object:
    """Return a value as a text may hold it: without hidden characters other than line breaks."""
    if not isinstance(value, str | BaseException | PurePath):
        return value
    return "\n".join(map(shown, str(value).split("\n")))


@cache
def catalogue(package: str, language: Language) -> Catalogue:
    """Return the catalogue of ``package`` (an import name such as ``pingyi_terminal``) in ``language``."""
    return Catalogue(package, language)


def bare_console() -> bool:
    """Whether this is Linux's own console, whose font has no Chinese."""
    return os.environ.get("TERM") == "linux"


def language_of_locale() -> Language:
    """Return the language that the person's environment asks for: ``PINGYI_LANGUAGE``, else the locale.

    English where the console could not show the other.
    """
    if bare_console():
        return Language.ENGLISH
    asked = os.environ.get("PINGYI_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES")
    asked = asked or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return Language.CHINESE if asked.lower().startswith(("zh", "chinese")) else Language.ENGLISH
