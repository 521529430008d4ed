"""From choices to outcomes: shares of every base, the half, ratings, and who is selected; against slow counts."""

from collections import Counter
from fractions import Fraction
from itertools import product
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pingyi_protocol.meeting.choices import (
    Counted,
    base_of,
    needed,
    question_figures,
    rating_figures,
    selection_figures,
)
from pingyi_protocol.meeting.definition import Base, Option, Passing, RatingRules, SelectionRules
from pingyi_protocol.meeting.figures import CandidateVotes, OptionCount, Outcome, SelectionFigures

FOR, AGAINST, ABSTAIN = Option.FOR, Option.AGAINST, Option.ABSTAIN
GOOD, FAIR, POOR = Option.SATISFIED, Option.BASICALLY_SATISFIED, Option.NOT_SATISFIED
HALL = Counted(all_members=40, present=30, cast=24, not_voted=6)

passings = st.builds(
    lambda pair, base, strict: Passing(min(pair), max(pair), base, strict),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.sampled_from(Base),
    st.booleans(),
)
counts = st.integers(0, 60)


def has_share(votes: int, passing: Passing, base: int) -> bool:
    """The rule as a sentence: at least one vote, and more than the share of the base, or as much."""
    share = Fraction(passing.numerator, passing.denominator) * base
    return votes > 0 and (votes > share if passing.strict else votes >= share)


# motions, and the old question


@pytest.mark.parametrize(
    ("base", "strict", "least"),
    [
        (Base.ALL_MEMBERS, True, 21),
        (Base.ALL_MEMBERS, False, 20),
        (Base.PRESENT, True, 16),
        (Base.PRESENT, False, 15),
        (Base.CAST, True, 13),
        (Base.CAST, False, 12),
        (Base.FOR_AND_AGAINST, True, 11),
        (Base.FOR_AND_AGAINST, False, 10),
    ],
)
def test_more_than_half_and_at_least_half_of_every_base(base: Base, strict: bool, least: int) -> None:
    """40 members, 30 present, 24 ballots; 20 of them for or against, and 4 abstentions."""
    passing = Passing(1, 2, base, strict)
    for votes_for in range(21):
        votes = {FOR: votes_for, AGAINST: 20 - votes_for, ABSTAIN: 4}
        figures = question_figures("", votes, passing, HALL)
        assert figures.needed == least
        assert (figures.outcome is Outcome.PASSED) == (votes_for >= least)


@pytest.mark.parametrize(("base", "whole"), list(zip(Base, (40, 30, 24, 0), strict=True)))
def test_the_base_is_named_beside_the_outcome(base: Base, whole: int) -> None:
    figures = question_figures("T01", {ABSTAIN: 24}, Passing(1, 2, base), HALL)
    assert (figures.target, figures.base, figures.outcome) == ("T01", whole, Outcome.REJECTED)
    assert figures.counts == (OptionCount(FOR, 0), OptionCount(AGAINST, 0), OptionCount(ABSTAIN, 24))
    assert figures.not_voted == 6


@pytest.mark.parametrize(("base", "strict"), list(product(Base, (True, False))))
def test_out_of_nothing_nothing_passes_without_a_vote_for_it(base: Base, strict: bool) -> None:
    nobody = Counted(0, 0, 0, 0)
    figures = question_figures("", {}, Passing(1, 2, base, strict), nobody)
    assert (figures.base, figures.needed, figures.outcome) == (0, 1, Outcome.REJECTED)


def test_unanimity_is_all_of_the_base() -> None:
    passing = Passing(1, 1, Base.PRESENT, strict=False)
    assert question_figures("", {FOR: 30}, passing, HALL).outcome is Outcome.PASSED
    assert question_figures("", {FOR: 29, AGAINST: 1}, passing, HALL).outcome is Outcome.REJECTED


@pytest.mark.parametrize(("votes_for", "outcome"), [(26, Outcome.REJECTED), (27, Outcome.PASSED)])
def test_two_thirds_of_all_members(votes_for: int, outcome: Outcome) -> None:
    """Two thirds of 40 are 26 and two thirds: with 26 it is one vote short, strictly or not."""
    for strict in (True, False):
        assert question_figures("", {FOR: votes_for}, Passing(2, 3, strict=strict), HALL).outcome is outcome


@given(passings, counts, counts, counts, st.integers(0, 20))
def test_a_motion_passes_exactly_when_the_sentence_of_its_rule_is_true(
    passing: Passing, votes_for: int, against: int, abstained: int, away: int
) -> None:
    cast = votes_for + against + abstained
    hall = Counted(all_members=cast + 3 + away, present=cast + 3, cast=cast, not_voted=3)
    whole = {
        Base.ALL_MEMBERS: cast + 3 + away,
        Base.PRESENT: cast + 3,
        Base.CAST: cast,
        Base.FOR_AND_AGAINST: votes_for + against,
    }[passing.base]
    figures = question_figures("", {FOR: votes_for, AGAINST: against, ABSTAIN: abstained}, passing, hall)
    assert figures.base == whole
    assert (figures.outcome is Outcome.PASSED) == has_share(votes_for, passing, whole)
    assert has_share(figures.needed, passing, whole)
    assert not has_share(figures.needed - 1, passing, whole)


