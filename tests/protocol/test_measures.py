"""The figures of one target: by hand, against other libraries, and the laws that they keep."""

import statistics
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from fractions import Fraction
from functools import reduce
from random import Random

import msgspec
import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from rpds import HashTrieMap

from pingyi_protocol.meeting.definition import Band, MeasureKind, ScoreRules
from pingyi_protocol.meeting.figures import BandCount, TargetFigures, ValueCount
from pingyi_protocol.meeting.measures import (
    NotInTallyError,
    Tally,
    band_of,
    exact_text,
    plain,
    root_half_up,
    round_half_up,
    target_figures,
)
from pingyi_protocol.meeting.sums import summed_figures
from pingyi_protocol.secret.sheet import SumTally

BANDS = (
    Band(name="excellent", least=Decimal(90)),
    Band(name="good", least=Decimal(80)),
    Band(name="passed", least=Decimal(60)),
    Band(name="failed", least=Decimal(0)),
)
PLAIN_RULES = ScoreRules(bands=BANDS)

whole_scores = st.integers(0, 100).map(Decimal)
half_scores = st.integers(0, 200).map(lambda halves: Decimal(halves) / 2)
fine_scores = st.decimals(0, 100, places=4)
scores = st.one_of(whole_scores, half_scores, fine_scores)
answers = st.one_of(st.none(), scores)
rules = st.builds(
    ScoreRules,
    measure=st.sampled_from(MeasureKind),
    dropped=st.integers(0, 4),
    least_scores=st.integers(1, 8),
    decimals=st.integers(0, 4),
    bands=st.sampled_from([(), BANDS]),
)


def tally_of(given_answers: Sequence[Decimal | int | str | None]) -> Tally:
    exact = (None if answer is None else Decimal(answer) for answer in given_answers)
    return reduce(Tally.add, exact, Tally())


def figures_of(given_answers: Sequence[Decimal | int | str | None], by: ScoreRules = PLAIN_RULES) -> TargetFigures:
    return target_figures("water", tally_of(given_answers), by, not_voted=0)


def test_a_committee_by_hand() -> None:
    """18 x 94 + 20 x 93 = 3552; 3552 / 38 = 93.4736...; the variance is 18 x 20 / 38² = 0.2493, its root 0.4993."""
    figures = target_figures("water", tally_of([94] * 18 + [93] * 20 + [None] * 3), PLAIN_RULES, not_voted=4)
    assert figures == TargetFigures(
        target="water",
        scores=38,
        abstentions=3,
        not_voted=4,
        total=Decimal(3552),
        measure=Decimal("93.47"),
        exact="1776/19",
        mean=Decimal("93.47"),
        trimmed_mean=None,
        median=Decimal(93),
        deviation=Decimal("0.50"),
        least=Decimal(93),
        greatest=Decimal(94),
        dropped=0,
        band="excellent",
        bands=(
            BandCount(band="excellent", count=38),
            BandCount(band="good", count=0),
            BandCount(band="passed", count=0),
            BandCount(band="failed", count=0),
        ),
        values=(ValueCount(value=Decimal(93), count=20), ValueCount(value=Decimal(94), count=18)),
    )


def test_a_trimmed_mean_by_hand() -> None:
    """Without one 0 and one 100, and two more at each end, 80 + 84 + 85 stay: 249 / 3 = 83."""
    by = ScoreRules(measure=MeasureKind.TRIMMED_MEAN, dropped=2, least_scores=7, bands=BANDS)
    figures = figures_of([0, 70, 80, 84, 85, 90, 100], by)
    assert (figures.measure, figures.exact, figures.dropped) == (Decimal("83.00"), "83/1", 2)
    assert figures.mean == Decimal("72.71")
    assert figures.band == "good"


def test_one_value_may_be_dropped_in_part() -> None:
    """Of three 60s and two 90s one is dropped at each end: 60, 60, 90."""
    assert tally_of([60, 60, 60, 90, 90]).trimmed_mean(1) == Fraction(70)


