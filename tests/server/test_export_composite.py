"""The composite in CSV and in the workbook: every step, live formulas beside exact values, in LibreOffice too."""

import subprocess
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kit.exports import first_lines, table, written
from kit.factories import BANDS, small_definition
from kit.kinds import COMPONENTS, change, every_kind, whole_definition
from kit.records import Scribe, told
from kit.workbooks import Value, opened
from pingyi_protocol.meeting.appraisal import scores
from pingyi_protocol.meeting.commands import AnnounceRound, Cast, CheckIn, CloseRound, ImportEvidence, OpenRound, Score
from pingyi_protocol.meeting.components import Component, EvidenceLine, GivenScore, HotlineCounts
from pingyi_protocol.meeting.composite import composite
from pingyi_protocol.meeting.definition import CompositeRules, Item, Language, Role, Target
from pingyi_protocol.meeting.figures import CompositeLine
from pingyi_protocol.record.results import Results
from pingyi_server.exports.formats import COMPOSITE, WORKBOOK

TARGETS = ("T01", "T02", "T03", "T04")


def whole_meeting() -> Scribe:
    scribe, _ = told(Scribe(whole_definition()))
    every_kind(scribe)
    return scribe


def lacking() -> Scribe:
    """Return a meeting in which nothing was found about T04's cases."""
    scribe = whole_meeting()
    lines = tuple(EvidenceLine(target, HotlineCounts(10, 9, 1)) for target in TARGETS[:3])
    scribe.clerk(ImportEvidence("C2", "P1", "hotline.csv", "7a" * 32, lines))
    return scribe


def exported(scribe: Scribe, out: Path, language: Language = Language.ENGLISH) -> Results:
    return written(scribe, out, (WORKBOOK, COMPOSITE), language).view.results


def rows(book: Workbook) -> dict[str, dict[str, Value]]:
    """Return the cells of each target by component, or part of the sheet, and heading."""
    sheet = book["Composite"]
    lines = [[cell.value for cell in row] for row in sheet.iter_rows()]
    start = next(place for place, row in enumerate(lines) if row[0] == "Target" and row[1] == "Name of target")
    above, named = "", []
    for span, heading in zip(lines[start - 1], lines[start], strict=True):
        above = str(span or above)
        named.append(f"{above}: {heading}")
    found: dict[str, dict[str, Value]] = {}
    for row in lines[start + 2 :]:
        if row[0] is None:
            break
        found[str(row[0])] = dict(zip(named, row, strict=True))
    return found


def as_recorded(found: dict[str, dict[str, Value]], lines: tuple[CompositeLine, ...]) -> None:
    """Compare every live value with the exact one."""
    assert list(found) == [line.target for line in lines]
    names = {component.id: component.name for component in COMPONENTS}
    for line in lines:
        row = found[line.target]
        for one in line.components:
            assert row[f"{names[one.component]}: Score"] == pytest.approx(float(Fraction(one.exact)), abs=1e-9)
            weighted = float(Fraction(one.exact) * Fraction(one.weight) / 100)
            assert row[f"{names[one.component]}: Weighted"] == pytest.approx(weighted, abs=1e-9)
        if line.total is None or line.exact is None:
            assert not row["By formula: Composite"]
            assert not row["By formula: Rank"]
            continue
        assert row["By formula: Unrounded"] == pytest.approx(float(Fraction(line.exact)), abs=1e-9)
        assert row["By formula: Composite"] == pytest.approx(float(line.total), abs=1e-12)
        assert row["By formula: Rank"] == line.rank
        assert (row["By formula: Band"] or None) == line.band
        assert bool(row["By formula: Again"]) is line.again


