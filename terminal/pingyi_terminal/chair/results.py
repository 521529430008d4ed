"""The right side of the chair's screen: the count, and the measure where the rules let the chair see it. Pure."""

from pingyi_protocol.meeting.definition import Audience, Display, Item, Press, ScoreRules
from pingyi_protocol.meeting.figures import RoundFigures, TargetFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.parts import Count, Figures, Said, TargetRow
from pingyi_terminal.chair.situation import Attention, Situation, attention
from pingyi_terminal.chair.step import clock_of
from pingyi_terminal.running import LEAST_BALLOTS
from pingyi_terminal.widgets import Bar


def count(words: Catalogue, situation: Situation) -> Count:
    """Return who has voted of those present for the round, or who is present of those due."""
    votes = situation.turnout
    if votes is not None:
        tone = "accent" if situation.live is not None else "foreground"
        heading = words("chair.voted_of_present")
        return Count(heading, votes.voted, votes.base, count_line(words, situation), tone)
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
    stage, found = situation.stage, situation.figures
    if stage is None:
        return Figures("")
    phase = situation.phase_of(stage)
    if phase is Phase.VOID:
        return void(words, situation, stage)
    if phase is Phase.PENDING:
        return Figures(words("chair.rules"), lines=rules_in_words(words, stage.rules))
    if found is None:
        return Figures(words("chair.withheld"), lines=(withheld(words, stage, phase),))
    if len(found.targets) > 1:
        return sheet(words, situation, stage, found)
    return one_target(words, stage, found.targets[0], phase)


def withheld(words: Catalogue, stage: Item, phase: Phase) -> str:
    """Return why the chair sees no figures, and when there will be some."""
    if phase not in LIVE:
        return words("chair.withheld_closed")
    if stage.rules.running is Audience.NOBODY:
        return words("chair.withheld_live")
    return words("chair.withheld_few", least=LEAST_BALLOTS)


def void(words: Catalogue, situation: Situation, stage: Item) -> Figures:
    """Return why the round counts for nothing, and which earlier one still does."""
    status, standing = situation.picture.status(stage.id), situation.picture.figures(stage.id)
    earlier = (words("chair.earlier_stands", round=standing.round),) if standing is not None else ()
    return Figures(words("chair.void_because", round=status.round), lines=(status.reason, *earlier))


def one_target(words: Catalogue, stage: Item, target: TargetFigures, phase: Phase) -> Figures:
    """Return the measure of a single target with its distribution."""
    rules = stage.rules
    in_band = next((band for band in rules.bands if band.name == target.band), None)
    announced = phase is Phase.ANNOUNCED
    few = "chair.too_few_yet" if phase in LIVE else "chair.too_few"
    return Figures(
        heading=measure_heading(words, rules, phase, target.scores),
        band=Said(target.band or "", "accent"),
        figure="" if target.measure is None else str(target.measure),
        tone="accent" if announced else "foreground",
        rules=rules,
        counts={value.value: value.count for value in target.values},
        in_band=in_band,
        bars=tuple(Bar(band.band, band.count, band.band == target.band) for band in target.bands),
        lines=(
            words("chair.abstained", count=target.abstentions),
            *((words(few, least=rules.least_scores),) if target.measure is None else ()),
        ),
    )


def measure_heading(words: Catalogue, rules: ScoreRules, phase: Phase, scores: int) -> str:
    """Return what the figure is, and from how many scores."""
    name = words(f"chair.measure_{rules.measure}")
    return words("chair.measure_live" if phase in LIVE else "chair.measure_final", name=name, scores=scores)


def sheet(words: Catalogue, situation: Situation, stage: Item, found: RoundFigures) -> Figures:
    """Return every target's measure as a compact list."""
    phase = situation.phase_of(stage)
    rows = []
    for target in found.targets:
        facts = situation.definition.target(target.target)
        shown = words("chair.no_measure") if target.measure is None else str(target.measure)
        rows.append(TargetRow(facts.short_name or facts.name, shown, target.band or ""))
    scores = max((target.scores for target in found.targets), default=0)
    return Figures(measure_heading(words, stage.rules, phase, scores), rows=tuple(rows))


def rules_in_words(words: Catalogue, rules: ScoreRules) -> tuple[str, ...]:
    """Return how the item is voted on and shown, one line a rule."""
    timed = "chair.rule_timer" if rules.timer_closes else "chair.rule_time"
    time = words(timed, time=clock_of(1000 * rules.seconds)) if rules.seconds is not None else words("chair.rule_chair")
    seen = {Audience.NOBODY: "nobody", Audience.CHAIR: "chair", Audience.ALL: "all"}[rules.running]
    display = {Display.LIVE: "close", Display.ON_CLOSE: "close", Display.ON_ANNOUNCEMENT: "announcement"}[rules.display]
    return (
        words("chair.rule_range", lowest=rules.lowest, highest=rules.highest, step=rules.step),
        words("chair.rule_first" if rules.press is Press.FIRST else "chair.rule_last"),
        words("chair.rule_abstention" if rules.abstention else "chair.rule_no_abstention"),
        time,
        words(f"chair.rule_running_{seen}"),
        words(f"chair.rule_display_{display}"),
    )
