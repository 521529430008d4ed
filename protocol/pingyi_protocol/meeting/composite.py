"""The composite (综合得分): the evidence and the committee's own scores, weighted, exact until the last line."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import msgspec

from pingyi_protocol.meeting.components import Component, ComponentPart
from pingyi_protocol.meeting.definition import CompositeRules
from pingyi_protocol.meeting.figures import ComponentFigures, CompositeLine, Missing, PartFigures
from pingyi_protocol.meeting.measures import band_of, fraction_text, plain, round_half_up, shared_ranks

Source: TypeAlias = tuple[str, str]
"""A component and one of its parts, by their ids; the part is "" for the whole."""

Scores: TypeAlias = Mapping[Source, Mapping[str, Fraction]]
"""The unrounded score of each target, 0-100, by what it comes from; what is not there is missing."""

_WHOLE = Fraction(100)


class WeightsError(ValueError):
    """The weights of the components, or of the parts of one, do not sum to exactly 100 per cent but to ``total``."""

    def __init__(self, total: Fraction) -> None:
        self.total = total
        super().__init__(f"the weights sum to {total} per cent: change them to sum to exactly 100")


def composite(
    components: tuple[Component, ...], rules: CompositeRules, targets: Iterable[str], scores: Scores
) -> tuple[CompositeLine, ...]:
    """Return one line for each of the ``targets``, in their order; none without components.

    The committee's own scores stand in ``scores`` under its component. A target that misses anything has no total and
    no rank, and its line names what is missing. Ranks are taken among the targets with a total, on unrounded totals.
    Raises WeightsError.
    """
    if not components:
        return ()
    wholes = [[one.weight for one in components], *([part.weight for part in one.sources] for one in components)]
    for weights in wholes:
        total = sum(map(Fraction, weights), start=Fraction(0))
        if total != _WHOLE:
            raise WeightsError(total)
    found = {target: dict(_present(components, target, scores)) for target in targets}
    totals = {
        target: sum((_share(one.weight, there[one.id]) for one in components), start=Fraction(0))
        for target, there in found.items()
        if len(there) == len(components)
    }
    ranks = shared_ranks(totals)
    return tuple(
        line_of(
            target,
            tuple(
                component_figures(component, there[component.id], target, scores, rules.decimals)
                for component in components
                if component.id in there
            ),
            tuple(missing(components, target, scores)),
            totals.get(target),
            ranks.get(target),
            rules,
        )
        for target, there in found.items()
    )


def reweighted(components: Iterable[Component], weights: Mapping[Source, Decimal]) -> tuple[Component, ...]:
    """Return components and their parts with the ``weights`` (in per cent) that are given for them."""
    change = msgspec.structs.replace
    return tuple(
        change(
            one,
            weight=weights.get((one.id, ""), one.weight),
            parts=tuple(change(part, weight=weights.get((one.id, part.id), part.weight)) for part in one.parts),
        )
        for one in components
    )


def recomputed(
    components: tuple[Component, ...], rules: CompositeRules, lines: tuple[CompositeLine, ...]
) -> tuple[CompositeLine, ...]:
    """Return what ``lines`` would be under the weights of these ``components``, from their own exact scores.

    What a line misses it still misses. Raises WeightsError.
    """
    scores: dict[Source, dict[str, Fraction]] = {}
    for line in lines:
        for found in line.components:
            for part, exact in [(one.part, one.exact) for one in found.parts] or [("", found.exact)]:
                scores.setdefault((found.component, part), {})[line.target] = Fraction(exact)
    again = composite(components, rules, [line.target for line in lines], scores)
    return tuple(msgspec.structs.replace(one, missing=line.missing) for one, line in zip(again, lines, strict=True))


def line_of(
    target: str,
    components: tuple[ComponentFigures, ...],
    lacking: tuple[Missing, ...],
    total: Fraction | None,
    rank: int | None,
    rules: CompositeRules,
) -> CompositeLine:
    """Return a target's line; bands and thresholds go by the published, rounded total."""
    if total is None:
        return CompositeLine(target, components, lacking, None, None, None, None, again=False)
    published = round_half_up(total, rules.decimals)
    band = band_of(rules.bands, published)
    again = rules.again_below is not None and published < rules.again_below
    name = None if band is None else band.name
    return CompositeLine(target, components, lacking, published, fraction_text(total), rank, name, again)


def _present(components: Iterable[Component], target: str, scores: Scores) -> Iterable[tuple[str, Fraction]]:
    """Yield the exact score of each component that is whole."""
    for component in components:
        parts = [(part, scores.get((component.id, part.id), {}).get(target)) for part in component.sources]
        given = [_share(part.weight, score) for part, score in parts if score is not None]
        if len(given) == len(parts):
            yield component.id, sum(given, start=Fraction(0))


def missing(components: Iterable[Component], target: str, scores: Scores) -> Iterable[Missing]:
    """Yield what a target lacks."""
    for component in components:
        for part in component.sources:
            if target not in scores.get((component.id, part.id), {}):
                yield Missing(component.id, part.id)


def _share(weight: Decimal, score: Fraction) -> Fraction:
    return score * Fraction(weight) / _WHOLE


def component_figures(
    component: Component, score: Fraction, target: str, scores: Scores, decimals: int
) -> ComponentFigures:
    """Print one component of a target, and its parts where it has any, each rounded by itself."""
    return ComponentFigures(
        component=component.id,
        score=round_half_up(score, decimals),
        exact=fraction_text(score),
        weight=plain(component.weight),
        weighted=round_half_up(_share(component.weight, score), decimals),
        parts=tuple(part_figures(one, scores[component.id, one.id][target], decimals) for one in component.parts),
    )


def part_figures(part: ComponentPart, score: Fraction, decimals: int) -> PartFigures:
    """Print one part of a component."""
    return PartFigures(
        part=part.id,
        score=round_half_up(score, decimals),
        exact=fraction_text(score),
        weight=plain(part.weight),
        weighted=round_half_up(_share(part.weight, score), decimals),
    )
