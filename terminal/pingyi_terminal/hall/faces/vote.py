"""The votes on one question: each option with its count, the outcome, and what was needed for it."""

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from pingyi_protocol.meeting.definition import TRIAL, Option
from pingyi_protocol.meeting.figures import ChoiceFigures, Outcome
from pingyi_protocol.text import Catalogue
from pingyi_terminal.hall.face import Vote
from pingyi_terminal.hall.faces.parts import (
    Facts,
    Headline,
    Line,
    WordBlock,
    Words,
    full_name,
    names_of,
    remarks,
    turnout,
)
from pingyi_terminal.hall.faces.result import announced_words
from pingyi_terminal.hall.fitting import Room, largest_name
from pingyi_terminal.widgets import BandBars, Bar

DECIDING = frozenset({Option.FOR, Option.SATISFIED})
TWO_LINES_ROWS = 34
GOOD = frozenset({Outcome.PASSED, Outcome.SATISFIED})


class VoteFace(Vertical):
    """Shows ``Vote``."""

    def compose(self) -> ComposeResult:
        """Compose the face."""
        with Vertical(classes="body"):
            yield Headline(id="vote-name")
            yield Line(id="vote-labels")
            with Horizontal(id="vote-figures"):
                yield BandBars(id="vote-bars")
                yield WordBlock(id="vote-outcome")
        with Vertical(id="vote-foot", classes="foot"):
            yield Facts()
            yield Line(id="vote-line")

    def show(self, face: Vote, words: Catalogue, room: Room, at: str) -> None:
        """Show the votes; ``at`` as on the result's own face."""
        figures, whole = face.figures, face.whole
        names = names_of(face.item, (face.target,) if face.target else (), words)
        headline = self.query_one(Headline)
        headline.names = names
        headline.breaks = room.rows >= TWO_LINES_ROWS and not largest_name(names, room.columns)
        labels = self.query_one("#vote-labels", Line)
        labels.left = remarks(face.item, face.round, whole.manual, words)
        labels.middle = full_name(names, room.columns)
        labels.right = () if face.item is TRIAL else (Words(needed_words(face, words), bold=True),)
        bars = self.query_one(BandBars)
        bars.whole = figures.base
        bars.bars = tuple(
            Bar(words(f"choices.{one.option}"), one.count, one.option in DECIDING) for one in figures.counts
        )
        outcome = self.query_one("#vote-outcome", WordBlock)
        outcome.display = face.item is not TRIAL
        outcome.word = words(f"choices.{figures.outcome}")
        outcome.colour = "ok" if figures.outcome in GOOD else "warning"
        self.query_one(Facts).facts = turnout(whole, figures.not_voted, words)
        foot = self.query_one("#vote-line", Line)
        foot.left = () if face.item is TRIAL else (Words(share_words(figures, words)),)
        foot.right = () if face.item is TRIAL else announced_words(face.announced, at, words)


def needed_words(face: Vote, words: Catalogue) -> str:
    """Say out of which number how many are needed."""
    figures = face.figures
    return words("hall.needed", needed=figures.needed, base=figures.base)


def share_words(figures: ChoiceFigures, words: Catalogue) -> str:
    """Say what the outcome rests on."""
    first = figures.counts[0]
    return words("hall.share", option=words(f"choices.{first.option}"), count=first.count, base=figures.base)
