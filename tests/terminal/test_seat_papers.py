import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pingyi_terminal.seat.papers import NO_LINE_BEGINS_WITH, wrapped

TEXTS = st.text(alphabet="每个街道龑𬭎，。（）、 ab19%.", max_size=60)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("每个街道都有，", 12, ["每个街道都", "有，"]),
        ("书房 92 个、阅读吧 40 个。", 12, ["书房 92 个、", "阅读吧 40", "个。"]),
        ("within 5 days, published", 10, ["within 5", "days,", "published"]),
        ("incomprehensibilities", 8, ["incompre", "hensibil", "ities"]),
        ("", 8, [""]),
    ],
)
def test_lines_break_where_a_reader_expects(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width) == lines


@given(TEXTS, st.integers(4, 40))
def test_every_line_fits_and_no_character_is_lost(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@given(
    st.lists(st.sampled_from(["每个", "街道，", "b。", "（19）", " "]), max_size=30).map("".join), st.integers(12, 40)
)
def test_no_line_begins_with_a_closing_mark(text: str, width: int) -> None:
    assert not any(line[:1] in NO_LINE_BEGINS_WITH for line in wrapped(text, width) if line)
