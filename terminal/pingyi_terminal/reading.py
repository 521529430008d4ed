"""The result as the chair reads it out, a sentence a line. Pure."""

from collections.abc import Iterator

from pingyi_protocol.meeting.definition import Definition, Item, Option, ScoreRules
from pingyi_protocol.meeting.figures import ChoiceFigures, GroupFigures, RoundFigures, SelectionFigures, TargetFigures
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.picture import Picture
from pingyi_terminal.choices import options_of, outcome_words, passing_of, short_name


def announcement(words: Catalogue, definition: Definition, picture: Picture, figures: RoundFigures) -> tuple[str, ...]:
    """Return who was there, what was given, what it comes to, and whose numbers these are."""
    stage = definition.item(figures.item)
    if stage is None:
        return ()
    return (
        attendance(words, len(definition.entitled), figures),
        *outcome(words, definition, picture, stage, figures),
        *(group_line(words, definition, stage, group) for group in figures.groups),
        *((words("chair.manual_because", reason=figures.manual),) if figures.manual else ()),
    )


def attendance(words: Catalogue, due: int, figures: RoundFigures) -> str:
    """Say how many were due and present, recused, and how many ballots say nothing."""
    said = words("chair.read_present", due=due, present=figures.present)
    if figures.recused:
        said += words("chair.read_recused", recused=figures.recused)
    return said + (words("chair.read_invalid", invalid=figures.invalid) if figures.invalid else "")


def outcome(
    words: Catalogue, definition: Definition, picture: Picture, stage: Item, figures: RoundFigures
) -> Iterator[str]:
    """Say what was given and what it comes to."""
    if figures.selection is not None:
        yield received(words, figures)
        yield from selected(words, definition, chosen_before(picture, figures), figures.selection)
    elif several(figures):
        yield received(words, figures)
        yield words("chair.read_aside")
    else:
        for target in figures.targets:
            yield from scored(words, stage, target)
        for choice in figures.choices:
            yield from answered(words, stage, choice)


def several(figures: RoundFigures) -> bool:
    """Whether these are the figures of more than one target."""
    return max(len(figures.targets), len(figures.choices)) > 1


def each_target(words: Catalogue, definition: Definition, figures: RoundFigures) -> Iterator[str]:
    """Say in a few words what each of several targets comes to."""
    asked = {one.target: outcome_words(words, one.outcome) for one in figures.choices}
    measured = {one.target: one for one in figures.targets}
    for target in measured or asked:
        one = measured.get(target)
        parts = [] if one is None else [str(one.measure or words("chair.no_measure")), one.band or ""]
        yield " ".join(filter(None, (short_name(definition, target), *parts, asked.get(target, ""))))


def received(words: Catalogue, figures: RoundFigures) -> str:
    """Say how many ballots there were."""
    not_voted = figures.present - figures.received - figures.recused
    return words("chair.read_received", received=figures.received, not_voted=not_voted)


def scored(words: Catalogue, stage: Item, target: TargetFigures) -> Iterator[str]:
    """Say the measure of a single target."""
    rules = stage.rules
    if not isinstance(rules, ScoreRules):
        return
    yield words("chair.read_votes", scores=target.scores, abstentions=target.abstentions, not_voted=target.not_voted)
    if target.measure is None:
        yield words("chair.read_no_measure", least=rules.least_scores)
        return
    name = words(f"chair.measure_{rules.measure}")
    key = "chair.read_measure" if target.band else "chair.read_measure_bare"
    said = words(key, name=name, measure=target.measure, band=target.band)
    if target.passed is not None:
        said += words("chair.read_mark_met" if target.passed else "chair.read_mark_missed", mark=rules.pass_mark)
    yield said


def answered(words: Catalogue, stage: Item, one: ChoiceFigures) -> Iterator[str]:
    """Say the votes on a single question, and what they come to."""
    counts = (
        words("chair.read_count", option=words(f"choices.{option}"), count=one.count(option))
        for option in (*options_of(stage), Option.ABSTAIN)
    )
    said = words("chair.read_counts", counts=words("chair.comma").join(counts), not_voted=one.not_voted)
    yield words("chair.read_question", said=said) if isinstance(stage.rules, ScoreRules) else said
    base = words(f"chair.base_{passing_of(stage).base}")
    yield words(
        "chair.read_outcome", outcome=outcome_words(words, one.outcome), needed=one.needed, base=base, count=one.base
    )


def selected(
    words: Catalogue, definition: Definition, earlier: tuple[str, ...], one: SelectionFigures
) -> Iterator[str]:
    """Say who is chosen, who was before, and between whom it is decided in another round."""
    if earlier:
        yield words("chair.read_chosen_before", names=names(words, definition, earlier))
    votes = {candidate.target: candidate.votes for candidate in one.candidates}
    chosen = (words("chair.read_votes_of", name=definition.target(who).name, votes=votes[who]) for who in one.winners)
    yield words("chair.read_chosen", names=words("chair.and").join(chosen)) if one.winners else words("chair.read_none")
    if one.tied:
        places = one.places - len(one.winners)
        tied = names(words, definition, one.tied)
        yield words("chair.read_tied", names=tied, votes=votes[one.tied[0]], places=places)


def names(words: Catalogue, definition: Definition, targets: tuple[str, ...]) -> str:
    """Return the full names in a row."""
    return words("chair.and").join(definition.target(target).name for target in targets)


def chosen_before(picture: Picture, figures: RoundFigures) -> tuple[str, ...]:
    """Return who was chosen in the rounds that this one goes on from."""
    chosen: tuple[str, ...] = ()
    later = figures.selection
    earlier = [one for one in picture.published if one.item == figures.item and one.round < figures.round]
    for one in reversed(earlier):
        if later is None or one.selection is None:
            break
        # a round among all begins anew, with those who were chosen before
        if not {candidate.target for candidate in later.candidates}.isdisjoint(one.selection.winners):
            break
        chosen, later = (*one.selection.winners, *chosen), one.selection
    return chosen


def group_line(words: Catalogue, definition: Definition, stage: Item, group: GroupFigures) -> str:
    """Say what one review group gave, or that it is withheld."""
    said = [
        words("chair.group_withheld") if one.scores is None else str(one.measure or words("chair.no_measure"))
        for one in group.targets
    ]
    for choice in group.choices:
        counts = choice.counts
        said.append(
            words("chair.group_withheld")
            if counts is None
            else "/".join(str(one.count) for one in counts if one.option is not Option.ABSTAIN)
        )
    several = len(stage.targets) > 1 and len(said) == len(stage.targets)
    if several:
        said = [f"{short_name(definition, target)} {text}" for target, text in zip(stage.targets, said, strict=True)]
    return words("chair.group", group=group.group, received=group.received, figures=words("chair.comma").join(said))
