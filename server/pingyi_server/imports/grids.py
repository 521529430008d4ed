"""The cells of a workbook's sheets, as Excel, WPS and LibreOffice save them.

Formulas count by the value that the spreadsheet program stored.
"""

import warnings
from collections.abc import Iterator
from decimal import Decimal
from io import BytesIO
from itertools import zip_longest
from typing import Any, TypeAlias

from openpyxl import load_workbook

from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place
from pingyi_server.imports.values import SPREADSHEET_DIGITS, Raw, Unusable

# rows beyond these are no meeting: a header stands near the top, and 10,000 lines are three times the largest hall
HEADER_ROWS = 20
MOST_ROWS = 10_000
MOST_COLUMNS = 200
# a spreadsheet has no row beyond this one
LAST_ROW = 2**20

Cell: TypeAlias = Raw | Unusable
Grid: TypeAlias = dict[int, dict[int, Cell]]
"""The cells that hold something, by row and column from 1."""


class Percentage(Decimal):
    """A number that its cell shows in per cent, as it is shown: 95 for 95%."""


def grids_of(content: bytes, file: str) -> dict[str, Grid]:
    """Return the cells of every sheet by title; openpyxl opens the file twice, for values and for formulas."""
    try:
        with warnings.catch_warnings():
            # openpyxl warns of drop-downs and styles that it does not keep; only values are read here
            warnings.simplefilter("ignore")
            values = load_workbook(BytesIO(content), read_only=True, data_only=True)
            formulas = load_workbook(BytesIO(content), read_only=True, data_only=False)
            return {sheet.title: _grid(sheet, formulas[sheet.title]) for sheet in values.worksheets}
    except Exception as error:  # a damaged file makes openpyxl raise nearly anything
        raise MeetingFileError([FileFinding(Place("file", file), "undamaged")]) from error


def _grid(values: Any, formulas: Any) -> Grid:
    grid: Grid = {}
    blank: tuple[Any, ...] | None = None
    for sheet in (values, formulas):
        # the size that some programs write into the file is wrong
        sheet.reset_dimensions()
    for row, (held, written) in enumerate(zip_longest(_rows(values), _rows(formulas), fillvalue=()), 1):
        if held is blank and row <= LAST_ROW:
            continue  # openpyxl fills gaps with one and the same row
        cells = {
            column: cell
            for column, (value, formula) in enumerate(zip(held, written, strict=False), 1)
            if (cell := _cell(value, formula)) is not None
        }
        if cells:
            grid[row] = cells
        else:
            blank = held
        if len(grid) > MOST_ROWS + HEADER_ROWS or row > LAST_ROW:
            break
    return grid


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # a cell far to the right would have every row filled up to it
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(max_col=MOST_COLUMNS)
    return rows


def _cell(value: Any, formula: Any) -> Cell | None:
    """Return what the cell holds, None for an empty one."""
    held: Raw | None = value.value
    if held is None:
        # a formula whose stored result is an empty text has a type of its own; without a type nothing was stored
        unsaved = formula.data_type == "f" and value.data_type == "n"
        return Unusable("stored_result", str(formula.value)) if unsaved else None
    if value.data_type == "e":
        return Unusable("no_error_value", str(held))
    if isinstance(held, str):
        # Excel writes the return of a pasted line break in this form, and openpyxl leaves it so
        text = held.replace("_x000D_", "\r")
        return text if text.strip() else None
    if isinstance(held, int | float) and not isinstance(held, bool) and "%" in (value.number_format or ""):
        return Percentage(Decimal(format(held, SPREADSHEET_DIGITS)) * 100)
    return held