# numbers of real halls


def test_the_congress_of_2013() -> None:
    """2887 for, 15 against, 5 abstained and 3 did not vote, of 2910 present."""
    hall = Counted(all_members=2910, present=2910, cast=2907, not_voted=3)
    figures = question_figures("", {FOR: 2887, AGAINST: 15, ABSTAIN: 5}, Passing(), hall)
    assert sum(one.count for one in figures.counts) + figures.not_voted == 2910
    assert (figures.needed, figures.outcome) == (1456, Outcome.PASSED)


def test_the_congress_of_1990() -> None:
    """2486 / 5 / 28 / 90 of 2609 present: those who did not vote are neither against nor abstaining."""
    hall = Counted(all_members=2609, present=2609, cast=2519, not_voted=90)
    figures = question_figures("", {FOR: 2486, AGAINST: 5, ABSTAIN: 28}, Passing(base=Base.PRESENT), hall)
    assert [one.count for one in figures.counts] == [2486, 5, 28]
    assert sum(one.count for one in figures.counts) + figures.not_voted == 2609
    assert (figures.base, figures.needed, figures.outcome) == (2609, 1305, Outcome.PASSED)


EIGHT = [(28, 1, 0), (20, 8, 1), (26, 3, 0), (29, 0, 0), (17, 11, 1), (26, 3, 0), (17, 11, 1), (28, 1, 0)]
"""Satisfaction with eight reports, 29 present, as one county published them."""


@pytest.mark.parametrize("votes", EIGHT)
def test_the_eight_satisfaction_counts_of_one_county(votes: tuple[int, int, int]) -> None:
    hall = Counted(all_members=29, present=29, cast=29, not_voted=0)
    assert sum(votes) == 29
    figures = rating_figures("T01", dict(zip((GOOD, FAIR, POOR), votes, strict=True)), RatingRules(), hall)
    assert [one.count for one in figures.counts] == [*votes, 0]
    # at least half of 29 are 15
    assert (figures.needed, figures.outcome) == (15, Outcome.SATISFIED)


def test_the_same_counts_under_a_stricter_hall() -> None:
    """Of two thirds of 29 (at least 20) only the two with 17 satisfied fall to the second grade."""
    hall = Counted(all_members=29, present=29, cast=29, not_voted=0)
    rules = RatingRules(passing=Passing(2, 3, Base.PRESENT, strict=False))
    outcomes = [
        rating_figures("T01", dict(zip((GOOD, FAIR, POOR), votes, strict=True)), rules, hall).outcome for votes in EIGHT
    ]
    assert [place for place, outcome in enumerate(outcomes) if outcome is not Outcome.SATISFIED] == [4, 6]
    assert outcomes[4] is outcomes[6] is Outcome.BASICALLY_SATISFIED


# ratings


@pytest.mark.parametrize(
    ("votes", "at_least_half", "more_than_half"),
    [
        ((20, 0, 20), Outcome.SATISFIED, Outcome.NOT_SATISFIED),
        ((20, 1, 19), Outcome.SATISFIED, Outcome.BASICALLY_SATISFIED),
        ((21, 0, 19), Outcome.SATISFIED, Outcome.SATISFIED),
        ((19, 1, 20), Outcome.BASICALLY_SATISFIED, Outcome.NOT_SATISFIED),
        ((19, 2, 19), Outcome.BASICALLY_SATISFIED, Outcome.BASICALLY_SATISFIED),
        ((0, 20, 20), Outcome.BASICALLY_SATISFIED, Outcome.NOT_SATISFIED),
        ((19, 0, 21), Outcome.NOT_SATISFIED, Outcome.NOT_SATISFIED),
        ((0, 0, 40), Outcome.NOT_SATISFIED, Outcome.NOT_SATISFIED),
        ((0, 0, 0), Outcome.NOT_SATISFIED, Outcome.NOT_SATISFIED),
    ],
)
def test_exactly_half_of_all_members_is_the_halls_own_boundary(
    votes: tuple[int, int, int], at_least_half: Outcome, more_than_half: Outcome
) -> None:
    """One county's rule: at least half of all (40) members satisfied; or basically so with them; else not."""
    hall = Counted(all_members=40, present=40, cast=sum(votes), not_voted=40 - sum(votes))
    given = dict(zip((GOOD, FAIR, POOR), votes, strict=True))
    assert rating_figures("T01", given, RatingRules(), hall).outcome is at_least_half
    strict = RatingRules(passing=Passing(strict=True))
    assert rating_figures("T01", given, strict, hall).outcome is more_than_half


