"""The last thing before a screen's cells reach the terminal: nothing in them may command it or turn the text around."""

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from pingyi_protocol.hidden import holds_hidden, is_hidden

ELLIPSIS = "…"


class PlainCells(LineFilter):
    """Takes hidden characters out of whatever a widget drew, so that a lying server cannot send escape sequences.

    Those that take no cells are dropped, others become blanks: the row keeps its width. The ellipsis with which Textual
    cuts a text becomes a stop: some terminals draw it two cells wide, and all after it would slip.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Return the segments of a row without hidden characters."""
        if not any(holds_hidden(segment.text) or ELLIPSIS in segment.text for segment in segments):
            return segments
        return [Segment(without_ellipsis(without_hidden(text)), style, control) for text, style, control in segments]


def without_hidden(text: str) -> str:
    """Return ``text``, as wide as before, without hidden characters."""
    return "".join(" " * cell_len(character) if is_hidden(character) else character for character in text)


def without_ellipsis(text: str) -> str:
    """Return ``text``, as wide as before, with stops where it was cut."""
    return text.replace(f" {ELLIPSIS}", "..").replace(ELLIPSIS, ".")
