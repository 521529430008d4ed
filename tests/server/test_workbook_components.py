"""Components with rules and parts, composites' rules, promises and the year's appraisal in the meeting file."""

from collections.abc import Callable
from decimal import Decimal
from io import BytesIO
from typing import Any

import msgspec
import pytest
from openpyxl import Workbook, load_workbook

from kit.factories import BANDS
from kit.kinds import COMPONENTS, whole_definition
from kit.meeting_files import FILE, findings_in, sheet
from pingyi_protocol.meeting.components import GradeValue, GradeValues, HotlineRates, VoteBase, VoteShares
from pingyi_protocol.meeting.definition import CompositeRules, Definition, Language, Problem
from pingyi_protocol.text import catalogue
from pingyi_server.imports.difference import difference
from pingyi_server.imports.findings import FileFinding
from pingyi_server.imports.toml_file import meeting_of_toml, toml_of
from pingyi_server.imports.workbook import meeting_of_workbook
from pingyi_server.imports.workbook_writer import workbook_of

WORDS = catalogue("pingyi_server", Language.CHINESE)
WHOLE = whole_definition()
PROMISED = Problem("T01", "阅读场所少", "每街一处", "新建十处", "2026-10-31", "王某", "已建八处")
YEAR = msgspec.structs.replace(WHOLE.meeting, programme="2026 年专项工作评议", batch="第二批", follows="5e" * 16)
DEFINITION = msgspec.structs.replace(WHOLE, meeting=YEAR, problems=(PROMISED,))


def changed(change: Callable[[Workbook], object], language: Language = Language.CHINESE) -> bytes:
    book = load_workbook(BytesIO(workbook_of(DEFINITION, language)))
    change(book)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def cell(book: Workbook, code: str, row: int, column: str) -> Any:
    page = sheet(book, WORDS(f"workbook.sheet_{code}"))
    header = WORDS(f"workbook.{code}_{column}")
    if code == "meeting":
        return next(page.cell(one.row, 2) for one in page["A"] if str(one.value).split(" / ")[0] == header)
    return page.cell(row, next(one.column for one in page[1] if str(one.value).split(" / ")[0] == header))


def with_cells(*cells: tuple[str, int, str, object]) -> bytes:
    def change(book: Workbook) -> None:
        for code, row, column, value in cells:
            cell(book, code, row, column).value = value

    return changed(change)


def read(content: bytes) -> Definition:
    return meeting_of_workbook(content, FILE).definition


@pytest.mark.parametrize("language", Language)
def test_all_of_it_reads_back_from_both_kinds_of_file(language: Language) -> None:
    book = read(changed(lambda _book: None, language))
    toml = meeting_of_toml(toml_of(DEFINITION), "meeting.toml").definition
    for found in (book, toml):
        assert found.components == COMPONENTS
        assert found.composite == CompositeRules(bands=BANDS, again_below=Decimal(75))
        assert found.problems == (PROMISED,)
        assert found.meeting == YEAR


def test_what_a_clerk_sees_is_words_and_drop_downs() -> None:
    book = load_workbook(BytesIO(workbook_of(DEFINITION, Language.CHINESE)))
    assert cell(book, "components", 4, "kind").value == "投票"
    assert cell(book, "components", 4, "rule").value == "与最高票之比"
    assert [cell(book, "components", row, "kind").value for row in (2, 3, 5)] == [None, None, "直接给分"]
    assert [cell(book, "parts", row, "rule").value for row in (2, 3)] == [
        "满意 80%; 不重复 20%",
        "满意 100; 基本满意 60",
    ]
    offered = {str(one.formula1) for one in sheet(book, "评价分项").data_validations.dataValidation}
    assert offered == {"'评价来源 Components'!$A$2:$A$501", '"直接给分,热线工单,问卷,投票"'}


def grades(**values: str) -> GradeValues:
    return GradeValues(tuple(GradeValue(name, Decimal(value)) for name, value in values.items()))


WRITTEN = [
    ("热线工单", "满意80％，不重复20％", HotlineRates(Decimal(80), Decimal(20))),
    ("Hotline cases", "not repeated 25; Satisfied 75", HotlineRates(Decimal(75), Decimal(25))),
    ("hotline", None, HotlineRates()),
    ("热线工单", "不重复100%", HotlineRates(Decimal(0), Decimal(100))),
    (
        "问卷",
        "满意：100；基本满意 80.5\n不满意 ０",
        grades(满意="100", 基本满意="80.5", 不满意="0"),
    ),
    ("survey", "A 100%, B 60%", grades(A="100", B="60")),
    ("投票", None, VoteShares()),
    ("投票", "占投票人数", VoteShares(VoteBase.VOTERS)),
    ("votes", "Of the most votes", VoteShares(VoteBase.MOST)),
]  # fmt: skip  # a line a case


@pytest.mark.parametrize(("kind", "rule", "meant"), WRITTEN)
def test_a_rule_is_taken_as_people_write_it(kind: str, rule: str | None, meant: object) -> None:
    content = with_cells(("components", 5, "kind", kind), ("components", 5, "rule", rule))
    assert read(content).components[3].rule == meant


