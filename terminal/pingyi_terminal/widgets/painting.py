"""The base of the widgets that draw their own cells, row by row, in colours of the theme."""

from typing import ClassVar

from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from pingyi_terminal.widgets.cells import Row


class Painting(Widget):
    """A widget that paints each row on a ``Row`` of its own width, over its own background."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    Painting { width: auto; height: auto; }
    """

    def ink(self, colour: str, on: str | None = None, *, bold: bool = False) -> Style:
        """Return the style of a theme colour, on another one if given; KeyError names an unknown colour."""
        palette = self.app.theme_variables
        return Style(color=palette[colour], bgcolor=palette[on] if on else None, bold=bold or None)

    def indent(self, columns: int, width: int) -> int:
        """Return where content of so many columns begins in ``width``, as the style's ``text-align`` has it."""
        free = max(0, width - columns)
        return {"center": free // 2, "right": free, "end": free}.get(self.styles.text_align, 0)

    def paint(self, y: int, row: Row) -> None:
        """Put the cells of row ``y`` of the content (0 is the top one) on ``row``."""
        raise NotImplementedError

    def render_line(self, y: int) -> Strip:
        """Draw one row of the content."""
        row = Row(self.size.width)
        self.paint(y, row)
        return row.strip().apply_style(self.rich_style)
