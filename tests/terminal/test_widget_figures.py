from itertools import combinations

import pytest
from textual.app import App, ComposeResult

from kit.screens import plain
from pingyi_terminal.theme import HALL_BRIGHT, PALETTES, register_themes
from pingyi_terminal.widgets.figures import FACES, BigFigure, FigureSize, figure, figure_width

SIZES: tuple[FigureSize, ...] = ("S", "M", "L", "LL", "XL")


class Figures(App[None]):
    def __init__(self, text: str, size: FigureSize) -> None:
        super().__init__()
        register_themes(self)
        self.figure = BigFigure(text, size, "accent")

    def compose(self) -> ComposeResult:
        yield self.figure


@pytest.mark.parametrize(
    ("size", "columns", "rows"), [("S", 4, 3), ("M", 6, 5), ("L", 8, 7), ("LL", 10, 7), ("XL", 12, 10)]
)
def test_each_size_has_its_measures(size: FigureSize, columns: int, rows: int) -> None:
    for digit in "0123456789":
        assert (figure(digit, size).width, figure(digit, size).height) == (columns, rows)


def test_a_hundred_in_the_largest_size_is_74_columns() -> None:
    assert figure_width("100.00", "XL") == 74


@pytest.mark.parametrize("size", SIZES)
def test_no_two_figures_look_the_same(size: FigureSize) -> None:
    assert all(figure(one, size) != figure(other, size) for one, other in combinations("0123456789.:/- ", 2))


@pytest.mark.parametrize("size", SIZES)
def test_one_has_a_foot_and_seven_has_none(size: FigureSize) -> None:
    last = [figure(digit, size).rows[-1].bit_count() for digit in "17"]
    assert last[0] > last[1] == FACES[size].stroke


async def test_small_clock_is_drawn_as_in_the_picture() -> None:
    app = Figures("1:48", "S")
    async with app.run_test(size=(20, 4)):
        assert plain(app).splitlines()[:3] == ["▄█   ▄ █  █ █▀▀█", " █     ▀▀▀█ █▀▀█", "▄█▄  ▀    █ █▄▄█"]


async def test_a_new_text_repaints_and_a_wider_one_lays_out() -> None:
    app = Figures("1:48", "S")
    async with app.run_test(size=(30, 4)) as pilot:
        app.figure.text = "1:47"
        await pilot.pause()
        assert plain(app).splitlines()[0] == "▄█   ▄ █  █ ▀▀▀█"
        app.figure.text = "11:47"
        await pilot.pause()
        assert plain(app).splitlines()[0] == "▄█   ▄█   ▄ █  █ ▀▀▀█"
        assert app.figure.size.width == figure_width("11:47", "S")


async def test_hidden_figures_do_not_tell_the_value() -> None:
    shown = []
    for text in ("12", "98"):
        app = Figures(text, "M")
        async with app.run_test(size=(20, 6)) as pilot:
            app.figure.hidden = True
            await pilot.pause()
            shown.append(plain(app))
    assert shown[0] == shown[1]
    assert "░" in shown[0]


def test_a_character_without_a_figure_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'分'"):
        figure("分", "S")


async def test_changing_the_theme_changes_the_colour_live() -> None:
    app = Figures("8", "S")
    async with app.run_test(size=(10, 4)) as pilot:
        app.theme = HALL_BRIGHT
        await pilot.pause()
        style = app.figure.render_line(0)._segments[0].style
        assert style is not None
        assert style.color is not None
        assert style.color.name.upper() == PALETTES[HALL_BRIGHT]["accent"]
