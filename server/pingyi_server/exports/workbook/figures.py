"""The sheets of results: what was voted on, and for each kind of item the figures of its announced rounds."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from pingyi_protocol.meeting.definition import ItemKind, MeasureKind, ScoreRules
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.record.results import RoundResult
from pingyi_server.exports.ballots import marks
from pingyi_server.exports.results import Cells, Lines, band_column, secret_columns, voted_again
from pingyi_server.exports.tables import headings, preamble
from pingyi_server.exports.view import View
from pingyi_server.exports.workbook.pages import Book, Page, Place, Strong, held

AGENDA = (
    *("item", "title", "kind", "secrecy", "round", "status", "present", "received", "manual", "manual_reason"),
    *("reason", "voided_by", "confirmed", "recused_members"),
)
WHICH = ("item", "title", "round", "manual")
TURNOUT = ("present", "recused", "not_voted", "invalid", "abstentions")
SCORES = (
    *WHICH,
    *("target", "target_name", "measure_kind", "measure", "rank", "band", "outcome", "scores", "total"),
    *TURNOUT,
)
DETAILS = (
    *("item", "round", "target", "target_name", "measure", "exact"),
    *("mean", "trimmed_mean", "dropped", "median", "deviation", "least", "greatest"),
)
CRITERIA = ("item", "title", "round", "target", "target_name", "criterion", "scores", "total", "measure")
VOTES = (*WHICH, "target_name", "for", "against", *TURNOUT, "base", "needed", "outcome")
GRADES = ("satisfied", "basically_satisfied", "not_satisfied")
RATINGS = (*WHICH, "target", "target_name", *GRADES, *TURNOUT, "base", "needed", "outcome")
SELECTIONS = (*WHICH, "target", "target_name", "votes", "outcome", *TURNOUT, "base", "needed")


PHASES = {Phase.PENDING: "sheets.pending", Phase.WITHDRAWN: "export.withdrawn"}


@dataclass(frozen=True)
class Figures:
    """Where the tables of figures stand, for charts and for the composite; None where a meeting has none.

    ``measured`` says where each target's own measure comes from.
    """

    scores: Place | None
    votes: Place | None
    ratings: Place | None
    selections: tuple[tuple[str, Place], ...]
    measured: Mapping[str, "Measured"]


class Measured(NamedTuple):
    """The row of a target's measure in the table of scores, the exact measure, and whether it is sum over number."""

    row: int
    exact: str
    is_mean: bool


def overview(book: Book, view: View) -> None:
    """Write the first sheet: what meeting this is and how far each item came."""
    words, page = book.words, book.page("overview")
    for mark in marks(view, words) if view.ballots else ():
        page.line(Strong(mark))
    for line in preamble(view, words):
        page.line(*line)
    facts = view.definition.meeting
    if facts.programme:
        page.line(facts.programme, facts.batch)
    page.line(words("export.number_due"), view.results.due)
    page.line(words("export.number_present"), view.results.present)
    page.line()
    columns = (*AGENDA, *(name for name in secret_columns(view) if name not in AGENDA))
    page.table(headings(columns, words), agenda(view, Lines(view.definition, words)), frozen=2)
    page.finish()


def agenda(view: View, lines: Lines) -> Iterator[Cells]:
    """Yield a row for each round, and one for each item that was never opened, in the order of the agenda."""
    for item in view.results.agenda:
        found = view.definition.item(item.item)
        secrecy = lines.words(f"sheets.{found.rules.secrecy}") if found is not None else None
        kind = lines.spoken(f"kind.{item.kind}")
        about: Cells = {"item": item.item, "title": item.title, "kind": kind, "secrecy": secrecy}
        rounds = [one for one in view.results.rounds if one.item == item.item]
        for one in rounds:
            yield about | lines.start(one) | {"present": one.present, "received": one.received}
        if not rounds or item.phase is Phase.WITHDRAWN:
            yield about | {"status": lines.words(PHASES[item.phase]), "reason": item.reason}


def figures(book: Book, view: View) -> Figures:
    """Write a sheet for each kind of item that has figures, and say where they stand."""
    sheets = _Figures(book, view)
    rows = list(sheets.scored())
    scores = sheets.sheet("scores", SCORES, rows)
    sheets.sheet("details", DETAILS, rows)
    sheets.sheet("criteria", CRITERIA, list(sheets.criteria()))
    votes = sheets.sheet("votes", VOTES, list(sheets.chosen(ItemKind.MOTION, ItemKind.SCORE)))
    ratings = sheets.sheet("ratings", RATINGS, list(sheets.chosen(ItemKind.RATING)))
    return Figures(scores, votes, ratings, tuple(sheets.selected()), sheets.measured(scores))


