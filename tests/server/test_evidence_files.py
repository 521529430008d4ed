"""Files of evidence are read as clerks have them, and whatever is wrong is named by sheet, row and column at once."""

import hashlib
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.evidence_files import DEFINITION, SCORED, Rows, book_of, codes, csv_of, read, wrong
from kit.kinds import COMPONENTS
from pingyi_protocol.meeting.components import (
    EvidenceLine,
    GivenScore,
    GivenScores,
    GradeValue,
    GradeValues,
    HotlineCounts,
    HotlineRates,
    Rule,
    SurveyCounts,
    VoteBase,
    VoteCounts,
    VoteShares,
)
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.evidence import scores_of
from pingyi_server.imports.evidence import Wanted, evidence_of
from pingyi_server.imports.findings import FileFinding, MeetingFileError

HOTLINE = HotlineRates(Decimal(80), Decimal(20))
SURVEY = GradeValues(tuple(GradeValue(name, Decimal(value)) for name, value in (("满意", 100), ("基本满意", 60))))
HOTLINE_ROWS: Rows = [
    ["2026 年 12345 热线工单统计表"],
    ["统计单位：件", None, "工单情况"],
    ["序号", "承办单位", "办结数（件）", "满意数", "重复投诉", "备注"],
    [1, "文化和旅游局", "1,070", "１０６６件", 3, "好"],
    [2, " 人社局 ", 30, 25, 0, None],
    [3, "医疗保障局（含经办机构）", 9, "7", "2"],
    [4, "市场监督管理局", 8, 4, 2],
    ["合　计", None, 1117, 1102, 7],
    [None, None, None, None, None],
    ["注：数据截至十月底。"],
]
HOTLINE_COUNTS = [(1070, 1066, 3), (30, 25, 0), (9, 7, 2), (8, 4, 2)]


def hotline(content: bytes) -> list[tuple[int, int, int]]:
    found = read(content, HOTLINE)
    assert [line.target for line in found.lines] == list(SCORED)
    assert found.missing == ()
    materials = [line.material for line in found.lines]
    return [(one.handled, one.satisfied, one.repeated) for one in materials if isinstance(one, HotlineCounts)]


def sayable(findings: tuple[FileFinding, ...]) -> None:
    for one in findings:
        chinese, english = (one.describe(language) for language in Language)
        assert chinese != english
        if one.place.row:
            assert str(one.place.row) in chinese


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_csv_file_is_read_however_it_is_encoded(encoding: str, separator: str) -> None:
    content = csv_of(HOTLINE_ROWS, encoding, separator)
    assert hotline(content) == HOTLINE_COUNTS
    assert read(content, HOTLINE).sha256 == hashlib.sha256(content).hexdigest()


def test_a_workbook_is_read_below_its_title_rows_and_says_what_it_left_out() -> None:
    content = book_of(说明=[["填报说明"]], 统计=HOTLINE_ROWS)
    assert hotline(content) == HOTLINE_COUNTS
    found = read(content, HOTLINE)
    assert found.sheet == "统计"
    assert [(one.place.row, one.code) for one in found.notes] == [(8, "total_skipped")]
    sayable(found.notes)


def test_a_header_of_two_rows_is_one_header() -> None:
    rows: Rows = [
        ["部门", "热线工单", None, None],
        [None, "办理", "满意", "重复"],
        ["文化和旅游局", 10, 9, 1],
    ]
    [line] = read(book_of(a=rows), HOTLINE).lines
    assert line == EvidenceLine("T01", HotlineCounts(10, 9, 1))


@pytest.mark.parametrize("written", ["95.5", "95.5%", "９５．５", "95.5分", 95.5, "%0.955", " 95.50 "])
def test_a_score_is_taken_as_it_is_written(written: object) -> None:
    [line] = read(book_of(a=[["Department", "Score"], ["T01", written]]), GivenScores()).lines
    assert line == EvidenceLine("T01", GivenScore(Decimal("95.5")))


def test_each_kind_of_material_has_its_columns_in_any_order() -> None:
    survey = read(csv_of([["评议对象", "基本满意票数", "满意", "合计"], ["人社局", 5, 40, 45]]), SURVEY)
    assert survey.lines == (EvidenceLine("T02", SurveyCounts((40, 5))),)
    assert [one.found for one in survey.notes] == ["合计"]
    shares = read(csv_of([["Voters", "Votes", "Target"], ["1,200", "900", "T03"]]), VoteShares())
    assert shares.lines == (EvidenceLine("T03", VoteCounts(900, 1200)),)
    most = read(csv_of([["部门", "得票数"], ["T01", "12"]]), VoteShares(VoteBase.MOST))
    assert most.lines == (EvidenceLine("T01", VoteCounts(12)),)
    only = read(csv_of([["部门", "办理", "满意"], ["T01", "12", "6"]]), HotlineRates())
    assert only.lines == (EvidenceLine("T01", HotlineCounts(12, 6, 0)),)


