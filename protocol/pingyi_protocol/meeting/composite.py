"""The composite (综合得分): the evidence and the committee's own scores, weighted, exact until the last line."""

from collections.abc import Mapping
from fractions import Fraction

from pingyi_protocol.meeting.definition import Component, Definition
from pingyi_protocol.meeting.figures import CompositeLine, CompositePart
from pingyi_protocol.meeting.measures import fraction_text, plain, round_half_up, shared_ranks

DECIMALS = 2
_WHOLE = Fraction(100)


class WeightsError(ValueError):
    """The weights of the components do not sum to exactly 100 per cent; ``total`` is what they sum to."""

    def __init__(self, total: Fraction) -> None:
        self.total = total
        super().__init__(f"the weights sum to {total} per cent: change them to sum to exactly 100")


def composite(definition: Definition, committee: Mapping[str, Fraction | None]) -> tuple[CompositeLine, ...]:
    """Return one line a target, in the order of ``definition.targets``; none if the meeting has no components.

    ``committee`` holds the unrounded measure of each target's own scoring, 0-100, None or absent where there is
    none yet. A target that misses a component has no total and no rank, and its line names what is missing.
    Ranks are taken among the targets with a total, on unrounded totals. Raises WeightsError.
    """
    if not definition.components:
        return ()
    weights = sum((Fraction(component.weight) for component in definition.components), start=Fraction(0))
    if weights != _WHOLE:
        raise WeightsError(weights)
    evidence = {(entry.component, entry.target): Fraction(entry.score) for entry in definition.evidence}
    found: dict[str, dict[Component, Fraction]] = {}
    for target in definition.targets:
        scores = {
            component: committee.get(target.id) if component.committee else evidence.get((component.id, target.id))
            for component in definition.components
        }
        found[target.id] = {component: score for component, score in scores.items() if score is not None}
    totals = {
        target: sum((_weighted(component, score) for component, score in scores.items()), start=Fraction(0))
        for target, scores in found.items()
        if len(scores) == len(definition.components)
    }
    ranks = shared_ranks(totals)
    return tuple(
        _line(target, definition.components, scores, totals.get(target), ranks.get(target))
        for target, scores in found.items()
    )


def _weighted(component: Component, score: Fraction) -> Fraction:
    return score * Fraction(component.weight) / _WHOLE


def _line(
    target: str,
    components: tuple[Component, ...],
    scores: Mapping[Component, Fraction],
    total: Fraction | None,
    rank: int | None,
) -> CompositeLine:
    """Print what is known of one target: its parts in the order of the components, rounded each by itself."""
    return CompositeLine(
        target=target,
        parts=tuple(
            CompositePart(
                component=component.id,
                score=round_half_up(score, DECIMALS),
                weight=plain(component.weight),
                weighted=round_half_up(_weighted(component, score), DECIMALS),
            )
            for component, score in scores.items()
        ),
        missing=tuple(component.id for component in components if component not in scores),
        total=None if total is None else round_half_up(total, DECIMALS),
        exact=None if total is None else fraction_text(total),
        rank=rank,
    )
