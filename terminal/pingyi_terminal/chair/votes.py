"""The right side of the chair's screen for votes by choice: motions, ratings, selections. Pure."""

from pingyi_protocol.meeting.definition import QUESTION, TRIAL, Definition, Item, Option, Passing, ScoreRules
from pingyi_protocol.meeting.figures import ChoiceFigures, Outcome, RoundFigures, SelectionFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.parts import Figures, Said, TargetRow
from pingyi_terminal.choices import options_of, outcome_words, passing_of, short_name


def vote(words: Catalogue, item: Item, one: ChoiceFigures, received: int, phase: Phase) -> Figures:
    """Return one question with how often each option was chosen; the first one large."""
    options = (*options_of(item), Option.ABSTAIN)
    rows = [TargetRow(words(f"choices.{option}"), str(one.count(option)), "") for option in options]
    return Figures(
        heading=words(
            "chair.option_live" if phase in LIVE else "chair.option_final",
            option=words(f"choices.{options[0]}"),
            received=received,
        ),
        band=Said("" if phase in LIVE else outcome_words(words, one.outcome), tone_of(one.outcome)),
        figure=str(one.count(options[0])),
        tone="accent" if phase is Phase.ANNOUNCED else "foreground",
        rows=(*rows, TargetRow(words("chair.not_pressed"), str(one.not_voted), "")),
        lines=(words("chair.trial_means") if item is TRIAL else needed_words(words, passing_of(item), one),),
    )


def votes(words: Catalogue, definition: Definition, item: Item, found: RoundFigures, phase: Phase) -> Figures:
    """Return the same question about several targets, one a row."""
    options = options_of(item)
    rows = tuple(
        TargetRow(
            short_name(definition, one.target),
            "/".join(str(one.count(option)) for option in options),
            "" if phase in LIVE else words(f"chair.short_{one.outcome}"),
        )
        for one in found.choices
    )
    order = "/".join(words(f"choices.{option}") for option in options)
    needed = needed_words(words, passing_of(item), found.choices[0])
    return Figures(votes_heading(words, found.received, phase), rows=rows, lines=(order, needed))


def selection(words: Catalogue, definition: Definition, found: RoundFigures, phase: Phase) -> Figures:
    """Return the candidates with their votes: in the item's order while it is open, then the first ones first."""
    one = found.selection
    if one is None:
        return Figures("")
    falling = sorted(one.candidates, key=lambda candidate: -candidate.votes)
    order = one.candidates if phase in LIVE else falling
    rows = tuple(
        TargetRow(
            short_name(definition, candidate.target),
            str(candidate.votes),
            "" if phase in LIVE else place_of(words, one, candidate.target),
        )
        for candidate in order
    )
    places = words("chair.places", places=one.places, needed=one.needed)
    aside = words("chair.abstained_and_not", abstentions=one.abstentions, not_voted=one.not_voted)
    return Figures(votes_heading(words, found.received, phase), rows=rows, lines=(places, aside))


def place_of(words: Catalogue, one: SelectionFigures, target: str) -> str:
    """Return whether a candidate is chosen or tied, "" where neither."""
    if target in one.winners:
        return words("choices.selected")
    return words("chair.tied") if target in one.tied else ""


def old_question(words: Catalogue, rules: ScoreRules, one: ChoiceFigures, phase: Phase) -> tuple[str, ...]:
    """Return the answers to the old question beside a target's score."""
    counts = "  ".join(f"{words(f'choices.{option}')} {one.count(option)}" for option in (*QUESTION, Option.ABSTAIN))
    if phase in LIVE or rules.question is None:
        return (words("chair.question_counts", counts=counts),)
    return words("chair.question_outcome", outcome=outcome_words(words, one.outcome), needed=one.needed), counts


def votes_heading(words: Catalogue, received: int, phase: Phase) -> str:
    """Return what the figures are, and of how many ballots."""
    return words("chair.votes_live" if phase in LIVE else "chair.votes_final", received=received)


def needed_words(words: Catalogue, passing: Passing, one: ChoiceFigures) -> str:
    """Return how many votes pass, out of which number."""
    base = words(f"chair.base_{passing.base}")
    return words("chair.needed", needed=one.needed, base=base, count=one.base)


def tone_of(outcome: Outcome) -> str:
    """Return the colour of an outcome: what was not passed stands out as well as by its word."""
    return "warning" if outcome in (Outcome.REJECTED, Outcome.NOT_SATISFIED) else "accent"
