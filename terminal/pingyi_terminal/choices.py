"""Words and look-ups for what is voted on by choice, whoever shows it. Pure."""

from pingyi_protocol.meeting.definition import (
    GRADES,
    QUESTION,
    Definition,
    Item,
    MotionRules,
    Option,
    Passing,
    RatingRules,
    ScoreRules,
)
from pingyi_protocol.meeting.figures import Outcome
from pingyi_protocol.text import Catalogue


def outcome_words(words: Catalogue, outcome: Outcome) -> str:
    """Return what a vote came to."""
    return words(f"choices.{outcome}")


def options_of(item: Item) -> tuple[Option, ...]:
    """Return the options of an item's question besides abstaining."""
    return GRADES if isinstance(item.rules, RatingRules) else QUESTION


def passing_of(item: Item) -> Passing:
    """Return the rule under which an item's question passes."""
    match item.rules:
        case MotionRules(passing=passing) | RatingRules(passing=passing):
            return passing
        case ScoreRules(question=passing) if passing is not None:
            return passing
        case _:
            return Passing()


def short_name(definition: Definition, target: str) -> str:
    """Return what a target is called in a row."""
    facts = definition.target(target)
    return facts.short_name or facts.name
