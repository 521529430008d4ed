"""The agenda: what is done, open and to come; before check-in, with the one block to press."""

from collections.abc import Iterator
from itertools import accumulate

from rich.cells import cell_len
from textual.containers import Horizontal
from textual.widget import Widget

from pingyi_protocol.meeting.definition import SelectionRules
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.text import Catalogue
from pingyi_terminal.sealed import is_secret
from pingyi_terminal.seat.faces import Agenda, AgendaLine, Arrival, OwnBallot
from pingyi_terminal.seat.parts import Cell, Column, Listing, Scroll, Words
from pingyi_terminal.seat.result_rows import GOOD
from pingyi_terminal.seat.screen import ScrollingScreen
from pingyi_terminal.seat.wordings import clock, refusal_words, short_words
from pingyi_terminal.widgets import ActionBlock

DONE = (Phase.CLOSED, Phase.ANNOUNCED, Phase.WITHDRAWN)
NARROWEST, WIDEST = 3, 7
"""Columns of the items' numbers."""

OTHERS = (Column(0), Column(18, "right"), Column(15, "center"))
"""The columns after the number."""


class AgendaScreen(ScrollingScreen[Agenda]):
    """Paints the agenda."""

    CSS_PATH = "agenda.tcss"
    scrolled_for: tuple[object, ...] = ()

    def body(self) -> Iterator[Widget]:
        """Yield what to do, attendance, the list, and the gold block."""
        with Horizontal(id="top"):
            yield Words(id="task")
            yield Words(id="attendance")
        yield Words(id="complaint", classes="warning")
        with Scroll():
            yield Listing((Column(NARROWEST, "right"), *OTHERS))
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
        widest = max((cell_len(line.item.id) for line in face.lines), default=0)
        listing.columns = (Column(max(NARROWEST, min(WIDEST, widest)), "right"), *OTHERS)
        rows = [tuple(rows_of(words, line, discreet=face.frame.discreet)) for line in face.lines]
        # the first row of each item
        begins = [0, *accumulate(len(one) for one in rows)]
        listing.rows = (*(row for one in rows for row in one), *composite_rows(words, face))
        listing.marked = next((begins[at] for at, line in enumerate(face.lines) if line.phase in LIVE), None)
        if (face.lines, face.composites) != self.scrolled_for:
            # the first line that is not done yet stays in sight, with two done ones above it; last come composites
            self.scrolled_for = face.lines, face.composites
            done = next((at for at, line in enumerate(face.lines) if line.phase not in DONE), len(face.lines))
            self.query_one(Scroll).scroll_to(y=max(0, begins[done] - 2), animate=False)
        block = self.query_one("#action", ActionBlock)
        block.display = not face.aside and not face.frame.final and face.arrival in (Arrival.NEEDED, Arrival.SENT)
        block.state = "normal" if face.arrival is Arrival.NEEDED else "faint"
        block.label = words("seat.check_in" if face.arrival is Arrival.NEEDED else "seat.check_in_sent")
        left = face.check_in
        block.detail = words("seat.check_in_means") if left is None else words("seat.check_in_left", left=clock(left))


def task_of(words: Catalogue, face: Agenda) -> tuple[str | tuple[str, str], ...]:
    """Return what there is to do, in two lines."""
    if face.aside:
        return ((words("seat.agenda"), "bold"), "\n", (words("seat.agenda_aside"), "$dim"))
    if face.frame.final:
        return ((words("seat.meeting_closed"), "bold"), "\n", (words("seat.meeting_closed_means"), "$dim"))
    if face.arrival in (Arrival.NEEDED, Arrival.SENT, Arrival.NOT_OPEN, Arrival.OVER):
        return absent_task(words, face)
    if face.arrival is Arrival.NO_VOTE:
        return ((words("seat.no_vote"), "bold"), "\n", (words("seat.no_vote_means"), "$dim"))
    over = all(line.phase in (Phase.ANNOUNCED, Phase.WITHDRAWN) for line in face.lines)
    state = "over" if over else "here"
    return ((words("seat.here"), "bold $ok"), "\n", (words(f"seat.{state}_means"), "$dim"))


