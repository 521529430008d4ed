"""Lawful ballots made of plain numbers, and what a heap of such ballots comes to when it is counted by hand."""

from collections import Counter
from collections.abc import Sequence

from kit.every_kind import scored
from pingyi_protocol.meeting.ballots import limits, sheet
from pingyi_protocol.meeting.commands import Answer, AnswerCount, Choice, Score
from pingyi_protocol.meeting.definition import GRADES, QUESTION, Item, Option, RatingRules, SelectionRules

Picks = Sequence[int | None]
"""At least eight numbers from 0 to 100, one for each line of a ballot; None abstains."""


def ballot_of(item: Item, picks: Picks, candidates: tuple[str, ...], places: int) -> tuple[Answer, ...]:
    """Return the ballot that these numbers make."""
    if isinstance(item.rules, SelectionRules):
        if picks[0] is None:
            return (Choice("", Option.ABSTAIN),)
        least, most = limits(item.rules, places, tied=candidates != item.targets)
        wanted = least + picks[0] % (most - least + 1)
        falling = sorted(range(len(candidates)), key=lambda place: -(picks[1 + place] or 0))[:wanted]
        return tuple(Choice(candidates[place], Option.CHOSEN) for place in sorted(falling))
    options = GRADES if isinstance(item.rules, RatingRules) else QUESTION
    answers: list[Answer] = []
    for pick, (kind, target, criterion) in zip(picks, sheet(item), strict=False):
        if kind is Score:
            # who abstains under one criterion of a target does so under all
            first = next((one for one in answers if isinstance(one, Score) and one.target == target), None)
            half = first is not None and (first.score is None) != (pick is None)
            answers.append(scored(target, (None if first.score is None else 50) if first and half else pick, criterion))
        else:
            answers.append(Choice(target, Option.ABSTAIN if pick is None else options[pick % len(options)]))
    return tuple(answers)


def counts_of(item: Item, heap: Sequence[Picks]) -> tuple[AnswerCount, ...]:
    """Return what a heap of ballots comes to, each target scored as a whole."""
    places = item.rules.winners if isinstance(item.rules, SelectionRules) else 0
    answers: Counter[Answer] = Counter()
    for picks in heap:
        for answer in ballot_of(item, picks, item.targets, places):
            if isinstance(answer, Score) and answer.criterion:
                # one criterion stands for the whole
                first = item.criteria_of(answer.target)[0].id
                answers.update(
                    [scored(answer.target, None if answer.score is None else str(answer.score))]
                    * (answer.criterion == first)
                )
            else:
                answers[answer] += 1
    return tuple(AnswerCount(answer, count) for answer, count in answers.items())
