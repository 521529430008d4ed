"""A meeting that holds every kind of item, and everything that can befall one, after the small meeting's own."""

from decimal import Decimal

import msgspec

from kit.factories import BANDS, small_definition
from kit.records import CHAIR, Scribe
from pingyi_protocol.meeting.commands import (
    AddItem,
    AnnounceComposite,
    AnnounceRound,
    Answer,
    AnswerCount,
    Cast,
    Choice,
    CloseCheckIn,
    CloseRound,
    ConfirmRound,
    EnterResult,
    Excuse,
    ImportEvidence,
    OpenRound,
    ReorderAgenda,
    Score,
    WithdrawItem,
)
from pingyi_protocol.meeting.components import (
    Component,
    ComponentPart,
    EvidenceLine,
    GivenScore,
    GradeValue,
    GradeValues,
    HotlineCounts,
    HotlineRates,
    Material,
    SurveyCounts,
    VoteBase,
    VoteCounts,
    VoteShares,
)
from pingyi_protocol.meeting.definition import (
    Base,
    CompositeRules,
    Criterion,
    Definition,
    Item,
    MotionRules,
    Option,
    Passing,
    Person,
    RatingRules,
    Role,
    ScoreRules,
    SelectionRules,
    Target,
)
from pingyi_protocol.meeting.model import Principal

change = msgspec.structs.replace

SEATS = tuple(Principal(f"M{place:02}", Role.MEMBER) for place in range(1, 5))
SCRUTINEER = Principal("M03", Role.SCRUTINEER)
BLANK = Choice("", Option.ABSTAIN)

MOTION = Item("3", "关于批准决算的决议", rules=MotionRules(confirmed=True, least_group=2))
RATING = Item("4", "整改情况满意度测评", ("T01", "T02"), RatingRules(passing=Passing(base=Base.PRESENT, strict=False)))
SELECTION = Item(
    "5",
    "选定明年评议对象",
    ("T01", "T02", "T03"),
    SelectionRules(winners=2, most=2, passing=Passing(1, 4, Base.CAST, strict=False)),
)
CRITERIA = Item(
    "6",
    "逐项评分",
    ("T04",),
    ScoreRules(bands=BANDS, pass_mark=Decimal(80), question=Passing(base=Base.FOR_AND_AGAINST), least_group=2),
    (Criterion("T04", "1", "整改成效", Decimal("62.5")), Criterion("T04", "2", "群众反映", Decimal("37.5"))),
)
ADDED = Item("7", "临时动议", rules=MotionRules())
WITHDRAWN = Item("8", "拟撤下的议题", rules=MotionRules())


COMPONENTS = (
    Component("C1", "电子表决测评", Decimal(60), committee=True),
    Component(
        "C2",
        "社会各界评价",
        Decimal(25),
        parts=(
            ComponentPart("P1", "12345大数据分析", Decimal(60), HotlineRates(Decimal(80), Decimal(20))),
            ComponentPart(
                "P2",
                "群众问卷",
                Decimal(40),
                GradeValues((GradeValue("满意", Decimal(100)), GradeValue("基本满意", Decimal(60)))),
            ),
        ),
    ),
    Component("C3", "网上社会投票", Decimal(10), rule=VoteShares(VoteBase.MOST)),
    Component("C4", "整改成效调研", Decimal(5)),
)
EVIDENCE: tuple[tuple[str, str, tuple[Material, ...]], ...] = (
    ("C2", "P1", (HotlineCounts(70, 66, 3), HotlineCounts(30, 25, 0), HotlineCounts(9, 7, 2), HotlineCounts(8, 4, 2))),
    ("C2", "P2", (SurveyCounts((40, 5)), SurveyCounts((7, 5)), SurveyCounts((1, 2)), SurveyCounts((0, 3)))),
    ("C3", "", (VoteCounts(1200), VoteCounts(900), VoteCounts(700), VoteCounts(35))),
    ("C4", "", tuple(GivenScore(Decimal(score)) for score in ("97.5", "90", "88.25", "70"))),
)
"""What is found about the four targets, by component and part."""


def whole_definition() -> Definition:
    """Return the small meeting's definition with an item of every kind, a chief scrutineer, and a check-in window."""
    small = small_definition()
    groups = {"M01": "甲组", "M02": "甲组", "M03": "乙组", "M04": "乙组", "M05": "乙组"}
    roster = tuple(
        change(person, group=groups.get(person.number, ""), chief=person.number == "M03") for person in small.roster
    )
    return change(
        small,
        meeting=change(small.meeting, check_in_minutes=30),
        roster=(*roster, Person("M06", "委员06", "1-06", "乙组")),
        targets=(*small.targets, Target("T04", "市场监督管理局")),
        agenda=(*small.agenda, MOTION, RATING, SELECTION, CRITERIA),
        components=COMPONENTS,
        composite=CompositeRules(bands=BANDS, again_below=Decimal(75)),
    )


