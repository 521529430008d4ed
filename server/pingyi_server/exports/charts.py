"""Charts of documents as SVG: one house style, told apart by hatching and words, never by colour alone.

Text stays text, in whatever font the document has for it. The same chart gives the same bytes anywhere: the library
asks no font of the machine for the width of Chinese, and no clock or random source for names.
"""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from rich.cells import cell_len, chop_cells

from pingyi_server.exports.pen import CELL, picture_of, width_of
from pingyi_server.exports.report.parts import Bars, Chart, Distribution, Mark, Stack

WIDTH = 400.0
"""Points. A phone shows nine tenths of it."""

SIZE = 13.0
LINE = 19.0
MARGIN = 8.0
BAR = 13.0
"""Points: letters, a line of them, the margin, a lying bar."""

SAID_AT_BARS = 26
"""With more columns than this there is no room for a number on each."""

STEPS = (1, 2, 5, 10)
"""By which steps axes count, times powers of ten."""

INK, DIM, RULE = "#111111", "#555555", "#cccccc"
FAMILIES = ("Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif")


class Fill(NamedTuple):
    """How a kind of bar is filled: a tone of its own, and hatching that a grey copy keeps."""

    face: str
    hatch: str


class Layout(NamedTuple):
    """In points: how high a ``row`` is, its bar's ``middle`` in it, where bars begin, and how high ``columns`` are."""

    row: float
    middle: float
    left: float
    columns: float

    @property
    def plot(self) -> float:
        """How long the longest bar may be."""
        return WIDTH - MARGIN - self.left


def above() -> Layout:
    """Return the layout for narrow screens: each name above its bar."""
    return Layout(42.0, 42.0 - BAR / 2 - 5, MARGIN, 150.0)


def beside(names: Sequence[str]) -> Layout:
    """Return the layout for paper, which is a third flatter: names to the left of bars, of which they leave most."""
    widest = max((width_of(name, SIZE) for name in names), default=0.0)
    return Layout(22.0, 11.0, MARGIN + min(widest, WIDTH * 0.4) + 6, 100.0)


FILLS = (
    *(Fill("#1f4e79", ""), Fill("#cfe0f1", "////"), Fill("#ffffff", "xxx"), Fill("#d1ac55", "")),
    *(Fill("#f1e6c8", "---"), Fill("#787878", ""), Fill("#ffffff", "|||"), Fill("#d5ead8", "\\\\\\\\")),
)


def svg_of(chart: Chart, families: Sequence[str] = FAMILIES, name: str = "chart", *, flat: bool = False) -> str:
    """Return a chart as an SVG element whose text is set in the first of ``families`` that is there.

    What has to be named in it begins with ``name``: give each chart of a page its own. A ``flat`` one is for paper.
    """
    layout = beside([one.label for one in chart.bars]) if flat else above()
    match chart:
        case Bars():
            figure = bars(chart, layout)
        case Distribution():
            figure = distribution(chart, layout)
        case Stack():
            figure = stack(chart, layout)
    return picture_of(figure, families, name)


