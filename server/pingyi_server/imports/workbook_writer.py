"""Write a definition as ``meeting.xlsx``: bilingual headers that explain themselves, drop-downs, frozen headers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import quote_sheetname, xl_range_abs
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pingyi_protocol.meeting.commands import Recuse
from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.imports.columns import SHEETS, Column, Sheet
from pingyi_server.imports.findings import words_of_choice
from pingyi_server.imports.mapping import tables_of
from pingyi_server.imports.values import SPREADSHEET_DIGITS, Code, Day, Fraction, Number

# rows that have drop-downs and formats beyond those that are filled
SPARE_ROWS = 500
FACT_WIDTHS = (30, 44, 70)
HEADER_HEIGHT = 54
NOTE_SIZE = {"width": 320, "height": 110}
# columns that name lines of another sheet's first column
REFERENCES = {
    ("criteria", "item"): "agenda",
    ("criteria", "target"): "targets",
    ("problems", "target"): "targets",
    ("parts", "component"): "components",
    ("recusals", "item"): "agenda",
    ("recusals", "person"): "roster",
}


def workbook_of(definition: Definition, language: Language, recusals: Sequence[Recuse] = ()) -> bytes:
    """Return the workbook that says this; words of lists and notes are in ``language``."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        writer = _Writer(book, catalogue("pingyi_server", language), _formats(book))
        tables = tables_of(definition, recusals)
        for sheet in SHEETS:
            writer.write(sheet, tables[sheet.code])
    return content.getvalue()


@dataclass(frozen=True)
class _Formats:
    header: Format
    cell: Format
    text: Format
    faint: Format


def _formats(book: Workbook) -> _Formats:
    base = {"valign": "top", "align": "left", "text_wrap": True}
    header = {"bold": True, "bg_color": "#DCE6F2", "border": 1, "valign": "vcenter", "text_wrap": True}
    return _Formats(
        header=book.add_format(header),
        cell=book.add_format(base),
        # text, so that no spreadsheet turns 1-01 into a day or 007 into 7
        text=book.add_format({**base, "num_format": "@"}),
        faint=book.add_format({**base, "font_color": "#5F6B7A"}),
    )


def _bilingual(key: str, between: str) -> str:
    return between.join(catalogue("pingyi_server", language)(f"workbook.{key}") for language in Language)


class _Writer:
    """Writes the sheets of one book."""

    def __init__(self, book: Workbook, words: Catalogue, formats: _Formats) -> None:
        self.book = book
        self.words = words
        self.formats = formats

    def write(self, sheet: Sheet, lines: list[dict[str, Any]]) -> None:
        """Add one sheet with its lines."""
        page = self.book.add_worksheet(_bilingual(f"sheet_{sheet.code}", " "))
        page.set_landscape()
        page.fit_to_pages(1, 0)
        if sheet.code == "meeting":
            self._write_facts(page, sheet, lines[0])
        else:
            self._write_lines(page, sheet, lines)

    def _write_facts(self, page: Worksheet, sheet: Sheet, facts: dict[str, Any]) -> None:
        """Write one fact a row: name, value, explanation."""
        for number, (key, width) in enumerate(zip(("fact", "value", "note"), FACT_WIDTHS, strict=True)):
            page.set_column(number, number, width, self.formats.text)
            page.write_string(0, number, _bilingual(f"heading_{key}", " / "), self.formats.header)
        page.freeze_panes(1, 1)
        for row, column in enumerate(sheet.columns, 1):
            page.write_string(row, 0, _bilingual(f"meeting_{column.code}", " / "), self.formats.header)
            self._write_cell(page, row, 1, column, facts[column.code])
            page.write_string(row, 2, self.words(f"workbook.note_meeting_{column.code}"), self.formats.faint)
            if column.kind.choice is not None:
                self._offer(page, (row, 1, row, 1), words_of_choice(column.kind.choice, self.words.language))

    def _write_lines(self, page: Worksheet, sheet: Sheet, lines: list[dict[str, Any]]) -> None:
        """Write a header row and one line a row."""
        page.set_row(0, HEADER_HEIGHT)
        page.freeze_panes(1, 1)
        page.repeat_rows(0)
        last = len(lines) + SPARE_ROWS
        for number, column in enumerate(sheet.columns):
            page.set_column(number, number, column.width, self._format(column))
            page.write_string(0, number, _bilingual(f"{sheet.code}_{column.code}", " / "), self.formats.header)
            page.write_comment(0, number, self.words(f"workbook.note_{sheet.code}_{column.code}"), NOTE_SIZE)
            source = self._source(sheet, column)
            if source is not None:
                self._offer(page, (1, number, last, number), source)
            for row, line in enumerate(lines, 1):
                self._write_cell(page, row, number, column, line[column.code])

    def _source(self, sheet: Sheet, column: Column) -> list[str] | str | None:
        """Return what the column's drop-down offers, None where there is none."""
        named = REFERENCES.get((sheet.code, column.code))
        if named is not None:
            return f"={quote_sheetname(_bilingual(f'sheet_{named}', ' '))}!{xl_range_abs(1, 0, SPARE_ROWS, 0)}"
        if column.kind.choice is None or column.kind.several:
            return None
        return words_of_choice(column.kind.choice, self.words.language)

    def _offer(self, page: Worksheet, cells: tuple[int, int, int, int], source: list[str] | str) -> None:
        # a warning, no stop: the words of the other language are right too
        page.data_validation(
            *cells,
            {
                "validate": "list",
                "source": source,
                "error_type": "warning",
                "error_message": self.words("workbook.choose_from_list"),
            },
        )

    def _format(self, column: Column) -> Format:
        return self.formats.text if isinstance(column.kind, Code | Day | Fraction) else self.formats.cell

    def _write_cell(self, page: Worksheet, row: int, number: int, column: Column, value: Any) -> None:
        if value is None:
            page.write_blank(row, number, None, self._format(column))
        elif isinstance(column.kind, Number) and _exact(value):
            page.write_number(row, number, float(value), self.formats.cell)
        else:
            # always a string, never a formula: a name may begin with =
            page.write_string(row, number, column.kind.text(value, self.words.language), self._format(column))


def _exact(value: Decimal | int) -> bool:
    """Whether a spreadsheet's number keeps this value."""
    return Decimal(format(float(value), SPREADSHEET_DIGITS)) == value
