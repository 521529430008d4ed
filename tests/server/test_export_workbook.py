"""The workbook of results, read again as a spreadsheet reads it."""

from io import BytesIO
from itertools import accumulate
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from kit.exports import source_of, table, written
from kit.factories import small_definition
from kit.kinds import change, every_kind, whole_definition
from kit.records import Scribe, small_meeting, told
from kit.workbooks import lines, opened
from pingyi_protocol.meeting.commands import AnnounceRound, CheckIn, CloseRound, OpenRound
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_server.exports.formats import BALLOTS, WORKBOOK
from pingyi_server.exports.source import UnmadeError
from pingyi_server.exports.workbook.making import workbook_of
from pingyi_server.exports.workbook.pages import LONGEST_TEXT, fitting, lines_in

A4 = 9


def exported(scribe: Scribe, out: Path, language: Language = Language.ENGLISH) -> Path:
    written(scribe, out, (WORKBOOK, BALLOTS), language)
    return out


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scribe, _ = told(Scribe(whole_definition()))
    every_kind(scribe)
    return exported(scribe, tmp_path_factory.mktemp("out"))


@pytest.fixture(scope="module")
def book(out: Path) -> Workbook:
    return opened(out / WORKBOOK)


def named(name: str) -> Definition:
    """Return the small definition with a target, a title and a member of this name."""
    small = small_definition()
    first, *others = small.targets
    item, *items = small.agenda
    person, *people = small.roster
    return change(
        small,
        targets=(change(first, name=name), *others),
        agenda=(change(item, title=name), *items),
        roster=(change(person, name=name), *people),
    )


def test_there_is_a_sheet_for_all_that_the_meeting_has_and_none_for_what_it_has_not(
    book: Workbook, tmp_path: Path
) -> None:
    assert {"Overview", "Scores", "Criteria", "Votes", "Ratings", "Selections", "Open ballots"} <= set(book.sheetnames)
    small = opened(exported(small_meeting(), tmp_path) / WORKBOOK)
    assert not {"Criteria", "Votes", "Ratings", "Selections", "Groups"} & set(small.sheetnames)


def test_every_sheet_is_for_a4_with_headings_that_stay_on_the_screen_and_on_every_page(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert sheet.page_setup.paperSize == A4, sheet.title
        assert sheet.print_area, sheet.title
        # evidence has a table for each file, with headings of its own
        if sheet.title not in ("Charts", "Evidence"):
            assert sheet.freeze_panes is not None, sheet.title
            assert sheet.print_title_rows is not None, sheet.title
            # the headings are the last rows that stay
            last = int(sheet.print_title_rows.split("$")[-1])
            assert sheet.freeze_panes.endswith(str(last + 1)), sheet.title


def test_open_ballots_say_so_on_the_first_line_in_both_languages(tmp_path: Path) -> None:
    for language, sheets in (
        (Language.CHINESE, ("概览", "记名表决票")),
        (Language.ENGLISH, ("Overview", "Open ballots")),
    ):
        found = opened(exported(small_meeting(), tmp_path / language, language) / WORKBOOK)
        for name in sheets:
            said = str(found[name]["A1"].value)
            assert "记名" in said
            assert "open ballot" in said.lower()


def test_every_member_has_one_line_with_what_stands_in_the_table_of_ballots(out: Path, book: Workbook) -> None:
    found = matrix(book["Open ballots"])
    assert {number for number, *_ in found} == {"M01", "M02", "M03", "M04"}
    ballots = table(out / BALLOTS, "Item")
    expected = {}
    for row in ballots:
        again = f" (round {row['Round']})" if row["Round"] != "1" else ""
        vote = f"{row['Item']}　{row['Title']}{again}"
        kind = row["Kind"] if row["Kind"] in ("motion", "pass or not") else ""
        asked = ": ".join(part for part in (row["Name of target"], row["Criterion"], kind) if part)
        candidates = {heading for _, one, heading in found if one == vote and heading != "Tracking code"}
        # who chose no candidate says so of all
        for heading in [asked] if row["Name of target"] or row["Kind"] != "selection" else candidates:
            expected[row["Member number"], vote, heading] = row["Score"] or row["Answer"]
        expected[row["Member number"], vote, "Tracking code"] = row["Tracking code"]
    assert found == {about: said for about, said in expected.items() if said}


def later(last: str, one: str) -> str:
    """Return what stands over a column: a merged cell has its text in its first one."""
    return one or last


def matrix(sheet: Worksheet) -> dict[tuple[str, str, str], str]:
    """Return what stands in each line under each heading, by member, vote and heading; empty cells are left out."""
    rows = [[None if cell.value is None else str(cell.value) for cell in row] for row in sheet.iter_rows()]
    start = next(place for place, row in enumerate(rows) if row[0] == "Member number")
    spans: list[str] = [one or "" for one in rows[start - 1]]
    votes: list[str] = list(accumulate(spans, later))
    return {
        (str(row[0]), vote, str(heading)): cell
        for row in rows[start + 1 :]
        for vote, heading, cell in list(zip(votes, rows[start], row, strict=True))[3:]
        if cell is not None
    }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1+1", "＝1+1"])
def test_text_is_never_run_and_stays_text_when_somebody_edits_it(tmp_path: Path, text: str) -> None:
    scribe, _ = told(Scribe(named(text)))
    book = opened(exported(scribe, tmp_path) / WORKBOOK, formulas=True)
    found = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value == text]
    assert {cell.parent.title for cell in found} >= {"Overview", "Scores", "Values", "Open ballots", "Attendance"}
    assert {cell.data_type for cell in found} == {"s"}
    assert all(cell.quotePrefix for cell in found)


