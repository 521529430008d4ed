"""An appraisal year in small: a selection, the scoring of its winners, and the follow-up, by the real rules."""

from decimal import Decimal

from msgspec.structs import replace

from kit.factories import BANDS, research, small_definition
from kit.playbook import ORIGIN, Given, Playbook, full_house
from pingyi_protocol.meeting.commands import AnnounceComposite
from pingyi_protocol.meeting.components import Component
from pingyi_protocol.meeting.definition import (
    CompositeRules,
    Definition,
    Item,
    Problem,
    Rules,
    ScoreRules,
    SelectionRules,
    Target,
)
from pingyi_protocol.record.checkpoint import Checkpoint
from pingyi_protocol.record.replay import Replay
from pingyi_protocol.record.results import results_of
from pingyi_server.programme.sitting import Sitting

PROGRAMME = "2026 年专项工作评议"
CULTURE, LABOUR, HEALTH = "文化和旅游局", "人力资源和社会保障局", "医疗保障局"
READING = Problem(
    "T01", "公共阅读场所偏少", "建成城市书房 120 个", "新建与共建并举", "2026-09-30", "王局长", "已建 92 个。"
)
PENSION = Problem("T02", "断缴养老保险的人续保难", "年底前网上可办", deadline="2026-12-31", responsible="李局长")
COMPONENTS = (Component("C1", "电子表决测评", Decimal(60), committee=True), Component("C2", "调研", Decimal(40)))
SELECTION = SelectionRules(winners=2, most=2)
SCORING = ScoreRules(bands=BANDS, pass_mark=Decimal(80))


def prepared(
    names: tuple[str, ...],
    rules: Rules,
    day: str,
    problems: tuple[Problem, ...] = (),
    components: tuple[Component, ...] = (),
    **facts: object,
) -> Definition:
    """A meeting of three members about targets of these names, all in one item."""
    small = small_definition(3)
    targets = tuple(Target(f"T{place:02}", name) for place, name in enumerate(names, start=1))
    about = {"programme": PROGRAMME, "batch": "第一批", "simulated": False, "date": day, "session": day} | facts
    return replace(
        small,
        meeting=replace(small.meeting, **about),
        targets=targets,
        agenda=(Item("1", "评议", tuple(target.id for target in targets), rules),),
        problems=problems,
        components=components,
        composite=CompositeRules(again_below=Decimal(85)) if components else CompositeRules(),
    )


def selection(**facts: object) -> Playbook:
    """Three candidates for two places."""
    return full_house(prepared((CULTURE, LABOUR, HEALTH), SELECTION, "2026-02-10", **facts))  # type: ignore[arg-type]  # facts are the meeting's


def selected(**facts: object) -> Playbook:
    """The selection in which the first two win."""
    book = selection(**facts).open("1")
    for person in ("M01", "M02", "M03"):
        book.select(person, "T01", "T02")
    return book.close().announce()


def scored(book: Playbook, *given: Given) -> Playbook:
    """Let every member give the targets of the meeting's item these scores."""
    book.open("1")
    for person in ("M01", "M02", "M03"):
        book.cast(person, *given)
    return book.close().announce()


def scoring(components: tuple[Component, ...] = (), **facts: object) -> Playbook:
    """The meeting that is to score the winners."""
    about = {"follows": "selection"} | facts
    names, problems = (CULTURE, LABOUR), (READING, PENSION)
    return full_house(prepared(names, SCORING, "2026-06-20", problems, components, **about))


def follow_up(**facts: object) -> Playbook:
    """The meeting that is to score the first target again."""
    about = {"follows": "scoring"} | facts
    later = replace(READING, deadline="2026-11-30", report="已建 118 个。")
    return full_house(prepared((CULTURE,), SCORING, "2026-11-20", (later,), (), **about))


def published(book: Playbook) -> Playbook:
    """Let evidence come in, and the chair announce the composites."""
    return book.clerk(research(("T01", "70"), ("T02", "100"))).chair(AnnounceComposite())


def plan(book: Playbook) -> Definition:
    """What was prepared for a meeting."""
    assert book.meeting.definition is not None
    return book.meeting.definition


def sitting(book: Playbook, folder: str) -> Sitting:
    """What is read of a meeting; the name of its folder is its id too."""
    meeting, replay = book.followed(), Replay()
    for entry in book.entries:
        replay.take(entry)
    head = Checkpoint(ORIGIN, len(book.entries), bytes(32))
    results = results_of(meeting, replay.announced, head)
    return Sitting(folder, plan(book), replace(results, meeting=folder), closed=meeting.closed is not None)
