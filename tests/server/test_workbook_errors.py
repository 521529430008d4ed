"""Whatever is wrong in a workbook is named by its cell, all of it at once, in both languages, never by a traceback."""

import contextlib
from datetime import datetime, time

import pytest
from openpyxl import Workbook

from kit.meeting_files import edited, findings_in, places, sheet, with_cells
from pingyi_protocol.meeting.definition import Language
from pingyi_server.imports.findings import FileFinding, MeetingFileError
from pingyi_server.imports.workbook import meeting_of_workbook

DAY = datetime(2026, 1, 2)  # noqa: DTZ001 - a spreadsheet's day has no zone

CELLS: list[tuple[str, str, object, str]] = [
    ("会议", "B2", None, "missing"),
    ("会议", "B4", "十一月一日", "date"),
    ("会议", "B4", "2026-02-30", "date"),
    ("会议", "B5", "法文", "choice"),
    ("会议", "B6", "一半", "quorum"),
    ("会议", "B6", "3/2", "quorum"),
    ("会议", "B6", DAY, "became_date"),
    ("会议", "B8", "no host", "address"),
    ("会议", "B9", "many", "number"),
    ("会议", "B9", 7610.5, "whole_number"),
    ("会议", "B10", "也许", "choice"),
    ("名册", "A3", None, "missing"),
    ("名册", "A3", "M01", "duplicate"),
    ("名册", "A3", 440106199001011234, "lost_digits"),
    ("名册", "B3", None, "missing"),
    ("名册", "B3", "李\u200b伟", "hidden_character"),
    ("名册", "B3", "李\n伟", "hidden_character_or_line"),
    ("名册", "B3", True, "text"),
    ("名册", "C3", DAY, "became_date"),
    ("名册", "C3", time(3, 7), "became_date"),
    ("名册", "C3", "第三排", "seat"),
    ("名册", "C3", "1-1", "duplicate"),
    ("名册", "E3", "大屏", "choice"),
    ("名册", "E3", "工作人员", "voter_is_member"),
    ("名册", "E3", "组成人员; 主持人", "second_chair"),
    ("名册", "F3", 2, "choice"),
    ("评议对象", "A3", "文化和旅游局", "duplicate"),
    ("评议对象", "B4", "人社局", "duplicate"),
    ("评议对象", "A3", "示例部门（示例，请改）", "example_left"),
    ("议程", "C2", "Example (example, replace)", "example_left"),
    ("议程", "A3", "1", "duplicate"),
    ("议程", "B2", "讨论", "choice"),
    ("议程", "D2", "不存在的局", "unknown_target"),
    ("议程", "G2", 3, "step_divides"),
    ("议程", "H2", "众数", "choice"),
    ("议程", "H2", "trimmed mean", "at_least"),
    ("议程", "K2", 5, "between"),
    ("议程", "L2", "优秀", "bands"),
    ("议程", "L2", "优秀 80; 良好 90; 差 0", "bands_falling"),
    ("议程", "M2", "隐名", "choice"),
    ("议程", "N2", "全部", "choice"),
    ("议程", "O2", 2, "at_least"),
    ("议程", "R2", "无人", "live_needs_all"),
    ("议程", "S2", DAY, "number"),
    ("突出问题", "A2", "某局", "unknown_target"),
    ("评价来源", "B2", "60分", "number"),
    ("评价来源", "B2", 0, "weight"),
    ("评价来源", "B3", 100.5, "weight"),
    ("评价来源", "B3", "#DIV/0!", "no_error_value"),
    ("评价来源", "B3", "=1+1", "stored_result"),
]


@pytest.mark.parametrize(("name", "cell", "value", "code"), CELLS, ids=[f"{case[1]}-{case[3]}" for case in CELLS])
def test_a_wrong_cell_is_named_with_what_is_wanted(name: str, cell: str, value: object, code: str) -> None:
    findings = findings_in(with_cells(name, {cell: value}))
    # a trimmed mean that drops nobody is wrong where it says how many
    wrong_cell = "I2" if value == "trimmed mean" else cell
    assert (wrong_cell, code) in places(tuple(f for f in findings if f.place.title.startswith(name)))
    _all_can_be_said(findings)


SECRET: dict[str, object] = {"M2": "无记名", "L2": None, "Q2": "宣布后", "R2": "无人"}


