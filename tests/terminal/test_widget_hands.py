"""What hands do: the ruler, the quick values, the action block and the key hints."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kit.screens import OneWidget, plain
from pingyi_protocol.meeting.definition import Band, Language, ScoreRules, Secrecy
from pingyi_protocol.text import catalogue
from pingyi_terminal.widgets import (
    ActionBlock,
    HeaderBar,
    Hint,
    KeyHints,
    Piece,
    QuickValues,
    ScoreRuler,
    band_of,
    link_piece,
    mode_piece,
    plain_number,
)
from pingyi_terminal.widgets.ruler import column_of, value_at

BANDS = tuple(
    Band(name=name, least=Decimal(least)) for name, least in (("优秀", 90), ("良好", 80), ("合格", 60), ("不合格", 0))
)
RULES = ScoreRules(bands=BANDS)


class Hands(OneWidget):
    def __init__(self, widget: ScoreRuler | QuickValues) -> None:
        super().__init__(widget)
        self.values: list[Decimal] = []

    def on_score_ruler_changed(self, message: ScoreRuler.Changed) -> None:
        assert message.control is self.widget
        self.values.append(message.value)

    def on_quick_values_chosen(self, message: QuickValues.Chosen) -> None:
        assert message.control is self.widget
        self.values.append(message.value)


async def test_ruler_marks_bands_and_value() -> None:
    app = OneWidget(ScoreRuler(RULES, Decimal(92)))
    async with app.run_test(size=(76, 4)):
        value, bar, names = plain(app).splitlines()[:3]
        assert value.strip() == "92 ██"
        assert value.index("█") == bar.rindex("█") - 1 == 69
        assert [cell_len(names[: names.index(label)]) for label in ("0 不合格", "60 合格", "80 良好", "90 优秀")] == [
            0, 45, 60, 68,
        ]  # fmt: skip


async def test_press_sets_drag_refines_and_release_lets_go() -> None:
    ruler = ScoreRuler(RULES)
    app = Hands(ruler)
    async with app.run_test(size=(101, 4)) as pilot:
        await pilot.mouse_down(ruler, offset=(70, 1))
        await pilot.hover(ruler, offset=(85, 1))
        await pilot.mouse_up(ruler, offset=(85, 1))
        await pilot.hover(ruler, offset=(20, 1))
        await pilot.pause()
        assert app.values == [70, 85]
        assert ruler.value == 85


async def test_setting_the_value_posts_nothing() -> None:
    ruler = ScoreRuler(RULES)
    app = Hands(ruler)
    async with app.run_test(size=(101, 4)) as pilot:
        ruler.value = Decimal(50)
        await pilot.pause()
        assert app.values == []


async def test_a_hidden_ruler_looks_the_same_for_all_values() -> None:
    shown = []
    for value in (None, Decimal(3), Decimal(97)):
        ruler = ScoreRuler(RULES, value)
        app = OneWidget(ruler)
        async with app.run_test(size=(76, 4)) as pilot:
            ruler.hidden = True
            await pilot.pause()
            shown.append(plain(app))
    assert len(set(shown)) == 1


async def test_a_chinese_band_name_is_never_cut() -> None:
    app = OneWidget(ScoreRuler(RULES))
    async with app.run_test(size=(30, 4)):
        for word in plain(app).split():
            assert word.isdigit() or word in {"优秀", "良好", "合格", "不合格"} or set(word) <= {"▏"}


@given(st.integers(2, 200).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))))
def test_values_of_any_step_keep_to_their_grid(grid: tuple[int, int]) -> None:
    steps, index = grid
    rules = ScoreRules(highest=Decimal(steps) / 2, step=Decimal("0.5"))
    assert column_of(rules, Decimal(index) / 2, steps + 1) == index
    assert value_at(rules, index, steps + 1) == Decimal(index) / 2


def test_bands_begin_at_their_least_value() -> None:
    named = {value: band_of(RULES, Decimal(value)) for value in ("90", "89.99", "60", "0")}
    assert [band.name for band in named.values() if band] == ["优秀", "良好", "合格", "不合格"]
    assert plain_number(Decimal("1E+2")) == "100"
    assert plain_number(Decimal("92.50")) == "92.5"


async def test_quick_values_are_big_enough_for_a_finger_and_gaps_do_nothing() -> None:
    values = tuple(map(Decimal, (0, 60, 100)))
    quick = QuickValues(values)
    app = Hands(quick)
    async with app.run_test(size=(40, 4)) as pilot:
        assert (quick.size.width, quick.size.height) == (17, 3)
        for column in (0, 5, 6, 16):
            await pilot.click(quick, offset=(column, 2))
        assert app.values == [0, 60, 100]


@pytest.mark.parametrize(("state", "pressed"), [("normal", ["enter"]), ("danger", ["enter"]), ("faint", [])])
async def test_a_click_on_the_action_block_presses_its_key(state: str, pressed: list[str]) -> None:
    block = ActionBlock(label="确认 92 分", detail="[b]")
    block.state = state  # type: ignore[assignment] # parametrize gives str
    app = OneWidget(block)
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.click(block)
        await pilot.pause()
        assert app.keys == pressed
        assert "Enter  确认 92 分" in plain(app)
        assert "[b]" in plain(app)


HINTS = (
    Hint("", "0-9", "输入"),
    Hint("f3", "F3", "弃权"),
    Hint("f8", "F8", "作废", "danger"),
    Hint("f9", "F9", "呼叫", "faint"),
)


async def test_hints_are_touchable_and_faint_ones_are_not() -> None:
    hints = KeyHints(HINTS)
    app = OneWidget(hints)
    async with app.run_test(size=(60, 2)) as pilot:
        assert plain(app).split() == ["0-9", "输入", "F3", "弃权", "F8", "作废", "F9", "呼叫"]
        for begin, _, _, _ in list(hints.places(60)):
            await pilot.click(hints, offset=(begin, 0))
        await pilot.pause()
        assert app.keys == ["f3", "f8"]


async def test_hints_that_stand_apart_from_the_edge_are_touched_where_they_are_seen() -> None:
    hints = KeyHints(HINTS)
    app = OneWidget(hints)
    async with app.run_test(size=(60, 3)) as pilot:
        hints.styles.padding = (1, 4, 0, 4)
        hints.styles.height = 2
        await pilot.pause()
        for _, end, _, _ in list(hints.places(52)):
            await pilot.click(hints, offset=(4 + end - 1, 1))
        await pilot.pause()
        assert app.keys == ["f3", "f8"]


def test_an_impossible_key_leaves_before_a_word_does() -> None:
    def shown(width: int) -> list[tuple[str, bool]]:
        return [(hint.chip, with_word) for _, _, hint, with_word in KeyHints(HINTS).places(width)]

    assert shown(40) == [("0-9", True), ("F3", True), ("F8", True), ("F9", True)]
    assert shown(38) == [("0-9", True), ("F3", True), ("F8", True)]
    assert shown(29) == [("0-9", True), ("F3", True), ("F8", False)]


@given(st.integers(0, 60))
def test_hints_that_are_shown_fit(width: int) -> None:
    places = list(KeyHints(HINTS).places(width))
    assert all(end <= width for _, end, _, _ in places)
    assert all(before[1] < after[0] for before, after in pairwise(places))


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("width", [64, 80])
async def test_header_cuts_the_title_and_keeps_note_and_pieces(language: Language, width: int) -> None:
    words = catalogue("pingyi_terminal", language)
    pieces = (Piece("3-07 李喆"), mode_piece(words, Secrecy.OPEN), link_piece(words, online=True))
    app = OneWidget(HeaderBar(words("widgets.product"), "示例市人大常委会 [/b] 第十二次会议", "sim", pieces))
    async with app.run_test(size=(width, 2)):
        line = plain(app).splitlines()[0]
        assert cell_len(line) <= width
        assert "sim" in line
        for piece in pieces:
            assert piece.text.strip() in line
