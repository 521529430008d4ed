"""What is read after secret rounds: figures as of open ones where they are opened, who voted, and of nobody what."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from kit.agreement import page_text
from kit.exports import table, text_of
from kit.secret_sitting import ITEMS, OPENLY, read, record
from kit.workbooks import lines, opened
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.exports.formats import BALLOTS, BULLETIN, COMPOSITE, MAKERS, MINUTES, RESULTS, SLIPS, WORKBOOK
from pingyi_server.exports.report.parts import Distribution
from pingyi_server.exports.source import Source

SECRET = [item.id for item in ITEMS if item.id not in OPENLY]
OF_SCORES = ("trimmed_mean", "median", "deviation", "least", "greatest", "band")
OPENED = ("scores", "abstentions", "total", "measure", "mean", "rank")
SPREAD = ("median", "deviation", "least", "greatest")


class Out(NamedTuple):
    """The exports of the secret meeting in a language, and what they were made from."""

    folder: Path
    source: Source
    words: Catalogue

    def rows(self, name: str) -> list[dict[str, str]]:
        return table(self.folder / name, self.words("export.item"))

    def of(self, row: Mapping[str, str], *columns: str) -> list[str]:
        return [row[self.words(f"export.{column}")] for column in columns]


@pytest.fixture(scope="module", params=list(Language))
def out(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Out:
    folder = tmp_path_factory.mktemp("out")
    source = read(record(secret=True), request.param)
    for name in (RESULTS, BALLOTS, COMPOSITE, WORKBOOK, BULLETIN):
        (folder / name).write_bytes(MAKERS[name](source))
    return Out(folder, source, catalogue("pingyi_server", request.param))


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The tables of the secret meeting, and of its twin where all was open."""
    folders = tmp_path_factory.mktemp("secret"), tmp_path_factory.mktemp("open")
    for folder, secret in zip(folders, (True, False), strict=True):
        source = read(record(secret=secret))
        for name in (RESULTS, COMPOSITE):
            (folder / name).write_bytes(MAKERS[name](source))
    return folders


def test_what_is_opened_says_the_same_as_open_ballots_would(english: tuple[Path, Path]) -> None:
    secret, plain = (table(folder / RESULTS, "Item") for folder in english)
    differing = {"Not voted", "Invalid"}
    for row, twin in zip(secret, plain, strict=True):
        for column, value in twin.items():
            # the invalid ballot of M06 has no twin
            if column in differing and row["Item"] == "criteria":
                continue
            if row["Ballot"] == "secret" and row["Opens"] == "the sum only" and not row[column]:
                continue
            assert row[column] == value, (row["Item"], column)


def test_composites_count_the_exact_mean_of_a_sum(english: tuple[Path, Path]) -> None:
    secret, plain = (table(folder / COMPOSITE, "Target") for folder in english)
    assert secret == plain
    exact = [[line.exact for line in record(secret=kind).results.composite] for kind in (True, False)]
    assert exact[0] == exact[1]
    # 390.375 / 5 x 62.5 % + 91 x 37.5 %: nothing was rounded before
    assert exact[0][0] == "5307/64"


def test_of_a_sum_there_is_no_figure_of_single_scores(out: Out) -> None:
    sums = [row for row in out.rows(RESULTS) if out.of(row, "item") == ["criteria"]]
    assert len(sums) == 4
    for row in sums:
        assert out.of(row, *OF_SCORES) == [""] * len(OF_SCORES)
    assert all(out.of(row, "total", "measure")[0] for row in sums)


def test_a_distribution_is_told_like_an_open_round(out: Out) -> None:
    rows = [row for row in out.rows(RESULTS) if out.of(row, "item") == ["sheet"]]
    assert [out.of(row, *SPREAD) for row in rows] == [["90.00", "10.20", "70", "100"], ["70.00", "15.81", "50", "90"]]


def test_the_table_of_ballots_says_who_voted_secretly_and_never_what(out: Out) -> None:
    words, rows = out.words, out.rows(BALLOTS)
    content = ("target", "target_name", "criterion", "score")
    for item in SECRET:
        found = [row for row in rows if out.of(row, "item") == [item]]
        assert len(found) == 7
        assert {tuple(out.of(row, *content)) for row in found} == {("", "", "", "")}
        said = {out.of(row, "number")[0]: out.of(row, "answer", "code") for row in found}
        invalid = item == "criteria"
        assert said["M01"][0] == words("export.answer_secret")
        assert said["M06"][0] == words("export.answer_invalid" if invalid else "export.answer_not_voted")
        assert said["M07"] == [words("export.answer_not_voted"), ""]
        assert all(len(code) == len("XXXX-XXXX-XXXX") for who, (_, code) in said.items() if who < "M06")
    named = {tuple(out.of(row, "answer")) for row in rows if out.of(row, "item") == ["rating"]}
    assert len(named) == 4


