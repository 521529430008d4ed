"""The results of all targets that were scored on one sheet."""

from textual.app import ComposeResult
from textual.containers import Vertical

from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Sheet
from pingyi_terminal.hall.faces.parts import Headline, Line, Words, remarks, score_rules
from pingyi_terminal.hall.faces.result import announced_words, measure_words, rounding_words
from pingyi_terminal.hall.faces.table import Table, TableContent, TableLine
from pingyi_terminal.hall.fitting import Room

TITLE_AND_FOOT = 9


class SheetFace(Vertical):
    """Shows ``Sheet``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        with Vertical(classes="body"):
            yield Headline(id="sheet-name")
            yield Table(id="sheet-table")
        with Vertical(id="sheet-foot", classes="foot"):
            yield Line(id="sheet-line")

    def show(self, face: Sheet, words: Catalogue, room: Room, at: str) -> None:
        """Show each target with its measure, its band and how many scored; ``at`` as on the result's own face."""
        rules = score_rules(face.item)
        self.query_one(Headline).names = (face.item.title,)
        columns = [words(f"hall.short_{rules.measure}"), words("hall.scored"), words("hall.abstained")]
        lines = []
        for target, figures in face.lines:
            measure = words("hall.no_result") if figures.measure is None else str(figures.measure)
            cells = [measure, str(figures.scores), str(figures.abstentions)]
            if rules.bands:
                cells.insert(1, figures.band or "-")
            lines.append(TableLine(target.name, target.short_name, tuple(cells)))
        if rules.bands:
            columns.insert(1, words("hall.band"))
        self.query_one(Table).content = TableContent(tuple(columns), tuple(lines))
        # many targets need the rows more than their title does
        self.query_one(Headline).set_class(2 * len(lines) + 1 > room.rows - TITLE_AND_FOOT, "-low")
        foot = self.query_one("#sheet-line", Line)
        kind = measure_words(rules, face.lines[0][1], words)
        foot.left = (
            *remarks(face.item, face.round, face.manual, words),
            Words(words("hall.sheet_foot", measure=kind, rounding=rounding_words(rules, words), present=face.present)),
        )
        foot.right = announced_words(face.announced, at, words)