def test_a_target_that_is_not_there_is_said_and_not_refused() -> None:
    found = read(csv_of([["部门", "得分"], ["人社局", "90"], ["医保局", ""]]), GivenScores())
    assert found.missing == ("T01", "T03", "T04")
    assert [(one.place.row, one.code) for one in found.notes] == [(3, "empty_line")]
    sayable(found.notes)


def test_scores_that_look_like_decimals_of_one_are_noted() -> None:
    found = read(csv_of([["部门", "得分"], ["人社局", "0.9"], ["医保局", "1"]]), GivenScores())
    assert [one.code for one in found.notes] == ["scores_of_one"]
    sayable(found.notes)


def test_one_score_that_looks_like_a_decimal_of_one_is_noted_too() -> None:
    found = read(csv_of([["部门", "得分"], ["人社局", "0.94"], ["医保局", "95"], ["T01", "0"]]), GivenScores())
    assert [(one.code, one.place.row, one.found) for one in found.notes] == [("score_of_one", 2, "0.94")]
    sayable(found.notes)


@pytest.mark.parametrize("heading", ["调研得分（满分100分）", "整改成效评分", "Research score"])
def test_a_score_is_found_by_the_end_of_its_heading(heading: str) -> None:
    for beside in ("折算得分", "加权得分", "weighted score"):
        rows: Rows = [["2026年整改成效得分"], ["被评议单位名称", beside, heading], ["人社局", "18", "90"]]
        found = read(csv_of(rows), GivenScores())
        assert found.lines == (EvidenceLine("T02", GivenScore(Decimal(90))),)
        assert [one.found for one in found.notes] == [beside]


@pytest.mark.parametrize("headings", [["折算得分"], ["初评得分", "复评得分"]])
def test_which_score_is_meant_is_not_guessed(headings: list[str]) -> None:
    findings = wrong(csv_of([["部门", *headings], ["人社局", *["18"] * len(headings)]]), GivenScores())
    assert [one.code for one in findings] == ["evidence_header" if len(headings) == 1 else "evidence_column_twice"]


def test_everything_that_is_wrong_is_named_at_once() -> None:
    rows: Rows = [
        ["承办单位", "办结", "满意", "重复"],
        ["某局", 10, 9, 1],
        ["文化和旅游局", 10, 11, 1],
        ["人社局", 10, "95%", "很少"],
        ["人力资源和社会保障局", 10, 9, 1],
        ["医保局", 0, 0, 0],
        ["市场监督管理局", None, 9.5, "%0.95"],
        [None, 10, 9, 1],
    ]
    for content, cells in ((csv_of(rows[:6], "gbk"), False), (book_of(统计=rows), True)):
        findings = wrong(content, HOTLINE)
        sayable(findings)
        found = codes(findings)
        assert found[:6] == [
            (2, "承办单位", "unknown_target"),
            (3, "满意", "between"),
            (4, "满意", "count_not_share"),
            (4, "重复", "number"),
            (5, "承办单位", "evidence_twice"),
            (6, "办结", "between"),
        ]
        if cells:
            assert {(7, "办结", "missing"), (7, "满意", "whole_number"), (7, "重复", "count_not_share")} <= set(found)
            assert (8, "承办单位", "missing") in found
            assert [one.place.cell for one in findings][:3] == ["A2", "C3", "C4"]
    [twice] = [one for one in findings if one.code == "evidence_twice"]
    assert twice.other is not None
    assert twice.other.row == 4


WRONG_FILES: list[tuple[bytes, str, list[str]]] = [
    (b"", "scores", ["not_empty_file"]),
    (b"\xff\xff\xff\x81\x00", "scores", ["csv_encoding"]),
    (b"x" * 200_000, "scores", ["csv_file"]),
    ("姓名,数\n甲,1\n".encode(), "scores", ["evidence_header"]),
    ("部门,满意\n人社局,1\n".encode(), "hotline", ["evidence_column", "evidence_column"]),
    ("部门,得分,平均分\n人社局,1,2\n".encode(), "scores", ["evidence_column_twice"]),
    ("部门,得分\n".encode(), "scores", ["evidence_lines"]),
    ("部门,票数\nT01,0\nT02,0\n".encode(), "votes", ["nobody_voted"]),
    ("部门,得分\n人社局,100.01\n".encode(), "scores", ["between"]),
    ("部门,得分\n人社局,93.12345678\n".encode(), "scores", ["score_digits"]),
    (b"PK\x03\x04", "scores", ["undamaged"]),
    (b"\n" * 10_021, "scores", ["fewer_rows"]),
    (b"x" * (8 * 2**20 + 1), "scores", ["smaller_file"]),
    (book_of(a=[["部门", "得分"], ["T01", 1]], b=[["部门", "得分"], ["T02", 2]]), "scores", ["one_sheet"]),
]


