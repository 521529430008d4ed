"""The one mapping between a definition and a meeting file: sheets, columns, kinds of value, and what lines mean.

A file's reader turns it into tables (a line is a dict of raw values by column code); ``definition_of`` makes the
definition and names everything that is wrong; ``tables_of`` goes the other way. Workbook and TOML share all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pingyi_protocol.meeting.definition import (
    Audience,
    Component,
    Definition,
    Display,
    Evidence,
    Item,
    Language,
    MeasureKind,
    MeetingFacts,
    Person,
    Press,
    Problem,
    Quorum,
    Role,
    ScoreRules,
    Secrecy,
    Target,
)
from pingyi_protocol.meeting.findings import Finding
from pingyi_server.imports.values import (
    Bands,
    Choice,
    Code,
    Day,
    Flag,
    Fraction,
    ItemKind,
    Names,
    Number,
    Raw,
    Roles,
    Several,
    Text,
    UnreadableError,
    Unusable,
    Whole,
    parts_of,
)

REQUIRED: Final = object()
Values = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A column (or a row of the meeting's sheet): its code, kind of value, value where blank, width in characters."""

    code: str
    kind: Text
    default: object = REQUIRED
    width: int = 12


@dataclass(frozen=True)
class Sheet:
    """A sheet of the workbook, a table of the TOML file. ``key`` names the columns that tell its lines apart."""

    code: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]


_FACTS = MeetingFacts("", "", "", Language.CHINESE)
_RULES = ScoreRules()
_OTHER_KINDS = dict.fromkeys(("motion", "rating", "selection"), "kind_not_yet")
_OTHER_SECRECY = {Secrecy.SECRET.value: "secret_not_yet"}

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "meeting",
        (
            Column("name", Text()),
            Column("session", Text()),
            Column("date", Day()),
            Column("language", Choice("language", list(Language))),
            Column("quorum", Fraction(), (_FACTS.quorum.numerator, _FACTS.quorum.denominator)),
            Column("quorum_more_than", Flag("quorum"), _FACTS.quorum.strict),
            Column("addresses", Several()),
            Column("port", Whole(), _FACTS.port),
            Column("recused_leave", Flag(), _FACTS.recused_leave),
            Column("simulated", Flag(), False),
        ),
        (),
    ),
    Sheet(
        "roster",
        (
            Column("number", Code()),
            Column("name", Text(), width=22),
            Column("seat", Code(), ""),
            Column("group", Text(), "", width=16),
            Column("roles", Roles(), (), width=22),
            Column("entitled", Flag(), True, width=10),
        ),
        ("number",),
    ),
    Sheet("targets", (Column("name", Text(), width=40), Column("short_name", Text(), "", width=20)), ("name",)),
    Sheet(
        "agenda",
        (
            Column("number", Code(), width=8),
            Column("kind", Choice("kind", list(ItemKind), _OTHER_KINDS), ItemKind.SCORE, width=8),
            Column("title", Text(), width=36),
            Column("targets", Names(), width=34),
            Column("lowest", Number(), _RULES.lowest, width=9),
            Column("highest", Number(), _RULES.highest, width=9),
            Column("step", Number(), _RULES.step, width=9),
            Column("measure", Choice("measure", list(MeasureKind)), _RULES.measure, width=15),
            Column("dropped", Whole(), _RULES.dropped, width=11),
            Column("least_scores", Whole(), _RULES.least_scores, width=12),
            Column("decimals", Whole(), _RULES.decimals, width=10),
            Column("bands", Bands(), _RULES.bands, width=40),
            Column("secrecy", Choice("secrecy", [Secrecy.OPEN], _OTHER_SECRECY), _RULES.secrecy, width=12),
            Column("press", Choice("press", list(Press)), _RULES.press, width=14),
            Column("display", Choice("display", list(Display)), _RULES.display, width=18),
            Column("running", Choice("audience", list(Audience)), _RULES.running, width=16),
            Column("seconds", Whole(), None, width=12),
            Column("timer_closes", Flag(), _RULES.timer_closes, width=14),
            Column("abstention", Flag(), _RULES.abstention, width=12),
        ),
        ("number",),
    ),
    Sheet(
        "problems",
        (
            Column("target", Text(), width=28),
            Column("title", Text(), width=40),
            Column("goal", Text(), "", width=50),
            Column("report", Text(), "", width=60),
        ),
        ("target", "title"),
    ),
    Sheet(
        "components",
        (
            Column("name", Text(), width=34),
            Column("weight", Number(), width=12),
            Column("committee", Flag(), False, width=20),
        ),
        ("name",),
    ),
    Sheet(
        "evidence",
        (
            Column("component", Text(), width=34),
            Column("target", Text(), width=28),
            Column("score", Number(), width=10),
        ),
        ("component", "target"),
    ),
)
RULE_COLUMNS = frozenset(ScoreRules.__struct_fields__)


