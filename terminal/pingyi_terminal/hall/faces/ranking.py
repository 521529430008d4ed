"""The ranking of the targets so far."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical

from pingyi_protocol.meeting.definition import Definition, Target
from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Placed, Ranking
from pingyi_terminal.hall.faces.parts import Line, Words
from pingyi_terminal.hall.fitting import Room
from pingyi_terminal.widgets import Ranked, RankingBars
from pingyi_terminal.widgets.ranking import LONGEST_NAME

WIDE = 90


class RankingFace(Vertical):
    """Shows ``Ranking``."""

    def __init__(self, words: Catalogue, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.words = words

    def compose(self) -> ComposeResult:
        """Compose the face."""
        with Vertical(classes="body"):
            yield RankingBars(self.words, ("", "", "", ""), id="ranking-bars")
        with Vertical(id="ranking-foot", classes="foot"):
            yield Line(id="ranking-rule")
            yield Line(id="ranking-record")

    def show(self, face: Ranking, definition: Definition, words: Catalogue, room: Room) -> None:
        """Show one page of the ranking."""
        bars = self.query_one(RankingBars)
        bars.words = words
        kind = next(iter(face.measures)) if len(face.measures) == 1 else "any"
        bars.headings = (words("hall.rank"), words("hall.target"), words(f"hall.short_{kind}"), words("hall.movement"))
        bars.rows = tuple(ranked(one, words, room) for one in face.lines)
        rule = self.query_one("#ranking-rule", Line)
        rule.left = (Words(words("hall.ranking_rule")),)
        page = words("hall.page", page=face.page, pages=face.pages)
        rule.right = (Words(page, bold=True),) if face.pages > 1 else ()
        record = self.query_one("#ranking-record", Line)
        record.left = (Words(words("hall.simulated")),) if definition.meeting.simulated else ()
        if face.complete:
            record.left = (Words(words("hall.complete"), "ok", bold=True), *record.left)
        # a code that the next check-out would change is not for the minutes
        final = words("hall.fingerprint", code=face.fingerprint)
        record.right = (Words(final),) if face.fingerprint else ()


def name_on_wall(target: Target, room: Room) -> str:
    """Return what stands beside a bar; a name that would be cut, or a narrow wall, takes the short one."""
    long = room.columns < WIDE or cell_len(target.name) > LONGEST_NAME
    return target.short_name if long and target.short_name else target.name


def ranked(one: Placed, words: Catalogue, room: Room) -> Ranked:
    """Return one line of the bars."""
    target, name = one.target, name_on_wall(one.target, room)
    if one.rank is None:
        return Ranked("-", name, None, words("hall.no_result"), short=target.short_name)
    return Ranked(str(one.rank), name, one.exact, str(one.figures.measure), one.movement, target.short_name)
