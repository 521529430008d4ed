"""Minutes and slips as a secretary reads and signs them, and as an archive takes them."""

import io
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias

import numpy as np
import pytest
import zxingcpp
from msgspec.structs import replace
from PIL import Image
from pypdf import PdfReader

from kit.exports import LOG_KEY, Memory
from kit.kinds import every_kind, whole_definition
from kit.large import large_meeting
from kit.records import Scribe, closed, small_meeting, told
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_server.exports.files import export_all
from pingyi_server.exports.formats import MINUTES, SLIPS
from pingyi_server.exports.papers import typeset
from pingyi_server.exports.papers.minutes import minutes_blocks, minutes_of
from pingyi_server.exports.papers.pairing import paired
from pingyi_server.exports.papers.slips import all_slips
from pingyi_server.exports.report.parts import Bars, Distribution, Stack
from pingyi_server.exports.report.whole import report_of
from pingyi_server.exports.source import Source, UnmadeError
from pingyi_server.exports.view import Reader, View
from pingyi_server.typesetting import fonts
from pingyi_server.typesetting.setting import pictures

DOTS = 4
STRANGE = (
    '#panic("no") *b* $x$ <a> @b \\\\ [c]',
    "W" * 60,
    "关于切实解决群众反映强烈的突出问题并建立长效机制的专项工作评议对象" * 2,
    "阿依古丽·买买提·艾合买提·吐尔逊",
)
"""What means something to a typesetter, what cannot be broken, and what has to be."""

CHINESE, ENGLISH = Language.CHINESE, Language.ENGLISH


def view_of(scribe: Scribe) -> View:
    reader = Reader(Memory(scribe), LOG_KEY)
    for _ in reader.leaves():
        pass
    return reader.view()


@pytest.fixture(scope="module", autouse=True)
def in_china() -> Iterator[None]:
    """The clocks of the hall."""
    with pytest.MonkeyPatch.context() as there:
        there.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(scope="module")
def view() -> View:
    """A meeting with every kind of item and all that can befall one."""
    scribe, _ = told(Scribe(whole_definition()))
    every_kind(scribe)
    return view_of(scribe)


Make: TypeAlias = Callable[[Source], bytes]
Made: TypeAlias = Callable[[Make, Language, bool], bytes]


@pytest.fixture(scope="module")
def made(view: View) -> Made:
    """The papers of that meeting, each set once."""

    @cache
    def make(paper: Make, language: Language, bilingual: bool) -> bytes:
        return paper(Source(view, language, bilingual))

    return make


@pytest.fixture(scope="module")
def minutes(made: Made) -> list[str]:
    return pages(made(minutes_of, CHINESE, False))


def pages(document: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(document)).pages]


def flat(texts: list[str]) -> str:
    """Return a text without its line breaks: Chinese breaks anywhere."""
    return "".join(texts).replace("\n", "")


@pytest.mark.fonts
def test_the_minutes_say_all_that_was_and_was_decided(minutes: list[str], view: View) -> None:
    text = flat(minutes)
    for said in (
        *("示例市人大常委会", "表决评分纪要", "第十二次会议", "2026 年 11 月 1 日"),
        *("应到：6", "法定人数 4 人", "早退：委员 05", "请假：委员 06", "列席：列席一"),
        *("本轮作废，不计入结果。理由：计票有误", "作废会签：M03 委员 03"),
        *("回避的委员：M04 委员 04（配偶在该局任职）", "本项已撤下，未表决。理由：提案人撤回"),
        *("结果：未通过", "监票人签字：M03 委员 03", "票数相同，由第 2 轮再投", "三、排名"),
        *("主持人 委员 01", "总监票人 委员 03", "日期：", view.results.fingerprint),
        *("会议尚未散会", "附件 1：出席名册", "17:00 人工签到（终端故障）"),
        *(
            "四、综合得分",
            "须再次评议：医疗保障局",
            "附件 2：综合得分的计算",
            "≈ 65.241667 (7829/120)",
            "各来源得分的算式",
        ),
    ):
        assert said in text, said


@pytest.mark.fonts
def test_what_was_entered_by_hand_is_marked_at_the_head_and_where_it_stands(minutes: list[str]) -> None:
    assert "其中有手工录入的结果：临时动议" in flat(minutes[:1])
    text = flat(minutes)
    marks = [place for place in range(len(text)) if text.startswith("手工录入：表决器故障，举手表决", place)]
    assert len(marks) == 1
    assert text.rindex("临时动议", 0, marks[0]) > text.rindex("拟撤下的议题", 0, marks[0])


