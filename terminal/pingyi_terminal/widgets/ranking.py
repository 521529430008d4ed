"""The ranking of the targets: bars on an axis that says where it begins."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from rich.cells import cell_len
from textual.geometry import Size
from textual.reactive import reactive

from pingyi_protocol.text import Catalogue
from pingyi_terminal.widgets.bigtext import big_text_width
from pingyi_terminal.widgets.blocks import eighths, growing_bar
from pingyi_terminal.widgets.cells import Row, fit, one_row
from pingyi_terminal.widgets.large import Look, look_for, put_large, put_number
from pingyi_terminal.widgets.painting import Painting

GAP = 3
LONGEST_NAME = 26
LEAST_TRACK = 10
HEAD_ROWS = 2
AXIS_ROWS = 2
_TICKS = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Ranked:
    """One line: the rank as shown, the name and a shorter one for large type, the value for the bar and as printed.

    ``movement`` is how many places the target rose (below zero: fell) since the last time, ``"new"`` if it was not
    there, None where nothing is compared. ``value`` is None where there is no result.
    """

    rank: str
    name: str
    value: Decimal | Fraction | None
    shown: str
    movement: int | Literal["new"] | None = None
    short: str = ""

    def large_name(self, columns: int) -> str:
        """Return the name that large type sets in ``columns``, "" when none does."""
        names = (name for name in (self.name, self.short) if name)
        return next((name for name in names if 0 < (big_text_width(name) or 0) <= columns), "")


class Columns(NamedTuple):
    """Where the name begins, where the track begins and ends, and where the value ends."""

    name: int
    track: int
    track_end: int
    value_end: int


def axis_start(rows: tuple[Ranked, ...], lowest: int) -> int:
    """Return where the axis begins: a multiple of five well under the least value, so that each has a bar."""
    least = min((row.value for row in rows if row.value is not None), default=Fraction(lowest))
    return max(lowest, int((Fraction(least) - 1) // 5 * 5))


class RankingBars(Painting):
    """Rank, name, bar, value and movement of each target under four headings, the first rank in the accent.

    The last row is the axis from ``axis_start`` to ``highest``. The fewer the targets, the larger they are; what does
    not fit below is not drawn, so give one page of rows at a time.
    """

    DEFAULT_CSS = """
    RankingBars { width: 1fr; height: 1fr; }
    """

    rows: reactive[tuple[Ranked, ...]] = reactive[tuple[Ranked, ...]](())
    words: reactive[Catalogue | None] = reactive[Catalogue | None](None)
    headings: reactive[tuple[str, str, str, str]] = reactive(("", "", "", ""))

    def __init__(
        self,
        words: Catalogue,
        headings: tuple[str, str, str, str],
        rows: tuple[Ranked, ...] = (),
        lowest: int = 0,
        highest: int = 100,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.lowest = lowest
        self.highest = highest
        self.set_reactive(RankingBars.words, words)
        self.set_reactive(RankingBars.headings, headings)
        self.set_reactive(RankingBars.rows, rows)

    def watch_rows(self, before: tuple[Ranked, ...], after: tuple[Ranked, ...]) -> None:
        """Lay out anew when there are more or fewer rows."""
        if len(before) != len(after):
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return the rows that headings, targets with a free row each, and axis take."""
        return 2 * len(self.rows) + 3

    def paint(self, y: int, row: Row) -> None:
        """Draw one row: the headings, a target or the axis."""
        look = self.look(row.width)
        index, inside = divmod(y - HEAD_ROWS, look.pitch)
        if y == 0:
            self._paint_headings(row, look)
        elif y >= HEAD_ROWS and index < len(self.rows) and inside < look.rows:
            self._paint_target(row, self.rows[index], inside, look)
        elif index == len(self.rows) and inside == 0:
            self._paint_axis(row, look)

    def look(self, columns: int) -> Look:
        """Return the largest look in which all lines stand here; large ones have a bar all the same."""

        def suits(look: Look) -> bool:
            at = self._columns(columns, look)
            named = not look.large or all(each.large_name(columns // 2) for each in self.rows)
            return look.size is None or (named and at.track_end - at.track >= LEAST_TRACK)

        return look_for(len(self.rows), self.size.height - HEAD_ROWS - AXIS_ROWS, suits)

    def _columns(self, width: int, look: Look) -> Columns:
        heading, _, measure, _ = (cell_len(one_row(heading)) for heading in self.headings)
        rank = max([heading, 2, *(look.width(each.rank) for each in self.rows)])
        if look.large:
            names = [big_text_width(each.large_name(width // 2)) or 0 for each in self.rows]
        else:
            names = [min(LONGEST_NAME, cell_len(one_row(each.name))) for each in self.rows]
        name = 2 + rank + GAP
        track = name + max([8, *names, min(LONGEST_NAME, cell_len(self._axis_words()) - 1)]) + GAP
        change = self._change_width()
        value_end = width - 2 - (change + GAP if change else 0)
        figures = max([measure, *(look.width(each.shown) for each in self.rows)])
        return Columns(name, track, max(track, value_end - figures - GAP), value_end)

    def _change_width(self) -> int:
        moves = [cell_len(self._movement(each)) + 2 for each in self.rows if each.movement is not None]
        return max([cell_len(one_row(self.headings[3])), *moves]) if moves else 0

    def _movement(self, ranked: Ranked) -> str:
        if ranked.movement is None or self.words is None:
            return ""
        if ranked.movement == "new":
            return self.words("widgets.moved_new")
        if ranked.movement == 0:
            return self.words("widgets.moved_level")
        key = "widgets.moved_up" if ranked.movement > 0 else "widgets.moved_down"
        return self.words(key, places=abs(ranked.movement))

    def _paint_headings(self, row: Row, look: Look) -> None:
        at = self._columns(row.width, look)
        style = self.ink("dim")
        row.put_right(at.name - GAP, self.headings[0], style)
        row.put(at.name, self.headings[1], style)
        row.put_right(at.value_end, self.headings[2], style)
        if self._change_width():
            row.put(at.value_end + GAP, self.headings[3], style)

    def _paint_target(self, row: Row, ranked: Ranked, y: int, look: Look) -> None:
        at, first = self._columns(row.width, look), ranked.rank == "1"
        ground = "raised" if first else None
        if first:
            row.put(0, " " * row.width, self.ink("foreground", ground))
        figure = self.ink("accent" if first else "foreground", ground, bold=True)
        put_number(row, at.name - GAP, ranked.rank, y, look, figure)
        if look.large:
            put_large(row, at.name, ranked.large_name(row.width // 2), y, self.ink("foreground", ground))
        elif y == look.middle:
            row.put(at.name, fit(ranked.name, at.track - GAP - at.name), self.ink("foreground", ground, bold=True))
        put_number(row, at.value_end, ranked.shown, y, look, figure)
        cells = at.track_end - at.track
        row.put(at.track, " " * cells, self.ink("foreground", "raised" if first else "panel"))
        if ranked.value is not None:
            begin = axis_start(self.rows, self.lowest)
            length = eighths(Fraction(ranked.value) - begin, self.highest - begin, cells)
            style = self.ink("accent" if first else "dim", "raised" if first else "panel")
            row.put_blocks(at.track, growing_bar(length), style)
        if y == look.middle:
            self._paint_movement(row, ranked, at.value_end + GAP, ground)

    def _paint_movement(self, row: Row, ranked: Ranked, column: int, ground: str | None) -> None:
        text = self._movement(ranked)
        if not text:
            return
        if isinstance(ranked.movement, int) and ranked.movement != 0:
            rising = ranked.movement > 0
            row.put(
                column, f" {text} ", self.ink(*(("chip-text", "ok") if rising else ("warning", "raised")), bold=True)
            )
        else:
            row.put(column + 1, text, self.ink("foreground", ground))

    def _axis_words(self) -> str:
        """Say where the axis begins, unless it begins at the lowest score."""
        begin = axis_start(self.rows, self.lowest)
        return self.words("widgets.axis_begins", value=begin) if self.words and begin > self.lowest else ""

    def _paint_axis(self, row: Row, look: Look) -> None:
        at = self._columns(row.width, look)
        row.put(at.name, fit(self._axis_words(), at.track - 1 - at.name), self.ink("dim"))
        begin = axis_start(self.rows, self.lowest)
        cells = at.track_end - at.track
        span = self.highest - begin
        tick = next((tick for tick in _TICKS if cells * tick >= 8 * span), _TICKS[-1])
        style = self.ink("dim", bold=True)
        for value in range(begin, self.highest, tick):
            column = at.track + (value - begin) * cells // max(1, span)
            if column + cell_len(str(value)) < at.track_end - cell_len(str(self.highest)):
                row.put(column, str(value), style)
        row.put_right(at.track_end, str(self.highest), style)