def canvas(head: float, body: float, foot: float, left: float = MARGIN) -> tuple[Figure, Axes]:
    """Return a picture whose plot is so many points high, between a head and a foot for words."""
    height = head + body + foot
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
    axes = figure.add_axes((left / WIDTH, foot / height, 1 - (left + MARGIN) / WIDTH, body / height))
    figure.patch.set_visible(False)
    axes.patch.set_visible(False)
    axes.tick_params(colors=DIM, labelsize=SIZE - 2, length=0)
    axes.grid(visible=True, color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return figure, axes


def fill(patch: Rectangle, kind: int) -> None:
    """Fill a bar as its kind is filled."""
    chosen = FILLS[kind % len(FILLS)]
    patch.set_facecolor(chosen.face)
    patch.set_edgecolor(INK)
    patch.set_linewidth(0.7)
    patch.set_hatch(chosen.hatch)
    patch.set_hatch_linewidth(0.6)
    patch.set_clip_on(False)


def cut(text: str, room: float, size: float = SIZE) -> str:
    """Return a text that fits into so many points; its end gives way to dots."""
    cells = int(room / (CELL * size))
    return text if cell_len(text) <= cells else chop_cells(text, max(2, cells - 3))[0] + "..."


def legend_lines(kinds: Sequence[str]) -> list[list[tuple[int, str]]]:
    """Return the kinds of bars with their places, in lines that fit."""
    lines: list[list[tuple[int, str]]] = []
    room = 0.0
    for place, name in enumerate(kinds):
        needed = 2 * LINE + width_of(name, SIZE)
        if not lines or room < needed:
            lines.append([])
            room = WIDTH - 2 * MARGIN
        lines[-1].append((place, cut(name, WIDTH - 2 * MARGIN - 2 * LINE)))
        room -= needed
    return lines


def draw_legend(figure: Figure, kinds: Sequence[str], top: float) -> None:
    """Draw a swatch and a name for each kind, ``top`` points below the upper edge."""
    height = figure.get_figheight() * 72
    for number, line in enumerate(legend_lines(kinds)):
        left, middle = MARGIN, height - top - LINE * (number + 0.5)
        for place, name in line:
            swatch = Rectangle((left / WIDTH, (middle - 5) / height), LINE / WIDTH, 10 / height)
            swatch.set_transform(figure.transFigure)
            figure.add_artist(swatch)
            fill(swatch, place)
            start = left + LINE + 5
            figure.text(start / WIDTH, (middle - 4) / height, name, size=SIZE, color=INK)
            left = start + width_of(name, SIZE) + LINE - 5


def draw_mark(axes: Axes, mark: Mark, lowest: float, highest: float, plot: float = WIDTH - 2 * MARGIN) -> None:
    """Draw a line across the plot, which is so many points wide, and say above it what it is."""
    value = float(mark.value)
    if not lowest <= value <= highest:
        return
    axes.axvline(value, color=INK, linewidth=1.2, linestyle=(0, (4, 2)), clip_on=False)
    part = (value - lowest) / (highest - lowest)
    half = width_of(mark.text, SIZE) / 2 / plot
    align = "left" if part < half else "right" if part > 1 - half else "center"
    axes.annotate(
        mark.text, (part, 1), xycoords="axes fraction", xytext=(0, 5), textcoords="offset points", ha=align, size=SIZE
    )


def lying(
    names: Sequence[str], kinds: Sequence[str], mark: Mark | None, foot: str, layout: Layout
) -> tuple[Figure, Axes]:
    """Return a picture with a row for each of these names."""
    head = LINE * len(legend_lines(kinds)) + (LINE if mark is not None else 0) + MARGIN
    figure, axes = canvas(head, layout.row * len(names), 2 * LINE if foot else LINE + 4, layout.left)
    draw_legend(figure, kinds, MARGIN / 2)
    axes.set_ylim(len(names), 0)
    axes.set_yticks([])
    is_above = layout.left <= MARGIN
    for place, name in enumerate(names):
        axes.annotate(
            cut(name, layout.plot if is_above else layout.left - MARGIN - 6),
            (0, place if is_above else place + layout.middle / layout.row),
            xycoords=axes.get_yaxis_transform(),
            xytext=(0, -15) if is_above else (MARGIN - layout.left, -4),
            textcoords="offset points",
            size=SIZE,
            color=INK,
        )
    if foot:
        figure.text(1 - MARGIN / WIDTH, 5 / (figure.get_figheight() * 72), foot, ha="right", size=SIZE - 2, color=DIM)
    return figure, axes


def scale(axes: Axes, lowest: float, greatest: float, said: Sequence[str], plot: float) -> float:
    """Let the axis hold ``greatest`` with room for what is said at a bar's end; return where the axis ends."""
    room = max((width_of(one, SIZE) for one in said), default=0.0) + 10
    highest = lowest + max(greatest - lowest, 1) * plot / (plot - room)
    axes.set_xlim(lowest, highest)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=STEPS))
    return highest


def say(axes: Axes, value: float, middle: float, text: str) -> None:
    """Write what stands at a bar's end."""
    axes.annotate(text, (value, middle), xytext=(5, -4), textcoords="offset points", size=SIZE, weight=700, color=INK)


