"""What a ballot of each kind of item may say, and what its answers add to the tallies."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby
from typing import TypeAlias

from rpds import HashTrieMap

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
from pingyi_protocol.meeting.measures import Tally, weighted
from pingyi_protocol.meeting.refusal import Reason, Refusal

WRITTEN = re.compile(r"(?!-0$)-?[0-9]{1,7}(\.[0-9]{0,5}[1-9])?")
"""The one way to write a score, as wide as a definition's numbers can be."""

Line: TypeAlias = tuple[type[Score] | type[Choice], str, str]
"""What one answer is about: its kind, its target, its criterion."""

Tallies: TypeAlias = "HashTrieMap[tuple[str, str], Tally]"
"""Scores by (target, criterion), "" for the target as a whole."""

ChoiceCounts: TypeAlias = "HashTrieMap[tuple[str, Option], int]"
"""How often each option was chosen, by (target, option)."""


def sheet(item: Item) -> tuple[Line, ...]:
    """Return the lines of a ballot, which are all to be answered; those of a selection are the candidates chosen."""
    match item.rules:
        case ScoreRules(question=question):
            return tuple(
                line for target in item.targets for line in score_lines(item, target, asked=question is not None)
            )
        case MotionRules():
            return ((Choice, "", ""),)
        case RatingRules():
            return tuple((Choice, target, "") for target in item.targets)
        case SelectionRules():
            return ()


def score_lines(item: Item, target: str, *, asked: bool) -> Iterator[Line]:
    """A target's score, or one under each criterion, and the old question where it is asked."""
    for criterion in item.criteria_of(target):
        yield Score, target, criterion.id
    if not item.criteria_of(target):
        yield Score, target, ""
    if asked:
        yield Choice, target, ""


def line_of(answer: Answer) -> Line:
    """Return what an answer is about."""
    return type(answer), answer.target, answer.criterion if isinstance(answer, Score) else ""


def misfit(item: Item, answers: tuple[Answer, ...], candidates: tuple[str, ...], places: int) -> Refusal | None:
    """Why the answers are no ballot for this item, if so; ``candidates`` and ``places`` are a selection's."""
    if isinstance(item.rules, SelectionRules):
        return misselected(item.rules, answers, candidates, limits(item.rules, places, tied=candidates != item.targets))
    if tuple(map(line_of, answers)) != sheet(item):
        return Refusal(Reason.ANSWERS_MISFIT)
    refused = next(filter(None, (unanswerable(item, answer) for answer in answers)), None)
    return refused or half_abstained(answers)


def whole_lines(item: Item) -> tuple[Line, ...]:
    """Return the lines of a result that is entered by hand: as on a ballot, each target's score as a whole."""
    return tuple(dict.fromkeys((kind, target, "") for kind, target, _ in sheet(item)))


def unanswerable(item: Item, answer: Answer) -> Refusal | None:
    """Why this is no answer to its line, if so."""
    if isinstance(answer, Score):
        if not isinstance(item.rules, ScoreRules):
            return Refusal(Reason.ANSWERS_MISFIT)
        # a whole score under weighted criteria lies between the steps
        free = not answer.criterion and bool(item.criteria_of(answer.target))
        return misscored(item.rules, answer.score, free=free)
    if answer.option is Option.ABSTAIN:
        return None if item.rules.abstention else Refusal(Reason.ABSTENTION_NOT_ALLOWED)
    options = GRADES if isinstance(item.rules, RatingRules) else QUESTION
    return None if answer.option in options else Refusal(Reason.ANSWERS_MISFIT)


def misscored(rules: ScoreRules, score: Decimal | None, *, free: bool) -> Refusal | None:
    """Why this is no score, nor an abstention, that the rules take, if so; a ``free`` one may lie between the steps."""
    if score is None:
        return None if rules.abstention else Refusal(Reason.ABSTENTION_NOT_ALLOWED)
    if on_grid(score, rules) or (free and in_range(score, rules)):
        return None
    words = {"lowest": str(rules.lowest), "highest": str(rules.highest), "step": str(rules.step)}
    return Refusal(Reason.SCORE_OFF_GRID, words)


