"""The clerk's screen: it shows a ``ClerkView`` and decides nothing."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from pingyi_terminal.clerk.table import Pages, Table, Tiles, page_hints
from pingyi_terminal.clerk.view import ClerkView, SideLine
from pingyi_terminal.widgets import ActionBlock, HeaderBar, Hint, KeyHints, Meter

WIDE = 110
HIGH = 30
MOST_ACTS = 6


class ClerkScreen(Screen[None]):
    """Health above, the list in the middle with its acts beside it, and the one thing to do now below."""

    CSS_PATH = "screen.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-low"), (HIGH, "-high")]  # noqa: RUF012 - Textual declares it so
    AUTO_FOCUS = ""

    def compose(self) -> ComposeResult:
        """Compose the parts, empty."""
        yield HeaderBar(id="header")
        yield Static("", id="shout", markup=False)
        yield Tiles(id="tiles")
        yield Pages(id="pages")
        with Horizontal(id="middle"):
            with Vertical(id="list"):
                yield Table(id="table")
                yield Static("", id="under", classes="dim", markup=False)
            with Vertical(id="side"):
                yield Static("", id="about", markup=False)
                for place in range(MOST_ACTS):
                    yield KeyHints(id=f"act-{place}", classes="act")
                yield Meter(id="progress")
                yield Static("", id="calls", markup=False)
        with Horizontal(id="bottom"):
            yield ActionBlock(id="step")
            yield Static("", id="said", markup=False)
        yield KeyHints(id="hints")

    @property
    def wide(self) -> bool:
        """Whether there is room for the side."""
        return self.app.size.width >= WIDE

    def show_view(self, view: ClerkView, product: str) -> None:
        """Show this view; ``product`` names the screen in the language of the moment."""
        header = self.query_one(HeaderBar)
        header.product, header.title, header.note, header.pieces = product, view.title, view.note, view.pieces
        self.put("shout", Text(view.shout))
        self.query_one("#shout").set_class(bool(view.shout), "-loud")
        self.query_one(Tiles).tiles = view.tiles
        self.query_one(Pages).hints = page_hints(view.pages, view.page)
        table = self.query_one(Table)
        table.columns, table.rows, table.cursor = view.columns, view.rows, view.cursor
        self.put("under", Text(view.under))
        self.put("about", self.words_of(view.about))
        self.put("calls", self.words_of(view.calls))
        for place in range(MOST_ACTS):
            acts = self.query_one(f"#act-{place}", KeyHints)
            hints: tuple[Hint, ...] = view.acts[place : place + 1]
            acts.hints = hints
        meter = self.query_one(Meter)
        meter.display = view.progress is not None
        if view.progress is not None:
            meter.count, meter.whole = view.progress
        block = self.query_one(ActionBlock)
        block.key, block.chip = view.step.key, view.step.chip
        block.label, block.detail, block.state = view.step.label, view.step.detail, view.step.state
        self.put("said", Text(view.said))
        self.query_one("#said").set_class(view.loud, "-loud")
        self.query_one("#hints", KeyHints).hints = view.hints

    def words_of(self, lines: tuple[SideLine, ...]) -> Text:
        """Return lines in their colours."""
        inks = self.app.theme_variables
        text = Text()
        for line in lines:
            text.append(f"{line.text}\n", f"{'bold ' if line.bold else ''}{inks[line.colour]}")
        return text

    def put(self, name: str, text: Text) -> None:
        """Put words into a place, if they are others."""
        widget = self.query_one(f"#{name}", Static)
        if widget.content != text:
            widget.update(text)