@pytest.mark.parametrize(("content", "rule", "wanted"), WRONG_FILES, ids=[str(one[2]) for one in WRONG_FILES])
def test_a_file_that_cannot_be_used_says_why(content: bytes, rule: str, wanted: list[str]) -> None:
    rules: dict[str, Rule] = {"scores": GivenScores(), "hotline": HOTLINE, "votes": VoteShares(VoteBase.MOST)}
    findings = wrong(content, rules[rule])
    assert [one.code for one in findings] == wanted
    sayable(findings)


def test_among_several_sheets_one_is_named_or_is_called_like_the_part() -> None:
    content = book_of(代表=[["部门", "得分"], ["T01", 90]], 群众=[["部门", "得分"], ["T01", 80]])
    assert read(content, GivenScores(), sheet="群众").lines[0].material == GivenScore(Decimal(80))
    assert read(content, GivenScores(), likely=("群众评价", "代表")).lines[0].material == GivenScore(Decimal(90))
    [none] = wrong(content, GivenScores(), sheet="专家")
    assert (none.code, none.values["titles"]) == ("evidence_sheet", "代表, 群众")
    sayable((none,))


def test_targets_are_known_by_name_before_short_name() -> None:
    rows: Rows = [
        ["部门", "得分"],
        ["医保局", 70],
        ["人力资源和社会保障局", 80],
        ["  文化和旅游局（新）", 90],
        ["4、市场监督\u3000管理局*", 60],
    ]
    assert [line.target for line in read(csv_of(rows), GivenScores()).lines] == ["T03", "T02", "T01", "T04"]


def test_a_target_that_nobody_scores_is_refused_as_such() -> None:

    wanted = Wanted(DEFINITION, ("T01",), GivenScores())
    with pytest.raises(MeetingFileError) as caught:
        evidence_of(csv_of([["部门", "得分"], ["T01", 90], ["医保局", 70]]), "a.csv", wanted)
    assert codes(caught.value.findings) == [(3, "部门", "target_not_scored")]


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.tuples(st.integers(1, 10**7), st.integers(0, 10**7), st.integers(0, 10**7)), min_size=4, max_size=4),
    st.permutations(range(4)),
    st.sampled_from(["gbk", "utf-8-sig", "utf-16"]),
)
def test_what_was_counted_is_what_is_read_and_comes_to(
    counts: list[tuple[int, int, int]], order: list[int], encoding: str
) -> None:
    given_counts = [(handled, min(handled, one), min(handled, other)) for handled, one, other in counts]
    names = [target.name for target in DEFINITION.targets]
    rows: Rows = [["部门", "重复", "满意", "办理"], *([names[at], *reversed(given_counts[at])] for at in order)]
    found = read(csv_of(rows, encoding), HOTLINE)
    assert [line.target for line in found.lines] == [SCORED[at] for at in order]
    for target, score in scores_of(HOTLINE, found.lines).items():
        handled, satisfied, repeated = given_counts[SCORED.index(target)]
        assert score == Fraction(80 * satisfied + 20 * (handled - repeated), handled)


def test_the_rules_of_the_meeting_are_the_ones_that_are_tried_here() -> None:
    assert COMPONENTS[1].parts[0].rule == HOTLINE
    assert COMPONENTS[1].parts[1].rule == SURVEY


cells = st.one_of(
    st.none(),
    st.sampled_from(
        [
            "部门",
            "得分",
            "办结",
            "满意",
            "重复",
            "人社局",
            "T01",
            "合计",
            "水利局",
            "95%",
            "1,234",
            "%0.5",
            "=1+1",
            "注：",
        ]
    ),
    st.text(max_size=6),
    st.integers(-5, 2000),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)
rules = st.sampled_from([GivenScores(), HOTLINE, SURVEY, VoteShares(), VoteShares(VoteBase.MOST)])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(cells, max_size=5), max_size=6), rules, st.booleans())
def test_whatever_stands_in_a_table_it_is_read_or_refused_in_words(
    rows: list[list[object]], rule: Rule, workbook: bool
) -> None:
    head = ["部门", "得分", "办结", "满意", "重复", "投票人数", "票数", "基本满意"]
    table = [head, *([str(cell or "") for cell in row] for row in rows)]
    content = book_of(a=[head, *rows]) if workbook else csv_of(table)
    answered(content, rule)


@settings(deadline=None)
@given(st.binary(max_size=200), rules)
def test_whatever_bytes_a_file_holds_it_is_read_or_refused_in_words(content: bytes, rule: Rule) -> None:
    answered(content, rule)
    answered(b"PK\x03\x04" + content, rule)


def answered(content: bytes, rule: Rule) -> None:
    """Read a file, and take whatever is said of it."""
    try:
        found = read(content, rule)
    except MeetingFileError as fault:
        sayable(fault.findings)
        return
    sayable(found.notes)
    assert found.lines
    assert all(0 <= score <= 100 for score in scores_of(rule, found.lines).values())
