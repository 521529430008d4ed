"""Keys that can be seen and touched: the gold block of the main action and the row of hints."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from textual.events import Click
from textual.geometry import Size
from textual.reactive import reactive

from pingyi_terminal.widgets.cells import Row, cut, one_row
from pingyi_terminal.widgets.painting import Painting

KeyState = Literal["normal", "main", "danger", "faint"]
ActionState = Literal["normal", "danger", "faint"]


class ActionBlock(Painting):
    """The one thing to do now, 3-5 rows high: its key, its words with their value, and what it costs (``detail``).

    A click presses ``key`` (Textual's name of a key), so that hand and key go one way. A faint block stays in place
    and does nothing.
    """

    DEFAULT_CSS = """
    ActionBlock { width: 27; height: 3; }
    """

    label: reactive[str] = reactive("")
    detail: reactive[str] = reactive("")
    state: reactive[ActionState] = reactive[ActionState]("normal")

    def __init__(
        self,
        key: str = "enter",
        chip: str = "Enter",
        label: str = "",
        detail: str = "",
        state: ActionState = "normal",
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.key = key
        self.chip = chip
        self.set_reactive(ActionBlock.label, label)
        self.set_reactive(ActionBlock.detail, detail)
        self.set_reactive(ActionBlock.state, state)

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the block."""
        ink, ground = {
            "normal": ("chip-text", "accent"),
            "danger": ("chip-text", "warning"),
            "faint": ("faint", "raised"),
        }[self.state]
        row.put(0, " " * row.width, self.ink(ink, ground))
        height = self.size.height
        first = (height - 1) // 2 if not self.detail else (height - 1) // 3 if height > 3 else height - 2  # noqa: PLR2004 - rows
        last = first + (2 if height > 4 else 1)  # noqa: PLR2004 - rows
        if y == first:
            self._centre(row, f"{self.chip}  {self.label}", ink, ground, bold=True)
        elif self.detail and y == last:
            self._centre(row, self.detail, ink, ground, bold=False)

    def _centre(self, row: Row, text: str, ink: str, ground: str, *, bold: bool) -> None:
        text = cut(text, row.width - 2)
        row.put((row.width - cell_len(text)) // 2, text, self.ink(ink, ground, bold=bold))

    def on_click(self, event: Click) -> None:
        """Press the key of the block."""
        event.stop()
        if self.state != "faint":
            self.app.simulate_key(self.key)


@dataclass(frozen=True, slots=True)
class Hint:
    """One key hint: ``chip`` is what is written on the key, ``word`` what it does.

    ``key`` is Textual's name of the key (``f3``); empty where the chip stands for several keys (``0-9``).
    """

    key: str
    chip: str
    word: str
    state: KeyState = "normal"


LANGUAGE_KEY = "f2"
"""The key that switches the language in every app."""


def chip_width(hint: Hint) -> int:
    """Return the columns of a hint's chip."""
    return cell_len(one_row(hint.chip)) + 2


def word_width(hint: Hint) -> int:
    """Return the columns of a hint's word with the one before it."""
    return cell_len(one_row(hint.word)) + 1 if hint.word else 0


def fitting(hints: tuple[Hint, ...], width: int) -> tuple[Hint, ...]:
    """Return the hints without as many impossible ones, the last first, as keep words from fitting in ``width``."""
    kept = list(hints)
    while sum(chip_width(hint) + word_width(hint) + 1 for hint in kept) - 1 > width:
        faint = [hint for hint in kept if hint.state == "faint"]
        if not faint:
            break
        kept.remove(faint[-1])
    return tuple(kept)


class KeyHints(Painting):
    """The last row: keys on raised chips with their words. Dangerous ones are orange, impossible ones faint in place.

    A click on a hint presses its key. What does not fit is left out from the right: impossible keys first, then words,
    then whole hints.
    """

    DEFAULT_CSS = """
    KeyHints { width: 1fr; height: 1; }
    """

    hints: reactive[tuple[Hint, ...]] = reactive(())

    def __init__(
        self,
        hints: tuple[Hint, ...] = (),
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(KeyHints.hints, hints)

    def possible(self) -> tuple[Hint, ...]:
        """Return the hints; without the key of the other language where the console cannot draw it."""
        translates = not self.is_attached or getattr(self.app, "translates", True)
        return tuple(hint for hint in self.hints if translates or hint.key != LANGUAGE_KEY)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's signature
        """Return the width of all hints with two free columns between."""
        return sum(cell_len(hint.chip) + cell_len(hint.word) + 5 for hint in self.possible()) - 2

    def places(self, width: int) -> Iterator[tuple[int, int, Hint, bool]]:
        """Yield begin, end (exclusive), hint, and whether its word is shown, of each hint that fits in ``width``."""
        hints = fitting(self.possible(), width)
        chips, words = [chip_width(hint) for hint in hints], [word_width(hint) for hint in hints]
        gaps = max(0, len(hints) - 1)
        gap = 2 if sum(chips) + sum(words) + 2 * gaps <= width else 1
        shown = len(hints)
        while shown and sum(chips) + sum(words[:shown]) + gap * gaps > width:
            shown -= 1
        column = 0
        for index, hint in enumerate(hints):
            end = column + chips[index] + (words[index] if index < shown else 0)
            if end > width:
                return
            yield column, end, hint, index < shown
            column = end + gap

    def paint(self, y: int, row: Row) -> None:
        """Draw the hints."""
        if y > 0:
            return
        for begin, _, hint, with_word in self.places(row.width):
            chip, ground, word, bold = {
                "normal": ("foreground", "raised", "dim", True),
                "main": ("chip-text", "accent", "foreground", True),
                "danger": ("chip-text", "warning", "warning", True),
                "faint": ("faint", "panel", "faint", False),
            }[hint.state]
            column = row.put(begin, f" {hint.chip} ", self.ink(chip, ground, bold=bold))
            if with_word:
                row.put(column + 1, hint.word, self.ink(word, bold=hint.state == "main"))

    def on_click(self, event: Click) -> None:
        """Press the key of the hint under the pointer."""
        event.stop()
        column = event.x - self.gutter.left
        for begin, end, hint, _ in self.places(self.size.width):
            if begin <= column < end and hint.key and hint.state != "faint":
                self.app.simulate_key(hint.key)
