"""Count every round again from its ballots, apart from the tallies that the rules keep while they run.

Other code for the same arithmetic: whole lists of scores, the standard library's exact ``statistics`` and ``decimal``.
What is compared with it was worked out ballot by ballot in ``pingyi_protocol.meeting.measures``.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from statistics import mean, median, pvariance

import msgspec

from pingyi_protocol.meeting.commands import Answer
from pingyi_protocol.meeting.definition import Band, Definition, Item, MeasureKind, Press, ScoreRules
from pingyi_protocol.meeting.events import (
    BallotCast,
    CheckedIn,
    CheckedOut,
    DefinitionLoaded,
    Event,
    RecusalLifted,
    Recused,
    ResultAnnounced,
    RoundClosed,
    RoundOpened,
    RoundVoided,
)
from pingyi_protocol.meeting.figures import BandCount, RoundFigures, TargetFigures, ValueCount
from pingyi_protocol.record import RecordError

# far more digits than any tie between two last decimals needs
WIDE = Context(prec=100, rounding=ROUND_HALF_UP)

Key = tuple[str, int]


class RecountError(RecordError):
    """The ballots give another result than the record says."""


@dataclass(frozen=True)
class Cast:
    """A ballot on leaf ``leaf``."""

    leaf: int
    person: str
    answers: tuple[Answer, ...]


class Recount:
    """Collects who was there and what was cast, leaf by leaf; ``faults`` then counts."""

    def __init__(self) -> None:
        """Begin with an empty hall."""
        self.definition: Definition | None = None
        self.here: set[str] = set()
        self.live: Key | None = None
        self.present: dict[Key, set[str]] = {}
        self.recusals: dict[str, set[str]] = {}
        self.recused: dict[Key, set[str]] = {}
        self.ballots: dict[Key, list[Cast]] = {}
        self.closed: dict[Key, RoundClosed] = {}
        self.announced: dict[Key, RoundFigures] = {}

    def take(self, leaf: int, event: Event, *, held: bool) -> None:
        """Note an event; one that is not borne out (not ``held``) counts for nothing but what it claims is checked."""
        match event:
            case RoundClosed():
                self.closed[event.item, event.round] = event
                self.live = None if held else self.live
            case ResultAnnounced(figures):
                self.announced[figures.item, figures.round] = figures
            case DefinitionLoaded(definition) if held:
                self.definition = definition
                entitled = {person.number for person in definition.entitled}
                self.here &= entitled
                self.recusals = {item.id: self.recusals.get(item.id, set()) & entitled for item in definition.agenda}
            case RoundOpened() if held:
                self.live = (event.item, event.round)
                self.present[self.live] = set(self.here)
                self.recused[self.live] = set(self.recusals.get(event.item, ()))
                self.ballots[self.live] = []
            case RoundVoided() if held:
                self.live = None
            case BallotCast() if held:
                self.ballots[event.item, event.round].append(Cast(leaf, event.person, event.answers))
            case _ if held:
                self.take_member(event)
            case _:
                pass

    def take_member(self, event: Event) -> None:
        """Note who comes, goes, does not vote on an item, or does so again."""
        match event:
            case CheckedIn(person):
                self.here.add(person)
                if self.live is not None:
                    self.present[self.live].add(person)
            case CheckedOut(person):
                self.here.discard(person)
            case Recused(person, item):
                self.recusals.setdefault(item, set()).add(person)
            case RecusalLifted(person, item):
                self.recusals.setdefault(item, set()).discard(person)
            case _:
                pass

    def faults(self) -> Iterator[RecountError]:
        """Yield what does not agree, round by round."""
        for key, close in self.closed.items():
            yield from self.faults_of_close(key, close)
        for key, figures in self.announced.items():
            yield from self.faults_of_figures(key, figures)

    def faults_of_close(self, key: Key, close: RoundClosed) -> Iterator[RecountError]:
        """Compare the numbers of a close."""
        counted = self.counted(key)
        yield from self.faults_of_numbers(key, close)
        for person in sorted(counted.keys() - self.present.get(key, set())):
            yield RecountError("recount.absent", **name(key), person=person)
        for person in sorted(counted.keys() & self.recused.get(key, set())):
            yield RecountError("recount.recused", **name(key), person=person)

    def faults_of_numbers(self, key: Key, said: RoundClosed | RoundFigures) -> Iterator[RecountError]:
        """Compare how many were present, cast a ballot that counts, and were recused."""
        present, received, recused = self.numbers(key)
        if (said.present, said.received, said.recused) != (present, received, recused):
            found = {"said_present": said.present, "said": said.received, "said_recused": said.recused}
            right = {"present": present, "received": received, "recused": recused}
            yield RecountError("recount.close", **name(key), **found, **right)

    def numbers(self, key: Key) -> tuple[int, int, int]:
        """Return how many were present for a round, have a ballot that counts, and were present and recused."""
        present = self.present.get(key, set())
        return len(present), len(self.counted(key)), len(present & self.recused.get(key, set()))

    def faults_of_figures(self, key: Key, figures: RoundFigures) -> Iterator[RecountError]:
        """Compare announced figures."""
        item = self.definition.item(key[0]) if self.definition else None
        if item is None or key not in self.closed:
            yield RecountError("recount.not_closed", **name(key))
            return
        counted = self.counted(key)
        yield from self.faults_of_numbers(key, figures)
        present, received, recused = self.numbers(key)
        ours = figures_of(item, list(counted.values()), present - received - recused)
        if [one.target for one in ours] != [one.target for one in figures.targets]:
            yield RecountError("recount.targets", **name(key))
            return
        for our, their in zip(ours, figures.targets, strict=True):
            for part in msgspec.structs.fields(TargetFigures):
                right, said = getattr(our, part.name), getattr(their, part.name)
                if right != said:
                    values = {"target": our.target, "part": part.name, "said": text(said), "right": text(right)}
                    yield RecountError("recount.figure", **name(key), **values)

    def counted(self, key: Key) -> dict[str, tuple[Answer, ...]]:
        """Return the answers that count by person: on the declared leaves, the first or the last of each."""
        close = self.closed[key]
        item = self.definition.item(key[0]) if self.definition else None
        first_counts = item is not None and item.rules.press is Press.FIRST
        counted: dict[str, tuple[Answer, ...]] = {}
        for ballot in self.ballots.get(key, ()):
            if close.first <= ballot.leaf <= close.last and not (first_counts and ballot.person in counted):
                counted[ballot.person] = ballot.answers
        return counted


def name(key: Key) -> dict[str, object]:
    """Return the fields that name a round in a text."""
    return {"item": key[0], "round": key[1]}


def text(value: object) -> str:
    """Return a figure as a text names it."""
    if isinstance(value, str | Decimal | int):
        return str(value)
    return msgspec.json.encode(value).decode()


def figures_of(item: Item, ballots: Sequence[tuple[Answer, ...]], not_voted: int) -> tuple[TargetFigures, ...]:
    """Return the figures of a round with these ballots, one a target."""
    columns = [[ballot[place].score for ballot in ballots] for place in range(len(item.targets))]
    pairs = zip(item.targets, columns, strict=True)
    return tuple(target_figures(target, answers, item.rules, not_voted) for target, answers in pairs)


def target_figures(target: str, answers: Sequence[Decimal | None], rules: ScoreRules, not_voted: int) -> TargetFigures:
    """Return the figures of one target from the whole list of its answers."""
    scores = sorted(Fraction(answer) for answer in answers if answer is not None)
    number = len(scores)
    left = scores[rules.dropped : number - rules.dropped] if rules.dropped > 0 and number >= rules.least_scores else []
    trimmed = mean(left) if left else None
    middle = median(scores) if scores else None
    average = mean(scores) if scores else None
    own = {MeasureKind.MEAN: average, MeasureKind.TRIMMED_MEAN: trimmed, MeasureKind.MEDIAN: middle}[rules.measure]
    exact = own if number >= rules.least_scores else None
    measure = rounded(exact, rules.decimals)
    above = (None, *rules.bands)[: len(rules.bands)]
    return TargetFigures(
        target=target,
        scores=number,
        abstentions=len(answers) - number,
        not_voted=not_voted,
        total=decimal(sum(scores, start=Fraction(0))),
        measure=measure,
        exact=None if exact is None else f"{exact.numerator}/{exact.denominator}",
        mean=rounded(average, rules.decimals),
        trimmed_mean=rounded(trimmed, rules.decimals),
        median=rounded(middle, rules.decimals),
        deviation=root(pvariance(scores), rules.decimals) if scores else None,
        least=decimal(scores[0]) if scores else None,
        greatest=decimal(scores[-1]) if scores else None,
        dropped=rules.dropped if left else 0,
        band=None if measure is None else next((band.name for band in rules.bands if band.least <= measure), None),
        bands=tuple(
            BandCount(band.name, sum(within(band, higher, score) for score in scores))
            for band, higher in zip(rules.bands, above, strict=True)
        ),
        values=tuple(ValueCount(decimal(score), count) for score, count in sorted(Counter(scores).items())),
    )


def within(band: Band, higher: Band | None, score: Fraction) -> bool:
    """Whether a score lies in ``band``, below the next ``higher`` one."""
    return Fraction(band.least) <= score and (higher is None or score < Fraction(higher.least))


def decimal(value: Fraction) -> Decimal:
    """Return a fraction as a decimal, exact where it has at most a hundred digits."""
    return WIDE.divide(Decimal(value.numerator), Decimal(value.denominator))


def rounded(value: Fraction | None, decimals: int) -> Decimal | None:
    """Round half-up to ``decimals``; None stays None."""
    return None if value is None else decimal(value).quantize(Decimal(1).scaleb(-decimals), context=WIDE)


def root(value: Fraction, decimals: int) -> Decimal:
    """Return the square root, rounded half-up."""
    return decimal(value).sqrt(WIDE).quantize(Decimal(1).scaleb(-decimals), context=WIDE)
