"""A table of targets with their figures, as large as it fits."""

from dataclasses import dataclass
from typing import NamedTuple

from rich.cells import cell_len
from textual.reactive import reactive

from pingyi_terminal.hall.faces.parts import GAP, LARGE_ROWS, paint_large
from pingyi_terminal.hall.fitting import largest_name
from pingyi_terminal.widgets import FigureSize, Painting, big_text_width, figure_width
from pingyi_terminal.widgets.cells import Row, fit, one_row
from pingyi_terminal.widgets.large import is_figure, put_figure

NUMBER = 4
LARGE_CELLS = 2


@dataclass(frozen=True, slots=True)
class TableLine:
    """A line of a table: its name, a shorter one for large type, and its cells, the first of which is its figure."""

    name: str
    short_name: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableContent:
    """Lines and the headings over their cells; the lines are ``numbered`` where they are in the order of a sheet."""

    headings: tuple[str, ...] = ()
    lines: tuple[TableLine, ...] = ()
    numbered: bool = True


class Style(NamedTuple):
    """How a line is set: its rows, the rows to the next line, the size of its figure, and how many cells it shows.

    With ``words`` the first cell is a word in large type.
    """

    rows: int
    pitch: int
    figure: FigureSize | None
    cells: int | None = None
    words: bool = False


LARGE = Style(LARGE_ROWS, LARGE_ROWS + 1, "M", LARGE_CELLS)
LARGE_WORDS = LARGE._replace(words=True)
MIDDLE = Style(3, 4, "S")
ROOMY = Style(1, 2, None)
DENSE = Style(1, 1, None)


class Table(Painting):
    """Numbered names with their figures under headings: in large type where the lines are few, else side by side.

    Large lines show their first two cells only.
    """

    DEFAULT_CSS = """
    Table { width: 1fr; height: 1fr; }
    """

    content: reactive[TableContent] = reactive(TableContent())

    def chosen(self, columns: int, body: int) -> Style:
        """Return the largest style in which all lines stand in so many columns and rows below the headings."""
        lines = self.content.lines
        if len(lines) * LARGE.pitch <= body + 1:
            outcomes = all(line.cells and big_text_width(line.cells[0]) for line in lines)
            large = (LARGE_WORDS, LARGE) if outcomes and self._wordy() else (LARGE,)
            fitting = next((style for style in large if self._names_fit(columns, style)), None)
            if fitting is not None:
                return fitting
        if len(lines) * MIDDLE.pitch <= body + 1 and self.content.headings:
            return MIDDLE
        return ROOMY if len(lines) * ROOMY.pitch <= body + 1 else DENSE

    def paint(self, y: int, row: Row) -> None:
        """Draw one row: the headings, or one row of the lines that stand side by side."""
        lines = self.content.lines
        if not lines:
            return
        body = self.size.height - (1 if self.content.headings else 0)
        style = self.chosen(row.width, body)
        free = 1 if style.figure and len(lines) * style.pitch <= body else 0
        beside = max(1, -(-len(lines) // max(1, body))) if style is DENSE else 1
        deep = -(-len(lines) // beside)
        width = (row.width - GAP * (beside - 1)) // beside
        index, inside = divmod(y - (self.size.height - body) - free, style.pitch)
        for column in range(beside):
            end = column * (width + GAP) + width
            place = column * deep + index
            if y == 0 and self.content.headings:
                self._paint_cells(row, end, self.content.headings, style, "dim")
            elif 0 <= index < deep and inside < style.rows and place < len(lines):
                self._paint_line(row, (end - width, end), place, inside, style)

    def _paint_line(self, row: Row, span: tuple[int, int], place: int, inside: int, style: Style) -> None:
        line, (start, end) = self.content.lines[place], span
        room = end - start - self._taken(style)
        large = style.rows == LARGE_ROWS
        if large:
            paint_large(self, row, start, largest_name((line.name, line.short_name), room), inside, "foreground")
        if style.words:
            before = self._widths(style)[1:]
            word = end - sum(before) - GAP * len(before) - (big_text_width(line.cells[0]) or 0)
            paint_large(self, row, word, line.cells[0], inside, "accent")
        if inside == (style.rows - 1) // 2:
            if not large:
                number = NUMBER if self.content.numbered else 0
                row.put(start, f"{place + 1:>2}" if number else "", self.ink("dim"))
                name = line.name if cell_len(one_row(line.name)) <= room else line.short_name or line.name
                row.put(start + number, fit(name, room), self.ink("foreground", bold=True))
            self._paint_cells(row, end, line.cells, style, "foreground")
        if style.figure is not None and line.cells and is_figure(line.cells[0]):
            widths = self._widths(style)[1:]
            at = end - sum(widths) - GAP * len(widths)
            put_figure(row, at, line.cells[0], inside, style.figure, self.ink("accent"))

    def _paint_cells(self, row: Row, end: int, cells: tuple[str, ...], style: Style, colour: str) -> None:
        """Put the cells so that they end at ``end``; a number that is drawn as a big figure is left out."""
        heading = colour == "dim"
        widths = self._widths(style)
        for index, text in reversed(list(enumerate(cells[: style.cells]))):
            ink = self.ink("accent" if index == 0 and not heading else colour, bold=not heading)
            drawn = index == 0 and (style.words or (style.figure is not None and is_figure(text)))
            if heading or not drawn:
                row.put(end - widths[index], fit(text, widths[index], "right"), ink)
            end -= widths[index] + GAP

    def _wordy(self) -> bool:
        """Whether the first cells are words and not numbers."""
        return not any(is_figure(line.cells[0]) for line in self.content.lines)

    def _names_fit(self, columns: int, style: Style) -> bool:
        room = columns - self._taken(style)
        return all(largest_name((line.name, line.short_name), room) for line in self.content.lines)

    def _taken(self, style: Style) -> int:
        """Return the columns that number and cells take from the name."""
        widths = self._widths(style)
        return (
            (0 if style.rows == LARGE_ROWS or not self.content.numbered else NUMBER) + sum(widths) + GAP * len(widths)
        )

    def _widths(self, style: Style) -> list[int]:
        """Return the columns of each cell."""
        rows = [self.content.headings, *(line.cells for line in self.content.lines)]
        widths = [max(cell_len(one_row(cell)) for cell in column) for column in zip(*rows, strict=True)]
        if style.figure is not None and widths:
            figures = [line.cells[0] for line in self.content.lines if is_figure(line.cells[0])]
            widths[0] = max([widths[0], *(figure_width(text, style.figure) for text in figures)])
        if style.words:
            widths[0] = max([widths[0], *(big_text_width(line.cells[0]) or 0 for line in self.content.lines)])
        return widths[: style.cells]
