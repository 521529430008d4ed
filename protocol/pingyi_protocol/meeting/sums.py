"""The figures of a target of whose scores only the sum is known: the mean, and nothing about single scores."""

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from pingyi_protocol.meeting.definition import ScoreRules
from pingyi_protocol.meeting.figures import CriterionFigures, TargetFigures
from pingyi_protocol.meeting.measures import fraction_text, plain, published_criterion, rounded
from pingyi_protocol.secret.sheet import SumTally

Sums: TypeAlias = Mapping[tuple[str, str], SumTally]
"""By (target, criterion), "" for the target as a whole."""


def summed_measure(tally: SumTally, rules: ScoreRules) -> Fraction | None:
    """Return the mean, unrounded; None with fewer scores than the rules ask for."""
    return tally.mean() if tally.scores >= rules.least_scores else None


def summed_figures(
    target: str, tally: SumTally, rules: ScoreRules, not_voted: int, criteria: tuple[CriterionFigures, ...]
) -> TargetFigures:
    """Return the figures as they are published: what a sum does not tell is None, or has no values."""
    exact = summed_measure(tally, rules)
    measure = rounded(exact, rules)
    return TargetFigures(
        target=target,
        scores=tally.scores,
        abstentions=tally.abstentions,
        not_voted=not_voted,
        total=plain(tally.total),
        measure=measure,
        exact=None if exact is None else fraction_text(exact),
        mean=rounded(tally.mean(), rules),
        trimmed_mean=None,
        median=None,
        deviation=None,
        least=None,
        greatest=None,
        dropped=0,
        band=None,
        bands=(),
        values=(),
        passed=None if measure is None or rules.pass_mark is None else measure >= rules.pass_mark,
        criteria=criteria,
    )


def summed_criterion(criterion: str, tally: SumTally, rules: ScoreRules) -> CriterionFigures:
    """Return the figures of one criterion."""
    return published_criterion(criterion, tally.scores, tally.total, summed_measure(tally, rules), rules)
