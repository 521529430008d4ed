"""The one mapping between a meeting file and what it says: the definition, and the recusals known beforehand.

A file's reader turns it into tables (a line is a dict of raw values by column code); ``read_tables`` makes the
definition and names every cell that cannot be read; ``tables_of`` goes the other way. Workbook and TOML share it.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec

from pingyi_protocol.meeting.commands import Recuse
from pingyi_protocol.meeting.components import Component, ComponentPart, EvidenceKind, GivenScores, Rule
from pingyi_protocol.meeting.definition import (
    CompositeRules,
    Criterion,
    Definition,
    Item,
    Language,
    MeetingFacts,
    Person,
    Problem,
    Quorum,
    Role,
    Target,
)
from pingyi_protocol.meeting.findings import Finding, Path
from pingyi_server.imports.cells import Lines
from pingyi_server.imports.columns import REQUIRED, SHEETS, Column, Sheet
from pingyi_server.imports.evidence_rules import rule_of
from pingyi_server.imports.item_rules import cells_of, out_of_place, rules_of
from pingyi_server.imports.values import CHIEF, Raw, UnreadableError, Unusable, parts_of

Values = dict[str, Any]


class MeetingFile(NamedTuple):
    """What a meeting file says: the definition, and who is recused from which item already, to be entered after it."""

    definition: Definition
    recusals: tuple[Recuse, ...] = ()


class Reading(NamedTuple):
    """What was read from tables, and what could not be: of use only when ``judge`` finds nothing wrong either.

    Paths of ``unreadable`` are (sheet, line from 0, column code), or shorter for a whole column or sheet.
    """

    file: MeetingFile
    unreadable: list[Finding]
    lines: Lines


@dataclass(frozen=True)
class Table:
    """The lines of one sheet as a reader found them, by column code; ``absent`` are columns that the file lacks."""

    lines: list[Mapping[str, Raw | Unusable | None]] = field(default_factory=list)
    absent: frozenset[str] = frozenset()


def read_tables(tables: Mapping[str, Table]) -> Reading:
    """Return what the tables hold, and which cells could not be read."""
    findings: list[Finding] = []
    values = {sheet.code: _read_sheet(sheet, tables.get(sheet.code, Table()), findings) for sheet in SHEETS}
    unread = {finding.path for finding in findings}
    for index, (line, raw) in enumerate(zip(values["agenda"], tables.get("agenda", Table()).lines, strict=True)):
        if ("agenda", index, "kind") not in unread:
            filled = frozenset(code for code, cell in raw.items() if not is_blank(cell))
            findings += out_of_place(index, line, filled)
    for sheet in ("components", "parts"):
        for index, line in enumerate(values[sheet]):
            findings += with_rule(sheet, index, line, unread)
    return _reading(values, findings)


def tables_of(definition: Definition, recusals: Sequence[Recuse] = ()) -> dict[str, list[Values]]:
    """Return the lines of every sheet, by column code; each value is of its column's kind, None where there is none."""
    target = {line.id: line.name for line in definition.targets}
    meeting = definition.meeting
    facts = _fields(meeting) | {
        "quorum": (meeting.quorum.numerator, meeting.quorum.denominator),
        "quorum_more_than": meeting.quorum.strict,
        "composite_decimals": definition.composite.decimals,
        "composite_bands": definition.composite.bands,
        "again_below": definition.composite.again_below,
    }
    return {
        "meeting": [facts],
        "roster": [_fields(person) | {"roles": _roles_shown(person)} for person in definition.roster],
        "targets": [{"name": line.name, "short_name": line.short_name} for line in definition.targets],
        "agenda": [
            cells_of(item.rules)
            | {"number": item.id, "title": item.title}
            | {"targets": "\n".join(target[voted_on] for voted_on in item.targets)}
            for item in definition.agenda
        ],
        "criteria": [
            {"item": item.id, "target": target[line.target], "name": line.name, "weight": line.weight}
            for item in definition.agenda
            for line in item.criteria
        ],
        "problems": [_fields(line) | {"target": target[line.target]} for line in definition.problems],
        "components": [
            _fields(line) | _rule_cells(None if line.parts or line.committee else line.rule)
            for line in definition.components
        ],
        "parts": [
            _fields(part) | _rule_cells(part.rule) | {"component": line.name}
            for line in definition.components
            for part in line.parts
        ],
        "recusals": [_fields(line) for line in recusals],
    }


def _fields(line: Any) -> Values:
    return {name: getattr(line, name) for name in line.__struct_fields__}


def _rule_cells(rule: Rule | None) -> Values:
    """Return the cells of a rule; a kind whose material is the score itself has none."""
    if rule is None:
        return {"kind": None, "rule": None}
    return {"kind": rule.kind, "rule": None if rule.kind is EvidenceKind.SCORES else rule}


def _roles_shown(person: Person) -> tuple[str, ...]:
    """Return no roles for one who has only the usual one: most clerks leave the column blank."""
    if person.chief:
        return tuple(CHIEF if role is Role.SCRUTINEER else role for role in person.roles)
    return () if person.roles == _usual_roles(person.entitled) else person.roles


def _usual_roles(entitled: bool) -> tuple[Role, ...]:
    return (Role.MEMBER,) if entitled else ()


def _read_sheet(sheet: Sheet, table: Table, findings: list[Finding]) -> list[Values]:
    return [
        {column.code: _read_cell(sheet, index, column, line, table.absent, findings) for column in sheet.columns}
        for index, line in enumerate(table.lines)
    ]


