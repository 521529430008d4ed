"""How broad the columns of a table are, from the texts in them: a paper has no time to try."""

from collections.abc import Mapping, Sequence
from typing import Any
from unicodedata import east_asian_width

ONE_LINE = 10
"""A column whose texts need no more ems keeps each on one line."""

MOST_EMS = 40
"""What a broader column counts for where columns share the line."""

SHORT = 5
"""A heading of so many ems stays on one line."""

SMALLER = 0.75
"""The size of the second language."""


def with_columns(block: dict[str, Any]) -> dict[str, Any]:
    """Return a table with ``widths`` (ems) of its columns, and which are ``wide`` and may break their texts."""
    widths = [breadth(heading, cells) for heading, *cells in zip(block["headings"], *block["rows"], strict=True)]
    wide = [width > ONE_LINE for width in widths]
    return {**block, "widths": [min(width, MOST_EMS) for width in widths], "wide": wide}


def breadth(heading: Any, cells: Sequence[Any]) -> float:
    """Return the ems with which no cell is broken; a heading may take two lines, but its words are whole."""
    return max([0.0, *map(ems, cells), *heading_ems(heading)])


def heading_ems(heading: Any) -> list[float]:
    """Return the ems that a heading needs, in each of its languages."""
    if isinstance(heading, Mapping):
        return [*heading_ems(heading["first"]), *(SMALLER * one for one in heading_ems(heading["second"]))]
    if any(is_wide(one) for one in heading):
        return [ems(heading) / 2 + 0.5 if ems(heading) > SHORT else ems(heading)]
    return [ems(word) for word in heading.split()]


def ems(text: Any) -> float:
    """Return the breadth of a text in ems, rather too much; of a pair that of the broader one."""
    if isinstance(text, Mapping):
        return max(ems(text["first"]), SMALLER * ems(text["second"]))
    return sum(1.0 if is_wide(one) else 0.75 if one.isupper() else 0.57 for one in text)


def is_wide(character: str) -> bool:
    """Whether a character is as broad as high."""
    return east_asian_width(character) in "WFA"
