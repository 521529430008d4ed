"""Panels over the console: what an act asks, a list to choose from, the code that is shown once, and help."""

from dataclasses import dataclass
from typing import ClassVar

from qrcode.constants import ERROR_CORRECT_L
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Click, Key
from textual.message import Message
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from pingyi_protocol.keys.enrolment_code import EnrolmentCode, encode
from pingyi_protocol.keys.transport import transport_fingerprint
from pingyi_protocol.keys.typed_code import typed
from pingyi_protocol.meeting.reasons import LONGEST_REASON
from pingyi_protocol.text import Catalogue
from pingyi_terminal.clerk.acts import Question, complaint
from pingyi_terminal.widgets import ActionBlock, Hint, KeyHints, Painting, QRCode
from pingyi_terminal.widgets.cells import Row, clipped, fit

HIGH = 30
"""Rows of the terminal from which on a panel may have air between its parts."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What was chosen and typed."""

    choice: str
    text: str


class Choices(Painting):
    """A few lines, one of them marked. A click marks one, and takes it where it is marked already."""

    DEFAULT_CSS = """
    Choices { width: 1fr; height: auto; max-height: 10; }
    """

    marked: reactive[int] = reactive(0)

    class Taken(Message):
        """The marked line was clicked once more."""

    def __init__(self, words: Catalogue, lines: tuple[str, ...]) -> None:
        super().__init__()
        self.words = words
        self.lines = lines
        self.styles.height = min(10, max(1, len(lines)))

    def first(self) -> int:
        """Return the first line that is seen."""
        return max(0, min(self.marked - self.size.height // 2, len(self.lines) - self.size.height))

    def paint(self, y: int, row: Row) -> None:
        """Draw one line."""
        index = self.first() + y
        if index >= len(self.lines):
            return
        on = "raised" if index == self.marked else None
        row.put(0, " " * row.width, self.ink("foreground", on))
        row.put(0, "█" if on else " ", self.ink("accent", on))
        row.put(2, clipped(self.lines[index], row.width - 2), self.ink("foreground", on, bold=on is not None))
        below = len(self.lines) - index - 1
        if y == self.size.height - 1 and below:
            told = f"  {self.words('clerk.choices_below', count=below)}"
            row.put_right(row.width, told, self.ink("accent", on, bold=True))

    def move(self, by: int) -> None:
        """Mark another line."""
        self.marked = max(0, min(self.marked + by, len(self.lines) - 1))

    def on_click(self, event: Click) -> None:
        """Mark the line, or take it."""
        event.stop()
        index = self.first() + event.y
        if index >= len(self.lines):
            return
        if index == self.marked:
            self.post_message(self.Taken())
        self.marked = index


class AskScreen(ModalScreen[Answered | None]):
    """Asks what an act needs. Enter does it, Esc leaves all as it is."""

    CSS_PATH = "asking.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (HIGH, "-high")]  # noqa: RUF012 - Textual declares it so
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+q,ctrl+c", "withdraw", priority=True),
        Binding("up", "move(-1)", priority=True),
        Binding("down", "move(1)", priority=True),
        Binding("enter", "take"),
        *(Binding(key, f"pick('{key}')") for key in ("f3", "f4", "f5", "f6", "f7", "f8")),
    ]

    def __init__(self, words: Catalogue, question: Question) -> None:
        super().__init__()
        self.words = words
        self.question = question

    def compose(self) -> ComposeResult:
        """Compose the panel."""
        asked = self.question
        with Vertical(id="ask", classes="panel -warning" if asked.dangerous else "panel -accent"):
            yield Static(asked.title, classes="ask-title", markup=False)
            if asked.means:
                yield Static(asked.means, classes="dim", markup=False)
            yield Choices(self.words, tuple(words for _, words in asked.choices))
            if asked.field:
                yield Static(self.words(f"clerk.field_{asked.field}"), id="ask-label", classes="dim", markup=False)
                yield Input(id="ask-text", max_length=LONGEST_REASON)
            yield Static("", id="ask-fault", markup=False)
            label = self.words(asked.does or f"clerk.do_{asked.act}")
            yield ActionBlock(label=label, state="danger" if asked.dangerous else "normal")
            yield KeyHints((Hint("escape", "Esc", self.words("clerk.key_back")),))

    def on_mount(self) -> None:
        """Let the text be typed at once; without choices there is no list."""
        self.query_one(Choices).display = bool(self.question.choices)
        if self.question.field:
            self.query_one(Input).focus()

    def action_move(self, by: int) -> None:
        """Mark another choice."""
        self.query_one(Choices).move(by)

    @on(Input.Submitted)
    @on(Choices.Taken)
    def entered(self) -> None:
        """Do it."""
        self.action_take()

    def action_take(self) -> None:
        """Do it, or say what is wrong with what was typed."""
        asked = self.question
        text = self.query_one(Input).value if asked.field else ""
        wrong = complaint(asked.field, text)
        if wrong:
            self.query_one("#ask-fault", Static).update(Text(self.words(wrong)))
            self.query_one(Input).focus()
            return
        choice = asked.choices[self.query_one(Choices).marked][0] if asked.choices else ""
        self.dismiss(Answered(choice, text))

    def action_pick(self, key: str) -> None:
        """Take the choice that has this key."""
        if key in self.question.keys:
            self.dismiss(Answered(self.question.choices[self.question.keys.index(key)][0], ""))

    def action_withdraw(self) -> None:
        """Leave all as it is."""
        self.dismiss(None)


class CodeScreen(ModalScreen[None]):
    """A code, once: as a QR for a scanner, and as groups to type, with the server's fingerprint to compare."""

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,ctrl+q,ctrl+c", "dismiss")]

    def __init__(self, words: Catalogue, code: EnrolmentCode, whose: str, *, waits: bool) -> None:
        super().__init__()
        self.words = words
        self.code = code
        self.whose = whose
        self.waits = waits

    def compose(self) -> ComposeResult:
        """Compose the panel."""
        groups = typed(self.code)
        with Vertical(id="code", classes="panel -accent"):
            with Horizontal(id="code-row"):
                yield QRCode(encode(self.code), correction=ERROR_CORRECT_L)
                with Vertical(id="code-words"):
                    yield Static(self.words("clerk.code_title", who=self.whose), classes="ask-title", markup=False)
                    if self.waits:
                        yield Static(self.words("clerk.code_waits"), classes="warning", markup=False)
                    yield Static(self.words("clerk.code_once"), markup=False)
                    yield Static(
                        self.words("clerk.code_type" if groups else "clerk.code_scan_only"), classes="dim", markup=False
                    )
                    yield Static(in_lines(groups or ""), classes="strong", markup=False)
                    yield Static(self.words("clerk.code_compare"), classes="dim", markup=False)
                    yield Static(transport_fingerprint(self.code.server_key), classes="strong", markup=False)
            yield KeyHints((Hint("escape", "Esc", self.words("clerk.code_close"), "main"),))


def in_lines(groups: str) -> str:
    """Return groups of digits, four in a line."""
    parts = groups.split()
    return "\n".join("  ".join(parts[start : start + 4]) for start in range(0, len(parts), 4))


class TellScreen(ModalScreen[None]):
    """Says at length what cannot be said in a line. Esc or Enter closes it."""

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,enter,ctrl+q,ctrl+c", "dismiss"),
        Binding("up", "scroll(-1)"),
        Binding("down", "scroll(1)"),
    ]

    def __init__(self, words: Catalogue, title: str, lines: tuple[str, ...], *, warning: bool = True) -> None:
        super().__init__()
        self.words = words
        self.told = title
        self.lines = lines
        self.warning = warning

    def compose(self) -> ComposeResult:
        """Compose the panel."""
        with Vertical(id="tell", classes="panel -warning" if self.warning else "panel -accent"):
            yield Static(self.told, classes="ask-title", markup=False)
            with VerticalScroll(can_focus=False):
                for line in self.lines:
                    yield Static(line, markup=False)
            yield KeyHints((Hint("escape", "Esc", self.words("clerk.key_back"), "main"),))

    def action_scroll(self, by: int) -> None:
        """Show what is further down or up."""
        self.query_one(VerticalScroll).scroll_relative(y=by, animate=False)