def test_a_trimmed_mean_stands_beside_another_measure() -> None:
    figures = figures_of([0, 90, 91, 100], ScoreRules(dropped=1))
    assert (figures.measure, figures.trimmed_mean) == (Decimal("70.25"), Decimal("90.50"))


@pytest.mark.parametrize(
    ("dropped", "least_scores", "count"),
    [(0, 1, 9), (2, 1, 4), (3, 1, 4), (1, 6, 5)],
    ids=["nothing is dropped", "nothing is left", "less than nothing is left", "too few scores"],
)
def test_no_trimmed_mean_where(dropped: int, least_scores: int, count: int) -> None:
    by = ScoreRules(measure=MeasureKind.TRIMMED_MEAN, dropped=dropped, least_scores=least_scores, bands=BANDS)
    figures = figures_of(range(80, 80 + count), by)
    assert (figures.trimmed_mean, figures.dropped) == (None, 0)
    assert (figures.measure, figures.exact, figures.band) == (None, None, None)


@pytest.mark.parametrize("kind", MeasureKind)
def test_too_few_scores_give_no_measure_but_describe_what_there_is(kind: MeasureKind) -> None:
    by = ScoreRules(measure=kind, dropped=1, least_scores=5, bands=BANDS)
    figures = figures_of([90, 91, 92, 95, None], by)
    assert (figures.measure, figures.exact, figures.band, figures.trimmed_mean) == (None, None, None, None)
    assert (figures.mean, figures.median) == (Decimal(92), Decimal("91.50"))
    assert (figures.scores, figures.total) == (4, Decimal(368))


@pytest.mark.parametrize("kind", MeasureKind)
def test_the_least_number_of_scores_is_enough(kind: MeasureKind) -> None:
    by = ScoreRules(measure=kind, dropped=1, least_scores=5)
    assert figures_of([90, 91, 92, 93, 94], by).exact == "92/1"


@pytest.mark.parametrize("kind", MeasureKind)
def test_nobody_scored(kind: MeasureKind) -> None:
    figures = target_figures("water", tally_of([None, None]), ScoreRules(measure=kind, bands=BANDS), not_voted=7)
    assert (figures.scores, figures.abstentions, figures.not_voted, figures.total) == (0, 2, 7, Decimal(0))
    assert (figures.measure, figures.mean, figures.median, figures.deviation) == (None, None, None, None)
    assert (figures.least, figures.greatest, figures.values) == (None, None, ())
    assert [band.count for band in figures.bands] == [0, 0, 0, 0]


def test_zero_is_a_score_and_an_abstention_is_none() -> None:
    assert figures_of([0, 100]).measure == 50
    assert figures_of([None, 100]).measure == 100


def test_the_band_is_that_of_the_rounded_measure() -> None:
    """89 + 199 x 90 over 200 is 89.995, which is published as 90.00 and so is excellent."""
    figures = figures_of([89] + [90] * 199)
    assert (figures.exact, figures.measure, figures.band) == ("17999/200", Decimal("90.00"), "excellent")
    assert [band.count for band in figures.bands] == [199, 1, 0, 0]


@pytest.mark.parametrize(
    ("score", "band"), [("100", "excellent"), ("90", "excellent"), ("89.5", "good"), ("60", "passed"), ("0", "failed")]
)
def test_a_band_begins_at_its_least_value(score: str, band: str) -> None:
    found = band_of(BANDS, Decimal(score))
    assert found is not None
    assert found.name == band


def test_below_the_last_band_is_no_band() -> None:
    figures = figures_of([50, 95], ScoreRules(bands=BANDS[:1]))
    assert figures.bands == (BandCount(band="excellent", count=1),)
    assert figures.band is None


def test_decimals_are_kept_and_counted_from_the_rules() -> None:
    printed = [str(figures_of([93, 93, 94, 93, 94], ScoreRules(decimals=decimals)).measure) for decimals in range(5)]
    assert printed == ["93", "93.4", "93.40", "93.400", "93.4000"]


