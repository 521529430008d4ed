"""The appraisal around the committee's own scores: evidence put on the record, and the composite announced."""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction

from pingyi_protocol.meeting.commands import AnnounceComposite, Command, ImportEvidence
from pingyi_protocol.meeting.components import Component
from pingyi_protocol.meeting.composite import Scores, composite
from pingyi_protocol.meeting.counting import measure_of
from pingyi_protocol.meeting.definition import Definition, ScoreRules
from pingyi_protocol.meeting.events import CompositeAnnounced, Event, EvidenceImported
from pingyi_protocol.meeting.evidence import evidence_findings, scores_of, source_of
from pingyi_protocol.meeting.figures import CompositeLine, Missing
from pingyi_protocol.meeting.findings import TextRule, text_findings
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Reason, Refusal

FILE_NAME = TextRule("file", 255)
SHA256 = re.compile(r"[0-9a-f]{64}")


def import_evidence(meeting: Meeting, _command: Command, body: ImportEvidence, _at: int) -> Event | Refusal:
    """Evidence is taken for a component that is not the committee's own, of targets that are scored."""
    if meeting.definition is None:
        return Refusal(Reason.NOTHING_LOADED)
    if list(text_findings((), body.file, FILE_NAME)) or not SHA256.fullmatch(body.sha256):
        return Refusal(Reason.TEXT_REFUSED)
    source = source_of(meeting.definition.components, body.component, body.part)
    if source is None:
        return Refusal(Reason.COMPONENT_UNKNOWN, {"component": body.component, "part": body.part})
    found = evidence_findings(source.rule, scored_targets(meeting), body.lines)
    if found:
        return Refusal(Reason.EVIDENCE_UNSOUND, {"component": source.name, "count": str(len(found))})
    return EvidenceImported(body.component, body.part, body.file, body.sha256, body.lines)


def announce_composite(meeting: Meeting, _command: Command, _body: AnnounceComposite, _at: int) -> Event | Refusal:
    """The composites are published together, once nothing is missing and nothing is being voted on."""
    definition = meeting.definition
    lines = composite_of(meeting)
    if definition is None or not lines:
        return Refusal(Reason.NO_COMPOSITE)
    live = meeting.live_round
    if live is not None:
        return Refusal(Reason.ROUND_OPEN, {"item": live.item})
    if meeting.composite:
        return Refusal(Reason.COMPOSITE_ANNOUNCED)
    lacking = [(line.target, one) for line in lines for one in line.missing]
    if lacking:
        named = "; ".join(lacking_words(definition, lacking[:MOST_NAMED]))
        return Refusal(Reason.COMPOSITE_MISSING, {"count": str(len(lacking)), "missing": named})
    return CompositeAnnounced(lines)


MOST_NAMED = 3
"""How much of what is missing a refusal names; it says how much there is."""


def lacking_words(definition: Definition, lacking: Sequence[tuple[str, Missing]]) -> Iterator[str]:
    """Yield what is missing by the names of target, component and part."""
    components = {component.id: component for component in definition.components}
    for target, one in lacking:
        line, name = definition.target(target), components[one.component].name_of(one.part)
        yield f"{line.short_name or line.name} · {name}"


def scored_targets(meeting: Meeting) -> tuple[str, ...]:
    """Return the targets (ids) of the score items that were not withdrawn, in the order of the definition."""
    scored = {
        target
        for item in meeting.agenda
        if isinstance(item.rules, ScoreRules) and item.id not in meeting.withdrawn
        for target in item.targets
    }
    targets = meeting.definition.targets if meeting.definition else ()
    return tuple(target.id for target in targets if target.id in scored)


def composite_of(meeting: Meeting) -> tuple[CompositeLine, ...]:
    """Return the composites as they stand, from the evidence and the announced results; none without components."""
    definition = meeting.definition
    if definition is None:
        return ()
    return composite(definition.components, definition.composite, scored_targets(meeting), scores(meeting))


def scores(meeting: Meeting) -> Scores:
    """Return the unrounded score of each target by component and part; the committee's are its announced measures."""
    found: dict[tuple[str, str], dict[str, Fraction]] = {}
    for component in meeting.definition.components if meeting.definition else ():
        if component.committee:
            found[component.id, ""] = committee_scores(meeting)
            continue
        found |= dict(evidence_of(meeting, component))
    return found


def evidence_of(meeting: Meeting, component: Component) -> Iterator[tuple[tuple[str, str], dict[str, Fraction]]]:
    """Yield the scores of the evidence that is there for a component, and what they are for."""
    for source in component.sources:
        imported = meeting.evidence.get((component.id, source.id))
        if imported is not None:
            yield (component.id, source.id), scores_of(source.rule, imported.lines)


def committee_scores(meeting: Meeting) -> dict[str, Fraction]:
    """Return the unrounded measure of each target by the round that was announced for it last."""
    found: dict[str, Fraction] = {}
    for one in meeting.rounds:
        rules = meeting.items[one.item].rules
        if one.phase is not Phase.ANNOUNCED or not isinstance(rules, ScoreRules):
            continue
        for target in meeting.items[one.item].targets:
            measure = measure_of(one, target, rules)
            found.pop(target, None)
            if measure is not None:
                found[target] = measure
    return found
