"""From a check's path into the definition to the cell of the file, and what only follows from another cell."""

from collections.abc import Mapping

from pingyi_protocol.meeting.findings import Finding, Path
from pingyi_server.imports.columns import RULE_COLUMNS

CriterionLines = Mapping[tuple[int, int], int]

ANSWER_TOGETHER: tuple[frozenset[str], ...] = (
    frozenset({"lowest", "highest", "step", "bands", "pass_mark"}),
    frozenset({"measure", "dropped", "least_scores"}),
    frozenset({"display", "running"}),
    frozenset({"winners", "most", "least", "targets"}),
)
"""The rules of an item that are judged together: where one cannot be read, nothing is said of the others."""

RENAMED = {("agenda", "id"): "number", ("roster", "chief"): "roles"}
"""The fields whose columns have another name."""


def at_cell(finding: Finding, criteria: CriterionLines) -> Finding:
    """Turn the paths of a check into paths of cells; ``criteria`` as in ``Reading``."""
    other = None if finding.other is None else cell_path(finding.other, finding.code, criteria)
    path = cell_path(finding.path, finding.code, criteria)
    return Finding(path, finding.code, finding.found, finding.values, other)


def cell_path(path: Path, code: str, criteria: CriterionLines) -> Path:
    """Return the cell of a field of the definition, of which a finding says ``code``."""
    match [step for step in path if step != "rules"]:
        case ["meeting", *rest]:
            return ("meeting", 0, *rest)
        case ["agenda", int() as item, "criteria", int() as index, *rest]:
            return ("criteria", criteria[item, index], *rest)
        case ["agenda", int() as item, "criteria"]:
            return ("criteria", criteria[item, 0], "item")
        case ["agenda", int() as item, "passing" | "question"]:
            return ("agenda", item, "passing_base" if code == "base_of_question" else "passing_share")
        case [str() as sheet, *rest]:
            named = [RENAMED.get((sheet, step), step) if isinstance(step, str) else step for step in rest]
            return (sheet, *named)
        case _:
            return path


def follows(finding: Finding, broken: set[Path]) -> bool:
    """Whether a finding, on a cell, only follows from a cell that could not be read."""
    sheet, line, column = (*finding.path, None, None)[:3]
    if finding.path in broken:
        return True
    if isinstance(line, str):
        return any(len(cell) > 1 and cell[0] == sheet and cell[-1] == line for cell in broken)
    if sheet == "criteria" and finding.code == "weights_total":
        return any(cell[0] == sheet for cell in broken)
    if finding.code == "target_not_in_item":
        return any(cell[0] == "agenda" and cell[-1] in ("targets", "kind") for cell in broken)
    if sheet != "agenda" or column not in RULE_COLUMNS | {"targets"}:
        return False
    with_it = {"kind"}.union(*(together for together in ANSWER_TOGETHER if column in together))
    return any(cell[:2] == finding.path[:2] and cell[-1] in with_it for cell in broken)
