"""One question and nothing else: a motion, the rating of one target, or the trial vote."""

from collections.abc import Iterator

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from pingyi_protocol.meeting.definition import RatingRules
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.choice_blocks import ChoiceBlocks
from pingyi_terminal.seat.faces import Filling
from pingyi_terminal.seat.papers import Papers
from pingyi_terminal.seat.parts import RoundHead, Scroll, TrialBanner, Words
from pingyi_terminal.seat.screen import HIGH, WIDE, SeatScreen
from pingyi_terminal.seat.wordings import ballot_words, refusal_words, topic
from pingyi_terminal.widgets import ActionBlock


class ChoiceScreen(SeatScreen[Filling]):
    """Paints a ballot of one choice while it is made."""

    CSS_PATH = "choice.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield head, banner, what is asked, the options and the gold block."""
        yield RoundHead(self.words)
        yield TrialBanner()
        with Vertical(id="asked", classes="panel"):
            yield Words(id="subject", classes="strong")
            with Scroll():
                yield Papers()
        yield ChoiceBlocks()
        with Horizontal(id="bottom"):
            yield ActionBlock(id="enter")

    def paint_face(self, words: Catalogue, face: Filling) -> None:
        """Show what is asked, and what was chosen."""
        trial, hidden = face.head.trial, face.frame.discreet
        self.query_one(RoundHead).show(words, face.head, face.item, *task_of(words, face))
        banner = self.query_one(TrialBanner)
        banner.display = trial
        banner.show(words)
        self.set_class(not face.targets, "-bare")
        self.query_one("#asked").display = not trial
        self.query_one("#subject", Words).say(topic(face.item, face.targets, words))
        papers = self.query_one(Papers)
        papers.words, papers.problems = words, face.problems[0] if face.problems else ()
        papers.brief = self.size.width < WIDE or self.size.height < HIGH
        options, option = face.form.lines[0].options, face.draft.entry.option
        blocks = self.query_one(ChoiceBlocks)
        blocks.labels = tuple(words(f"choices.{one}") for one in options)
        blocks.chosen = options.index(option) if option is not None else None
        blocks.hidden = hidden
        block = self.query_one("#enter", ActionBlock)
        block.state = "faint" if option is None else "normal"
        shown = words("seat.hidden") if hidden else words(f"choices.{option}") if option else ""
        keys = words("seat.choose_first", last=len(options))
        block.label = words("seat.confirm", score=shown) if option else keys


def task_of(words: Catalogue, face: Filling) -> tuple[str | tuple[str, str], ...]:
    """Return what to do; under it what was refused, or what is on the record already."""
    kind = "trial" if face.head.trial else "rating" if isinstance(face.item.rules, RatingRules) else "motion"
    task: list[str | tuple[str, str]] = [(words(f"seat.task_{kind}"), "bold")]
    if face.complaint is not None:
        task += ["\n", (refusal_words(face.complaint, words), "bold $warning")]
    elif face.earlier is not None and not (face.frame.discreet or face.earlier.sealed):
        earlier = ballot_words(face.earlier.answers, face.item, face.targets, words)
        task += ["\n", (words("seat.changing_choice", choice=earlier), "$ok")]
    elif face.draft.changing:
        task += ["\n", (words("seat.changing_choice_unknown"), "$ok")]
    return tuple(task)
