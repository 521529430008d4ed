"""The form for a result that hands or paper gave: one line a count, and one gold block that signs them."""

from typing import ClassVar

import msgspec
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from pingyi_protocol.meeting.commands import EnterResult
from pingyi_protocol.meeting.definition import Definition, Item
from pingyi_protocol.meeting.reasons import LONGEST_REASON
from pingyi_protocol.text import Catalogue
from pingyi_terminal.clerk.asking import HIGH
from pingyi_terminal.clerk.manual import INVALID, REASON, RECEIVED, EntryError, entered, fields_of
from pingyi_terminal.widgets import ActionBlock, Hint, KeyHints


class ResultScreen(ModalScreen[EnterResult | None]):
    """Takes the counts of one item's next round, ``number``; dismissed with the command, None for nothing.

    ``again`` are those who stand again in a selection, and alone; nobody for a round among all. ``typed`` is what
    stands in the fields, and follows them: whoever keeps it finds all again after a refusal.
    """

    CSS_PATH = "asking.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (HIGH, "-high")]  # noqa: RUF012 - Textual declares it so
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+q,ctrl+c", "withdraw", priority=True),
        Binding("up", "app.focus_previous", priority=True),
        Binding("down", "app.focus_next", priority=True),
        Binding("f6", "sign", priority=True),
    ]

    def __init__(
        self,
        words: Catalogue,
        definition: Definition,
        item: Item,
        number: int,
        again: tuple[str, ...],
        typed: dict[str, str],
    ) -> None:
        super().__init__()
        self.words = words
        self.definition = definition
        self.item = msgspec.structs.replace(item, targets=again) if again else item
        self.number = number
        self.again = again
        self.typed = typed
        self.asked: EnterResult | None = None

    def compose(self) -> ComposeResult:
        """Compose the form."""
        words = self.words
        lines = [(RECEIVED, words("clerk.result_received")), (INVALID, words("clerk.result_invalid"))]
        lines += [(one.key, one.label) for one in fields_of(words, self.definition, self.item)]
        lines.append((REASON, words("clerk.field_reason")))
        with Vertical(id="result", classes="panel -accent"):
            title = words("clerk.result_title", item=self.item.id, title=self.item.title, round=self.number)
            yield Static(title, classes="ask-title", markup=False)
            means = words("clerk.result_again_means" if self.again else "clerk.result_means")
            yield Static(means, id="result-means", classes="dim", markup=False)
            with VerticalScroll(can_focus=False):
                for key, label in lines:
                    with Horizontal(classes="result-line"):
                        yield Static(label, markup=False)
                        yield Input(self.typed.get(key, ""), id=f"result-{key}", max_length=LONGEST_REASON)
            yield Static("", id="result-fault", markup=False)
            yield ActionBlock("f6", "F6", label=words("clerk.do_result"))
            line = Hint("", words("clerk.chip_move"), words("clerk.key_line"))
            yield KeyHints((line, Hint("escape", "Esc", words("clerk.key_back"))))

    @on(Input.Submitted)
    def next_line(self) -> None:
        """Go to the next field."""
        self.app.action_focus_next()

    @on(Input.Changed)
    def changed(self, event: Input.Changed) -> None:
        """What is asked twice is exactly what stands there."""
        self.asked = None
        self.typed[field_of(event.input)] = event.value

    def action_sign(self) -> None:
        """Say what is wrong, or ask once more, or sign exactly what was asked about."""
        typed = {field_of(field): field.value for field in self.query(Input)}
        fault, block = self.query_one("#result-fault", Static), self.query_one(ActionBlock)
        try:
            found = entered(self.words, self.definition, self.item, self.number, typed)
        except EntryError as wrong:
            fault.update(Text(wrong.words(self.words.language)))
            return
        found = msgspec.structs.replace(found, among=self.again)
        if self.asked == found:
            self.dismiss(found)
            return
        self.asked = found
        fault.update(Text(self.words("clerk.result_again")))
        block.label = self.words("clerk.do_result_again", received=found.received, invalid=found.invalid)

    def action_withdraw(self) -> None:
        """Enter nothing."""
        self.dismiss(None)


def field_of(line: Input) -> str:
    """Return the key of what stands in a line."""
    return str(line.id).removeprefix("result-")
