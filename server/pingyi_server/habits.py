"""What a simulated member does with an item: it depends on the seed, the member, the item and the round alone.

Timing never matters, so the same seed gives the same figures.
"""

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from pingyi_protocol.meeting.ballots import limits, sheet
from pingyi_protocol.meeting.commands import Answer, Choice, Score
from pingyi_protocol.meeting.definition import (
    GRADES,
    QUESTION,
    Item,
    MotionRules,
    Option,
    RatingRules,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.measures import plain

# shares of the answers to each kind of question, the first option's first
QUESTION_SHARES = (0.92, 0.08)
GRADE_SHARES = (0.74, 0.20, 0.06)
FULL_SELECTIONS = 0.85


class Standing(NamedTuple):
    """Which round it is, and who stands in it for how many places, where it is one of a selection."""

    number: int = 1
    candidates: tuple[str, ...] = ()
    places: int = 0


class Habit(NamedTuple):
    """What a member does with one item: when (0-1 of the voting time), and the answers; None casts nothing."""

    when: float
    answers: tuple[Answer, ...] | None


def first_round(item: Item) -> Standing:
    """Return how an item stands when it is opened for the first time."""
    return Standing(1, item.targets, item.rules.winners) if isinstance(item.rules, SelectionRules) else Standing()


def habit(seed: int, person: str, item: Item, standing: Standing | None = None) -> Habit:
    """Return what ``person`` does with ``item``: about 2 in 100 cast nothing and 2 abstain, others answer.

    Without ``standing`` in its first round.
    """
    one = standing or first_round(item)
    again = f"/{one.number}" if one.number > 1 else ""
    luck = random.Random(f"{seed}/{person}/{item.id}{again}")  # noqa: S311 - a simulation, repeatable on purpose
    when, kind = luck.random(), luck.random()
    if kind < 0.02:  # noqa: PLR2004 - see the docstring
        return Habit(when, None)
    if kind < 0.04 and item.rules.abstention:  # noqa: PLR2004 - see the docstring
        return Habit(when, abstentions(item))
    if isinstance(item.rules, SelectionRules):
        tied = one.candidates != item.targets
        return Habit(when, tuple(selected(seed, limits(item.rules, one.places, tied=tied), one, luck)))
    return Habit(when, tuple(answered(seed, item, luck)))


def abstentions(item: Item) -> tuple[Answer, ...]:
    """Return the ballot of who abstains from everything."""
    blank = (Choice("", Option.ABSTAIN),)
    given = (
        Score(target, criterion, None) if kind is Score else Choice(target, Option.ABSTAIN)
        for kind, target, criterion in sheet(item)
    )
    return blank if isinstance(item.rules, SelectionRules) else tuple(given)


def answered(seed: int, item: Item, luck: random.Random) -> Iterator[Answer]:
    """Yield an answer to each line of the sheet."""
    for kind, target, criterion in sheet(item):
        match item.rules:
            case ScoreRules() if kind is Score:
                yield Score(target, criterion, simulated_score(seed, target, item.rules, luck))
            case ScoreRules() | MotionRules():
                yield Choice(target, *luck.choices(QUESTION, QUESTION_SHARES))
            case RatingRules():
                yield Choice(target, *luck.choices(GRADES, GRADE_SHARES))


def selected(seed: int, size: tuple[int, int], standing: Standing, luck: random.Random) -> Iterator[Answer]:
    """Return a choice for each candidate that is chosen: mostly as many as one may, the well-liked more often.

    ``size`` is how many one chooses at least and at most.
    """
    least, most = size
    count = most if luck.random() < FULL_SELECTIONS else luck.randint(max(least, 1), most)
    liking = {target: opinion(seed, target) + luck.gauss(0, 0.05) for target in standing.candidates}
    chosen = set(sorted(liking, key=lambda target: liking[target], reverse=True)[:count])
    return (Choice(target, Option.CHOSEN) for target in standing.candidates if target in chosen)


def simulated_score(seed: int, target: str, rules: ScoreRules, luck: random.Random) -> Decimal:
    """Return a score around what this seed thinks of the target, on the item's grid."""
    share = min(1.0, max(0.0, luck.gauss(opinion(seed, target), 0.05)))
    steps = int((rules.highest - rules.lowest) / rules.step)
    return plain(rules.lowest + rules.step * round(share * steps))


def opinion(seed: int, target: str) -> float:
    """Return what this seed thinks of a target, as a share of the highest score."""
    return random.Random(f"{seed}/{target}").uniform(0.80, 0.95)  # noqa: S311 - see habit
