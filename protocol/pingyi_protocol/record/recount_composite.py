"""The composites once more, from the evidence and the ballots, apart from the rules' own arithmetic."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from pingyi_protocol.meeting.components import (
    Component,
    ComponentPart,
    EvidenceLine,
    GivenScore,
    GradeValues,
    HotlineCounts,
    HotlineRates,
    Rule,
    SurveyCounts,
    VoteBase,
    VoteCounts,
    VoteShares,
)
from pingyi_protocol.meeting.definition import CompositeRules
from pingyi_protocol.meeting.figures import ComponentFigures, CompositeLine, Missing, PartFigures
from pingyi_protocol.record.recount_figures import WIDE, decimal

Found: TypeAlias = Mapping[tuple[str, str], Sequence[EvidenceLine]]
"""What was imported, by component and part."""


@dataclass(frozen=True)
class Sheet:
    """What composites are made from at one moment.

    ``committee`` is the unrounded measure of each of the scored ``targets`` that has one.
    """

    components: tuple[Component, ...]
    rules: CompositeRules
    targets: tuple[str, ...]
    found: Found
    committee: Mapping[str, Fraction]

    def lines(self) -> Iterator[CompositeLine]:
        """Yield each target's line."""
        totals = {target: self.total(target) for target in self.targets}
        for target, total in totals.items():
            lacking = tuple(self.lacking(target))
            parts = tuple(self.figures(one, target) for one in self.components if self.exact(one, target) is not None)
            if total is None:
                yield CompositeLine(target, parts, lacking, None, None, None, None, again=False)
                continue
            shown = self.shown(total)
            better = sum(other is not None and other > total for other in totals.values())
            band = next((one.name for one in self.rules.bands if one.least <= shown), None)
            again = self.rules.again_below is not None and shown < self.rules.again_below
            yield CompositeLine(target, parts, lacking, shown, text(total), 1 + better, band, again)

    def total(self, target: str) -> Fraction | None:
        """Return the weighted sum, None where anything is missing."""
        exact = [(one.weight, self.exact(one, target)) for one in self.components]
        there = [Fraction(weight) * score for weight, score in exact if score is not None]
        return sum(there, start=Fraction(0)) / 100 if len(there) == len(exact) else None

    def exact(self, component: Component, target: str) -> Fraction | None:
        """Return the score of a component, None where anything of it is missing."""
        if component.committee:
            return self.committee.get(target)
        if not component.parts:
            return self.score(component, "", component.rule, target)
        scores = [(part.weight, self.score(component, part.id, part.rule, target)) for part in component.parts]
        there = [Fraction(weight) * score for weight, score in scores if score is not None]
        return sum(there, start=Fraction(0)) / 100 if len(there) == len(scores) else None

    def score(self, component: Component, part: str, rule: Rule, target: str) -> Fraction | None:
        """Return what the imported material of a target comes to."""
        lines = self.found.get((component.id, part), ())
        material = next((line.material for line in lines if line.target == target), None)
        votes = [line.material.votes for line in lines if isinstance(line.material, VoteCounts)]
        match rule, material:
            case _, GivenScore(given):
                return Fraction(given)
            case HotlineRates(satisfied=share, not_repeated=other), HotlineCounts(handled, satisfied, repeated):
                return (Fraction(share) * satisfied + Fraction(other) * (handled - repeated)) / handled
            case GradeValues(grades), SurveyCounts(counts):
                weighted = [Fraction(one.value) * count for one, count in zip(grades, counts, strict=True)]
                return sum(weighted, start=Fraction(0)) / sum(counts)
            case VoteShares(of=VoteBase.VOTERS), VoteCounts(mine, voters):
                return Fraction(100 * mine, voters)
            case VoteShares(), VoteCounts(mine):
                return Fraction(100 * mine, max(votes))
            case _:
                return None

    def lacking(self, target: str) -> Iterator[Missing]:
        """Yield what is not there."""
        for one in self.components:
            if one.committee and target not in self.committee:
                yield Missing(one.id)
            for part, rule in () if one.committee else [(each.id, each.rule) for each in parts_of(one)]:
                if self.score(one, part, rule, target) is None:
                    yield Missing(one.id, part)

    def figures(self, component: Component, target: str) -> ComponentFigures:
        """Return one component of a target as it is printed."""
        score = self.exact(component, target)
        parts = [(part, self.score(component, part.id, part.rule, target)) for part in component.parts]
        return ComponentFigures(
            component.id,
            *self.printed(component.weight, score or Fraction(0)),
            parts=tuple(PartFigures(part.id, *self.printed(part.weight, one or Fraction(0))) for part, one in parts),
        )

    def printed(self, weight: Decimal, score: Fraction) -> tuple[Decimal, str, Decimal, Decimal]:
        """Return a score, rounded and exact, its weight, and the product."""
        return self.shown(score), text(score), bare(weight), self.shown(score * Fraction(weight) / 100)

    def shown(self, value: Fraction) -> Decimal:
        """Return a figure as it is published."""
        return decimal(value).quantize(Decimal(1).scaleb(-self.rules.decimals), context=WIDE)


def parts_of(component: Component) -> tuple[ComponentPart, ...]:
    """Return what evidence is for: the parts, or the whole."""
    return component.parts or (ComponentPart("", component.name, component.weight, component.rule),)


def bare(weight: Decimal) -> Decimal:
    """Return the number without exponent and trailing zeros."""
    whole = format(weight, "f")
    return Decimal(whole.rstrip("0").rstrip(".") if "." in whole else whole)


def text(value: Fraction) -> str:
    """Return a fraction as it is published."""
    return f"{value.numerator}/{value.denominator}"
