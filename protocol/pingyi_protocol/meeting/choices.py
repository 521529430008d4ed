"""From choices to outcomes: shares of a base, motions and the old question, ratings, and who is selected."""

from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import NamedTuple

from pingyi_protocol.meeting.definition import (
    GRADES,
    QUESTION,
    Base,
    Option,
    Passing,
    Quorum,
    RatingRules,
    SelectionRules,
)
from pingyi_protocol.meeting.figures import CandidateVotes, ChoiceFigures, OptionCount, Outcome, SelectionFigures

Votes = Mapping[Option, int]


class Counted(NamedTuple):
    """The numbers that a share can be taken of, and who did not vote.

    ``all_members`` and ``present`` are without the recused where these leave the base; ``cast`` counts ballots.
    """

    all_members: int
    present: int
    cast: int
    not_voted: int


def least_of(share: Quorum | Passing, whole: int) -> int:
    """Return the least number that has the share of ``whole``."""
    least, rest = divmod(share.numerator * whole, share.denominator)
    return least + 1 if share.strict or rest else least


def base_of(passing: Passing, counted: Counted, votes: Votes) -> int:
    """Return the number that the share is taken of."""
    match passing.base:
        case Base.ALL_MEMBERS:
            return counted.all_members
        case Base.PRESENT:
            return counted.present
        case Base.CAST:
            return counted.cast
        case Base.FOR_AND_AGAINST:
            return votes.get(Option.FOR, 0) + votes.get(Option.AGAINST, 0)


def needed(passing: Passing, base: int) -> int:
    """Return the least number of votes that passes: at least one, whatever the base."""
    return max(1, least_of(passing, base))


def question_figures(target: str, votes: Votes, passing: Passing, counted: Counted) -> ChoiceFigures:
    """Return the figures of a motion, or of the old question about ``target``."""
    base = base_of(passing, counted, votes)
    least = needed(passing, base)
    outcome = Outcome.PASSED if votes.get(Option.FOR, 0) >= least else Outcome.REJECTED
    return ChoiceFigures(target, option_counts(QUESTION, votes), counted.not_voted, base, least, outcome)


def rating_figures(target: str, votes: Votes, rules: RatingRules, counted: Counted) -> ChoiceFigures:
    """Return the figures of a rating of ``target``: the best grade that has the share, with those above it."""
    base = base_of(rules.passing, counted, votes)
    least = needed(rules.passing, base)
    upto = accumulate(votes.get(grade, 0) for grade in GRADES)
    reached = (grade for grade, count in zip(GRADES[:-1], upto, strict=False) if count >= least)
    outcome = Outcome(next(reached, GRADES[-1]).value)
    return ChoiceFigures(target, option_counts(GRADES, votes), counted.not_voted, base, least, outcome)


def option_counts(options: Iterable[Option], votes: Votes) -> tuple[OptionCount, ...]:
    """Return how often each option was chosen, in order, abstentions at the end."""
    return tuple(OptionCount(option, votes.get(option, 0)) for option in (*options, Option.ABSTAIN))


def selection_figures(
    votes: Mapping[str, int], places: int, rules: SelectionRules, abstentions: int, counted: Counted
) -> SelectionFigures:
    """Return the figures of a selection; ``votes`` of every candidate, in the item's order.

    Those with most votes win while there are places; who has as many votes as the last of them is tied with it where
    that makes more winners than places. A winner has at least one vote, and the share that the rules ask for.
    """
    passing = rules.passing
    base = counted.cast if passing is None else base_of(passing, counted, {})
    least = 1 if passing is None else needed(passing, base)
    falling = sorted(((count, target) for target, count in votes.items() if count >= least), key=lambda one: -one[0])
    edge = falling[places - 1][0] if 0 < places < len(falling) and falling[places][0] == falling[places - 1][0] else 0
    winners = tuple(target for count, target in falling[:places] if count > edge)
    return SelectionFigures(
        candidates=tuple(CandidateVotes(target, count) for target, count in votes.items()),
        places=places,
        abstentions=abstentions,
        not_voted=counted.not_voted,
        base=base,
        needed=least,
        winners=winners,
        tied=tuple(target for count, target in falling if edge and count == edge),
    )


def standing_again(found: SelectionFigures, targets: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """Return who stands again after a round of a selection of ``targets``, and for how many places; nobody for none.

    Those tied; or, where a round among some of the targets still left places, the others of that round.
    """
    left = found.places - len(found.winners)
    if found.tied:
        return found.tied, left
    stood = tuple(one.target for one in found.candidates)
    if stood == targets or not left:
        return (), 0
    return tuple(target for target in stood if target not in found.winners), left
