"""The console's own widgets: a long table that draws what can be seen of it, the tiles of health, and the pages."""

from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.message import Message
from textual.reactive import reactive

from pingyi_terminal.widgets import Hint, KeyHints, Painting
from pingyi_terminal.widgets.cells import Row, clipped, fit

TileState = Literal["good", "watch", "bad", "unknown"]
INKS: dict[TileState, str] = {"good": "ok", "watch": "warning", "bad": "warning", "unknown": "faint"}
WHEEL = 3
GUTTER = 2
LEAST = 10
"""Cells that columns which grow leave to the one that has what is left."""

QUIET = frozenset({"good", "unknown"})


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: its text in a theme colour, on another one where it is a chip."""

    text: str
    colour: str = "foreground"
    bold: bool = False
    on: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading and so many cells, 0 for what is left; one with a ``most`` grows where there is room."""

    heading: str
    width: int
    most: int = 0


@dataclass(frozen=True, slots=True)
class Tile:
    """One thing that is well or not: what it is, its figure, a word more, and the word for its state."""

    label: str
    value: str
    detail: str
    word: str
    state: TileState


class Table(Painting):
    """Rows of cells under their headings; the ``cursor`` row stays in sight. A click and the wheel move it."""

    DEFAULT_CSS = """
    Table { width: 1fr; height: 1fr; }
    """

    columns: reactive[tuple[Column, ...]] = reactive[tuple[Column, ...]](())
    rows: reactive[tuple[tuple[Cell, ...], ...]] = reactive[tuple[tuple[Cell, ...], ...]](())
    cursor: reactive[int] = reactive(0)

    class Moved(Message):
        """The cursor is to be on ``row``; ``opened`` where that row was clicked on once more."""

        def __init__(self, row: int, *, opened: bool = False) -> None:
            super().__init__()
            self.row = row
            self.opened = opened

    @property
    def seen(self) -> int:
        """How many rows can be seen under the headings."""
        return max(1, self.size.height - 1)

    @property
    def first(self) -> int:
        """The first row that is seen."""
        latest = max(0, len(self.rows) - self.seen)
        return max(0, min(self.cursor - self.seen // 2, latest))

    def paint(self, y: int, row: Row) -> None:
        """Draw the headings, or one row."""
        index = self.first + y - 1
        if y == 0:
            self.draw(row, tuple(Cell(column.heading, "dim", bold=True) for column in self.columns), None)
        elif index < len(self.rows):
            marked = index == self.cursor
            ground = "raised" if marked else "panel" if index % 2 else None
            if ground:
                row.put(0, " " * row.width, self.ink("foreground", ground))
            self.draw(row, self.rows[index], ground)
            if marked:
                row.put(0, "█", self.ink("accent", ground))

    def draw(self, row: Row, cells: tuple[Cell, ...], ground: str | None) -> None:
        """Put cells into their columns."""
        at = 2
        for width, cell in zip(widths(self.columns, row.width), cells, strict=False):
            text = clipped(cell.text, width)
            filled = cell.on is not None and text
            shown = f" {text} " if filled else fit(text, width)
            row.put(
                at - 1 if filled else at, shown, self.ink(cell.colour, cell.on if filled else ground, bold=cell.bold)
            )
            at += width + 2

    def on_click(self, event: Click) -> None:
        """Go to the row that was clicked; on the one under the cursor, open it."""
        event.stop()
        index = self.first + event.y - 1
        if event.y > 0 and index < len(self.rows):
            self.post_message(self.Moved(index, opened=index == self.cursor))

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Move on."""
        event.stop()
        self.post_message(self.Moved(min(self.cursor + WHEEL, max(0, len(self.rows) - 1))))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Move back."""
        event.stop()
        self.post_message(self.Moved(max(self.cursor - WHEEL, 0)))


def widths(columns: tuple[Column, ...], room: int) -> tuple[int, ...]:
    """Return how many cells each column has in a row of ``room`` cells."""
    left = room - sum(column.width + GUTTER for column in columns)
    found = []
    for column in columns:
        more = max(0, min(column.most - column.width, left - LEAST))
        left -= more
        found.append(column.width + more)
    return tuple(width or max(0, left) for width in found)


class Tiles(Painting):
    """Tiles side by side, three rows high; where there is no room for that, one line of words and figures."""

    DEFAULT_CSS = """
    Tiles { width: 1fr; height: 3; }
    """

    tiles: reactive[tuple[Tile, ...]] = reactive[tuple[Tile, ...]](())

    def paint(self, y: int, row: Row) -> None:
        """Draw one row."""
        if not self.tiles:
            return
        if self.size.height == 1:
            self.paint_line(row)
            return
        count = len(self.tiles)
        for place, tile in enumerate(self.tiles):
            begin, following = (one * (row.width + GUTTER) // count for one in (place, place + 1))
            self.paint_tile(row, tile, y, (begin, following - GUTTER))

    def paint_tile(self, row: Row, tile: Tile, y: int, columns: tuple[int, int]) -> None:
        """Draw one row of a tile from one column up to another."""
        (begin, end), ink = columns, INKS[tile.state]
        row.put(begin, " " * (end - begin), self.ink("foreground", "panel"))
        row.put(begin, "█", self.ink(ink, "panel"))
        text, colour = ((tile.label, "dim"), (tile.value, "foreground"), (tile.detail, "dim"))[y]
        room = end - begin - 3 - (cell_len(tile.word) + 1 if y == 0 else 0)
        row.put(begin + 2, clipped(text, room), self.ink(colour, "panel", bold=y == 1))
        if y == 0:
            row.put_right(end - 1, tile.word, self.ink(ink, "panel", bold=True))

    def paint_line(self, row: Row) -> None:
        """Draw in one row those that fit; a well one is quiet and comes last."""
        column = 0
        for tile in sorted(self.tiles, key=lambda one: one.state in QUIET):
            ink = "dim" if tile.state in QUIET else "warning"
            text = f"{tile.label} {tile.value}"
            if column + cell_len(text) > row.width:
                return
            column = row.put(column, text, self.ink(ink, bold=ink == "warning")) + 2


class Pages(KeyHints):
    """The pages, the present one on gold. A click turns to one."""

    class Turned(Message):
        """The page at ``place`` is wanted."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def on_click(self, event: Click) -> None:
        """Turn to the page under the pointer."""
        event.stop()
        for place, (begin, end, hint, _) in enumerate(self.places(self.size.width)):
            if begin <= event.x < end and hint.chip:
                self.post_message(self.Turned(place))


def page_hints(names: tuple[str, ...], current: int) -> tuple[Hint, ...]:
    """Return the pages' names as hints."""
    return tuple(Hint("", name, "", "main" if place == current else "normal") for place, name in enumerate(names))