@pytest.mark.parametrize(
    ("cells", "place", "code"),
    [
        ({}, "M2", "secret_scrutineers"),
        ({"L2": "优秀 90; 其余 0"}, "N2", "secret_sum_measures"),
        ({"H2": "中位数"}, "N2", "secret_sum_measures"),
        ({"Q2": "实时"}, "Q2", "secret_not_live"),
        ({"R2": "主持人"}, "R2", "secret_running"),
        ({"N2": "开启分布", "G2": "0.05"}, "N2", "secret_choices"),
    ],
)
def test_what_a_secret_vote_cannot_have_is_named(cells: dict[str, object], place: str, code: str) -> None:
    findings = findings_in(with_cells("议程", SECRET | cells))
    assert (place, code) in places(findings)
    _all_can_be_said(findings)


def _all_can_be_said(findings: tuple[FileFinding, ...]) -> None:
    for finding in findings:
        chinese, english = (finding.describe(language) for language in Language)
        assert chinese != english
        if finding.place.cell:
            assert finding.place.cell in chinese
            assert finding.place.cell in english


def test_one_wrong_cell_is_one_finding() -> None:
    # an unreadable weight is not a wrong total as well, an unreadable step no wrong band
    assert places(findings_in(with_cells("评价来源", {"B2": "很多"}))) == [("B2", "number")]
    assert places(findings_in(with_cells("议程", {"G2": "细"}))) == [("G2", "number")]


def test_all_findings_come_at_once() -> None:
    def change(book: Workbook) -> None:
        sheet(book, "会议")["B9"] = 0
        sheet(book, "名册")["C3"] = "x"
        sheet(book, "名册")["A4"] = None
        sheet(book, "议程")["L2"] = "?"
        sheet(book, "评价来源")["B3"] = "=1"

    wanted = {("B9", "between"), ("C3", "seat"), ("A4", "missing"), ("L2", "bands"), ("B3", "stored_result")}
    assert set(places(findings_in(edited(change)))) == wanted


def test_findings_stand_in_the_order_of_sheets_rows_and_columns_and_none_waits_for_another() -> None:
    def change(book: Workbook) -> None:
        sheet(book, "会议")["B9"] = 0
        sheet(book, "名册")["C4"] = "x"
        sheet(book, "名册")["C3"] = "1-01"
        sheet(book, "名册")["B4"] = None
        sheet(book, "议程")["T2"] = "x"
        sheet(book, "议程")["S2"] = -5
        sheet(book, "议程")["G3"] = "fine"
        sheet(book, "评价来源")["B3"] = "=1"

    assert [place for place, _ in places(findings_in(edited(change)))] == [
        "B9",
        "C3",
        "B4",
        "C4",
        "S2",
        "T2",
        "G3",
        "B3",
    ]


def test_lines_are_judged_together_also_beside_a_sheet_of_wrong_shape() -> None:
    def change(book: Workbook) -> None:
        sheet(book, "名册")["F1"] = "可投票"
        sheet(book, "议程")["S2"] = -5

    assert places(findings_in(edited(change))) == [("", "column"), ("S2", "between")]


FOUND = [
    ("名册", "C3", "1-01", "1-01"),
    ("名册", "E3", "组成人员; 主持人", "组成人员; 主持人"),
    ("名册", "E3", "工作人员", "工作人员"),
    ("议程", "D2", "文化和旅游局\n文化和旅游局", "文化和旅游局"),
    ("议程", "R2", None, ""),
]


@pytest.mark.parametrize(("name", "cell", "value", "found"), FOUND)
def test_what_was_found_is_what_stands_there(name: str, cell: str, value: object, found: str) -> None:
    change = {cell: value} | ({"Q2": "实时"} if cell == "R2" else {})
    assert found in {one.found for one in findings_in(with_cells(name, change)) if one.place.cell == cell}


def warnings_in(content: bytes) -> list[FileFinding]:
    heard: list[FileFinding] = []
    with contextlib.suppress(MeetingFileError):
        meeting_of_workbook(content, "meeting.xlsx", heard.append)
    _all_can_be_said(tuple(heard))
    return heard