def choices(*given: tuple[str, Option]) -> tuple[Choice, ...]:
    """Return choices as they stand on a ballot."""
    return tuple(Choice(target, option) for target, option in given)


def motion_ballots() -> list[tuple[Choice, ...]]:
    """Three for, one against."""
    return [choices(("", option)) for option in (Option.FOR, Option.AGAINST, Option.FOR, Option.FOR)]


def rating_ballots() -> list[tuple[Choice, ...]]:
    """T01: two satisfied, one basically, one not; T02: one satisfied, two not, one abstains."""
    first = (Option.SATISFIED, Option.BASICALLY_SATISFIED, Option.SATISFIED, Option.NOT_SATISFIED)
    second = (Option.NOT_SATISFIED, Option.SATISFIED, Option.ABSTAIN, Option.NOT_SATISFIED)
    return [choices(("T01", one), ("T02", other)) for one, other in zip(first, second, strict=True)]


def selection_ballots(*chosen: tuple[str, ...]) -> list[tuple[Choice, ...]]:
    """Return a ballot for each tuple of candidates; an empty one abstains."""
    return [choices(*((target, Option.CHOSEN) for target in targets)) or (BLANK,) for targets in chosen]


def criteria_ballots() -> list[tuple[Answer, ...]]:
    """Two weighted scores a ballot and the old question; M04 abstains from both."""
    given = (("90", "81", Option.FOR), ("83", "60", Option.AGAINST), ("75", "75", Option.FOR))
    ballots: list[tuple[Answer, ...]] = [
        (Score("T04", "1", Decimal(one)), Score("T04", "2", Decimal(other)), Choice("T04", option))
        for one, other, option in given
    ]
    return [*ballots, (Score("T04", "1", None), Score("T04", "2", None), Choice("T04", Option.ABSTAIN))]


def vote(scribe: Scribe, opening: OpenRound, ballots: list[tuple[Answer, ...]] | list[tuple[Choice, ...]]) -> None:
    """Let the seats vote in their order, and the chair close the round."""
    scribe.do(CHAIR, opening)
    for seat, answers in zip(SEATS, ballots, strict=False):
        scribe.do(seat, Cast(opening.item, opening.round, answers))
    scribe.do(CHAIR, CloseRound(opening.item, opening.round))
    scribe.sign()


def every_kind(scribe: Scribe) -> None:
    """Let every kind of item happen, after what ``kit.records.told`` tells of the same meeting."""
    scribe.do(CHAIR, CloseCheckIn())
    scribe.clerk(Excuse("M06", "因公出差"))
    vote(scribe, OpenRound("3"), motion_ballots())
    scribe.do(SCRUTINEER, ConfirmRound("3", 1, present=4, received=4, recused=0))
    scribe.do(CHAIR, AnnounceRound("3", 1))
    vote(scribe, OpenRound("4"), rating_ballots())
    scribe.do(CHAIR, AnnounceRound("4", 1))
    # T01 wins; T02 and T03 are tied for the other place
    vote(scribe, OpenRound("5"), selection_ballots(("T01", "T02"), ("T01", "T03"), ("T01",), ()))
    scribe.do(CHAIR, AnnounceRound("5", 1))
    vote(scribe, OpenRound("5", 2, ("T02", "T03")), selection_ballots(("T03",), ("T03",), ("T02",)))
    scribe.do(CHAIR, AnnounceRound("5", 2))
    vote(scribe, OpenRound("6"), criteria_ballots())
    scribe.do(CHAIR, AnnounceRound("6", 1))
    by_hand(scribe)
    appraise(scribe)
    scribe.sign()


def appraise(scribe: Scribe) -> None:
    """Import the evidence, one of it twice, and announce the composites."""
    targets = ("T01", "T02", "T03", "T04")
    for component, part, materials in (EVIDENCE[0], *EVIDENCE):
        lines = tuple(EvidenceLine(*line) for line in zip(targets, materials, strict=True))
        scribe.clerk(ImportEvidence(component, part, f"{component}{part}.xlsx", "5e" * 32, lines))
    scribe.do(CHAIR, AnnounceComposite())


def by_hand(scribe: Scribe) -> None:
    """Change the agenda on the spot, and let hands decide what was added."""
    scribe.clerk(AddItem(ADDED))
    scribe.clerk(AddItem(WITHDRAWN))
    scribe.clerk(ReorderAgenda(("1", "2", "3", "4", "5", "6", "8", "7")))
    scribe.clerk(WithdrawItem("8", "提案人撤回"))
    counts = (AnswerCount(Choice("", Option.FOR), 2), AnswerCount(Choice("", Option.AGAINST), 1))
    scribe.clerk(EnterResult("7", 1, "表决器故障，举手表决", received=4, invalid=1, counts=counts))
    scribe.do(SCRUTINEER, ConfirmRound("7", 1, 4, 4, 0, invalid=1, counts=counts))
    scribe.do(CHAIR, AnnounceRound("7", 1))