WRONG: list[tuple[list[tuple[str, int, str, object]], tuple[str, int | None, str, str]]] = [
    ([("components", 5, "rule", "满意 100%")], ("components", 5, "rule", "rule_of_scores")),
    ([("components", 5, "kind", "电话")], ("components", 5, "kind", "choice")),
    ([("components", 4, "rule", "随意")], ("components", 4, "rule", "rule_votes")),
    ([("parts", 2, "rule", "满意")], ("parts", 2, "rule", "rule_hotline")),
    ([("parts", 2, "rule", "满意 80%; 满意 20%")], ("parts", 2, "rule", "rule_hotline")),
    ([("parts", 2, "rule", "满意 80%; 快 20%")], ("parts", 2, "rule", "rule_hotline")),
    ([("parts", 2, "rule", "满意 80%")], ("parts", 2, "rule", "weights_total")),
    ([("parts", 3, "rule", None)], ("parts", 3, "rule", "rule_survey")),
    ([("parts", 3, "rule", "满意 110")], ("parts", 3, "rule", "between")),
    ([("parts", 3, "rule", "满意 90; 满意 80")], ("parts", 3, "rule", "band_twice")),
    ([("parts", 2, "component", "某来源")], ("parts", 2, "component", "unknown_component")),
    ([("parts", 2, "weight", 50)], ("parts", 2, "weight", "weights_total")),
    ([("parts", 2, "weight", "多")], ("parts", 2, "weight", "number")),
    ([("parts", 3, "name", "12345大数据分析")], ("parts", 3, "name", "duplicate")),
    ([("components", 2, "kind", "投票")], ("components", 2, "rule", "committee_has_no_rule")),
    ([("components", 3, "kind", "投票")], ("components", 3, "rule", "rule_of_parts")),
    ([("meeting", 0, "composite_decimals", 5)], ("meeting", None, "composite_decimals", "between")),
    ([("meeting", 0, "composite_bands", "优秀 80; 良好 90")], ("meeting", None, "composite_bands", "bands_falling")),
    ([("meeting", 0, "again_below", 101)], ("meeting", None, "again_below", "between")),
    ([("meeting", 0, "batch", "第\n二批")], ("meeting", None, "batch", "hidden_character_or_line")),
    ([("agenda", 2, "highest", 10), ("agenda", 2, "bands", None)], ("agenda", 2, "highest", "composite_scale")),
    ([("problems", 2, "deadline", "年底")], ("problems", 2, "deadline", "date")),
    ([("problems", 2, "responsible", "王\u200b某")], ("problems", 2, "responsible", "hidden_character")),
]  # fmt: skip  # a line a case


@pytest.mark.parametrize(("cells", "wanted"), WRONG, ids=[case[1][-1] for case in WRONG])
def test_what_is_wrong_is_one_finding_on_its_cell(
    cells: list[tuple[str, int, str, object]], wanted: tuple[str, int | None, str, str]
) -> None:
    [finding] = only(findings_in(with_cells(*cells)), wanted[-1])
    code, row, column, _ = wanted
    assert finding.place.title.startswith(WORDS(f"workbook.sheet_{code}"))
    assert finding.place.column.startswith(WORDS(f"workbook.{code}_{column}"))
    assert finding.place.cell
    assert row in (None, finding.place.row)
    chinese, english = (finding.describe(language) for language in Language)
    assert chinese != english


def only(findings: tuple[FileFinding, ...], code: str) -> tuple[FileFinding, ...]:
    """Return the findings, of which each has this code."""
    assert {one.code for one in findings} == {code}
    return findings


def test_what_changed_is_told_in_the_words_of_the_file() -> None:
    parts = COMPONENTS[1].parts
    other = msgspec.structs.replace(parts[0], rule=HotlineRates(Decimal(70), Decimal(30)))
    component = msgspec.structs.replace(COMPONENTS[1], parts=(other, *parts[1:]))
    later = msgspec.structs.replace(DEFINITION, components=(COMPONENTS[0], component, *COMPONENTS[2:]))
    [change] = difference(DEFINITION, later)
    assert change.describe(Language.CHINESE) == (
        "评价分项，社会各界评价 / 12345大数据分析，换算规则：“满意 80%; 不重复 20%”改为“满意 70%; 不重复 30%”"
    )


def test_scores_in_the_file_of_an_earlier_version_are_not_lost_in_silence() -> None:
    def change(book: Workbook) -> None:
        page = book.create_sheet("评价得分 Evidence")
        page.append(["评价来源 / Component", "评议对象 / Target", "得分 / Score"])
        page.append(["整改成效调研", "文化和旅游局", 97.5])

    heard: list[FileFinding] = []
    content = changed(change)
    assert meeting_of_workbook(content, FILE, heard.append).definition.components == COMPONENTS
    old = b'evidence = [{ component = "x", target = "y", score = 97.5 }]\n' + toml_of(DEFINITION)
    assert meeting_of_toml(old, "meeting.toml", heard.append).definition.components == COMPONENTS
    assert [(one.code, one.place.title) for one in heard] == [
        ("evidence_elsewhere", "评价得分 Evidence"),
        ("evidence_elsewhere", "[[evidence]]"),
    ]
    assert all("pingyi evidence" in one.describe(language) for one in heard for language in Language)
