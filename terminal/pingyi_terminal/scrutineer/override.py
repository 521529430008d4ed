"""Letting a round be opened though too few terminals have cosigned the record: the reason, and one more key."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.void import PREPARED, ReasonInput
from pingyi_terminal.widgets import ActionBlock, Hint, KeyHints


class OverrideScreen(ModalScreen[str]):
    """A panel over the desk, dismissed with the reason, "" where the scrutineer thinks better of it."""

    CSS_PATH = "override.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+q,ctrl+c", "withdraw", priority=True)]

    def __init__(self, words: Catalogue, item: str, number: int, size: int) -> None:
        super().__init__()
        self.words = words
        self.item = item
        self.number = number
        self.size_of_head = size

    def compose(self) -> ComposeResult:
        """Compose the panel."""
        with Vertical(id="override-panel", classes="panel"):
            title = self.words("scrutiny.override_title", item=self.item, round=self.number)
            yield Static(title, id="override-title", markup=False)
            yield Static(self.words("scrutiny.override_means", size=self.size_of_head), markup=False)
            yield Static(self.words("scrutiny.override_reason"), classes="dim", markup=False)
            prepared = {number: self.words(f"scrutiny.override_reason_{number}") for number in PREPARED}
            for number, reason in prepared.items():
                yield KeyHints((Hint(number, number, reason),))
            yield ReasonInput(prepared)
            yield Static("", id="override-fault", markup=False)
            yield ActionBlock(label=self.words("scrutiny.override_confirm"), state="danger")
            yield KeyHints((Hint("escape", "Esc", self.words("chair.key_back")),))

    def on_mount(self) -> None:
        """Let the reason be typed at once."""
        self.query_one(ReasonInput).focus()

    @on(Input.Submitted)
    def confirm(self, event: Input.Submitted) -> None:
        """Take the reason, or say what is wrong with it."""
        if is_reason(event.value):
            self.dismiss(event.value)
        else:
            self.query_one("#override-fault", Static).update(self.words("chair.void_needs_reason"))

    def action_withdraw(self) -> None:
        """Leave the round as it is."""
        self.dismiss("")
