"""The figures of review groups, and which of them would tell what somebody gave.

A figure of few answers is withheld, and with it the next larger ones until so many answers are withheld together that
nobody's can be had by taking the shown groups from the whole: cell suppression with its complement, as statistical
offices do it.
"""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from rpds import HashTrieMap

from pingyi_protocol.meeting.ballots import ChoiceCounts, Tallies, with_answers
from pingyi_protocol.meeting.choices import option_counts
from pingyi_protocol.meeting.commands import Answer
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
from pingyi_protocol.meeting.figures import GroupChoice, GroupFigures, GroupTarget, OptionCount
from pingyi_protocol.meeting.measures import Tally, exact_measure, plain, rounded


def group_figures(
    item: Item, least: int, members: Mapping[str, str], ballots: Mapping[str, tuple[Answer, ...]]
) -> tuple[GroupFigures, ...]:
    """Return the figures of each review group, in the order of ``members`` (number to group, "" for none).

    ``ballots`` are those that count, by member number; ``least`` answers are not told from each other.
    """
    cast: dict[str, list[tuple[Answer, ...]]] = {group: [] for group in members.values()}
    for person, answers in ballots.items():
        cast[members[person]].append(answers)
    tallied = {group: tallied_ballots(item, answers) for group, answers in cast.items()}
    targets = list(group_targets(item, least, {group: tallies for group, (tallies, _) in tallied.items()}))
    received = {group: len(answers) for group, answers in cast.items()}
    choices = list(group_choices(item, least, {group: votes for group, (_, votes) in tallied.items()}, received))
    present = list(members.values())
    return tuple(
        GroupFigures(
            group=group,
            present=present.count(group),
            received=received[group],
            targets=tuple(line[group] for line in targets),
            choices=tuple(line[group] for line in choices),
        )
        for group in cast
        if group
    )


def tallied_ballots(item: Item, ballots: list[tuple[Answer, ...]]) -> tuple[Tallies, ChoiceCounts]:
    """Return the tallies of these ballots alone."""
    tallies: Tallies = HashTrieMap()
    votes: ChoiceCounts = HashTrieMap()
    for answers in ballots:
        tallies, votes = with_answers(item, tallies, votes, answers, 1)
    return tallies, votes


def withheld(answers: Mapping[str, int], least: int) -> frozenset[str]:
    """Return the groups whose figure is not shown, by how many answers each has; "" is never shown."""
    small = {group: count for group, count in answers.items() if group == "" or count < least}
    hidden = sum(small.values())
    if not hidden:
        return frozenset(small)
    larger = sorted((count, group) for group, count in answers.items() if group not in small)
    upto = accumulate((count for count, _ in larger), initial=hidden)
    return frozenset(small) | {group for before, (_, group) in zip(upto, larger, strict=False) if before < least}


def group_targets(item: Item, least: int, tallied: Mapping[str, Tallies]) -> Iterator[dict[str, GroupTarget]]:
    """The figures of each scored target, by group."""
    rules = item.rules
    if not isinstance(rules, ScoreRules):
        return
    for target in item.targets:
        tallies = {group: tallies.get((target, ""), Tally()) for group, tallies in tallied.items()}
        hidden = withheld({group: tally.scores for group, tally in tallies.items()}, least)
        yield {
            group: GroupTarget(target, None, None, None)
            if group in hidden
            else GroupTarget(target, tally.scores, plain(tally.total), rounded(exact_measure(tally, rules), rules))
            for group, tally in tallies.items()
        }


def group_choices(
    item: Item, least: int, voted: Mapping[str, ChoiceCounts], received: Mapping[str, int]
) -> Iterator[dict[str, GroupChoice]]:
    """The choices about each target, by group."""
    for target, options in questions_of(item):
        chosen = isinstance(item.rules, SelectionRules)
        counts = {
            # who abstains from a selection does so as a whole
            group: option_counts(
                options,
                {
                    option: votes.get(("" if chosen and option is Option.ABSTAIN else target, option), 0)
                    for option in Option
                },
            )
            for group, votes in voted.items()
        }
        answers = received if chosen else {group: answered(count) for group, count in counts.items()}
        hidden = withheld(answers, least)
        yield {group: GroupChoice(target, None if group in hidden else count) for group, count in counts.items()}


def questions_of(item: Item) -> Iterator[tuple[str, tuple[Option, ...]]]:
    """What is asked by choice, of each target, and the options besides abstaining."""
    match item.rules:
        case MotionRules():
            yield "", QUESTION
        case RatingRules():
            yield from ((target, GRADES) for target in item.targets)
        case SelectionRules():
            yield from ((target, (Option.CHOSEN,)) for target in item.targets)
        case ScoreRules(question=passing) if passing is not None:
            yield from ((target, QUESTION) for target in item.targets)


def answered(counts: tuple[OptionCount, ...]) -> int:
    """How many answers these are."""
    return sum(one.count for one in counts)
