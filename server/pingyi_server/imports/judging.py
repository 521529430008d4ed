"""What is wrong with a meeting file beyond single cells: its lines together, said of cells and in what stands there.

Errors keep a file from being loaded. Warnings do not: the meeting could be held, but surely not as it was meant.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.findings import Finding, TextRule, text_findings
from pingyi_protocol.meeting.reasons import LONGEST_REASON
from pingyi_protocol.meeting.soundness import findings_of
from pingyi_protocol.text import catalogue
from pingyi_server.imports.cells import Lines, at_cell, follows
from pingyi_server.imports.look_alikes import look_alikes
from pingyi_server.imports.mapping import MeetingFile, Reading, Table

POINTS_TO = {
    "unknown_target": "targets",
    "target_not_in_item": "targets",
    "unknown_component": "components",
    "unknown_item": "agenda",
    "unknown_member": "roster",
}
"""The findings that only say something where the other sheet could be read."""

PARTS = frozenset({"hidden_character", "hidden_character_or_line", "address", "unknown_target", "target_twice"}) | {
    "target_in_two_items",
    "band_separator",
    "composite_scale",
    "weights_total",
}
"""The findings that quote a part of the cell, or more than one; all others quote the cell."""


class Judgement(NamedTuple):
    """Errors and warnings, on cells."""

    errors: list[Finding]
    warnings: list[Finding]


def judge(reading: Reading, tables: Mapping[str, Table], unsound: frozenset[str]) -> Judgement:
    """Judge what was read from ``tables``.

    ``unsound`` names the sheets whose shape is wrong: of their lines together nothing can be said.
    """
    definition = reading.file.definition
    lost = list(of_nothing(tables, reading.lines))
    broken = {finding.path for finding in (*reading.unreadable, *lost)}
    unread = {finding.path for finding in reading.unreadable}
    together = [*findings_of(definition), *short_names_twice(definition)]
    on_cells = [at_cell(finding, reading.lines) for finding in together]
    judged = [*on_cells, *recusal_findings(reading.file)]
    errors = [
        *reading.unreadable,
        *example_lines(tables),
        *(quoting(one, tables) for one in judged if not nothing_to_say(one, unsound) and not follows(one, broken)),
        *(one for one in lost if not nothing_to_say(one, unsound) and one.path not in unread),
    ]
    spoilt = unsound | {str(finding.path[0]) for finding in errors}
    alike = (one for one in look_alikes(definition) if str(one.path[0]) not in spoilt)
    return Judgement(errors, [*missing_chair(definition, spoilt), *targets_in_no_item(definition, spoilt), *alike])


def nothing_to_say(finding: Finding, unsound: frozenset[str]) -> bool:
    """Whether its sheet, or the one that it points to, has the wrong shape."""
    return finding.path[0] in unsound or POINTS_TO.get(finding.code) in unsound


def of_nothing(tables: Mapping[str, Table], lines: Lines) -> Iterator[Finding]:
    """Find criteria whose item is not on the agenda, and parts of no component."""
    for sheet, column, code, rows in (
        ("criteria", "item", "unknown_item", lines.criteria),
        ("parts", "component", "unknown_component", lines.parts),
    ):
        known = set(rows.values())
        for index, line in enumerate(tables[sheet].lines):
            if index not in known:
                yield Finding((sheet, index, column), code, str(line.get(column) or ""))


def recusal_findings(file: MeetingFile) -> Iterator[Finding]:
    """Find recusals that the server would refuse: of nobody who votes, from no item, for no reason, or twice."""
    items = {item.id for item in file.definition.agenda}
    first: dict[tuple[str, str], int] = {}
    for index, one in enumerate(file.recusals):
        line = file.definition.person(one.person)
        if one.item not in items:
            yield Finding(("recusals", index, "item"), "unknown_item", one.item)
        if line is None:
            yield Finding(("recusals", index, "person"), "unknown_member", one.person)
        elif not line.entitled:
            yield Finding(("recusals", index, "person"), "no_vote", one.person)
        elif first.setdefault((one.item, one.person), index) != index:
            other = ("recusals", first[one.item, one.person], "person")
            yield Finding(("recusals", index, "person"), "recused_twice", one.person, other=other)
        yield from text_findings(("recusals", index, "reason"), one.reason, TextRule("reason", LONGEST_REASON))


def short_names_twice(definition: Definition) -> Iterator[Finding]:
    """Find targets that nobody could tell apart on the screens that show short names."""
    first: dict[str, int] = {}
    for index, target in enumerate(definition.targets):
        if target.short_name and first.setdefault(target.short_name, index) != index:
            other = ("targets", first[target.short_name], "short_name")
            yield Finding(("targets", index, "short_name"), "duplicate", target.short_name, other=other)


def example_lines(tables: Mapping[str, Table]) -> Iterator[Finding]:
    """Find lines of the template that were neither replaced nor deleted, each by its first cell that says so."""
    marks = [catalogue("pingyi_server", language)("imports.example_mark") for language in Language]
    for sheet, table in tables.items():
        for index, line in enumerate(table.lines):
            left = (code for code, raw in line.items() if isinstance(raw, str) and any(mark in raw for mark in marks))
            for code in list(left)[: None if sheet == "meeting" else 1]:
                yield Finding((sheet, index, code), "example_left", str(line[code]))


def missing_chair(definition: Definition, spoilt: frozenset[str]) -> Iterator[Finding]:
    """Find that nobody could open an item."""
    if "roster" not in spoilt and not any(Role.CHAIR in person.roles for person in definition.roster):
        yield Finding(("roster", "roles"), "no_chair")


def targets_in_no_item(definition: Definition, spoilt: frozenset[str]) -> Iterator[Finding]:
    """Find targets that nobody would score."""
    scored = {target for item in definition.agenda for target in item.targets}
    for index, target in enumerate(definition.targets if not spoilt & {"targets", "agenda"} else ()):
        if target.id not in scored:
            yield Finding(("targets", index, "name"), "target_in_no_item", target.name)


def quoting(finding: Finding, tables: Mapping[str, Table]) -> Finding:
    """Return the finding with what stands in its cell as what was found."""
    sheet, line, column = (*finding.path, None, None)[:3]
    if finding.code in PARTS or not isinstance(line, int) or column is None:
        return finding
    raw = tables[str(sheet)].lines[line].get(str(column))
    found = raw.strip() if isinstance(raw, str) else "" if raw is None else str(raw)
    return Finding(finding.path, finding.code, found, finding.values, finding.other)
