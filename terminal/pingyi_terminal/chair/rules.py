"""How the item on stage is voted on, counted and shown, in words: one line a rule. Pure."""

from collections.abc import Iterator

from pingyi_protocol.meeting.definition import (
    TRIAL,
    Audience,
    Definition,
    Display,
    Item,
    ItemRules,
    MotionRules,
    Passing,
    Press,
    RatingRules,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.step import clock_of
from pingyi_terminal.sealed import secret_rules


def rules_in_words(words: Catalogue, definition: Definition, item: Item) -> tuple[str, ...]:
    """Return the rules of an item, first what is opened of a secret one; of a trial only that it counts for nothing."""
    if item is TRIAL:
        return words("chair.trial_means"), words("chair.trial_seats")
    secret = secret_rules(words, definition, item)
    return (*secret, *counting_rules(words, item), *common_rules(words, item.rules))


def counting_rules(words: Catalogue, item: Item) -> Iterator[str]:
    """How the ballots become a result."""
    match item.rules:
        case ScoreRules() as rules:
            yield from score_rules(words, item, rules)
        case MotionRules(passing=passing):
            yield words("chair.rule_motion", share=share_in_words(words, passing))
        case RatingRules(passing=passing):
            yield words("chair.rule_rating", share=share_in_words(words, passing))
        case SelectionRules() as rules:
            count = str(rules.most) if rules.least == rules.most else f"{rules.least}-{rules.most}"
            yield words("chair.rule_selection", count=count, winners=rules.winners)
            if rules.passing is not None:
                yield words("chair.rule_winner", share=share_in_words(words, rules.passing))


def score_rules(words: Catalogue, item: Item, rules: ScoreRules) -> Iterator[str]:
    """How scores are given and measured, and what passes."""
    yield words("chair.rule_range", lowest=rules.lowest, highest=rules.highest, step=rules.step)
    if item.criteria:
        yield words("chair.rule_criteria", count=len(item.criteria))
    if rules.pass_mark is not None:
        yield words("chair.rule_pass_mark", mark=rules.pass_mark)
    if rules.question is not None:
        yield words("chair.rule_question", share=share_in_words(words, rules.question))


def share_in_words(words: Catalogue, passing: Passing) -> str:
    """Return the share that passes and what it is taken of, such as "more than 1/2 of all members"."""
    key = "chair.share_more" if passing.strict else "chair.share_least"
    base = words(f"chair.base_{passing.base}")
    return words(key, numerator=passing.numerator, denominator=passing.denominator, base=base)


def common_rules(words: Catalogue, rules: ItemRules) -> Iterator[str]:
    """What a hall can set for an item of any kind."""
    seen = {Audience.NOBODY: "nobody", Audience.CHAIR: "chair", Audience.ALL: "all"}[rules.running]
    display = {Display.LIVE: "close", Display.ON_CLOSE: "close", Display.ON_ANNOUNCEMENT: "announcement"}[rules.display]
    yield words("chair.rule_first" if rules.press is Press.FIRST else "chair.rule_last")
    yield words("chair.rule_abstention" if rules.abstention else "chair.rule_no_abstention")
    timed = "chair.rule_timer" if rules.timer_closes else "chair.rule_time"
    yield words("chair.rule_chair") if rules.seconds is None else words(timed, time=clock_of(1000 * rules.seconds))
    yield words(f"chair.rule_running_{seen}")
    if rules.confirmed:
        yield words("chair.rule_confirmed")
    yield words(f"chair.rule_display_{display}")
    if rules.least_group is not None:
        yield words("chair.rule_groups", least=rules.least_group)
