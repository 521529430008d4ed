"""Several lines on one sheet: a table to fill, what is missing marked; and the look at all of it before sending."""

from collections.abc import Iterator

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pingyi_protocol.meeting.definition import Press, RatingRules
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.draft import Stage, complete, faulty, gaps, next_gap, quick_values
from pingyi_terminal.seat.faces import Filling
from pingyi_terminal.seat.form import Form, Line
from pingyi_terminal.seat.papers import Papers
from pingyi_terminal.seat.parts import BackBlock, RoundHead, Scroll, Words
from pingyi_terminal.seat.screen import HIGH, SeatScreen
from pingyi_terminal.seat.sheet_rows import rows_of
from pingyi_terminal.seat.sheet_table import SheetTable
from pingyi_terminal.seat.wordings import fault_words, refusal_words
from pingyi_terminal.widgets import ActionBlock, QuickValues
from pingyi_terminal.widgets.blocks import HATCH
from pingyi_terminal.widgets.keys import ActionState

MOST_SQUARES = 12
MOST_NAMES = 2
ROWS_BESIDE_PAPERS = 8
ROWS_BESIDE_BOTH = 4
"""On a low screen a table of so many rows leaves room for papers, or for papers and scores to touch; under a longer one
papers are a key away."""

ROWS_BESIDE_VALUES = 7
"""On a low screen a table of so many rows leaves room for large scores to touch; a longer one has them in one row."""

Parts = tuple[str | tuple[str, str], ...]


class SheetScreen(SeatScreen[Filling]):
    """Paints a ballot of several lines, or a list of candidates, while it is filled in and while it is looked over."""

    CSS_PATH = "sheet.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield head, table, papers, scores to touch, what is missing, and the gold block."""
        yield RoundHead(self.words)
        with Horizontal(id="middle"):
            yield SheetTable(self.words, self.face)
            with Vertical(id="papers"):
                yield Words(id="papers-title", classes="heading")
                with Scroll():
                    yield Papers()
        yield QuickValues(())
        with Horizontal(id="bottom"):
            yield BackBlock("escape", "Esc")
            yield Words(id="missing")
            yield ActionBlock(id="enter")

    def paint_face(self, words: Catalogue, face: Filling) -> None:
        """Show the sheet."""
        self.query_one(RoundHead).show(words, face.head, face.item, *task_of(words, face))
        table = self.query_one(SheetTable)
        table.words, table.sheet = words, face
        place = face.about or 0
        self.query_one("#papers-title", Words).say(f"{place + 1}  {face.targets[place].name}")
        papers = self.query_one(Papers)
        papers.words, papers.problems = words, face.problems[place]
        most = ROWS_BESIDE_BOTH if touched(face) else ROWS_BESIDE_PAPERS
        room = self.size.height >= HIGH or len(rows_of(face)) <= most
        self.query_one("#papers").display = room and (not face.form.selects or bool(papers.problems))
        self.query_one("#missing", Words).say(*missing_of(words, face))
        self.show_values(face)
        confirming = face.draft.stage is Stage.CONFIRMING
        back = self.query_one(BackBlock)
        back.display, back.label = confirming, words("seat.key_edit")
        block = self.query_one("#enter", ActionBlock)
        block.label, block.state = enter_of(words, face)

    def show_values(self, face: Filling) -> None:
        """Show the scores to touch where there is a score to fill in, and room for them."""
        scored = any(line.scored for line in face.form.lines)
        room = self.size.height >= HIGH or len(rows_of(face)) <= ROWS_BESIDE_VALUES
        values = self.query_one(QuickValues)
        values.display = touched(face)
        self.set_class(scored and not room, "-flat")
        values.values = quick_values(face.form.scale) if scored else ()


def touched(face: Filling) -> bool:
    """Whether there are scores to touch."""
    return face.draft.stage is Stage.FILLING and any(line.scored for line in face.form.lines)


def only_scores(form: Form) -> bool:
    """Whether nothing is asked but scores."""
    return all(line.scored for line in form.lines)


def task_of(words: Catalogue, face: Filling) -> Parts:
    """Return what to do, and how far it is done."""
    form, count = face.form, len(face.targets)
    if form.selects:
        return selection_task(words, face)
    if face.draft.stage is Stage.CONFIRMING:
        check = words("seat.check_sheet", count=len(form.lines)) if only_scores(form) else words("seat.check_ballot")
        return ((check, "bold"),)
    rating = isinstance(face.item.rules, RatingRules)
    asked = "rate_targets" if rating else "ask_targets" if form.scale.question else "score_targets"
    task = (words(f"seat.{asked}", count=count), "bold")
    if face.complaint is not None:
        return (task, "\n", (refusal_words(face.complaint, words), "bold $warning"))
    missing = gaps(face.draft, form)
    parts: list[str | tuple[str, str]] = [task, "\n", (words("seat.done") + " ", "$dim")]
    if len(form.lines) <= MOST_SQUARES:
        for row in range(len(form.lines)):
            parts += [(HATCH, "$dim") if row in missing else ("█", "$accent"), " "]
    return (*parts, (f"{len(form.lines) - len(missing)} / {len(form.lines)}", "bold"))


