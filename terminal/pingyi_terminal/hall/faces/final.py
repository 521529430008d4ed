"""The end of the meeting: the fingerprint of its whole record, as large as fits, for the minutes."""

from textual.app import ComposeResult
from textual.containers import Vertical

from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Final
from pingyi_terminal.hall.faces.parts import Headline, Line, Words
from pingyi_terminal.hall.fitting import Room, largest_name
from pingyi_terminal.widgets import BigText

HALF = 9
"""Characters of the first two groups of a fingerprint."""

ROWS, BROKEN_ROWS = 26, 32
"""Rows from which the meeting's name stands above a fingerprint in one line, or in two."""


class FinalFace(Vertical):
    """Shows ``Final``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        yield Headline(id="final-name")
        yield BigText("", "ok", id="final-word")
        yield Line(id="final-label")
        yield Headline(id="final-code")
        yield Headline(id="final-rest")
        yield Line(id="final-foot")

    def show(self, face: Final, definition: Definition, words: Catalogue, room: Room) -> None:
        """Show that the meeting is closed, and what pins its record."""
        meeting, code = definition.meeting, face.fingerprint
        whole = largest_name((code,), room.columns) == code
        name = self.query_one("#final-name", Headline)
        # a low wall has room for the code alone; the header has the name
        name.names, name.display = (meeting.name, meeting.session), room.rows >= (ROWS if whole else BROKEN_ROWS)
        self.query_one(BigText).text = words("hall.final")
        self.query_one("#final-label", Line).middle = (Words(words("hall.final_label"), "foreground", bold=True),)
        rest = self.query_one("#final-rest", Headline)
        self.query_one("#final-code", Headline).names = (code if whole else code[:HALF],)
        rest.names, rest.display = (code[HALF + 1 :],), not whole
        foot = self.query_one("#final-foot", Line)
        foot.left = (Words(words("hall.agenda", announced=face.announced, items=face.items), bold=True),)
        foot.right = (Words(words("hall.simulated")),) if meeting.simulated else ()
