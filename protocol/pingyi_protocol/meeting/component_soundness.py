"""Whether components, their rules and the rules of the composite make sense together."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pingyi_protocol.meeting.components import (
    Component,
    ComponentPart,
    GivenScores,
    GradeValues,
    HotlineRates,
    Rule,
)
from pingyi_protocol.meeting.definition import Band, Definition, ScoreRules
from pingyi_protocol.meeting.evidence import score_findings
from pingyi_protocol.meeting.findings import Finding, Path, TextRule, is_plain, not_plain, out_of_range, text_findings
from pingyi_protocol.meeting.rule_soundness import MOST_DECIMALS, SEPARATORS, WHOLE, bands_findings

NAME = TextRule("name", 60)
GRADE = TextRule("rule", 20)
MOST_GRADES = 10


def components_findings(definition: Definition) -> Iterator[Finding]:
    """Find what is wrong with the components and the composite; paths start at the definition."""
    yield from _composite_rules(definition)
    if not definition.components:
        return
    yield from weighted_findings(("components",), definition.components)
    for index, component in enumerate(definition.components):
        for found in component_findings(component):
            other = None if found.other is None else ("components", index, *found.other)
            yield Finding(("components", index, *found.path), found.code, found.found, found.values, other)
    yield from _committee(definition.components)
    for index, item in enumerate(definition.agenda):
        rules = item.rules
        if not isinstance(rules, ScoreRules) or not (is_plain(rules.lowest) and is_plain(rules.highest)):
            continue
        if (rules.lowest, rules.highest) != (Decimal(0), WHOLE):
            yield Finding(("agenda", index, "rules", "highest"), "composite_scale", f"{rules.lowest}-{rules.highest}")


def component_findings(component: Component) -> Iterator[Finding]:
    """Find what is wrong with the rules and parts of one component; paths start at it."""
    ruled = component.rule != GivenScores()
    if component.committee and (component.parts or ruled):
        yield Finding(("rule",), "committee_has_no_rule", component.name)
    elif component.parts and ruled:
        yield Finding(("rule",), "rule_of_parts", component.name)
    yield from weighted_findings(("parts",), component.parts)
    yield from rule_findings(component.rule)
    for place, part in enumerate(component.parts):
        for found in rule_findings(part.rule):
            yield Finding(("parts", place, *found.path), found.code, found.found, found.values)


def _committee(components: Sequence[Component]) -> Iterator[Finding]:
    """One component is the committee's own scores."""
    own = [index for index, component in enumerate(components) if component.committee]
    if not own:
        yield Finding(("components", "committee"), "no_committee")
    for index in own[1:]:
        other = ("components", own[0], "committee")
        yield Finding(("components", index, "committee"), "second_committee", components[index].name, other=other)


def weighted_findings(path: Path, weighted: Sequence[Component | ComponentPart]) -> Iterator[Finding]:
    """Find names and ids that are missing or twice, and weights that make no whole; nothing in an empty list."""
    first: dict[str, int] = {}
    for index, one in enumerate(weighted):
        yield from text_findings((*path, index, "name"), one.name, NAME)
        for field in ("id", "name"):
            value = getattr(one, field)
            if not value and field == "id":
                yield Finding((*path, index, field), "missing")
            elif first.setdefault(field + value, index) != index:
                yield Finding((*path, index, field), "duplicate", value, other=(*path, first[field + value], field))
        if not is_plain(one.weight) or not 0 < one.weight <= WHOLE:
            yield Finding((*path, index, "weight"), "weight", str(one.weight))
    total = sum((one.weight for one in weighted if is_plain(one.weight)), Decimal(0))
    if weighted and total != WHOLE and all(is_plain(one.weight) for one in weighted):
        yield Finding((*path, "weight"), "weights_total", str(total))


def rule_findings(rule: Rule) -> Iterator[Finding]:
    """Find what is wrong with the rule by which material becomes a score."""
    match rule:
        case HotlineRates():
            yield from _hotline(rule)
        case GradeValues():
            yield from _grades(rule)
        case _:
            return


def _hotline(rule: HotlineRates) -> Iterator[Finding]:
    weights = (rule.satisfied, rule.not_repeated)
    for weight in weights:
        if not is_plain(weight) or not 0 <= weight <= WHOLE:
            yield Finding(("rule",), "weight", str(weight))
    if all(map(is_plain, weights)) and sum(weights) != WHOLE:
        yield Finding(("rule",), "weights_total", str(sum(weights)))


def _grades(rule: GradeValues) -> Iterator[Finding]:
    path: Path = ("rule",)
    if not 1 <= len(rule.grades) <= MOST_GRADES:
        yield out_of_range("rule", len(rule.grades), 1, MOST_GRADES)
    for grade in rule.grades:
        yield from text_findings(path, grade.name, GRADE)
        if SEPARATORS.search(grade.name):
            yield Finding(path, "band_separator", grade.name)
        yield from score_findings(path, grade.value)
    names = [grade.name for grade in rule.grades]
    if len(set(names)) < len(names):
        yield Finding(path, "band_twice", "; ".join(names))


def _composite_rules(definition: Definition) -> Iterator[Finding]:
    rules = definition.composite
    path: Path = ("composite",)
    if not 0 <= rules.decimals <= MOST_DECIMALS:
        found = out_of_range("decimals", rules.decimals, 0, MOST_DECIMALS)
        yield Finding((*path, *found.path), found.code, found.found, found.values)
    wild: list[Band] = [band for band in rules.bands if not is_plain(band.least)]
    yield from (not_plain((*path, "bands"), band.least) for band in wild)
    if not wild:
        for found in bands_findings(rules.bands, Decimal(0), WHOLE):
            yield Finding((*path, *found.path), found.code, found.found, found.values)
    if rules.again_below is not None:
        yield from score_findings((*path, "again_below"), rules.again_below)