def absent_task(words: Catalogue, face: Agenda) -> tuple[str | tuple[str, str], ...]:
    """Return that the member is not present, and how to become so."""
    noted = "left" if face.left else "excused" if face.excused else "not_here"
    said = (words(f"seat.{noted}"), "bold $warning")
    if face.arrival in (Arrival.NOT_OPEN, Arrival.OVER):
        tone = "$dim" if face.arrival is Arrival.NOT_OPEN else "$warning"
        return (said, "\n", (words(f"seat.check_in_{face.arrival}"), tone))
    live = next((line for line in face.lines if line.phase in LIVE), None)
    if live is not None or face.trial:
        title = live.title if live is not None else words("seat.trial")
        return (said, "\n", (words("seat.not_here_open", item=title), "$warning"))
    means = words("seat.not_here_means" if noted == "not_here" else "seat.come_after_all")
    return (said, "\n", (means, "$dim"))


def rows_of(words: Catalogue, line: AgendaLine, *, discreet: bool) -> Iterator[tuple[Cell, ...]]:
    """Yield the row of one item, and under it why the item was withdrawn."""
    done = line.phase in DONE
    own = words("seat.manual") if line.manual else words("seat.own_recused") if line.recused else ""
    if not own and is_secret(line.item):
        own = words("seat.own_keyless" if line.keyless else "widgets.secret_ballot")
    if line.ballot is not None and not discreet:
        own = own_words(words, line, line.ballot)
    yield (
        Cell(line.item.id, "dim"),
        Cell(line.title, "dim" if done else "foreground", bold=line.phase in LIVE),
        Cell(own, "dim"),
        state_of(words, line),
    )
    if line.reason:
        yield Cell(""), Cell(words("seat.because", reason=line.reason), "dim")


def composite_rows(words: Catalogue, face: Agenda) -> Iterator[tuple[Cell, ...]]:
    """Yield the announced composites under a heading, by rank."""
    if face.composites:
        yield Cell(""), Cell(words("seat.composites"), bold=True)
    for name, line in face.composites:
        follows = Cell(words("seat.again"), "warning") if line.again else Cell(line.band or "", "dim")
        yield Cell(str(line.rank), "dim"), Cell(name), Cell(f"{line.total:f}", bold=True), follows


def own_words(words: Catalogue, line: AgendaLine, ballot: OwnBallot) -> str:
    """Return the own ballot where it is short enough for the list, else that there is one."""
    if ballot.sealed:
        return words("seat.own_sealed")
    lone = len(ballot.answers) == 1 and not isinstance(line.item.rules, SelectionRules)
    return words("seat.own", score=short_words(ballot.answers[0], words)) if lone else words("seat.own_sheet")


def state_of(words: Catalogue, line: AgendaLine) -> Cell:
    """Return where an item stands."""
    match line.phase:
        case Phase.OPEN | Phase.PAUSED:
            return Cell(words(f"seat.item_{line.phase}"), "chip-text", bold=True, on="accent")
        case Phase.CLOSED if line.unconfirmed:
            return Cell(words("seat.item_unconfirmed"), "warning")
        case Phase.CLOSED if is_secret(line.item) and not line.manual:
            return Cell(words("seat.item_sealed"), "dim")
        case Phase.ANNOUNCED:
            outcome = words(f"seat.short_{line.outcome}") if line.outcome else ""
            said = line.measure or outcome or words("seat.item_announced")
            tone = "warning" if line.outcome is not None and line.outcome not in GOOD else "ok"
            return Cell(said, tone, bold=True)
        case _:
            colour = {Phase.PENDING: "faint", Phase.VOID: "warning"}.get(line.phase, "dim")
            return Cell(words(f"seat.item_{line.phase}"), colour)
