"""The table of a sheet: a line a target, the own earlier score beside the new one, and a track for both."""

from decimal import Decimal
from fractions import Fraction

from textual.events import Click
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.draft import Stage, answered, fault_of, score_of
from pingyi_terminal.seat.faces import Filling
from pingyi_terminal.widgets import Painting, band_of, plain_number
from pingyi_terminal.widgets.blocks import HATCH
from pingyi_terminal.widgets.cells import Row, clipped, fit

NUMBER = 5
EARLIER = 8
SCORE = 10
BAND = 10
TRACK = 18
NARROWEST_NAME = 20


class SheetTable(Painting):
    """Paints the entries of ``sheet`` under a heading; scrolls so that the row typed in is seen.

    A row that misses its score says so by word, left mark and empty track. A click posts ``Picked``.
    """

    class Picked(Message):
        """A person touched the line of target ``row``."""

        def __init__(self, row: int) -> None:
            super().__init__()
            self.row = row

    words: reactive[Catalogue | None] = reactive(None)
    sheet: reactive[Filling | None] = reactive(None)

    def __init__(self, words: Catalogue, sheet: Filling) -> None:
        super().__init__()
        self.set_reactive(SheetTable.words, words)
        self.set_reactive(SheetTable.sheet, sheet)
        self.top = 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return a row for the heading and one for each target."""
        return 1 + len(self.sheet.targets) if self.sheet else 1

    def first_row(self) -> int:
        """Return the target in the first line under the heading."""
        if self.sheet is None:
            return 0
        room = max(1, self.size.height - 1)
        row, count = self.sheet.draft.row, len(self.sheet.targets)
        self.top = max(min(self.top, row, count - room), row - room + 1, 0)
        return self.top

    def columns(self) -> tuple[int, int, int, int, int]:
        """Return where earlier score, score, band and track begin, and where the track ends."""
        earlier = EARLIER if self.sheet is not None and self.sheet.earlier is not None else 0
        width = self.size.width
        track = TRACK if width - NUMBER - earlier - SCORE - BAND - TRACK >= NARROWEST_NAME else 0
        band = width - track - BAND
        score = band - SCORE - 1
        return score - earlier, score, band, width - track, width

    def paint(self, y: int, row: Row) -> None:
        """Draw the heading or one line."""
        if self.sheet is None or self.words is None:
            return
        if y == 0:
            self._paint_heading(row, self.words, self.sheet)
            return
        index = self.first_row() + y - 1
        if index < len(self.sheet.targets):
            self._paint_line(row, index, self.words, self.sheet)

    def _paint_heading(self, row: Row, words: Catalogue, sheet: Filling) -> None:
        earlier, score, band, track, end = self.columns()
        dim = self.ink("dim")
        row.put_right(NUMBER - 1, words("seat.column_number"), dim)
        row.put(NUMBER + 1, words("seat.column_target"), dim)
        if sheet.earlier is not None:
            row.put_right(earlier + EARLIER - 2, words("seat.column_earlier"), dim)
        row.put(score + 2, words("seat.column_score"), dim)
        row.put(band + 1, words("seat.column_band"), dim)
        if end > track:
            row.put(track, plain_number(sheet.item.rules.lowest), dim)
            row.put_right(end, plain_number(sheet.item.rules.highest), dim)

    def _paint_line(self, row: Row, index: int, words: Catalogue, sheet: Filling) -> None:
        rules, entry = sheet.item.rules, sheet.draft.entries[index]
        reviewing = sheet.draft.stage is Stage.CONFIRMING
        current = index == sheet.draft.row and not reviewing
        missing = not answered(entry, rules)
        ground = "raised" if current else "panel" if index % 2 == 0 else "background"
        earlier, _, band, track, end = self.columns()
        row.put(0, " " * row.width, self.ink("foreground", ground))
        if current:
            row.put(0, "▌", self.ink("accent", ground))
        row.put_right(NUMBER - 1, str(index + 1), self.ink("dim", ground))
        name = clipped(sheet.targets[index].name, earlier - NUMBER - 2)
        row.put(NUMBER + 1, name, self.ink("foreground", ground, bold=current or missing))
        before = self._paint_earlier(row, index, words, sheet, ground)
        value = score_of(entry, rules)
        grade = band_of(rules, value) if value is not None else None
        if grade and not sheet.frame.discreet:
            row.put(band + 1, fit(grade.name, BAND - 2), self.ink("foreground", ground))
        self._paint_score(row, index, words, sheet, ground)
        if end > track:
            self._paint_track(row, (track, end), value, before, sheet, ground)

    def _paint_earlier(self, row: Row, index: int, words: Catalogue, sheet: Filling, ground: str) -> Decimal | None:
        if sheet.earlier is None or sheet.frame.discreet:
            return None
        before = sheet.earlier.answers[index].score
        shown = words("seat.abstained") if before is None else plain_number(before)
        row.put_right(self.columns()[0] + EARLIER - 2, shown, self.ink("dim", ground))
        return before

    def _paint_score(self, row: Row, index: int, words: Catalogue, sheet: Filling, ground: str) -> None:
        rules, entry, draft = sheet.item.rules, sheet.draft.entries[index], sheet.draft
        begin = self.columns()[1]
        current = index == draft.row and draft.stage is Stage.FILLING
        text = words("seat.abstained") if entry.abstains else entry.text
        if sheet.frame.discreet and text:
            text = HATCH * 3
        if current:
            wrong = fault_of(entry, rules) is not None
            shown = text or words("seat.please_type")
            field = "warning" if wrong else "accent"
            row.put(begin + 1, fit(shown, SCORE - 1, "center"), self.ink("chip-text", field, bold=True))
        elif not answered(entry, rules):
            row.put(begin + 1, "▌", self.ink("warning", ground))
            shown = text or words("seat.not_filled")
            row.put(begin + 3, fit(shown, SCORE - 3), self.ink("warning", ground, bold=True))
        else:
            row.put(begin + 1, fit(text, SCORE - 1, "center"), self.ink("accent", ground, bold=True))

    def _paint_track(
        self,
        row: Row,
        place: tuple[int, int],
        value: Decimal | None,
        before: Decimal | None,
        sheet: Filling,
        ground: str,
    ) -> None:
        begin, end = place
        rules, width = sheet.item.rules, end - begin

        def column(score: Decimal) -> int:
            return round(Fraction(score - rules.lowest) / Fraction(rules.highest - rules.lowest) * (width - 1))

        row.put(begin, "─" * width, self.ink("rule", ground))
        if value is not None and not sheet.frame.discreet:
            row.put(begin, "━" * (column(value) + 1), self.ink("accent", ground))
        if before is not None:
            row.put(begin + column(before), "┃", self.ink("foreground", ground))

    def on_click(self, event: Click) -> None:
        """Post which line was touched."""
        event.stop()
        index = self.first_row() + event.y - 1
        if event.y > 0 and self.sheet is not None and index < len(self.sheet.targets):
            self.post_message(self.Picked(index))
