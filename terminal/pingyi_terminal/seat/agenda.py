"""The agenda: what is done, open and to come; before check-in, with the one block to press."""

from collections.abc import Iterator

from textual.containers import Horizontal
from textual.widget import Widget

from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.faces import Agenda, AgendaLine, Arrival
from pingyi_terminal.seat.parts import Cell, Column, Listing, Scroll, Words
from pingyi_terminal.seat.screen import ScrollingScreen
from pingyi_terminal.seat.wordings import points, refusal_words
from pingyi_terminal.widgets import ActionBlock

ENDED = (Phase.CLOSED, Phase.ANNOUNCED)
COLUMNS = (Column(3, "right"), Column(0), Column(18, "right"), Column(14, "center"))


class AgendaScreen(ScrollingScreen[Agenda]):
    """Paints the agenda."""

    CSS_PATH = "agenda.tcss"
    scrolled_for: tuple[AgendaLine, ...] = ()

    def body(self) -> Iterator[Widget]:
        """Yield what to do, attendance, the list, and the gold block."""
        with Horizontal(id="top"):
            yield Words(id="task")
            yield Words(id="attendance")
        yield Words(id="complaint", classes="warning")
        with Scroll():
            yield Listing(COLUMNS)
        yield ActionBlock(id="action")

    def paint_face(self, words: Catalogue, face: Agenda) -> None:
        """Show the agenda."""
        self.query_one("#task", Words).say(*task_of(words, face))
        here = words("seat.present", present=face.present, due=face.due)
        enough = face.present >= face.quorum
        quorum = words("seat.quorum_met" if enough else "seat.quorum_missing", quorum=face.quorum)
        self.query_one("#attendance", Words).say((here, "bold"), "\n", (quorum, "$dim" if enough else "$warning"))
        complaint = self.query_one("#complaint", Words)
        complaint.display = face.complaint is not None
        complaint.say(refusal_words(face.complaint, words) if face.complaint else "")
        listing = self.query_one(Listing)
        listing.rows = tuple(row_of(words, line, discreet=face.frame.discreet) for line in face.lines)
        listing.marked = next((at for at, line in enumerate(face.lines) if line.phase in LIVE), None)
        if face.lines != self.scrolled_for:
            # the first line that is not done yet stays in sight, with two done ones above it
            self.scrolled_for = face.lines
            done = next((at for at, line in enumerate(face.lines) if line.phase not in ENDED), len(face.lines))
            self.query_one(Scroll).scroll_to(y=max(0, done - 2), animate=False)
        block = self.query_one("#action", ActionBlock)
        block.display = not face.aside and face.arrival in (Arrival.NEEDED, Arrival.SENT)
        block.state = "normal" if face.arrival is Arrival.NEEDED else "faint"
        block.label = words("seat.check_in" if face.arrival is Arrival.NEEDED else "seat.check_in_sent")
        block.detail = words("seat.check_in_means")


def task_of(words: Catalogue, face: Agenda) -> tuple[str | tuple[str, str], ...]:
    """Return what there is to do, in two lines."""
    if face.aside:
        return ((words("seat.agenda"), "bold"), "\n", (words("seat.agenda_aside"), "$dim"))
    live = next((line for line in face.lines if line.phase in LIVE), None)
    if face.arrival in (Arrival.NEEDED, Arrival.SENT):
        after = words("seat.not_here_open", item=live.title) if live else words("seat.not_here_means")
        return ((words("seat.not_here"), "bold $warning"), "\n", (after, "$warning" if live else "$dim"))
    if face.arrival is Arrival.NO_VOTE:
        return ((words("seat.no_vote"), "bold"), "\n", (words("seat.no_vote_means"), "$dim"))
    over = all(line.phase is Phase.ANNOUNCED for line in face.lines)
    state = "over" if over else "here"
    return ((words("seat.here"), "bold $ok"), "\n", (words(f"seat.{state}_means"), "$dim"))


def row_of(words: Catalogue, line: AgendaLine, *, discreet: bool) -> tuple[Cell, ...]:
    """Return one line of the list."""
    state = {
        Phase.PENDING: Cell(words("seat.item_pending"), "faint"),
        Phase.OPEN: Cell(words("seat.item_open"), "chip-text", bold=True, on="accent"),
        Phase.PAUSED: Cell(words("seat.item_paused"), "chip-text", bold=True, on="accent"),
        Phase.CLOSED: Cell(words("seat.item_closed"), "dim"),
        Phase.VOID: Cell(words("seat.item_void"), "warning"),
        Phase.ANNOUNCED: Cell(line.measure or words("seat.item_announced"), "ok", bold=True),
    }[line.phase]
    done = line.phase in ENDED
    own = words("seat.own_recused") if line.recused else ""
    if line.ballot is not None and not discreet:
        alone = len(line.ballot.answers) == 1
        own = words("seat.own", score=points(line.ballot.answers[0].score, words)) if alone else words("seat.own_sheet")
    return (
        Cell(str(line.place), "dim"),
        Cell(line.title, "dim" if done else "foreground", bold=line.phase in LIVE),
        Cell(own, "dim"),
        state,
    )