def test_each_step_stands_in_the_workbook_with_what_the_record_says_beside_it(tmp_path: Path) -> None:
    results = exported(whole_meeting(), tmp_path)
    found = rows(opened(tmp_path / WORKBOOK))
    as_recorded(found, results.composite)
    for line in results.composite:
        row = found[line.target]
        assert (row["On record: Composite"], row["On record: Exact"]) == (float(line.total or 0), line.exact)
        assert row["On record: Difference"] == 0
    parts = {f"{part.name}": part for part in COMPONENTS[1].parts}
    assert {f"{COMPONENTS[1].name}: {name}" for name in parts} <= set(found["T01"])
    assert "not announced" not in str(opened(tmp_path / WORKBOOK)["Composite"]["A2"].value)


def test_evidence_is_there_with_its_file_and_the_score_that_its_material_comes_to(tmp_path: Path) -> None:
    exported(whole_meeting(), tmp_path)
    cells = [[cell.value for cell in row] for row in opened(tmp_path / WORKBOOK)["Evidence"].iter_rows()]
    text = "\n".join(str(cell) for row in cells for cell in row if cell is not None)
    assert "5e" * 32 in text
    assert "C2P1.xlsx" in text
    # 80 % of 66/70 and 20 % of 67/70
    hotline = next(row for row in cells if row[2:5] == [70, 66, 3])
    assert hotline[5:7] == [pytest.approx(662 / 7), "662/7"]


def test_what_is_missing_is_named_and_blocks_the_total(tmp_path: Path) -> None:
    results = exported(lacking(), tmp_path)
    found = rows(opened(tmp_path / WORKBOOK))
    as_recorded(found, results.composite)
    named = f"{COMPONENTS[1].name} · {COMPONENTS[1].parts[0].name}"
    assert found["T04"]["On record: Missing components"] == named
    last = table(tmp_path / COMPOSITE, "Target")[-1]
    assert (last["Composite"], last["Rank"], last["Missing components"]) == ("", "", named)
    assert any("not announced" in line for line in first_lines(tmp_path / COMPOSITE))
    assert "not announced" in str(opened(tmp_path / WORKBOOK)["Composite"]["A2"].value)


def test_the_table_of_composites_gives_each_step_by_component_and_part(tmp_path: Path) -> None:
    exported(whole_meeting(), tmp_path)
    first, *_, last = table(tmp_path / COMPOSITE, "Target")
    # 60 % of 662/7 and 40 % of 860/9
    steps = [
        f"{COMPONENTS[1].name} · {part.name}: {step}" for part in COMPONENTS[1].parts for step in ("score", "weighted")
    ]
    assert [first[step] for step in steps] == ["94.57", "56.74", "95.56", "38.22"]
    assert first[f"{COMPONENTS[1].name}: score"] == "94.97"
    assert (first["Composite"], first["Band"], first["Scored again"]) == ("94.02", "优秀", "")
    assert (last["Band"], last["Scored again"]) == ("合格", "to be scored again")


def recalculated(path: Path, out: Path) -> Workbook:
    """Return a workbook as LibreOffice works it out: what its formulas gave is not in it."""
    out.mkdir()
    profile = f"-env:UserInstallation={(out / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return opened(out / path.name)


def emptied(path: Path, change_it: Callable[[Worksheet], None] = lambda _sheet: None) -> Path:
    """Write the workbook again without the values that its formulas gave, and perhaps with another weight."""
    book = opened(path, formulas=True)
    change_it(book["Composite"])
    kept = path.with_name("emptied.xlsx")
    book.save(kept)
    book.close()
    assert rows(opened(kept))["T01"]["By formula: Composite"] is None
    return kept


@pytest.mark.full
@pytest.mark.office
@pytest.mark.parametrize("meeting", [whole_meeting, lacking])
def test_libreoffice_computes_the_same_numbers(meeting: Callable[[], Scribe], tmp_path: Path) -> None:
    results = exported(meeting(), tmp_path)
    book = recalculated(emptied(tmp_path / WORKBOOK), tmp_path / "office")
    as_recorded(rows(book), results.composite)


