from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.screens import OneWidget, plain
from pingyi_protocol.meeting.definition import Band, Language, ScoreRules
from pingyi_protocol.text import catalogue
from pingyi_terminal.widgets import BandBars, Bar, Distribution, Meter, Ranked, RankingBars, Tally
from pingyi_terminal.widgets.blocks import eighths, growing_bar, rising_cell
from pingyi_terminal.widgets.charts import axis_for, heights
from pingyi_terminal.widgets.large import AIRY, DENSE, LARGE, MIDDLE, NAMES_LARGE, Look
from pingyi_terminal.widgets.ranking import axis_start

BANDS = tuple(Band(name=name, least=Decimal(least)) for name, least in (("优秀", 90), ("良好", 80), ("合格", 60)))
RULES = ScoreRules(bands=BANDS)
WORDS = {language: catalogue("pingyi_terminal", language) for language in Language}


@given(st.integers(0, 50), st.integers(1, 50), st.integers(1, 60))
def test_zero_is_nothing_and_one_is_something(count: int, whole: int, cells: int) -> None:
    length = eighths(count, whole, cells)
    assert (length == 0) == (count == 0)
    assert length <= 8 * cells
    assert len(growing_bar(length)) == -(-length // 8)


@given(st.integers(0, 40), st.integers(1, 5))
def test_rising_cells_of_a_bar_add_up_to_it(length: int, rows: int) -> None:
    length = min(length, 8 * rows)
    assert sum(" ▁▂▃▄▅▆▇█".index(rising_cell(length, row)) for row in range(rows)) == length


SCORES = st.integers(0, 100).map(Decimal)


@given(st.dictionaries(SCORES, st.integers(0, 9), max_size=20), st.integers(30, 120))
def test_an_axis_fits_and_leaves_no_score_out(counts: dict[Decimal, int], width: int) -> None:
    axis = axis_for(RULES, counts, width)
    assert axis.values[-1] == 100
    assert axis.start + (len(axis.values) - 1) * axis.pitch + axis.bar <= width
    lowest = min((value for value, count in counts.items() if count), default=Decimal(100))
    assert lowest >= axis.values[0] or axis.below == axis.values[0] - 1


async def test_distribution_shows_each_count_and_gold_for_the_band() -> None:
    app = OneWidget(Distribution(RULES, {Decimal(88): 4, Decimal(89): 1, Decimal(90): 8}, BANDS[0]))
    async with app.run_test(size=(44, 5)):
        assert app.widget.size.height == 5
        lines = plain(app).splitlines()
        assert lines[0] == " " * 20 + "█"
        assert lines[2] == " " * 16 + "█   █"
        assert lines[3] == " " * 16 + "█ ▄ █"
        assert lines[4].split("▔")[0] == "80"
        assert lines[4].endswith("100")
        row = app.widget.render_line(3)
        colours = {
            segment.style.color.name.upper()
            for segment in row
            if segment.style and segment.style.color and segment.text.strip()
        }
        assert colours == {"#FFC642", "#A3B3CC"}


async def test_scores_below_the_axis_stand_in_a_first_column_with_its_name() -> None:
    app = OneWidget(Distribution(RULES, {Decimal(12): 1, Decimal(95): 1}, BANDS[0]))
    async with app.run_test(size=(60, 5)):
        lines = plain(app).splitlines()
        assert lines[0].startswith(" █")
        assert lines[4].startswith("74-")
        assert " 75▔" in lines[4]


async def test_half_steps_do_not_push_most_scores_below_the_axis() -> None:
    halves = ScoreRules(step=Decimal("0.5"), bands=BANDS)
    scores = [Decimal(score) / 2 for score in (140, 150, 160, 165, 170, 171, 172, 180, 181, 190, 199)]
    axis = axis_for(halves, dict.fromkeys(scores, 1), 60)
    assert axis.span == 1
    assert axis.values[0] <= scores[5]
    assert sum(heights(axis, dict.fromkeys(scores, 1))) == sum(score >= axis.values[0] for score in scores)


async def test_a_score_between_two_steps_stands_in_the_bar_below_it() -> None:
    axis = axis_for(RULES, {Decimal("88.35"): 2, Decimal(89): 1}, 60)
    held = dict(zip(axis.values, heights(axis, {Decimal("88.35"): 2, Decimal(89): 1}), strict=True))
    assert (held[Decimal(88)], held[Decimal(89)]) == (2, 1)


async def test_band_bars_draw_zero_as_nothing() -> None:
    app = OneWidget(BandBars((Bar("优秀", 33, True), Bar("不合格", 0))))
    async with app.run_test(size=(40, 5)):
        lines = plain(app).splitlines()
        assert lines[0] == "  优秀  " + "█" * 28 + "  33"
        assert lines[1].split() == ["不合格", "0"]


@pytest.mark.parametrize(
    ("size", "look"), [((40, 3), DENSE), ((40, 5), AIRY), ((40, 11), MIDDLE), ((96, 20), LARGE), ((40, 20), MIDDLE)]
)
async def test_bars_are_as_large_as_all_of_them_can_be(size: tuple[int, int], look: Look) -> None:
    bars = BandBars((Bar("赞成", 37, True), Bar("反对", 4), Bar("弃权", 0)), 45)
    bars.styles.height = "1fr"
    async with OneWidget(bars).run_test(size=size) as pilot:
        assert bars.look(size[0]) is look
        lines = plain(pilot.app).splitlines()
        blank = [y for y in range(look.pitch * 3 - 1) if not lines[y].strip()]
        assert blank == ([] if look is DENSE else [look.pitch - 1, 2 * look.pitch - 1])
        assert ("赞成" in lines[look.middle]) is not look.large
        assert all("█" * (size[0] // 6) in lines[y] for y in range(look.rows))


RANKED = tuple(
    Ranked(str(place), name, Decimal(value), value, short=short)
    for place, (name, short, value) in enumerate(
        (("人力资源和社会保障局", "人社局", "91.67"), ("水利局", "", "88.79"), ("教育局", "", "87.10")), start=1
    )
)


@pytest.mark.parametrize(
    ("size", "rows", "look"),
    [
        ((96, 24), RANKED, NAMES_LARGE),
        ((196, 44), RANKED, LARGE),
        ((96, 24), (*RANKED, *RANKED[1:]), MIDDLE),
        ((96, 24), (*RANKED, *RANKED, *RANKED), AIRY),
        ((76, 14), (*RANKED, *RANKED, *RANKED), DENSE),
        ((76, 24), (*RANKED[1:], Ranked("-", "地方金融监督管理局", None, "-")), MIDDLE),
        ((50, 24), RANKED, AIRY),
    ],
)
async def test_few_ranks_are_large(size: tuple[int, int], rows: tuple[Ranked, ...], look: Look) -> None:
    bars = RankingBars(WORDS[Language.CHINESE], ("名次", "对象", "均分", ""), rows)
    async with OneWidget(bars).run_test(size=size) as pilot:
        assert bars.look(size[0]) is look
        lines = plain(pilot.app).splitlines()
        assert (rows[0].shown in lines[2 + look.middle]) is (look.size is None)
        assert all("██" in line for line in lines[2 : 2 + look.rows])
        axis = lines[2 + look.pitch * len(rows)]
        assert axis.rstrip().endswith(" 100")


async def test_the_labels_of_an_axis_never_touch() -> None:
    for width in range(60, 200, 7):
        bars = RankingBars(WORDS[Language.CHINESE], ("名次", "对象", "均分", ""), RANKED[1:])
        async with OneWidget(bars).run_test(size=(width, 8)) as pilot:
            labels = plain(pilot.app).splitlines()[-1].split("起")[1].split()
            assert labels[0] == "85"
            assert all(int(label) <= 100 for label in labels)


@pytest.mark.parametrize("language", list(Language))
async def test_ranking_says_where_its_axis_begins_and_names_are_not_markup(language: Language) -> None:
    rows = (Ranked("1", "教育局[b]", Decimal("93.47"), "93.47", 2), Ranked("2", "水利局", None, "-", "new"))
    words = WORDS[language]
    app = OneWidget(RankingBars(words, ("#", "name", "mean", "change"), rows))
    async with app.run_test(size=(90, 10)):
        text = plain(app)
        assert "教育局[b]" in text
        assert words("widgets.axis_begins", value=90) in text
        assert words("widgets.moved_up", places=2) in text
        assert words("widgets.moved_new") in text
        assert "█" not in text.splitlines()[4]


def test_every_ranked_value_has_a_bar() -> None:
    rows = tuple(Ranked("1", "", Decimal(value), "") for value in ("80", "80.5", "99"))
    assert axis_start(rows, 0) == 75


async def test_a_meter_is_from_zero_to_full() -> None:
    meter = Meter(0, 42)
    app = OneWidget(meter)
    async with app.run_test(size=(42, 2)) as pilot:
        assert plain(app).strip() == ""
        meter.count = 1
        await pilot.pause()
        assert plain(app).strip() == "█"
        meter.count = 42
        await pilot.pause()
        assert plain(app).strip() == "█" * 42


@pytest.mark.parametrize(("width", "lines"), [(92, 1), (70, 2)])
async def test_a_tally_has_one_mark_a_member(width: int, lines: int) -> None:
    tally = Tally(36, 42)
    tally.styles.height = "auto"
    app = OneWidget(tally)
    async with app.run_test(size=(width, 8)):
        text = plain(app)
        assert (text.count("█"), text.count("░")) == (36, 6)
        assert tally.size.height == 2 * lines - 1