def test_what_is_odd_but_could_be_held_is_a_warning() -> None:
    assert warnings_in(edited(lambda _book: None)) == []
    [chair] = warnings_in(with_cells("名册", {"E2": None}))
    assert (chair.code, chair.place.column) == ("no_chair", "角色 / Roles")
    [target] = warnings_in(with_cells("议程", {"D3": "医疗保障局"}))
    assert (target.code, target.found, target.place.cell) == ("target_in_no_item", "人力资源和社会保障局", "A3")
    [spare] = warnings_in(with_cells("名册", {"Z1": "Extra"}))
    assert (spare.code, spare.found) == ("unknown_column", "Extra")


def test_an_unknown_column_is_named_beside_the_one_that_is_missing() -> None:
    content = with_cells("名册", {"F1": "可投票"})
    [missing] = findings_in(content)
    assert (missing.code, missing.found) == ("column", "可投票")
    assert warnings_in(content) == []


def test_the_sentence_names_sheet_row_column_found_and_wanted() -> None:
    finding = findings_in(with_cells("名册", {"C3": "1-1"}))[0]
    assert finding.describe(Language.CHINESE) == (
        "工作表“名册 Roster”第 3 行“席位 / Seat”（C3）：发现“1-1”；不能与其他行重复"
        "（另见工作表“名册 Roster”第 2 行“席位 / Seat”（C2））"
    )
    choice = findings_in(with_cells("议程", {"Q2": "马上"}))[0]
    assert choice.describe(Language.ENGLISH) == (
        'sheet "议程 Agenda", row 2, "大屏显示结果 / Result on display" (Q2): '
        'found "马上"; wanted: one of live, on close, on announcement'
    )


def test_what_was_found_cannot_disturb_the_terminal() -> None:
    finding = findings_in(with_cells("议程", {"Q2": "\u202e" + "长" * 100}))[0]
    said = finding.describe(Language.CHINESE)
    assert "\u202e" not in said
    assert "<U+202E>" in said
    assert "长" * 61 not in said


def test_weights_that_miss_100_are_named_by_their_column() -> None:
    finding = findings_in(with_cells("评价来源", {"B2": 59.9}))[0]
    assert (finding.code, finding.found, finding.place.column) == ("weights_total", "99.9", "权重（%） / Weight (%)")
    assert finding.place.row is None


def test_missing_sheets_columns_and_facts_are_named() -> None:
    def change(book: Workbook) -> None:
        del book[sheet(book, "突出问题").title]
        sheet(book, "名册")["F1"] = "可投票"
        sheet(book, "会议")["A9"] = "门"
        sheet(book, "评价来源")["D1"] = "weight (%)"
        sheet(book, "会议")["A14"] = "日期"
        for column in range(1, 3):
            sheet(book, "评议对象").cell(1, column).value = "?"

    findings = findings_in(edited(change))
    said = {finding.code: finding.describe(Language.ENGLISH) for finding in findings}
    assert said.keys() == {"sheet", "column", "fact", "fact_twice", "column_twice", "header_row"}
    assert "突出问题 Problems" in said["sheet"]
    assert "表决权 / Votes" in said["column"]
    assert "端口 / Port" in said["fact"]
    assert "row 14" in said["fact_twice"]
    assert "权重（%） / Weight (%)" in said["column_twice"]
    assert "简称 / Short name" in said["header_row"]
    _all_can_be_said(findings)


def test_cells_are_still_checked_where_a_sheet_is_missing() -> None:
    def change(book: Workbook) -> None:
        del book[sheet(book, "评价来源").title]
        sheet(book, "名册")["F2"] = "?"

    assert places(findings_in(edited(change))) == [("", "sheet"), ("F2", "choice")]


def test_a_sheet_with_far_too_many_rows_is_refused() -> None:
    def change(book: Workbook) -> None:
        page = sheet(book, "突出问题")
        for row in range(2, 10_004):
            page[f"A{row}"] = "文化和旅游局"

    assert "fewer_rows" in {finding.code for finding in findings_in(edited(change))}


@pytest.mark.parametrize("written", ["9²", "½", "٩٠", "一百", "1,000", "1e2", "--5", "0x10"])
def test_only_plain_and_full_width_digits_are_a_number(written: str) -> None:
    assert places(findings_in(with_cells("评价来源", {"B3": written}))) == [("B3", "number")]
