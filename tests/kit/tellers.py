"""A second set of books on a meeting, kept from its events alone in plain sets and lists, to hold the rules against."""

import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from pingyi_protocol.meeting.commands import Answer, Choice, Score
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import GRADES, TRIAL, Base, Item, Option, Passing, RatingRules
from pingyi_protocol.meeting.events import (
    AgendaReordered,
    BallotCast,
    CheckedIn,
    CheckedOut,
    DefinitionLoaded,
    Event,
    Excused,
    ItemAdded,
    ItemWithdrawn,
    RecusalLifted,
    Recused,
    ResultAnnounced,
    ResultEntered,
    RoundClosed,
    RoundConfirmed,
    RoundOpened,
    RoundVoided,
    VoidProposed,
    VoidTakenBack,
)
from pingyi_protocol.meeting.figures import ChoiceFigures, RoundFigures, SelectionFigures, TargetFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.record.entry import Entry

Key = tuple[str, int]


@dataclass
class Book:
    """One round: who was there, who did not vote on it, and what each gave, or what was entered for all of them."""

    present: set[str]
    recused: set[str]
    candidates: tuple[str, ...]
    places: int
    ballots: dict[str, tuple[Answer, ...]] = field(default_factory=dict)
    manual: ResultEntered | None = None
    closed: RoundFigures | None = None
    announced: RoundFigures | None = None
    signed: str = ""
    void: str = ""
    voiding: str = ""

    @property
    def received(self) -> int:
        """How many ballots were handed in."""
        return len(self.ballots) if self.manual is None else self.manual.received

    @property
    def open(self) -> bool:
        """Whether ballots can still come in."""
        return self.closed is None and not self.void

    def answers(self) -> list[Answer]:
        """Every single answer."""
        if self.manual is None:
            return [answer for ballot in self.ballots.values() for answer in ballot]
        return [line.answer for line in self.manual.counts for _ in range(line.count)]


