"""Once more before it is sent: the value alone, large."""

from collections.abc import Iterator

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pingyi_protocol.meeting.definition import Press
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.draft import Stage, score_of
from pingyi_terminal.seat.faces import Filling
from pingyi_terminal.seat.parts import BackBlock, FittingFigure, RoundHead, Words
from pingyi_terminal.seat.screen import SeatScreen
from pingyi_terminal.seat.wordings import graded, points
from pingyi_terminal.widgets import ActionBlock, BigText, band_of


class ConfirmScreen(SeatScreen[Filling]):
    """Paints a ballot of one target, or an abstention, that waits for its second Enter."""

    CSS_PATH = "confirm.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield head, question, value, and the two blocks."""
        yield RoundHead(self.words)
        with Vertical(id="value"):
            yield FittingFigure(id="score", colour="accent")
            yield BigText(id="abstention", colour="accent")
            yield Words(id="grade")
        with Horizontal(id="bottom"):
            yield BackBlock("escape", "Esc")
            yield ActionBlock(id="enter")

    def paint_face(self, words: Catalogue, face: Filling) -> None:
        """Show the value alone."""
        abstains = face.draft.stage is Stage.ABSTAINING
        score = None if abstains else score_of(face.draft.entry, face.item.rules)
        hidden = face.frame.discreet
        first = face.item.rules.press is Press.FIRST
        before, after = words("seat.give_target", target="\0").split("\0")
        target = (face.targets[0].name, "bold")
        once = (words("seat.first_counts" if first else "seat.check_once"), "bold $warning" if first else "$dim")
        self.query_one(RoundHead).show(words, face.head, face.item, before, target, after, "\n", once)
        figure = self.query_one("#score", FittingFigure)
        figure.display, figure.hidden = not abstains, hidden
        figure.text = face.draft.entry.text
        abstention = self.query_one("#abstention", BigText)
        abstention.display, abstention.text = abstains, words("seat.abstention")
        band = None if score is None or hidden else band_of(face.item.rules, score)
        grade = (
            (words("seat.abstention_means"), "$dim") if abstains else (f" {band.name} " if band else "", "bold $accent")
        )
        before = replaced(words, face)
        self.query_one("#grade", Words).say(grade, *(("\n", (before, "$ok")) if before else ()))
        back = self.query_one(BackBlock)
        back.label = words("seat.key_edit")
        block = self.query_one("#enter", ActionBlock)
        block.label = words("seat.send", score=words("seat.hidden") if hidden else points(score, words))


def replaced(words: Catalogue, face: Filling) -> str:
    """Return which ballot on the record this one takes the place of, "" if there is none."""
    if face.earlier is None:
        return words("seat.replaces_unknown") if face.draft.changing else ""
    earlier = graded(face.earlier.answers[0], face.item.rules, words)
    return words("seat.replaces", score=words("seat.hidden") if face.frame.discreet else earlier)
