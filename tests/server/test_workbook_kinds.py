"""Every kind of item, criteria, chief scrutineer and recusals in a meeting file: what is read, and what is wrong."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import msgspec
import pytest
from openpyxl import Workbook, load_workbook

from kit.factories import small_definition
from kit.meeting_files import FILE, findings_in, sheet
from pingyi_protocol.meeting.commands import Recuse
from pingyi_protocol.meeting.definition import (
    Base,
    Criterion,
    Item,
    Language,
    MotionRules,
    Passing,
    RatingRules,
    Role,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.text import catalogue
from pingyi_server.imports.columns import SHEETS
from pingyi_server.imports.difference import difference
from pingyi_server.imports.findings import FileFinding
from pingyi_server.imports.mapping import MeetingFile
from pingyi_server.imports.toml_file import meeting_of_toml
from pingyi_server.imports.workbook import meeting_of_workbook
from pingyi_server.imports.workbook_writer import workbook_of

WORDS = catalogue("pingyi_server", Language.CHINESE)
SMALL = small_definition()
AGENDA = (
    Item(
        "1",
        "文化和旅游局整改评议",
        ("T01",),
        ScoreRules(question=Passing(2, 3, Base.PRESENT, strict=False), pass_mark=Decimal("60.5")),
        (
            Criterion("T01", "K1", "公共阅读场所偏少", Decimal("62.5")),
            Criterion("T01", "K2", "文化活动不均", Decimal("37.5")),
        ),
    ),
    Item("2", "关于批准决算的决议", (), MotionRules(passing=Passing(base=Base.FOR_AND_AGAINST))),
    Item("3", "两局满意度测评", ("T02", "T03"), RatingRules(least_group=5)),
    Item("4", "票决明年对象", ("T01", "T02", "T03"), SelectionRules(winners=2, most=2, confirmed=True)),
)
ROSTER = (
    SMALL.roster[0],
    msgspec.structs.replace(SMALL.roster[1], roles=(Role.MEMBER, Role.SCRUTINEER), chief=True),
    *SMALL.roster[2:],
)
FACTS = msgspec.structs.replace(SMALL.meeting, check_in_minutes=30, late_ballots=False)
RECUSALS = (Recuse("M03", "2", "曾任职"), Recuse("M04", "3", "亲属"))
ALL_KINDS = MeetingFile(
    msgspec.structs.replace(SMALL, meeting=FACTS, roster=ROSTER, agenda=AGENDA, components=(), problems=()),
    RECUSALS,
)
# lines of the sheet, from 2
SCORE, MOTION, RATING, SELECTION = 2, 3, 4, 5


def changed(change: Callable[[Workbook], object]) -> bytes:
    book = load_workbook(BytesIO(workbook_of(ALL_KINDS.definition, Language.CHINESE, ALL_KINDS.recusals)))
    change(book)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def with_cell(code: str, row: int, column: str, value: object) -> bytes:
    def change(book: Workbook) -> None:
        cell(book, code, row, column).value = value

    return changed(change)


def cell(book: Workbook, code: str, row: int, column: str) -> Any:
    page = sheet(book, WORDS(f"workbook.sheet_{code}"))
    header = WORDS(f"workbook.{code}_{column}")
    [place] = [one.column for one in page[1] if str(one.value).split(" / ")[0] == header]
    return page.cell(row, place)


def said(findings: tuple[FileFinding, ...]) -> list[tuple[str, int | None, str]]:
    """Code, row and column of each finding, each of which can be said in both languages."""
    for finding in findings:
        chinese, english = (finding.describe(language) for language in Language)
        assert chinese != english
        assert finding.place.cell in chinese
    return [(one.code, one.place.row, one.place.column.split(" / ")[0]) for one in findings]


def test_a_file_with_everything_reads_back_and_differs_from_one_without() -> None:
    assert meeting_of_workbook(changed(lambda _book: None), FILE) == ALL_KINDS
    told = [one.describe(Language.ENGLISH) for one in difference(SMALL, ALL_KINDS.definition)]
    assert 'Meeting, Check-in window (minutes): "" becomes "30"' in told
    assert 'Roster, M02, Roles: "" becomes "组成人员; 总监票人"' in told
    assert 'Agenda, 2, Kind: "评分" becomes "表决"' in told
    assert "Criteria, added: 1, 文化和旅游局, 公共阅读场所偏少, 62.5" in told


ONE_WRONG_CELL: list[tuple[str, int, str, object, str]] = [
    ("agenda", MOTION, "lowest", 0, "not_of_kind"),
    ("agenda", MOTION, "winners", 2, "not_of_kind"),
    ("agenda", RATING, "question", "是", "not_of_kind"),
    ("agenda", SELECTION, "pass_mark", 60, "not_of_kind"),
    ("agenda", MOTION, "targets", "文化和旅游局", "motion_has_no_targets"),
    ("agenda", RATING, "targets", None, "missing"),
    ("agenda", MOTION, "kind", "讨论", "choice"),
    ("agenda", SELECTION, "kind", "讨论", "choice"),
    ("agenda", MOTION, "passing_share", "3/2", "quorum"),
    ("agenda", MOTION, "passing_share", "过半", "quorum"),
    ("agenda", MOTION, "passing_share", "1/1", "quorum_unreachable"),
    ("agenda", MOTION, "passing_base", "出席", "choice"),
    ("agenda", RATING, "passing_base", "赞成与反对之和", "base_of_question"),
    ("agenda", SELECTION, "passing_base", "For and against", "base_of_question"),
    ("agenda", SELECTION, "winners", 4, "between"),
    ("agenda", SELECTION, "most", 4, "between"),
    ("agenda", SELECTION, "most", "三", "number"),
    ("agenda", SELECTION, "least", 3, "between"),
    ("agenda", SELECTION, "confirmed", "也许", "choice"),
    ("agenda", RATING, "least_group", 1, "at_least"),
    ("agenda", SCORE, "pass_mark", 101, "between"),
    ("agenda", SCORE, "pass_mark", "0.1234567", "plain_number"),
    ("agenda", SCORE, "highest", "满分", "number"),
    ("criteria", 2, "item", "9", "unknown_item"),
    ("criteria", 2, "item", None, "missing"),
    ("criteria", 3, "name", "公共阅读场所偏少", "duplicate"),
    ("criteria", 3, "weight", "多", "number"),
    ("criteria", 3, "weight", None, "missing"),
    ("recusals", 2, "item", "9", "unknown_item"),
    ("recusals", 2, "person", "M99", "unknown_member"),
    ("recusals", 2, "person", "A01", "no_vote"),
    ("recusals", 2, "reason", None, "missing"),
    ("recusals", 2, "reason", "理\u2028由", "hidden_character"),
    ("recusals", 2, "reason", "长" * 201, "too_long"),
    ("meeting", 0, "check_in_minutes", 0, "between"),
    ("roster", 4, "roles", "组成人员; 总监票人", "second_chief"),
]


@pytest.mark.parametrize(
    ("code", "row", "column", "value", "wanted"),
    ONE_WRONG_CELL,
    ids=[f"{case[2]}-{case[4]}-{at}" for at, case in enumerate(ONE_WRONG_CELL)],
)
def test_one_wrong_cell_is_one_finding(code: str, row: int, column: str, value: object, wanted: str) -> None:
    def change(book: Workbook) -> None:
        if code == "meeting":
            page = sheet(book, "会议")
            [fact] = [one for one in page["A"] if str(one.value).startswith(WORDS(f"workbook.meeting_{column}"))]
            page.cell(fact.row, 2).value = value
        else:
            cell(book, code, row, column).value = value

    [(found, place, header)] = said(findings_in(changed(change)))
    assert (found, header) == (wanted, WORDS(f"workbook.{code}_{column}"))
    assert place == row or code == "meeting"


def test_weights_that_miss_100_are_named_where_the_targets_criteria_begin() -> None:
    [finding] = findings_in(with_cell("criteria", 3, "weight", 40))
    assert said((finding,)) == [("weights_total", 2, "权重（%）")]
    assert finding.found == "102.5"


def test_a_criterion_of_a_target_elsewhere_is_named_as_it_stands_there() -> None:
    findings = findings_in(with_cell("criteria", 3, "target", "医疗保障局"))
    assert ("target_not_in_item", 3, "评议对象") in said(findings)
    assert "医疗保障局" in {finding.found for finding in findings}


def test_criteria_of_an_item_that_gets_no_scores_are_refused() -> None:
    def change(book: Workbook) -> None:
        for row in (2, 3):
            cell(book, "criteria", row, "item").value = "3"
            cell(book, "criteria", row, "target").value = "医疗保障局"

    assert said(findings_in(changed(change))) == [("criteria_of_scores", 2, "议题序号")]


def test_a_passing_rule_that_nobody_asks_for_is_named() -> None:
    findings = findings_in(with_cell("agenda", SCORE, "question", "否"))
    assert {code for code, *_ in said(findings)} == {"question_first"}
    assert [column for *_, column in said(findings)] == ["通过基数", "通过比例", "通过界限"]


def test_who_is_recused_twice_is_named_with_the_other_line() -> None:
    def change(book: Workbook) -> None:
        cell(book, "recusals", 3, "item").value = "2"
        cell(book, "recusals", 3, "person").value = "M03"

    [finding] = findings_in(changed(change))
    assert said((finding,)) == [("recused_twice", 3, "编号")]
    assert finding.other is not None
    assert finding.other.row == 2


def test_a_confirmed_count_needs_a_scrutineer() -> None:
    def change(book: Workbook) -> None:
        for row in (3, 4):
            cell(book, "roster", row, "roles").value = None

    assert said(findings_in(changed(change))) == [("no_scrutineer", SELECTION, "监票人确认")]


def test_the_trial_votes_name_is_kept() -> None:
    assert said(findings_in(with_cell("agenda", MOTION, "number", "trial")))[0][0] == "trial_is_reserved"


@pytest.mark.parametrize(
    "written", ["总监票人; 组成人员", "Chief scrutineer、member、监票人", "监票人;总监票人;组成人员"]
)
def test_the_chief_scrutineer_is_a_scrutineer_whether_the_cell_says_so_or_not(written: str) -> None:
    person = meeting_of_workbook(with_cell("roster", 3, "roles", written), FILE).definition.roster[1]
    assert person.chief
    assert sorted(person.roles) == [Role.MEMBER, Role.SCRUTINEER]


SHORT = """
[meeting]
name = "示例会议"
session = "第一次会议"
date = 2026-11-01
language = "中文"
addresses = ["10.0.0.7"]

