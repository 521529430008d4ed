"""The right side of the chair's screen: the count, and the figures where the rules let the chair see them. Pure."""

from dataclasses import replace

from pingyi_protocol.meeting.definition import Audience, Item, MotionRules, RatingRules, ScoreRules
from pingyi_protocol.meeting.figures import CompositeLine, RoundFigures, TargetFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.moves import composing
from pingyi_terminal.chair.parts import Count, Figures, Said, TargetRow
from pingyi_terminal.chair.rules import rules_in_words
from pingyi_terminal.chair.situation import Attention, Situation, attention
from pingyi_terminal.chair.votes import old_question, selection, vote, votes
from pingyi_terminal.choices import short_name
from pingyi_terminal.running import LEAST_BALLOTS
from pingyi_terminal.sealed import secret_rules
from pingyi_terminal.widgets import Bar


def count(words: Catalogue, situation: Situation) -> Count:
    """Return who has voted of those present for the round, or who is present of those due."""
    votes = situation.turnout
    if votes is not None:
        tone = "accent" if situation.live is not None else "foreground"
        heading = words("chair.voted_of_present")
        return Count(heading, votes.voted, votes.base, count_line(words, situation), tone)
    manual = situation.round if situation.round is not None and situation.round.manual else None
    if manual is not None:
        line = Said(words("chair.manual"), "warning")
        return Count(words("chair.manual_ballots"), manual.received, manual.base, line, "foreground")
    here = situation.attendance
    met = Said(words("chair.quorum_line_met", quorum=here.quorum), "ok")
    missing = Said(words("chair.quorum_line_short", quorum=here.quorum, short=here.short), "warning")
    return Count(words("chair.present_of_due"), here.present, here.due, missing if here.short else met)


def count_line(words: Catalogue, situation: Situation) -> Said:
    """Return the line under the meter: complete, stalled, or how many are missing."""
    votes = situation.turnout
    if votes is None:
        return Said()
    found = attention(situation)
    if found is Attention.COMPLETE:
        return Said(words("chair.complete"), "ok")
    if found is Attention.STALLED:
        return Said(words("chair.stalled", seconds=int(situation.draft.quiet)), "warning")
    if not votes.missing:
        return Said(words("chair.complete"), "ok")
    key = "chair.still_missing" if situation.live else "chair.were_missing"
    return Said(words(key, count=votes.missing), "dim")


def figures(words: Catalogue, situation: Situation) -> Figures:
    """Return what stands below the count."""
    lines = composites(situation)
    return composite(words, situation, lines) if lines else item_figures(words, situation)


def item_figures(words: Catalogue, situation: Situation) -> Figures:
    """Return what there is to see of the item on stage."""
    stage, found = situation.stage, situation.figures
    if stage is None:
        return Figures("")
    phase = situation.phase_of(stage)
    if phase is Phase.WITHDRAWN:
        return Figures(words("chair.phase_withdrawn"), lines=(situation.picture.status(stage.id).reason,))
    if phase is Phase.VOID:
        return void(words, situation, stage)
    if phase is Phase.PENDING:
        return Figures(words("chair.rules"), lines=rules_in_words(words, situation.definition, stage))
    if found is None:
        return Figures(words("chair.withheld"), lines=withheld(words, situation, stage, phase))
    shown = figures_of(words, situation, stage, found)
    # the count above says it of the round that was opened last
    said = situation.round is not None or not found.manual
    return shown if said else replace(shown, lines=(words("chair.manual"), *shown.lines))


def composites(situation: Situation) -> tuple[CompositeLine, ...]:
    """Return the composites that were announced, or could be, once the agenda is through; none beside a chosen item."""
    if situation.chosen is not None or situation.next_item is not None or situation.live is not None:
        return ()
    ready = situation.backstage.composite if situation.backstage is not None and composing(situation) else ()
    return situation.picture.composite or ready


def composite(words: Catalogue, situation: Situation, lines: tuple[CompositeLine, ...]) -> Figures:
    """Return the composites by rank, each with its band or that the target is to be scored again; above, how many."""
    rows = tuple(
        TargetRow(
            short_name(situation.definition, line.target),
            str(line.total),
            words("chair.again") if line.again else line.band or "",
        )
        for line in sorted(lines, key=lambda line: line.rank or 0)
    )
    again = sum(line.again for line in lines)
    if situation.picture.composite:
        key = "chair.composite_announced_again" if again else "chair.composite_announced"
    else:
        key = "chair.composite_ready_again" if again else "chair.composite_ready"
    return Figures(words(key, count=again), rows=rows)