@pytest.mark.fonts
def test_every_figure_of_the_results_stands_in_the_minutes(minutes: list[str], view: View) -> None:
    rows = {tuple(line.split()) for page in minutes for line in page.split("\n")}
    for one in view.results.rounds:
        for target in one.targets:
            found = target.figures
            figures = [found.scores, found.abstentions, found.not_voted, found.total, found.measure]
            if len(one.targets) == 1:
                labels = ("评分人数", "弃权", "未按表决器", "总分", "均分")
                lines = [(label, str(figure)) for label, figure in zip(labels, figures, strict=True)]
                assert all(any(row[:2] == line for row in rows) for line in lines), lines
                continue
            wanted = (target.name, *map(str, figures))
            assert any(row[: len(wanted)] == wanted for row in rows), wanted


def test_minutes_are_short_one_chart_a_round_and_of_several_targets_one_that_compares_them(view: View) -> None:
    report = report_of(view)
    blocks = list(minutes_blocks(view, report, catalogue("pingyi_server", CHINESE)))
    drawn = [block["chart"] for block in blocks if "chart" in block]
    announced = [one for item in report.items for one in item.rounds if one.announced]
    # and one of all composites
    assert len(drawn) == len(announced) + 1
    distributions = [chart for chart in drawn if isinstance(chart, Distribution)]
    assert len(distributions) == sum(len(one.targets) == 1 for one in view.results.rounds if one.phase == "announced")
    [sheet] = [chart for chart in drawn if isinstance(chart, Bars) and chart.title == "均分"]
    assert [bar.shown for bar in sheet.bars] == sorted((bar.shown for bar in sheet.bars), key=Decimal, reverse=True)
    [ratings] = [chart for chart in drawn if isinstance(chart, Stack) and chart.kinds[0] == "满意"]
    assert [bar.shown for bar in ratings.bars]


@pytest.mark.fonts
def test_pages_are_numbered_as_in_official_papers(minutes: list[str]) -> None:
    for number, page in enumerate(minutes, start=1):
        assert page.rstrip().endswith(f"— {number} —")


@pytest.mark.fonts
@pytest.mark.parametrize("bilingual", [False, True])
@pytest.mark.parametrize("make", [minutes_of, all_slips])
def test_papers_are_pdf_a_with_their_fonts_inside(made: Made, make: Make, *, bilingual: bool) -> None:
    reader = PdfReader(io.BytesIO(made(make, CHINESE, bilingual)))
    root: Any = reader.trailer["/Root"]
    claim = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in claim
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in claim
    assert root["/OutputIntents"][0].get_object()["/S"] == "/GTS_PDFA1"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"].startswith("zh")
    assert "/StructTreeRoot" in root
    assert not reader.is_encrypted
    assert not {"/OpenAction", "/AA", "/Names"} & set(root)
    assert not [page for page in reader.pages if "/AA" in page or "/Annots" in page]
    assert list(all_fonts(reader))
    for font in all_fonts(reader):
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor), font
        # what is copied and searched is the text itself
        assert "/ToUnicode" in font


def all_fonts(reader: PdfReader) -> Iterator[Any]:
    for page in reader.pages:
        resources: Any = page["/Resources"]
        yield from (one.get_object() for one in resources.get("/Font", {}).values())


@pytest.mark.fonts
def test_two_languages_stand_together_and_figures_once(made: Made) -> None:
    text = flat(pages(made(minutes_of, CHINESE, True)))
    for said in (
        "表决评分纪要",
        "Minutes of Votes and Scores",
        "未按表决器",
        "Not voted",
        "被评议对象",
        "Name of target",
    ):
        assert said in text
    assert text.count("277") == 1
    english = flat(pages(made(minutes_of, ENGLISH, True)))
    assert english.index("Minutes of Votes and Scores") < english.index("表决评分纪要")


@pytest.mark.fonts
def test_english_minutes_are_english_but_for_names(made: Made) -> None:
    text = flat(pages(made(minutes_of, ENGLISH, False)))
    for said in ("Minutes of Votes and Scores", "Attending without a vote: 列席一", "This round is void", "Signatures"):
        assert said in text
    for said in ("表决评分纪要", "评分结果", "签字"):
        assert said not in text


def test_papers_of_two_languages_must_have_one_shape() -> None:
    assert paired(["甲", {"text": "是（否）"}], ["a", {"text": "是 (否)"}]) == [
        {"first": "甲", "second": "a"},
        {"text": "是（否）"},
    ]
    with pytest.raises(ValueError, match="longer"):
        paired(["甲"], ["a", "b"])
    with pytest.raises(TypeError, match="differ"):
        paired([1], [2])


