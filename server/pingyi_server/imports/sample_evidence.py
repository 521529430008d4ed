"""Files of evidence for the sample meeting (simulated data), such as a clerk gets them from others."""

import csv
import tomllib
from collections.abc import Sequence
from importlib import resources
from io import BytesIO, StringIO
from typing import Any, NamedTuple, TypeAlias

import xlsxwriter

from pingyi_protocol.meeting.components import GradeValues
from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.text import Catalogue, catalogue

Rows: TypeAlias = Sequence[Sequence[object]]

EVIDENCE_FOLDER = "evidence"


class SampleFile(NamedTuple):
    """A file, its name, and what it is evidence for, by component and part ("": the whole)."""

    name: str
    content: bytes
    sources: tuple[tuple[str, str], ...]


def sample_evidence(definition: Definition, language: Language) -> tuple[SampleFile, ...]:
    """Return the files for the sample meeting: workbooks and CSV files with titles, totals and remarks around them."""
    return _Files(definition, language).all()


class _Files:
    """Writes the files in one language."""

    def __init__(self, definition: Definition, language: Language) -> None:
        self.definition = definition
        self.chinese = language is Language.CHINESE
        self.words: Catalogue = catalogue("pingyi_server", language)
        # spreadsheets write the short name where there is one
        self.names = [target.short_name or target.name for target in definition.targets]
        source = resources.files("pingyi_server.imports") / "samples" / "evidence.toml"
        self.data: dict[str, list[Any]] = tomllib.loads(source.read_text(encoding="utf-8"))

    def all(self) -> tuple[SampleFile, ...]:
        """Return every file, in the order of the components."""
        research, hotline, survey, votes, _ = self.definition.components
        first, second = survey.parts
        return (
            SampleFile(self.name("research", "xlsx"), _book({research.name: self.research()}), ((research.name, ""),)),
            SampleFile(self.name("hotline", "csv"), self.table(self.hotline()), ((hotline.name, ""),)),
            SampleFile(
                self.name("survey", "xlsx"),
                _book(
                    {first.name: self.survey("deputies", first.rule), second.name: self.survey("society", second.rule)}
                ),
                ((survey.name, first.name), (survey.name, second.name)),
            ),
            SampleFile(self.name("votes", "csv"), self.table(self.votes(), "utf-8-sig"), ((votes.name, ""),)),
        )

    def name(self, key: str, suffix: str) -> str:
        return f"{self.words(f'sample.file_{key}')}.{suffix}"

    def titles(self, *codes: str) -> list[object]:
        return [self.words(f"evidence.column_{code}") for code in codes]

    def research(self) -> Rows:
        """A line for each target under a title, and the mean below."""
        scores = [float(score) for score in self.data["research"]]
        mean = round(sum(scores) / len(scores), 2)
        number, remark = self.words("sample.number"), self.words("sample.remark")
        lines = [[place, *line, ""] for place, line in enumerate(zip(self.names, scores, strict=True), 1)]
        head = [number, *self.titles("target", "score"), remark]
        return [[self.words("sample.title_research")], head, *lines, ["", self.words("sample.mean"), mean, ""]]

    def hotline(self) -> Rows:
        """Counts with commas between the thousands, and totals."""
        counts = self.data["hotline"]
        totals = [sum(column) for column in zip(*counts, strict=True)]
        lines = [[name, *map(_thousands, line)] for name, line in zip(self.names, counts, strict=True)]
        head = self.titles("target", "handled", "satisfied", "repeated")
        last = [self.words("sample.total"), *map(_thousands, totals)]
        return [[self.words("sample.title_hotline")], head, *lines, last]

    def survey(self, key: str, rule: object) -> Rows:
        """How often each grade was given."""
        grades = [grade.name for grade in rule.grades] if isinstance(rule, GradeValues) else []
        lines = [[name, *line, sum(line)] for name, line in zip(self.names, self.data[key], strict=True)]
        head = [*self.titles("target"), *grades, self.words("sample.papers")]
        return [[self.words("sample.title_survey")], head, *lines, [self.words("sample.note")]]

    def votes(self) -> Rows:
        """Votes and voters of each target."""
        lines = [[name, *line] for name, line in zip(self.names, self.data["votes"], strict=True)]
        return [self.titles("target", "votes", "voters"), *lines]

    def table(self, rows: Rows, encoding: str = "") -> bytes:
        """A CSV file; in Chinese as Excel saves it there unless told otherwise."""
        text = StringIO()
        csv.writer(text).writerows(rows)
        return text.getvalue().encode(encoding or ("gbk" if self.chinese else "utf-8"))


def _thousands(number: int) -> str:
    return f"{number:,}"


def _book(sheets: dict[str, Rows]) -> bytes:
    """Return a workbook with a merged title above each table."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        title = book.add_format({"bold": True, "align": "center", "font_size": 14})
        head = book.add_format({"bold": True, "border": 1, "text_wrap": True})
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            page.set_column(0, len(rows[1]), 18)
            page.merge_range(0, 0, 0, len(rows[1]) - 1, str(rows[0][0]), title)
            for row, cells in enumerate(rows[1:], 1):
                page.write_row(row, 0, cells, head if row == 1 else None)
    return content.getvalue()
