"""The bulletin: one page that names nobody, loads nothing, and shows every figure to a phone, a desk and a printer."""

import io
import re
from html.parser import HTMLParser
from pathlib import Path
from unicodedata import normalize

import msgspec
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from kit.browser import chromium
from kit.exports import LOG_KEY, Memory
from kit.kinds import every_kind, whole_definition
from kit.records import Scribe, told
from pingyi_protocol.meeting.definition import Definition, Language, Problem
from pingyi_server.exports.bulletin.page import bulletin
from pingyi_server.exports.report.parts import Report
from pingyi_server.exports.report.whole import report_of
from pingyi_server.exports.source import Source
from pingyi_server.exports.view import Reader, View

HOSTILE = '<img src="https://example.org/x" onerror="alert(1)">{{ 7 * 7 }}'
SHOWN = "[...document.querySelectorAll('td')].every((one) => !one.textContent || one.getClientRects().length)"
WITHOUT_END = {"meta", "link", "br"}


def view_of(definition: Definition) -> View:
    scribe, _ = told(Scribe(definition))
    every_kind(scribe)
    reader = Reader(Memory(scribe), LOG_KEY)
    assert len(list(reader.leaves())) == len(scribe.leaves)
    return reader.view()


@pytest.fixture(scope="module")
def view() -> View:
    definition = whole_definition()
    problems = (*definition.problems, Problem("T03", HOSTILE, HOSTILE))
    return view_of(msgspec.structs.replace(definition, problems=problems))


@pytest.fixture(scope="module")
def page(view: View) -> str:
    return bulletin(Source(view, Language.CHINESE)).decode()


@pytest.fixture(scope="module")
def saved(page: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("bulletin") / "bulletin.html"
    file.write_text(page, encoding="utf-8")
    return file


class Reading(HTMLParser):
    """What stands on a page: its words, the ids in it, what it points to, and whether each element is closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.opened: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in WITHOUT_END:
            self.opened.append(tag)
        self.notes(attrs)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.notes(attrs)

    def notes(self, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        self.addresses += [given[name] or "" for name in ("src", "href", "xlink:href", "action") if name in given]

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.opened and self.opened[-1] != "style":
            self.words.append(data.strip())


def figures(report: Report) -> set[str]:
    """Every cell and fact that the report holds, of rounds, ranking, composite and targets."""
    tables = [table for item in report.items for one in item.rounds for table in one.tables]
    tables += [report.ranking.table] if report.ranking else []
    said = {report.seal.fingerprint, report.attendance.quorum}
    if report.composite:
        tables += [report.composite.table, report.composite.sources, *(steps.table for steps in report.composite.steps)]
        said |= {*report.composite.rules, *(one for steps in report.composite.steps for one in steps.conclusion)}
    facts = [fact for item in report.items for one in item.rounds for fact in one.facts]
    facts += [fact for target in report.targets for problem in target.problems for fact in problem.facts]
    facts += [fact for target in report.targets for fact in target.results]
    codes = {code for item in report.items for one in item.rounds for code in one.codes}
    cells = {cell for table in tables for row in table.rows for cell in row if cell}
    return cells | {fact.value for fact in facts} | codes | said


@pytest.mark.parametrize("language", Language)
def test_the_page_holds_every_figure_promise_and_code(language: Language, view: View) -> None:
    read = Reading(bulletin(Source(view, language)).decode())
    assert sorted(figures(report_of(view, language)) - set(read.words)) == []
    assert read.opened == []


@pytest.mark.parametrize("language", Language)
def test_the_page_names_no_member(language: Language, view: View) -> None:
    page = bulletin(Source(view, language)).decode()
    assert [person for person in view.definition.roster if person.name in page or person.number in page] == []


def test_what_people_wrote_is_text_and_never_markup(page: str) -> None:
    read = Reading(page)
    assert HOSTILE in read.words
    assert {"img", "script", "iframe", "object", "form"}.isdisjoint(read.tags)


def test_the_page_points_to_itself_only_and_forbids_all_else(page: str) -> None:
    read = Reading(page)
    assert {one for one in read.addresses if not one.startswith("#")} == {"data:,"}
    assert "default-src &#39;none&#39;" in page
    assert len(read.ids) == len(set(read.ids))
    linked = {one.removeprefix("#") for one in (*read.addresses, *re.findall(r"url\(([^)]+)\)", page)) if one[0] == "#"}
    assert linked <= set(read.ids)


def test_the_same_record_gives_the_same_page(page: str, view: View) -> None:
    assert bulletin(Source(view, Language.CHINESE)).decode() == page


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
async def test_a_browser_shows_it_whole_and_asks_for_nothing(width: int, saved: Path, view: View) -> None:
    async with chromium(width, 844) as browser:
        page = await browser.new_page()
        asked: list[str] = []
        said: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        await page.goto(saved.as_uri())
        # no page is wider than the phone that it is read on
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        assert await page.evaluate(SHOWN)
        assert (asked, said) == ([saved.as_uri()], [])
        seal = page.locator(".seal svg")
        picture = saved.with_name(f"seal-{width}.png")
        await seal.screenshot(path=picture)
        with Image.open(picture) as seen:
            assert [one.text for one in zxingcpp.read_barcodes(seen)] == [view.results.fingerprint]


@pytest.mark.browser
async def test_on_paper_it_is_a4_with_everything_to_the_last_code(saved: Path, view: View) -> None:
    async with chromium() as browser:
        page = await browser.new_page()
        await page.goto(saved.as_uri())
        printed = PdfReader(io.BytesIO(await page.pdf(prefer_css_page_size=True)))
    # 210 x 297 mm in points
    sizes = {(float(one.mediabox.width), float(one.mediabox.height)) for one in printed.pages}
    assert all(abs(width - 595.28) < 1 and abs(height - 841.89) < 1 for width, height in sizes)
    # the browser writes some characters as the radicals that look like them
    text = normalize("NFKC", "".join("".join(one.extract_text().split()) for one in printed.pages))
    report = report_of(view, Language.CHINESE)
    assert [code for item in report.items for one in item.rounds for code in one.codes if code not in text] == []
    assert view.results.fingerprint in text
    assert [target.name for target in report.targets if target.name not in text] == []


@pytest.mark.browser
async def test_what_would_be_loaded_all_the_same_is_blocked(saved: Path, page: str) -> None:
    """The page's own rule holds also where somebody has put something into it."""
    changed = saved.with_name("changed.html")
    more = '<img src="http://127.0.0.1:9/x.png"><script>document.title = "run"</script></body>'
    changed.write_text(page.replace("</body>", more), encoding="utf-8")
    async with chromium() as browser:
        tab = await browser.new_page()
        blocked: list[str] = []
        tab.on("console", lambda message: blocked.append(message.text))
        await tab.goto(changed.as_uri())
        assert await tab.title() != "run"
        assert len([one for one in blocked if "Content Security Policy" in one]) == 2
