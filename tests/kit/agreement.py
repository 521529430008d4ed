"""A meeting whose figures are hardly ever the same by chance, and the numbers that a person reads in a document."""

import re
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser

import msgspec

from kit.factories import BANDS, small_definition
from kit.kinds import COMPONENTS, EVIDENCE
from kit.records import CHAIR, Scribe
from pingyi_protocol.meeting.commands import (
    AnnounceComposite,
    AnnounceRound,
    Answer,
    Cast,
    CheckIn,
    Choice,
    CloseMeeting,
    CloseRound,
    ImportEvidence,
    OpenRound,
    Score,
)
from pingyi_protocol.meeting.components import EvidenceLine
from pingyi_protocol.meeting.definition import (
    Base,
    CompositeRules,
    Definition,
    Item,
    MeasureKind,
    MotionRules,
    Option,
    Passing,
    RatingRules,
    Role,
    ScoreRules,
    SelectionRules,
    Target,
)

MEMBERS, PRESENT = 43, 41
SCORED = ("T01", "T02", "T03")

ONE = Item("1", "文化和旅游局整改评议", ("T01",), ScoreRules(bands=BANDS))
TRIMMED = ScoreRules(bands=BANDS, measure=MeasureKind.TRIMMED_MEAN, dropped=2, least_scores=5, decimals=3)
SHEET = Item("2", "两局整改评议", ("T02", "T03"), TRIMMED)
MOTION = Item("3", "关于批准决算的决议", rules=MotionRules())
RATING = Item("4", "整改情况满意度测评", SCORED, RatingRules(passing=Passing(base=Base.PRESENT)))
SELECTION = Item("5", "选定明年评议对象", (*SCORED, "T04"), SelectionRules(winners=2, most=2))
ITEMS = (ONE, SHEET, MOTION, RATING, SELECTION)
CHOSEN = (("T01", "T03"), ("T01",), ("T03", "T04"), ("T02",), ("T01", "T02"), ("T03",), ("T01",))
GRADES = (*[Option.SATISFIED] * 5, Option.BASICALLY_SATISFIED, Option.BASICALLY_SATISFIED, Option.NOT_SATISFIED)


def definition() -> Definition:
    """Return a meeting of 43 with an item of each kind."""
    small = small_definition(MEMBERS)
    targets = (*small.targets, Target("T04", "市场监督管理局"))
    rules = CompositeRules(bands=BANDS, again_below=Decimal(80))
    return msgspec.structs.replace(small, targets=targets, agenda=ITEMS, components=COMPONENTS, composite=rules)


def answers(item: Item, place: int) -> tuple[Answer, ...] | None:
    """Return what the member at this place answers, None where they do not vote."""
    if place % 13 == int(item.id):
        return None
    match item.rules:
        case ScoreRules():
            return tuple(
                Score(target, "", None if place % 11 == 7 else Decimal(58 + (place * (3 + int(target[1:]) * 4)) % 41))
                for target in item.targets
            )
        case MotionRules():
            option = Option.AGAINST if place % 5 == 1 else Option.ABSTAIN if place % 9 == 2 else Option.FOR
            return (Choice("", option),)
        case RatingRules():
            return tuple(Choice(target, GRADES[place * int(target[1:]) % len(GRADES)]) for target in item.targets)
        case SelectionRules():
            return tuple(Choice(target, Option.CHOSEN) for target in CHOSEN[place % len(CHOSEN)])


def sitting() -> Iterator[Scribe]:
    """Let the meeting happen, and yield it after the announcement of each item, and of the composite, when it ends."""
    scribe = Scribe(definition())
    scribe.enrol("M01", Role.CHAIR)
    seats = [scribe.enrol(f"M{place:02}") for place in range(1, PRESENT + 1)]
    for seat in seats:
        scribe.do(seat, CheckIn())
    for item in ITEMS:
        scribe.do(CHAIR, OpenRound(item.id))
        for place, seat in enumerate(seats):
            given = answers(item, place)
            if given is not None:
                scribe.do(seat, Cast(item.id, 1, given))
        scribe.do(CHAIR, CloseRound(item.id, 1))
        scribe.do(CHAIR, AnnounceRound(item.id, 1))
        yield scribe
    for component, part, materials in EVIDENCE:
        lines = tuple(EvidenceLine(*line) for line in zip(SCORED, materials, strict=False))
        scribe.clerk(ImportEvidence(component, part, f"{component}{part}.csv", "5e" * 32, lines))
    scribe.do(CHAIR, AnnounceComposite())
    scribe.do(CHAIR, CloseMeeting())
    scribe.sign()
    yield scribe


NUMBER = re.compile(r"\d+(?:\.\d+)?")


def numbers(text: str) -> list[str]:
    """Return the numbers that stand in a text, as they are written."""
    return NUMBER.findall(text)


class _Words(HTMLParser):
    """Collects what a page says."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the library's own
        self.hidden += tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("style", "title")
        self.texts.append("\n" if tag in ("tr", "p", "li", "h2", "h3", "text") else " ")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.texts.append(data)


def page_text(page: str) -> str:
    """Return what a page of HTML says."""
    words = _Words()
    words.feed(page)
    return "".join(words.texts)