@dataclass(frozen=True)
class Table:
    """The lines of one sheet as a reader found them, by column code; ``absent`` are columns that the file lacks."""

    lines: list[Mapping[str, Raw | Unusable | None]] = field(default_factory=list)
    absent: frozenset[str] = frozenset()


def definition_of(tables: Mapping[str, Table]) -> tuple[Definition, list[Finding]]:
    """Return the definition that the tables hold, and which cells could not be read.

    The definition is of use only when ``judge`` finds nothing wrong either. Paths of findings are (sheet, line from 0,
    column code), or shorter for a whole column or sheet.
    """
    findings: list[Finding] = []
    values = {sheet.code: _read_sheet(sheet, tables.get(sheet.code, Table()), findings) for sheet in SHEETS}
    return _definition(values), findings


def tables_of(definition: Definition) -> dict[str, list[Values]]:
    """Return the lines of every sheet, by column code; each value is of its column's kind."""
    target = {line.id: line.name for line in definition.targets}
    component = {line.id: line.name for line in definition.components}
    meeting = definition.meeting
    facts = _fields(meeting) | {
        "quorum": (meeting.quorum.numerator, meeting.quorum.denominator),
        "quorum_more_than": meeting.quorum.strict,
    }
    return {
        "meeting": [facts],
        "roster": [_fields(person) | {"roles": _roles_shown(person)} for person in definition.roster],
        "targets": [{"name": line.name, "short_name": line.short_name} for line in definition.targets],
        "agenda": [
            _fields(item.rules)
            | {"number": item.id, "kind": ItemKind.SCORE, "title": item.title}
            | {"targets": "\n".join(target[scored] for scored in item.targets)}
            for item in definition.agenda
        ],
        "problems": [_fields(line) | {"target": target[line.target]} for line in definition.problems],
        "components": [_fields(line) for line in definition.components],
        "evidence": [
            {"component": component[line.component], "target": target[line.target], "score": line.score}
            for line in definition.evidence
        ],
    }


def _fields(line: Any) -> Values:
    return {name: getattr(line, name) for name in line.__struct_fields__}


def _roles_shown(person: Person) -> tuple[Role, ...]:
    """Return no roles for one who has only the usual one: most clerks leave the column blank."""
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


def is_blank(raw: Raw | Unusable | None) -> bool:
    """Whether a cell holds nothing but space."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def _definition(values: Mapping[str, list[Values]]) -> Definition:
    facts = dict(values["meeting"][0]) if values["meeting"] else {}
    numerator, denominator = facts.pop("quorum", (1, 1))
    quorum = Quorum(numerator, denominator, facts.pop("quorum_more_than", True))
    targets = tuple(Target(f"T{index:02}", **line) for index, line in enumerate(values["targets"], 1))
    components = tuple(Component(f"C{index}", **line) for index, line in enumerate(values["components"], 1))
    # the first of two equal names is meant; that there are two is a finding of its own
    target_ids = {line.name: line.id for line in reversed(targets)}
    component_ids = {line.name: line.id for line in reversed(components)}
    return Definition(
        meeting=MeetingFacts(**facts, quorum=quorum) if facts else _FACTS,
        roster=tuple(_person(line) for line in values["roster"]),
        targets=targets,
        agenda=tuple(_item(line, target_ids) for line in values["agenda"]),
        problems=tuple(Problem(**line | _id("target", line, target_ids)) for line in values["problems"]),
        components=components,
        evidence=tuple(
            Evidence(**line | _id("target", line, target_ids) | _id("component", line, component_ids))
            for line in values["evidence"]
        ),
    )


def _id(column: str, line: Values, ids: Mapping[str, str]) -> Values:
    """Look up a name; one that is unknown stays, is no id, and is found by the checks under its own name."""
    return {column: ids.get(line[column], line[column])}


def _person(line: Values) -> Person:
    return Person(**line | {"roles": line["roles"] or _usual_roles(line["entitled"])})


def _item(line: Values, ids: Mapping[str, str]) -> Item:
    rules = ScoreRules(**{name: line[name] for name in RULE_COLUMNS})
    return Item(line["number"], line["title"], _targets(line["targets"], ids), rules)


def _targets(text: str, ids: Mapping[str, str]) -> tuple[str, ...]:
    """Split names of targets: a line that is a name is taken whole, since a name may hold 、 itself."""
    names: list[str] = []
    for line in text.split("\n"):
        names += [line.strip()] if line.strip() in ids else parts_of(line)
    return tuple(ids.get(name, name) for name in names)