class Tellers:
    """Who is there, what stands on the agenda, and every round."""

    def __init__(self) -> None:
        self.late, self.leave, self.due = True, True, 0
        self.agenda: list[str] = []
        self.present: set[str] = set()
        self.left: dict[str, str] = {}
        self.excused: dict[str, str] = {}
        self.recused: dict[str, set[str]] = {}
        self.withdrawn: dict[str, str] = {}
        self.books: dict[Key, Book] = {}
        self.fell: dict[Key, int] = {}

    def take(self, entry: Entry, meeting: Meeting) -> None:
        """Enter one event; ``meeting`` is only asked what a round that just closed comes to."""
        event = entry.event
        self.take_hall(event)
        self.take_agenda(event)
        match event:
            case RoundOpened(item, number, _, candidates, places):
                self.books[item, number] = self.begun(item, candidates, places)
            case ResultEntered(item, number):
                book = self.begun(item, event.candidates, event.places)
                book.manual = event
                self.books[item, number] = book
                book.closed = round_figures(meeting, found(meeting, (item, number)))
            case BallotCast(person, item, number, _, answers):
                book = self.books[item, number]
                assert book.open
                assert person in book.present - book.recused
                book.ballots[person] = answers
            case RoundClosed(item, number, first, last, present, received, recused):
                book = self.books[item, number]
                assert (present, received) == (len(book.present), len(book.ballots))
                assert recused == len(book.present & book.recused)
                assert first <= last + 1 == entry.index
                book.closed = round_figures(meeting, found(meeting, (item, number)))
            case RoundConfirmed(item, number, person):
                book = self.books[item, number]
                assert book.closed is not None
                assert (book.signed, book.void, book.announced) == ("", "", None)
                book.signed = person
            case ResultAnnounced(figures):
                book = self.books[figures.item, figures.round]
                assert figures == book.closed
                assert not book.voiding
                book.announced = figures
            case VoidProposed(item, number, reason):
                assert not self.books[item, number].void
                self.books[item, number].voiding = reason
            case VoidTakenBack(item, number):
                assert self.books[item, number].voiding
                self.books[item, number].voiding = ""
            case RoundVoided(item, number, reason):
                book = self.books[item, number]
                assert not book.void
                assert book.voiding == reason or item == TRIAL.id
                book.void, book.voiding = reason, ""
            case _:
                pass

    def take_hall(self, event: Event) -> None:
        """Enter who comes and goes."""
        match event:
            case CheckedIn(person):
                self.present.add(person)
                self.left.pop(person, None)
                self.excused.pop(person, None)
                for book in self.books.values():
                    if book.open and self.late:
                        book.present.add(person)
            case CheckedOut(person, reason):
                self.present.remove(person)
                self.left[person] = reason
            case Excused(person, reason):
                self.excused[person] = reason
            case _:
                pass

    def take_agenda(self, event: Event) -> None:
        """Enter what changes on the agenda, and who does not vote on what."""
        match event:
            case DefinitionLoaded(definition):
                self.late = definition.meeting.late_ballots
                self.leave = definition.meeting.recused_leave
                self.due = len(definition.entitled)
                self.agenda = [item.id for item in definition.agenda]
                self.withdrawn = {item: why for item, why in self.withdrawn.items() if item in self.agenda}
                self.recused = {item: who for item, who in self.recused.items() if item in self.agenda}
            case Recused(person, item):
                self.recused.setdefault(item, set()).add(person)
            case RecusalLifted(person, item):
                self.recused[item].remove(person)
            case ItemAdded(item):
                self.agenda.append(item.id)
            case AgendaReordered(order):
                self.agenda = list(order)
            case ItemWithdrawn(item, reason):
                assert not any(key[0] == item and not book.void for key, book in self.books.items())
                self.withdrawn[item] = reason
            case _:
                pass

    def begun(self, item: str, candidates: tuple[str, ...], places: int) -> Book:
        """Open a book for the item's next round."""
        assert not any(book.open for book in self.books.values())
        return Book(set(self.present), set(self.recused.get(item, ())), candidates, places)

    # what must hold

    def agree(self, meeting: Meeting) -> None:
        """Hold the state against the books."""
        assert set(meeting.present) == self.present
        assert (dict(meeting.left.items()), dict(meeting.excused.items())) == (self.left, self.excused)
        everybody = [*self.present, *self.left, *self.excused]
        assert len(set(everybody)) == len(everybody)
        assert [item.id for item in meeting.agenda] == self.agenda
        assert dict(meeting.withdrawn.items()) == self.withdrawn
        assert [(one.item, one.number) for one in meeting.rounds] == list(self.books)
        assert sum(one.live for one in meeting.rounds) <= 1
        for item in meeting.items:
            numbers = [number for which, number in self.books if which == item]
            assert numbers == list(range(1, len(numbers) + 1))
        for one in meeting.rounds:
            self.agree_on(meeting, one)

    def agree_on(self, meeting: Meeting, one: Round) -> None:
        """One round: what it received never falls, is never more than could vote, and once closed never changes."""
        key = (one.item, one.number)
        book = self.books[key]
        assert set(one.present) == book.present
        assert set(one.recused) == book.recused
        assert {person: ballot.answers for person, ballot in one.ballots.items()} == book.ballots
        assert set(one.ballots) <= set(one.present) - set(one.recused)
        assert one.received == book.received <= len(book.present - book.recused)
        assert one.received >= self.fell.get(key, 0)
        self.fell[key] = one.received
        assert (one.phase is Phase.VOID, one.reason) == (bool(book.void), book.void)
        assert (one.live, one.confirmed) == (book.open, book.signed)
        assert one.phase is not Phase.ANNOUNCED or book.signed or not meeting.awaits_confirmation(one)
        if book.closed is not None:
            assert round_figures(meeting, one) == book.closed

    def count_again(self, meeting: Meeting, one: Round) -> None:
        """Count a round by hand, and hold its figures against that."""
        book, figures, item = self.books[one.item, one.number], round_figures(meeting, one), meeting.items[one.item]
        there, recused = len(book.present), len(book.present & book.recused)
        assert (figures.present, figures.received, figures.recused) == (there, book.received, recused)
        assert figures.invalid == (book.manual.invalid if book.manual else 0)
        away = recused if self.leave else 0
        bases = {
            Base.ALL_MEMBERS: self.due - (len(book.recused) if self.leave else 0),
            Base.PRESENT: there - away,
            Base.CAST: book.received,
        }
        for scored in figures.targets:
            count_scores(item, book, scored)
            rest = (scored.scores, scored.abstentions, scored.not_voted, figures.invalid, recused)
            assert sum(rest) == there
        for chosen in figures.choices:
            count_choices(item, book, chosen, bases)
            assert sum(line.count for line in chosen.counts) + chosen.not_voted + figures.invalid + recused == there
        if figures.selection is not None:
            count_selection(item, book, figures.selection, bases)
        for group in figures.groups:
            shown = (target.scores for target in group.targets if target.scores is not None)
            assert all(scores >= (item.rules.least_group or 0) for scores in shown)