@given(passings.filter(lambda one: one.base is not Base.FOR_AND_AGAINST), counts, counts, counts, counts)
def test_a_rating_is_the_best_grade_that_with_those_above_it_has_the_share(
    passing: Passing, good: int, fair: int, poor: int, abstained: int
) -> None:
    cast = good + fair + poor + abstained
    hall = Counted(all_members=cast + 9, present=cast + 2, cast=cast, not_voted=2)
    whole = {Base.ALL_MEMBERS: cast + 9, Base.PRESENT: cast + 2, Base.CAST: cast}[passing.base]
    if has_share(good, passing, whole):
        expected = Outcome.SATISFIED
    elif has_share(good + fair, passing, whole):
        expected = Outcome.BASICALLY_SATISFIED
    else:
        expected = Outcome.NOT_SATISFIED
    votes = {GOOD: good, FAIR: fair, POOR: poor, ABSTAIN: abstained}
    figures = rating_figures("T01", votes, RatingRules(passing=passing), hall)
    assert (figures.base, figures.outcome) == (whole, expected)


# selections


def selected(votes: dict[str, int], places: int, passing: Passing | None = None, cast: int = 20) -> SelectionFigures:
    hall = Counted(all_members=40, present=30, cast=cast, not_voted=30 - cast)
    return selection_figures(votes, places, SelectionRules(winners=places, passing=passing), 0, hall)


def test_without_a_passing_rule_one_vote_is_needed_and_is_enough() -> None:
    figures = selected({"a": 1, "b": 0}, 2)
    assert (figures.needed, figures.winners, figures.tied) == (1, ("a",), ())


def test_those_with_most_votes_win_the_most_first() -> None:
    figures = selected({"a": 3, "b": 9, "c": 5, "d": 7}, 2)
    assert (figures.winners, figures.tied) == (("b", "d"), ())
    assert figures.candidates == tuple(CandidateVotes(*one) for one in (("a", 3), ("b", 9), ("c", 5), ("d", 7)))


@pytest.mark.parametrize(
    ("votes", "places", "winners", "tied"),
    [
        ({"a": 9, "b": 5, "c": 5}, 2, ("a",), ("b", "c")),
        ({"a": 5, "b": 5, "c": 9}, 2, ("c",), ("a", "b")),
        ({"a": 5, "b": 5, "c": 5}, 2, (), ("a", "b", "c")),
        ({"a": 5, "b": 5, "c": 1}, 2, ("a", "b"), ()),
        ({"a": 9, "b": 9, "c": 5, "d": 5, "e": 5}, 4, ("a", "b"), ("c", "d", "e")),
        ({"a": 5, "b": 5}, 3, ("a", "b"), ()),
        ({"a": 5, "b": 0, "c": 0}, 2, ("a",), ()),
        ({"a": 0, "b": 0}, 1, (), ()),
    ],
)
def test_a_tie_at_the_edge_leaves_the_places_open_and_a_tie_above_it_does_not(
    votes: dict[str, int], places: int, winners: tuple[str, ...], tied: tuple[str, ...]
) -> None:
    figures = selected(votes, places)
    assert (figures.winners, figures.tied) == (winners, tied)


def test_who_has_not_the_share_wins_no_place_and_is_not_tied_for_one() -> None:
    more_than_half_present = Passing(1, 2, Base.PRESENT)
    figures = selected({"a": 16, "b": 15, "c": 15}, 2, more_than_half_present)
    assert (figures.base, figures.needed, figures.winners, figures.tied) == (30, 16, ("a",), ())
    at_least_half_present = Passing(1, 2, Base.PRESENT, strict=False)
    figures = selected({"a": 16, "b": 15, "c": 15}, 2, at_least_half_present)
    assert (figures.needed, figures.winners, figures.tied) == (15, ("a",), ("b", "c"))


ballots = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 6), min_size=1)


@given(ballots, st.integers(1, 6), st.none() | passings.filter(lambda one: one.base is not Base.FOR_AND_AGAINST))
def test_who_wins_is_who_wins_in_every_order_of_the_tied(
    votes: dict[str, int], places: int, passing: Passing | None
) -> None:
    """A slow count: a candidate wins if fewer than ``places`` others have as many votes, loses if so many have more."""
    figures = selection_figures(
        MappingProxyType(votes), places, SelectionRules(passing=passing), 0, Counted(13, 11, 9, 2)
    )
    base = 9 if passing is None else base_of(passing, Counted(13, 11, 9, 2), {})
    able = {who: count for who, count in votes.items() if passing is None or has_share(count, passing, base)}
    able = {who: count for who, count in able.items() if count}
    as_many = {who: sum(other >= count for other in able.values()) - 1 for who, count in able.items()}
    more = {who: sum(other > count for other in able.values()) for who, count in able.items()}
    assert set(figures.winners) == {who for who in able if as_many[who] < places}
    assert set(figures.tied) == {who for who in able if as_many[who] >= places > more[who]}
    assert [votes[who] for who in figures.winners] == sorted((votes[who] for who in figures.winners), reverse=True)
    # among those tied there is at least one place, and fewer than they are
    left = places - len(figures.winners)
    assert not figures.tied or 0 < left < len(figures.tied)
    assert len({votes[who] for who in figures.tied}) <= 1
    assert Counter(figures.winners + figures.tied).total() == len({*figures.winners, *figures.tied})


@given(passings, st.integers(0, 5000))
def test_what_is_needed_is_the_least_that_has_the_share(passing: Passing, base: int) -> None:
    least = needed(passing, base)
    assert has_share(least, passing, base)
    assert not has_share(least - 1, passing, base)
