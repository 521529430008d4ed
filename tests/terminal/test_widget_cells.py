import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from pingyi_terminal.plain_cells import PlainCells
from pingyi_terminal.widgets.cells import STOPS, Align, Row, clipped, cut, fit, one_row

TEXTS = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("文化和旅游局买·龑𬭎ab [/b]")), max_size=40)
PLAIN = Style.null()


@given(TEXTS, st.integers(0, 30))
def test_cut_text_is_a_beginning_that_fits(text: str, width: int) -> None:
    part = cut(text, width)
    assert cell_len(part) <= width
    assert "\x1b" not in part
    assert "\n" not in part


@given(TEXTS, st.integers(0, 30))
def test_a_cut_is_seen_and_what_fits_is_whole(text: str, width: int) -> None:
    part = clipped(text, width)
    assert cell_len(part) <= width
    if cell_len(one_row(text)) <= width:
        assert part == one_row(text)
    else:
        assert part.endswith(STOPS[:width])
        assert one_row(text).startswith(part.removesuffix(STOPS[:width]))


@pytest.mark.parametrize(
    ("width", "shown"), [(8, "欧阳致远"), (7, "欧阳.."), (6, "欧阳.."), (3, ".."), (2, ".."), (1, "."), (0, "")]
)
def test_a_name_that_is_cut_ends_in_two_stops(width: int, shown: str) -> None:
    assert clipped("欧阳致远", width) == shown


@given(TEXTS, st.integers(0, 30), st.sampled_from(["left", "center", "right"]))
def test_fitted_text_has_exactly_its_width(text: str, width: int, align: Align) -> None:
    assert cell_len(fit(text, width, align)) == width


@pytest.mark.parametrize(("width", "shown"), [(12, "文化和旅游局"), (11, "文化和旅游 "), (3, "文 "), (1, " "), (0, "")])
def test_a_wide_character_is_never_split(width: int, shown: str) -> None:
    assert fit("文化和旅游局", width) == shown


@given(st.integers(1, 20), st.lists(st.tuples(st.integers(-5, 25), TEXTS), max_size=6))
def test_a_row_keeps_its_width_whatever_is_put_on_it(width: int, puts: list[tuple[int, str]]) -> None:
    row = Row(width)
    for column, text in puts:
        row.put(column, text, PLAIN)
    strip = row.strip()
    assert cell_len(strip.text) == width
    assert strip.cell_length == width


def test_covering_half_a_wide_character_blanks_its_other_half() -> None:
    row = Row(6)
    row.put(0, "文化和", PLAIN)
    row.put(3, "x", PLAIN)
    assert row.strip().text == "文 x和"


def test_text_put_to_the_right_ends_there() -> None:
    row = Row(8)
    assert row.put_right(7, "李喆", PLAIN) == 3
    assert row.strip().text == "   李喆 "


def test_full_blocks_are_filled_by_ground_and_ink() -> None:
    row = Row(2)
    row.put_blocks(0, "█▀", Style(color="#112233"))
    full, half = (segment.style for segment in row.strip())
    assert full is not None
    assert half is not None
    assert full.bgcolor == full.color
    assert half.bgcolor is None


@pytest.mark.parametrize(
    ("drawn", "shown"), [("关于评议 …", "关于评议.."), ("评议表决…", "评议表决."), ("whole", "whole")]
)
def test_what_textual_cuts_ends_in_stops_of_one_cell(drawn: str, shown: str) -> None:
    [segment] = PlainCells().apply([Segment(drawn)], Color(0, 0, 0))
    assert segment.text == shown
    assert cell_len(shown) == cell_len(drawn)