def test_the_sheet_of_ballots_has_one_column_and_the_code_for_a_secret_round(out: Out) -> None:
    words = out.words
    sheet = opened(out.folder / WORKBOOK)[words("sheets.ballots")]
    rows = [row for row in sheet.iter_rows(values_only=True) if str(row[0] or "").startswith("M0")]
    assert len(rows) == 7
    # number, name, group; of each secret round whether they voted and the code; the rating has two targets and a code
    assert set(map(len, rows)) == {3 + 2 * len(SECRET) + 3}
    voted = {words(f"export.answer_{name}") for name in ("secret", "invalid", "not_voted")}
    for row in rows:
        cells = row[3 : 3 + 2 * len(SECRET)]
        assert set(cells[::2]) <= voted
        assert not any(isinstance(cell, int | float) for cell in cells)


def test_tables_say_how_each_secret_round_was_opened_and_by_whom(out: Out) -> None:
    rows = {out.of(row, "item")[0]: row for row in out.rows(RESULTS)}
    key = record(secret=True).results.rounds[0].secret
    assert key is not None
    assert out.of(rows["criteria"], "secrecy", "opens", "election_key") == [
        out.words("sheets.secret"),
        out.words("export.opens_sum"),
        key.key,
    ]
    assert out.of(rows["criteria"], "invalid_members", "cosigned", "overridden") == ["M06 委员06", "7", ""]
    assert out.of(rows["criteria"], "opened_by") == [out.words("export.comma").join(("M02 委员02", "M03 委员03"))]
    assert "M03 委员03" in out.of(rows["sheet"], "overridden")[0]
    assert "两台终端断线" in out.of(rows["sheet"], "overridden")[0]
    assert out.of(rows["motion"], "opens") == [out.words("export.opens_counts")]
    assert out.of(rows["rating"], "opens", "election_key", "opened_by") == ["", "", ""]
    overview = lines(opened(out.folder / WORKBOOK)[out.words("sheets.overview")], out.words("export.item"))
    secrecy = {str(row[out.words("export.item")]): row[out.words("export.secrecy")] for row in overview}
    assert secrecy == {item.id: out.words("sheets.open" if item.id in OPENLY else "sheets.secret") for item in ITEMS}


def test_the_sheet_of_values_leaves_sums_out(out: Out) -> None:
    rows = opened(out.folder / WORKBOOK)[out.words("sheets.values")].iter_rows(values_only=True)
    said = [str(cell) for row in rows for cell in row if cell is not None]
    assert {"医疗保障局", "交通运输局"} <= set(said)
    assert not {"文化和旅游局", "人力资源和社会保障局"} & set(said)


def test_no_chart_spreads_what_only_a_sum_is_known_of(out: Out) -> None:
    items = {item.item: item for item in out.source.report.items}
    for item, spread in (("criteria", 0), ("sheet", 2)):
        [one] = items[item].rounds
        assert sum(isinstance(chart, Distribution) for chart in one.charts) == spread
        assert (one.spread is not None) == bool(spread)


def test_the_bulletin_says_how_rounds_were_opened_and_names_nobody(out: Out) -> None:
    said = page_text((out.folder / BULLETIN).read_text(encoding="utf-8"))
    secret = record(secret=True).results.rounds[0].secret
    assert secret is not None
    assert secret.key in said
    assert out.words("report.parts_of", parts=2, holders=3, threshold=2) in said
    assert out.words("report.overridden", reason="两台终端断线") in said
    assert "委员0" not in said
    invalid = next(line for line in out.source.view.ballots if line.invalid)
    assert invalid.code not in said
    assert next(line.code for line in out.source.view.ballots) in said


@pytest.mark.fonts
def test_minutes_and_slips_name_who_opened_it(out: Out, tmp_path: Path) -> None:
    for name in (MINUTES, SLIPS):
        (tmp_path / name).write_bytes(MAKERS[name](out.source))
        said = "".join(text_of(tmp_path / name).split())
        for key, value in (("opened_by", "M02委员02"), ("invalid_members", "M06委员06"), ("overridden", "M03委员03")):
            label = "".join(out.words(f"export.{key}").split())
            assert any(after.lstrip("：:").startswith(value) for after in said.split(label)[1:]), (name, key)


def test_the_record_is_valid_with_composites_counted_again_from_sums(tmp_path: Path) -> None:
    report = verify_record(record(secret=True).write(tmp_path / "record.zip"))
    assert report.valid, [str(reason.fault) for reason in report.reasons]
