"""The table of a sheet: rows to score, to choose on or to tick, with what is missing marked."""

from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from pingyi_protocol.meeting.definition import Option
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.faces import Filling
from pingyi_terminal.seat.sheet_line import SheetLine
from pingyi_terminal.seat.sheet_rows import EARLIER, NUMBER, Columns, SheetRow, columns_of, rows_of
from pingyi_terminal.widgets import Painting, plain_number
from pingyi_terminal.widgets.cells import Row


class SheetTable(Painting):
    """Paints the entries of ``sheet`` under a heading; scrolls so that the line being filled in is seen.

    A row that misses its answer says so by word and left mark. A click posts ``Picked``.
    """

    class Picked(Message):
        """A person touched line ``row`` of the form, and an ``option`` on it."""

        def __init__(self, row: int, option: Option | None) -> None:
            super().__init__()
            self.row = row
            self.option = option

    words: reactive[Catalogue | None] = reactive(None)
    sheet: reactive[Filling | None] = reactive(None, layout=True)

    def __init__(self, words: Catalogue, sheet: Filling) -> None:
        super().__init__()
        self.set_reactive(SheetTable.words, words)
        self.set_reactive(SheetTable.sheet, sheet)
        self.top = 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return a row for the heading and those of the sheet."""
        return 1 + len(rows_of(self.sheet)) if self.sheet else 1

    def first_row(self, sheet: Filling, rows: tuple[SheetRow, ...]) -> int:
        """Return the row in the first line under the heading."""
        room = max(1, self.size.height - 1)
        row = next((at for at, one in enumerate(rows) if one.holds(sheet.draft.row)), 0)
        self.top = max(min(self.top, row, len(rows) - room), row - room + 1, 0)
        return self.top

    def paint(self, y: int, row: Row) -> None:
        """Draw the heading or one line."""
        if self.sheet is None or self.words is None:
            return
        columns = columns_of(self.sheet, self.words, row.width)
        if y == 0:
            self._paint_heading(row, columns, self.words, self.sheet)
            return
        rows = rows_of(self.sheet)
        index = self.first_row(self.sheet, rows) + y - 1
        if index < len(rows):
            SheetLine(self, row, columns, self.words, self.sheet).paint(rows[index], striped=index % 2 == 0)

    def _paint_heading(self, row: Row, columns: Columns, words: Catalogue, sheet: Filling) -> None:
        dim = self.ink("dim")
        row.put_right(NUMBER - 1, words("seat.column_number"), dim)
        if sheet.form.selects:
            row.put(columns.options[0][2] + 2, words("seat.column_candidate"), dim)
            return
        row.put(NUMBER + 1, words("seat.column_target"), dim)
        if columns.score > columns.earlier:
            row.put_right(columns.earlier + EARLIER - 2, words("seat.column_earlier"), dim)
        if columns.band > columns.score:
            row.put(columns.score + 2, words("seat.column_score"), dim)
        if columns.shows_band:
            row.put(columns.band + 1, words("seat.column_band"), dim)
        for key, (_, begin, end) in enumerate(columns.options, start=1):
            row.put(begin + (end - begin - 1) // 2, str(key), dim)
        if columns.options and columns.band > columns.score:
            row.put(columns.state + 1, words("seat.column_question"), dim)
        if columns.end > columns.track:
            row.put(columns.track + 1, plain_number(sheet.form.scale.lowest), dim)
            row.put_right(columns.end, plain_number(sheet.form.scale.highest), dim)

    def on_click(self, event: Click) -> None:
        """Post which line was touched, and which of its options."""
        event.stop()
        if self.sheet is None or self.words is None:
            return
        rows = rows_of(self.sheet)
        index = self.first_row(self.sheet, rows) + event.y - 1
        if event.y < 1 or index >= len(rows):
            return
        touched = rows[index]
        options = columns_of(self.sheet, self.words, self.size.width).options
        option = next((one for one, begin, end in options if begin <= event.x < end), None)
        line = touched.choice if option is not None or touched.score is None else touched.score
        if line is not None:
            self.post_message(self.Picked(line, option))