class _Figures:
    """Writes the sheets of figures of one meeting."""

    def __init__(self, book: Book, view: View) -> None:
        self.book = book
        self.results = view.results
        self.lines = Lines(view.definition, book.words)
        scored = [item.rules for item in view.definition.agenda if isinstance(item.rules, ScoreRules)]
        self.bands = dict.fromkeys(band.name for rules in scored for band in rules.bands)

    def sheet(self, name: str, columns: tuple[str, ...], rows: list[Cells]) -> Place | None:
        """Write one sheet with a table, none where there are no rows."""
        if not rows:
            return None
        page = self.book.page(name)
        page.line(Strong(f"{self.results.name}　{self.results.session}　{page.name}"))
        table = headings(columns, self.book.words)
        if columns is DETAILS:
            table |= {band_column(band): self.book.words("export.band_count", band=band) for band in self.bands}
        place = page.table(table, rows, frozen=2, widest=16)
        page.finish()
        return place

    def which(self, one: RoundResult) -> Cells:
        """Return which round it is, and whether it was entered by hand."""
        start = self.lines.start(one)
        return {name: start[name] for name in WHICH}

    def scored(self) -> Iterator[Cells]:
        for one in self.results.rounds:
            for target in one.targets:
                turnout = self.lines.turnout(one, target.figures.not_voted)
                exact: Cells = {"exact": target.figures.exact}
                yield self.which(one) | turnout | self.lines.score(one, target) | exact

    def criteria(self) -> Iterator[Cells]:
        for one in self.results.rounds:
            for target in one.targets:
                for found in target.figures.criteria:
                    yield self.which(one) | self.lines.criterion(target, found)

    def chosen(self, *kinds: ItemKind) -> Iterator[Cells]:
        """Yield the votes by choice of items of these kinds; what has no target goes by its title."""
        for one in self.results.rounds:
            for choice in one.choices if one.kind in kinds else ():
                row = self.which(one) | self.lines.turnout(one, choice.figures.not_voted)
                row |= self.lines.choice(one, choice)
                yield row | {"target_name": choice.name or one.title, "kind": None}

    def selected(self) -> Iterator[tuple[str, Place]]:
        """Write the rounds of selections below each other, and yield the title of each and where it stands."""
        rounds = [one for one in self.results.rounds if one.selection is not None]
        if not rounds:
            return
        page = self.book.page("selections")
        page.line(Strong(f"{self.results.name}　{self.results.session}　{page.name}"))
        for place, one in enumerate(rounds):
            yield self.selection(page, one, frozen=2 if place == 0 else None)
        page.finish()

    def selection(self, page: Page, one: RoundResult, *, frozen: int | None) -> tuple[str, Place]:
        if one.selection is None:
            raise ValueError("a round of another kind")
        turnout = self.which(one) | self.lines.turnout(one, one.selection.figures.not_voted)
        rows = [turnout | row for row in self.lines.candidates(one.selection, voted_again(one, self.results.rounds))]
        place = page.table(headings(SELECTIONS, self.book.words), rows, kept=SELECTIONS, frozen=frozen)
        page.line()
        return f"{one.title} ({one.round})" if one.round > 1 else one.title, place

    def measured(self, scores: Place | None) -> dict[str, Measured]:
        """Return where each target's own measure comes from: the round which gives its rank."""
        found: dict[str, Measured] = {}
        results = ((one.measure, target) for one in self.results.rounds for target in one.targets)
        for row, (kind, target) in enumerate(results, start=scores.first if scores is not None else 0):
            if target.rank is not None and target.figures.exact is not None:
                mean = kind is MeasureKind.MEAN and held(target.figures.total)
                found[target.figures.target] = Measured(row, target.figures.exact, mean)
        return found


def values(book: Book, view: View) -> None:
    """Write how many members gave each value, a column for each target of each round, with bars in the cells."""
    given: dict[str, Mapping[Decimal, int]] = {}
    columns = {"value": book.words("sheets.value")}
    for one in view.results.rounds:
        for target in one.targets:
            name = f"{one.item} {one.round} {target.figures.target}"
            again = book.words("sheets.in_round", round=one.round) if one.round > 1 else ""
            if not target.figures.values:
                # of a sum nobody knows the scores
                continue
            columns[name] = f"{target.name}{again}"
            given[name] = {found.value: found.count for found in target.figures.values}
    if not any(given.values()):
        return
    page = book.page("values", landscape=False)
    page.line(Strong(book.words("sheets.values_caption")))
    all_values = sorted({value for counts in given.values() for value in counts}, reverse=True)
    rows = [{"value": value} | {name: given[name].get(value) for name in given} for value in all_values]
    place = page.table(columns, rows, kept=tuple(columns), frozen=1)
    most = max(count for counts in given.values() for count in counts.values())
    ends = {"min_type": "num", "min_value": 0, "max_type": "num", "max_value": most}
    bar = {"type": "data_bar", "bar_solid": True, "bar_color": "#B0B0B0", **ends}
    page.sheet.conditional_format(place.first, 1, place.last, len(columns) - 1, bar)
    page.finish()
