"""Charts of the workbook, on one sheet: grey patterns with their figures, so that a print shows all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pingyi_server.exports.workbook.figures import GRADES, Figures
from pingyi_server.exports.workbook.pages import Book, Place

ROWS_A_PAGE = 43
"""Rows of this sheet on a page of A4 in portrait."""

PIXELS_A_ROW, POINTS_A_ROW = 22, 16.5
COLUMNS, PIXELS_A_COLUMN = 9, 64
"""What of the standard sheet is as wide as the page, with what other fonts make of it."""

ROWS_OF_TITLE, ROWS_A_BAR, FEWEST_ROWS = 5, 1.3, 12
"""What a chart takes of the sheet: its title and axis, each of its bars, and what it takes at least."""

PLAIN: Final = {"fill": {"color": "#595959"}}
FILLS: Final[Sequence[dict[str, Any]]] = (
    {"fill": {"color": "#404040"}},
    {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": "#404040", "bg_color": "#FFFFFF"}},
    {"fill": {"color": "#BFBFBF"}},
    {"pattern": {"pattern": "small_grid", "fg_color": "#606060", "bg_color": "#FFFFFF"}},
    {"fill": {"color": "#FFFFFF"}},
    {"pattern": {"pattern": "percent_20", "fg_color": "#404040", "bg_color": "#FFFFFF"}},
    {"fill": {"color": "#8C8C8C"}},
    {"pattern": {"pattern": "dark_horizontal", "fg_color": "#808080", "bg_color": "#FFFFFF"}},
)
"""Fillings that are told apart without colour; more kinds than these begin again."""


@dataclass(frozen=True)
class Chart:
    """Lying bars from the lines of a table: one column, or several put together."""

    title: str
    place: Place
    names: str
    columns: Sequence[tuple[str, str]]
    """Each column and what it is called."""
    figures: str = "[>=1]0;"
    """How a spreadsheet writes the figures in the pieces of a bar: none in a piece that is too short for it."""


def charts(book: Book, found: Figures, composite: Place | None, steps: Sequence[tuple[str, str]]) -> None:
    """Write the sheet of charts, if there is anything to draw; ``steps`` are the columns of what a composite adds."""
    words = book.words
    wanted: list[Chart] = []
    if found.scores is not None and "measure" in found.scores.counted:
        measure = [("measure", words("export.measure"))]
        wanted.append(Chart(words("sheets.chart_scores"), found.scores, "target_name", measure))
    for title, place, kinds in (
        ("chart_votes", found.votes, ("for", "against")),
        ("chart_ratings", found.ratings, GRADES),
    ):
        if place is not None:
            names = (*kinds, "abstentions", "not_voted", "recused", "invalid")
            columns = [(name, words(f"export.{name}")) for name in names if name in place.counted]
            wanted.append(Chart(words(f"sheets.{title}"), place, "target_name", columns))
    for title, place in found.selections:
        wanted.append(Chart(title, place, "target_name", [("votes", words("export.votes"))]))
    if composite is not None and "total" in composite.counted:
        total = [("total", words("sheets.total"))]
        wanted.append(Chart(words("sheets.chart_composite"), composite, "target_name", total))
        wanted.append(Chart(words("sheets.chart_steps"), composite, "target_name", steps, "[>=6]0.00;"))
    if wanted:
        draw(book, wanted)


def draw(book: Book, wanted: Sequence[Chart]) -> None:
    """Put the charts below each other, none over the end of a page."""
    page = book.page("charts", landscape=False)
    page.sheet.set_print_scale(100)
    page.sheet.set_default_row(POINTS_A_ROW)
    row, top, breaks = 0, 0, []
    for one in wanted:
        height = rows_of(one)
        if row + height > top + ROWS_A_PAGE:
            row = top = top + ROWS_A_PAGE
            breaks.append(top)
        page.sheet.insert_chart(row, 0, made(book, one, height), {"y_offset": PIXELS_A_ROW // 4})
        row += height
    page.sheet.set_h_pagebreaks(breaks)
    page.row, page.last_column = row, COLUMNS - 1
    page.finish()


def rows_of(one: Chart) -> int:
    """Return how many rows of the sheet a chart takes; a page at the most."""
    bars = one.place.last - one.place.first + 1
    return min(ROWS_A_PAGE, max(FEWEST_ROWS, round(ROWS_OF_TITLE + ROWS_A_BAR * bars)))


def made(book: Book, one: Chart, rows: int) -> Any:
    """Return the chart: the first line of the table on top, each figure at its bar or in its piece of one."""
    several = len(one.columns) > 1
    chart = book.book.add_chart({"type": "bar", "subtype": "stacked"} if several else {"type": "bar"})
    # what stands on a pattern needs a ground of its own; a piece of no length has no figure
    inside = {"value": True, "position": "center", "num_format": one.figures, "fill": {"color": "#FFFFFF"}}
    for place, (column, name) in enumerate(one.columns):
        chart.add_series(
            {
                "name": name,
                "categories": one.place.area(one.names),
                "values": one.place.area(column),
                "gap": 50,
                "border": {"color": "#262626"},
                "data_labels": inside if several else {"value": True},
                **(FILLS[place % len(FILLS)] if several else PLAIN),
            }
        )
    chart.set_title({"name": one.title, "overlay": False, "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 9}, "major_tick_mark": "none"})
    chart.set_x_axis({"min": 0, "visible": False, "major_gridlines": {"visible": False}})
    chart.set_legend({"position": "bottom"} if several else {"none": True})
    chart.set_size({"width": COLUMNS * PIXELS_A_COLUMN, "height": rows * PIXELS_A_ROW - PIXELS_A_ROW // 2})
    return chart
