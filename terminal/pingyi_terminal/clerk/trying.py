"""The trial of other weights: a line for each, and beside them at once what they would give. It is kept nowhere."""

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.figures import CompositeLine
from pingyi_protocol.text import Catalogue
from pingyi_terminal.clerk.table import Table
from pingyi_terminal.clerk.weights import Sum, fields_of, table_of, tried
from pingyi_terminal.widgets import Hint, KeyHints

LONGEST_WEIGHT = 10


class WeightsScreen(ModalScreen[None]):
    """Tries other weights on these composites. Esc closes it, and nothing is left of them."""

    CSS_PATH = "trying.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+q,ctrl+c", "dismiss", priority=True),
        Binding("up", "app.focus_previous", priority=True),
        Binding("down", "app.focus_next", priority=True),
        Binding("pageup", "look(-5)", priority=True),
        Binding("pagedown", "look(5)", priority=True),
        Binding("f5", "reset", priority=True),
    ]

    def __init__(self, words: Catalogue, definition: Definition, lines: tuple[CompositeLine, ...]) -> None:
        super().__init__()
        self.words = words
        self.definition = definition
        self.lines = lines
        self.fields = fields_of(definition)

    def compose(self) -> ComposeResult:
        """Compose the panel."""
        words = self.words
        with Vertical(id="try", classes="panel -warning"):
            yield Static(words("clerk.try_title"), id="try-title", markup=False)
            with Horizontal(id="try-row"):
                with VerticalScroll(id="try-weights", can_focus=False):
                    for place, field in enumerate(self.fields):
                        with Horizontal(classes="try-line -inner" if field.inner else "try-line"):
                            yield Static(field.name, markup=False)
                            yield Input(f"{field.weight:f}", id=f"weight-{place}", max_length=LONGEST_WEIGHT)
                yield Table(id="try-table")
            yield Static("", id="try-sums", markup=False)
            yield KeyHints(
                (
                    Hint("", words("clerk.chip_move"), words("clerk.key_line")),
                    Hint("", words("clerk.chip_pages"), words("clerk.key_look")),
                    Hint("f5", "F5", words("clerk.key_reset")),
                    Hint("escape", "Esc", words("clerk.key_drop"), "main"),
                )
            )

    @on(Input.Changed)
    def changed(self) -> None:
        """Show at once what these weights give."""
        inputs = self.query(Input)
        if len(inputs) < len(self.fields):
            return
        typed = {field.source: line.value for field, line in zip(self.fields, inputs, strict=True)}
        trial = tried(self.definition, self.lines, typed)
        table = self.query_one(Table)
        table.columns, table.rows = table_of(self.words, self.definition, self.lines, trial)
        text = Text()
        for one in trial.sums:
            ink = self.app.theme_variables["ok" if one.whole else "warning"]
            text.append(f"{self.told(one)}    ", f"bold {ink}")
        self.query_one("#try-sums", Static).update(text)

    def told(self, one: Sum) -> str:
        """Say what weights sum to."""
        name = one.name or self.words("clerk.try_components")
        if one.total is None:
            return self.words("clerk.try_unread", name=name)
        return self.words("clerk.try_whole" if one.whole else "clerk.try_sum", name=name, sum=f"{one.total:f}")

    @on(Input.Submitted)
    def next_line(self) -> None:
        """Go to the next weight."""
        self.app.action_focus_next()

    def action_reset(self) -> None:
        """Put the weights of the record back."""
        for field, line in zip(self.fields, self.query(Input), strict=True):
            line.value = f"{field.weight:f}"

    def action_look(self, by: int) -> None:
        """Show other targets."""
        table = self.query_one(Table)
        table.cursor = max(0, min(table.cursor + by, len(table.rows) - 1))

    @on(Table.Moved)
    def looked(self, message: Table.Moved) -> None:
        """Show other targets; the console's own list stays where it is."""
        message.stop()
        self.query_one(Table).cursor = message.row