def half_abstained(answers: tuple[Answer, ...]) -> Refusal | None:
    """Who abstains under one criterion of a target abstains under all: half a score has no weight."""
    scores = (answer for answer in answers if isinstance(answer, Score))
    for target, under in groupby(scores, key=lambda answer: answer.target):
        if len({answer.score is None for answer in under}) > 1:
            return Refusal(Reason.HALF_ABSTAINED, {"target": target})
    return None


def misselected(
    rules: SelectionRules, answers: tuple[Answer, ...], candidates: tuple[str, ...], size: tuple[int, int]
) -> Refusal | None:
    """Why this is no selection: candidates in their order, each once, not too many and not too few (``size``)."""
    if answers == (Choice("", Option.ABSTAIN),):
        return None if rules.abstention else Refusal(Reason.ABSTENTION_NOT_ALLOWED)
    chosen = [answer.target for answer in answers if isinstance(answer, Choice) and answer.option is Option.CHOSEN]
    if len(chosen) < len(answers) or chosen != [target for target in candidates if target in set(chosen)]:
        return Refusal(Reason.ANSWERS_MISFIT)
    least, most = size
    if not least <= len(chosen) <= most:
        return Refusal(Reason.SELECTION_SIZE, {"chosen": str(len(chosen)), "least": str(least), "most": str(most)})
    return None


def limits(rules: SelectionRules, places: int, *, tied: bool) -> tuple[int, int]:
    """Return how many candidates one chooses at least and at most; among those ``tied`` no more than places are left.

    Those tied stand alone: a round's candidates are then not the item's targets.
    """
    most = min(rules.most, places) if tied else rules.most
    return min(rules.least, most), most


def on_grid(score: Decimal, rules: ScoreRules) -> bool:
    """Whether ``score`` is in range, on a step, and written in the one way (92, not 92.0 or 9.2E1)."""
    # the form comes first: it bounds the digits, so that the arithmetic after it is exact
    return in_range(score, rules) and (score - rules.lowest) % rules.step == 0


def in_range(score: Decimal, rules: ScoreRules) -> bool:
    """Whether ``score`` is written in the one way, and neither too low nor too high."""
    return WRITTEN.fullmatch(str(score)) is not None and rules.lowest <= score <= rules.highest


def scores_of(item: Item, answers: tuple[Answer, ...]) -> Iterator[tuple[tuple[str, str], Decimal | None]]:
    """Return what a ballot adds to the tallies of scores, by (target, criterion); "" is the target as a whole."""
    scores = (answer for answer in answers if isinstance(answer, Score))
    for target, group in groupby(scores, key=lambda answer: answer.target):
        under = tuple(group)
        yield from (((target, answer.criterion), answer.score) for answer in under)
        if under[0].criterion:
            weights = {criterion.id: criterion.weight for criterion in item.criteria_of(target)}
            given = [(answer.score, weights[answer.criterion]) for answer in under if answer.score is not None]
            yield (target, ""), weighted(given) if given else None


def choices_of(answers: tuple[Answer, ...]) -> Iterator[tuple[str, Option]]:
    """Return what a ballot adds to the votes by choice."""
    return ((answer.target, answer.option) for answer in answers if isinstance(answer, Choice))


def with_answers(
    item: Item, tallies: Tallies, votes: ChoiceCounts, answers: tuple[Answer, ...], times: int
) -> tuple[Tallies, ChoiceCounts]:
    """Return the tallies with ``times`` such ballots more, or less; costs the same however many there are."""
    for key, score in scores_of(item, answers):
        tallies = tallies.insert(key, tallies.get(key, Tally()).add(score, times))
    for choice in choices_of(answers):
        votes = votes.insert(choice, votes.get(choice, 0) + times)
    return tallies, votes