[[roster]]
number = 7
name = "王喆"

[[targets]]
name = "水利局"
"""


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ('kind = "表决"', MotionRules()),
        ('kind = "motion"\npassing_share = "2/3"', MotionRules(passing=Passing(2, 3))),
        ('kind = "满意度"\ntargets = ["水利局"]', RatingRules()),
        (
            'kind = "rating"\ntargets = ["水利局"]\npassing_base = "present"',
            RatingRules(passing=Passing(base=Base.PRESENT, strict=False)),
        ),
        ('kind = "票决"\ntargets = ["水利局"]', SelectionRules()),
        ('kind = "selection"\ntargets = ["水利局"]\npassing_more_than = true', SelectionRules(passing=Passing())),
        ('targets = ["水利局"]\nquestion = true', ScoreRules(question=Passing())),
        ('targets = ["水利局"]', ScoreRules()),
    ],
)
def test_what_is_blank_is_usual_for_its_kind(line: str, rules: object) -> None:
    text = f'{SHORT}\n[[agenda]]\nnumber = 1\ntitle = "议题"\n{line}\n'
    assert meeting_of_toml(text.encode(), "meeting.toml").definition.agenda[0].rules == rules


def test_a_workbook_of_an_earlier_version_loads_as_before() -> None:
    def change(book: Workbook) -> None:
        for one in SHEETS:
            page = sheet(book, WORDS(f"workbook.sheet_{one.code}"))
            names = {WORDS(f"workbook.{one.code}_{column.code}") for column in one.columns if column.optional}
            if one.optional:
                del book[page.title]
            elif one.code == "meeting":
                for row in reversed([cell.row for cell in page["A"] if str(cell.value).split(" / ")[0] in names]):
                    page.delete_rows(row)
            else:
                for place in reversed([cell.column for cell in page[1] if str(cell.value).split(" / ")[0] in names]):
                    page.delete_cols(place)

    book = load_workbook(BytesIO(workbook_of(SMALL, Language.CHINESE)))
    change(book)
    assert len(book.worksheets) == 6
    assert sheet(book, "议程").max_column == 19
    saved = BytesIO()
    book.save(saved)
    heard: list[FileFinding] = []
    assert meeting_of_workbook(saved.getvalue(), FILE, heard.append) == (SMALL, ())
    assert heard == []


def test_a_misspelt_optional_column_is_not_lost_in_silence() -> None:
    heard: list[FileFinding] = []
    meeting_of_workbook(with_cell("agenda", 1, "least_group", "分组人数"), FILE, heard.append)
    assert [(one.code, one.found) for one in heard] == [("unknown_column", "分组人数")]
