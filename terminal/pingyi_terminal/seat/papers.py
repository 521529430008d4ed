"""A target's papers: the problems, the promised goal and the report, broken into lines as Chinese is."""

from collections.abc import Iterator

from rich.cells import cell_len
from textual.geometry import Size
from textual.reactive import reactive

from pingyi_protocol.meeting.definition import Problem
from pingyi_protocol.text import Catalogue
from pingyi_terminal.widgets import Painting
from pingyi_terminal.widgets.cells import Row, clipped, cut, one_row

NO_LINE_BEGINS_WITH = frozenset("，。、；：？！）》」』】”’％,.;:?!)]}%")
"""Closing marks stay with the character before them."""

Line = tuple[str, str, bool]
"""Text, theme colour, bold."""


def wrapped(text: str, width: int) -> list[str]:
    """Return ``text`` in lines of at most ``width`` cells (at least 4).

    A line may end between any two wide characters and after a space; a Latin word or number stays whole where it
    fits in a line, and no line begins with a closing mark.
    """
    lines, line = [], ""
    for piece in pieces(one_row(text)):
        if line and cell_len(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        while cell_len(piece.rstrip()) > width:
            head = cut(piece, width)
            lines.append(head)
            piece = piece[len(head) :]  # noqa: PLW2901 - the rest of the same piece
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def pieces(text: str) -> Iterator[str]:
    """Yield the parts of ``text`` that are not broken: one wide character, or one word, with the marks after it."""
    piece = ""
    for character in text:
        wide = cell_len(character) > 1
        breaks = piece and (wide or cell_len(piece[-1]) > 1 or (piece[-1] == " " and character != " "))
        if breaks and character not in NO_LINE_BEGINS_WITH and character != " ":
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


class Papers(Painting):
    """Paints problems under each other; with ``brief`` each part has one row where they do not fit, cut if longer."""

    DEFAULT_CSS = """
    Papers { width: 1fr; height: auto; }
    """

    words: reactive[Catalogue | None] = reactive(None, layout=True)
    problems: reactive[tuple[Problem, ...]] = reactive((), layout=True)
    brief: reactive[bool] = reactive(False, layout=True)

    def lines(self, width: int, room: int) -> list[Line]:
        """Return the lines of all problems, where ``room`` rows can be seen."""
        whole = self.listed(width, brief=False)
        return self.listed(width, brief=True) if self.brief and len(whole) > room else whole

    def listed(self, width: int, *, brief: bool) -> list[Line]:
        """Return the lines of all problems in full, or one for each part."""
        words = self.words
        if words is None:
            return []

        def broken(text: str) -> list[str]:
            return [clipped(text, width)] if brief else wrapped(text, max(4, width))

        if not self.problems:
            return [(words("seat.no_problems"), "dim", False)]
        lines: list[Line] = []
        for number, problem in enumerate(self.problems, start=1):
            lines += [("", "dim", False)] if lines and not brief else []
            lines += [(text, "foreground", True) for text in broken(f"{number} {problem.title}")]
            goal = words("seat.goal", goal=problem.goal) if problem.goal else ""
            report = words("seat.report", report=problem.report) if problem.report else ""
            lines += [(text, "dim", False) for part in (goal, report) if part for text in broken(part)]
        return lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return a row for each line."""
        return len(self.lines(width, container.height))

    def paint(self, y: int, row: Row) -> None:
        """Draw one line; the number of a problem is gold."""
        lines = self.lines(row.width, self.container_size.height)
        if y >= len(lines):
            return
        text, colour, bold = lines[y]
        end = row.put(0, text, self.ink(colour, bold=bold))
        number = text.split(" ", 1)[0]
        if bold and number.isdigit() and end:
            row.put(0, number, self.ink("accent", bold=True))
