"""Ranks with shared places."""

from fractions import Fraction

import numpy as np
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from pingyi_protocol.meeting.measures import shared_ranks


def test_two_share_the_second_place_and_nobody_is_third() -> None:
    values = {"water": Fraction(90), "culture": Fraction(95), "civil": Fraction(80), "transport": Fraction(180, 2)}
    assert shared_ranks(values) == {"water": 2, "culture": 1, "civil": 4, "transport": 2}


def test_a_difference_too_small_to_print_still_decides() -> None:
    assert shared_ranks({"a": Fraction(93), "b": Fraction(93) + Fraction(1, 10**30)}) == {"a": 2, "b": 1}


def test_nothing_to_rank() -> None:
    assert shared_ranks({}) == {}


@given(st.lists(st.integers(0, 12), min_size=1, max_size=30))
def test_ranks_are_those_of_scipy(values: list[int]) -> None:
    ranks = shared_ranks({str(place): Fraction(value, 7) for place, value in enumerate(values)})
    assert list(ranks.values()) == scipy.stats.rankdata(-np.array(values), method="min").tolist()


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.fractions(0, 3, max_denominator=3)))
def test_a_rank_is_one_more_than_the_number_of_better_values(values: dict[str, Fraction]) -> None:
    for key, rank in shared_ranks(values).items():
        assert rank == 1 + sum(other > values[key] for other in values.values())
