"""Read what is added to a meeting on the spot: a workbook or TOML file of new lines in the meeting file's columns."""

from pathlib import Path

import msgspec

from pingyi_protocol.meeting.commands import AddItem
from pingyi_protocol.meeting.definition import Definition
from pingyi_server.imports.container import LARGEST_FILE
from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place
from pingyi_server.imports.reading import ADDED, Warn, items_of
from pingyi_server.imports.toml_file import toml_tables
from pingyi_server.imports.workbook import workbook_tables


def read_addition(path: Path, definition: Definition, withdrawn: frozenset[str], warn: Warn) -> tuple[AddItem, ...]:
    """Return the items that the file adds, in its order, judged together with those of the agenda that stand.

    A withdrawn item no longer takes its targets. Raises MeetingFileError with all that is wrong, or OSError.
    """
    if path.stat().st_size > LARGEST_FILE:
        raise MeetingFileError([FileFinding(Place("file", path.name), "smaller_file")])
    tables_of = toml_tables if path.suffix == ".toml" else workbook_tables
    standing = tuple(item for item in definition.agenda if item.id not in withdrawn)
    found = tables_of(path.read_bytes(), path.name, ADDED)
    return items_of(found, msgspec.structs.replace(definition, agenda=standing), warn)