def bars(chart: Bars, layout: Layout) -> Figure:
    """Draw lying bars."""
    figure, axes = lying([one.label for one in chart.bars], chart.kinds, chart.mark, chart.start_said, layout)
    start = float(chart.start)
    most = [float(one.value) for one in chart.bars]
    most += [float(chart.mark.value)] if chart.mark is not None else []
    highest = scale(axes, start, max(most, default=start), [one.shown for one in chart.bars], layout.plot)
    for place, one in enumerate(chart.bars):
        value, middle = float(one.value), place + layout.middle / layout.row
        [patch] = axes.barh(middle, value - start, BAR / layout.row, left=start)
        fill(patch, one.kind)
        say(axes, value, middle, one.shown)
    if chart.mark is not None:
        draw_mark(axes, chart.mark, start, highest, layout.plot)
    return figure


def stack(chart: Stack, layout: Layout) -> Figure:
    """Draw lying bars of several pieces."""
    figure, axes = lying([one.label for one in chart.bars], chart.kinds, None, "", layout)
    totals = [float(sum(one.pieces)) for one in chart.bars]
    scale(axes, 0, max(totals, default=0), [one.shown for one in chart.bars], layout.plot)
    for place, one in enumerate(chart.bars):
        pieces, middle = list(map(float, one.pieces)), place + layout.middle / layout.row
        for kind, (left, piece) in enumerate(zip([0.0, *accumulate(pieces)], pieces, strict=False)):
            [patch] = axes.barh(middle, piece, BAR / layout.row, left=left)
            fill(patch, kind)
        say(axes, totals[place], middle, one.shown)
    return figure


def distribution(chart: Distribution, layout: Layout) -> Figure:
    """Draw a column at each value that was given."""
    lines = len(legend_lines(chart.kinds)) + 2
    figure, axes = canvas(LINE * lines + MARGIN, layout.columns, 2 * LINE)
    draw_legend(figure, chart.kinds, MARGIN / 2)
    lowest, highest = float(chart.lowest), float(chart.highest)
    values = [float(one.label) for one in chart.bars]
    wide = columns_width(values, highest - lowest)
    axes.set_xlim(lowest - wide, highest + wide)
    for one, value in zip(chart.bars, values, strict=True):
        [patch] = axes.bar(value, float(one.value), wide)
        fill(patch, one.kind)
        if len(chart.bars) <= SAID_AT_BARS:
            axes.annotate(
                one.shown,
                (value, float(one.value)),
                xytext=(0, 3),
                textcoords="offset points",
                ha="center",
                size=SIZE - 1,
                zorder=4,
                bbox={"facecolor": "#ffffff", "edgecolor": "none", "pad": 0},
            )
    axes.set_ylim(0, 1.12 * max((float(one.value) for one in chart.bars), default=1))
    axes.xaxis.set_major_locator(MaxNLocator(10, integer=True, steps=STEPS))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True, steps=STEPS, prune="lower"))
    axes.tick_params(axis="y", pad=-3, labelsize=SIZE - 2)
    axes.grid(visible=False, axis="x")
    axes.axhline(0, color=INK, linewidth=1)
    height = figure.get_figheight() * 72
    figure.text(MARGIN / WIDTH, (2 * LINE + layout.columns + 5) / height, chart.up, size=SIZE - 2, color=DIM)
    figure.text(1 - MARGIN / WIDTH, 5 / height, chart.across, ha="right", size=SIZE - 2, color=DIM)
    if chart.mark is not None:
        draw_mark(axes, chart.mark, lowest - wide, highest + wide)
    return figure


def columns_width(values: Sequence[float], span: float) -> float:
    """Return how wide a column is: four fifths of the least distance between two, and never a hair."""
    between = list(distances(sorted(values)))
    return max(0.8 * min([*between, max(span, 1) / 20]), max(span, 1) / 300)


def distances(values: Sequence[float]) -> Iterator[float]:
    """Yield how far each value is from the one before it."""
    for before, after in pairwise(values):
        yield after - before
