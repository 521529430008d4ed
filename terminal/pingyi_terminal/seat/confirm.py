"""Once more before it is sent: the value alone, large."""

from collections.abc import Iterator
from decimal import Decimal

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pingyi_protocol.meeting.definition import Option, Press
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.draft import Stage, score_of
from pingyi_terminal.seat.faces import Filling
from pingyi_terminal.seat.parts import BackBlock, BigWord, FittingFigure, RoundHead, TrialBanner, Words
from pingyi_terminal.seat.screen import SeatScreen
from pingyi_terminal.seat.wordings import GAP, ballot_words, large_words, points, topic
from pingyi_terminal.widgets import ActionBlock, band_of

MARGIN = 4


class ConfirmScreen(SeatScreen[Filling]):
    """Paints a ballot of one line, or an abstention from it all, that waits for its second Enter."""

    CSS_PATH = "confirm.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield head, question, value, and the two blocks."""
        yield RoundHead(self.words)
        yield TrialBanner()
        with Vertical(id="value"):
            yield Words(id="subject", classes="strong")
            yield FittingFigure(id="score", colour="accent")
            yield BigWord(id="word", colour="accent")
            yield Words(id="grade")
        with Horizontal(id="bottom"):
            yield BackBlock("escape", "Esc")
            yield ActionBlock(id="enter")

    def paint_face(self, words: Catalogue, face: Filling) -> None:
        """Show the value alone."""
        score, option = asked_of(face)
        hidden = face.frame.discreet
        first = face.item.rules.press is Press.FIRST
        once = (words("seat.first_counts" if first else "seat.check_once"), "bold $warning" if first else "$dim")
        self.query_one(RoundHead).show(words, face.head, face.item, *task_of(words, face, score), "\n", once)
        subject = self.query_one("#subject", Words)
        subject.display = score is None and not face.head.trial
        subject.say(topic(face.item, face.targets, words))
        banner = self.query_one(TrialBanner)
        banner.display = face.head.trial
        banner.show(words)
        self.set_class(face.head.trial, "-trial")
        figure = self.query_one("#score", FittingFigure)
        figure.display, figure.hidden = score is not None, hidden
        figure.text = face.draft.entry.text if score is not None else ""
        word = self.query_one("#word", BigWord)
        word.display, word.hidden = score is None, hidden
        word.text = large_words(option, words, self.size.width - MARGIN) if option else ""
        self.query_one("#grade", Words).say(*grade_of(words, face, score, word.text))
        back = self.query_one(BackBlock)
        back.label = words("seat.key_edit")
        block = self.query_one("#enter", ActionBlock)
        shown = words(f"choices.{option}") if option else points(score, words)
        block.label = words("seat.send", score=words("seat.hidden") if hidden else shown)


def task_of(words: Catalogue, face: Filling, score: Decimal | None) -> tuple[str | tuple[str, str], ...]:
    """Return what is being confirmed: a score with its target, or a vote."""
    if score is None:
        return ((words("seat.your_vote"), "bold"),)
    before, after = words("seat.give_target", target=GAP).split(GAP)
    return (before, (topic(face.item, face.targets, words), "bold"), after)


def asked_of(face: Filling) -> tuple[Decimal | None, Option | None]:
    """Return the score that is to be confirmed, or else the choice."""
    if face.draft.stage is Stage.ABSTAINING:
        return None, Option.ABSTAIN
    if face.draft.entry.option is not None:
        return None, face.draft.entry.option
    return score_of(face.draft.entry, face.form.scale), None


def grade_of(words: Catalogue, face: Filling, score: Decimal | None, shown: str) -> tuple[str | tuple[str, str], ...]:
    """Return what stands under the value: its band, what abstaining means, or the choice where it is ``shown`` shorter.

    After it, which ballot this one replaces.
    """
    hidden = face.frame.discreet
    band = None if score is None or hidden else band_of(face.form.scale, score)
    means = words("seat.abstention_means") if face.form.lines[0].scored else words("seat.abstention_recorded")
    option = asked_of(face)[1]
    chosen = words(f"choices.{option}") if option and not hidden else ""
    abstains = option is Option.ABSTAIN and not hidden
    said = f" {band.name} " if band else chosen if chosen.upper() != shown else ""
    grade = (means, "$dim") if abstains else (said, "bold $accent")
    before = replaced(words, face)
    return (grade, *(("\n", (before, "$ok")) if before else ()))


def replaced(words: Catalogue, face: Filling) -> str:
    """Return which ballot on the record this one takes the place of, "" if there is none."""
    if face.earlier is None or face.earlier.sealed:
        return words("seat.replaces_unknown") if face.draft.changing else ""
    earlier = ballot_words(face.earlier.answers, face.item, face.targets, words)
    return words("seat.replaces", score=words("seat.hidden") if face.frame.discreet else earlier)
