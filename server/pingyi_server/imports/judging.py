"""What is wrong with a meeting file beyond single cells: its lines together, said of cells and in what stands there.

Errors keep a file from being loaded. Warnings do not: the meeting could be held, but surely not as it was meant.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.findings import Finding, Path
from pingyi_protocol.meeting.soundness import findings_of
from pingyi_protocol.text import catalogue
from pingyi_server.imports.mapping import RULE_COLUMNS, Table

ANSWER_TOGETHER: tuple[frozenset[str], ...] = (
    frozenset({"lowest", "highest", "step", "bands"}),
    frozenset({"measure", "dropped", "least_scores"}),
    frozenset({"display", "running"}),
)
"""The rules of an item that are judged together: where one cannot be read, nothing is said of the others."""

POINTS_TO = {"unknown_target": "targets", "unknown_component": "components"}
"""The findings that only say something where the other sheet could be read."""

PARTS = frozenset({"hidden_character", "hidden_character_or_line", "address", "unknown_target", "target_twice"}) | {
    "target_in_two_items",
    "band_separator",
    "weights_total",
}
"""The findings that quote a part of the cell, or more than one; all others quote the cell."""


class Judgement(NamedTuple):
    """Errors and warnings, their paths as those of ``definition_of``."""

    errors: list[Finding]
    warnings: list[Finding]


def judge(
    definition: Definition, tables: Mapping[str, Table], unreadable: list[Finding], unsound: frozenset[str]
) -> Judgement:
    """Judge what ``definition_of`` made of ``tables``, with its findings ``unreadable``.

    ``unsound`` names the sheets whose shape is wrong: of their lines together nothing can be said.
    """
    broken = {finding.path for finding in unreadable}
    together = [*findings_of(definition), *short_names_twice(definition)]
    errors = [*unreadable, *example_lines(tables)]
    for finding in map(at_cell, together):
        missing_sheet = finding.path[0] in unsound or POINTS_TO.get(finding.code) in unsound
        if not missing_sheet and not follows(finding.path, broken):
            errors.append(quoting(finding, tables))
    spoilt = unsound | {str(finding.path[0]) for finding in errors}
    return Judgement(errors, [*missing_chair(definition, spoilt), *targets_in_no_item(definition, spoilt)])


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


def at_cell(finding: Finding) -> Finding:
    """Turn the paths of a check into paths of cells."""
    other = None if finding.other is None else cell_path(finding.other)
    return Finding(cell_path(finding.path), finding.code, finding.found, finding.values, other)


def cell_path(path: Path) -> Path:
    """Return the cell of a field of the definition."""
    renamed: dict[tuple[str | int, str | int], str] = {("agenda", "id"): "number"}
    sheet, *rest = (step for step in path if step != "rules")
    if sheet == "meeting":
        rest = [0, *rest]
    return (sheet, *(renamed.get((sheet, step), step) for step in rest))


def follows(path: Path, broken: set[Path]) -> bool:
    """Whether a finding only follows from a cell that could not be read."""
    if path in broken:
        return True
    sheet, line, column = (*path, None, None)[:3]
    if isinstance(line, str):
        return any(len(cell) > 1 and cell[0] == sheet and cell[-1] == line for cell in broken)
    if sheet != "agenda" or column not in RULE_COLUMNS:
        return False
    with_it = [together for together in ANSWER_TOGETHER if column in together]
    return any(cell[:2] == path[:2] and cell[-1] in together for cell in broken for together in with_it)
