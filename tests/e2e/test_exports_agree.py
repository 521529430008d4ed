"""No two figures differ: what screens showed, tables, workbook, minutes and bulletin say the same as the record."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from kit.agreement import numbers, page_text, sitting
from kit.exports import TABLES, table, text_of, written
from kit.hall_display import HandSession, Wall
from kit.kinds import COMPONENTS
from kit.records import Scribe
from kit.screens import plain
from kit.sitting import sit
from kit.workbooks import Value, lines, opened
from pingyi_protocol.meeting.definition import Language, Option
from pingyi_protocol.meeting.figures import CompositeLine
from pingyi_protocol.record.results import Results, RoundResult
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_protocol.wire.picture import Picture
from pingyi_server.exports.formats import BULLETIN, COMPOSITE, MINUTES, RESULTS, WORKBOOK
from pingyi_server.gateway.publisher import Projector

FILES = (*TABLES, WORKBOOK, BULLETIN, MINUTES)
COUNTED = {
    Option.FOR: "for",
    Option.AGAINST: "against",
    Option.ABSTAIN: "abstentions",
    Option.SATISFIED: "satisfied",
    Option.BASICALLY_SATISFIED: "basically_satisfied",
    Option.NOT_SATISFIED: "not_satisfied",
}
SCORE_FIGURES = (
    "scores",
    "abstentions",
    "not_voted",
    "total",
    "measure",
    "mean",
    "median",
    "deviation",
    "least",
    "greatest",
)

pytestmark = pytest.mark.fonts


class Out(NamedTuple):
    """The exports in one language."""

    folder: Path
    words: Catalogue


@pytest.fixture(scope="module")
def stages() -> list[Scribe]:
    """The meeting after each announcement."""
    return [deepcopy(scribe) for scribe in sitting()]


@pytest.fixture(scope="module")
def results(stages: list[Scribe]) -> Results:
    return stages[-1].finish().results


@pytest.fixture(scope="module", params=list(Language))
def out(request: pytest.FixtureRequest, stages: list[Scribe], tmp_path_factory: pytest.TempPathFactory) -> Out:
    folder = tmp_path_factory.mktemp("out")
    written(stages[-1], folder, FILES, request.param)
    return Out(folder, catalogue("pingyi_server", request.param))


def recorded(results: Results) -> Iterator[tuple[str, str, str, Mapping[str, Decimal | int | None]]]:
    """Yield every figure of the record by item, target (id and name) and column of the tables."""
    for one in results.rounds:
        for target in one.targets:
            found = {name: getattr(target.figures, name) for name in SCORE_FIGURES} | {"rank": target.rank}
            yield one.item, target.figures.target, target.name, found
        for choice in one.choices:
            counts = {COUNTED[count.option]: count.count for count in choice.figures.counts}
            others = {name: getattr(choice.figures, name) for name in ("not_voted", "base", "needed")}
            yield one.item, choice.figures.target, choice.name, counts | others
        if one.selection is not None:
            for name, candidate in zip(one.selection.names, one.selection.figures.candidates, strict=True):
                yield one.item, candidate.target, name, {"votes": candidate.votes}


def test_the_table_of_results_has_the_figures_of_the_record(out: Out, results: Results) -> None:
    words = out.words
    rows = table(out.folder / RESULTS, words("export.item"))
    by_place = {(row[words("export.item")], row[words("export.target")]): row for row in rows}
    expected = list(recorded(results))
    assert len(rows) == len(expected)
    for item, target, name, found in expected:
        row = by_place[item, target]
        assert row[words("export.target_name")] == name
        assert {column: row[words(f"export.{column}")] for column in found} == {
            column: str(value) for column, value in found.items()
        }


def test_the_workbook_has_them_too(out: Out, results: Results) -> None:
    words, book = out.words, opened(out.folder / WORKBOOK)
    found: dict[tuple[str, str], dict[str, Value]] = {}
    for name in ("scores", "details", "votes", "ratings", "selections"):
        for row in lines(book[words(f"sheets.{name}")], words("export.item")):
            key = str(row[words("export.item")]), str(row.get(words("export.target")) or "")
            found.setdefault(key, {}).update(row)
    for item, target, _, figures in recorded(results):
        row = found[item, target]
        for column, value in figures.items():
            assert row[words(f"export.{column}")] == pytest.approx(float(value or 0), abs=1e-12), (item, target, column)


@pytest.mark.parametrize("name", [BULLETIN, MINUTES])
def test_documents_have_each_row_of_figures(name: str, out: Out, results: Results) -> None:
    said = read(out.folder / name)
    for one in results.rounds:
        if name == MINUTES and len(one.targets) == 1:
            # a target alone has no table on paper: each figure stands behind what it is
            for pair in facts_of(one, out.words):
                assert re.search(between(pair), said[said.index(one.title) :]), pair
            continue
        for row in rows_of(one):
            assert re.search(between(row), said), row
    for line in results.composite:
        assert re.search(between(composite_row(line, results)), said), line.target


@pytest.mark.parametrize("name", [BULLETIN, MINUTES])
def test_documents_have_no_other_figures(name: str, out: Out, results: Results) -> None:
    """Whatever has decimals in them is a figure of the record, or an exact value of it written out."""
    # chapters are numbered
    said = re.sub(r"^\d\.\d ", "", read(out.folder / name), flags=re.MULTILINE)
    assert {one for one in numbers(said) if "." in one} <= known(results)


def test_composites_are_the_same_in_table_and_workbook(out: Out, results: Results) -> None:
    words = out.words
    rows = {row[words("export.target")]: row for row in table(out.folder / COMPOSITE, words("export.target"))}
    sheet = {
        str(row[0]): row for row in opened(out.folder / WORKBOOK)[words("sheets.composite")].iter_rows(values_only=True)
    }
    for line in results.composite:
        row = rows[line.target]
        assert (row[words("export.composite")], row[words("export.rank")]) == (str(line.total), str(line.rank))
        scores = [row[words("export.part_score", component=one.name)] for one in COMPONENTS]
        assert scores == [str(one.score) for one in line.components]
        assert {float(line.total or 0), line.exact, line.band} <= set(sheet[line.target])


async def test_every_seat_was_shown_the_same(stages: list[Scribe], results: Results) -> None:
    """The result after each announcement, and the agenda."""
    for scribe, one in zip(stages, results.rounds, strict=False):
        async with sit(picture(scribe), definition=scribe.meeting.definition, size=(120, 36)) as seat:
            shown = seat.screen
            await seat.press("f5")
            shown += "\n" + seat.screen
        assert {number for number in numbers(shown) if "." in number} <= known(results)
        for row in screen_rows(one):
            assert re.search(between(row), shown), shown


async def test_the_wall_shows_the_composites_of_the_record(
    stages: list[Scribe], results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    scribe = stages[-1]
    shown = msgspec.structs.replace(picture(scribe), closed=False)
    wall = Wall(monkeypatch, HandSession(scribe.meeting.definition, shown), Language.CHINESE)
    # small enough for figures of one line
    async with wall.app.run_test(size=(80, 18)) as pilot:
        await wall.show(pilot)
        screen = plain(wall.app)
    assert {str(line.total) for line in results.composite} <= set(numbers(screen)), screen


def picture(scribe: Scribe) -> Picture:
    """What terminals are told of the meeting as it stands."""
    return Projector("e").picture(scribe.meeting, "K7M2-Q9XD", scribe.at, 1)


def read(path: Path) -> str:
    """Return what a document says, blanks as one."""
    said = page_text(path.read_text(encoding="utf-8")) if path.suffix == ".html" else text_of(path)
    return re.sub(r"[^\S\n]+", " ", said)


def between(row: list[str]) -> str:
    """Return the pattern of figures that stand in this order in a line; one word at the most between two of them."""
    return r"(?<![\d.])" + r"\s+(?:[^\d\s]+\s+)?".join(map(re.escape, row)) + r"(?![\d.])"


def rows_of(one: RoundResult) -> Iterator[list[str]]:
    """Yield the rows of a round's tables as documents write them."""
    for target in one.targets:
        found = target.figures
        counts = (found.scores, found.abstentions, found.not_voted, found.total, found.measure, target.rank)
        yield [target.name, *map(str, counts)]
        spread = [found.greatest, found.least, *([found.mean] if found.dropped else []), found.median, found.deviation]
        yield [target.name, *map(str, (*spread, *(band.count for band in found.bands)))]
    for choice in one.choices:
        votes = [count.count for count in choice.figures.counts]
        row = map(str, (*votes, choice.figures.not_voted, choice.figures.base, choice.figures.needed))
        yield [choice.name, *row] if choice.name else list(row)
    if one.selection is not None:
        for name, candidate in zip(one.selection.names, one.selection.figures.candidates, strict=True):
            yield [name, str(candidate.votes)]