def _read_cell(
    sheet: Sheet,
    index: int,
    column: Column,
    line: Mapping[str, Raw | Unusable | None],
    absent: frozenset[str],
    findings: list[Finding],
) -> object:
    """Return the cell's value, or the blank of its kind with a finding."""
    raw = line.get(column.code)
    path = (sheet.code, index, column.code)
    blank = column.kind.blank if column.default is REQUIRED else column.default
    if isinstance(raw, Unusable):
        findings.append(Finding(path, raw.code, raw.found))
        return blank
    if raw is None or is_blank(raw):
        if column.default is REQUIRED and column.code not in absent:
            findings.append(Finding(path, "missing"))
        return blank
    try:
        return column.kind.read(raw)
    except UnreadableError as error:
        findings.append(Finding(path, error.code, str(raw), error.values))
        return blank


def with_rule(sheet: str, index: int, line: Values, unread: Collection[Path]) -> Iterator[Finding]:
    """Put the rule of a line of components or parts, of its kind and in its words, in the place of both cells.

    Finds words that are no rule of that kind; the line then has the usual one.
    """
    kind, text = line.pop("kind"), line["rule"] or ""
    line["rule"] = GivenScores()
    path = (sheet, index, "rule")
    if path in unread or (sheet, index, "kind") in unread:
        return
    try:
        line["rule"] = rule_of(kind, text)
    except UnreadableError as error:
        yield Finding(path, error.code, text, error.values)


def is_blank(raw: Raw | Unusable | None) -> bool:
    """Whether a cell holds nothing but space."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def _reading(values: Mapping[str, list[Values]], unreadable: list[Finding]) -> Reading:
    facts = dict(values["meeting"][0]) if values["meeting"] else {}
    numerator, denominator = facts.pop("quorum", (1, 1))
    quorum = Quorum(numerator, denominator, facts.pop("quorum_more_than", True))
    targets = tuple(Target(f"T{index:02}", **line) for index, line in enumerate(values["targets"], 1))
    decimals, bands = facts.pop("composite_decimals", 2), facts.pop("composite_bands", ())
    composite = CompositeRules(decimals, bands, facts.pop("again_below", None))
    part_rows = list(_rows_of([line["name"] for line in values["components"]], values["parts"], "component"))
    components = tuple(
        Component(f"C{index}", **line, parts=tuple(_parts([values["parts"][row] for row in rows])))
        for index, (line, rows) in enumerate(zip(values["components"], part_rows, strict=True), 1)
    )
    # the first of two equal names is meant; that there are two is a finding of its own
    target_ids = {line.name: line.id for line in reversed(targets)}
    agenda = [_item(line, target_ids) for line in values["agenda"]]
    rows = list(_rows_of([item.id for item in agenda], values["criteria"], "item"))
    criteria = [tuple(_criteria([values["criteria"][row] for row in of_item], target_ids)) for of_item in rows]
    definition = Definition(
        meeting=MeetingFacts(**facts, quorum=quorum) if facts else MeetingFacts("", "", "", Language.CHINESE),
        roster=tuple(_person(line) for line in values["roster"]),
        targets=targets,
        agenda=tuple(
            msgspec.structs.replace(item, criteria=of_item) for item, of_item in zip(agenda, criteria, strict=True)
        ),
        problems=tuple(Problem(**line | _id("target", line, target_ids)) for line in values["problems"]),
        components=components,
        composite=composite,
    )
    file = MeetingFile(definition, tuple(Recuse(**line) for line in values["recusals"]))
    return Reading(file, unreadable, Lines(_places(rows), _places(part_rows)))


def _rows_of(outer: Sequence[str], lines: Sequence[Values], column: str) -> Iterator[list[int]]:
    """Return for each outer name on which lines its own stand; those of a name that repeats are the first one's."""
    first = {name: index for index, name in reversed(list(enumerate(outer)))}
    for index, name in enumerate(outer):
        mine = first[name] == index
        yield [row for row, line in enumerate(lines) if mine and line[column] == name]


def _places(rows: Sequence[Sequence[int]]) -> dict[tuple[int, int], int]:
    return {(outer, index): row for outer, inside in enumerate(rows) for index, row in enumerate(inside)}


def _parts(lines: Sequence[Values]) -> Iterator[ComponentPart]:
    """Number the parts of a component."""
    for index, line in enumerate(lines, 1):
        yield ComponentPart(f"P{index}", line["name"], line["weight"], line["rule"])


def _criteria(lines: Sequence[Values], ids: Mapping[str, str]) -> Iterator[Criterion]:
    """Number the criteria of each target."""
    numbers: Counter[str] = Counter()
    for line in lines:
        target = ids.get(line["target"], line["target"])
        numbers[target] += 1
        yield Criterion(target, f"K{numbers[target]}", line["name"], line["weight"])


def _id(column: str, line: Values, ids: Mapping[str, str]) -> Values:
    """Look up a name; one that is unknown stays, is no id, and is found by the checks under its own name."""
    return {column: ids.get(line[column], line[column])}


def _person(line: Values) -> Person:
    """The chief scrutineer is a scrutineer, whether the cell says so besides or not."""
    roles = dict.fromkeys(Role.SCRUTINEER if role == CHIEF else role for role in line["roles"])
    chief = CHIEF in line["roles"]
    given = tuple(roles) if chief else line["roles"]
    return Person(**line | {"roles": given or _usual_roles(line["entitled"]), "chief": chief})


def _item(line: Values, ids: Mapping[str, str]) -> Item:
    return Item(line["number"], line["title"], _targets(line["targets"], ids), rules_of(line))


def _targets(text: str, ids: Mapping[str, str]) -> tuple[str, ...]:
    """Split names of targets: a line that is a name is taken whole, since a name may hold 、 itself."""
    names: list[str] = []
    for line in text.split("\n") if text else ():
        names += [line.strip()] if line.strip() in ids else parts_of(line)
    return tuple(ids.get(name, name) for name in names)
