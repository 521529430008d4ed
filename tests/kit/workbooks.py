"""Exported workbooks, read as a spreadsheet would."""

import warnings
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

Value: TypeAlias = object


def opened(path: Path, *, formulas: bool = False) -> Workbook:
    """Return a workbook with what its formulas gave when it was saved, or with the formulas themselves."""
    with warnings.catch_warnings():
        # the bars in cells are of a later format than it reads
        warnings.filterwarnings("ignore", ".*extension is not supported", UserWarning)
        return load_workbook(BytesIO(path.read_bytes()), data_only=not formulas)


def lines(sheet: Worksheet, heading: str, place: int = 0) -> list[dict[str, Value]]:
    """Return the rows below the headings of which the first is ``heading``, up to an empty row."""
    rows = [tuple(cell.value for cell in row) for row in sheet.iter_rows()]
    start = [number for number, row in enumerate(rows) if row[0] == heading][place]
    found: list[dict[str, Value]] = []
    for row in rows[start + 1 :]:
        if all(cell is None for cell in row):
            break
        found.append({str(name): cell for name, cell in zip(rows[start], row, strict=True) if name is not None})
    return found
