"""``meeting.toml``: the content of the workbook for those who prefer a text file. Keys are the column codes.

``[meeting]`` is a table, every other sheet an array of tables; a column that takes several values is an array.
"""

import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import tomli_w

from pingyi_protocol.meeting.commands import Recuse
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.findings import Path as FindingPath
from pingyi_server.imports.columns import SHEETS, Column, Sheet
from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place, unheard
from pingyi_server.imports.mapping import MeetingFile, Table, read_tables, tables_of
from pingyi_server.imports.reading import FileTables, Warn, meeting_of
from pingyi_server.imports.values import Raw, Unusable

LARGEST_FILE = 16 * 2**20


EARLIER_EVIDENCE = "evidence"
"""The table in which files of earlier versions hold what is imported now."""


def read_toml(path: Path, warn: Warn = unheard) -> MeetingFile:
    """Read a TOML file. Raises MeetingFileError with all that is wrong, or OSError."""
    if path.stat().st_size > LARGEST_FILE:
        raise MeetingFileError([FileFinding(Place("file", path.name), "smaller_file")])
    return meeting_of_toml(path.read_bytes(), path.name, warn)


def meeting_of_toml(content: bytes, file: str, warn: Warn = unheard) -> MeetingFile:
    """Return what ``content`` says; ``file`` is the name that findings give. Raises MeetingFileError.

    ``warn`` is told what does not keep the meeting from being held.
    """
    return meeting_of(toml_tables(content, file, SHEETS), warn)


def toml_tables(content: bytes, file: str, sheets: tuple[Sheet, ...]) -> FileTables:
    """Return the tables of these sheets; any other one is named. Raises MeetingFileError for what is no TOML."""
    reader = _Reader(file, _parsed(content, file))
    tables = {sheet.code: reader.table(sheet) for sheet in sheets}
    earlier = reader.document.pop(EARLIER_EVIDENCE, None)
    reader.refuse_unknown(reader.document, {sheet.code for sheet in sheets}, Place("file", file))
    titles = [reader.place((code,)).title for code in (*tables, EARLIER_EVIDENCE)]
    spare = [FileFinding(reader.place((EARLIER_EVIDENCE,)), "evidence_elsewhere")] if earlier else []
    return FileTables(tables, reader.place, titles, reader.findings, frozenset(reader.misshapen), spare)


def shipped_meeting(content: bytes, file: str) -> MeetingFile:
    """Return what a file says that is part of the program; the lines of the template are its examples."""
    reader = _Reader(file, _parsed(content, file))
    return read_tables({sheet.code: reader.table(sheet) for sheet in SHEETS}).file


def toml_of(definition: Definition, recusals: Sequence[Recuse] = ()) -> bytes:
    """Return the TOML file that says this."""
    document: dict[str, Any] = {}
    tables = tables_of(definition, recusals)
    for sheet in SHEETS:
        lines = [_written(sheet, line) for line in tables[sheet.code]]
        document[sheet.code] = lines[0] if sheet.code == "meeting" else lines
    return tomli_w.dumps(document, multiline_strings=True).encode()


def _written(sheet: Sheet, line: Mapping[str, Any]) -> dict[str, Any]:
    plain = {column.code: column.plain(line[column.code]) for column in sheet.columns}
    return {code: value for code, value in plain.items() if value not in (None, "", [])}


def _parsed(content: bytes, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"), parse_float=Decimal)
    except UnicodeDecodeError:
        raise MeetingFileError([FileFinding(Place("file", file), "utf8")]) from None
    except (ValueError, RecursionError) as error:
        # ValueError also covers integers of thousands of digits
        raise MeetingFileError([FileFinding(Place("file", file), "toml", str(error))]) from None


def _raw(column: Column, value: Any) -> Raw | Unusable:
    if isinstance(value, list) and column.kind.several and all(isinstance(part, str) for part in value):
        return "\n".join(value)
    if isinstance(value, list | dict):
        return Unusable("toml_value", str(value))
    raw: Raw = value
    return raw


class _Reader:
    """Walks the document; ``findings`` are those about its shape."""

    def __init__(self, file: str, document: dict[str, Any]) -> None:
        self.file = file
        self.document = document
        self.findings: list[FileFinding] = []
        self.misshapen: set[str] = set()

    def place(self, path: FindingPath) -> Place:
        """Return where a path of the mapping is in this file."""
        sheet, *rest = path
        row = next((step + 1 for step in rest if isinstance(step, int)), None)
        column = next((step for step in rest if isinstance(step, str)), "")
        table = f"[{sheet}]" if sheet == "meeting" else f"[[{sheet}]]"
        return Place("toml", self.file, table, None if sheet == "meeting" else row, column)

    def table(self, sheet: Sheet) -> Table:
        """Return the lines of one table; a missing one has none."""
        held = self.document.get(sheet.code, {} if sheet.code == "meeting" else [])
        entries = [held] if sheet.code == "meeting" else held
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            code = "toml_table" if sheet.code == "meeting" else "toml_tables"
            self.findings.append(FileFinding(self.place((sheet.code,)), code, str(held)))
            self.misshapen.add(sheet.code)
            return Table()
        return Table([self._line(sheet, index, entry) for index, entry in enumerate(entries)])

    def _line(self, sheet: Sheet, index: int, entry: Mapping[str, Any]) -> dict[str, Raw | Unusable]:
        self.refuse_unknown(entry, {column.code for column in sheet.columns}, self.place((sheet.code, index)))
        return {column.code: _raw(column, entry[column.code]) for column in sheet.columns if column.code in entry}

    def refuse_unknown(self, entry: Mapping[str, Any], known: set[str], place: Place) -> None:
        """Name keys that mean nothing: a misspelt one must not be dropped in silence."""
        for key in entry.keys() - known:
            self.findings.append(FileFinding(place, "known_key", key, {"known": ", ".join(sorted(known))}))
