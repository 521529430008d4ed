"""The second count is other code for the same arithmetic: on any ballots the two agree."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.factories import BANDS, live_rules
from kit.records import small_meeting
from pingyi_protocol.meeting.commands import Score
from pingyi_protocol.meeting.definition import MeasureKind, ScoreRules
from pingyi_protocol.meeting.events import (
    BallotCast,
    CheckedIn,
    RecusalLifted,
    Recused,
    ResultAnnounced,
    RoundClosed,
    RoundOpened,
)
from pingyi_protocol.meeting.measures import Tally, target_figures
from pingyi_protocol.record import recount_figures
from pingyi_protocol.record.recount import Recount

ANSWERS = st.lists(
    st.none() | st.integers(-40, 400).map(lambda quarters: (Decimal(quarters) / 4).normalize() + 0), max_size=30
)


@st.composite
def rules(draw: st.DrawFn) -> ScoreRules:
    dropped = draw(st.integers(0, 3))
    kinds = list(MeasureKind) if dropped else [MeasureKind.MEAN, MeasureKind.MEDIAN]
    return live_rules(
        measure=draw(st.sampled_from(kinds)),
        dropped=dropped,
        least_scores=draw(st.integers(2 * dropped + 1, 10)),
        decimals=draw(st.integers(0, 4)),
        bands=draw(st.sampled_from([BANDS, ()])),
    )


@given(answers=ANSWERS, chosen=rules(), not_voted=st.integers(0, 9))
def test_both_counts_give_the_same_figures(
    answers: Sequence[Decimal | None], chosen: ScoreRules, not_voted: int
) -> None:
    tally = Tally()
    for answer in answers:
        tally = tally.add(answer)
    exact = [None if answer is None else Fraction(answer) for answer in answers]
    assert recount_figures.target_figures("T", exact, chosen, not_voted) == target_figures(
        "T", tally, chosen, not_voted
    )


@pytest.mark.parametrize(
    ("value", "decimals", "wanted"),
    [
        (Fraction(1, 200), 2, "0.01"),
        (Fraction(1249, 10000), 2, "0.12"),
        (Fraction(2, 3), 4, "0.6667"),
        (Fraction(-1, 200), 2, "-0.01"),
        (Fraction(185, 2), 0, "93"),
    ],
)
def test_rounding_is_half_up(value: Fraction, decimals: int, wanted: str) -> None:
    assert str(recount_figures.rounded(value, decimals)) == wanted


def events() -> list[object]:
    """Return a round of two members, as it should be."""
    record = small_meeting().finish()
    definition = record.entry(1).event
    answers = (Score("T01", "", Decimal(80)),)
    return [
        definition,
        CheckedIn("M01", ""),
        CheckedIn("M02", ""),
        RoundOpened("1", 1, None),
        BallotCast("M01", "1", 1, "a", answers),
        BallotCast("M02", "1", 1, "b", answers),
        RoundClosed("1", 1, 3, 5, 2, 2, 0),
    ]


def counted(happened: Sequence[object], *, held: bool = True) -> list[str]:
    """Return what the second count finds in these events."""
    second = Recount()
    for leaf, event in enumerate(happened):
        second.take(leaf, event, held=held or leaf < 4)  # type: ignore[arg-type]  # every one is an event
    return [fault.key for fault in second.faults()]


def test_a_true_close_has_no_fault() -> None:
    assert counted(events()) == []


def test_ballots_that_are_not_borne_out_do_not_count() -> None:
    assert counted(events(), held=False) == ["recount.close"]


def test_ballots_beyond_the_declared_leaves_do_not_count() -> None:
    happened = events()
    happened[-1] = RoundClosed("1", 1, 3, 4, 2, 2, 0)
    assert counted(happened) == ["recount.close"]


def test_a_ballot_of_somebody_who_was_not_present_is_named() -> None:
    happened = events()
    del happened[2]
    happened[-1] = RoundClosed("1", 1, 2, 4, 1, 2, 0)
    assert counted(happened) == ["recount.absent"]


def test_a_ballot_of_somebody_who_is_recused_is_named() -> None:
    happened = events()
    happened.insert(3, Recused("M02", "1", "理由"))
    happened[-1] = RoundClosed("1", 1, 4, 6, 2, 2, 1)
    assert counted(happened) == ["recount.recused"]
    happened.insert(4, RecusalLifted("M02", "1", "理由"))
    happened[-1] = RoundClosed("1", 1, 5, 7, 2, 2, 0)
    assert counted(happened) == []
    happened[-1] = RoundClosed("1", 1, 5, 7, 2, 2, 1)
    assert counted(happened) == ["recount.close"]


def test_figures_without_a_close_or_of_other_targets_are_named() -> None:
    record = small_meeting().finish()
    announced = record.entry(record.find(ResultAnnounced, 1)).event
    assert isinstance(announced, ResultAnnounced)
    assert counted([*events(), announced]) == ["recount.not_closed"]
    first = record.entry(record.find(ResultAnnounced)).event
    assert isinstance(first, ResultAnnounced)
    empty = ResultAnnounced(type(first.figures)("1", 1, 2, 2, 0, ()))
    assert counted([*events(), empty]) == ["recount.targets"]
