"""The sheet of the composite: every step as a live formula beside the exact values of the record.

Weights, bands and the threshold are cells: who changes them sees what would come of it, and no record changes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from xlsxwriter.utility import xl_range, xl_range_abs, xl_rowcol_to_cell

from pingyi_protocol.meeting.components import Component
from pingyi_protocol.meeting.figures import ComponentFigures, CompositeLine
from pingyi_server.exports.tables import missing_words, scored_by_hand
from pingyi_server.exports.view import View
from pingyi_server.exports.workbook.evidence import DECIMALS, Scores
from pingyi_server.exports.workbook.figures import Figures
from pingyi_server.exports.workbook.pages import INPUT, Book, Content, Formula, Page, Place, Strong

NOISE = 10
"""Decimals to which an unrounded total is rounded first: binary fractions of equal totals differ beyond them."""

MOST_ACROSS = 200
HEADINGS = 3
"""Rows of headings: components, columns, weights."""


def composite(book: Book, view: View, found: Figures, scores: Scores) -> Place | None:
    """Write the composite of each target, None without components; return where it stands."""
    if not view.results.composite:
        return None
    page = book.page("composite")
    page.line(Strong(f"{view.results.name}　{view.results.session}　{page.name}"))
    if not view.results.composite_announced:
        page.line(Strong(book.words("sheets.not_announced")))
    page.line(book.words("sheets.try_out"))
    place = _Composite(book, page, view, found, scores).write()
    page.finish()
    return place


@dataclass(frozen=True)
class _Composite:
    """Writes the sheet of one meeting."""

    book: Book
    page: Page
    view: View
    found: Figures
    scores: Scores

    @cached_property
    def headings(self) -> dict[str, str]:
        """The heading of each column, by its name, in their order."""
        words, rules = self.book.words, self.view.definition.composite
        columns = {"target": words("export.target"), "target_name": words("export.target_name")}
        for component in self.view.definition.components:
            columns |= {f"part {component.id} {part.id}": part.name for part in component.parts}
            columns |= {f"score {component.id}": words("sheets.score"), weighted(component): words("sheets.weighted")}
        live, recorded = ["exact", "total", "rank"], ["total", "exact", "rank"]
        for name, asked in (("band", rules.bands), ("again", rules.again_below is not None)):
            if asked:
                live.append(name)
                recorded.append(name)
        columns |= {f"live {name}": words(f"sheets.live_{name}") for name in live}
        columns |= {name: words(f"sheets.{name}") for name in recorded}
        for name, used in (("missing", any(line.missing for line in self.lines)), ("manual", self.by_hand)):
            columns |= {name: words(f"export.{name}")} if used else {}
        return columns | {"difference": words("sheets.difference")}

    @cached_property
    def spans(self) -> list[tuple[str, int]]:
        """What stands above the headings, and over how many columns."""
        words, names = self.book.words, list(self.headings)
        live = sum(name.startswith("live ") for name in names)
        parts = [(one.name, len(one.parts) + 2) for one in self.view.definition.components]
        rest = len(names) - 2 - live - sum(width for _, width in parts)
        return [(words("sheets.target"), 2), *parts, (words("sheets.live"), live), (words("sheets.recorded"), rest)]

    @cached_property
    def column(self) -> dict[str, int]:
        """The column of each name."""
        return {name: place for place, name in enumerate(self.headings)}

    @property
    def decimals(self) -> int:
        """The decimals of published composites."""
        return self.view.definition.composite.decimals

    @cached_property
    def lines(self) -> tuple[CompositeLine, ...]:
        """The composites as they stand."""
        return self.view.results.composite

    @cached_property
    def by_hand(self) -> frozenset[str]:
        """The targets whose own score the clerk entered by hand."""
        return scored_by_hand(self.view.results)

    @cached_property
    def weights(self) -> int:
        """The row of the weights, from 0: it is written after the two others of the headings."""
        return self.page.row + HEADINGS - 1

    @property
    def first(self) -> int:
        """The row of the first target."""
        return self.weights + 1

    @property
    def last(self) -> int:
        """The row of the last target."""
        return self.weights + len(self.lines)

    def write(self) -> Place:
        """Write headings, weights, targets, and below them bands and threshold."""
        rows = [dict(self.row(line, self.first + place)) for place, line in enumerate(self.lines)]
        names, headings = list(self.headings), list(self.headings.values())
        self.page.fit(headings, [[row.get(name) for name in names] for row in rows], 16)
        self.page.spans(self.spans)
        self.page.headings(headings)
        self.page.write([self.weight(name) for name in names], border=1, bg_color=INPUT)
        self.page.freeze(2, rows=HEADINGS)
        place = self.page.body(names, rows)
        self.thresholds()
        if self.page.across([width for _, width in self.spans], MOST_ACROSS):
            self.page.first_printed = self.weights - HEADINGS + 1
        return place

    def weight(self, name: str) -> Content:
        """Return what stands in the row of the weights in one column."""
        if name == "target_name":
            return self.book.words("sheets.weights")
        for component in self.view.definition.components:
            if name == f"score {component.id}":
                return component.weight
            for part in component.parts:
                if name == f"part {component.id} {part.id}":
                    return part.weight
        if name == "live total":
            scores = (self.column[f"score {one.id}"] for one in self.view.definition.components)
            cells = ",".join(xl_rowcol_to_cell(self.weights, column) for column in scores)
            return Formula(f"=SUM({cells})", 100.0, 0)
        return None

    def row(self, line: CompositeLine, row: int) -> Iterator[tuple[str, Content]]:
        """Yield the cells of one target, by the names of their columns."""
        yield "target", line.target
        yield "target_name", self.view.definition.target(line.target).name
        figures = {one.component: one for one in line.components}
        for component in self.view.definition.components:
            yield from self.steps(component, figures.get(component.id), line.target, row)
        yield from self.worked_out(line, row)
        yield from (("total", line.total), ("exact", line.exact), ("rank", line.rank), ("band", line.band))
        yield "again", self.book.words("sheets.again_yes") if line.again else ""
        yield "missing", missing_words(line, self.view.definition, self.book.words)
        yield "manual", self.book.words("export.by_hand") if line.target in self.by_hand else ""
        total, recorded = self.cell("live total", row), self.cell("total", row)
        yield (
            "difference",
            Formula(
                f'=IF(ISNUMBER({recorded}),{total}-{recorded},"")', "" if line.total is None else 0.0, self.decimals
            ),
        )

    def steps(
        self, component: Component, figures: ComponentFigures | None, target: str, row: int
    ) -> Iterator[tuple[str, Content]]:
        """Yield what one component adds: its parts, its score, its weighted score; blank where it is missing."""
        exact = None if figures is None else Fraction(figures.exact)
        score: Content
        if component.parts:
            columns = [f"part {component.id} {part.id}" for part in component.parts]
            for name, part in zip(columns, component.parts, strict=True):
                yield name, self.scores.get((component.id, part.id), {}).get(target)
            first, last = self.column[columns[0]], self.column[columns[-1]]
            given = xl_range(row, first, row, last)
            shares = xl_range_abs(self.weights, first, self.weights, last)
            text = f'=IF(COUNT({given})={len(columns)},SUMPRODUCT({given},{shares})/100,"")'
            score = Formula(text, "" if exact is None else float(exact), DECIMALS)
        elif component.committee:
            score = self.committee(target)
        else:
            score = self.scores.get((component.id, ""), {}).get(target)
        yield f"score {component.id}", score
        own = self.cell(f"score {component.id}", row)
        weight = xl_rowcol_to_cell(self.weights, self.column[f"score {component.id}"], row_abs=True)
        value = "" if exact is None else float(exact * Fraction(component.weight) / 100)
        yield weighted(component), Formula(f'=IF(ISNUMBER({own}),{own}*{weight}/100,"")', value, DECIMALS)

    def committee(self, target: str) -> Content:
        """Return the committee's own measure: the sum of the scores over their number, or the exact fraction."""
        measured, scores = self.found.measured.get(target), self.found.scores
        if measured is None or scores is None:
            return None
        value = float(Fraction(measured.exact))
        if measured.is_mean:
            total, number = (scores.cell(name, measured.row) for name in ("total", "scores"))
            return Formula(f"={total}/{number}", value, DECIMALS)
        return Formula(f"={measured.exact}", value, DECIMALS)

    def worked_out(self, line: CompositeLine, row: int) -> Iterator[tuple[str, Content]]:
        """Yield total, rank, band and threshold as formulas."""
        components, rules = self.view.definition.components, self.view.definition.composite
        parts = ",".join(self.cell(weighted(component), row) for component in components)
        exact, total = self.cell("live exact", row), self.cell("live total", row)
        value = "" if line.exact is None else float(Fraction(line.exact))
        text = f'=IF(COUNT({parts})={len(components)},ROUND(SUM({parts}),{NOISE}),"")'
        yield "live exact", Formula(text, value, 6)
        value = "" if line.total is None else float(line.total)
        yield "live total", Formula(f'=IF(ISNUMBER({exact}),ROUND({exact},{self.decimals}),"")', value, self.decimals)
        column = self.column["live exact"]
        every = xl_range_abs(self.first, column, self.last, column)
        rank = "" if line.rank is None else float(line.rank)
        yield "live rank", Formula(f'=IF(ISNUMBER({exact}),RANK({exact},{every}),"")', rank, 0)
        if rules.bands:
            first, last = self.bands
            least, names = xl_range_abs(first, 2, last, 2), xl_range_abs(first, 1, last, 1)
            text = f'=IF(ISNUMBER({total}),IFERROR(LOOKUP({total},{least},{names}),""),"")'
            yield "live band", Formula(text, line.band or "")
        if rules.again_below is not None:
            said = self.book.words("sheets.again_yes")
            limit = xl_rowcol_to_cell(self.threshold, 2, row_abs=True, col_abs=True)
            text = f'=IF(ISNUMBER({total}),IF({total}<{limit},"{said}",""),"")'
            yield "live again", Formula(text, said if line.again else "")

    @property
    def bands(self) -> tuple[int, int]:
        """The rows of the bands, the lowest first, below the targets."""
        first = self.last + 2
        return first, first + len(self.view.definition.composite.bands) - 1

    @property
    def threshold(self) -> int:
        """The row of the threshold, below the bands."""
        return self.bands[1] + 1

    def thresholds(self) -> None:
        """Write bands and threshold where the formulas look for them."""
        rules, words = self.view.definition.composite, self.book.words
        self.page.row = self.bands[0]
        for band in sorted(rules.bands, key=lambda one: one.least):
            self.page.write([words("export.band"), band.name, band.least], border=1, bg_color=INPUT)
        if rules.again_below is not None:
            self.page.write([None, words("sheets.below"), rules.again_below], border=1, bg_color=INPUT)

    def cell(self, name: str, row: int) -> str:
        """Return the cell of a column in a row of this sheet."""
        return str(xl_rowcol_to_cell(row, self.column[name]))


def weighted(component: Component) -> str:
    """Name the column of what a component adds."""
    return f"weighted {component.id}"


def weighted_columns(components: Sequence[Component]) -> list[tuple[str, str]]:
    """Return the columns of what each component adds, and the names of these."""
    return [(weighted(component), component.name) for component in components]
