"""What an examination found: a state, and a line that says what to do."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from pingyi_protocol.text import Catalogue
from pingyi_protocol.wording import WordedError


class State(StrEnum):
    """How urgent a finding is; the worst last."""

    GOOD = "good"
    LOOK = "look"
    MEND = "mend"


class Area(StrEnum):
    """What is examined, in the order in which it is told."""

    CLOCK = "clock"
    DISK = "disk"
    LIMITS = "limits"
    PORTS = "ports"
    FONTS = "fonts"
    DATABASE = "database"
    KEYS = "keys"
    VERSIONS = "versions"


class Finding(NamedTuple):
    """One line: the key of its words, and their values, faults among them in the language of the line."""

    area: Area
    state: State
    key: str
    values: Mapping[str, object]


def good(area: Area, key: str, **values: object) -> Finding:
    """Return what is as it should be."""
    return Finding(area, State.GOOD, key, values)


def look(area: Area, key: str, **values: object) -> Finding:
    """Return what somebody should look at."""
    return Finding(area, State.LOOK, key, values)


def mend(area: Area, key: str, **values: object) -> Finding:
    """Return what must be mended before the meeting."""
    return Finding(area, State.MEND, key, values)


def line(finding: Finding, words: Catalogue) -> str:
    """Return the text of a finding in a language."""
    values = {
        name: value.words(words.language) if isinstance(value, WordedError) else value
        for name, value in finding.values.items()
    }
    return words(finding.key, **values)
