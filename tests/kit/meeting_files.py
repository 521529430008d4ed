"""Sound definitions at random, and workbooks changed by hand as a clerk would."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from kit.factories import small_definition
from pingyi_protocol.meeting.commands import Recuse
from pingyi_protocol.meeting.components import (
    Component,
    ComponentPart,
    GivenScores,
    GradeValue,
    GradeValues,
    HotlineRates,
    Rule,
    VoteBase,
    VoteShares,
)
from pingyi_protocol.meeting.definition import (
    Audience,
    Band,
    Base,
    CompositeRules,
    Criterion,
    Definition,
    Display,
    Item,
    Language,
    MeasureKind,
    MeetingFacts,
    MotionRules,
    Passing,
    Person,
    Press,
    Problem,
    Quorum,
    RatingRules,
    Role,
    Rules,
    ScoreRules,
    SelectionRules,
    Target,
)
from pingyi_server.imports.findings import FileFinding, MeetingFileError
from pingyi_server.imports.mapping import MeetingFile
from pingyi_server.imports.workbook import meeting_of_workbook
from pingyi_server.imports.workbook_writer import workbook_of

FILE = "meeting.xlsx"
# what names in the field hold, and what spreadsheets and TOML could trip over
LETTERS = "王李伟喆堃龑𬭎甲乙 Aaü·.-_=+@'\"\\#[]{}&<>|01９、；:x"
# a name that a file refers to, without what separates names
names = st.text(LETTERS, min_size=1, max_size=12).map(str.strip).filter(bool)
lines = st.text(LETTERS + "\n", max_size=30).map(str.strip)


def decimals(least: int, most: int, places: int = 2) -> st.SearchStrategy[Decimal]:
    """Numbers as a file gives them back: no trailing zeros, no exponent."""
    scale = 10**places
    return st.integers(least * scale, most * scale).map(lambda units: _plain(Decimal(units) / scale))


def _plain(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


@st.composite
def common(draw: st.DrawFn) -> dict[str, Any]:
    """What a hall can set for an item of any kind."""
    display = draw(st.sampled_from(Display))
    return {
        "press": draw(st.sampled_from(Press)),
        "display": display,
        "running": Audience.ALL if display is Display.LIVE else draw(st.sampled_from(Audience)),
        "seconds": draw(st.none() | st.integers(1, 3600)),
        "timer_closes": draw(st.booleans()),
        "abstention": draw(st.booleans()),
        "least_group": draw(st.none() | st.integers(2, 9)),
    }


def passings(*bases: Base) -> st.SearchStrategy[Passing]:
    """Passing rules that somebody can meet."""
    return st.builds(
        Passing, st.integers(1, 4), st.integers(5, 9), st.sampled_from(bases or tuple(Base)), st.booleans()
    )


def shares() -> st.SearchStrategy[Passing]:
    """Passing rules where nobody votes for or against."""
    return passings(Base.ALL_MEMBERS, Base.PRESENT, Base.CAST)


@st.composite
def score_rules(draw: st.DrawFn) -> ScoreRules:
    """Sound rules of a score item."""
    step = _plain(draw(st.sampled_from([Decimal("0.25"), Decimal("0.5"), Decimal(1), Decimal(5)])))
    lowest = draw(decimals(-50, 50))
    steps = draw(st.integers(1, 40))
    highest = _plain(lowest + step * steps)
    cuts = draw(st.lists(st.integers(1, steps), unique=True, max_size=3).map(lambda cuts: sorted(cuts, reverse=True)))
    band_names = draw(
        st.lists(
            st.sampled_from(["优秀", "良好", "合格", "A1", "Grade_2", "90", "x-"]), min_size=4, max_size=4, unique=True
        )
    )
    bounds = [*(_plain(lowest + cut * step) for cut in cuts), lowest]
    measure = draw(st.sampled_from(MeasureKind))
    dropped = draw(st.integers(1, 3)) if measure is MeasureKind.TRIMMED_MEAN else 0
    return ScoreRules(
        lowest=lowest,
        highest=highest,
        step=step,
        measure=measure,
        dropped=dropped,
        least_scores=2 * dropped + draw(st.integers(1, 5)),
        decimals=draw(st.integers(0, 4)),
        bands=draw(st.sampled_from([(), tuple(map(Band, band_names, bounds))])),
        pass_mark=draw(st.sampled_from([None, lowest, highest])),
        question=draw(st.none() | passings()),
        **draw(common()),
    )


@st.composite
def selection_rules(draw: st.DrawFn, candidates: int) -> SelectionRules:
    """Sound rules of a selection among so many."""
    most = draw(st.integers(1, candidates))
    return SelectionRules(
        winners=draw(st.integers(1, candidates)),
        most=most,
        least=draw(st.integers(0, most)),
        passing=draw(st.none() | shares()),
        **draw(common()),
    )


@st.composite
def criteria(draw: st.DrawFn, target: str) -> tuple[Criterion, ...]:
    """None for this target, or two that sum to 100 %."""
    if draw(st.booleans()):
        return ()
    weight = draw(decimals(1, 99))
    first, second = draw(st.lists(names, min_size=2, max_size=2, unique=True))
    return Criterion(target, "K1", first, weight), Criterion(target, "K2", second, _plain(Decimal(100) - weight))


@st.composite
def items(draw: st.DrawFn, number: str, sheet: tuple[str, ...]) -> Item:
    """A sound item of any kind on these targets."""
    kind = draw(st.sampled_from(["score", "score", "motion", "rating", "selection"]))
    if kind == "score":
        split = [criterion for target in sheet for criterion in draw(criteria(target))]
        return Item(number, draw(names), sheet, draw(score_rules()), tuple(split))
    if kind == "motion":
        return Item(number, draw(names), (), MotionRules(passing=draw(passings()), **draw(common())))
    if kind == "rating":
        return Item(number, draw(names), sheet, RatingRules(passing=draw(shares()), **draw(common())))
    return Item(number, draw(names), sheet, draw(selection_rules(len(sheet))))


@st.composite
def people(draw: st.DrawFn) -> tuple[Person, ...]:
    """A sound roster: numbers and seats never twice, names as they come."""
    numbers = draw(
        st.lists(st.from_regex(r"[0-9]{1,4}|[A-Z][0-9]{2}", fullmatch=True), min_size=1, max_size=6, unique=True)
    )
    seats = draw(st.lists(st.integers(0, 40), min_size=6, max_size=6, unique=True))
    roster: list[Person] = []
    for index, (number, seat) in enumerate(zip(numbers, seats, strict=False)):
        entitled = index == 0 or draw(st.booleans())
        others = draw(st.lists(st.sampled_from([Role.CLERK, Role.SCRUTINEER]), unique=True))
        chair = [Role.CHAIR] if index == 0 and draw(st.booleans()) else []
        roles = (*([Role.MEMBER] if entitled else []), *chair, *others)
        place = f"{seat // 9 + 1}-{seat % 9 + 1:02}" if draw(st.booleans()) else ""
        chief = Role.SCRUTINEER in roles and not any(one.chief for one in roster) and draw(st.booleans())
        roster.append(Person(number, draw(names), place, draw(names | st.just("")), roles, entitled, chief))
    return tuple(roster)


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    """Sound definitions with ids as files give them."""
    target_names = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    short_names = draw(st.lists(names, min_size=4, max_size=4, unique=True))
    targets = tuple(
        Target(f"T{at:02}", name, short if draw(st.booleans()) else "")
        for at, (name, short) in enumerate(zip(target_names, short_names, strict=False), 1)
    )
    ids = [target.id for target in targets]
    cut = draw(st.integers(1, len(ids)))
    sheets = [tuple(part) for part in (ids[:cut], ids[cut:]) if part]
    roster = draw(people())
    agenda = tuple(draw(items(f"{at}", part)) for at, part in enumerate(sheets, 1))
    if any(Role.SCRUTINEER in person.roles for person in roster):
        agenda = tuple(_confirmed(item, confirmed=draw(st.booleans())) for item in agenda)
    keys = draw(st.lists(st.tuples(st.sampled_from(ids), names), unique=True, max_size=4))
    problems = tuple(draw(promises(*key)) for key in keys)
    composed = draw(st.booleans())
    if composed:
        agenda = tuple(_out_of_hundred(item) for item in agenda)
    return Definition(
        meeting=MeetingFacts(
            name=draw(names),
            session=draw(names),
            date=draw(st.dates()).isoformat(),
            language=draw(st.sampled_from(Language)),
            quorum=Quorum(draw(st.integers(1, 4)), draw(st.integers(5, 9)), draw(st.booleans())),
            addresses=draw(st.sampled_from([("127.0.0.1",), ("hall.example", "fe80::1"), ("10.0.0.7", "h-1")])),
            port=draw(st.integers(1, 65532)),
            check_in_minutes=draw(st.none() | st.integers(1, 1440)),
            late_ballots=draw(st.booleans()),
            simulated=draw(st.booleans()),
            programme=draw(names | st.just("")),
            batch=draw(names | st.just("")),
            follows=draw(st.sampled_from(["", "5e" * 16])),
        ),
        roster=roster,
        targets=targets,
        agenda=agenda,
        problems=problems,
        components=draw(components()) if composed else (),
        composite=CompositeRules(
            draw(st.integers(0, 4)),
            draw(st.sampled_from([(), (Band("优秀", Decimal(90)), Band("合格", Decimal(0)))])),
            draw(st.none() | decimals(0, 100)),
        ),
    )


@st.composite
def promises(draw: st.DrawFn, target: str, title: str) -> Problem:
    """A problem with more or less of what was promised."""
    deadline = draw(st.just("") | st.dates().map(lambda day: day.isoformat()))
    return Problem(target, title, draw(lines), draw(lines), deadline, draw(names | st.just("")), draw(lines))


def evidence_rules() -> st.SearchStrategy[Rule]:
    """Rules of every kind."""
    grades = st.lists(st.sampled_from(["满意", "基本满意", "不满意", "A-"]), unique=True, min_size=1)
    return st.one_of(
        st.just(GivenScores()),
        decimals(0, 100).map(lambda share: HotlineRates(share, _plain(Decimal(100) - share))),
        grades.flatmap(
            lambda chosen: st.tuples(*(st.builds(GradeValue, st.just(one), decimals(0, 100)) for one in chosen))
        ).map(GradeValues),
        st.sampled_from(VoteBase).map(VoteShares),
    )


@st.composite
def components(draw: st.DrawFn) -> tuple[Component, ...]:
    """The committee's own scores, one other with a rule, and one with parts."""
    first, second, third, *parts = draw(st.lists(names, min_size=5, max_size=5, unique=True))
    weight, share = draw(decimals(1, 50)), draw(decimals(1, 99))
    return (
        Component("C1", first, weight, rule=draw(evidence_rules())),
        Component("C2", second, _plain(Decimal(50)), committee=True),
        Component(
            "C3",
            third,
            _plain(Decimal(50) - weight),
            parts=(
                ComponentPart("P1", parts[0], share, draw(evidence_rules())),
                ComponentPart("P2", parts[1], _plain(Decimal(100) - share), draw(evidence_rules())),
            ),
        ),
    )[: 3 if weight < 50 else 2]


