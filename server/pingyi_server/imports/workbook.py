"""Read ``meeting.xlsx`` as Excel, WPS and LibreOffice save it.

Sheets are found by title and columns by header, in either language, so that title rows, further columns, further
sheets and another order do no harm. Formulas count by the value that the spreadsheet program stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl.utils import get_column_letter

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.findings import Path as FindingPath
from pingyi_protocol.text import catalogue
from pingyi_server.imports.columns import SHEETS, Sheet
from pingyi_server.imports.container import LARGEST_FILE, check_container
from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place, unheard
from pingyi_server.imports.grids import HEADER_ROWS, MOST_ROWS, Cell, Grid, grids_of
from pingyi_server.imports.mapping import MeetingFile, Table
from pingyi_server.imports.reading import FileTables, Warn, meeting_of
from pingyi_server.imports.values import Raw, Unusable, both_languages, folded


def read_workbook(path: Path, warn: Warn = unheard) -> MeetingFile:
    """Read a workbook. Raises MeetingFileError with all that is wrong, or OSError."""
    if path.stat().st_size > LARGEST_FILE:
        raise MeetingFileError([FileFinding(Place("file", path.name), "smaller_file")])
    return meeting_of_workbook(path.read_bytes(), path.name, warn)


def meeting_of_workbook(content: bytes, file: str, warn: Warn = unheard) -> MeetingFile:
    """Return what ``content`` says; ``file`` is the name that findings give. Raises MeetingFileError.

    ``warn`` is told what does not keep the meeting from being held.
    """
    return meeting_of(workbook_tables(content, file, SHEETS), warn)


def workbook_tables(content: bytes, file: str, sheets: tuple[Sheet, ...]) -> FileTables:
    """Return the tables of these sheets. Raises MeetingFileError for what is no workbook."""
    check_container(content, file)
    grids = grids_of(content, file)
    readers = {sheet.code: _SheetReader(sheet, file) for sheet in sheets}
    # a sheet of earlier versions
    evidence = both_languages("workbook.earlier_evidence")
    earlier = [title for title, grid in grids.items() if folded(title) in evidence and len(grid) > 1]
    return FileTables(
        tables={code: reader.read(_matching(reader.sheet, grids)) for code, reader in readers.items()},
        place=lambda path: readers[str(path[0])].place(path),
        titles=[*(reader.title for reader in readers.values()), *earlier],
        shape=[finding for reader in readers.values() for finding in reader.findings],
        unsound=frozenset(code for code, reader in readers.items() if reader.findings),
        spare=[
            *(finding for reader in readers.values() for finding in reader.spare_columns()),
            *(FileFinding(Place("workbook", file, title), "evidence_elsewhere") for title in earlier),
        ],
    )


def _matching(sheet: Sheet, grids: Mapping[str, Grid]) -> tuple[str, Grid] | None:
    titles = both_languages(f"workbook.sheet_{sheet.code}") | {sheet.code}
    return next(((title, grid) for title, grid in grids.items() if folded(title) in titles), None)


@dataclass
class _SheetReader:
    """Reads one sheet; afterwards it knows where every cell stood. ``findings`` are those about the sheet's shape."""

    sheet: Sheet
    file: str
    title: str = ""
    findings: list[FileFinding] = field(default_factory=list)
    cells: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)
    rows: list[int] = field(default_factory=list)
    headers: dict[str, int] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)

    def read(self, matching: tuple[str, Grid] | None) -> Table:
        """Return the sheet's lines, or none with a finding where the sheet or its header is missing."""
        if self.sheet.optional and (matching is None or not matching[1]):
            return Table()
        if matching is None:
            wanted = _bilingual(f"sheet_{self.sheet.code}", " ")
            self.findings.append(FileFinding(Place("file", self.file), "sheet", values={"sheet": wanted}))
            return Table()
        self.title, grid = matching
        return self._read_facts(grid) if self.sheet.code == "meeting" else self._read_lines(grid)

    def place(self, path: FindingPath) -> Place:
        """Return where a path of the mapping is in this workbook."""
        line = next((step for step in path[1:] if isinstance(step, int)), None)
        code = next((step for step in path[1:] if isinstance(step, str)), "")
        column = _bilingual(f"{self.sheet.code}_{code}", " / ") if code else ""
        if line is None or line >= len(self.rows):
            return Place("workbook", self.file, self.title, column=column)
        row, letter = self.cells.get((line, code), (self.rows[line], 0))
        return Place(
            "workbook", self.file, self.title, row, column, f"{get_column_letter(letter)}{row}" if code else ""
        )

    def spare_columns(self) -> list[FileFinding]:
        """Name headers that mean nothing; one beside a missing column is named there, for it is likely meant so."""
        if self.findings:
            return []
        place = Place("workbook", self.file, self.title)
        return [FileFinding(place, "unknown_column", header) for header in self.unknown]

    def _read_facts(self, grid: Grid) -> Table:
        """Read the meeting's sheet: a name and beside it the value, in any rows and columns."""
        self.rows.append(1)
        line: dict[str, Raw | Unusable | None] = {}
        names = {name: column.code for column in self.sheet.columns for name in self._names(column.code)}
        for row, cells in grid.items():
            labelled = ((column, names.get(folded(str(cell)))) for column, cell in cells.items())
            column, code = next(((column, code) for column, code in labelled if code is not None), (0, None))
            if code is None:
                continue
            if (0, code) in self.cells:
                self._shape("fact_twice", code, row)
                continue
            self.cells[0, code] = (row, column + 1)
            line[code] = cells.get(column + 1)
        absent = {column.code for column in self.sheet.columns} - line.keys()
        for code in self._wanted(absent):
            self._shape("fact", code)
        return Table([line], frozenset(absent))

    def _read_lines(self, grid: Grid) -> Table:
        top = self._find_headers(grid)
        if top is None:
            names = ", ".join(_bilingual(f"{self.sheet.code}_{column.code}", " / ") for column in self.sheet.columns)
            place = Place("workbook", self.file, self.title)
            self.findings.append(FileFinding(place, "header_row", values={"names": names}))
            return Table()
        absent = {column.code for column in self.sheet.columns} - self.headers.keys()
        for code in self._wanted(absent):
            self._shape("column", code, found=", ".join(self.unknown))
        lines: list[Mapping[str, Raw | Unusable | None]] = []
        for row, cells in grid.items():
            if row <= top or not any(column in cells for column in self.headers.values()):
                continue
            if len(lines) == MOST_ROWS:
                place = Place("workbook", self.file, self.title, row)
                self.findings.append(FileFinding(place, "fewer_rows", values={"most": str(MOST_ROWS)}))
                break
            self.rows.append(row)
            lines.append(self._line(len(lines), row, cells))
        return Table(lines, frozenset(absent))

    def _find_headers(self, grid: Grid) -> int | None:
        """Take the row near the top that holds most headers; note the column of each."""
        names = {name: column.code for column in self.sheet.columns for name in self._names(column.code)}
        best: tuple[int, int] = (0, 0)
        for row, cells in grid.items():
            codes = {names.get(folded(str(cell))) for cell in cells.values()} - {None}
            if row <= HEADER_ROWS and len(codes) > best[0]:
                best = (len(codes), row)
        if best[1] == 0:
            return None
        for column, cell in grid[best[1]].items():
            code = names.get(folded(str(cell)))
            if code in self.headers:
                self._shape("column_twice", code, best[1])
            elif code is not None:
                self.headers[code] = column
            else:
                self.unknown.append(str(cell).strip())
        return best[1]

    def _line(self, index: int, row: int, cells: Mapping[int, Cell]) -> dict[str, Raw | Unusable | None]:
        line: dict[str, Raw | Unusable | None] = {}
        for code, column in self.headers.items():
            self.cells[index, code] = (row, column)
            line[code] = cells.get(column)
        return line

    def _names(self, code: str) -> frozenset[str]:
        return both_languages(f"workbook.{self.sheet.code}_{code}")

    def _wanted(self, absent: set[str]) -> list[str]:
        """Return which of these columns must not be missing."""
        return sorted(column.code for column in self.sheet.columns if column.code in absent and not column.optional)

    def _shape(self, wanted: str, code: str, row: int | None = None, found: str = "") -> None:
        name = _bilingual(f"{self.sheet.code}_{code}", " / ")
        place = Place("workbook", self.file, self.title, row)
        self.findings.append(FileFinding(place, wanted, found, {"name": name}))


def _bilingual(key: str, between: str) -> str:
    texts = (catalogue("pingyi_server", language)(f"workbook.{key}") for language in Language)
    return between.join(texts)
