"""The scrutineer's screen: it shows a ``ScrutineerView`` and decides nothing."""

from itertools import zip_longest

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from pingyi_terminal.scrutineer.view import ScrutineerView
from pingyi_terminal.widgets import ActionBlock, BigFigure, HeaderBar, KeyHints
from pingyi_terminal.widgets.bigtext import BigText, big_text_width

MOST_FIGURES = 5
MARGINS = 5
"""Columns beside what the body shows."""


class Number(Vertical):
    """One of the numbers that are signed, with its word under it."""

    def compose(self) -> ComposeResult:
        """Compose both, empty."""
        yield BigFigure(size="S")
        yield Static("", classes="dim", markup=False)

    def show(self, one: tuple[int, str] | None) -> None:
        """Show a number, or nothing."""
        self.set_class(one is None, "-off")
        number, word = one or (0, "")
        self.query_one(BigFigure).text = str(number)
        self.query_one(Static).update(Text(word))


class ScrutineerScreen(Screen[None]):
    """What is to be signed above, the block that signs it below."""

    CSS_PATH = "screen.tcss"

    def compose(self) -> ComposeResult:
        """Compose the parts, empty."""
        yield HeaderBar(id="header")
        yield Static("", id="shout", markup=False)
        with VerticalScroll(id="body", can_focus=False):
            yield Static("", id="heading", classes="strong", markup=False)
            with Vertical(id="fingerprint"):
                yield BigText(id="first-half", colour="accent")
                yield BigText(id="second-half", colour="accent")
            with Horizontal(id="numbers"):
                for _ in range(MOST_FIGURES):
                    yield Number()
            yield Static("", id="lines", markup=False)
        with Horizontal(id="bottom"):
            yield ActionBlock(id="step")
            yield Static("", id="note", markup=False)
        yield KeyHints(id="hints")

    def show_view(self, view: ScrutineerView, product: str) -> None:
        """Show this view; ``product`` names the screen in the language of the moment."""
        header = self.query_one(HeaderBar)
        header.product, header.title, header.note, header.pieces = product, view.title, view.simulated, view.pieces
        self.put("shout", view.shout)
        self.query_one("#shout").set_class(bool(view.shout), "-loud")
        self.put("heading", view.heading)
        self.show_fingerprint(view.fingerprint)
        self.query_one("#numbers").set_class(not view.figures, "-off")
        for number, figure in zip_longest(self.query(Number), view.figures):
            number.show(figure)
        self.put("lines", "\n".join(view.lines))
        block = self.query_one(ActionBlock)
        block.label, block.detail, block.state = view.step.label, view.step.detail, view.step.state
        self.put("note", view.note)
        self.query_one("#note").set_class(view.loud, "-loud")
        self.query_one(KeyHints).hints = view.hints

    def show_fingerprint(self, code: str) -> None:
        """Show a fingerprint large, in one row where there is room and in two otherwise, or none."""
        whole = big_text_width(code) or 0
        middle = len(code) // 2
        self.set_class(bool(code), "-reading")
        halves = (code, "") if whole <= self.size.width - MARGINS else (code[:middle], code[middle + 1 :])
        for name, half in zip(("first-half", "second-half"), halves, strict=True):
            widget = self.query_one(f"#{name}", BigText)
            widget.text = half
            widget.set_class(not half, "-off")

    def put(self, name: str, text: str) -> None:
        """Put words into a line, if they are others."""
        widget = self.query_one(f"#{name}", Static)
        shown = Text(text)
        if widget.content != shown:
            widget.update(shown)
