"""Ballots as clerks read them: a line a member, a column for each thing that was voted on; one for a secret round."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from pingyi_protocol.meeting.ballots import Line, line_of, sheet
from pingyi_protocol.meeting.commands import Choice
from pingyi_protocol.meeting.definition import Item, ScoreRules, SelectionRules
from pingyi_protocol.text import catalogue
from pingyi_server.exports.ballots import cast_words, given, marks
from pingyi_server.exports.tables import Cell, preamble
from pingyi_server.exports.view import BallotLine, View
from pingyi_server.exports.workbook.pages import Book, Strong

MOST_ACROSS = 190
"""Digits of width up to which a page of it can still be read; more go over several pages."""


@dataclass(frozen=True)
class Vote:
    """One round: its item, its number, and what is asked on its ballot; nothing that is secret."""

    item: Item
    round: int
    lines: tuple[Line, ...]
    secret: bool = False

    @property
    def key(self) -> str:
        """Name its columns."""
        return f"{self.item.id} {self.round}"

    @property
    def cast(self) -> str:
        """Name the column that says who cast a secret ballot."""
        return f"{self.key} cast"

    def column(self, line: Line) -> str:
        """Name the column of one line of the ballot."""
        answer_type, target, criterion = line
        return f"{self.key} {answer_type.__name__} {target} {criterion}"


def ballots(book: Book, view: View) -> None:
    """Write who gave what in the announced open rounds, who voted in the secret ones, and the code of each ballot."""
    if not view.ballots:
        return
    words, page = book.words, book.page("ballots")
    said = marks(view, words)
    for mark in said:
        page.line(Strong(mark))
    for line in preamble(view, words):
        page.line(*line)
    votes = list(votes_of(view))
    columns = {name: words(f"export.{name}") for name in ("number", "name", "group")}
    spans = [(words("sheets.members"), len(columns))]
    for vote in votes:
        titles = {vote.column(line): title_of(vote, line, view, book) for line in vote.lines}
        titles |= {vote.cast: words("export.secrecy")} if vote.secret else {}
        columns |= titles | {f"{vote.key} code": words("export.code")}
        again = words("sheets.in_round", round=vote.round) if vote.round > 1 else ""
        spans.append((f"{vote.item.id}　{vote.item.title}{again}", len(titles) + 1))
    first = page.row
    rows = list(members(view, votes, book))
    page.fit(list(columns.values()), [[row.get(name) for name in columns] for row in rows])
    page.spans(spans)
    page.headings(list(columns.values()))
    page.freeze(2, rows=2)
    page.body(list(columns), rows)
    page.sheet.set_header(f"{book.head}&C{words('export.comma').join(said)}")
    if page.across([width for _, width in spans], MOST_ACROSS):
        page.first_printed = first
    page.finish()


def votes_of(view: View) -> Iterator[Vote]:
    """Yield the announced rounds in their order."""
    selections = {(one.item, one.round): one.selection for one in view.results.rounds}
    for (_, number), lines in groupby(view.ballots, key=lambda line: (line.item.id, line.round)):
        first = next(lines)
        item = first.item
        if first.secret:
            yield Vote(item, number, (), secret=True)
            continue
        selection = selections[item.id, number]
        stood = selection.figures.candidates if selection is not None else ()
        yield Vote(item, number, sheet(item) or tuple((Choice, one.target, "") for one in stood))


def title_of(vote: Vote, line: Line, view: View, book: Book) -> str:
    """Return the heading of one line of a ballot."""
    answer_type, target, criterion = line
    criteria = {one.id: one.name for one in vote.item.criteria_of(target)}
    parts = [view.definition.target(target).name] if target else []
    parts += [criteria[criterion]] if criterion else []
    if not parts or (answer_type is Choice and isinstance(vote.item.rules, ScoreRules)):
        kind = "question" if target else vote.item.rules.kind
        parts.append(catalogue("pingyi_protocol", book.words.language)(f"kind.{kind}"))
    return book.words("sheets.between").join(parts)


def members(view: View, votes: list[Vote], book: Book) -> Iterator[dict[str, Cell]]:
    """Yield a row for each member who was present in one of the rounds."""
    found: dict[str, dict[str, Cell]] = {}
    by_key = {vote.key: vote for vote in votes}
    for line in view.ballots:
        person = line.person
        row = found.setdefault(person.number, {"number": person.number, "name": person.name, "group": person.group})
        row |= cells(by_key[f"{line.item.id} {line.round}"], line, book)
    yield from (found[person.number] for person in view.definition.roster if person.number in found)


def cells(vote: Vote, ballot: BallotLine, book: Book) -> dict[str, Cell]:
    """Return what one member gave in one round, and the tracking code of the ballot."""
    spoken = catalogue("pingyi_protocol", book.words.language)
    answers = {line_of(answer): answer for answer in ballot.answers or ()}
    blank = answers.get((Choice, "", "")) if isinstance(vote.item.rules, SelectionRules) else None
    row: dict[str, Cell] = {f"{vote.key} code": ballot.code}
    if vote.secret:
        return row | {vote.cast: cast_words(ballot, book.words)}
    for line in vote.lines:
        answer = answers.get(line, blank)
        if ballot.answers is not None and answer is None:
            # a candidate who was not chosen
            continue
        said = given(ballot, answer, book.words, spoken)
        row[vote.column(line)] = said["answer"] if said.get("score") is None else said["score"]
    return row