def test_numbers_are_numbers_with_the_decimals_that_were_published(book: Workbook) -> None:
    sheet = book["Scores"]
    [first, *_] = lines(sheet, "Item")
    assert first["Measure"] == pytest.approx(92.33, abs=1e-12)
    column = [cell.value for cell in sheet[2]].index("Measure") + 1
    assert sheet.cell(3, column).number_format == "0.00"
    assert lines(book["Score details"], "Item")[0]["Exact"] == "277/3"


def test_charts_draw_the_figures_of_the_tables(out: Path) -> None:
    with ZipFile(out / WORKBOOK) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 7
    assert "<c:v>92.33</c:v>" in charts[0]
    assert "文化和旅游局" in charts[0]
    # pieces are told apart by patterns, and each says its number
    assert "pattFill" in charts[1]
    assert "showVal" in charts[1]


def test_a_sheet_that_nobody_scored_has_a_workbook_too(tmp_path: Path) -> None:
    scribe = Scribe(small_definition())
    chair = scribe.enrol("M01", Role.CHAIR)
    for number in ("M01", "M02", "M03"):
        scribe.do(scribe.enrol(number), CheckIn())
    scribe.do(chair, OpenRound("1"))
    scribe.do(chair, CloseRound("1", 1))
    scribe.do(chair, AnnounceRound("1", 1))
    book = opened(exported(scribe, tmp_path) / WORKBOOK)
    assert lines(book["Scores"], "Item")[0]["Measure"] == "too few scores"
    assert "Values" not in book.sheetnames
    assert "Charts" not in book.sheetnames


def test_the_same_record_gives_the_same_bytes() -> None:
    source = source_of(small_meeting())
    assert workbook_of(source) == workbook_of(source)
    assert ZipFile(BytesIO(workbook_of(source))).testzip() is None


def test_what_a_spreadsheet_cannot_hold_is_not_left_out_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pingyi_server.exports.workbook.pages.MOST_ROWS", 8)
    with pytest.raises(UnmadeError, match="more rows or columns"):
        exported(small_meeting(), tmp_path)
    assert fitting("字" * (LONGEST_TEXT + 1)).endswith("字…")
    assert len(fitting("字" * (LONGEST_TEXT + 1))) == LONGEST_TEXT


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("", 10, 1),
        ("短", 10, 1),
        ("人力资源和社会保障局", 11, 2),
        ("two words", 6, 2),
        ("a\nb", 10, 2),
        ("W" * 50, 10, 6),
    ],
)
def test_a_row_is_as_high_as_its_longest_text_needs(text: str, width: float, expected: int) -> None:
    assert lines_in(text, width) == expected
