"""The panel of help: every key of a screen, what it does, and whether it can be pressed now."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from pingyi_protocol.text import Catalogue
from pingyi_terminal.widgets import Hint, KeyHints


@dataclass(frozen=True, slots=True)
class HelpLine:
    """One key: what is written on it, what it does, and whether it does so now."""

    chip: str
    text: str
    possible: bool = True


@dataclass(frozen=True, slots=True)
class HelpPage:
    """What the panel says: a title, the keys, and dim lines below them."""

    title: str
    lines: tuple[HelpLine, ...]
    notes: tuple[str, ...] = ()


class HelpPanel(ModalScreen[None]):
    """A panel over the screen that tells ``page_now()``, also when the meeting moves on beneath it.

    Esc, Enter, F1, F2 or a click closes it; arrows and wheel scroll what a low terminal has no room for.
    """

    CSS_PATH = "help_panel.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,f1,f2,ctrl+q,ctrl+c", "dismiss"),
        Binding("up", "move(-1)"),
        Binding("down", "move(1)"),
    ]
    CHIP = 10
    LOOK_SECONDS = 0.5

    def __init__(self, words: Catalogue, page_now: Callable[[], HelpPage]) -> None:
        super().__init__()
        self.words = words
        self.page_now = page_now
        self.page = page_now()

    def compose(self) -> ComposeResult:
        """Compose the panel."""
        with Vertical(id="help", classes="panel -accent"):
            yield Static(self.page.title, id="help-title", classes="strong", markup=False)
            with VerticalScroll(can_focus=False):
                yield Static(self.keys(), id="help-lines", markup=False)
                yield Static("\n".join(self.page.notes), id="help-notes", classes="dim", markup=False)
            yield KeyHints((Hint("escape", "Esc", self.words("chair.help_close"), "main"),))

    def on_mount(self) -> None:
        """Look again and again whether other keys are possible."""
        self.set_interval(self.LOOK_SECONDS, self.look)

    def look(self) -> None:
        """Tell what is possible now."""
        page = self.page_now()
        if page != self.page:
            self.page = page
            self.query_one("#help-lines", Static).update(self.keys())

    def keys(self) -> Table:
        """Return the keys with their words; what cannot be pressed now says so and is faint."""
        palette, table = self.app.theme_variables, Table.grid()
        table.add_column(width=self.CHIP)
        table.add_column()
        for line in self.page.lines:
            ink = palette["foreground" if line.possible else "faint"]
            told = line.text if line.possible else self.words("chair.help_not_now", text=line.text)
            table.add_row(Text(line.chip, f"bold {ink}"), Text(told, ink))
        return table

    def action_move(self, rows: int) -> None:
        """Scroll."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def on_click(self) -> None:
        """Close."""
        self.dismiss()
