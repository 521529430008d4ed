"""Letting a round be opened though too few terminals have cosigned the record: the reason, and one more key."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.void import PREPARED, ReasonInput, ReasonScreen
from pingyi_terminal.widgets import ActionBlock, Hint, KeyHints


class OverrideScreen(ReasonScreen):
    """A panel over the desk, dismissed with the reason, "" where the scrutineer thinks better of it."""

    CSS_PATH = "override.tcss"
    FAULT = "override-fault"

    def __init__(self, words: Catalogue, item: str, number: int, size: int) -> None:
        super().__init__(words)
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
            yield Static("", id=self.FAULT, markup=False)
            yield ActionBlock(label=self.words("scrutiny.override_confirm"), state="danger")
            yield KeyHints((Hint("escape", "Esc", self.words("chair.key_back")),))
