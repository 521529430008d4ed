"""What the operator can press, and a test pattern for the machine's font."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Label

from pingyi_protocol.text import Catalogue
from pingyi_terminal.widgets import BigFigure, Hint, KeyHints


class HelpScreen(ModalScreen[None]):
    """Stands over the face until it is put away; the meeting goes on behind it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f1,escape", "dismiss")]

    def __init__(self, words: Catalogue, *, ranks: bool, pauses: bool, keyed: bool) -> None:
        """Say what the keys do; whether there is something to rank, can be a break, and is a key of secret ballots."""
        super().__init__()
        self.words = words
        self.ranks = ranks
        self.pauses = pauses
        self.keyed = keyed

    def compose(self) -> ComposeResult:
        """Compose the help."""
        words = self.words
        with Vertical(id="help"):
            yield Label(words("hall.help_title"), classes="strong", markup=False)
            yield Label(words("hall.help_text"), markup=False)
            code = (Hint("f4", "F4", words("sealed.wall_key_hint")),) if self.keyed else ()
            yield KeyHints(
                (
                    *code,
                    Hint("f5", "F5", words("hall.key_ranking"), "normal" if self.ranks else "faint"),
                    Hint("f6", "F6", words("hall.key_break"), "normal" if self.pauses else "faint"),
                    Hint("f3", "F3", words("hall.key_theme")),
                    Hint("f12", "F12", words("hall.key_colours")),
                )
            )
            yield KeyHints(
                (
                    Hint("f2", "F2", words("hall.key_language")),
                    Hint("escape", "Esc", words("hall.key_close"), "main"),
                    Hint("ctrl+q", "Ctrl+Q", words("hall.key_quit")),
                )
            )
            yield Label(words("hall.help_pattern"), classes="dim", markup=False)
            yield Label(words("hall.help_wide"), id="help-wide", markup=False)
            yield Label(words("hall.help_narrow"), markup=False)
            yield BigFigure("0123456789", "S")
