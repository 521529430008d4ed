"""From a check's path into the definition to the cell of the file, and what only follows from another cell."""

from collections.abc import Mapping
from typing import NamedTuple

from pingyi_protocol.meeting.findings import Finding, Path
from pingyi_server.imports.columns import RULE_COLUMNS


class Lines(NamedTuple):
    """On which lines of their own sheets things stand that the definition holds inside others.

    By the places of the outer one in its table and of the inner one in it: ``criteria`` of items, ``parts`` of
    components.
    """

    criteria: Mapping[tuple[int, int], int]
    parts: Mapping[tuple[int, int], int]


ANSWER_TOGETHER: tuple[frozenset[str], ...] = (
    frozenset({"lowest", "highest", "step", "bands", "pass_mark"}),
    frozenset({"measure", "dropped", "least_scores"}),
    frozenset({"display", "running"}),
    frozenset({"winners", "most", "least", "targets"}),
)
"""The rules of an item that are judged together: where one cannot be read, nothing is said of the others."""

COMPOSITE_FACTS = {"decimals": "composite_decimals", "bands": "composite_bands"}
"""The facts of the meeting's sheet that say how composites are published, by their fields of another name."""

RENAMED = {("agenda", "id"): "number", ("roster", "chief"): "roles"}
"""The fields whose columns have another name."""


def at_cell(finding: Finding, lines: Lines) -> Finding:
    """Turn the paths of a check into paths of cells."""
    other = None if finding.other is None else cell_path(finding.other, finding.code, lines)
    path = cell_path(finding.path, finding.code, lines)
    return Finding(path, finding.code, finding.found, finding.values, other)


def cell_path(path: Path, code: str, lines: Lines) -> Path:
    """Return the cell of a field of the definition, of which a finding says ``code``."""
    inner = inner_path(path, lines)
    if inner is not None:
        return inner
    match [step for step in path if step != "rules"]:
        case ["meeting", *rest]:
            return ("meeting", 0, *rest)
        case ["composite", str() as field]:
            return ("meeting", 0, COMPOSITE_FACTS.get(field, field))
        case ["agenda", int() as item, "passing" | "question"]:
            return ("agenda", item, "passing_base" if code == "base_of_question" else "passing_share")
        case [str() as sheet, *rest]:
            named = [RENAMED.get((sheet, step), step) if isinstance(step, str) else step for step in rest]
            return (sheet, *named)
        case _:
            return path


def inner_path(path: Path, lines: Lines) -> Path | None:
    """Return the cell of what has a sheet of its own and stands inside something else, None for all else.

    What is wrong with all of them together is said of the first.
    """
    match path:
        case ("agenda", int() as item, "criteria", int() as index, *rest):
            return ("criteria", lines.criteria[item, index], *rest)
        case ("agenda", int() as item, "criteria", *_):
            return ("criteria", lines.criteria[item, 0], "item")
        case ("components", int() as component, "parts", int() as index, *rest):
            return ("parts", lines.parts[component, index], *rest)
        case ("components", int() as component, "parts", *_):
            return ("parts", lines.parts[component, 0], "weight")
        case _:
            return None


def follows(finding: Finding, broken: set[Path]) -> bool:
    """Whether a finding, on a cell, only follows from a cell that could not be read."""
    sheet, line, column = (*finding.path, None, None)[:3]
    if finding.path in broken:
        return True
    if isinstance(line, str):
        return any(len(cell) > 1 and cell[0] == sheet and cell[-1] == line for cell in broken)
    if any(is_cause(cell, finding) for cell in broken):
        return True
    if sheet != "agenda" or column not in RULE_COLUMNS | {"targets"}:
        return False
    with_it = {"kind"}.union(*(together for together in ANSWER_TOGETHER if column in together))
    return any(cell[:2] == finding.path[:2] and cell[-1] in with_it for cell in broken)


def is_cause(cell: Path, finding: Finding) -> bool:
    """Whether a cell that could not be read may be why lines do not fit together."""
    match finding.code:
        case "weights_total":
            return cell[0] == finding.path[0] and finding.path[-1] != "rule"
        case "rule_of_parts" | "committee_has_no_rule":
            return cell[0] == "parts" or cell[:2] == finding.path[:2]
        case "target_not_in_item":
            return cell[0] == "agenda" and cell[-1] in ("targets", "kind")
        case _:
            return False
