"""Which columns a file of evidence must have for a rule, and where they stand: found by their words, in any order."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from pingyi_protocol.meeting.components import GradeValues, HotlineRates, Rule, VoteBase, VoteShares
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_server.imports.grids import HEADER_ROWS, Grid
from pingyi_server.imports.values import Unusable, folded

TARGET: Final = "target"
DEEPEST = 2
"""Rows that a header may have: a word that stands over several columns, and those under it."""

NOTE = re.compile(r"[(\[【〔].*?[)\]】〕]")
"""What stands in brackets explains, and is no part of a name."""

NUMBERED = re.compile(r"[0-9一二三四五六七八九十]{1,3}[.、,]")
"""The number of a line, where it stands before the name in the same cell."""


@dataclass(frozen=True)
class Heading:
    """A column of the file: what stands in it, the ``names`` that head it (squeezed), and whether it may be missing.

    Where none of the names is there, a heading that ends with one of ``endings`` is meant.
    """

    code: str
    title: Mapping[Language, str]
    names: frozenset[str]
    optional: bool = False
    endings: tuple[str, ...] = ()

    @property
    def both(self) -> str:
        """What it is called in both languages."""
        return " / ".join(dict.fromkeys(self.title.values()))


@dataclass(frozen=True)
class Header:
    """Where the columns stand: by code the columns that may be meant, and the last row of the header."""

    columns: Mapping[str, tuple[int, ...]]
    last: int

    def lacks(self, headings: Iterable[Heading]) -> list[Heading]:
        """Return the headings that must be there and are not."""
        return [one for one in headings if not one.optional and one.code not in self.columns]


def squeezed(text: object) -> str:
    """Return text so that letter case, width and space of any kind do not matter."""
    return "".join(folded(str(text)).split()).rstrip(":*")


def forms(text: object) -> frozenset[str]:
    """Return what a name may be known by: all of it, or without what is in brackets and a number before it."""
    whole = squeezed(text)
    bare = NOTE.sub("", whole).rstrip(":*")
    numbered = NUMBERED.match(bare)
    return frozenset(filter(None, (whole, bare, bare[numbered.end() :] if numbered else "")))


@cache
def listed(key: str) -> frozenset[str]:
    """Return the words of a list in both catalogues, squeezed."""
    lists = (catalogue("pingyi_server", language)(f"evidence.{key}") for language in Language)
    return frozenset(squeezed(word) for words in lists for word in words.split("|"))


def headings_of(rule: Rule) -> tuple[Heading, ...]:
    """Return the columns that material for this rule stands in, that of the targets first."""
    return (plain_heading(TARGET), *material_headings(rule))


def material_headings(rule: Rule) -> tuple[Heading, ...]:
    """Return the columns of the material, in the order of its fields."""
    match rule:
        case HotlineRates(satisfied, not_repeated):
            return (
                plain_heading("handled"),
                plain_heading("satisfied", optional=not satisfied),
                plain_heading("repeated", optional=not not_repeated),
            )
        case GradeValues(grades):
            return tuple(grade_heading(index, grade.name) for index, grade in enumerate(grades))
        case VoteShares(VoteBase.VOTERS):
            return plain_heading("votes"), plain_heading("voters")
        case VoteShares():
            return (plain_heading("votes"),)
        case _:
            return (replace(plain_heading("score"), endings=tuple(listed("names_score_end"))),)


def plain_heading(code: str, *, optional: bool = False) -> Heading:
    """Return a column that is called the same in every meeting."""
    title = {language: catalogue("pingyi_server", language)(f"evidence.column_{code}") for language in Language}
    return Heading(code, title, listed(f"names_{code}") | {squeezed(one) for one in title.values()}, optional)


def grade_heading(index: int, name: str) -> Heading:
    """Return the column in which it stands how often a grade was given."""
    grade = squeezed(name)
    names = frozenset({grade, *(grade + suffix for suffix in listed("names_count"))})
    return Heading(grade_code(index), dict.fromkeys(Language, name), names)


def grade_code(index: int) -> str:
    """Return the code of the column of a grade, by its place in the rule."""
    return f"grade{index}"


def header_of(grid: Grid, headings: Sequence[Heading]) -> Header | None:
    """Return the header near the top: the rows with most of the columns, that of the targets among them."""
    found: list[tuple[tuple[int, int], Header]] = []
    for row in sorted(grid):
        for depth in range(1, DEEPEST + 1):
            if row > HEADER_ROWS or (depth > 1 and row + depth - 1 not in grid):
                continue
            columns = columns_in([grid.get(one, {}) for one in range(row, row + depth)], headings)
            if TARGET in columns and len(columns) > 1:
                found.append(((len(columns), -depth), Header(columns, row + depth - 1)))
    # max takes the first of equal ones: the nearest to the top
    return max(found, key=lambda one: one[0])[1] if found else None


def columns_in(rows: Sequence[Mapping[int, object]], headings: Sequence[Heading]) -> dict[str, tuple[int, ...]]:
    """Return where these rows name the columns; the lowest row with a word for a column is the one that counts."""
    named: dict[int, str] = {}
    for row in rows:
        for column, cell in row.items():
            known = None if isinstance(cell, Unusable) else forms(cell)
            code = next((one.code for one in headings if known and known & one.names), None)
            if code is not None:
                named[column] = code
    for one in headings:
        if one.endings and one.code not in named.values():
            named |= dict.fromkeys(ending_so(rows, one.endings, named), one.code)
    codes = dict.fromkeys(named.values())
    return {code: tuple(sorted(column for column, one in named.items() if one == code)) for code in codes}


def ending_so(rows: Sequence[Mapping[int, object]], endings: tuple[str, ...], known: Mapping[int, str]) -> list[int]:
    """Return the columns, but for the ``known``, whose heading ends so; a score that is weighted already is none."""
    weighted = tuple(listed("names_weighted"))
    return [
        column
        for row in rows
        for column, cell in row.items()
        if column not in known
        and not isinstance(cell, Unusable)
        and any(one.endswith(endings) and not one.startswith(weighted) for one in forms(cell))
    ]
