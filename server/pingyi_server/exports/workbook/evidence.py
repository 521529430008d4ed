"""The sheet of evidence: what was imported about each target, and the score that it comes to, by a live formula."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from xlsxwriter.utility import xl_rowcol_to_cell

from pingyi_protocol.meeting.components import (
    Component,
    ComponentPart,
    EvidenceLine,
    GivenScore,
    GivenScores,
    GradeValues,
    HotlineCounts,
    HotlineRates,
    Rule,
    SurveyCounts,
    VoteBase,
    VoteCounts,
    VoteShares,
)
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.evidence import scores_of
from pingyi_protocol.meeting.measures import fraction_text
from pingyi_protocol.record.results import EvidenceFile
from pingyi_server.exports.tables import Cell
from pingyi_server.exports.view import View
from pingyi_server.exports.workbook.pages import INPUT, Book, Content, Formula, Page, Strong

Scores: TypeAlias = dict[tuple[str, str], dict[str, Formula]]
"""The cell of each target's score by component and part, as a formula that refers to it."""

DECIMALS = 4
"""Of scores on this sheet, which are not rounded: the composite rounds once, at its end."""

COLUMNS = 8
FIRST = 2
"""The column in which the material begins, after the target and its name."""


@dataclass(frozen=True)
class Shape:
    """How a rule looks on the sheet: the headings of its material, and what it sets, with its ``label``, above that."""

    headings: tuple[str, ...]
    values: tuple[Decimal | None, ...] | None
    label: str = ""


def evidence(book: Book, view: View) -> Scores:
    """Write every file of evidence that counts, and say where the scores stand."""
    found: Scores = {}
    files = view.results.evidence
    if not files:
        return found
    page = book.page("evidence", landscape=False)
    page.line(Strong(f"{view.results.name}　{view.results.session}　{page.name}"))
    page.sheet.freeze_panes(0, FIRST)
    for component in view.definition.components:
        for source in component.sources:
            file = next((one for one in files if (one.component, one.part) == (component.id, source.id)), None)
            if file is not None:
                page.line()
                page.line(Strong(caption(book, component, source)))
                page.line(book.words("sheets.evidence_file", file=file.file, leaf=file.leaf))
                page.line("SHA-256", file.sha256)
                found[component.id, source.id] = block(book, page, view.definition, source.rule, file)
    # so much of the page takes the longest line
    page.last_column = max(page.last_column, COLUMNS)
    page.finish()
    return found


def caption(book: Book, component: Component, source: ComponentPart) -> str:
    """Name a component, or a part of one."""
    return book.words("sheets.between").join(filter(None, (component.name, source.name if source.id else "")))


def block(book: Book, page: Page, definition: Definition, rule: Rule, file: EvidenceFile) -> dict[str, Formula]:
    """Write the material of one file with its scores, and return where these are."""
    shape, words = shape_of(book, rule), book.words
    exact = scores_of(rule, file.lines)
    ends = ("sheets.live", "export.exact")
    headings = [words("export.target"), words("export.target_name"), *shape.headings, *map(words, ends)]
    given = [list(material_of(line)) for line in file.lines]
    names = [definition.target(line.target).name for line in file.lines]
    texts: list[list[Content]] = [
        [line.target, name, *cells] for line, name, cells in zip(file.lines, names, given, strict=True)
    ]
    values = page.row + 1
    first = values if shape.values is None else values + 1
    rows = range(first, first + len(texts))
    scores = {
        line.target: Formula(
            formula_of(rule, (values, row), rows, len(shape.headings)), float(exact[line.target]), DECIMALS
        )
        for line, row in zip(file.lines, rows, strict=True)
    }
    cells = [[*row, scores[str(row[0])], fraction_text(exact[str(row[0])])] for row in texts]
    page.fit(headings, cells)
    page.headings(headings)
    if shape.values is not None:
        page.write([None, shape.label, *shape.values], border=1, bg_color=INPUT)
    for line in cells:
        page.write(line, border=1)
    column = FIRST + len(shape.headings)
    return {
        line.target: replace(scores[line.target], text=f"={page.reference(row, column)}")
        for line, row in zip(file.lines, rows, strict=True)
    }


def shape_of(book: Book, rule: Rule) -> Shape:
    """Return how the rule looks on the sheet."""
    words = book.words
    match rule:
        case GivenScores():
            return Shape((words("export.score"),), None)
        case HotlineRates(satisfied, not_repeated):
            names = ("handled", "satisfied", "repeated")
            headings = tuple(words(f"sheets.{name}") for name in names)
            return Shape(headings, (None, satisfied, not_repeated), words("sheets.weights"))
        case GradeValues(grades):
            values = tuple(grade.value for grade in grades)
            return Shape(tuple(grade.name for grade in grades), values, words("sheets.grade_values"))
        case VoteShares(VoteBase.VOTERS):
            return Shape((words("export.votes"), words("sheets.voters")), None)
        case VoteShares():
            return Shape((words("export.votes"),), None)


def material_of(line: EvidenceLine) -> Sequence[Cell]:
    """Return the cells of what was found about a target."""
    match line.material:
        case GivenScore(score):
            return (score,)
        case HotlineCounts(handled, satisfied, repeated):
            return handled, satisfied, repeated
        case SurveyCounts(counts):
            return counts
        case VoteCounts(votes, voters):
            return (votes, voters) if voters else (votes,)


def formula_of(rule: Rule, rows: tuple[int, int], every: range, width: int) -> str:
    """Return the formula of a score: ``rows`` are that of the values and the target's own, ``every`` those of all."""
    values, own = rows
    cells = [xl_rowcol_to_cell(own, FIRST + place) for place in range(width)]
    fixed = [xl_rowcol_to_cell(values, FIRST + place, row_abs=True) for place in range(width)]
    match rule:
        case GivenScores():
            return f"={cells[0]}"
        case HotlineRates():
            handled, satisfied, repeated = cells
            return f"={fixed[1]}*{satisfied}/{handled}+{fixed[2]}*(1-{repeated}/{handled})"
        case GradeValues():
            counts = f"{cells[0]}:{cells[-1]}"
            return f"=SUMPRODUCT({fixed[0]}:{fixed[-1]},{counts})/SUM({counts})"
        case VoteShares(VoteBase.VOTERS):
            return f"=100*{cells[0]}/{cells[1]}"
        case VoteShares():
            first, last = (xl_rowcol_to_cell(row, FIRST, row_abs=True) for row in (every[0], every[-1]))
            return f"=100*{cells[0]}/MAX({first}:{last})"
