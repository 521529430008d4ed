"""From scores to figures, exactly: the tally of one target in one round, its measures, rounding and ranks.

Sums are exact decimals and quotients exact fractions; nothing is rounded before it is published, and no
figure depends on a decimal context, on floats or on the order in which the ballots came. Which answers
count is decided elsewhere (the rules of a round); here is only what they amount to.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal, Inexact, InvalidOperation
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import isqrt

from rpds import HashTrieMap

from pingyi_protocol.meeting.definition import Band, MeasureKind, ScoreRules
from pingyi_protocol.meeting.figures import BandCount, CriterionFigures, TargetFigures, ValueCount

PLACES = 6
"""Decimals of an exact value in print, where it has no end."""

# far wider than any sum of squares of scores; what would not fit raises decimal.Inexact instead of being rounded
_EXACT = Context(prec=100, traps=[Inexact, InvalidOperation])


class NotInTallyError(LookupError):
    """An answer was to be removed that the tally does not hold; ``answer`` is the score, None an abstention."""

    def __init__(self, answer: Decimal | None) -> None:
        self.answer = answer
        what = "abstention" if answer is None else f"score {answer}"
        super().__init__(f"the tally holds no {what}: remove only an answer that was added before")


@dataclass(frozen=True)
class Tally:
    """The answers that one target has received: how many members gave each score, and how many abstained.

    A value: ``add`` and ``remove`` return a new tally at a cost that does not grow with the ballots, and the
    old one stays valid; start from ``Tally()``. ``counts`` maps each score that was given to its count (1 or
    more); ``scores`` is how many scores there are, ``total`` their exact sum, ``squares`` the exact sum of
    their squares. The measures are unrounded, and None where there are too few scores to define them.
    """

    counts: "HashTrieMap[Decimal, int]" = field(default_factory=HashTrieMap)
    scores: int = 0
    total: Decimal = Decimal(0)
    squares: Decimal = Decimal(0)
    abstentions: int = 0

    def add(self, answer: Decimal | None, times: int = 1) -> "Tally":
        """Return the tally with ``times`` such answers more: a finite score, or None for an abstention."""
        return self._changed(answer, times)

    def remove(self, answer: Decimal | None, times: int = 1) -> "Tally":
        """Return the tally with ``times`` such answers less; NotInTallyError if it holds fewer."""
        return self._changed(answer, -times)

    def _changed(self, answer: Decimal | None, change: int) -> "Tally":
        held = (self.abstentions if answer is None else self.counts.get(answer, 0)) + change
        if held < 0:
            raise NotInTallyError(answer)
        if answer is None:
            return replace(self, abstentions=held)
        return Tally(
            counts=self.counts.insert(answer, held) if held else self.counts.remove(answer),
            scores=self.scores + change,
            total=_EXACT.fma(answer, change, self.total),
            squares=_EXACT.fma(_EXACT.multiply(answer, answer), change, self.squares),
            abstentions=self.abstentions,
        )

    @cached_property
    def rising(self) -> tuple[tuple[Decimal, int], ...]:
        """The different scores with their counts, from the least to the greatest."""
        return tuple(sorted(self.counts.items()))

    def mean(self) -> Fraction | None:
        """Return the sum of the scores over their number."""
        return Fraction(self.total) / self.scores if self.scores else None

    def trimmed_mean(self, dropped: int) -> Fraction | None:
        """Return the mean without the ``dropped`` highest and ``dropped`` lowest scores; None if none is left."""
        left = self.scores - 2 * dropped
        if left <= 0:
            return None
        ends = _sum_of_first(self.rising, dropped) + _sum_of_first(self.rising[::-1], dropped)
        return (Fraction(self.total) - ends) / left

    def median(self) -> Fraction | None:
        """Return the middle score, or the mean of the two in the middle."""
        if not self.counts:
            return None
        upto = list(accumulate(count for _, count in self.rising))
        middle = ((self.scores - 1) // 2, self.scores // 2)
        lower, upper = (self.rising[bisect_right(upto, place)][0] for place in middle)
        return (Fraction(lower) + Fraction(upper)) / 2

    def variance(self) -> Fraction | None:
        """Return the population variance: the mean of the squares less the square of the mean."""
        mean = self.mean()
        return None if mean is None else Fraction(self.squares) / self.scores - mean**2


def _sum_of_first(ordered: Iterable[tuple[Decimal, int]], places: int) -> Fraction:
    """Return the exact sum of the first ``places`` scores of (score, count) pairs."""
    total = Fraction(0)
    for score, count in ordered:
        taken = min(count, places)
        total += Fraction(score) * taken
        places -= taken
    return total


def round_half_up(value: Fraction, decimals: int) -> Decimal:
    """Return ``value`` with exactly ``decimals`` decimals, ties going away from zero.

    This is how people round on paper and spreadsheets with ROUND (四舍五入), and what ``decimal.ROUND_HALF_UP``
    means: 0.5 gives 1 and -0.5 gives -1. Zero has no sign: -0.4 gives 0.
    """
    scaled = abs(value) * Fraction(10) ** decimals
    return _decimal(_half_up(2 * scaled.numerator // scaled.denominator), decimals, negative=value < 0)


def root_half_up(value: Fraction, decimals: int) -> Decimal:
    """Return the square root of ``value`` (0 or more), rounded half-up; the last decimal is always right.

    With x the scaled root, floor(2x) is the integer root of floor(4x²), so no approximation enters.
    """
    scaled = 4 * value * Fraction(100) ** decimals
    return _decimal(_half_up(isqrt(scaled.numerator // scaled.denominator)), decimals)


def _half_up(halves: int) -> int:
    """Return floor(x + 1/2), given floor(2x)."""
    return (halves + 1) // 2


def _decimal(units: int, decimals: int, *, negative: bool = False) -> Decimal:
    """Return ``units`` of the last decimal as a decimal; made from text, which no context rounds."""
    return Decimal(f"{'-' if negative and units else ''}{units}E{-decimals}")


def plain(value: Decimal) -> Decimal:
    """Return the same number as people write it: no exponent, no trailing zeros, no minus before zero.

    Equal scores can arrive as 92, 92.0 and 9.2E+1; the record must hold the same bytes for all of them.
    """
    return Decimal(f"{_EXACT.plus(value).normalize(_EXACT):f}")


def band_of(bands: Iterable[Band], value: Decimal) -> Band | None:
    """Return the band in which ``value`` lies, None below the last; ``bands`` in falling order of ``least``."""
    return next((band for band in bands if value >= band.least), None)


def weighted(parts: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """Return the sum of (score, weight in per cent) pairs, exactly: each score times its weight, over 100."""
    total = Decimal(0)
    for score, weight in parts:
        total = _EXACT.fma(score, weight, total)
    return plain(_EXACT.divide(total, Decimal(100)))


def exact_measure(tally: Tally, rules: ScoreRules) -> Fraction | None:
    """Return the item's own measure of a tally, unrounded; None with fewer scores than the rules ask for."""
    if tally.scores < rules.least_scores:
        return None
    match rules.measure:
        case MeasureKind.MEAN:
            return tally.mean()
        case MeasureKind.TRIMMED_MEAN:
            return tally.trimmed_mean(rules.dropped) if rules.dropped > 0 else None
        case MeasureKind.MEDIAN:
            return tally.median()


