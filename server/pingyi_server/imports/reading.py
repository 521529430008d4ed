"""From the tables that a file's reader found to the meeting, or to what is added to one on the spot."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from pingyi_protocol.meeting.commands import AddItem
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.findings import Finding
from pingyi_protocol.meeting.findings import Path as FindingPath
from pingyi_server.imports.columns import SHEETS, Column, Sheet
from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place, in_order
from pingyi_server.imports.judging import judge
from pingyi_server.imports.mapping import MeetingFile, Table, Values, read_tables, tables_of
from pingyi_server.imports.values import Raw

Warn = Callable[[FileFinding], None]

ADDED = tuple(
    replace(sheet, optional=sheet.code != "agenda")
    for sheet in SHEETS
    if sheet.code in ("targets", "agenda", "criteria", "problems")
)
"""The sheets that can hold what is added on the spot: items, and the targets, criteria and problems that they need."""


@dataclass(frozen=True)
class FileTables:
    """What a file's reader found.

    ``place`` says where a path of the mapping is in the file, ``titles`` are those of its sheets in their order.
    ``shape`` are findings on the shape of ``unsound`` sheets or of the whole file, ``spare`` on what was not read.
    """

    tables: Mapping[str, Table]
    place: Callable[[FindingPath], Place]
    titles: list[str]
    shape: list[FileFinding]
    unsound: frozenset[str]
    spare: list[FileFinding]

    def placed(self, findings: Iterable[Finding]) -> list[FileFinding]:
        """Return findings with their places in the file."""
        return [
            FileFinding(
                self.place(one.path),
                one.code,
                one.found,
                one.values,
                None if one.other is None else self.place(one.other),
            )
            for one in findings
        ]


def meeting_of(found: FileTables, warn: Warn) -> MeetingFile:
    """Return the meeting that a whole file says; raises MeetingFileError with all that is wrong."""
    reading = read_tables(found.tables)
    judgement = judge(reading, found.tables, found.unsound)
    for warning in in_order([*found.spare, *found.placed(judgement.warnings)], found.titles):
        warn(warning)
    if found.shape or judgement.errors:
        raise MeetingFileError(in_order([*found.shape, *found.placed(judgement.errors)], found.titles))
    return reading.file


def items_of(found: FileTables, definition: Definition, warn: Warn) -> tuple[AddItem, ...]:
    """Return the items that a file of new lines adds to ``definition``, judged together with what is there already.

    New targets and problems come with the first item. Raises MeetingFileError with all that is wrong.
    """
    standing = {sheet.code: [raw_line(sheet, line) for line in tables_of(definition)[sheet.code]] for sheet in SHEETS}
    tables = {code: with_lines(lines, found.tables.get(code, Table())) for code, lines in standing.items()}
    reading = read_tables(tables)
    judgement = judge(reading, tables, found.unsound)
    errors, warnings = (
        found.placed(filter(None, (moved(one, standing) for one in judged)))
        for judged in (judgement.errors, judgement.warnings)
    )
    for warning in in_order([*found.spare, *warnings], found.titles):
        warn(warning)
    if found.shape or errors:
        raise MeetingFileError(in_order([*found.shape, *errors], found.titles))
    whole = reading.file.definition
    items = whole.agenda[len(definition.agenda) :]
    if not items:
        raise MeetingFileError([FileFinding(found.place(("agenda",)), "no_items")])
    targets, problems = whole.targets[len(definition.targets) :], whole.problems[len(definition.problems) :]
    return tuple(AddItem(item) if place else AddItem(item, targets, problems) for place, item in enumerate(items))


def raw_line(sheet: Sheet, line: Values) -> dict[str, Raw]:
    """Return a line as a file would hold it."""
    return {column.code: raw for column in sheet.columns if (raw := raw_cell(column, line)) is not None}


def raw_cell(column: Column, line: Values) -> Raw | None:
    """Return a cell as a file would hold it, None for an empty one."""
    plain = column.plain(line[column.code])
    return "\n".join(plain) if isinstance(plain, list) else plain


def with_lines(standing: list[dict[str, Raw]], added: Table) -> Table:
    """Return the lines that stand and those that are added after them."""
    return Table([*standing, *added.lines], added.absent)


def moved(finding: Finding, standing: Mapping[str, list[dict[str, Raw]]]) -> Finding | None:
    """Return a finding on the lines of the file alone, None where it is on a line that stood there before."""
    path = own_path(finding.path, standing)
    if path is None:
        return None
    other = None if finding.other is None else own_path(finding.other, standing)
    return Finding(path, finding.code, finding.found, finding.values, other)


def own_path(path: FindingPath, standing: Mapping[str, list[dict[str, Raw]]]) -> FindingPath | None:
    """Return a path counted from the file's first line, None where it is of no line of the file."""
    sheet, *rest = path
    before = len(standing[str(sheet)])
    own = tuple(step - before if isinstance(step, int) else step for step in rest)
    lines = [step for step in own if isinstance(step, int)]
    return (sheet, *own) if lines and min(lines) >= 0 else None
