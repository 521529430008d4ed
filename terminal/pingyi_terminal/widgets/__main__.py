"""The test pattern: every widget with made-up data, to see whether a machine's font and terminal draw them well.

F2 changes the language, F5 the theme. Figures must be without stripes, the QR code must scan, and each bar under the
line of wide characters, and under that of characters of ambiguous width, must stand under a bar.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Label

from pingyi_protocol.meeting.definition import Band, Language, ScoreRules, Secrecy
from pingyi_protocol.text import catalogue, language_of_locale
from pingyi_terminal.theme import DARK, HALL, HALL_BRIGHT, register_themes
from pingyi_terminal.widgets import (
    ActionBlock,
    BandBars,
    Bar,
    BigFigure,
    BigText,
    Distribution,
    HeaderBar,
    Hint,
    KeyHints,
    Meter,
    ModeBlock,
    Piece,
    Place,
    QRCode,
    QuickValues,
    Ranked,
    RankingBars,
    ScoreRuler,
    SeatLegend,
    SeatMap,
    SeatState,
    Tally,
    link_piece,
    mode_piece,
)

SCORES = (75, 88, 88, 88, 89, *[90] * 3, 91, *[92] * 4, *[93] * 4, *[94] * 3, *[95] * 6, *[96] * 4, 97, 97, 98, 98, 98)
STATES = {(0, 2): SeatState.ABSENT, (1, 4): SeatState.RECUSED, (1, 7): SeatState.PRESENT, (2, 1): SeatState.PRESENT}
STATES |= {(3, 3): SeatState.LOST, (3, 8): SeatState.ABSENT, (4, 5): SeatState.CALLING, (4, 0): SeatState.PRESENT}


class Gallery(App[None]):
    """All widgets on one scrolling page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "language"),
        Binding("f5", "theme"),
        Binding("escape", "quit"),
    ]
    CSS = """
    Screen { background: $background; color: $foreground; }
    VerticalScroll { padding: 1 2; height: 1fr; }
    Horizontal { height: auto; margin-bottom: 1; }
    Horizontal > * { margin-right: 3; }
    .name { color: $dim; }
    BigFigure, BigText, Tally, ScoreRuler, Distribution, BandBars, SeatLegend { margin-bottom: 1; }
    RankingBars { height: 11; }
    SeatMap { height: 15; }
    """

    def __init__(self, language: Language) -> None:
        super().__init__()
        register_themes(self)
        self.words = catalogue("pingyi_terminal", language)

    def compose(self) -> ComposeResult:
        """Compose the page."""
        words = self.words
        online = link_piece(words, online=True)
        yield HeaderBar(
            words("widgets.product"),
            words("gallery.meeting"),
            words("widgets.simulated"),
            (Piece(words("gallery.member")), online),
        )
        with VerticalScroll():
            yield from self._figures()
            yield from self._charts()
            yield SeatMap(words, tuple(self._places()), (3, 6))
            yield SeatLegend(words, tuple(self._places()))
            yield HeaderBar(
                "", words("gallery.meeting"), "", (mode_piece(words, Secrecy.SECRET), link_piece(words, online=False))
            )
        yield KeyHints(
            (
                Hint("f2", "F2", words("gallery.language"), "main"),
                Hint("f5", "F5", words("gallery.theme")),
                Hint("f8", "F8", words("gallery.danger"), "danger"),
                Hint("f9", "F9", words("gallery.faint"), "faint"),
                Hint("escape", "Esc", words("gallery.leave")),
            )
        )

    def _figures(self) -> Iterator[Widget]:
        words = self.words
        yield Label(words("gallery.wide_line"), classes="name", markup=False)
        yield Label("    |" * 8, classes="name", markup=False)
        yield Label(words("gallery.ambiguous_line"), classes="name", markup=False)
        yield Label(" |" * 8, classes="name", markup=False)
        yield BigText(words("gallery.target"))
        yield BigText(words("gallery.recorded"), "ok")
        for size, text in (("S", "1:48"), ("M", "36/42"), ("L", "0123456789"), ("LL", "36"), ("XL", "93.47")):
            yield BigFigure(text, size, "accent")  # type: ignore[arg-type] # mypy sees str in the tuple
        yield Horizontal(
            QRCode("7K2M-Q9XD-4TRB"), ModeBlock(words), ModeBlock(words, Secrecy.SECRET), BigFigure("92", "M")
        )
        rules = self._rules()
        yield ScoreRuler(rules, Decimal(92))
        yield Horizontal(
            QuickValues(tuple(map(Decimal, (0, 60, 70, 80, 85, 90, 95, 100)))),
            ActionBlock(label=words("gallery.confirm", score=92)),
        )
        yield Horizontal(
            ActionBlock(label=words("gallery.confirm", score=92), detail=words("gallery.detail")),
            ActionBlock(label=words("gallery.danger"), state="danger"),
            ActionBlock(label=words("gallery.faint"), state="faint"),
        )

    def _rules(self) -> ScoreRules:
        names = self.words("gallery.bands").split()
        return ScoreRules(
            bands=tuple(
                Band(name=name, least=Decimal(least)) for name, least in zip(names, (90, 80, 60, 0), strict=True)
            )
        )

    def _charts(self) -> Iterator[Widget]:
        words, rules = self.words, self._rules()
        counts = {Decimal(score): SCORES.count(score) for score in SCORES}
        yield Meter(36, 42)
        yield Label("")
        yield Tally(36, 42)
        yield Distribution(rules, counts, rules.bands[0])
        yield Distribution(rules, counts | {Decimal(12): 1}, rules.bands[0])
        bars = zip(rules.bands, (33, 4, 1, 0), strict=True)
        yield BandBars(tuple(Bar(band.name, count, band is rules.bands[0]) for band, count in bars))
        headings = words("gallery.headings").split()
        movements: tuple[Any, ...] = (2, 0, -1, "new")
        yield RankingBars(
            words,
            (headings[0], headings[1], headings[2], headings[3]),
            tuple(
                Ranked(rank, words("gallery.target"), Decimal(shown), shown, movement)
                for rank, shown, movement in zip("1224", ("93.47", "92.95", "92.95", "82.66"), movements, strict=True)
            ),
        )

    def _places(self) -> Iterator[Place]:
        names = self.words("gallery.names").split()
        for row in range(5):
            for place in range(9):
                name = names[(row * 9 + place) % len(names)]
                state = STATES.get((row, place), SeatState.VOTED)
                yield Place(f"{row + 1}-{place + 1:02}", name, state)

    async def action_language(self) -> None:
        """Show everything in the other language."""
        other = Language.ENGLISH if self.words.language is Language.CHINESE else Language.CHINESE
        self.words = catalogue("pingyi_terminal", other)
        await self.recompose()

    def action_theme(self) -> None:
        """Show the next theme."""
        themes = (DARK, HALL, HALL_BRIGHT)
        self.theme = themes[(themes.index(self.theme) + 1) % len(themes)]


if __name__ == "__main__":
    Gallery(language_of_locale()).run()
