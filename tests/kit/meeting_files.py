"""Sound definitions at random, and workbooks changed by hand as a clerk would."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from kit.factories import small_definition
from pingyi_protocol.meeting.definition import (
    Audience,
    Band,
    Component,
    Definition,
    Display,
    Evidence,
    Item,
    Language,
    MeasureKind,
    MeetingFacts,
    Person,
    Press,
    Problem,
    Quorum,
    Role,
    ScoreRules,
    Target,
)
from pingyi_server.imports.findings import FileFinding, MeetingFileError
from pingyi_server.imports.workbook import definition_of_workbook
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
def rules(draw: st.DrawFn) -> ScoreRules:
    """Sound rules of an item."""
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
    display = draw(st.sampled_from(Display))
    return ScoreRules(
        lowest=lowest,
        highest=highest,
        step=step,
        measure=measure,
        dropped=dropped,
        least_scores=2 * dropped + draw(st.integers(1, 5)),
        decimals=draw(st.integers(0, 4)),
        bands=draw(st.sampled_from([(), tuple(map(Band, band_names, bounds))])),
        press=draw(st.sampled_from(Press)),
        display=display,
        running=Audience.ALL if display is Display.LIVE else draw(st.sampled_from(Audience)),
        seconds=draw(st.none() | st.integers(1, 3600)),
        timer_closes=draw(st.booleans()),
        abstention=draw(st.booleans()),
    )


@st.composite
def people(draw: st.DrawFn) -> tuple[Person, ...]:
    """A sound roster: numbers and seats never twice, names as they come."""
    numbers = draw(
        st.lists(st.from_regex(r"[0-9]{1,4}|[A-Z][0-9]{2}", fullmatch=True), min_size=1, max_size=6, unique=True)
    )
    seats = draw(st.lists(st.integers(0, 40), min_size=6, max_size=6, unique=True))
    roster = []
    for index, (number, seat) in enumerate(zip(numbers, seats, strict=False)):
        entitled = index == 0 or draw(st.booleans())
        others = draw(st.lists(st.sampled_from([Role.CLERK, Role.SCRUTINEER]), unique=True))
        chair = [Role.CHAIR] if index == 0 and draw(st.booleans()) else []
        roles = (*([Role.MEMBER] if entitled else []), *chair, *others)
        place = f"{seat // 9 + 1}-{seat % 9 + 1:02}" if draw(st.booleans()) else ""
        roster.append(Person(number, draw(names), place, draw(names | st.just("")), roles, entitled))
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
    agenda = tuple(Item(f"{at}", draw(names), part, draw(rules())) for at, part in enumerate(sheets, 1))
    keys = draw(st.lists(st.tuples(st.sampled_from(ids), names), unique=True, max_size=4))
    problems = tuple(Problem(target, title, draw(lines), draw(lines)) for target, title in keys)
    weight = draw(decimals(1, 99))
    component_names = draw(st.lists(names, min_size=2, max_size=2, unique=True))
    components = (
        Component("C1", component_names[0], weight),
        Component("C2", component_names[1], _plain(Decimal(100) - weight), committee=True),
    )
    scored = draw(st.lists(st.sampled_from(ids), unique=True))
    evidence = tuple(Evidence("C1", target, draw(decimals(0, 100))) for target in scored)
    composed = draw(st.booleans())
    return Definition(
        meeting=MeetingFacts(
            name=draw(names),
            session=draw(names),
            date=draw(st.dates()).isoformat(),
            language=draw(st.sampled_from(Language)),
            quorum=Quorum(draw(st.integers(1, 4)), draw(st.integers(5, 9)), draw(st.booleans())),
            addresses=draw(st.sampled_from([("127.0.0.1",), ("hall.example", "fe80::1"), ("10.0.0.7", "h-1")])),
            port=draw(st.integers(1, 65533)),
            simulated=draw(st.booleans()),
        ),
        roster=draw(people()),
        targets=targets,
        agenda=agenda,
        problems=problems,
        components=components if composed else (),
        evidence=evidence if composed else (),
    )


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
        definition_of_workbook(content, FILE)
    return caught.value.findings


def places(findings: tuple[FileFinding, ...]) -> list[tuple[str, str]]:
    """Cell and code of each finding."""
    return [(finding.place.cell, finding.code) for finding in findings]
