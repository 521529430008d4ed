"""Help: every key of the chair, what it does, and whether it can be pressed now."""

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.moves import (
    agreeing,
    check_in_switch,
    ending,
    extension,
    pausing,
    revote,
    taking_back,
    trial,
    voidable,
)
from pingyi_terminal.chair.situation import Situation
from pingyi_terminal.chair.step import next_step
from pingyi_terminal.widgets import Hint, KeyHints
from pingyi_terminal.widgets.cells import fit


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One key: what is written on it, what it does, and whether it does so now."""

    chip: str
    text: str
    possible: bool


def help_lines(words: Catalogue, situation: Situation | None) -> tuple[HelpLine, ...]:
    """Return the keys with what they do now."""
    step = next_step(words, situation) if situation else None
    can_step = step is not None and step.does is not None
    enter = words("chair.help_enter_now", step=step.label) if step and can_step else words("chair.help_enter")
    return (
        HelpLine("Enter", enter, can_step),
        HelpLine("Esc", words("chair.help_escape"), True),
        HelpLine(words("chair.chip_choose"), words("chair.help_choose"), situation is not None),
        HelpLine("+", words("chair.help_extend"), situation is not None and extension(situation) is not None),
        HelpLine("F3", words("chair.help_check_in"), situation is not None and check_in_switch(situation) is not None),
        HelpLine("F4", words("chair.help_pause"), situation is not None and pausing(situation) is not None),
        HelpLine("F5", words("chair.help_trial"), situation is not None and trial(situation) is not None),
        HelpLine("F6", words("chair.help_agree"), situation is not None and agreeing(situation) is not None),
        HelpLine("F7", words("chair.help_end"), situation is not None and ending(situation) is not None),
        HelpLine("F8", words("chair.help_void"), situation is not None and can_void(situation)),
        HelpLine("F9", words("chair.help_revote"), situation is not None and revote(situation) is not None),
        HelpLine("F2", words("chair.help_language"), True),
        HelpLine("Ctrl+Q", words("chair.help_leave"), True),
    )


def can_void(situation: Situation) -> bool:
    """Whether F8 declares a round void now, or takes that back."""
    return voidable(situation) is not None or taking_back(situation) is not None


class HelpScreen(ModalScreen[None]):
    """A panel over the desk. Esc, Enter, F1 or a click closes it."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,f1,f2,ctrl+q,ctrl+c", "dismiss")]
    CHIP = 10

    def __init__(self, words: Catalogue, lines: tuple[HelpLine, ...]) -> None:
        super().__init__()
        self.words = words
        self.lines = lines

    def compose(self) -> ComposeResult:
        """Compose the panel."""
        with Vertical(id="help", classes="panel -accent"):
            yield Static(self.words("chair.help_title"), classes="strong", markup=False)
            for line in self.lines:
                yield Static(self.row(line), classes="help-line")
            yield Static(self.words("chair.help_mouse"), classes="dim tight after", markup=False)
            yield Static(self.words("chair.help_letters"), classes="dim tight", markup=False)
            yield Static(self.words("chair.help_seats"), classes="dim", markup=False)
            yield KeyHints((Hint("escape", "Esc", self.words("chair.help_close"), "main"),))

    def row(self, line: HelpLine) -> Text:
        """Return one key with its words; what cannot be pressed now says so and is faint."""
        palette = self.app.theme_variables
        ink = palette["foreground" if line.possible else "faint"]
        text = Text()
        text.append(fit(line.chip, self.CHIP), f"bold {ink}")
        text.append(line.text, ink)
        if not line.possible:
            text.append(f"  {self.words('chair.help_not_now')}", ink)
        return text

    def on_click(self) -> None:
        """Close."""
        self.dismiss()
