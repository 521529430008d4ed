"""Counts as bars, always from zero: by value, by band. Zero is drawn as nothing, one as something."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from types import MappingProxyType

from rich.cells import cell_len
from textual.geometry import Size
from textual.reactive import reactive

from pingyi_protocol.meeting.definition import Band, ScoreRules
from pingyi_terminal.widgets.bigtext import big_text_width
from pingyi_terminal.widgets.blocks import eighths, growing_bar, rising_cell
from pingyi_terminal.widgets.cells import Row, fit, one_row
from pingyi_terminal.widgets.large import Look, look_for, put_large, put_number
from pingyi_terminal.widgets.painting import Painting
from pingyi_terminal.widgets.ruler import band_of, plain_number

STEPS_A_BAR = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
TICK = 5  # steps of the score between two labels of the axis
LEAST_VALUES = 21
WIDEST_PITCH = 4


@dataclass(frozen=True, slots=True)
class Axis:
    """Which values have a bar of their own, and where.

    ``values`` are the least of each bar, which holds those up to the next (``span``), from the first to the highest;
    bar ``i`` begins in column ``start + i * pitch`` and leaves one free column to the next where ``pitch`` allows.
    ``below``: values under the first share a column before it.
    """

    values: tuple[Decimal, ...]
    span: Decimal
    start: int
    pitch: int
    below: Decimal | None

    @property
    def bar(self) -> int:
        """The columns of one bar."""
        return max(1, self.pitch - 1)


def axis_for(rules: ScoreRules, counts: Mapping[Decimal, int], width: int) -> Axis:
    """Return the axis for these counts in ``width`` columns, with a bar for each step of the scores.

    Where more than half of the scores would lie below the axis, a bar holds 2, 5, 10 ... steps.
    """
    steps = int((rules.highest - rules.lowest) / rules.step)
    for steps_a_bar in chain(STEPS_A_BAR, (steps,)):
        axis = axis_with(rules, counts, width, steps_a_bar)
        under = sum(count for value, count in counts.items() if value < axis.values[0])
        if 2 * under <= sum(counts.values()) or steps_a_bar >= steps:
            break
    return axis


def axis_with(rules: ScoreRules, counts: Mapping[Decimal, int], width: int, steps_a_bar: int) -> Axis:
    """Return the axis whose bars hold so many steps of the scores each.

    It begins at a labelled value at or under the least score, and shows 21 values where there are so many. When that
    does not fit, it begins higher and says what lies below.
    """
    span = rules.step * steps_a_bar
    bars = int((rules.highest - rules.lowest) / span)
    scored = [int((value - rules.lowest) / span) for value, count in counts.items() if count > 0]
    first = min([*scored, max(0, bars - LEAST_VALUES + 1)]) // TICK * TICK
    room = width - 2  # half of the last label stands beyond its bar
    narrowest = 2 if room >= 2 * LEAST_VALUES else 1
    below = bars - first + 1 > room // narrowest
    label = f"{plain_number(rules.highest)}-"
    start = cell_len(label) + 2 if below else 0
    if below:
        while bars - first + 1 > (room - start) // narrowest and first < bars:
            first = min(bars, first + TICK)
    values = tuple(rules.lowest + bar * span for bar in range(first, bars + 1))
    pitch = max(1, min(WIDEST_PITCH, (room - start) // len(values)))
    return Axis(values, span, start, pitch, values[0] - rules.step if below else None)


def heights(axis: Axis, counts: Mapping[Decimal, int]) -> tuple[int, ...]:
    """Return how many gave what each bar holds; a score under weighted criteria may lie between two steps."""
    held = [0] * len(axis.values)
    for value, count in counts.items():
        if value >= axis.values[0]:
            held[int((value - axis.values[0]) / axis.span)] += count
    return tuple(held)


class Distribution(Painting):
    """How many gave each value, as vertical bars; those of ``band`` are in the accent. The last row is the axis.

    Values that lie below the axis share a first column named after the greatest of them, as in ``69-``.
    """

    DEFAULT_CSS = """
    Distribution { width: 1fr; height: 5; }
    """

    rules: reactive[ScoreRules] = reactive(ScoreRules())
    counts: reactive[Mapping[Decimal, int]] = reactive[Mapping[Decimal, int]](MappingProxyType({}))
    band: reactive[Band | None] = reactive[Band | None](None)

    def __init__(
        self,
        rules: ScoreRules,
        counts: Mapping[Decimal, int],
        band: Band | None = None,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(Distribution.rules, rules)
        self.set_reactive(Distribution.counts, counts)
        self.set_reactive(Distribution.band, band)

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the bars, or the axis."""
        axis = axis_for(self.rules, self.counts, row.width)
        bars = self.size.height - 1
        if y == bars:
            self._paint_axis(row, axis)
            return
        under = sum(count for value, count in self.counts.items() if value < axis.values[0])
        held = heights(axis, self.counts)
        most = max([under if axis.below is not None else 0, *held])
        from_base = bars - 1 - y
        if axis.below is not None:
            row.put_blocks(1, rising_cell(eighths(under, most, bars), from_base) * axis.bar, self.ink("dim"))
        for index, value in enumerate(axis.values):
            block = rising_cell(eighths(held[index], most, bars), from_base)
            in_band = self.band is not None and band_of(self.rules, value) == self.band
            row.put_blocks(axis.start + index * axis.pitch, block * axis.bar, self.ink("accent" if in_band else "dim"))

    def _paint_axis(self, row: Row, axis: Axis) -> None:
        style = self.ink("foreground", bold=True)
        if axis.below is not None:
            row.put(0, f"{plain_number(axis.below)}-", style)
        row.put(axis.start, "▔" * (len(axis.values) * axis.pitch - axis.pitch + axis.bar), self.ink("rule"))
        for index in range(0, len(axis.values), TICK):
            label = plain_number(axis.values[index])
            column = axis.start + index * axis.pitch + (axis.bar - 1) // 2 - (cell_len(label) - 1) // 2
            row.put(max(column, axis.start), label, style)


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar: its label and count, and whether it leads to the figure that matters."""

    label: str
    count: int
    highlighted: bool = False


class BandBars(Painting):
    """A bar a line with its label before and its count behind. ``whole`` is what fills the track, else the sum.

    The lines are as large as all of them can be in the height that there is; of itself each takes one row.
    """

    DEFAULT_CSS = """
    BandBars { width: 1fr; }
    """

    bars: reactive[tuple[Bar, ...]] = reactive(())
    whole: reactive[int | None] = reactive[int | None](None)

    def __init__(
        self,
        bars: tuple[Bar, ...] = (),
        whole: int | None = None,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(BandBars.bars, bars)
        self.set_reactive(BandBars.whole, whole)

    def watch_bars(self, before: tuple[Bar, ...], after: tuple[Bar, ...]) -> None:
        """Lay out anew when there are more or fewer bars."""
        if len(before) != len(after):
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return one row a bar."""
        return len(self.bars)

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of a bar."""
        look = self.look(row.width)
        place, inside = divmod(y, look.pitch)
        if place >= len(self.bars) or inside >= look.rows:
            return
        bar = self.bars[place]
        labels, figures = self.label_columns(look), self.count_columns(look)
        whole = sum(each.count for each in self.bars) if self.whole is None else self.whole
        track = max(0, row.width - labels - figures - 4)
        if look.large:
            put_large(row, labels - (big_text_width(bar.label) or 0), bar.label, inside, self.ink("foreground"))
        elif inside == look.middle:
            row.put(0, fit(bar.label, labels, "right"), self.ink("foreground", bold=True))
        row.put(labels + 2, " " * track, self.ink("foreground", "panel"))
        colour = "accent" if bar.highlighted else "dim"
        row.put_blocks(labels + 2, growing_bar(eighths(bar.count, whole, track)), self.ink(colour, "panel"))
        style = self.ink("foreground" if bar.count else "dim", bold=bar.count > 0)
        put_number(row, row.width, str(bar.count), inside, look, style)

    def look(self, columns: int) -> Look:
        """Return the largest look in this height that leaves the bars a third of the columns."""

        def suits(look: Look) -> bool:
            named = not look.large or all(big_text_width(bar.label) for bar in self.bars)
            return named and 3 * (self.label_columns(look) + self.count_columns(look)) <= 2 * columns

        return look_for(len(self.bars), self.size.height, suits)

    def label_columns(self, look: Look) -> int:
        """Return the columns of the longest label."""
        width = big_text_width if look.large else lambda label: cell_len(one_row(label))
        return max((width(bar.label) or 0 for bar in self.bars), default=0)

    def count_columns(self, look: Look) -> int:
        """Return the columns of the longest count."""
        return max((look.width(str(bar.count)) for bar in self.bars), default=0)