@pytest.mark.full
@pytest.mark.office
def test_libreoffice_computes_what_other_weights_and_bands_would_come_to(tmp_path: Path) -> None:
    """The same as the rules of the record do, which nobody tells it."""
    scribe = whole_meeting()
    exported(scribe, tmp_path)

    def other(sheet: Worksheet) -> None:
        for row in sheet.iter_rows():
            cells = {cell.value: cell for cell in row}
            if "Weight (%)" in cells:
                weights = [cell for cell in row if isinstance(cell.value, int | float)]
                for cell, weight in zip(weights, (10, 25, 75, 20, 30, 40), strict=True):
                    cell.value = weight
            if row[0].value == "Band" and "良好" in cells:
                cells[80].value = 65
            if "Scored again below" in cells:
                cells[75].value = 60

    book = recalculated(emptied(tmp_path / WORKBOOK, other), tmp_path / "office")
    own, society, online, research = COMPONENTS
    hotline, survey = society.parts
    parts = (change(hotline, weight=Decimal(25)), change(survey, weight=Decimal(75)))
    weighed: tuple[Component, ...] = (
        change(own, weight=Decimal(10)),
        change(society, weight=Decimal(20), parts=parts),
        change(online, weight=Decimal(30)),
        change(research, weight=Decimal(40)),
    )
    bands = tuple(change(band, least=Decimal(65)) if band.name == "良好" else band for band in BANDS)
    rules = CompositeRules(bands=bands, again_below=Decimal(60))
    as_recorded(rows(book), composite(weighed, rules, TARGETS, scores(scribe.meeting)))


def close_calls() -> Scribe:
    """Return a meeting in which every composite lies on the half between two figures, and each is that of three."""
    components = (
        Component("C1", "电子表决测评", Decimal(50), committee=True),
        Component("C2", "甲", Decimal(25)),
        Component("C3", "乙", Decimal(25)),
    )
    small = small_definition()
    numbers = [f"T{place:02}" for place in range(30)]
    targets = tuple(Target(number, f"对象{number}") for number in numbers)
    item = Item("1", "评议各局", tuple(numbers))
    rules = CompositeRules(bands=BANDS, again_below=Decimal("80.05"))
    scribe = Scribe(change(small, targets=targets, agenda=(item,), components=components, composite=rules, problems=()))
    chair = scribe.enrol("M01", Role.CHAIR)
    seats = [scribe.enrol(number) for number in ("M01", "M02", "M03")]
    for seat in seats:
        scribe.do(seat, CheckIn())
    scribe.do(chair, OpenRound("1"))
    scribe.do(seats[0], Cast("1", 1, tuple(Score(number, "", Decimal(80)) for number in numbers)))
    scribe.do(chair, CloseRound("1", 1))
    scribe.do(chair, AnnounceRound("1", 1))
    one = [Decimal("60.17") + place * Decimal("0.37") for place in range(30)]
    # a quarter of both is 40.005, 40.015 and so on
    other = [Decimal("160.02") + place // 3 * Decimal("0.04") - given for place, given in enumerate(one)]
    for component, given in (("C2", one), ("C3", other)):
        lines = tuple(EvidenceLine(number, GivenScore(score)) for number, score in zip(numbers, given, strict=True))
        scribe.clerk(ImportEvidence(component, "", f"{component}.csv", "5e" * 32, lines))
    return scribe


@pytest.mark.full
@pytest.mark.office
def test_libreoffice_rounds_halves_up_and_shares_places_as_the_record_does(tmp_path: Path) -> None:
    results = exported(close_calls(), tmp_path)
    assert [str(line.total) for line in results.composite[:4]] == ["80.01", "80.01", "80.01", "80.02"]
    assert [line.rank for line in results.composite[-4:]] == [4, 1, 1, 1]
    book = recalculated(emptied(tmp_path / WORKBOOK), tmp_path / "office")
    found = rows(book)
    for line in results.composite:
        row = found[line.target]
        said = (row["By formula: Composite"], row["By formula: Rank"], row["By formula: Band"])
        assert said == (pytest.approx(float(line.total or 0), abs=1e-12), line.rank, line.band)
        assert bool(row["By formula: Again"]) is line.again
