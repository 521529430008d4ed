"""The lists of the chair's screen: the agenda, people by seat, and rows of figures. Data is never markup."""

from rich.cells import cell_len
from rich.style import Style
from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.parts import AgendaLine, Somebody, TargetRow
from pingyi_terminal.widgets import SeatLegend, SeatState
from pingyi_terminal.widgets.cells import Row, clipped, cut, fit, one_row
from pingyi_terminal.widgets.painting import Painting

NARROWEST, WIDEST = 2, 6
"""Columns of an item's number in the agenda."""

SPACIOUS = 3
"""Rows of an item with a free one after it."""

STRUCK = Style(strike=True)

FEW = 3
"""So many people stand large."""


class AgendaList(Painting):
    """The items with their states. Where there is no room for all, those around the cursor and how many are beyond.

    A click posts ``Chosen``.
    """

    DEFAULT_CSS = """
    AgendaList { width: 1fr; height: 1fr; }
    """

    lines: reactive[tuple[AgendaLine, ...]] = reactive[tuple[AgendaLine, ...]](())
    words: reactive[Catalogue | None] = reactive[Catalogue | None](None)

    class Chosen(Message):
        """The item with this id was clicked."""

        def __init__(self, item: str) -> None:
            super().__init__()
            self.item = item

    @property
    def number(self) -> int:
        """Columns of the items' numbers: as many as the widest needs, within bounds."""
        return max(NARROWEST, min(WIDEST, max((cell_len(line.mark) for line in self.lines), default=0)))

    @property
    def pitch(self) -> int:
        """Rows from one item to the next: title, state, and a free one where all have it."""
        return SPACIOUS if SPACIOUS * len(self.lines) - 1 <= self.size.height else SPACIOUS - 1

    @property
    def window(self) -> range:
        """The indices of the items shown; fewer than all leave the last row free for saying so."""
        count, rows = len(self.lines), self.size.height
        if self.pitch * count - (self.pitch == SPACIOUS) <= rows:
            return range(count)
        shown = max(1, (rows - 1) // self.pitch)
        cursor = next((index for index, line in enumerate(self.lines) if line.cursor), 0)
        first = max(0, min(cursor - shown // 2, count - shown))
        return range(first, min(count, first + shown))

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of an item."""
        window = self.window
        index, part = window.start + y // self.pitch, y % self.pitch
        if index in window and part < 2:  # noqa: PLR2004 - title and state
            self._paint_item(row, self.lines[index], part)
        elif y == self.size.height - 1 and len(window) < len(self.lines) and self.words:
            beyond = (("above", window.start), ("below", len(self.lines) - window.stop))
            text = "  ".join(self.words(f"chair.agenda_{where}", count=count) for where, count in beyond if count)
            row.put(1, text, self.ink("dim"))

    def _paint_item(self, row: Row, line: AgendaLine, part: int) -> None:
        ground = "raised" if line.cursor else None
        # before the title: the edge of the cursor, the number, a free column
        number, title_at = self.number, self.number + 2
        if line.cursor:
            row.put(0, " " * row.width, self.ink("foreground", ground))
            row.put(0, "▌", self.ink("accent", ground))
        if part == 1:
            room = row.width - title_at
            state = clipped(line.bare if line.bare and cell_len(line.state.text) > room else line.state.text, room)
            row.put(title_at, state, self.ink(line.state.tone, ground, bold=line.stage))
            return
        row.put(1, fit(line.mark, number, "right"), self.ink("accent" if line.stage else "dim", ground, bold=True))
        title = self.ink("foreground" if line.stage or line.cursor else "dim", ground, bold=line.stage)
        struck = STRUCK if line.withdrawn else Style.null()
        row.put(title_at, clipped(line.title, row.width - title_at), title + struck)

    def on_click(self, event: Click) -> None:
        """Choose the item under the pointer."""
        event.stop()
        index = event.y // self.pitch + self.window.start
        if index in self.window:
            self.post_message(self.Chosen(self.lines[index].item))


class Legend(SeatLegend):
    """What the seats' letters mean now, with their numbers: only the states that there can be."""

    entries: reactive[tuple[tuple[SeatState, str], ...]] = reactive[tuple[tuple[SeatState, str], ...]](())

    def paint(self, y: int, row: Row) -> None:
        """Draw the legend."""
        column = 0
        for state, text in self.entries if y == 0 else ():
            column = row.put(column, self.letter(state), self.look(state)) + 1
            column = row.put(column, text, self.ink("faint" if state is SeatState.ABSENT else "dim")) + 3


class PeopleList(Painting):
    """Who is missing: three in large fields, more in columns, and the number of those without room at the end."""

    DEFAULT_CSS = """
    PeopleList { width: 1fr; height: 1fr; }
    """
    COLUMN = 19
    WIDEST = 30
    LOOKS = {  # noqa: RUF012 - read only; ink of the letter, its ground, ink of the name
        SeatState.LOST: ("chip-text", "warning", "warning"),
        SeatState.PRESENT: ("background", "foreground", "foreground"),
        SeatState.ABSENT: ("dim", "raised", "dim"),
    }

    people: reactive[tuple[Somebody, ...]] = reactive[tuple[Somebody, ...]](())
    words: reactive[Catalogue | None] = reactive[Catalogue | None](None)

    def paint(self, y: int, row: Row) -> None:
        """Draw one row."""
        if self.words is None or not self.people:
            return
        if len(self.people) <= FEW and self.size.height >= 3:  # noqa: PLR2004 - rows of a field
            if y < 3:  # noqa: PLR2004 - rows of a field
                self._paint_fields(y, row)
            return
        columns = max(1, (row.width + 2) // (self.COLUMN + 2))
        room = columns * self.size.height
        for column in range(columns):
            place = y * columns + column
            if place == room - 1 and len(self.people) > room:
                left = self.words("chair.more_people", count=len(self.people) - room + 1)
                row.put(column * (self.COLUMN + 2), cut(left, self.COLUMN), self.ink("warning", bold=True))
            elif place < len(self.people):
                self._paint_one(row, column * (self.COLUMN + 2), self.people[place])

    def _letter(self, state: SeatState) -> str:
        return self.words(f"widgets.state_{state}") if self.words else ""

    def _paint_one(self, row: Row, column: int, who: Somebody) -> None:
        letter, ground, name = self.LOOKS[who.state]
        end = column + self.COLUMN
        after = row.put(column, self._letter(who.state), self.ink(letter, ground, bold=True)) + 1
        if who.seat:
            after = row.put(after, cut(who.seat, 5), self.ink("dim")) + 1
        row.put(after, clipped(who.name, end - after), self.ink(name, bold=who.state is not SeatState.ABSENT))

    def _paint_fields(self, y: int, row: Row) -> None:
        room = (row.width + 1) // len(self.people) - 1
        field = max(self.COLUMN, min(room, self.WIDEST))
        for place, who in enumerate(self.people):
            ink, ground, _ = self.LOOKS[who.state]
            begin = place * (field + 1)
            row.put(begin, " " * field, self.ink(ink, ground))
            if y == 1:
                text = clipped(f"{self._letter(who.state)} {one_row(who.seat)} {one_row(who.name)}", field - 2)
                row.put(begin + 1, text, self.ink(ink, ground, bold=True))


class TargetRows(Painting):
    """Rows of figures: a name, its figure, and its band or outcome where all of them fit."""

    DEFAULT_CSS = """
    TargetRows { width: 1fr; height: 1fr; }
    """
    MEASURE = 7
    BAND = 8

    rows: reactive[tuple[TargetRow, ...]] = reactive[tuple[TargetRow, ...]](())
    words: reactive[Catalogue | None] = reactive[Catalogue | None](None)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return a row a target."""
        return len(self.rows)

    def paint(self, y: int, row: Row) -> None:
        """Draw one target, or how many more there are."""
        if y >= len(self.rows) or self.words is None:
            return
        if y == self.size.height - 1 and len(self.rows) > self.size.height:
            row.put(0, self.words("chair.more_targets", count=len(self.rows) - y), self.ink("dim"))
            return
        one = self.rows[y]
        bands = max(cell_len(each.band) for each in self.rows)
        end = row.width - (bands + 1 if bands <= self.BAND else 0)
        measures = max(self.MEASURE, *(cell_len(each.shown) for each in self.rows))
        row.put(0, clipped(one.name, end - measures - 1), self.ink("dim"))
        row.put_right(end, one.shown, self.ink("foreground", bold=True))
        if bands <= self.BAND:
            row.put(end + 1, one.band, self.ink("dim"))