def figures_of(words: Catalogue, situation: Situation, stage: Item, found: RoundFigures) -> Figures:
    """Return the figures of a round, by the kind of its item."""
    phase, definition, rules = situation.phase_of(stage), situation.definition, stage.rules
    match rules:
        case ScoreRules() if len(found.targets) > 1:
            return sheet(words, situation, rules, found)
        case ScoreRules():
            return one_target(words, stage, rules, found, phase)
        case MotionRules() | RatingRules() if len(found.choices) > 1:
            return votes(words, definition, stage, found, phase)
        case MotionRules() | RatingRules():
            return vote(words, stage, found.choices[0], found.received, phase)
        case _:
            return selection(words, definition, found, phase)


def withheld(words: Catalogue, situation: Situation, stage: Item, phase: Phase) -> tuple[str, ...]:
    """Return why the chair sees no figures, and when there will be some."""
    secret = secret_rules(words, situation.definition, stage)
    if phase not in LIVE:
        return (*secret, words("chair.withheld_closed"))
    if secret:
        key = words("sealed.fingerprint", code=situation.picture.secret.fingerprint)
        return (words("sealed.withheld_live"), *secret, key)
    if stage.rules.running is Audience.NOBODY:
        return (words("chair.withheld_live"),)
    return (words("chair.withheld_few", least=LEAST_BALLOTS),)


def void(words: Catalogue, situation: Situation, stage: Item) -> Figures:
    """Return why the round counts for nothing, and which earlier one still does."""
    if stage not in situation.definition.agenda:
        return Figures(words("chair.rules"), lines=rules_in_words(words, situation.definition, stage))
    status, standing = situation.picture.status(stage.id), situation.picture.figures(stage.id)
    earlier = (words("chair.earlier_stands", round=standing.round),) if standing is not None else ()
    return Figures(words("chair.void_because", round=status.round), lines=(status.reason, *earlier))


def one_target(words: Catalogue, stage: Item, rules: ScoreRules, found: RoundFigures, phase: Phase) -> Figures:
    """Return the measure of a single target with its distribution, or with the measures under its criteria."""
    [target] = found.targets
    in_band = next((band for band in rules.bands if band.name == target.band), None)
    few = "chair.too_few_yet" if phase in LIVE else "chair.too_few"
    criteria = criteria_rows(words, stage, target)
    return Figures(
        heading=measure_heading(words, rules, phase, target.scores),
        band=Said(target.band or "", "accent"),
        figure="" if target.measure is None else str(target.measure),
        tone="accent" if phase is Phase.ANNOUNCED else "foreground",
        rules=rules,
        counts={} if criteria else {value.value: value.count for value in target.values},
        in_band=in_band,
        bars=() if criteria else tuple(Bar(band.band, band.count, band.band == target.band) for band in target.bands),
        rows=criteria,
        lines=(
            words("chair.abstained", count=target.abstentions),
            *((words(few, least=rules.least_scores),) if target.measure is None else ()),
            *mark_words(words, rules, target, phase),
            *(line for one in found.choices for line in old_question(words, rules, one, phase)),
        ),
    )


def mark_words(words: Catalogue, rules: ScoreRules, target: TargetFigures, phase: Phase) -> tuple[str, ...]:
    """Return whether the measure reaches the pass mark, nothing while it may still move."""
    if target.passed is None or phase in LIVE:
        return ()
    return (words("chair.mark_met" if target.passed else "chair.mark_missed", mark=rules.pass_mark),)


def criteria_rows(words: Catalogue, stage: Item, target: TargetFigures) -> tuple[TargetRow, ...]:
    """Return the measure under each criterion of the target."""
    named = {criterion.id: criterion for criterion in stage.criteria_of(target.target)}
    return tuple(
        TargetRow(named[one.criterion].name, str(one.measure or words("chair.no_measure")), "")
        for one in target.criteria
    )


def measure_heading(words: Catalogue, rules: ScoreRules, phase: Phase, *scores: int) -> str:
    """Return what the figure is, and from how many scores; of several targets from the fewest to the most."""
    name = words(f"chair.measure_{rules.measure}")
    fewest, most = min(scores, default=0), max(scores, default=0)
    said = str(most) if fewest == most else f"{fewest}-{most}"
    return words("chair.measure_live" if phase in LIVE else "chair.measure_final", name=name, scores=said)


def sheet(words: Catalogue, situation: Situation, rules: ScoreRules, found: RoundFigures) -> Figures:
    """Return every target's measure as a compact list; beside it the band, or what the old question came to."""
    stage = situation.stage
    phase = situation.phase_of(stage) if stage is not None else Phase.PENDING
    asked = {one.target: "" if phase in LIVE else words(f"chair.short_{one.outcome}") for one in found.choices}
    rows = tuple(
        TargetRow(
            short_name(situation.definition, target.target),
            words("chair.no_measure") if target.measure is None else str(target.measure),
            asked.get(target.target, target.band or ""),
        )
        for target in found.targets
    )
    return Figures(measure_heading(words, rules, phase, *(target.scores for target in found.targets)), rows=rows)
