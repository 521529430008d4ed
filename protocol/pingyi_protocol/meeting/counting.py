"""From a round to its figures: what was tallied ballot by ballot, put together as it is published."""

from collections.abc import Iterator
from fractions import Fraction

from pingyi_protocol.meeting.choices import (
    Counted,
    Votes,
    question_figures,
    rating_figures,
    selection_figures,
)
from pingyi_protocol.meeting.definition import (
    Item,
    MotionRules,
    Option,
    RatingRules,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.figures import (
    ChoiceFigures,
    CriterionFigures,
    GroupFigures,
    RoundFigures,
    SelectionFigures,
    TargetFigures,
)
from pingyi_protocol.meeting.groups import group_figures
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.measures import Tally, criterion_figures, exact_measure, target_figures
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.meeting.sums import Sums, summed_criterion, summed_figures, summed_measure


def round_figures(meeting: Meeting, one: Round) -> RoundFigures:
    """Return the figures of a round as it stands; those of its groups once it is closed."""
    item = meeting.items[one.item]
    return RoundFigures(
        item=one.item,
        round=one.number,
        present=len(one.present),
        received=one.received,
        recused=one.recused_present,
        targets=tuple(target_figures_of(item, one)),
        choices=tuple(choice_figures_of(item, one, counted(meeting, one))),
        selection=selection_figures_of(item, one, counted(meeting, one)),
        groups=() if one.live or one.manual else group_figures_of(meeting, item, one),
        invalid=one.invalid,
        manual=one.manual.reason if one.manual else "",
    )


def counted(meeting: Meeting, one: Round) -> Counted:
    """Return the numbers that shares are taken of."""
    leave = meeting.definition is None or meeting.definition.meeting.recused_leave
    return Counted(
        all_members=len(meeting.entitled) - (len(one.recused) if leave else 0),
        present=len(one.present) - (one.recused_present if leave else 0),
        cast=one.received,
        not_voted=one.not_voted,
    )


def target_figures_of(item: Item, one: Round) -> Iterator[TargetFigures]:
    """The figures of each target that is scored."""
    rules = item.rules
    if not isinstance(rules, ScoreRules):
        return
    for target in item.targets:
        if one.sealing is not None and (target, "") in one.sealing.sums:
            yield summed_figures_of(item, one, rules, target, one.sealing.sums)
            continue
        tally = one.tallies.get((target, ""), Tally())
        yield target_figures(target, tally, rules, one.not_voted, criteria_figures_of(item, one, rules, target))


def measure_of(one: Round, target: str, rules: ScoreRules) -> Fraction | None:
    """Return the item's own measure of a target, unrounded, whatever it was counted from; None with too few scores."""
    if one.sealing is not None and (target, "") in one.sealing.sums:
        return summed_measure(one.sealing.sums[target, ""], rules)
    return exact_measure(one.tallies.get((target, ""), Tally()), rules)


def summed_figures_of(item: Item, one: Round, rules: ScoreRules, target: str, sums: Sums) -> TargetFigures:
    """The figures of a target of which only the sum was opened, and of its criteria."""
    criteria = tuple(summed_criterion(each.id, sums[target, each.id], rules) for each in item.criteria_of(target))
    return summed_figures(target, sums[target, ""], rules, one.not_voted, criteria)


def criteria_figures_of(item: Item, one: Round, rules: ScoreRules, target: str) -> tuple[CriterionFigures, ...]:
    """The figures of each criterion of a target; none where whole scores were entered by hand."""
    if one.manual is not None or one.sealing is not None:
        return ()
    ids = (criterion.id for criterion in item.criteria_of(target))
    return tuple(criterion_figures(key, one.tallies.get((target, key), Tally()), rules) for key in ids)


def choice_figures_of(item: Item, one: Round, numbers: Counted) -> Iterator[ChoiceFigures]:
    """The figures of a motion, of each target's rating, or of the old question about it."""
    match item.rules:
        case MotionRules(passing=passing):
            yield question_figures("", votes_on(one, ""), passing, numbers)
        case RatingRules() as rules:
            for target in item.targets:
                yield rating_figures(target, votes_on(one, target), rules, numbers)
        case ScoreRules(question=passing) if passing is not None:
            for target in item.targets:
                yield question_figures(target, votes_on(one, target), passing, numbers)


def selection_figures_of(item: Item, one: Round, numbers: Counted) -> SelectionFigures | None:
    """The figures of a selection."""
    if not isinstance(item.rules, SelectionRules):
        return None
    votes = {target: one.votes.get((target, Option.CHOSEN), 0) for target in one.candidates}
    return selection_figures(votes, one.places, item.rules, one.votes.get(("", Option.ABSTAIN), 0), numbers)


def elected(meeting: Meeting, item: Item) -> tuple[str, ...]:
    """Return who has won a place of a selection by its announced rounds that count, in the order of the rounds.

    A round among all the candidates begins anew; one among some of them adds to those before.
    """
    found: tuple[str, ...] = ()
    for one in meeting.rounds:
        if one.item != item.id or one.phase is not Phase.ANNOUNCED:
            continue
        chosen = selection_figures_of(item, one, counted(meeting, one))
        if chosen is not None:
            whole = one.candidates == item.targets and one.places == places_of(item)
            found = chosen.winners if whole else (*found, *chosen.winners)
    return found


def places_of(item: Item) -> int:
    """How many places a selection fills in all, 0 for any other kind of item."""
    return item.rules.winners if isinstance(item.rules, SelectionRules) else 0


def votes_on(one: Round, target: str) -> Votes:
    """How often each option was chosen for a target."""
    return {option: one.votes.get((target, option), 0) for option in Option}


def group_figures_of(meeting: Meeting, item: Item, one: Round) -> tuple[GroupFigures, ...]:
    """The figures of each review group, where the item asks for them."""
    if item.rules.least_group is None or meeting.definition is None:
        return ()
    voting = [person for person in meeting.definition.entitled if person.number in one.present]
    members = {person.number: person.group for person in voting if person.number not in one.recused}
    return group_figures(item, item.rules.least_group, members, {who: one.ballots[who].answers for who in one.ballots})
