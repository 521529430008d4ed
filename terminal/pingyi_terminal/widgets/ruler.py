"""Giving a score by hand: the ruler that is a slider, and the quick values."""

from decimal import Decimal
from fractions import Fraction

from rich.cells import cell_len
from textual.events import Click, MouseDown, MouseEvent, MouseMove, MouseUp
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive

from pingyi_protocol.meeting.definition import Band, ScoreRules
from pingyi_terminal.widgets.blocks import HATCH
from pingyi_terminal.widgets.cells import Row, one_row
from pingyi_terminal.widgets.painting import Painting

THUMB = 2


def plain_number(value: Decimal) -> str:
    """Return ``value`` without exponent and without zeros at its end: 100, 92.5."""
    return f"{value.normalize():f}"


def band_of(rules: ScoreRules, value: Decimal) -> Band | None:
    """Return the band that ``value`` falls in, or None below all bands."""
    return next((band for band in rules.bands if value >= band.least), None)


def column_of(rules: ScoreRules, value: Decimal, width: int) -> int:
    """Return the column, 0 to ``width - 1``, in which ``value`` stands on a scale so many columns wide."""
    span = Fraction(rules.highest) - Fraction(rules.lowest)
    return round((Fraction(value) - Fraction(rules.lowest)) / span * (width - 1))


def value_at(rules: ScoreRules, column: float, width: int) -> Decimal:
    """Return the score nearest to ``column`` (parts of a column where the terminal reports pixels)."""
    place = min(max(column, 0.0), width - 1.0) / max(1, width - 1)
    steps = round(place * float((rules.highest - rules.lowest) / rules.step))
    return min(rules.highest, rules.lowest + steps * rules.step)


