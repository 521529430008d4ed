"""The first screen: it shows a ``CardView`` or a ``StepView`` and decides nothing."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen

from pingyi_terminal.enrolment.picture import CardPicture, TypedGroups
from pingyi_terminal.enrolment.view import CardView, StepView, Tone
from pingyi_terminal.seat.parts import BackBlock, BigWord, Words
from pingyi_terminal.seat.screen import WIDE
from pingyi_terminal.widgets import ActionBlock, BigText, HeaderBar, KeyHints

FIGURES = 2
HIGH = 34
"""Rows from which the middle of the screen is used."""
HIDDEN = "█ "


class EnrolmentScreen(Screen[None]):
    """A card to scan and places to type in; or one word, what it means, and what Enter and Esc do."""

    AUTO_FOCUS: ClassVar[str | None] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-low"), (HIGH, "-high")]  # noqa: RUF012 - Textual declares it so
    # whole, because the screens of pages are made from it elsewhere
    CSS_PATH = Path(__file__).with_suffix(".tcss")

    def compose(self) -> ComposeResult:
        """Compose both faces, empty."""
        yield HeaderBar(id="header")
        with Vertical(id="card"):
            with Horizontal(id="scan"):
                yield CardPicture()
                with Vertical():
                    yield BigText(colour="accent", id="scan-word")
                    yield Words(id="scan-words")
            yield Words(id="type-heading")
            yield TypedGroups()
            yield Words(id="said")
        with Vertical(id="step"):
            with Vertical(id="block"):
                yield BigWord(id="word")
            yield Words(id="heading")
            for place in range(FIGURES):
                yield BigText(id=f"figure-{place}", classes="figure")
            yield Words(id="hidden")
            yield Words(id="sentences")
            with Horizontal(id="actions"):
                yield ActionBlock(id="action")
                yield BackBlock("escape", "Esc", id="back")
        with Horizontal(id="keys"):
            yield KeyHints()

    def show_view(self, view: CardView | StepView, product: str, title: str) -> None:
        """Show a view under this header."""
        header = self.query_one(HeaderBar)
        header.product, header.title = product, title
        self.query_one(KeyHints).hints = view.hints
        self.query_one("#card").display = isinstance(view, CardView)
        self.query_one("#step").display = isinstance(view, StepView)
        if isinstance(view, CardView):
            self.show_card(view)
        else:
            self.show_step(view)

    def show_card(self, view: CardView) -> None:
        """Show what was typed so far."""
        self.query_one(CardPicture).caption = view.caption
        self.query_one("#scan-word", BigText).text = view.word
        first, *others = view.sentences
        self.query_one("#scan-words", Words).say((first, "bold"), *(f"\n\n{sentence}" for sentence in others))
        self.query_one("#type-heading", Words).say(view.heading)
        groups = self.query_one(TypedGroups)
        groups.groups, groups.marks = view.groups, view.marks
        said = self.query_one("#said", Words)
        said.say(view.said)
        said.set_class(view.loud, "-loud")

    def show_step(self, view: StepView) -> None:
        """Show a step of the enrolment."""
        block, word = self.query_one("#block"), self.query_one("#word", BigWord)
        block.display = bool(view.word)
        for tone in Tone:
            block.set_class(view.tone is tone, f"-{tone}")
        word.text, word.colour = view.word, "dim" if view.tone is Tone.QUIET else "chip-text"
        heading = self.query_one("#heading", Words)
        heading.say(view.heading)
        heading.display = bool(view.heading)
        for place in range(FIGURES):
            figure = self.query_one(f"#figure-{place}", BigText)
            figure.display = place < len(view.figures)
            figure.text = view.figures[place] if figure.display else ""
        first, *others = view.sentences
        self.query_one("#sentences", Words).say((first, "bold"), *(f"\n\n{sentence}" for sentence in others))
        hidden = self.query_one("#hidden", Words)
        hidden.display = view.hidden is not None
        hidden.say(HIDDEN * (view.hidden or 0))
        action, back = self.query_one("#action", ActionBlock), self.query_one("#back", BackBlock)
        action.display, action.label = bool(view.action), view.action
        back.display, back.label = bool(view.back), view.back
