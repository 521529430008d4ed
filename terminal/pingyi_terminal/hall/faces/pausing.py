"""The break between two items: one large word, and what comes next."""

from textual.app import ComposeResult
from textual.containers import Vertical

from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Break
from pingyi_terminal.hall.faces.parts import Headline, Line, Words
from pingyi_terminal.hall.fitting import Room
from pingyi_terminal.widgets import BigText


class BreakFace(Vertical):
    """Shows ``Break``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        yield Headline(id="break-name")
        yield BigText("", "accent", id="break-word")
        yield Line(id="break-label")
        yield Headline(id="break-following")
        yield Line(id="break-foot")

    def show(self, face: Break, definition: Definition, words: Catalogue, room: Room) -> None:
        """Show that the meeting pauses, and what it goes on with."""
        meeting, following = definition.meeting, self.query_one("#break-following", Headline)
        name = self.query_one("#break-name", Headline)
        name.names, name.display = (meeting.name, meeting.session), not room.compact
        self.query_one(BigText).text = words("hall.break")
        label = words("hall.break_goes_on" if face.following else "hall.break_means")
        self.query_one("#break-label", Line).middle = (Words(label, "foreground", bold=True),)
        following.display = face.following is not None
        if face.following is not None:
            targets = face.following.targets
            target = definition.target(targets[0]) if len(targets) == 1 else None
            following.names = (target.name, target.short_name) if target else (face.following.title,)
        foot = self.query_one("#break-foot", Line)
        foot.left = (Words(words("hall.agenda", announced=face.announced, items=face.items), bold=True),)
        foot.right = (Words(words("hall.simulated")),) if meeting.simulated else ()
