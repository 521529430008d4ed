"""The exports that spreadsheets open: rows of cells from the one view, and CSV from rows.

Exact fractions stand in ``results.json`` only: a spreadsheet takes ``9/1`` for a day in January.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TypeAlias

from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.figures import CompositeLine, TargetFigures
from pingyi_protocol.record.results import RoundResult, TargetResult
from pingyi_protocol.text import Catalogue
from pingyi_server.exports.view import BallotLine, View

Cell: TypeAlias = str | int | Decimal | None
Row: TypeAlias = Sequence[Cell]

# what spreadsheets take for the beginning of a formula, full-width forms included
FORMULA = tuple("=+-@＝＋－＠")

ROUND_COLUMNS = ("item", "title", "round", "status", "reason", "recused_members", "target", "target_name")
FIGURE_COLUMNS = (
    "scores",
    "abstentions",
    "not_voted",
    "recused",
    "present",
    "total",
    "measure_kind",
    "measure",
    "mean",
    "trimmed_mean",
    "dropped",
    "median",
    "deviation",
    "least",
    "greatest",
    "band",
    "rank",
)
BALLOT_COLUMNS = (
    "item",
    "title",
    "round",
    "target",
    "target_name",
    "number",
    "name",
    "group",
    "answer",
    "score",
    "leaf",
    "code",
)


def encode_csv(rows: Iterable[Row]) -> bytes:
    """Return CSV as spreadsheets read it (RFC 4180): UTF-8 with a byte order mark, so that Chinese is recognised."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([shown(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def shown(cell: Cell) -> str:
    """Return a cell as text; one that a spreadsheet would run as a formula begins with an apostrophe instead."""
    if isinstance(cell, str):
        return f"'{cell}" if cell.lstrip().startswith(FORMULA) else cell
    return "" if cell is None else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def preamble(view: View, words: Catalogue) -> Iterator[Row]:
    """Yield what stands above every table: the meeting, its head's fingerprint, and whether it is simulated."""
    results = view.results
    if results.simulated:
        yield [words("export.simulated")]
    if view.waiting:
        yield [words("export.waiting")]
    yield [results.name, results.session, results.date]
    yield [words("export.fingerprint"), results.fingerprint]


def results_table(view: View, words: Catalogue) -> Iterator[Row]:
    """Yield every round: its figures once they are announced, and only where it stands before, or why it is void."""
    bands = tuple(dict.fromkeys(band.name for item in view.definition.agenda for band in item.rules.bands))
    yield from preamble(view, words)
    headings = [words(f"export.{column}") for column in (*ROUND_COLUMNS, *FIGURE_COLUMNS)]
    yield [*headings, *(words("export.band_count", band=band) for band in bands)]
    for one in view.results.rounds:
        recused = words("export.comma").join(
            words("export.recused_member", number=member.number, name=member.name, reason=member.reason)
            for member in one.recused
        )
        start: list[Cell] = [one.item, one.title, one.round, words(f"export.{one.phase}"), one.reason, recused]
        for result in one.targets:
            yield [*start, result.figures.target, result.name, *figures(one, result, bands, words)]
        if not one.targets:
            yield [*start, *(None for _ in range(len(headings) - len(start) + len(bands)))]


def figures(one: RoundResult, result: TargetResult, bands: Sequence[str], words: Catalogue) -> list[Cell]:
    """Return the figures of one target, in the order of the columns."""
    found: TargetFigures = result.figures
    counts = {band.band: band.count for band in found.bands}
    return [
        found.scores,
        found.abstentions,
        found.not_voted,
        sum(member.present for member in one.recused),
        one.present,
        found.total,
        words(f"export.measure_{one.measure}"),
        words("export.too_few") if found.measure is None else found.measure,
        found.mean,
        found.trimmed_mean,
        found.dropped,
        found.median,
        found.deviation,
        found.least,
        found.greatest,
        found.band,
        result.rank,
        *(counts.get(band) for band in bands),
    ]


def ballots_table(view: View, words: Catalogue) -> Iterator[Row]:
    """Yield who gave what in the announced open rounds; the first line says that these ballots are open."""
    yield [words("export.open_ballot")]
    yield from preamble(view, words)
    yield [words(f"export.{column}") for column in BALLOT_COLUMNS]
    for line in view.ballots:
        yield from ballot_rows(line, view.definition, words)


def ballot_rows(line: BallotLine, definition: Definition, words: Catalogue) -> Iterator[Row]:
    """Yield one row for each target of the item."""
    scores = {answer.target: answer.score for answer in line.answers or ()}
    for target in line.item.targets:
        score = scores.get(target)
        kind = "abstained" if score is None else "scored"
        if line.answers is None:
            kind = "recused" if line.recused else "not_voted"
        yield [
            line.item.id,
            line.item.title,
            line.round,
            target,
            definition.target(target).name,
            line.person.number,
            line.person.name,
            line.person.group,
            words(f"export.answer_{kind}"),
            score,
            line.leaf,
            line.code,
        ]


def composite_table(view: View, words: Catalogue) -> Iterator[Row]:
    """Yield one row a target: score, weight and weighted score of each component, the total and the rank."""
    components = view.definition.components
    yield from preamble(view, words)
    parts = ("part_score", "part_weight", "part_weighted")
    headings = [words(f"export.{part}", component=one.name) for one in components for part in parts]
    ends = [words(f"export.{column}") for column in ("composite", "rank", "missing")]
    yield [words("export.target"), words("export.target_name"), *headings, *ends]
    for line in view.results.composite:
        yield composite_row(line, view.definition, words)


def composite_row(line: CompositeLine, definition: Definition, words: Catalogue) -> Row:
    """Return the composite of one target; what is missing is named."""
    parts = {part.component: part for part in line.parts}
    cells: list[Cell] = [line.target, definition.target(line.target).name]
    for component in definition.components:
        part = parts.get(component.id)
        cells += [part.score, part.weight, part.weighted] if part else [None, component.weight, None]
    names = {component.id: component.name for component in definition.components}
    missing = words("export.comma").join(names[one] for one in line.missing)
    return [*cells, line.total, line.rank, missing]
