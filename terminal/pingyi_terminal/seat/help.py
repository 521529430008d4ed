"""What is possible now, key by key; and one target's papers in full."""

from collections.abc import Iterator

from textual.widget import Widget

from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.faces import Details, Help
from pingyi_terminal.seat.hints import COLOURS, LANGUAGE, LEAVE, Key, chip_of, keys_of
from pingyi_terminal.seat.papers import Papers
from pingyi_terminal.seat.parts import Cell, Column, Listing, Scroll, Words
from pingyi_terminal.seat.screen import ScrollingScreen

COLUMNS = (Column(8, "center"), Column(0))


class HelpScreen(ScrollingScreen[Help]):
    """Paints the keys of the face beneath, and a pattern that shows whether this machine draws blocks well."""

    CSS_PATH = "help.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield title, keys, and the pattern."""
        yield Words(id="title", classes="strong")
        with Scroll():
            yield Listing(COLUMNS)
        yield Words(id="pattern-words", classes="dim")
        yield Words(id="pattern")

    def paint_face(self, words: Catalogue, face: Help) -> None:
        """Show the keys."""
        self.query_one("#title", Words).say(words("seat.help_title"))
        self.query_one(Listing).rows = tuple(
            (Cell(f" {chip_of(key, words)} ", bold=True, on="raised"), Cell(means(words, key)))
            for key in dict.fromkeys((*keys_of(face.beneath), LANGUAGE, COLOURS, LEAVE))
            if key.possible and (self.translates or key is not LANGUAGE)
        )
        self.query_one("#pattern-words", Words).say(words("seat.help_pattern"))
        self.query_one("#pattern", Words).say("█▀▄█▀▄█▀▄█▀▄  ━━━──┃  \n████████████  ▏▌▐░▒▓ ")


def means(words: Catalogue, key: Key) -> str:
    """Return what the key does."""
    return words("app.help_colours") if key is COLOURS else words(f"seat.help_{key.name}")


class DetailsScreen(ScrollingScreen[Details]):
    """Paints the problems, promised goal and report of one target; arrows and wheel scroll."""

    CSS_PATH = "help.tcss"

    def body(self) -> Iterator[Widget]:
        """Yield title and papers."""
        yield Words(id="title", classes="strong")
        with Scroll():
            yield Papers()

    def paint_face(self, words: Catalogue, face: Details) -> None:
        """Show the papers."""
        self.query_one("#title", Words).say(f"{face.target.name}  {words('seat.problems')}")
        papers = self.query_one(Papers)
        papers.words, papers.problems = words, face.problems