class HelpScreen(ModalScreen[None]):
    """Every key, what it does, and whether it does so now. Esc, Enter, F1 or a click closes it."""

    CSS_PATH = "asking.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,f1,f2,ctrl+q,ctrl+c", "dismiss")]
    CHIP = 12

    def __init__(self, words: Catalogue, lines: tuple[tuple[str, str, bool], ...]) -> None:
        super().__init__()
        self.words = words
        self.lines = lines

    def compose(self) -> ComposeResult:
        """Compose the panel."""
        with Vertical(id="help", classes="panel -accent"):
            yield Static(self.words("clerk.help_title"), classes="ask-title", markup=False)
            with VerticalScroll(can_focus=False):
                for chip, text, now in self.lines:
                    yield Static(self.row(chip, text, now), classes="help-line")
            yield KeyHints((Hint("escape", "Esc", self.words("clerk.key_back"), "main"),))

    def row(self, chip: str, text: str, now: bool) -> Text:
        """Return one key with its words; what cannot be pressed now says so and is faint."""
        ink = self.app.theme_variables["foreground" if now else "faint"]
        row = Text()
        row.append(fit(chip, self.CHIP), f"bold {ink}")
        row.append(text if now else f"{text}  {self.words('clerk.help_not_now')}", ink)
        return row

    def on_click(self) -> None:
        """Close."""
        self.dismiss()

    def on_key(self, event: Key) -> None:
        """Scroll."""
        scroll = self.query_one(VerticalScroll)
        if event.key in ("up", "down"):
            scroll.scroll_relative(y=-1 if event.key == "up" else 1, animate=False)
