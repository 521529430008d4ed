"""The announced composites of the targets, by rank."""

from fractions import Fraction

from textual.app import ComposeResult
from textual.containers import Vertical

from pingyi_protocol.meeting.definition import Definition, Target
from pingyi_protocol.meeting.figures import CompositeLine
from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Composites
from pingyi_terminal.hall.faces.parts import Line, Words
from pingyi_terminal.hall.faces.ranking import name_on_wall
from pingyi_terminal.hall.fitting import Room
from pingyi_terminal.widgets import Ranked, RankingBars


class CompositeFace(Vertical):
    """Shows ``Composites``."""

    def __init__(self, words: Catalogue, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.words = words

    def compose(self) -> ComposeResult:
        """Compose the face."""
        with Vertical(classes="body"):
            yield RankingBars(self.words, ("", "", "", ""), id="composite-bars")
        with Vertical(id="composite-foot", classes="foot"):
            yield Line(id="composite-bands")
            yield Line(id="composite-again")

    def show(self, face: Composites, definition: Definition, words: Catalogue, room: Room) -> None:
        """Show one page."""
        bars = self.query_one(RankingBars)
        bars.words = words
        bars.headings = (words("hall.rank"), words("hall.target"), words("hall.composite"), "")
        bars.rows = tuple(ranked(target, line, room) for target, line in face.lines)
        bands = self.query_one("#composite-bands", Line)
        bands.left = tuple(Words(words("hall.composite_band", band=band, count=count)) for band, count in face.bands)
        page = words("hall.page", page=face.page, pages=face.pages)
        bands.right = (Words(page, bold=True),) if face.pages > 1 else ()
        again = self.query_one("#composite-again", Line)
        names = words("hall.comma").join(target.short_name or target.name for target in face.again)
        again.left = (Words(words("hall.composite_again", targets=names), "warning", bold=True),) if face.again else ()
        again.right = (Words(words("hall.simulated")),) if definition.meeting.simulated else ()


def ranked(target: Target, line: CompositeLine, room: Room) -> Ranked:
    """Return one line of the bars."""
    exact = None if line.exact is None else Fraction(line.exact)
    return Ranked(str(line.rank), name_on_wall(target, room), exact, str(line.total), short=target.short_name)
