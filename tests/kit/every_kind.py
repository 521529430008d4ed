"""Small halls with items of every kind, and the ways to say what members answer."""

from decimal import Decimal

import msgspec

from kit.factories import live_rules, small_definition
from pingyi_protocol.meeting.commands import AnswerCount, Choice, Score
from pingyi_protocol.meeting.definition import (
    Criterion,
    Definition,
    Item,
    MotionRules,
    Option,
    Passing,
    RatingRules,
    Role,
    Rules,
    ScoreRules,
    SelectionRules,
    Target,
)

T01, T02, T03, T04 = TARGETS = ("T01", "T02", "T03", "T04")

SCORE = Item("score", "评议一局", (T01,), live_rules())
SHEET = Item("sheet", "评议两局", (T02, T03), live_rules())
CRITERIA = Item(
    "criteria",
    "按突出问题评议一局",
    (T01, T02),
    ScoreRules(),
    (
        Criterion(T01, "p1", "问题一", Decimal("62.5")),
        Criterion(T01, "p2", "问题二", Decimal("37.5")),
    ),
)
QUESTIONED = Item("questioned", "评议并表决是否通过", (T01, T02), live_rules(question=Passing()))
MOTION = Item("motion", "关于批准决算的决议", (), MotionRules())
RATING = Item("rating", "满意度测评", (T01, T02), RatingRules())
SELECTION = Item("selection", "票决评议对象", TARGETS, SelectionRules(winners=2, most=2, least=1))


def hall(*items: Item, members: int = 5, **facts: object) -> Definition:
    """A meeting of ``members``, without components: M01 is the chair, M02 and M03 (the chief) are scrutineers."""
    small = small_definition(members)
    roster = tuple(
        msgspec.structs.replace(person, roles=(Role.MEMBER, Role.SCRUTINEER), chief=person.number == "M03")
        if person.number in ("M02", "M03")
        else person
        for person in small.roster
    )
    return msgspec.structs.replace(
        small,
        meeting=msgspec.structs.replace(small.meeting, **facts),
        roster=roster,
        targets=(*small.targets, Target(T04, "交通运输局")),
        agenda=items,
        components=(),
    )


def ruled(item: Item, rules: Rules | None = None, **changes: object) -> Item:
    """The item under other rules, or its own with changes."""
    return msgspec.structs.replace(item, rules=rules or msgspec.structs.replace(item.rules, **changes))


def scored(target: str, score: int | str | None, criterion: str = "") -> Score:
    """A score on a ballot; None abstains."""
    return Score(target, criterion, None if score is None else Decimal(score))


def times(count: int, answer: Score | Choice) -> AnswerCount:
    """So many ballots that gave this answer."""
    return AnswerCount(answer, count)


def motion_counts(votes_for: int, against: int, abstained: int = 0) -> tuple[AnswerCount, ...]:
    """The counts of a motion as they are entered by hand; what nobody chose has no line."""
    counts = {Option.FOR: votes_for, Option.AGAINST: against, Option.ABSTAIN: abstained}
    return tuple(AnswerCount(Choice("", option), count) for option, count in counts.items() if count)
