"""A signed ballot on its way: where it is, and that it is not lost, while no receipt has come."""

from collections.abc import Iterator

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pingyi_protocol.meeting.commands import Score
from pingyi_protocol.meeting.definition import Secrecy, SelectionRules
from pingyi_protocol.text import Catalogue
from pingyi_terminal.sealed import is_secret
from pingyi_terminal.seat.faces import Sent
from pingyi_terminal.seat.parts import Words
from pingyi_terminal.seat.screen import SeatScreen
from pingyi_terminal.seat.wordings import clock, short_words, topic
from pingyi_terminal.widgets import BigFigure, BigText, ModeBlock

STEPS = ("signed", "kept", "sent", "recorded")


class SentScreen(SeatScreen[Sent]):
    """Paints a ballot that waits for its receipt, or for the link."""

    CSS_PATH = "sent.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield the block, the sentences and the four steps."""
        with Horizontal(id="block"):
            yield BigText(id="word")
            with Vertical(id="since"):
                yield BigFigure("", "S", id="since-clock")
                yield Words(id="since-words")
                yield ModeBlock(self.words, Secrecy.SECRET)
        yield Words(id="sentences")
        with Horizontal(id="steps"):
            for step in STEPS:
                with Vertical(id=f"step-{step}", classes="step"):
                    yield Words(classes="step-name")
                    yield Words(classes="step-state")
        yield Words(id="clock")
        yield Words(id="advice")

    def paint_face(self, words: Catalogue, face: Sent) -> None:
        """Show where the ballot is."""
        lost = face.frame.lost > 0
        self.query_one("#block").set_class(lost, "-lost")
        word = self.query_one("#word", BigText)
        word.text = words("seat.lost" if lost else "seat.sent")
        word.colour = "chip-text" if lost else "dim"
        since = self.query_one("#since-clock", BigFigure)
        since.colour, since.text = "chip-text", clock(face.frame.lost) if lost else ""
        self.query_one("#since-words", Words).say(words("seat.lost_since") if lost else "")
        mode = self.query_one(ModeBlock)
        mode.words, mode.display = words, is_secret(face.item) and not lost
        since.display = self.query_one("#since-words").display = not mode.display
        self.query_one("#sentences", Words).say(
            (said_of(words, face), "bold"), "\n", words(f"seat.{state(face)}_means")
        )
        for number, step in enumerate(STEPS, start=1):
            self._show_step(words, number, step, lost=lost)
        seconds = face.head.seconds
        estimate = words("seat.clock_estimate", left=clock(seconds)) if seconds is not None else ""
        self.query_one("#clock", Words).say((f"{estimate}{words('seat.clear_answer')}", "$dim"))
        late, advice = words("seat.advice_when"), words("seat.advice")
        self.query_one("#advice", Words).say((f"{late}  ", "bold $warning"), (advice, "bold"))

    def _show_step(self, words: Catalogue, number: int, step: str, *, lost: bool) -> None:
        done = number <= (2 if lost else 3)
        now = number == (3 if lost else 4)
        box = self.query_one(f"#step-{step}")
        box.set_class(done, "-done")
        box.set_class(now, "-now")
        name = f"{number} {words(f'seat.step_{step}')}"
        box.query_one(".step-name", Words).say((name, "bold" if done or now else "$faint"))
        state = "step_done" if done else "step_now" if now else "step_later"
        box.query_one(".step-state", Words).say(words(f"seat.{state}"))


def state(face: Sent) -> str:
    """Return the catalogue's word for where the ballot is."""
    return "lost" if face.frame.lost else "sent"


def said_of(words: Catalogue, face: Sent) -> str:
    """Return that this very ballot is not lost."""
    about = topic(face.item, face.targets, words)
    if is_secret(face.item):
        return words(f"seat.{state(face)}_sealed", item=about)
    lone = len(face.answers) == 1 and not isinstance(face.item.rules, SelectionRules)
    if not lone:
        return words(f"seat.{state(face)}_sheet", item=about)
    shown = words("seat.hidden") if face.frame.discreet else short_words(face.answers[0], words)
    kind = "target" if isinstance(face.answers[0], Score) else "choice"
    return words(f"seat.{state(face)}_{kind}", target=about, score=shown)