class ScoreRuler(Painting):
    """A scale from the lowest to the highest score with the starts of the bands: press sets, drag refines.

    Three rows: the value and the thumb, the bar, the names of the bands. ``value`` None shows an empty track;
    ``hidden`` turns all that tells the value into hatch. The mouse posts ``Changed``, setting ``value`` does not.
    """

    DEFAULT_CSS = """
    ScoreRuler { width: 1fr; height: 3; }
    """

    class Changed(Message):
        """A person set ``value`` on ``ruler`` with the mouse or a finger."""

        def __init__(self, ruler: "ScoreRuler", value: Decimal) -> None:
            super().__init__()
            self.ruler = ruler
            self.value = value

        @property
        def control(self) -> "ScoreRuler":
            """The ruler."""
            return self.ruler

    rules: reactive[ScoreRules] = reactive(ScoreRules())
    value: reactive[Decimal | None] = reactive[Decimal | None](None)
    hidden: reactive[bool] = reactive(False)

    def __init__(
        self,
        rules: ScoreRules,
        value: Decimal | None = None,
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(ScoreRuler.rules, rules)
        self.set_reactive(ScoreRuler.value, value)
        self._dragging = False

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the ruler."""
        if y == 0:
            self._paint_value(row)
        elif y == 1:
            self._paint_bar(row)
        elif y == 2:  # noqa: PLR2004 - the third row
            self._paint_bands(row)

    def _thumb(self) -> int | None:
        if self.value is None or self.hidden:
            return None
        return min(column_of(self.rules, self.value, self.size.width), self.size.width - THUMB)

    def _paint_value(self, row: Row) -> None:
        thumb = self._thumb()
        if thumb is None or self.value is None:
            return
        row.put_blocks(thumb, "█" * THUMB, self.ink("foreground"))
        text = plain_number(self.value)
        begin = thumb - 1 - cell_len(text)
        row.put(begin if begin >= 0 else thumb + THUMB + 1, text, self.ink("accent", bold=True))

    def _paint_bar(self, row: Row) -> None:
        row.put(0, " " * row.width, self.ink("foreground", "raised"))
        if self.hidden:
            row.put(0, HATCH * row.width, self.ink("dim", "raised"))
            return
        thumb = self._thumb()
        if thumb is not None:
            row.put_blocks(0, "█" * thumb, self.ink("fill"))
        for band in self.rules.bands:
            if band.least > self.rules.lowest:
                column = column_of(self.rules, band.least, row.width)
                filled = thumb is not None and column < thumb
                row.put(column, "▏", self.ink("background", "fill" if filled else "raised"))
        if thumb is not None:
            row.put_blocks(thumb, "█" * THUMB, self.ink("foreground"))

    def _paint_bands(self, row: Row) -> None:
        current = band_of(self.rules, self.value) if self.value is not None and not self.hidden else None
        end = row.width
        for band in self.rules.bands:  # from the highest, so that each knows where the next one begins
            label = f"{plain_number(band.least)} {one_row(band.name)}"
            number = plain_number(band.least)
            column = min(
                column_of(self.rules, max(band.least, self.rules.lowest), row.width), row.width - cell_len(number)
            )
            room = end - column
            if cell_len(label) > room:
                label = _shortened(number, one_row(band.name), room)
            style = self.ink("accent", bold=True) if band is current else self.ink("dim")
            row.put(column, label, style)
            end = column - 1

    def on_mouse_down(self, event: MouseDown) -> None:
        """Take the value under the pointer and follow it."""
        event.stop()
        self._dragging = True
        self.capture_mouse()
        self._take(event)

    def on_mouse_move(self, event: MouseMove) -> None:
        """Refine the value while the button is held."""
        if self._dragging:
            self._take(event)

    def on_mouse_up(self, event: MouseUp) -> None:
        """Let go."""
        event.stop()
        self._dragging = False
        self.release_mouse()

    def _take(self, event: MouseEvent) -> None:
        value = value_at(self.rules, event.pointer_x, self.size.width)
        if value != self.value:
            self.value = value
            self.post_message(self.Changed(self, value))


def _shortened(number: str, name: str, room: int) -> str:
    """Return a label that fits: a Latin name may end in a stop; a Chinese one is never cut, for 不合 is not 不合格."""
    letters = min(4, room - cell_len(number) - 2)
    least = 3
    if name.isascii() and letters >= least:
        return f"{number} {name[:letters].rstrip()}."
    return number if cell_len(number) <= room else ""


class QuickValues(Painting):
    """A row of scores to touch, each field three rows high, posting ``Chosen``."""

    DEFAULT_CSS = """
    QuickValues { height: 3; }
    """

    class Chosen(Message):
        """A person touched ``value`` on ``quick_values``."""

        def __init__(self, quick_values: "QuickValues", value: Decimal) -> None:
            super().__init__()
            self.quick_values = quick_values
            self.value = value

        @property
        def control(self) -> "QuickValues":
            """The row of values."""
            return self.quick_values

    values: reactive[tuple[Decimal, ...]] = reactive((), layout=True)

    def __init__(
        self,
        values: tuple[Decimal, ...],
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(QuickValues.values, values)

    @property
    def field(self) -> int:
        """The columns of one field: at least five, for a finger."""
        return max([5, *(cell_len(plain_number(value)) + 2 for value in self.values)])

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """Return the width of all fields with a free column between."""
        return len(self.values) * (self.field + 1) - 1

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the fields."""
        for index, value in enumerate(self.values):
            column = index * (self.field + 1)
            row.put(column, " " * self.field, self.ink("foreground", "raised"))
            if y == (self.size.height - 1) // 2:
                text = plain_number(value)
                row.put(column + (self.field - cell_len(text)) // 2, text, self.ink("foreground", "raised", bold=True))

    def on_click(self, event: Click) -> None:
        """Post the value under the finger."""
        event.stop()
        index, inside = divmod(event.x, self.field + 1)
        if inside < self.field and index < len(self.values):
            self.post_message(self.Chosen(self, self.values[index]))
