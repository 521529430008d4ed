"""Read evidence as clerks have it: a workbook or CSV file with a line for each target, whatever stands around it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pingyi_protocol.meeting.components import EvidenceLine, Rule
from pingyi_protocol.meeting.definition import Definition
from pingyi_server.imports.container import LARGEST_FILE, OLE_MAGIC, ZIP_MAGIC, check_container
from pingyi_server.imports.csv_text import csv_rows
from pingyi_server.imports.evidence_headings import Header, Heading, header_of, headings_of, squeezed
from pingyi_server.imports.evidence_lines import LineReader
from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place
from pingyi_server.imports.grids import Grid, grids_of
from pingyi_server.imports.values import Unusable


@dataclass(frozen=True)
class EvidenceFound:
    """What a file says: its name and SHA-256 (hex), the sheet, the lines in the file's order, and what to know of it.

    ``notes`` name rows and columns that were left out and what looks odd, ``missing`` the targets (ids) without a line.
    """

    file: str
    sha256: str
    sheet: str
    lines: tuple[EvidenceLine, ...]
    notes: tuple[FileFinding, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What is looked for: material for ``rule`` about the ``scored`` targets (ids) of the meeting.

    ``sheet`` is the title of the sheet, None to find it: by its header, and among several by one of the ``likely``
    titles.
    """

    definition: Definition
    scored: tuple[str, ...]
    rule: Rule
    sheet: str | None = None
    likely: tuple[str, ...] = ()


def read_evidence(path: Path, wanted: Wanted) -> EvidenceFound:
    """Read a file of evidence. Raises MeetingFileError with all that is wrong, or OSError."""
    if path.stat().st_size > LARGEST_FILE:
        raise MeetingFileError([FileFinding(Place("file", path.name), "smaller_file")])
    return evidence_of(path.read_bytes(), path.name, wanted)


def evidence_of(content: bytes, file: str, wanted: Wanted) -> EvidenceFound:
    """Return what ``content`` says; ``file`` is the name that findings give. Raises MeetingFileError."""
    if not content:
        raise MeetingFileError([FileFinding(Place("file", file), "not_empty_file")])
    headings = headings_of(wanted.rule)
    if content.startswith((ZIP_MAGIC, OLE_MAGIC)):
        check_container(content, file)
        source, (sheet, grid, header) = "workbook", chosen_sheet(grids_of(content, file), file, headings, wanted)
    else:
        source, sheet, grid = "csv", file, csv_grid(content, file)
        header = required_header(grid, Place("csv", file, file), headings)
    reader = LineReader(wanted.definition, wanted.scored, wanted.rule, Place(source, file, sheet))
    lines = reader.read(grid, header, headings)
    named = {line.target for line in lines}
    missing = tuple(target for target in wanted.scored if target not in named)
    digest = hashlib.sha256(content).hexdigest()
    return EvidenceFound(file, digest, sheet if source == "workbook" else "", lines, tuple(reader.notes), missing)


def csv_grid(content: bytes, file: str) -> Grid:
    """Return the cells of a CSV file."""
    rows = csv_rows(content, file)
    return {
        number: {place: cell for place, cell in enumerate(row, 1) if cell.strip()}
        for number, row in enumerate(rows, 1)
        if any(map(str.strip, row))
    }


def chosen_sheet(
    grids: dict[str, Grid], file: str, headings: Sequence[Heading], wanted: Wanted
) -> tuple[str, Grid, Header]:
    """Return the sheet that is asked for, or the one that has the columns."""
    named = {squeezed(title): title for title in grids}
    if wanted.sheet is not None:
        title = named.get(squeezed(wanted.sheet))
        if title is None:
            values = {"titles": ", ".join(grids)}
            raise MeetingFileError([FileFinding(Place("file", file), "evidence_sheet", wanted.sheet, values)])
        return title, grids[title], required_header(grids[title], Place("workbook", file, title), headings)
    headers = {title: header for title, grid in grids.items() if (header := header_of(grid, headings)) is not None}
    whole = [title for title, header in headers.items() if not header.lacks(headings)]
    fitting = whole or list(headers) or [title for title, grid in grids.items() if grid]
    if len(fitting) > 1:
        likely = [title for one in wanted.likely for title in fitting if squeezed(title) == squeezed(one)]
        fitting = likely[:1] or fitting
    if len(fitting) > 1 and headers:
        values = {"titles": ", ".join(fitting)}
        raise MeetingFileError([FileFinding(Place("file", file), "one_sheet", values=values)])
    title = fitting[0] if fitting else next(iter(grids))
    return title, grids[title], required_header(grids[title], Place("workbook", file, title), headings)


def required_header(grid: Grid, place: Place, headings: Sequence[Heading]) -> Header:
    """Return the header of a sheet; MeetingFileError names what it must have and has not, or has twice."""
    header = header_of(grid, headings)
    if header is None:
        names = ", ".join(one.both for one in headings)
        raise MeetingFileError([FileFinding(place, "evidence_header", values={"names": names})])
    heads = Place(place.source, place.file, place.title, header.last)
    read = {column for columns in header.columns.values() for column in columns}
    cells = grid.get(header.last, {})
    spare = ", ".join(
        str(cell) for column, cell in cells.items() if column not in read and not isinstance(cell, Unusable)
    )
    findings = [FileFinding(heads, "evidence_column", spare, {"name": one.both}) for one in header.lacks(headings)]
    by_code = {one.code: one for one in headings}
    for code, columns in header.columns.items():
        if len(columns) > 1:
            found = ", ".join(str(cells.get(column, "")) for column in columns)
            findings.append(FileFinding(heads, "evidence_column_twice", found, {"name": by_code[code].both}))
    if findings:
        raise MeetingFileError(findings)
    return header