def target_figures(
    target: str, tally: Tally, rules: ScoreRules, not_voted: int, criteria: tuple[CriterionFigures, ...] = ()
) -> TargetFigures:
    """Return the figures of ``target`` as they are published; ``not_voted`` members were present and cast nothing.

    Fewer than ``rules.least_scores`` scores give neither a measure nor a trimmed mean; the other figures only
    describe the scores that there are. A trimmed mean exists only where the rules drop some scores and leave some.
    The measure's band is that of the published, rounded value; the counts by band take each score as it was given.
    The cost grows with the different scores, not with the ballots.
    """
    rising = tally.rising
    enough = tally.scores >= rules.least_scores
    trimmed_mean = tally.trimmed_mean(rules.dropped) if enough and rules.dropped > 0 else None
    variance = tally.variance()
    unrounded = exact_measure(tally, rules)
    measure = rounded(unrounded, rules)
    band = None if measure is None else band_of(rules.bands, measure)
    return TargetFigures(
        target=target,
        scores=tally.scores,
        abstentions=tally.abstentions,
        not_voted=not_voted,
        total=plain(tally.total),
        measure=measure,
        exact=None if unrounded is None else fraction_text(unrounded),
        mean=rounded(tally.mean(), rules),
        trimmed_mean=rounded(trimmed_mean, rules),
        median=rounded(tally.median(), rules),
        deviation=None if variance is None else root_half_up(variance, rules.decimals),
        least=plain(rising[0][0]) if rising else None,
        greatest=plain(rising[-1][0]) if rising else None,
        dropped=0 if trimmed_mean is None else rules.dropped,
        band=None if band is None else band.name,
        bands=_band_counts(rising, rules.bands),
        values=tuple(ValueCount(value=plain(score), count=count) for score, count in rising),
        passed=None if measure is None or rules.pass_mark is None else measure >= rules.pass_mark,
        criteria=criteria,
    )


