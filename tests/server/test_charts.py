"""Charts of documents: every word as text, the same bytes each time, told apart without colour, and no font asked."""

import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pingyi_server.exports.charts import FILLS, svg_of
from pingyi_server.exports.report.parts import Bar, Bars, Chart, Distribution, Mark, Stack, StackedBar

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Human Resources and Social Security Bureau of the Autonomous Prefecture and its Dependent Institutions"

VOTES = Bars(
    "表决",
    (Bar("赞成", Decimal(31), "31"), Bar("反对", Decimal(4), "4"), Bar("弃权", Decimal(0), "0", 1)),
    mark=Mark(Decimal(23), "须 23 票"),
)
VALUES = Distribution(
    "各分值的人数",
    (Bar("82.5", Decimal(3), "3", 1), Bar("91", Decimal(7), "7", 0), Bar("100", Decimal(1), "1", 0)),
    ("优秀 8 人", "良好 3 人"),
    Decimal(70),
    Decimal(100),
    "评分",
    "人数",
    Mark(Decimal("89.18"), "均分 89.18"),
)
COMPOSITE = Stack(
    "综合得分",
    ("整改成效调研", "网上社会投票"),
    (
        StackedBar("文化和旅游局", (Decimal("19.83"), Decimal(70)), "89.83"),
        StackedBar("医疗保障局", (Decimal(0), Decimal(50)), "50.00"),
    ),
)
CHARTS = (VOTES, VALUES, COMPOSITE)


def drawn(chart: Chart) -> ET.Element:
    return ET.fromstring(svg_of(chart))  # noqa: S314 - our own picture


def words_of(chart: Chart) -> list[str]:
    return ["".join(one.itertext()) for one in drawn(chart).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    ("chart", "words"),
    [
        (VOTES, {"赞成", "反对", "弃权", "31", "4", "0", "须 23 票"}),
        (VALUES, {"优秀 8 人", "良好 3 人", "3", "7", "1", "评分", "人数", "均分 89.18"}),
        (COMPOSITE, {"整改成效调研", "网上社会投票", "文化和旅游局", "89.83", "医疗保障局", "50.00"}),
    ],
)
def test_all_that_a_chart_says_is_text(chart: Chart, words: set[str]) -> None:
    assert words <= set(words_of(chart))


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_has_the_same_bytes_each_time(chart: Chart) -> None:
    assert svg_of(chart) == svg_of(chart)


def test_charts_of_one_page_share_no_names() -> None:
    names = [set(re.findall(r'id="([^"]+)"', svg_of(VALUES, name=f"chart-{place}"))) for place in range(2)]
    assert names[0]
    assert names[0].isdisjoint(names[1])
    used = set(re.findall(r"url\(#([^)]+)\)", svg_of(VALUES, name="chart-0")))
    assert used <= names[0]


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_asks_for_nothing_from_outside(chart: Chart) -> None:
    text = svg_of(chart)
    assert {one for one in re.findall(r'"(https?://[^"]+)"', text) if not one.startswith("http://www.w3.org/")} == set()
    assert "<?xml" not in text
    assert "<script" not in text


@pytest.mark.parametrize("chart", CHARTS)
def test_text_stays_inside_the_picture(chart: Chart) -> None:
    root = drawn(chart)
    width, height = (float(value) for value in root.attrib["viewBox"].split()[2:])
    for one in root.iter(f"{SVG}text"):
        assert -1 <= float(one.attrib["x"]) <= width + 1
        assert 0 < float(one.attrib["y"]) < height


def test_lengths_are_in_proportion() -> None:
    root = drawn(VOTES)
    lengths = [width_of(one) for one in root.iter(f"{SVG}path") if FILLS[0].face in one.attrib.get("style", "")]
    assert lengths[0] / lengths[1] == pytest.approx(31 / 4, rel=1e-4)


def width_of(path: ET.Element) -> float:
    across = [float(x) for x in re.findall(r"[ML] ([\d.]+) ", path.attrib["d"])]
    return max(across) - min(across)


def test_kinds_are_told_apart_on_a_grey_copy() -> None:
    """No two kinds next to each other have both the same hatching and nearly the same grey."""
    seen = [(one.hatch, grey(one.face)) for one in FILLS]
    for place, (hatch, tone) in enumerate(seen):
        for other, other_tone in seen[:place]:
            assert hatch != other or abs(tone - other_tone) > 40


def grey(colour: str) -> float:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_a_name_without_room_ends_in_dots_and_its_bar_stays() -> None:
    said = words_of(Bars("票数", (Bar(LONG, Decimal(1), "1"),)))
    assert next(one for one in said if one.startswith("Human")).endswith("...")


def test_markup_in_a_name_is_text() -> None:
    for name in ('<b onclick="x">&', r"$\frac{1}{2}$ \$", "一个 $ 符号"):
        assert name in words_of(Bars("票数", (Bar(name, Decimal(1), "1"),)))


def test_what_a_machine_asks_of_the_library_changes_no_chart(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text("text.usetex: True\nfont.size: 40\nhatch.linewidth: 9\naxes.grid: True\n")
    code = (
        "from test_charts import VOTES; from pingyi_server.exports.charts import svg_of; print(svg_of(VOTES), end='')"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTHONIOENCODING": "utf-8"}
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, check=True)
    assert run.stdout.decode() == svg_of(VOTES)


@pytest.mark.parametrize("value", ["0", "3000"])
def test_nothing_and_very_much_can_be_drawn(value: str) -> None:
    assert value in words_of(Bars("票数", (Bar("赞成", Decimal(value), value),), mark=Mark(Decimal(0), "须 0 票")))


def test_many_values_stand_without_numbers() -> None:
    many = tuple(Bar(f"{place / 10:.1f}", Decimal(place % 5 + 1), f"n{place}", 0) for place in range(700, 1001))
    said = words_of(Distribution("分布", many, (), Decimal(60), Decimal(100), "评分", "人数"))
    assert not any(one.startswith("n") for one in said)


@pytest.mark.parametrize("chart", CHARTS)
def test_on_paper_a_chart_is_flatter_and_says_the_same(chart: Chart) -> None:
    flat = ET.fromstring(svg_of(chart, flat=True))  # noqa: S314 - our own picture
    assert sorted("".join(one.itertext()) for one in flat.iter(f"{SVG}text") if not is_tick(one)) == sorted(
        "".join(one.itertext()) for one in drawn(chart).iter(f"{SVG}text") if not is_tick(one)
    )
    assert height_of(flat) < height_of(drawn(chart))


def is_tick(one: ET.Element) -> bool:
    """Whether a text is a number of an axis: there may be more or fewer of them."""
    return "".join(one.itertext()).isdigit()


def height_of(picture: ET.Element) -> float:
    return float(picture.attrib["viewBox"].split()[3])
