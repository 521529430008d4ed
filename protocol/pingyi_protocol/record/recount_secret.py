"""Secret rounds counted again: the ballots that count are added up anew, and the totals held to the scrutineers' parts.

That their proofs hold is found out once, where the rules are followed. Here the totals are not searched for but tried:
m is right if m times the generator is what remains of the sum once the parts are taken from it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from pingyi_protocol.meeting.commands import Answer, Choice, Score
from pingyi_protocol.meeting.definition import GRADES, QUESTION, Item, Option, RatingRules, ScoreRules
from pingyi_protocol.meeting.events import LineTotals
from pingyi_protocol.meeting.sealed import lines_in
from pingyi_protocol.secret.ceremony import ElectionKey
from pingyi_protocol.secret.encoding import Sum
from pingyi_protocol.secret.group import ORDER, POINT_BYTES, Point, add, multiply, parse_text, raised, subtract
from pingyi_protocol.secret.sheet import Kind, Line

PART_BYTES = 96
"""A point and the proof behind it."""


@dataclass(frozen=True)
class SealedCast:
    """A secret ballot on leaf ``leaf``, by the id of its command."""

    leaf: int
    person: str
    ballot: str
    texts: tuple[str, ...]


@dataclass
class Sealed:
    """What the events say of one secret round.

    Under which key it was held and who has its shares, the ballots, the ids of those that do not hold (None: they were
    not checked), the good parts by index, the totals.
    """

    key: ElectionKey
    holders: tuple[str, ...]
    ballots: list[SealedCast] = field(default_factory=list)
    wrong: set[str] | None = None
    parts: dict[int, tuple[str, ...]] = field(default_factory=dict)
    totals: tuple[LineTotals, ...] | None = None

    def valid(self, first: int, last: int) -> dict[str, SealedCast]:
        """Return by member the newest ballot that holds, on these leaves."""
        within = (one for one in self.ballots if first <= one.leaf <= last)
        return {one.person: one for one in within if one.ballot not in (self.wrong or set())}


@dataclass(frozen=True)
class Summed:
    """What is known of the scores for a target, or under a criterion, of which only the sum was opened."""

    scores: int
    abstentions: int
    total: Fraction


def misopened(
    one: Sealed, item: Item, candidates: tuple[str, ...], places: int, ballots: Sequence[SealedCast]
) -> Iterator[str]:
    """Yield the target of each question whose totals do not follow from the ballots and the parts."""
    lines = lines_in(item, candidates, places)
    said = one.totals or ()
    if len(said) != len(lines):
        yield item.title
        return
    taken = sorted(one.parts)[: one.key.threshold]
    for place, (line, totals) in enumerate(zip(lines, said, strict=True)):
        values = (*totals.totals, *((totals.abstentions,) if line.encoding.abstention else ()))
        points = [split(each.texts[place], POINT_BYTES) for each in ballots]
        parts = {index: split(one.parts[index][place], PART_BYTES) for index in taken}
        right = len(taken) == one.key.threshold and all(
            tried(points, factors, {index: part[at] for index, part in parts.items()}, value)
            for at, (factors, value) in enumerate(zip(line.encoding.openings, values, strict=True))
        )
        if not right:
            yield line.target or item.title


def split(text: str, size: int) -> list[bytes]:
    """Return the bytes of a text in pieces."""
    data = parse_text(text)
    return [data[start : start + size] for start in range(0, len(data), size)]


def tried(
    points: Sequence[Sequence[bytes]], factors: Sequence[tuple[int, int]], parts: Mapping[int, bytes], value: int
) -> bool:
    """Whether these ballots' bits, each times its factor, sum to ``value`` by the parts of these indices."""
    sum_of_rights = Point(raised(0))
    for ballot in points:
        for place, factor in factors:
            right = Point(ballot[2 * place + 1])
            sum_of_rights = add(sum_of_rights, right if factor == 1 else multiply(factor, right))
    shared = Point(raised(0))
    for index, part in parts.items():
        weight = 1
        for other in parts:
            if other != index:
                weight = weight * other * pow(other - index, ORDER - 2, ORDER) % ORDER
        shared = add(shared, multiply(weight, Point(part[:POINT_BYTES])))
    return subtract(sum_of_rights, shared) == raised(value)


def papers_opened(
    item: Item, lines: Sequence[Line], totals: Sequence[LineTotals], candidates: Sequence[str]
) -> list[tuple[Answer, ...]]:
    """Return one paper for each answer that was opened; none for what a sum holds."""
    papers: list[tuple[Answer, ...]] = []
    for line, opened in zip(lines, totals, strict=True):
        if isinstance(line.encoding, Sum):
            continue
        answers = answers_of(item, line, candidates)
        for answer, count in zip(answers, (*opened.totals, opened.abstentions), strict=True):
            papers += [(answer,)] * count
    return papers


def answers_of(item: Item, line: Line, candidates: Sequence[str]) -> list[Answer]:
    """Return what each place of a question says, the abstention at the end."""
    if line.kind is Kind.SELECTION:
        return [*(Choice(one, Option.CHOSEN) for one in candidates), Choice("", Option.ABSTAIN)]
    if line.kind is Kind.CHOICE:
        options = GRADES if isinstance(item.rules, RatingRules) else QUESTION
        return [Choice(line.target, option) for option in (*options, Option.ABSTAIN)]
    rules = item.rules if isinstance(item.rules, ScoreRules) else ScoreRules()
    number = int((rules.highest - rules.lowest) / rules.step) + 1
    scores: list[Decimal | None] = [rules.lowest + rules.step * place for place in range(number)]
    return [Score(line.target, "", score) for score in (*scores, None)]


def sums_opened(
    item: Item, lines: Sequence[Line], totals: Sequence[LineTotals], ballots: int
) -> dict[tuple[str, str], Summed]:
    """Return what sums say, by (target, criterion), "" for the target as a whole."""
    found: dict[tuple[str, str], Summed] = {}
    if not isinstance(item.rules, ScoreRules):
        return found
    lowest, step = Fraction(item.rules.lowest), Fraction(item.rules.step)
    for line, opened in zip(lines, totals, strict=True):
        if not isinstance(line.encoding, Sum):
            continue
        scores = ballots - opened.abstentions
        exact = [lowest * scores + step * total for total in opened.totals]
        criteria = [one for one in item.criteria if one.target == line.target]
        for criterion, total in zip(criteria, exact, strict=False):
            found[line.target, criterion.id] = Summed(scores, opened.abstentions, total)
        weights = [Fraction(one.weight) / 100 for one in criteria] or [Fraction(1)]
        whole = sum((total * weight for total, weight in zip(exact, weights, strict=True)), start=Fraction(0))
        found[line.target, ""] = Summed(scores, opened.abstentions, whole)
    return found
