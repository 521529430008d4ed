"""Encodings: what bits can say, what is proven of them, what their totals mean."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rpds import HashTrieMap

from pingyi_protocol.meeting.ballots import Tallies, with_answers
from pingyi_protocol.meeting.commands import Answer, Choice, Score
from pingyi_protocol.meeting.definition import (
    GRADES,
    Band,
    Criterion,
    Item,
    MeasureKind,
    MotionRules,
    Opens,
    Option,
    Passing,
    RatingRules,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.measures import Tally
from pingyi_protocol.secret.encoding import (
    Distribution,
    Encoding,
    EncodingError,
    Marks,
    Selection,
    Sum,
    ballot_bytes,
    weights,
)
from pingyi_protocol.secret.sheet import (
    Kind,
    check_opening,
    choice_counts,
    lines_of,
    marks_of,
    score_tally,
    sum_tallies,
)

SMALL: tuple[Encoding, ...] = (
    Sum(1),
    Sum(5),
    Sum(6, abstention=True),
    Sum(3, 2, abstention=True),
    Distribution(1),
    Distribution(4),
    Distribution(3, abstention=True),
    Selection(4, 1, 2),
    Selection(4, 0, 4, abstention=True),
    Selection(3, 2, 2, abstention=True),
)


def answers_of(encoding: Encoding) -> list[Marks]:
    match encoding:
        case Sum():
            found: list[Marks] = list(product(range(encoding.steps + 1), repeat=encoding.parts))
        case Distribution():
            found = [(place,) for place in range(encoding.choices)]
        case Selection():
            bits = product((0, 1), repeat=encoding.candidates)
            found = [
                tuple(place for place, bit in enumerate(one) if bit)
                for one in bits
                if encoding.least <= sum(one) <= encoding.most
            ]
    return [*found, None] if encoding.abstention else found


def summed(encoding: Encoding, bits: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sum(bits[place] * factor for place, factor in factors) for factors in encoding.openings)


def kept(encoding: Encoding, bits: tuple[int, ...]) -> bool:
    return all(sum(bits[place] * factor for place, factor in one.factors) in one.values for one in encoding.claims)


def added(encoding: Encoding, marks: Iterable[Marks]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*(summed(encoding, encoding.vector(one)) for one in marks), strict=True)))


@given(st.integers(1, 700))
def test_sums_of_weights_are_every_number_of_steps_and_no_other(steps: int) -> None:
    sums = {0}
    for weight in weights(steps):
        sums |= {one + weight for one in sums}
    assert sums == set(range(steps + 1))
    assert len(weights(steps)) == steps.bit_length()


def test_the_weights_of_a_score_to_100() -> None:
    assert weights(100) == (1, 2, 4, 8, 16, 32, 37)


@pytest.mark.parametrize("encoding", SMALL, ids=lambda one: one.name)
def test_exactly_the_answers_can_be_proven(encoding: Encoding) -> None:
    """Every vector of small numbers: those that keep all claims open to what an answer opens to, and no others."""
    length = encoding.length
    vectors = product(range(-1, 3), repeat=length) if length < 6 else product((0, 1), repeat=length)
    possible = {summed(encoding, encoding.vector(marks)) for marks in answers_of(encoding)}
    assert {summed(encoding, bits) for bits in vectors if kept(encoding, bits)} == possible
    assert len(possible) == len(answers_of(encoding))


@pytest.mark.parametrize("encoding", SMALL, ids=lambda one: one.name)
def test_an_abstention_leaves_all_else_empty(encoding: Encoding) -> None:
    for bits in product((0, 1), repeat=encoding.length):
        if encoding.abstention and bits[-1] and kept(encoding, bits):
            assert not any(bits[:-1])


@pytest.mark.parametrize("encoding", SMALL, ids=lambda one: one.name)
def test_one_ballot_opens_to_its_answer(encoding: Encoding) -> None:
    for marks in answers_of(encoding):
        opened = encoding.decode(summed(encoding, encoding.vector(marks)), 1)
        assert opened.abstentions == (marks is None)
        if marks is None:
            assert not any(opened.totals)
        elif isinstance(encoding, Sum):
            assert opened.totals == marks
        else:
            assert tuple(place for place, count in enumerate(opened.totals) if count) == marks


@pytest.mark.parametrize("encoding", SMALL, ids=lambda one: one.name)
def test_no_total_is_above_its_bound(encoding: Encoding) -> None:
    most = [max(one) for one in zip(*(added(encoding, [marks] * 4) for marks in answers_of(encoding)), strict=True)]
    assert tuple(most) == encoding.bounds(4)


@pytest.mark.parametrize(
    ("encoding", "marks"),
    [
        (Sum(5), (6,)),
        (Sum(5), (-1,)),
        (Sum(5), (1, 1)),
        (Sum(5), ()),
        (Distribution(3), (3,)),
        (Distribution(3), (0, 1)),
        (Selection(3, 1, 2), ()),
        (Selection(3, 1, 2), (0, 1, 2)),
        (Selection(3, 1, 2), (1, 0)),
        (Selection(3, 1, 2), (0, 0)),
        (Selection(3, 1, 2), (3,)),
        (Sum(5), None),
        (Distribution(3), None),
        (Selection(3, 1, 2), None),
    ],
)
def test_what_is_no_answer_is_refused(encoding: Encoding, marks: Marks) -> None:
    with pytest.raises(EncodingError) as error:
        encoding.vector(marks)
    assert error.value.key == ("secret.no_abstention" if marks is None else "secret.marks")


@pytest.mark.parametrize(
    ("encoding", "totals"),
    [
        (Sum(5), (16,)),
        (Sum(5, abstention=True), (11, 1)),
        (Sum(5, abstention=True), (0, 4)),
        (Distribution(2), (1, 1)),
        (Distribution(2, abstention=True), (1, 1, 2)),
        (Selection(3, 1, 2), (1, 1, 0)),
        (Selection(3, 1, 2), (3, 3, 1)),
        (Selection(3, 1, 2, abstention=True), (2, 0, 0, 2)),
        (Selection(3, 0, 2, abstention=True), (1, 0, 0, 3)),
    ],
)
def test_totals_that_three_ballots_cannot_give_are_refused(encoding: Encoding, totals: tuple[int, ...]) -> None:
    with pytest.raises(EncodingError) as error:
        encoding.decode(totals, 3)
    assert error.value.key == "secret.totals"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sum(0),
        lambda: Sum(3, 0),
        lambda: Sum(2**1024),
        lambda: Sum(100, 147),
        lambda: Distribution(0),
        lambda: Distribution(1024, abstention=True),
        lambda: Selection(3, 2, 1),
        lambda: Selection(3, 1, 4),
        lambda: Selection(3, -1, 2),
        lambda: Selection(3, 0, 0),
        lambda: Selection(1025, 1, 2),
    ],
)
def test_what_would_be_no_ballot_is_refused(make: Callable[[], Encoding]) -> None:
    with pytest.raises(EncodingError):
        make()


def test_a_ballot_is_as_long_as_the_design_says() -> None:
    assert ballot_bytes(Sum(100)) == 7 * 192
    assert ballot_bytes(Distribution(101)) == 101 * 192 + 64
    assert ballot_bytes(Distribution(2, abstention=True)) == 3 * 192 + 64


SCORED = Item("1", "One", ("a", "b"), ScoreRules(question=Passing()))


@pytest.mark.parametrize(
    "rules",
    [
        ScoreRules(measure=MeasureKind.MEDIAN),
        ScoreRules(measure=MeasureKind.TRIMMED_MEAN, dropped=1),
        ScoreRules(dropped=1),
        ScoreRules(bands=(Band("good", Decimal(80)),)),
    ],
)
def test_the_sum_gives_the_mean_and_no_other_measure(rules: ScoreRules) -> None:
    item = Item("1", "One", ("a",), rules)
    with pytest.raises(EncodingError) as error:
        lines_of(item, Opens.SUM)
    assert error.value.key == "secret.sum_measures"
    check_opening(item, Opens.DISTRIBUTION)


def test_weighted_criteria_are_for_the_sum() -> None:
    item = Item("1", "One", ("a",), ScoreRules(), (Criterion("a", "x", "X", Decimal(100)),))
    check_opening(item, Opens.SUM)
    with pytest.raises(EncodingError) as error:
        check_opening(item, Opens.DISTRIBUTION)
    assert error.value.key == "secret.distribution_criteria"


def test_a_grid_that_is_too_fine_is_for_the_sum() -> None:
    item = Item("1", "One", ("a",), ScoreRules(step=Decimal("0.01")))
    check_opening(item, Opens.SUM)
    with pytest.raises(EncodingError) as error:
        check_opening(item, Opens.DISTRIBUTION)
    assert error.value.key == "secret.choices"


def test_the_lines_of_a_sheet() -> None:
    yes_or_no = Distribution(2, abstention=True)
    assert lines_of(SCORED, Opens.SUM) == (
        (Kind.SCORE, "a", Sum(100, abstention=True)),
        (Kind.CHOICE, "a", yes_or_no),
        (Kind.SCORE, "b", Sum(100, abstention=True)),
        (Kind.CHOICE, "b", yes_or_no),
    )
    assert lines_of(SCORED, Opens.DISTRIBUTION)[0].encoding == Distribution(101, abstention=True)
    assert lines_of(Item("2", "Two", rules=MotionRules(abstention=False)), Opens.SUM) == (
        (Kind.CHOICE, "", Distribution(2)),
    )
    selection = Item("3", "Three", ("a", "b", "c"), SelectionRules(most=2))
    assert lines_of(selection, Opens.SUM, ("a", "b", "c"), (1, 2)) == (
        (Kind.SELECTION, "", Selection(3, 1, 2, abstention=True)),
    )


SCORES = st.one_of(st.none(), st.integers(0, 20).map(lambda steps: Decimal(50) + Decimal("2.5") * steps))


@given(st.lists(st.tuples(SCORES, st.sampled_from((Option.FOR, Option.AGAINST, Option.ABSTAIN))), min_size=1))
def test_both_openings_of_scores_agree_with_scores_given_openly(
    given_ones: list[tuple[Decimal | None, Option]],
) -> None:
    rules = ScoreRules(lowest=Decimal(50), step=Decimal("2.5"), question=Passing())
    item = Item("1", "One", ("a",), rules)
    ballots: list[tuple[Answer, ...]] = [(Score("a", "", score), Choice("a", option)) for score, option in given_ones]
    tally = Tally()
    for score, _ in given_ones:
        tally = tally.add(score)
    for opens in Opens:
        scored, choice = lines_of(item, opens)
        opened = scored.encoding.decode(
            added(scored.encoding, [marks_of(item, scored, one) for one in ballots]), len(ballots)
        )
        if opens is Opens.SUM:
            found = sum_tallies(item, "a", opened, len(ballots))[""]
            assert found == (tally.scores, tally.abstentions, tally.total)
            assert found.mean() == tally.mean()
        else:
            assert score_tally(item, opened) == tally
        votes = choice.encoding.decode(
            added(choice.encoding, [marks_of(item, choice, one) for one in ballots]), len(ballots)
        )
        expected = {
            ("a", one): sum(option is one for _, option in given_ones)
            for one in (Option.FOR, Option.AGAINST, Option.ABSTAIN)
        }
        assert choice_counts(item, choice, votes) == expected


@given(st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 100), st.integers(0, 100))), min_size=1))
def test_sums_under_weighted_criteria_agree_with_scores_given_openly(given_ones: list[tuple[int, int] | None]) -> None:
    criteria = (Criterion("a", "x", "X", Decimal(30)), Criterion("a", "y", "Y", Decimal(70)))
    item = Item("1", "One", ("a",), ScoreRules(), criteria)
    (line,) = lines_of(item, Opens.SUM)
    ballots: list[tuple[Answer, ...]] = [
        tuple(Score("a", one.id, None if pair is None else Decimal(pair[place])) for place, one in enumerate(criteria))
        for pair in given_ones
    ]
    tallies: Tallies = HashTrieMap()
    for ballot in ballots:
        tallies, _ = with_answers(item, tallies, HashTrieMap(), ballot, 1)
    marks = [marks_of(item, line, ballot) for ballot in ballots]
    found = sum_tallies(item, "a", line.encoding.decode(added(line.encoding, marks), len(ballots)), len(ballots))
    for key, one in found.items():
        openly = tallies["a", key]
        assert one == (openly.scores, openly.abstentions, openly.total)


def test_grades_and_candidates_are_counted_as_given_openly() -> None:
    rating = Item("1", "One", ("a",), RatingRules())
    (line,) = lines_of(rating, Opens.DISTRIBUTION)
    marks = [marks_of(rating, line, (Choice("a", grade),)) for grade in (*GRADES, GRADES[2], Option.ABSTAIN)]
    counts = choice_counts(rating, line, line.encoding.decode(added(line.encoding, marks), 5))
    assert counts == dict(zip([("a", grade) for grade in (*GRADES, Option.ABSTAIN)], (1, 1, 2, 1), strict=True))

    standing = ("a", "b", "c")
    selection = Item("2", "Two", standing, SelectionRules(most=2))
    (line,) = lines_of(selection, Opens.SUM, standing, (1, 2))
    sheets = [
        (Choice("a", Option.CHOSEN), Choice("c", Option.CHOSEN)),
        (Choice("c", Option.CHOSEN),),
        (Choice("", Option.ABSTAIN),),
    ]
    marks = [marks_of(selection, line, one, standing) for one in sheets]
    counts = choice_counts(selection, line, line.encoding.decode(added(line.encoding, marks), 3), standing)
    chosen = {("a", Option.CHOSEN): 1, ("b", Option.CHOSEN): 0, ("c", Option.CHOSEN): 2}
    assert counts == chosen | {("", Option.ABSTAIN): 1}


def test_nobody_scored_and_there_is_no_mean() -> None:
    item = Item("1", "One", ("a",), ScoreRules())
    (line,) = lines_of(item, Opens.SUM)
    opened = line.encoding.decode(added(line.encoding, [None, None, None]), 3)
    assert sum_tallies(item, "a", opened, 3)[""].mean() is None
    assert sum_tallies(item, "a", line.encoding.decode((150, 1), 3), 3)[""].mean() == Fraction(75)
