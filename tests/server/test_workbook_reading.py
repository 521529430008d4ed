"""A workbook is read however a spreadsheet program, or a clerk's hand, has left it."""

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from kit.factories import small_definition
from kit.meeting_files import FILE, edited, findings_in, places, sheet, with_cells
from pingyi_protocol.meeting.definition import (
    Audience,
    Definition,
    Display,
    Item,
    Language,
    MotionRules,
    Opens,
    Person,
    Role,
    Secrecy,
)
from pingyi_server.imports.sample import sample_meeting
from pingyi_server.imports.workbook import meeting_of_workbook, read_workbook
from pingyi_server.imports.workbook_writer import workbook_of

SMALL = small_definition()


def read(content: bytes) -> Definition:
    return meeting_of_workbook(content, FILE).definition


def rename(name: str, title: str) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        sheet(book, name).title = title

    return change


def titles_above(book: Workbook) -> None:
    page = sheet(book, "名册")
    page.insert_rows(1, 2)
    page["A1"] = "示例市人大常委会组成人员名册"
    page.merge_cells("A1:F1")


def other_order(book: Workbook) -> None:
    page = sheet(book, "名册")
    page.insert_cols(1, 2)
    page["A1"], page["B1"] = "备注", "姓名拼音"
    page["A2"] = "请假"
    page.move_range(f"C1:C{page.max_row}", cols=6)


def blank_rows(book: Workbook) -> None:
    page = sheet(book, "名册")
    for row in (40, 900):
        page[f"B{row}"] = "  "
        page[f"H{row}"] = "备注"


def gap_and_hidden(book: Workbook) -> None:
    page = sheet(book, "名册")
    page.insert_rows(4, 3)
    page.row_dimensions[3].hidden = True


def other_case(book: Workbook) -> None:
    page = sheet(book, "名册")
    page["A1"], page["B1"], page["F1"] = "  member NUMBER ", "姓名", "表决权／VOTES"
    page["F2"], page["F3"] = "YES", True
    page["E2"] = "Chair、组成人员"


def rich(book: Workbook) -> None:
    name = CellRichText("委", TextBlock(InlineFont(b=True), "员01"))
    sheet(book, "名册")["B2"] = name


def further_sheet(book: Workbook) -> None:
    book.create_sheet("说明", 0)["A1"] = "编号"


LEFT_AS = [
    rename("名册", "名册"),
    rename("名册", " ROSTER "),
    rename("名册", "roster"),
    titles_above,
    other_order,
    blank_rows,
    gap_and_hidden,
    other_case,
    rich,
    further_sheet,
]


@pytest.mark.parametrize("change", LEFT_AS, ids=[str(at) for at in range(len(LEFT_AS))])
def test_a_workbook_reads_the_same_however_it_was_arranged(change: Callable[[Workbook], Any]) -> None:
    assert msgspec.structs.replace(read(edited(change)), roster=()) == msgspec.structs.replace(SMALL, roster=())
    assert [person.number for person in read(edited(change)).roster] == [person.number for person in SMALL.roster]
    assert set(read(edited(change)).roster[0].roles) == set(SMALL.roster[0].roles)


@pytest.mark.parametrize(
    ("written", "number"),
    [(7, "7"), (7.0, "7"), ("007", "007"), ("００７", "007"), (" 7 ", "7"), (440106199001, "440106199001")],
)
def test_a_member_number_reads_as_it_was_typed(written: object, number: str) -> None:
    assert read(with_cells("名册", {"A2": written})).roster[0].number == number


@pytest.mark.parametrize("written", ["1-02", "１－０２", " 1-02 "])
def test_a_seat_reads_with_full_width_digits(written: str) -> None:
    wanted = Person("A01", "列席一", "1-02", roles=(), entitled=False)
    content = with_cells("名册", {"C3": "9-09", "C7": written})
    assert read(content).roster[-1] == wanted


DAY = datetime(2026, 11, 1)  # noqa: DTZ001 - a spreadsheet's day has no zone


@pytest.mark.parametrize("written", [DAY, "2026-11-01", "2026/11/1", "2026年11月1日", "２０２６-11-01"])
def test_a_date_reads_as_cell_and_as_text(written: object) -> None:
    assert read(with_cells("会议", {"B4": written})).meeting.date == "2026-11-01"


@pytest.mark.parametrize("written", [40, 40.0, "40", "40%", "４０％", "40.00 %"])
def test_a_weight_reads_with_and_without_a_per_cent_sign(written: object) -> None:
    assert read(with_cells("评价来源", {"B3": written})) == SMALL


def test_a_per_cent_cell_holds_a_hundredth_of_what_it_shows() -> None:
    def change(book: Workbook) -> None:
        page = sheet(book, "评价来源")
        # 0.1 + 0.2 is 0.30000000000000004 in a file as well
        for cell, share in (("B2", 0.1 + 0.2), ("B3", 0.7)):
            page[cell] = share
            page[cell].number_format = "0.0%"

    assert [str(component.weight) for component in read(edited(change)).components] == ["30", "70"]


