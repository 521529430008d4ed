"""Several targets on one sheet: a table to fill, what is missing marked; and the look at all of it before sending."""

from collections.abc import Iterator

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pingyi_protocol.meeting.definition import Press
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.draft import Stage, fault_of, gaps, next_gap
from pingyi_terminal.seat.faces import Filling
from pingyi_terminal.seat.papers import Papers
from pingyi_terminal.seat.parts import BackBlock, RoundHead, Scroll, Words
from pingyi_terminal.seat.screen import SeatScreen
from pingyi_terminal.seat.sheet_table import SheetTable
from pingyi_terminal.seat.wordings import fault_words, refusal_words
from pingyi_terminal.widgets import ActionBlock
from pingyi_terminal.widgets.blocks import HATCH
from pingyi_terminal.widgets.keys import ActionState

MOST_SQUARES = 12


class SheetScreen(SeatScreen[Filling]):
    """Paints a ballot of several targets while it is filled in and while it is looked over."""

    CSS_PATH = "sheet.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield head, table, what is missing, and the gold block."""
        yield RoundHead(self.words)
        with Horizontal(id="middle"):
            yield SheetTable(self.words, self.face)
            with Vertical(id="papers"):
                yield Words(id="papers-title", classes="heading")
                with Scroll():
                    yield Papers()
        with Horizontal(id="bottom"):
            yield BackBlock("escape", "Esc")
            yield Words(id="missing")
            yield ActionBlock(id="enter")

    def paint_face(self, words: Catalogue, face: Filling) -> None:
        """Show the sheet."""
        self.query_one(RoundHead).show(words, face.head, face.item, *task_of(words, face))
        table = self.query_one(SheetTable)
        table.words, table.sheet = words, face
        row = face.draft.row
        self.query_one("#papers-title", Words).say(f"{row + 1}  {face.targets[row].name}")
        papers = self.query_one(Papers)
        papers.words, papers.problems = words, face.problems[row]
        self.query_one("#missing", Words).say(*missing_of(words, face))
        confirming = face.draft.stage is Stage.CONFIRMING
        back = self.query_one(BackBlock)
        back.display, back.label = confirming, words("seat.key_edit")
        block = self.query_one("#enter", ActionBlock)
        block.label, block.state = enter_of(words, face)


def task_of(words: Catalogue, face: Filling) -> tuple[str | tuple[str, str], ...]:
    """Return what to do, and a square for each target."""
    if face.draft.stage is Stage.CONFIRMING:
        return ((words("seat.check_sheet", count=len(face.targets)), "bold"),)
    done = len(face.targets) - len(gaps(face.draft, face.item.rules))
    task = (words("seat.score_targets", count=len(face.targets)), "bold")
    if face.complaint is not None:
        return (task, "\n", (refusal_words(face.complaint, words), "bold $warning"))
    parts: list[str | tuple[str, str]] = [task, "\n", (words("seat.done") + " ", "$dim")]
    if len(face.targets) <= MOST_SQUARES:
        missing = gaps(face.draft, face.item.rules)
        for row in range(len(face.targets)):
            parts += [(HATCH, "$dim") if row in missing else ("█", "$accent"), " "]
    return (*parts, (f"{done} / {len(face.targets)}", "bold"))


def missing_of(words: Catalogue, face: Filling) -> tuple[str | tuple[str, str], ...]:
    """Return what is wrong with the present entry, else what is missing by name, else that nothing is."""
    rules = face.item.rules
    fault = fault_words(face.draft.entry, rules, words)
    if fault:
        return ((fault, "bold $warning"),)
    missing = gaps(face.draft, rules)
    if face.draft.stage is Stage.CONFIRMING:
        first = face.item.rules.press is Press.FIRST
        means = words("seat.first_counts" if first else "seat.may_change")
        return ((means, "bold $warning" if first else "$dim"),)
    if not missing:
        return ((words("seat.all_done"), "bold"), "\n", (words("seat.all_done_next"), "$dim"))
    names = "  ".join(f"{row + 1} {face.targets[row].short_name or face.targets[row].name}" for row in missing)
    return ((words("seat.missing", count=len(missing)), "bold $warning"), "\n", names)


def enter_of(words: Catalogue, face: Filling) -> tuple[str, ActionState]:
    """Return the words of the gold block and its state: Enter goes to the next gap, then on to the review."""
    draft, rules = face.draft, face.item.rules
    if draft.stage is Stage.CONFIRMING:
        return words("seat.send_sheet", count=len(face.targets)), "normal"
    if fault_of(draft.entry, rules):
        return words("seat.retype"), "faint"
    gap = next_gap(draft, rules)
    if gap is None:
        return words("seat.review"), "normal"
    target = face.targets[gap]
    label = words("seat.fill_next", place=gap + 1, target=target.short_name or target.name)
    return label, "faint" if gap == draft.row else "normal"
