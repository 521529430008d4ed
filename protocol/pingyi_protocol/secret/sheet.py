"""From an item's rules to the questions of a secret ballot, from answers to marks, from totals to their meaning."""

from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple, assert_never

from pingyi_protocol.meeting.commands import Answer, Choice, Score
from pingyi_protocol.meeting.definition import (
    GRADES,
    QUESTION,
    Item,
    MeasureKind,
    MotionRules,
    Opens,
    Option,
    RatingRules,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.measures import Tally, plain, weighted
from pingyi_protocol.secret.encoding import (
    MOST_PLACES,
    Distribution,
    Encoding,
    EncodingError,
    Marks,
    Opened,
    Selection,
    Sum,
)


class Kind(StrEnum):
    """Which question about its target a line of the sheet is."""

    SCORE = "score"
    CHOICE = "choice"
    SELECTION = "selection"


class Line(NamedTuple):
    """One question of a secret sheet: its kind, its target ("" for a motion and a selection), how it is encoded."""

    kind: Kind
    target: str
    encoding: Encoding


class SumTally(NamedTuple):
    """What a sum says: how many scored, how many abstained, the exact sum of the scores."""

    scores: int
    abstentions: int
    total: Decimal

    def mean(self) -> Fraction | None:
        """Return the sum of the scores over their number."""
        return Fraction(self.total) / self.scores if self.scores else None


def check_opening(item: Item, opens: Opens) -> None:
    """Refuse an item that asks for what its secret opening cannot tell, with EncodingError.

    The sum gives the mean and no more: no median, trimmed mean or grades by value. Weighted criteria make a score of
    several answers of one member, which nobody can put together but in the sum.
    """
    rules = item.rules
    if not isinstance(rules, ScoreRules):
        return
    if opens is Opens.SUM and (rules.measure is not MeasureKind.MEAN or rules.dropped or rules.bands):
        raise EncodingError("secret.sum_measures", item=item.title)
    if opens is Opens.DISTRIBUTION and item.criteria:
        raise EncodingError("secret.distribution_criteria", item=item.title)
    if opens is Opens.DISTRIBUTION and steps_of(rules) + 2 > MOST_PLACES:
        raise EncodingError("secret.choices", most=MOST_PLACES)


def steps_of(rules: ScoreRules) -> int:
    """Return how many steps lie between the lowest and the highest score."""
    return int((rules.highest - rules.lowest) // rules.step)


def lines_of(
    item: Item, opens: Opens, candidates: tuple[str, ...] = (), size: tuple[int, int] = (1, 1)
) -> tuple[Line, ...]:
    """Return the questions of a secret ballot, in the order of the sheet; raises as ``check_opening`` does.

    ``candidates`` and ``size`` (the least and the most one chooses) are a selection's round's.
    """
    check_opening(item, opens)
    rules = item.rules
    abstention = rules.abstention
    match rules:
        case ScoreRules():
            return tuple(line for target in item.targets for line in _score_lines(item, rules, opens, target))
        case MotionRules():
            return (Line(Kind.CHOICE, "", Distribution(len(QUESTION), abstention=abstention)),)
        case RatingRules():
            grades = Distribution(len(GRADES), abstention=abstention)
            return tuple(Line(Kind.CHOICE, target, grades) for target in item.targets)
        case SelectionRules():
            return (Line(Kind.SELECTION, "", Selection(len(candidates), *size, abstention=abstention)),)
    assert_never(rules)


def _score_lines(item: Item, rules: ScoreRules, opens: Opens, target: str) -> tuple[Line, ...]:
    steps, abstention = steps_of(rules), rules.abstention
    encoding: Encoding = (
        Sum(steps, max(1, len(item.criteria_of(target))), abstention=abstention)
        if opens is Opens.SUM
        else Distribution(steps + 1, abstention=abstention)
    )
    score = Line(Kind.SCORE, target, encoding)
    if rules.question is None:
        return (score,)
    return score, Line(Kind.CHOICE, target, Distribution(len(QUESTION), abstention=abstention))


def options_of(item: Item) -> tuple[Option, ...]:
    """Return the choices of a motion, a rating or the old question, in the order of their places."""
    return GRADES if isinstance(item.rules, RatingRules) else QUESTION


def marks_of(item: Item, line: Line, answers: tuple[Answer, ...], candidates: tuple[str, ...] = ()) -> Marks:
    """Return the marks with which a ballot of ``answers``, which fits the item, answers a line."""
    if line.kind is Kind.SELECTION:
        chosen = {answer.target for answer in answers if isinstance(answer, Choice) and answer.option is Option.CHOSEN}
        # who chooses nobody has not abstained
        abstains = any(isinstance(answer, Choice) and answer.option is Option.ABSTAIN for answer in answers)
        return None if abstains else tuple(place for place, target in enumerate(candidates) if target in chosen)
    if line.kind is Kind.CHOICE:
        option = next(one.option for one in answers if isinstance(one, Choice) and one.target == line.target)
        return None if option is Option.ABSTAIN else (options_of(item).index(option),)
    rules = _score_rules(item)
    scores = [one.score for one in answers if isinstance(one, Score) and one.target == line.target]
    given = tuple(int((score - rules.lowest) / rules.step) for score in scores if score is not None)
    return given or None


def score_tally(item: Item, opened: Opened) -> Tally:
    """Return the tally that an opened distribution of scores is, as if they had been given openly."""
    rules, tally = _score_rules(item), Tally()
    for place, count in enumerate(opened.totals):
        if count:
            tally = tally.add(plain(rules.lowest + rules.step * place), count)
    return tally.add(None, opened.abstentions) if opened.abstentions else tally


def sum_tallies(item: Item, target: str, opened: Opened, ballots: int) -> dict[str, SumTally]:
    """Return what opened sums say, by criterion; "" is the target as a whole, weighted where it has criteria."""
    rules, criteria = _score_rules(item), item.criteria_of(target)
    scores = ballots - opened.abstentions
    totals = [plain(rules.lowest * scores + rules.step * total) for total in opened.totals]
    found = {one.id: total for one, total in zip(criteria, totals, strict=True)} if criteria else {}
    weights = (criterion.weight for criterion in criteria)
    found[""] = weighted(zip(totals, weights, strict=True)) if criteria else totals[0]
    return {key: SumTally(scores, opened.abstentions, total) for key, total in found.items()}


def choice_counts(
    item: Item, line: Line, opened: Opened, candidates: tuple[str, ...] = ()
) -> dict[tuple[str, Option], int]:
    """Return how often each option was chosen, by (target, option)."""
    if line.kind is Kind.SELECTION:
        counts = {(one, Option.CHOSEN): count for one, count in zip(candidates, opened.totals, strict=True)}
    else:
        options = options_of(item)
        counts = {(line.target, one): count for one, count in zip(options, opened.totals, strict=True)}
    return counts | {(line.target, Option.ABSTAIN): opened.abstentions}


def _score_rules(item: Item) -> ScoreRules:
    if not isinstance(item.rules, ScoreRules):
        raise EncodingError("secret.marks")
    return item.rules