def test_the_deviation_is_rounded_half_up_on_a_tie_that_floats_miss() -> None:
    """0 and 5.35 lie 2.675 from their mean; the nearest float is below it and would print 2.67."""
    assert figures_of(["0", "5.35"]).deviation == Decimal("2.68")


def test_equal_scores_written_differently_leave_the_same_bytes() -> None:
    written = [["92", "100", "0"], ["92.0", "1E+2", "-0"], ["9.2E+1", "100.00", "0.0"]]
    first, *others = [msgspec.json.encode(figures_of(answers)) for answers in written]
    assert others == [first, first]
    assert b'"total":"192"' in first


def test_the_figures_do_not_depend_on_the_decimal_context() -> None:
    answers = ["93.4375", "100", "88.0625", "71.5"]
    with localcontext(Context(prec=2)):
        narrow = figures_of(answers)
    assert narrow == figures_of(answers)
    assert narrow.total == Decimal(353)


def test_the_cost_does_not_grow_with_the_ballots() -> None:
    """A tally of two million million scores could not be walked through score by score."""
    half = 10**12
    tally = Tally(
        counts=HashTrieMap({Decimal(80): half, Decimal(90): half + 1}),
        scores=2 * half + 1,
        total=Decimal(80 * half + 90 * (half + 1)),
        squares=Decimal(80**2 * half + 90**2 * (half + 1)),
    )
    by = ScoreRules(measure=MeasureKind.TRIMMED_MEAN, dropped=half - 1)
    figures = target_figures("water", tally, by, not_voted=0)
    assert (figures.exact, figures.median, figures.deviation) == ("260/3", Decimal(90), Decimal(5))


def test_removing_what_was_never_added_is_an_error_that_names_it() -> None:
    tally = tally_of([92, None])
    with pytest.raises(NotInTallyError, match="no score 93: remove only an answer that was added") as wrong:
        tally.remove(Decimal(93))
    assert wrong.value.answer == 93
    with pytest.raises(NotInTallyError, match="no abstention") as wrong:
        tally.remove(None).remove(None)
    assert wrong.value.answer is None
    with pytest.raises(NotInTallyError):
        tally.remove(Decimal(92)).remove(Decimal(92))


def test_a_tally_of_3000_scores_against_numpy_scipy_and_statistics() -> None:
    random = Random(20260301)  # noqa: S311 - a sample that repeats, no secret
    given_scores = [min(100, max(0, round(random.gauss(88, 9)))) for _ in range(3000)]
    by = ScoreRules(measure=MeasureKind.TRIMMED_MEAN, dropped=150, decimals=4, bands=BANDS)
    figures = figures_of(given_scores, by)
    sample = np.array(given_scores)
    assert (figures.scores, figures.total) == (3000, Decimal(int(sample.sum())))
    assert float(figures.mean or 0) == pytest.approx(sample.mean(), abs=0.00005)
    assert float(figures.deviation or 0) == pytest.approx(sample.std(), abs=0.00005)
    assert float(figures.median or 0) == np.median(sample)
    # half a score more than 5 %, so that no float decides how many scipy cuts
    assert float(figures.measure or 0) == pytest.approx(scipy.stats.trim_mean(sample, 150.5 / 3000), abs=0.00005)
    assert (figures.least, figures.greatest) == (Decimal(min(given_scores)), Decimal(max(given_scores)))
    values, counts = np.unique(sample, return_counts=True)
    assert [int(entry.value) for entry in figures.values] == values.tolist()
    assert [entry.count for entry in figures.values] == counts.tolist()
    assert [band.count for band in figures.bands] == np.histogram(sample, [0, 60, 80, 90, 101])[0][::-1].tolist()