def criterion_figures(criterion: str, tally: Tally, rules: ScoreRules) -> CriterionFigures:
    """Return the figures of one criterion as they are published."""
    return published_criterion(criterion, tally.scores, tally.total, exact_measure(tally, rules), rules)


def published_criterion(
    criterion: str, scores: int, total: Decimal, exact: Fraction | None, rules: ScoreRules
) -> CriterionFigures:
    """Return what is published of a criterion with this unrounded measure, None for none."""
    text = None if exact is None else fraction_text(exact)
    return CriterionFigures(criterion, scores, plain(total), rounded(exact, rules), text)


def rounded(value: Fraction | None, rules: ScoreRules) -> Decimal | None:
    """Return a figure as it is published, None where there is none."""
    return None if value is None else round_half_up(value, rules.decimals)


def _band_counts(rising: Iterable[tuple[Decimal, int]], bands: tuple[Band, ...]) -> tuple[BandCount, ...]:
    """Count the scores in each band, in the order of the bands; scores below the last band are in none."""
    counts: Counter[Band | None] = Counter()
    for score, count in rising:
        counts[band_of(bands, score)] += count
    return tuple(BandCount(band=band.name, count=counts[band]) for band in bands)


def fraction_text(value: Fraction) -> str:
    """Return ``value`` as the record holds it, in lowest terms: "1776/19", and "93/1" when whole."""
    return f"{value.numerator}/{value.denominator}"


def six_places(value: Fraction) -> str:
    """Return a value whole where it ends within six decimals, else rounded to them."""
    rounded = round_half_up(value, PLACES)
    text = f"{rounded:f}"
    return text.rstrip("0").rstrip(".") if Fraction(rounded) == value else text


def exact_text(value: Fraction) -> str:
    """Return a value whole where it ends within six decimals, else also the fraction that it is."""
    text = six_places(value)
    return text if Fraction(text) == value else f"≈ {text} ({value.numerator}/{value.denominator})"


def equals(value: Fraction) -> str:
    """Return what stands behind a formula: that it is this value, exactly or about."""
    text = exact_text(value)
    return text if text.startswith("≈") else f"= {text}"


def shared_ranks(values: Mapping[str, Fraction]) -> dict[str, int]:
    """Return the rank of each key, the highest value first; ties share a rank and the next one is skipped (1, 2, 2, 4).

    Known in statistics as standard competition ranking. Keys keep their order; pass unrounded values.
    """
    first: dict[Fraction, int] = {}
    for place, value in enumerate(sorted(values.values(), reverse=True), start=1):
        first.setdefault(value, place)
    return {key: first[value] for key, value in values.items()}