def selection_task(words: Catalogue, face: Filling) -> Parts:
    """Return how many to choose of how many, and that it is a runoff; while it is looked over, that."""
    form = face.form
    if face.draft.stage is Stage.CONFIRMING:
        return ((words("seat.check_selection", count=len(face.draft.chosen)), "bold"),)
    limits = {"count": len(form.lines), "least": form.least, "most": form.most}
    exact = "select_exactly" if form.least == form.most else "select" if form.least else "select_upto"
    task = (words(f"seat.{exact}", **limits), "bold")
    if face.complaint is not None:
        return (task, "\n", (refusal_words(face.complaint, words), "bold $warning"))
    if form.runoff:
        return (task, "\n", (words("seat.runoff", count=len(form.lines), places=form.places), "bold $warning"))
    return (task, "\n", (words("seat.places", places=form.places), "$dim"))


def missing_of(words: Catalogue, face: Filling) -> Parts:
    """Return what is wrong with the present entry, else what is missing by name, else that nothing is."""
    form, draft = face.form, face.draft
    if draft.stage is Stage.CONFIRMING:
        first = face.item.rules.press is Press.FIRST
        means = words("seat.first_counts" if first else "seat.may_change")
        return ((means, "bold $warning" if first else "$dim"),)
    if form.selects:
        return chosen_so_far(words, face)
    fault = fault_words(draft.entry, form.scale, words) if faulty(draft, form) else ""
    if fault:
        return ((fault, "bold $warning"),)
    missing = gaps(draft, form)
    if not missing:
        return ((words("seat.all_done"), "bold"), "\n", (words("seat.all_done_next"), "$dim"))
    return ((words("seat.missing", count=len(missing)), "bold $warning"), "\n", waiting_for(face, missing))


def waiting_for(face: Filling, missing: tuple[int, ...]) -> str:
    """Return what the missing lines are about: one or two by name under each other, more by their numbers."""
    waiting = {face.form.lines[row].target for row in missing}
    places = [(place, target) for place, target in enumerate(face.targets, start=1) if target.id in waiting]
    if len(places) > MOST_NAMES:
        return "  ".join(str(place) for place, _ in places)
    return "\n".join(f"{place} {target.short_name or target.name}" for place, target in places)


def chosen_so_far(words: Catalogue, face: Filling) -> Parts:
    """Return how many are chosen, and why that cannot be sent or why one more cannot be chosen."""
    form, count = face.form, len(face.draft.chosen)
    said = (words("seat.chosen_count", count=count, most=form.most), "bold $accent")
    if face.frame.discreet:
        said = (words("seat.chosen_count", count=HATCH * 2, most=form.most), "bold")
    if face.draft.full:
        return (said, "\n", (words("seat.too_many", most=form.most), "bold $warning"))
    if count < form.least:
        few = words("seat.too_few_chosen", least=form.least, short=form.least - count)
        return (said, "\n", (few, "bold $warning"))
    return (said, "\n", (words("seat.choose_keys"), "$dim"))


def enter_of(words: Catalogue, face: Filling) -> tuple[str, ActionState]:
    """Return the words of the gold block and its state: Enter goes to the next gap, then on to the review."""
    draft, form = face.draft, face.form
    if draft.stage is Stage.CONFIRMING:
        sheet = words("seat.send_sheet", count=len(form.lines))
        return sheet if only_scores(form) else words("seat.send_ballot"), "normal"
    if form.selects:
        return words("seat.review"), "normal" if complete(draft, form) else "faint"
    if faulty(draft, form):
        return words("seat.retype"), "faint"
    gap = next_gap(draft, form)
    if gap is None:
        return words("seat.review"), "normal"
    if gap == draft.row:
        return words("seat.type_first" if form.lines[gap].scored else "seat.choose_first_here"), "faint"
    return gap_words(words, face, form.lines[gap]), "normal"


def gap_words(words: Catalogue, face: Filling, line: Line) -> str:
    """Return where Enter goes: to another criterion of the same target, or to another target."""
    if line.criterion and line.target == face.form.lines[face.draft.row].target:
        criterion = next(one for one in face.item.criteria_of(line.target) if one.id == line.criterion)
        return words("seat.fill_criterion", criterion=criterion.name)
    place, target = next(
        (place, target) for place, target in enumerate(face.targets, start=1) if target.id == line.target
    )
    return words("seat.fill_next", place=place, target=target.short_name or target.name)