@given(st.lists(scores, min_size=1, max_size=40), st.integers(0, 12))
def test_the_unrounded_measures_are_exactly_those_of_statistics(given_scores: list[Decimal], dropped: int) -> None:
    tally, fractions = tally_of(given_scores), sorted(map(Fraction, given_scores))
    assert tally.mean() == statistics.mean(fractions)
    assert tally.median() == statistics.median(fractions)
    assert tally.variance() == statistics.pvariance(fractions)
    kept = fractions[dropped : len(fractions) - dropped]
    assert tally.trimmed_mean(dropped) == (statistics.mean(kept) if kept else None)
    assert tally.total == sum(fractions)
    assert tally.squares == sum(score**2 for score in fractions)


@given(st.lists(scores, min_size=1, max_size=40), st.integers(0, 4))
def test_every_printed_figure_is_the_exact_one_rounded_by_decimal(given_scores: list[Decimal], decimals: int) -> None:
    figures = figures_of(given_scores, ScoreRules(decimals=decimals))
    fractions = list(map(Fraction, given_scores))
    # 200 digits: the sums of 40 scores with 4 decimals cannot come that near to a tie without being one
    wide = Context(prec=200, rounding=ROUND_HALF_UP)
    variance = statistics.pvariance(fractions)
    expected = {
        "mean": wide.divide(Decimal(sum(given_scores)), Decimal(len(given_scores))),
        "median": statistics.median(given_scores),
        "deviation": wide.divide(Decimal(variance.numerator), Decimal(variance.denominator)).sqrt(wide),
    }
    last = Decimal(1).scaleb(-decimals)
    for name, value in expected.items():
        assert str(getattr(figures, name)) == str(value.quantize(last, context=wide))


@given(st.lists(answers, max_size=30), st.randoms(use_true_random=False), rules)
def test_the_order_of_adding_never_matters(given_answers: list[Decimal | None], random: Random, by: ScoreRules) -> None:
    shuffled = random.sample(given_answers, k=len(given_answers))
    assert tally_of(shuffled) == tally_of(given_answers)
    assert msgspec.json.encode(figures_of(shuffled, by)) == msgspec.json.encode(figures_of(given_answers, by))


@given(st.lists(answers, max_size=30), answers)
def test_removing_undoes_adding_and_the_old_tally_stays(
    given_answers: list[Decimal | None], one: Decimal | None
) -> None:
    before = tally_of(given_answers)
    figures = target_figures("water", before, PLAIN_RULES, not_voted=0)
    after = before.add(one)
    assert after != before
    assert after.remove(one) == before
    assert target_figures("water", before, PLAIN_RULES, not_voted=0) == figures


@given(st.lists(st.tuples(st.integers(1, 9), answers), max_size=60), rules)
def test_the_live_tally_is_that_of_the_last_presses(presses: list[tuple[int, Decimal | None]], by: ScoreRules) -> None:
    live, last = Tally(), dict[int, Decimal | None]()
    for member, answer in presses:
        if member in last:
            live = live.remove(last[member])
        live, last[member] = live.add(answer), answer
        assert live == tally_of(list(last.values()))
    assert target_figures("water", live, by, not_voted=0) == figures_of(list(last.values()), by)


