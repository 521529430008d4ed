"""Before the first item: the meeting's name, who is present, the quorum, and the agenda."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Door, Idle
from pingyi_terminal.hall.faces.count import Count, set_on_foot, set_size
from pingyi_terminal.hall.faces.parts import Headline, Line, Words
from pingyi_terminal.hall.faces.polling import clock_text
from pingyi_terminal.hall.fitting import GUTTER, Room, count_sizes
from pingyi_terminal.widgets import BigFigure, BigText, Tally, big_text_width

TWO_LINES = 2


class IdleFace(Vertical):
    """Shows ``Idle``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        yield Headline(id="idle-name")
        yield Headline(id="idle-session")
        yield Line(id="idle-labels")
        with Horizontal(classes="figures"):
            yield Count()
            yield BigText("", "ok", id="idle-quorum")
            yield BigFigure("", "LL", "warning", id="idle-missing")
        yield Line(id="idle-agenda")
        yield Tally(colour="ok", id="idle-progress")
        yield Line(id="idle-following")

    def show(self, face: Idle, definition: Definition, words: Catalogue, room: Room) -> None:
        """Show who is present, the quorum and the agenda."""
        labels = self.query_one("#idle-labels", Line)
        meeting, name = definition.meeting, self.query_one("#idle-name", Headline)
        # a low wall has room for one of them in large type; the header has both
        name.names = (meeting.name, meeting.session if room.compact else "")
        name.breaks = not room.compact
        session = self.query_one("#idle-session", Headline)
        session.names = (meeting.session,)
        session.display = not room.compact and len(name.large(room.columns)) < TWO_LINES
        broken = not room.compact and not session.display
        labels.middle = (Words(meeting.session, "foreground", bold=True),) if broken else ()
        missing, met = str(face.missing) if face.missing else "", words("hall.quorum_met")
        columns = room.columns - (0 if missing else (big_text_width(met) or 0) + GUTTER)
        sizes = count_sizes(face.due, missing, columns, 5 if room.compact else 7)
        self.query_one(Count).show(face.present, face.due, sizes)
        labels.left = (Words(words("hall.present_of_due"), bold=True),)
        quorum = words("hall.quorum_missing" if face.missing else "hall.quorum", quorum=face.quorum)
        labels.right = (Words(quorum, bold=True),)
        figure = self.query_one("#idle-missing", BigFigure)
        set_size(figure, sizes.clock, sizes.votes)
        figure.text = missing
        figure.display = bool(missing)
        quorum_met = self.query_one("#idle-quorum", BigText)
        quorum_met.text = met
        quorum_met.display = not missing
        set_on_foot(quorum_met, sizes.votes)
        self.show_agenda(face, definition, words)

    def show_agenda(self, face: Idle, definition: Definition, words: Catalogue) -> None:
        """Show how far the agenda is and what comes next."""
        progress = self.query_one(Tally)
        progress.count, progress.whole = face.announced, face.items
        agenda = self.query_one("#idle-agenda", Line)
        agenda.left = (Words(words("hall.agenda", announced=face.announced, items=face.items), bold=True),)
        tone = "ok" if face.door is Door.OPEN else "warning"
        agenda.right = (
            ()
            if face.door is Door.ALWAYS
            else (Words(words(f"hall.check_in_{face.door}", time=clock_text(1000 * face.check_in)), tone, bold=True),)
        )
        following = self.query_one("#idle-following", Line)
        if face.following is None:
            following.left = ()
        else:
            targets = face.following.targets
            name = definition.target(targets[0]).name if len(targets) == 1 else face.following.title
            following.left = (Words(words("hall.following")), Words(name, "foreground", bold=True))
        following.right = (Words(words("hall.fingerprint", code=face.fingerprint)),)
