"""How many of how many: a bar, and one mark for each member."""

from textual.geometry import Size
from textual.reactive import reactive

from pingyi_terminal.widgets.blocks import HATCH, eighths, growing_bar
from pingyi_terminal.widgets.cells import Row
from pingyi_terminal.widgets.painting import Painting


class _Count(Painting):
    """What counts ``count`` of ``whole`` in a theme colour."""

    count: reactive[int] = reactive(0)
    whole: reactive[int] = reactive(0, layout=True)
    colour: reactive[str] = reactive("accent")

    def __init__(
        self,
        count: int = 0,
        whole: int = 0,
        colour: str = "accent",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(_Count.count, count)
        self.set_reactive(_Count.whole, whole)
        self.set_reactive(_Count.colour, colour)


class Meter(_Count):
    """A bar on a track: ``count`` of ``whole`` from zero, nothing for none and something for one."""

    DEFAULT_CSS = """
    Meter { width: 1fr; height: 1; }
    """

    def paint(self, y: int, row: Row) -> None:  # noqa: ARG002 - every row is the same
        """Draw the bar."""
        row.put(0, " " * row.width, self.ink("foreground", "raised"))
        row.put_blocks(0, growing_bar(eighths(self.count, self.whole, row.width)), self.ink(self.colour, "raised"))


class Tally(_Count):
    """One mark for each of ``whole`` in groups of ten, the first ``count`` solid, the others hatched.

    Members that do not fit in one line stand in lines of whole tens with a free row between. Where there is no room
    for all lines, it is a meter.
    """

    DEFAULT_CSS = """
    Tally { width: 1fr; height: 1; }
    """
    TEN = 22  # ten marks, a free column after each, and one more between the tens

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return the rows that all marks take."""
        return 2 * self._arrangement(width)[1] - 1

    def _arrangement(self, width: int) -> tuple[int, int]:
        """Return the marks in a line and the number of lines."""
        tens, units = divmod(max(1, self.whole), 10)
        if tens * self.TEN + units * 2 - (1 if units else 3) <= width:
            return max(1, self.whole), 1
        in_line = max(1, (width + 3) // self.TEN) * 10
        return in_line, -(-self.whole // in_line)

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of marks."""
        in_line, lines = self._arrangement(row.width)
        if self.size.height < 2 * lines - 1:
            row.put(0, HATCH * row.width, self.ink("rule"))
            row.put_blocks(0, growing_bar(eighths(self.count, self.whole, row.width)), self.ink(self.colour))
            return
        tall = (self.size.height + 1) // lines - 1
        line, inside = divmod(y, tall + 1)
        if inside == tall or line >= lines:
            return
        for place in range(line * in_line, min((line + 1) * in_line, self.whole)):
            ten, unit = divmod(place - line * in_line, 10)
            column = ten * self.TEN + unit * 2
            if place < self.count:
                row.put_blocks(column, "█", self.ink(self.colour))
            else:
                row.put(column, HATCH, self.ink("dim"))
