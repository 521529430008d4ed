"""The exports that spreadsheets open: rows of cells from the one view, and CSV from rows.

Exact fractions stand in ``results.json`` only: a spreadsheet takes ``9/1`` for a day in January.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.figures import CompositeLine, Missing
from pingyi_protocol.text import Catalogue
from pingyi_server.exports.view import View

Cell: TypeAlias = str | int | Decimal | None
Row: TypeAlias = Sequence[Cell]

# what spreadsheets take for the beginning of a formula, full-width forms included
FORMULA = tuple("=+-@＝＋－＠")


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
    """Yield what stands above every table: the meeting, its head's fingerprint, and what to take it for."""
    results = view.results
    if results.simulated:
        yield [words("export.simulated")]
    if view.waiting:
        yield [words("export.waiting")]
    if view.unfinished:
        yield [words("export.unfinished")]
    yield [results.name, results.session, results.date]
    yield [words("export.fingerprint"), results.fingerprint]


def headings(columns: Iterable[str], words: Catalogue) -> dict[str, str]:
    """Return the heading of each column, by its name."""
    return {column: words(f"export.{column}") for column in columns}


def table_of(columns: Mapping[str, str], rows: Iterable[Mapping[str, Cell]]) -> Iterator[Row]:
    """Yield the headings of ``columns``, by name, and each row in their order; what a row does not have is empty."""
    yield list(columns.values())
    for row in rows:
        yield [row.get(column) for column in columns]


def composite_table(view: View, words: Catalogue) -> Iterator[Row]:
    """Yield one row a target: score, weight and weighted score of each component, the total and the rank.

    The last column marks those whose own score the clerk entered by hand.
    """
    components = view.definition.components
    yield from preamble(view, words)
    parts = ("part_score", "part_weight", "part_weighted")
    headings = [words(f"export.{part}", component=one.name) for one in components for part in parts]
    ends = [words(f"export.{column}") for column in ("composite", "rank", "missing", "manual")]
    yield [words("export.target"), words("export.target_name"), *headings, *ends]
    # whoever has a rank in a round has its measure from there
    by_hand = {
        target.figures.target
        for one in view.results.rounds
        for target in one.targets
        if one.manual and target.rank is not None
    }
    for line in view.results.composite:
        manual = words("export.by_hand") if line.target in by_hand else ""
        yield [*composite_row(line, view.definition, words), manual]


def composite_row(line: CompositeLine, definition: Definition, words: Catalogue) -> Row:
    """Return the composite of one target; what is missing is named."""
    parts = {part.component: part for part in line.components}
    cells: list[Cell] = [line.target, definition.target(line.target).name]
    for component in definition.components:
        part = parts.get(component.id)
        cells += [part.score, part.weight, part.weighted] if part else [None, component.weight, None]
    missing = words("export.comma").join(named(one, definition) for one in line.missing)
    return [*cells, line.total, line.rank, missing]


def named(one: Missing, definition: Definition) -> str:
    """Return the names of a component, and of its part where one is meant."""
    component = next(each for each in definition.components if each.id == one.component)
    part = next((each.name for each in component.parts if each.id == one.part), "")
    return f"{component.name} · {part}" if part else component.name