def found(meeting: Meeting, key: Key) -> Round:
    """Return this round."""
    return next(one for one in meeting.rounds if (one.item, one.number) == key)


def whole_scores(item: Item, book: Book, target: str) -> Iterator[Fraction | None]:
    """What each ballot gives the target as a whole."""
    weights = {criterion.id: Fraction(criterion.weight) / 100 for criterion in item.criteria_of(target)}
    sheets = book.ballots.values() if book.manual is None else [(answer,) for answer in book.answers()]
    for sheet in sheets:
        given = [answer for answer in sheet if isinstance(answer, Score) and answer.target == target]
        if not given:
            continue
        if any(answer.score is None for answer in given):
            yield None
        else:
            yield sum(
                (Fraction(one.score or 0) * (weights[one.criterion] if one.criterion else 1) for one in given),
                start=Fraction(0),
            )


def count_scores(item: Item, book: Book, figures: TargetFigures) -> None:
    """The figures of one target."""
    answers = list(whole_scores(item, book, figures.target))
    scores = [score for score in answers if score is not None]
    assert (figures.scores, figures.abstentions) == (len(scores), answers.count(None))
    assert Fraction(figures.total) == sum(scores)
    assert sum(value.count for value in figures.values) == len(scores)
    if scores:
        assert figures.exact is not None
        assert Fraction(figures.exact) == statistics.mean(scores)
        assert (Fraction(figures.least or 0), Fraction(figures.greatest or 0)) == (min(scores), max(scores))
        assert abs(Fraction(figures.median or 0) - statistics.median(scores)) <= Fraction(1, 200)


def count_choices(item: Item, book: Book, figures: ChoiceFigures, bases: dict[Base, int]) -> None:
    """The choices about one target, or on a motion, and what they come to."""
    votes = Counter(
        answer.option for answer in book.answers() if isinstance(answer, Choice) and answer.target == figures.target
    )
    assert {line.option: line.count for line in figures.counts if line.count} == dict(votes)
    rating = isinstance(item.rules, RatingRules)
    passing = getattr(item.rules, "passing", None) or getattr(item.rules, "question", None)
    assert isinstance(passing, Passing)
    bases = {Base.FOR_AND_AGAINST: votes[Option.FOR] + votes[Option.AGAINST]} | bases
    assert figures.base == bases[passing.base]
    if rating:
        good, fair, _ = (votes[grade] for grade in GRADES)
        second = "basically_satisfied" if enough(good + fair, passing, bases) else "not_satisfied"
        outcome = "satisfied" if enough(good, passing, bases) else second
    else:
        outcome = "passed" if enough(votes[Option.FOR], passing, bases) else "rejected"
    assert figures.outcome == outcome


def count_selection(item: Item, book: Book, figures: SelectionFigures, bases: dict[Base, int]) -> None:
    """The votes of every candidate; fewer have as many as each winner than there are places."""
    answers = [answer for answer in book.answers() if isinstance(answer, Choice)]
    votes = Counter(answer.target for answer in answers if answer.option is Option.CHOSEN)
    assert [(one.target, one.votes) for one in figures.candidates] == [(who, votes[who]) for who in book.candidates]
    assert figures.abstentions == sum(answer.option is Option.ABSTAIN for answer in answers)
    assert figures.places == book.places
    passing = getattr(item.rules, "passing", None)
    able = [who for who in book.candidates if enough(votes[who], passing, bases)]
    for who in book.candidates:
        as_many = sum(votes[other] >= votes[who] for other in able)
        more = sum(votes[other] > votes[who] for other in able)
        assert (who in figures.winners) == (who in able and as_many <= book.places)
        assert (who in figures.tied) == (who in able and more < book.places < as_many)


def enough(count: int, passing: Passing | None, bases: dict[Base, int]) -> bool:
    """Whether so many votes, at least one, have the share."""
    share = 0 if passing is None else Fraction(passing.numerator, passing.denominator) * bases[passing.base]
    return count > 0 and (count > share or (count == share and passing is not None and not passing.strict))
