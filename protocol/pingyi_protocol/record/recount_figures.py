"""The figures of a round from whole lists of what was cast, apart from the rules' own arithmetic.

Lists, the standard library's exact ``statistics`` and ``decimal``; what they are compared with was tallied ballot by
ballot in ``pingyi_protocol.meeting`` (``measures``, ``choices``, ``groups``).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from math import ceil, floor
from statistics import mean, median, pvariance
from typing import TypeAlias

import msgspec

from pingyi_protocol.meeting.commands import Answer, Choice, Score
from pingyi_protocol.meeting.definition import (
    Band,
    Base,
    Item,
    MeasureKind,
    MotionRules,
    Option,
    Passing,
    RatingRules,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.figures import (
    BandCount,
    CandidateVotes,
    ChoiceFigures,
    CriterionFigures,
    OptionCount,
    Outcome,
    SelectionFigures,
    TargetFigures,
    ValueCount,
)
from pingyi_protocol.record.recount_secret import Summed

# far more digits than any tie between two last decimals needs
WIDE = Context(prec=100, rounding=ROUND_HALF_UP)

ASKED = {
    MotionRules: (Option.FOR, Option.AGAINST, Option.ABSTAIN),
    ScoreRules: (Option.FOR, Option.AGAINST, Option.ABSTAIN),
    RatingRules: (Option.SATISFIED, Option.BASICALLY_SATISFIED, Option.NOT_SATISFIED, Option.ABSTAIN),
    SelectionRules: (Option.CHOSEN, Option.ABSTAIN),
}

Paper: TypeAlias = tuple[Answer, ...]


@dataclass(frozen=True)
class Box:
    """What a round is counted from.

    ``papers`` are the ballots that count, or, where hands or paper decided, one for each answer that was entered.
    ``voters`` gives the review group of each member who could vote, in the order of the roster, and ``cast`` the ballot
    of each who did. ``all_members`` and ``present`` are what shares are taken of, ``received`` counts ballots, the
    invalid ones included. ``candidates`` stand for ``places`` in a selection. ``entered`` says that there were no
    ballots. ``sums`` are all that is known of scores of which only the sum was opened.
    """

    item: Item
    papers: Sequence[Paper]
    voters: Mapping[str, str]
    cast: Mapping[str, Paper]
    all_members: int
    present: int
    received: int
    not_voted: int
    candidates: tuple[str, ...] = ()
    places: int = 0
    entered: bool = False
    sums: Mapping[tuple[str, str], Summed] = field(default_factory=dict)


def scored(box: Box) -> Iterator[TargetFigures]:
    """Yield the figures of each target that is scored."""
    rules = box.item.rules
    if not isinstance(rules, ScoreRules):
        return
    for target in box.item.targets:
        if (target, "") in box.sums:
            yield summed_figures(box, target, rules)
            continue
        figures = target_figures(target, scores_of(box, target), rules, box.not_voted)
        criteria = () if box.entered else tuple(criterion_figures(box, target, rules))
        passed = None if figures.measure is None or rules.pass_mark is None else rules.pass_mark <= figures.measure
        yield msgspec.structs.replace(figures, passed=passed, criteria=criteria)


def summed_figures(box: Box, target: str, rules: ScoreRules) -> TargetFigures:
    """Return the figures of a target of which only sums are known: those of no scores at all, and what a sum says."""
    known, nothing = box.sums[target, ""], target_figures(target, (), rules, box.not_voted)
    average = known.total / known.scores if known.scores else None
    exact = average if known.scores >= rules.least_scores else None
    measure = rounded(exact, rules.decimals)
    criteria = ((one.id, box.sums[target, one.id]) for one in box.item.criteria if (target, one.id) in box.sums)
    return msgspec.structs.replace(
        nothing,
        scores=known.scores,
        abstentions=known.abstentions,
        total=decimal(known.total),
        measure=measure,
        exact=None if exact is None else f"{exact.numerator}/{exact.denominator}",
        mean=rounded(average, rules.decimals),
        passed=None if measure is None or rules.pass_mark is None else rules.pass_mark <= measure,
        criteria=tuple(summed_criterion(key, one, rules) for key, one in criteria),
    )


def summed_criterion(criterion: str, known: Summed, rules: ScoreRules) -> CriterionFigures:
    """Return the figures of a criterion of which only the sum is known."""
    exact = known.total / known.scores if known.scores >= max(1, rules.least_scores) else None
    words = None if exact is None else f"{exact.numerator}/{exact.denominator}"
    return CriterionFigures(criterion, known.scores, decimal(known.total), rounded(exact, rules.decimals), words)


def scores_of(box: Box, target: str) -> list[Fraction | None]:
    """Return the score of each paper for a target, weighted where there are criteria; None for an abstention."""
    weights = {one.id: Fraction(one.weight) / 100 for one in box.item.criteria if one.target == target}
    found: list[Fraction | None] = []
    for paper in box.papers:
        mine = [answer for answer in paper if isinstance(answer, Score) and answer.target == target]
        given = [(answer.criterion, Fraction(answer.score)) for answer in mine if answer.score is not None]
        if given:
            found.append(sum((score * weights.get(under, 1) for under, score in given), start=Fraction(0)))
        elif mine:
            found.append(None)
    return found


def criterion_figures(box: Box, target: str, rules: ScoreRules) -> Iterator[CriterionFigures]:
    """Yield the figures of each criterion of a target."""
    for criterion in box.item.criteria:
        if criterion.target == target:
            given = [answer for paper in box.papers for answer in paper if isinstance(answer, Score)]
            scores = [one.score for one in given if (one.target, one.criterion) == (target, criterion.id)]
            found = target_figures(target, [None if one is None else Fraction(one) for one in scores], rules, 0)
            yield CriterionFigures(criterion.id, found.scores, found.total, found.measure, found.exact)


def target_figures(target: str, answers: Sequence[Fraction | None], rules: ScoreRules, not_voted: int) -> TargetFigures:
    """Return the figures of one target from the whole list of its scores."""
    scores = sorted(answer for answer in answers if answer is not None)
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


def asked(item: Item) -> Iterator[tuple[str, Passing]]:
    """Yield what is decided by choice, of each target, and the share that it takes."""
    match item.rules:
        case MotionRules(passing=passing):
            yield "", passing
        case RatingRules(passing=passing) | ScoreRules(question=Passing() as passing):
            yield from ((target, passing) for target in item.targets)
        case _:
            return


def chosen(box: Box) -> Iterator[ChoiceFigures]:
    """Yield the figures of a motion, of each rating, or of the old question."""
    for target, passing in asked(box.item):
        counts = counts_of(box, target)
        base = base_of(box, passing, counts)
        least = least_above(passing, base)
        yield ChoiceFigures(target, counts, box.not_voted, base, least, outcome_of(counts, least))


def counts_of(box: Box, target: str) -> tuple[OptionCount, ...]:
    """Return how often each option stands on the papers for a target; a selection is abstained from as a whole."""
    marks = [answer for paper in box.papers for answer in paper if isinstance(answer, Choice)]
    options = ASKED[type(box.item.rules)]
    about = {Option.ABSTAIN: ""} if isinstance(box.item.rules, SelectionRules) else {}
    return tuple(OptionCount(option, marks.count(Choice(about.get(option, target), option))) for option in options)


def base_of(box: Box, passing: Passing, counts: Sequence[OptionCount]) -> int:
    """Return what the share is taken of."""
    decided = sum(one.count for one in counts if one.option in (Option.FOR, Option.AGAINST))
    bases = {Base.ALL_MEMBERS: box.all_members, Base.PRESENT: box.present, Base.CAST: box.received}
    return bases.get(passing.base, decided)


def least_above(passing: Passing, base: int) -> int:
    """Return the least number of votes that has the share, one at least."""
    share = Fraction(passing.numerator, passing.denominator) * base
    return max(1, floor(share) + 1 if passing.strict else ceil(share))


def outcome_of(counts: Sequence[OptionCount], least: int) -> Outcome:
    """Return what was decided, by the counts in their order; the last of them abstain."""
    first, second, *_ = (one.count for one in counts)
    if counts[0].option is Option.FOR:
        return Outcome.PASSED if first >= least else Outcome.REJECTED
    if first >= least:
        return Outcome.SATISFIED
    return Outcome.BASICALLY_SATISFIED if first + second >= least else Outcome.NOT_SATISFIED


def selected(box: Box) -> SelectionFigures | None:
    """Return the figures of a selection: each candidate's votes and place, found by counting who has more."""
    rules = box.item.rules
    if not isinstance(rules, SelectionRules):
        return None
    marks = [answer for paper in box.papers for answer in paper]
    votes = {target: marks.count(Choice(target, Option.CHOSEN)) for target in box.candidates}
    base = box.received if rules.passing is None else base_of(box, rules.passing, ())
    least = 1 if rules.passing is None else least_above(rules.passing, base)
    standing = [target for target in votes if votes[target] >= least]
    ahead = {target: sum(votes[other] > votes[target] for other in standing) for target in standing}
    level = {target: sum(votes[other] == votes[target] for other in standing) for target in standing}
    winners = [target for target in standing if ahead[target] + level[target] <= box.places]
    return SelectionFigures(
        candidates=tuple(CandidateVotes(target, votes[target]) for target in votes),
        places=box.places,
        abstentions=marks.count(Choice("", Option.ABSTAIN)),
        not_voted=box.not_voted,
        base=base,
        needed=least,
        winners=tuple(sorted(winners, key=ahead.__getitem__)),
        tied=tuple(target for target in standing if ahead[target] < box.places < ahead[target] + level[target]),
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
