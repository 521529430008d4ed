"""The lines of a sheet of evidence: whose they are, what stands in them, and what is wrong with them together."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from openpyxl.utils import get_column_letter

from pingyi_protocol.meeting.components import (
    EvidenceLine,
    GivenScore,
    GivenScores,
    GradeValues,
    HotlineCounts,
    HotlineRates,
    Material,
    Rule,
    SurveyCounts,
    VoteCounts,
)
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.evidence import evidence_findings
from pingyi_protocol.meeting.findings import Finding
from pingyi_server.imports.evidence_headings import (
    TARGET,
    Header,
    Heading,
    forms,
    grade_code,
    listed,
    material_headings,
    squeezed,
)
from pingyi_server.imports.evidence_values import count_of_cell, score_of_cell
from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place
from pingyi_server.imports.grids import MOST_ROWS, Cell, Grid, Percentage
from pingyi_server.imports.values import UnreadableError, Unusable, text_of


class LineReader:
    """Reads the lines below a header; ``notes`` say afterwards what was left out and what looks odd."""

    def __init__(self, definition: Definition, scored: Sequence[str], rule: Rule, place: Place) -> None:
        """Look for material for ``rule`` about the ``scored`` targets, in the sheet at ``place``."""
        self.definition = definition
        self.scored = scored
        self.names = tuple(called(definition, field) for field in ("name", "short_name", "id"))
        self.rule = rule
        self.place = place
        self.notes: list[FileFinding] = []
        self.findings: list[FileFinding] = []
        self.columns: dict[str, int] = {}
        self.titles: dict[str, str] = {}
        self.rows: list[int] = []
        self.first: dict[str, int] = {}
        self.grid: Grid = {}

    def read(self, grid: Grid, header: Header, headings: Sequence[Heading]) -> tuple[EvidenceLine, ...]:
        """Return the lines; MeetingFileError with all that is wrong with them."""
        self.grid = grid
        self.columns = {code: columns[0] for code, columns in header.columns.items()}
        heads = grid[header.last]
        self.titles = {one.code: str(heads.get(self.columns.get(one.code, 0), one.both)).strip() for one in headings}
        self.note_spare(header)
        lines: list[EvidenceLine] = []
        below = [row for row in sorted(grid) if row > header.last]
        for row in below[:MOST_ROWS]:
            line = self.line(row, grid[row])
            if line is not None:
                self.rows.append(row)
                lines.append(line)
        if len(below) > MOST_ROWS:
            self.findings.append(FileFinding(self.at(below[MOST_ROWS]), "fewer_rows", values={"most": str(MOST_ROWS)}))
        self.findings += self.judged(lines)
        if self.findings:
            raise MeetingFileError(sorted(self.findings, key=lambda one: (one.place.row or 0, one.place.cell)))
        self.notes += self.of_one(lines)
        return tuple(lines)

    def of_one(self, lines: Sequence[EvidenceLine]) -> Iterator[FileFinding]:
        """Yield what looks like per cents written as decimals."""
        scores = [one.material.score for one in lines if isinstance(one.material, GivenScore)]
        if scores and max(scores) <= 1:
            yield FileFinding(self.at(None, "score"), "scores_of_one")
            return
        for row, score in zip(self.rows, scores, strict=False):
            if 0 < score <= 1:
                yield FileFinding(self.at(row, "score"), "score_of_one", f"{score:f}")

    def judged(self, lines: Sequence[EvidenceLine]) -> Iterator[FileFinding]:
        """Yield what the rules find wrong with the lines, said of their cells."""
        for one in evidence_findings(self.rule, self.scored, lines):
            match one.path:
                case _ if one.code == "evidence_twice":
                    pass  # named already, with the lines that could not be read
                case ("lines", int() as index, *rest):
                    yield self.placed(one, index, code_of(rest))
                case _ if not self.findings:
                    code = "evidence_lines" if one.code == "missing" else one.code
                    yield FileFinding(self.at(None), code)
                case _:
                    pass

    def placed(self, one: Finding, index: int, column: str) -> FileFinding:
        """Return a finding of the rules with the words and the place that the file has for it."""
        row = self.rows[index]
        found = str(self.grid[row].get(self.columns.get(column, 0), one.found if not column else ""))
        code = "score_digits" if (one.code, column) == ("plain_number", "score") else one.code
        return FileFinding(self.at(row, column), code, found.strip(), one.values)

    def at(self, row: int | None, code: str = "") -> Place:
        """Return a place in the sheet."""
        column = self.columns.get(code, 0)
        cell = f"{get_column_letter(column)}{row}" if column and row and self.place.source == "workbook" else ""
        return Place(
            self.place.source, self.place.file, self.place.title, row, self.titles[code] if column else "", cell
        )

    def note_spare(self, header: Header) -> None:
        """Name the columns that are not read."""
        read = {column for columns in header.columns.values() for column in columns}
        for column, cell in sorted(self.grid[header.last].items()):
            if column not in read and not isinstance(cell, Unusable) and not forms(cell) & listed("names_beside"):
                self.notes.append(FileFinding(self.at(header.last), "unknown_column", str(cell).strip()))

    def line(self, row: int, cells: Mapping[int, Cell]) -> EvidenceLine | None:
        """Return a row's line; None for one that is left out, and for one with a finding."""
        material = {code: cells.get(column) for code, column in self.columns.items() if code != TARGET}
        name = cells.get(self.columns[TARGET])
        filled = any(cell is not None for cell in material.values())
        if self.left_out(row, cells, name, filled=filled):
            return None
        target = self.target(row, name)
        found = self.material(row, material)
        return None if target is None or found is None else EvidenceLine(target, found)

    def left_out(self, row: int, cells: Mapping[int, Cell], name: Cell | None, *, filled: bool) -> bool:
        """Whether a row is no line of a target: empty, a total, a remark, or the header once more."""
        known = [target for target in self.known(name) if target in self.scored]
        if known:
            if not filled:
                # a line without anything is a target that is missing, and is said as one
                self.notes.append(FileFinding(self.at(row), "empty_line", str(name).strip()))
            return not filled
        labels = [name] if name is not None else [one for one in cells.values() if isinstance(one, str)]
        total = next((one for one in labels if is_total(one)), None)
        if total is not None:
            self.notes.append(FileFinding(self.at(row), "total_skipped", str(total).strip()))
        elif not filled and name is not None:
            self.notes.append(FileFinding(self.at(row), "remark_skipped", str(name).strip()))
        again = name is not None and bool(forms(name) & listed("names_target"))
        return total is not None or not filled or again

    def known(self, name: Cell | None) -> list[str]:
        """Return the targets (ids) that a name may mean: by name, else by short name, else by id."""
        if name is None or isinstance(name, Unusable):
            return []
        whole = {squeezed(name)}
        for written in (whole, forms(name)):
            for names in self.names:
                named = [target for one in written for target in names.get(one, ())]
                if named:
                    return named
        return []

    def target(self, row: int, name: Cell | None) -> str | None:
        """Return the target (id) that a row is about, None with a finding where there is none."""
        place = self.at(row, TARGET)
        if name is None:
            self.findings.append(FileFinding(place, "missing"))
            return None
        if isinstance(name, Unusable):
            self.findings.append(FileFinding(place, name.code, name.found))
            return None
        known = self.known(name)
        if len(known) == 1 and known[0] in self.scored:
            first = self.first.setdefault(known[0], row)
            if first != row:
                other = self.at(first, TARGET)
                self.findings.append(FileFinding(place, "evidence_twice", str(name).strip(), other=other))
            return known[0]
        code = "target_unclear" if len(known) > 1 else "target_not_scored" if known else "unknown_target"
        self.findings.append(FileFinding(place, code, str(name).strip()))
        return None

    def material(self, row: int, cells: Mapping[str, Cell | None]) -> Material | None:
        """Return what stands in a row, None with findings where anything cannot be read."""
        before = len(self.findings)
        if isinstance(self.rule, GivenScores):
            score = self.number(row, "score", cells)
            return None if len(self.findings) > before else GivenScore(Decimal(score))
        codes = [one.code for one in material_headings(self.rule)]
        counts = {code: int(self.number(row, code, cells)) if code in self.columns else 0 for code in codes}
        if len(self.findings) > before:
            return None
        match self.rule:
            case HotlineRates():
                return HotlineCounts(counts["handled"], counts["satisfied"], counts["repeated"])
            case GradeValues(grades):
                return SurveyCounts(tuple(counts[grade_code(index)] for index in range(len(grades))))
            case _:
                return VoteCounts(counts["votes"], counts.get("voters", 0))

    def number(self, row: int, code: str, cells: Mapping[str, Cell | None]) -> Decimal | int:
        """Return the number of a cell, 0 with a finding where it is none."""
        cell = cells[code]
        if cell is None:
            self.findings.append(FileFinding(self.at(row, code), "missing"))
            return 0
        try:
            return score_of_cell(cell) if code == "score" else count_of_cell(cell)
        except UnreadableError as fault:
            shown = f"{cell:f}%" if isinstance(cell, Percentage) else str(cell)
            found = cell.found if isinstance(cell, Unusable) else shown
            self.findings.append(FileFinding(self.at(row, code), fault.code, found.strip(), fault.values))
            return 0


def called(definition: Definition, field: str) -> dict[str, list[str]]:
    """Return the targets (ids) by what this field of theirs calls them."""
    names: dict[str, list[str]] = {}
    for target in definition.targets:
        if getattr(target, field):
            names.setdefault(squeezed(getattr(target, field)), []).append(target.id)
    return names


def is_total(label: Cell) -> bool:
    """Whether a row's label says that it sums up the others."""
    if isinstance(label, Unusable) or not isinstance(label, str):
        return False
    words = listed("names_total")
    return any(one in words or one.endswith(tuple(listed("names_total_end"))) for one in forms(text_of(label)))


def code_of(path: Sequence[str | int]) -> str:
    """Return the column of a field of a line."""
    match path:
        case ("counts", int() as index):
            return grade_code(index)
        case ("counts",) | ():
            return ""
        case (str() as field, *_):
            return field
        case _:
            return ""