def test_words_of_the_other_language_and_both_together_are_taken() -> None:
    cells = {"H2": "mean", "P2": "末次 / last", "Q2": "LIVE", "R2": "All", "T2": "yes", "B2": "Score"}
    assert read(with_cells("议程", cells)) == SMALL


def test_blank_rules_are_the_usual_ones() -> None:
    blank = dict.fromkeys([f"{column}2" for column in "BEFGHIJKLMNOPQRSTU"])
    rules = read(with_cells("议程", blank)).agenda[0].rules
    assert rules == type(rules)()


def test_a_secret_item_is_read_and_written_again() -> None:
    both = (Role.MEMBER, Role.SCRUTINEER)
    roster = tuple(msgspec.structs.replace(one, roles=both) for one in SMALL.roster if one.entitled)
    rules = msgspec.structs.replace(
        SMALL.agenda[0].rules, secrecy=Secrecy.SECRET, opens=Opens.DISTRIBUTION, least_ballots=7
    )
    quiet = msgspec.structs.replace(rules, display=Display.ON_ANNOUNCEMENT, running=Audience.NOBODY)
    facts = msgspec.structs.replace(SMALL.meeting, threshold=3)
    motion = Item("9", "关于评议情况的决议", (), MotionRules(secrecy=Secrecy.SECRET, least_ballots=6))
    agenda = (msgspec.structs.replace(SMALL.agenda[0], rules=quiet), *SMALL.agenda[1:], motion)
    definition = msgspec.structs.replace(SMALL, meeting=facts, roster=roster, agenda=agenda)
    for language in Language:
        assert read(workbook_of(definition, language)) == definition


def test_targets_are_separated_by_lines_or_signs() -> None:
    for between in ("\n", ";", "；", "、", " ; "):
        names = between.join(["人力资源和社会保障局", "医疗保障局"])
        assert read(with_cells("议程", {"D3": names})).agenda[1].targets == ("T02", "T03")


def test_a_target_whose_name_holds_a_separator_is_one_target() -> None:
    renamed = msgspec.structs.replace(SMALL.targets[0], name="人口、资源和环境局")
    definition = msgspec.structs.replace(SMALL, targets=(renamed, *SMALL.targets[1:]))
    assert read(workbook_of(definition, Language.CHINESE)) == definition


def test_text_that_looks_like_a_formula_or_an_escape_stays_text() -> None:
    changed = msgspec.structs.replace(SMALL.roster[1], name="=1+1", group="_x0041_")
    definition = msgspec.structs.replace(SMALL, roster=(SMALL.roster[0], changed, *SMALL.roster[2:]))
    assert read(workbook_of(definition, Language.CHINESE)) == definition


def test_a_formula_counts_by_its_stored_result_and_an_empty_result_is_blank() -> None:
    stored = '<c r="B3"><f>50-10</f><v>40</v></c>'
    empty = '<row r="9"><c r="A9" t="str"><f>IF(TRUE,"")</f><v></v></c></row>'
    assert read(_with_components_xml(stored, empty)) == SMALL
    assert places(findings_in(_with_components_xml('<c r="B3"><f>50-10</f></c>', empty))) == [("B3", "stored_result")]


def _with_components_xml(weight: str, row: str) -> bytes:
    """The small workbook with a weight and one further row of the components as Excel would write a formula."""
    saved = BytesIO()
    source = zipfile.ZipFile(BytesIO(workbook_of(SMALL, Language.CHINESE)))
    with source, zipfile.ZipFile(saved, "w") as target:
        for part in source.namelist():
            content = source.read(part).decode()
            if part == "xl/worksheets/sheet7.xml":
                content, replaced = re.subn(r'<c r="B3"[^>]*><v>40</v></c>', weight, content)
                assert replaced == 1
                content = content.replace("</sheetData>", f"{row}</sheetData>")
            target.writestr(part, content)
    return saved.getvalue()


def test_a_line_break_pasted_from_another_program_is_one_line_break() -> None:
    written = with_cells("突出问题", {"C2": "一_x000D_\n二", "G2": "三\r\n四"})
    problem = read(written).problems[0]
    assert (problem.goal, problem.report) == ("一\n二", "三\n四")


def test_a_file_saved_by_libreoffice_is_read() -> None:
    # small_definition(), without its scrutineer, written by this program, opened and saved by LibreOffice 7.4
    roster = tuple(
        msgspec.structs.replace(person, roles=(Role.MEMBER,)) if person.number == "M03" else person
        for person in SMALL.roster
    )
    found = read_workbook(Path(__file__).parent / "data" / "saved_by_libreoffice.xlsx")
    assert found == (msgspec.structs.replace(SMALL, roster=roster), ())


def test_the_sample_survives_another_program_saving_it() -> None:
    sample = sample_meeting(Language.CHINESE).definition
    assert read(edited(lambda book: book, sample)) == sample