def _out_of_hundred(item: Item) -> Item:
    """Return the item with scores of 0 to 100, as a composite asks."""
    if not isinstance(item.rules, ScoreRules):
        return item
    changed = {"lowest": Decimal(0), "highest": Decimal(100), "bands": (), "pass_mark": None}
    rules = msgspec.structs.replace(item.rules, **changed)
    return msgspec.structs.replace(item, rules=rules)


def _confirmed(item: Item, *, confirmed: bool) -> Item:
    rules: Rules = msgspec.structs.replace(item.rules, confirmed=confirmed)
    return msgspec.structs.replace(item, rules=rules)


@st.composite
def meeting_files(draw: st.DrawFn) -> MeetingFile:
    """Sound definitions, with members who are recused."""
    definition = draw(definitions())
    pairs = st.tuples(
        st.sampled_from([item.id for item in definition.agenda]),
        st.sampled_from([person.number for person in definition.entitled]),
    )
    chosen = draw(st.lists(pairs, unique=True, max_size=3))
    return MeetingFile(definition, tuple(Recuse(person, item, draw(names)) for item, person in chosen))


def sheet(book: Workbook, name: str) -> Any:
    """The sheet with this Chinese name."""
    return next(page for page in book.worksheets if page.title.startswith(name))


def edited(change: Callable[[Workbook], object], definition: Definition | None = None) -> bytes:
    """The small meeting's workbook, changed by ``change`` and saved by openpyxl."""
    book = load_workbook(BytesIO(workbook_of(definition or small_definition(), Language.CHINESE)))
    change(book)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def with_cells(name: str, cells: Mapping[str, object]) -> bytes:
    """The small meeting's workbook with some cells of one sheet replaced."""

    def change(book: Workbook) -> None:
        for place, value in cells.items():
            sheet(book, name)[place] = value

    return edited(change)


def findings_in(content: bytes) -> tuple[FileFinding, ...]:
    """What is wrong with this workbook."""
    with pytest.raises(MeetingFileError) as caught:
        meeting_of_workbook(content, FILE)
    return caught.value.findings


def places(findings: tuple[FileFinding, ...]) -> list[tuple[str, str]]:
    """Cell and code of each finding."""
    return [(finding.place.cell, finding.code) for finding in findings]
