"""The exports that spreadsheets open: rows of cells from the one view, and CSV from rows.

Exact fractions stand in ``results.json`` only: a spreadsheet takes ``9/1`` for a day in January.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from pingyi_protocol.meeting.components import Component
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.figures import ComponentFigures, CompositeLine, Missing, PartFigures
from pingyi_protocol.record.results import Results
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
    """Yield one row a target: score, weight and weighted score of each component and part, the total and what follows.

    The last column marks those whose own score the clerk entered by hand.
    """
    definition, by_hand = view.definition, scored_by_hand(view.results)
    yield from preamble(view, words)
    if view.results.composite and not view.results.composite_announced:
        yield [words("export.composite_not_announced")]
    columns = {name: words(f"export.{name}") for name in ("target", "target_name")}
    for component in definition.components:
        columns |= step_columns(component, words)
    ends = ("composite", "rank", "band", "again", "missing", "manual")
    columns |= {name: words(f"export.{name}") for name in ends}
    yield from table_of(columns, (composite_row(line, definition, by_hand, words) for line in view.results.composite))


def step_columns(component: Component, words: Catalogue) -> dict[str, str]:
    """Return the headings of a component's parts, of the component itself, and of what it adds."""
    names = {part.id: f"{component.name} · {part.name}" for part in component.parts} | {"": component.name}
    return {
        f"{step} {component.id} {part}": words(f"export.part_{step}", component=name)
        for part, name in names.items()
        for step in ("score", "weight", "weighted")
    }


def composite_row(
    line: CompositeLine, definition: Definition, by_hand: frozenset[str], words: Catalogue
) -> dict[str, Cell]:
    """Return the composite of one target; what is missing is named."""
    row: dict[str, Cell] = {"target": line.target, "target_name": definition.target(line.target).name}
    for component in definition.components:
        row |= {f"weight {component.id} {part.id}": part.weight for part in component.parts}
        row[f"weight {component.id} "] = component.weight
    for found in line.components:
        steps: list[tuple[str, ComponentFigures | PartFigures]] = [
            ("", found),
            *((one.part, one) for one in found.parts),
        ]
        for part, one in steps:
            row |= {f"score {found.component} {part}": one.score, f"weighted {found.component} {part}": one.weighted}
    return row | {
        "composite": line.total,
        "rank": line.rank,
        "band": line.band,
        "again": words("export.again_yes") if line.again else "",
        "missing": missing_words(line, definition, words),
        "manual": words("export.by_hand") if line.target in by_hand else "",
    }


def missing_words(line: CompositeLine, definition: Definition, words: Catalogue) -> str:
    """Return what a composite lacks, by name."""
    return words("export.comma").join(named(one, definition) for one in line.missing)


def named(one: Missing, definition: Definition) -> str:
    """Return the names of a component, and of its part where one is meant."""
    return next(each for each in definition.components if each.id == one.component).name_of(one.part)


def scored_by_hand(results: Results) -> frozenset[str]:
    """Return the targets whose own measure the clerk entered by hand."""
    # whoever has a rank in a round has its measure from there
    targets = (target for one in results.rounds if one.manual for target in one.targets)
    return frozenset(target.figures.target for target in targets if target.rank is not None)