def facts_of(one: RoundResult, words: Catalogue) -> Iterator[list[str]]:
    """Yield what each figure of a round's only target is, and the figure."""
    [target] = one.targets
    found = target.figures
    for name in ("scores", "abstentions", "not_voted", "total", "greatest", "least", "median", "deviation"):
        yield [words(f"export.{name}"), str(getattr(found, name))]
    yield [words("export.mean"), str(found.measure)]
    yield [words("export.rank"), str(target.rank)]
    for band in found.bands:
        yield [band.band, str(band.count)]


def composite_row(line: CompositeLine, results: Results) -> list[str]:
    """Return the row of a target in the table of composites."""
    names = {target.figures.target: target.name for one in results.rounds for target in one.targets}
    return [str(line.rank), names[line.target], *(str(one.score) for one in line.components), str(line.total)]


def screen_rows(one: RoundResult) -> Iterator[list[str]]:
    """Yield the figures of a round as a seat shows them in Chinese."""
    for target in one.targets:
        # one target alone stands in large figures, and by its title on the agenda
        yield [target.name if len(one.targets) > 1 else one.title, str(target.figures.measure)]
    for choice in one.choices:
        counts = [str(count.count) for count in choice.figures.counts]
        counts.append(str(choice.figures.not_voted))
        if choice.name:
            yield [*counts, str(choice.figures.needed)]
        else:
            yield from ([word, count] for word, count in zip(("赞成", "反对", "弃权", "未按"), counts, strict=True))
    if one.selection is not None:
        for name, candidate in zip(one.selection.names, one.selection.figures.candidates, strict=True):
            yield [name, str(candidate.votes)]


def known(results: Results) -> set[str]:
    """Return every figure with decimals that the record has, and the exact values behind the composites."""
    published = set(re.findall(r'"(-?\d+\.\d+)"', msgspec.json.encode(results).decode()))
    exact = [Fraction(line.exact) for line in results.composite if line.exact is not None]
    for line in results.composite:
        for one in line.components:
            steps = [(one.exact, one.weight), *((part.exact, part.weight) for part in one.parts)]
            for score, weight in steps:
                exact += [Fraction(score), Fraction(score) * Fraction(weight) / 100]
    return published | set(map(written_out, exact))


def written_out(value: Fraction) -> str:
    """Return a value with all its decimals where they end, else with six, rounded half up."""
    with localcontext(prec=40):
        whole = Decimal(value.numerator) / Decimal(value.denominator)
        if Fraction(whole) == value:
            return f"{whole.normalize():f}"
        return str(whole.quantize(Decimal("0.000001"), ROUND_HALF_UP))
