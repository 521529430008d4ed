"""Declaring a round void: the reason, chosen or typed, and one more key to confirm."""

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from pingyi_protocol.meeting.reasons import LONGEST_REASON, is_reason
from pingyi_protocol.text import Catalogue
from pingyi_terminal.widgets import ActionBlock, Hint, KeyHints

PREPARED = ("1", "2", "3")


class ReasonInput(Input):
    """The reason. A digit in the empty field, full-width too, takes the prepared words of that number."""

    def __init__(self, prepared: Mapping[str, str]) -> None:
        super().__init__(id="void-reason", max_length=LONGEST_REASON)
        self.prepared = prepared

    def insert_text_at_cursor(self, text: str) -> None:
        """Insert what was typed, or the words that it stands for."""
        chosen = None if self.value else self.prepared.get(text.translate(FULL_WIDTH))
        super().insert_text_at_cursor(chosen or text)


FULL_WIDTH = str.maketrans("１２３", "123")


class ReasonScreen(ModalScreen[str]):
    """A panel over the desk that asks for a reason, dismissed with it, "" where whoever was asked thinks better of it.

    ``FAULT`` is the id of the line that says what is wrong with it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+q,ctrl+c", "withdraw", priority=True)]
    FAULT: ClassVar[str]

    def __init__(self, words: Catalogue) -> None:
        super().__init__()
        self.words = words

    def on_mount(self) -> None:
        """Let the reason be typed at once."""
        self.query_one(ReasonInput).focus()

    @on(Input.Submitted)
    def confirm(self, event: Input.Submitted) -> None:
        """Take the reason, or say what is wrong with it."""
        if is_reason(event.value):
            self.dismiss(event.value)
        else:
            self.query_one(f"#{self.FAULT}", Static).update(self.words("chair.void_needs_reason"))

    def action_withdraw(self) -> None:
        """Leave the round as it is."""
        self.dismiss("")


class VoidScreen(ReasonScreen):
    """A panel over the desk, dismissed with the reason, "" where the chair thinks better of it."""

    CSS_PATH = "void.tcss"
    FAULT = "void-fault"

    def __init__(self, words: Catalogue, item: str, number: int) -> None:
        super().__init__(words)
        self.item = item
        self.number = number

    def compose(self) -> ComposeResult:
        """Compose the panel."""
        with Vertical(id="void-panel", classes="panel"):
            title = self.words("chair.void_title", item=self.item, round=self.number)
            yield Static(title, id="void-title", markup=False)
            yield Static(self.words("chair.void_means"), markup=False)
            yield Static(self.words("chair.void_reason"), classes="dim", markup=False)
            for number in PREPARED:
                yield KeyHints((Hint(number, number, self.words(f"chair.void_reason_{number}")),))
            yield ReasonInput({number: self.words(f"chair.void_reason_{number}") for number in PREPARED})
            yield Static("", id=self.FAULT, markup=False)
            yield ActionBlock(label=self.words("chair.void_confirm"), state="danger")
            yield KeyHints((Hint("escape", "Esc", self.words("chair.key_back")),))
