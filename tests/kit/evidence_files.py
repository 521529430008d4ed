"""Files of evidence as clerks have them, made in memory."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

import pytest
import xlsxwriter

from kit.kinds import whole_definition
from pingyi_protocol.meeting.components import Rule
from pingyi_server.imports.evidence import EvidenceFound, Wanted, evidence_of
from pingyi_server.imports.findings import FileFinding, MeetingFileError

DEFINITION = whole_definition()
SCORED = ("T01", "T02", "T03", "T04")
Rows = Sequence[Sequence[object]]


def csv_of(rows: Rows, encoding: str = "utf-8", separator: str = ",") -> bytes:
    """Return a CSV file."""
    text = StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def book_of(**sheets: Rows) -> bytes:
    """Return a workbook; a text of ``%`` and a number is a cell that shows per cent."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        shares = book.add_format({"num_format": "0.0%"})
        for title, rows in sheets.items():
            page = book.add_worksheet(title)
            for row, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, str) and cell.startswith("%"):
                        page.write_number(row, column, float(cell[1:]), shares)
                    elif isinstance(cell, str) and cell.startswith("="):
                        page.write_formula(row, column, cell)
                    elif cell is not None:
                        page.write(row, column, cell)
    return content.getvalue()


def read(content: bytes, rule: Rule, sheet: str | None = None, likely: tuple[str, ...] = ()) -> EvidenceFound:
    """Return what a file says about the targets of the meeting of every kind."""
    return evidence_of(content, "证据.csv", Wanted(DEFINITION, SCORED, rule, sheet, likely))


def wrong(content: bytes, rule: Rule, sheet: str | None = None) -> tuple[FileFinding, ...]:
    """Return what is wrong with a file."""
    with pytest.raises(MeetingFileError) as caught:
        read(content, rule, sheet)
    return caught.value.findings


def codes(findings: Sequence[FileFinding]) -> list[tuple[int | None, str, str]]:
    """Return row, column and code of findings."""
    return [(one.place.row, one.place.column, one.code) for one in findings]