@given(st.lists(answers, max_size=40), rules, st.integers(0, 50))
def test_figures_are_in_range_and_add_up(given_answers: list[Decimal | None], by: ScoreRules, not_voted: int) -> None:
    figures = target_figures("water", tally_of(given_answers), by, not_voted)
    assert figures.scores + figures.abstentions == len(given_answers)
    assert figures.not_voted == not_voted
    assert sum(entry.count for entry in figures.values) == figures.scores
    assert sum(entry.value * entry.count for entry in figures.values) == figures.total
    assert [entry.value for entry in figures.values] == sorted({entry.value for entry in figures.values})
    assert tuple(band.band for band in figures.bands) == tuple(band.name for band in by.bands)
    if by.bands:
        assert sum(band.count for band in figures.bands) == figures.scores
    if figures.least is not None and figures.greatest is not None:
        lowest, highest = (round_half_up(Fraction(end), by.decimals) for end in (figures.least, figures.greatest))
        shown = (figures.measure, figures.mean, figures.trimmed_mean, figures.median)
        assert all(lowest <= value <= highest for value in shown if value is not None)
        # the deviation is largest when half of the scores lie at each end
        spread = Fraction(figures.greatest - figures.least) / 2
        assert Decimal(0) <= (figures.deviation or Decimal(0)) <= round_half_up(spread, by.decimals)
    if figures.exact is not None:
        assert figures.measure == round_half_up(Fraction(figures.exact), by.decimals)
    assert (figures.exact is None) == (figures.measure is None)


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        ("0.5", 0, "1"),
        ("1.5", 0, "2"),
        ("2.5", 0, "3"),
        ("0.49999999999999999999999999999999", 0, "0"),
        ("2.675", 2, "2.68"),
        ("1.005", 2, "1.01"),
        ("93.445", 2, "93.45"),
        ("99.995", 2, "100.00"),
        ("93.4", 2, "93.40"),
        ("-0.5", 0, "-1"),
        ("-2.675", 2, "-2.68"),
        ("-0.004", 2, "0.00"),
        ("0", 4, "0.0000"),
        ("2/3", 4, "0.6667"),
        ("1/3", 0, "0"),
        ("100", 0, "100"),
    ],
)
def test_half_up(value: str, decimals: int, printed: str) -> None:
    assert str(round_half_up(Fraction(value), decimals)) == printed


@given(st.fractions(max_denominator=10**6), st.integers(0, 6))
def test_rounding_takes_the_nearest_and_of_two_the_one_further_from_zero(value: Fraction, decimals: int) -> None:
    rounded = Fraction(round_half_up(value, decimals))
    unit = Fraction(1, 10**decimals)
    assert (rounded / unit).denominator == 1
    assert abs(rounded - value) <= unit / 2
    assert abs(rounded - value) < unit / 2 or abs(rounded) > abs(value)
    assert round_half_up(-value, decimals) == -rounded


@pytest.mark.parametrize(
    ("root", "decimals", "printed"),
    [
        (Fraction(1, 2), 0, "1"),
        (Fraction(1, 200), 2, "0.01"),
        (Fraction(1, 200) - Fraction(1, 10**40), 2, "0.00"),
        (Fraction(2675, 1000), 2, "2.68"),
        (Fraction(2675, 1000) - Fraction(1, 10**40), 2, "2.67"),
        (Fraction(0), 3, "0.000"),
        (Fraction(10), 1, "10.0"),
    ],
)
def test_roots_are_right_to_the_last_decimal_even_beside_a_tie(root: Fraction, decimals: int, printed: str) -> None:
    assert str(root_half_up(root**2, decimals)) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [("1E+2", "100"), ("92.50", "92.5"), ("-0.0", "0"), ("0.0001", "0.0001"), ("-7.10", "-7.1"), ("100", "100")],
)
def test_plain_writes_numbers_as_people_do(value: str, printed: str) -> None:
    assert str(plain(Decimal(value))) == printed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(85), "85"),
        (Fraction(171, 2), "85.5"),
        (Fraction(1, 10**6), "0.000001"),
        (Fraction(257, 3), "≈ 85.666667 (257/3)"),
        (Fraction(1, 10**7), "≈ 0.000000 (1/10000000)"),
    ],
)
def test_what_has_no_end_within_six_decimals_is_printed_with_its_fraction(value: Fraction, text: str) -> None:
    assert exact_text(value) == text


@pytest.mark.parametrize(
    ("scores", "total", "mark", "passed"),
    [
        (3, "180", "60", True),
        (3, "179", "60", False),
        (3, "180", None, None),
        (2, "180", "60", None),
        (0, "0", "60", None),
        (0, "0", None, None),
    ],
)
def test_a_sum_passes_where_there_is_a_measure_and_a_mark(
    scores: int, total: str, mark: str | None, passed: bool | None
) -> None:
    rules = ScoreRules(least_scores=3, pass_mark=None if mark is None else Decimal(mark))
    figures = summed_figures("T01", SumTally(scores, 4, Decimal(total)), rules, 0, ())
    assert figures.passed is passed
