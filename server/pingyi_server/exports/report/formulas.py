"""Formulas in print, such as somebody can follow with a pocket calculator: exact values, and how they come about."""

from fractions import Fraction

from pingyi_protocol.meeting.components import (
    GivenScore,
    GivenScores,
    GradeValues,
    HotlineCounts,
    HotlineRates,
    Material,
    Rule,
    SurveyCounts,
    VoteBase,
    VoteCounts,
    VoteShares,
)
from pingyi_protocol.meeting.definition import MeasureKind
from pingyi_protocol.meeting.measures import six_places
from pingyi_protocol.record.results import RoundResult, TargetResult
from pingyi_protocol.text import Catalogue
from pingyi_server.exports.report.parts import figure


def rule_of(rule: Rule, words: Catalogue) -> str:
    """Return how material becomes a score, in words."""
    match rule:
        case GivenScores():
            return words("report.rule_given")
        case HotlineRates(satisfied, not_repeated):
            key = "report.rule_hotline" if not_repeated else "report.rule_hotline_satisfied"
            return words(key, satisfied=figure(satisfied), not_repeated=figure(not_repeated))
        case GradeValues(grades):
            said = (words("report.grade_value", grade=one.name, value=figure(one.value)) for one in grades)
            return words("report.rule_survey", grades=words("export.comma").join(said))
        case VoteShares(of):
            return words("report.rule_voters" if of is VoteBase.VOTERS else "report.rule_most")


def formula_of(rule: Rule, material: Material, most: int) -> str:
    """Return how this material becomes its score; ``most`` is the most votes that any target has."""
    match rule, material:
        case HotlineRates(satisfied, not_repeated), HotlineCounts(handled, found, repeated):
            parts = [f"{figure(satisfied)} × {found} ÷ {handled}"] if satisfied else []
            parts += [f"{figure(not_repeated)} × ({handled} − {repeated}) ÷ {handled}"] if not_repeated else []
            return " + ".join(parts)
        case GradeValues(grades), SurveyCounts(counts):
            answers = zip(grades, counts, strict=True)
            parts = [f"{count} × {figure(grade.value)}" for grade, count in answers if count]
            return f"({' + '.join(parts)}) ÷ {sum(counts)}"
        case VoteShares(of), VoteCounts(votes, voters):
            return f"100 × {votes} ÷ {voters if of is VoteBase.VOTERS else most}"
        case GivenScores(), GivenScore(score):
            return figure(score)
        case _:
            raise ValueError(f"{material} is no material for {rule}")


def measure_formula(one: RoundResult, result: TargetResult, words: Catalogue) -> str:
    """Return how the committee's scores became their measure: what is divided by what, or which measure it is."""
    found = result.figures
    if one.measure is MeasureKind.MEAN:
        said = f"{figure(found.total)} ÷ {found.scores}"
    elif one.measure is MeasureKind.TRIMMED_MEAN:
        left = found.scores - 2 * found.dropped
        total = six_places(Fraction(found.exact or 0) * left)
        said = words("report.formula_trimmed", total=total, left=left, dropped=found.dropped, scores=found.scores)
    else:
        said = words("report.formula_median", scores=found.scores)
    return words("report.formula_by_hand", formula=said) if one.manual else said
