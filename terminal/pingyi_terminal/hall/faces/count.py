"""So many of so many in big figures."""

from textual.app import ComposeResult
from textual.containers import Horizontal

from pingyi_terminal.hall.faces.parts import LARGE_ROWS
from pingyi_terminal.hall.fitting import CountSizes
from pingyi_terminal.widgets import BigFigure, BigText, FigureSize
from pingyi_terminal.widgets.figures import FACES


def set_size(figure: BigFigure, size: FigureSize, beside: FigureSize | None = None) -> None:
    """Give a figure another size, on the same foot as one of size ``beside``; nothing is laid out anew without need."""
    if figure.figure_size != size:
        figure.figure_size = size
        figure.refresh(layout=True)
    above = FACES[beside].height - FACES[size].height if beside else 0
    if figure.styles.margin.top != above:
        figure.styles.margin = (above, 0, 0, figure.styles.margin.left)


def set_on_foot(word: BigText, beside: FigureSize) -> None:
    """Let a large word stand on the same foot as figures of size ``beside``."""
    word.styles.margin = (max(0, FACES[beside].height - LARGE_ROWS), 0, 0, 0)


class Count(Horizontal):
    """A large count and, smaller on the same foot, what it is out of."""

    def compose(self) -> ComposeResult:
        """Compose both figures."""
        yield BigFigure("", "LL", "accent", classes="count")
        yield BigFigure("", "M", "dim", classes="whole")

    def show(self, count: int, whole: int, sizes: CountSizes, colour: str = "accent") -> None:
        """Show ``count`` of ``whole`` in these sizes."""
        large, small = self.query_one(".count", BigFigure), self.query_one(".whole", BigFigure)
        set_size(large, sizes.votes)
        set_size(small, sizes.whole, sizes.votes)
        large.text, large.colour = str(count), colour
        small.text = f"/{whole}"
