"""The options of one question side by side, each large enough for a finger, with the key that chooses it."""

from rich.cells import cell_len
from rich.style import Style
from textual.events import Click
from textual.reactive import reactive

from pingyi_terminal.glyphs import PIXELS, glyphs
from pingyi_terminal.seat.papers import wrapped
from pingyi_terminal.widgets import Painting, big_text_width
from pingyi_terminal.widgets.cells import Row

GAP = 2
LARGE = PIXELS // 2
"""The rows of a word in large type."""


class ChoiceBlocks(Painting):
    """One block for each label; block n is pressed by the digit n, and a click presses that key.

    The ``chosen`` block is filled with the accent; ``hidden`` shows none as chosen.
    """

    DEFAULT_CSS = """
    ChoiceBlocks { width: 1fr; height: 9; }
    """

    labels: reactive[tuple[str, ...]] = reactive(())
    chosen: reactive[int | None] = reactive[int | None](None)
    hidden: reactive[bool] = reactive(False)

    def places(self) -> list[tuple[int, int]]:
        """Return where each block begins and ends."""
        count = max(1, len(self.labels))
        free = self.size.width - GAP * (count - 1)
        begins = [place * free // count + place * GAP for place in range(count)]
        return [
            (begin, begin + (place + 1) * free // count - place * free // count) for place, begin in enumerate(begins)
        ]

    def large(self) -> bool:
        """Whether every label fits its block in large type: all of them or none."""
        room = min(end - begin for begin, end in self.places())
        widths = [big_text_width(label) for label in self.labels]
        return self.size.height >= LARGE + 2 and all(width is not None and width <= room for width in widths)

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of all blocks."""
        large = self.large()
        for place, ((begin, end), label) in enumerate(zip(self.places(), self.labels, strict=False)):
            now = place == self.chosen and not self.hidden
            ink, ground = ("chip-text", "accent") if now else ("foreground", "raised")
            row.put(begin, " " * (end - begin), self.ink(ink, ground))
            lines = [] if large else wrapped(label.upper(), end - begin - 2)
            # the key, a free row where there is one, and the word, together in the middle
            gap = 0 if large else 1
            top = max(0, (self.size.height - 1 - gap - (LARGE if large else len(lines))) // 2)
            if y == top:
                chip = ("accent", "chip-text") if now else ("foreground", "background")
                self._centre(row, (begin, end), f" {place + 1} ", self.ink(*chip, bold=True))
            elif large:
                self._paint_large(row, y - top - 1, (begin, end), label, self.ink(ink, ground))
            elif 0 <= y - top - 1 - gap < len(lines):
                self._centre(row, (begin, end), lines[y - top - 1 - gap], self.ink(ink, ground, bold=True))

    def _centre(self, row: Row, place: tuple[int, int], text: str, style: Style) -> None:
        begin, end = place
        row.put(begin + (end - begin - cell_len(text)) // 2, text, style)

    def _paint_large(self, row: Row, y: int, place: tuple[int, int], label: str, style: Style) -> None:
        bitmaps = glyphs(label)
        if bitmaps is None or not 0 <= y < LARGE:
            return
        begin, end = place
        column = begin + (end - begin - sum(bitmap.width for bitmap in bitmaps)) // 2
        for bitmap in bitmaps:
            column = row.put_blocks(column, bitmap.half_blocks(y), style)

    def on_click(self, event: Click) -> None:
        """Press the digit of the block under the finger."""
        event.stop()
        touched = (place for place, (begin, end) in enumerate(self.places()) if begin <= event.x < end)
        place = next(touched, None)
        if place is not None and place < len(self.labels):
            self.app.simulate_key(str(place + 1))