@pytest.mark.fonts
@pytest.mark.parametrize("bilingual", [False, True])
def test_a_slip_is_one_page_with_its_result_its_lines_and_its_code(view: View, made: Made, *, bilingual: bool) -> None:
    slips = [flat([page]) for page in pages(made(all_slips, CHINESE, bilingual))]
    announced = {one.title: one for one in view.results.rounds if one.phase == "announced"}
    assert len(slips) == len(announced) == 7
    for slip, title in zip(slips, announced, strict=True):
        assert title in slip
        assert "表决评分结果确认单" in slip
        assert "主持人" in slip
        assert "总监票人" in slip
        assert view.results.fingerprint in slip
        assert ("手工录入" in slip) is bool(announced[title].manual)
    assert "已作废" in slips[1]
    assert "计票有误" in slips[1]
    # who was chosen at once, and who after the tie
    assert "文化和旅游局 3 当选" in slips[4]
    assert "医疗保障局 2 当选" in slips[4]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray[Any, np.dtype[np.uint8]]]:
    """The pages of every paper that is set from now on, in greys, with so many dots a millimetre."""
    found: list[np.ndarray[Any, np.dtype[np.uint8]]] = []

    def draw(source: bytes, data: dict[str, Any], **_: bool) -> bytes:
        pages = pictures(source, data, DOTS * 25.4)
        found.extend(np.asarray(Image.open(io.BytesIO(page)).convert("L")) for page in pages)
        return b""

    monkeypatch.setattr(typeset, "pdf", draw)
    return found


@pytest.mark.fonts
def test_a_scanner_reads_the_fingerprint_from_paper(view: View, drawn: list[Any]) -> None:
    all_slips(Source(view, CHINESE))
    for page in drawn:
        assert [one.text for one in zxingcpp.read_barcodes(page)] == [view.results.fingerprint]


@pytest.mark.fonts
@pytest.mark.parametrize("bilingual", [False, True])
def test_nothing_stands_outside_the_text_block_however_long_and_strange_it_is(
    drawn: list[Any], *, bilingual: bool
) -> None:
    definition = whole_definition()
    targets = tuple(replace(one, name=f"{place}{STRANGE[place % 4]}") for place, one in enumerate(definition.targets))
    agenda = tuple(replace(one, title=f"{place}{STRANGE[place % 4]}") for place, one in enumerate(definition.agenda))
    roster = tuple(replace(one, name=STRANGE[int(one.number[1:]) % 4][:60]) for one in definition.roster)
    scribe, _ = told(Scribe(replace(definition, targets=targets, agenda=agenda, roster=roster)))
    every_kind(scribe)
    source = Source(view_of(scribe), CHINESE, bilingual)
    minutes_of(source)
    for number, page in enumerate(drawn, start=1):
        # the inner margin is 28 mm, the outer one 26, the upper one 37; a line of the page's number below
        inner, outer = (28, 26) if number % 2 else (26, 28)
        assert page[: 36 * DOTS].min() == 255
        assert page[:, : (inner - 1) * DOTS].min() == 255
        assert page[:, -(outer - 1) * DOTS :].min() == 255
    minutes_pages = len(drawn)
    all_slips(source)
    for page in drawn[minutes_pages:]:
        assert page[:, : 27 * DOTS].min() == 255
        assert page[:, -25 * DOTS :].min() == 255


@pytest.mark.fonts
def test_a_long_roster_has_its_headings_on_each_page() -> None:
    view = view_of(large_meeting(200, 1))
    document = pages(minutes_of(Source(view, CHINESE)))
    annex = next(number for number, page in enumerate(document) if page.startswith("附件：出席名册"))
    assert len(document) - annex >= 4
    for page in document[annex + 1 :]:
        assert page.startswith("编号 委员 评议组")
    # so many names would be all that one reads
    assert not [page for page in document[:annex] if "委员 07" in page]
    listed = "".join(document[annex:])
    assert all(f" {one.name} " in listed for one in view.results.attendance)


@pytest.mark.fonts
def test_the_final_minutes_say_that_they_are_final() -> None:
    view = view_of(closed(small_meeting()))
    text = flat(pages(minutes_of(Source(view, CHINESE))))
    assert "最终指纹" in text
    assert "不是最终指纹" not in text


@pytest.mark.fonts
def test_a_character_that_no_font_has_is_named(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn_by = fonts.drawn_by
    monkeypatch.setattr(fonts, "drawn_by", lambda family: drawn_by(family) - {ord("旅")})
    with pytest.raises(UnmadeError, match=r"旅 \(U\+65C5\).*fonts-noto-cjk"):
        minutes_of(Source(view, CHINESE))


def test_without_a_font_the_other_files_are_written_and_the_package_is_named(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "files", dict)
    exported = export_all(Reader(Memory(small_meeting()), LOG_KEY), tmp_path, None, force=False)
    assert set(exported.unmade) == {MINUTES, SLIPS}
    for why in exported.unmade.values():
        assert "fonts-noto-cjk" in str(why)
    assert (tmp_path / "results.csv").exists()
    assert (tmp_path / "record.zip").exists()
    assert not (tmp_path / MINUTES).exists()
