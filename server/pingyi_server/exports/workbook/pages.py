"""How sheets of the workbook are made: one table each, its heading frozen, its width on one sheet of A4."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from rich.cells import cell_len
from xlsxwriter.format import Format
from xlsxwriter.utility import quote_sheetname, xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from pingyi_protocol.text import Catalogue
from pingyi_server.exports.source import UnmadeError
from pingyi_server.exports.tables import FORMULA, Cell

A4 = 9
MARGIN_INCHES = 0.5
NARROWEST, WIDEST = 5.0, 40.0
WIDEST_TEXT = 32.0
"""Widths of columns, in digits of the standard font: of all, and of text that can be broken into lines."""

WIDE_CHARACTER = 1.1
"""How much wider text is than as many digits, two for each Chinese character, in the fonts that spreadsheets take."""

LINE_SLACK = 1.05
"""The same of Chinese that is broken into lines: nothing may be hidden, and few rows be higher than they must."""

ACROSS = 118
"""Digits that stand beside each other on a page of A4 in landscape."""

LEAST_SCALE = 10
"""Per cent: what spreadsheets take."""

HEADING_LINES = 3
LINE_POINTS, HIGHEST_POINTS = 17.0, 409.0
FORMULA_WIDTH = 11.0
FRACTION = re.compile(r"-?[0-9]+/[0-9]+")
PIECES = re.compile(r"[\u1100-\uffff]|[^\s\u1100-\uffff]+|\s+")
LONGEST_TEXT = 32_767
"""Characters that a cell holds: a spreadsheet's own limit."""

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
HEADING: Final = {"bold": True, "bg_color": "#E4E4E4", "border": 1, "align": "center"}
INPUT = "#F2F2F2"
"""The ground of what a reader may change to see what comes of it."""

SPREADSHEET_DIGITS = ".15g"


@dataclass(frozen=True)
class Formula:
    """A formula and the number or text that it gives, for those who show a workbook without working it out."""

    text: str
    value: float | str = ""
    decimals: int | None = None


@dataclass(frozen=True)
class Strong:
    """A text that stands out: a warning, a caption."""

    text: str


Content: TypeAlias = Cell | Formula | Strong


@dataclass(frozen=True)
class Place:
    """Where a table stands on its sheet: the row of its first line, its last, and the column of each name.

    ``counted`` are the columns with a number other than zero.
    """

    sheet: str
    first: int
    last: int
    columns: Mapping[str, int]
    counted: frozenset[str] = frozenset()

    def cell(self, column: str, row: int) -> str:
        """Return the cell of a column in a row of the sheet, fixed, with the sheet's name."""
        return reference(self.sheet, row, self.columns[column])

    def area(self, column: str, last: str | None = None) -> str:
        """Return all lines of a column, or of those up to ``last``, with the sheet's name."""
        first_column, last_column = self.columns[column], self.columns[last or column]
        return f"={quote_sheetname(self.sheet)}!{xl_range_abs(self.first, first_column, self.last, last_column)}"


class Book:
    """A workbook under way: its formats, made once each, and its words."""

    def __init__(self, book: Workbook, words: Catalogue, head: str, foot: str) -> None:
        """Write into ``book`` in these words; ``head`` and ``foot`` stand on each printed page."""
        self.book = book
        self.head = head
        self.foot = foot
        self.words = words
        self.formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def format(self, **properties: Any) -> Format:
        """Return the format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"valign": "vcenter", **properties})
        return self.formats[key]

    def page(self, name: str, *, landscape: bool = True) -> "Page":
        """Add a sheet; ``name`` is a key of the catalogue."""
        return Page(self, self.words(f"sheets.{name}"), landscape=landscape)


class Page:
    """A sheet that is written from the top: lines of text, then a table, perhaps lines below it."""

    def __init__(self, book: Book, name: str, *, landscape: bool) -> None:
        """Add an empty sheet of this name to the book."""
        self.book = book
        self.name = name
        self.sheet: Worksheet = book.book.add_worksheet(name)
        self.row = 0
        self.first_printed = 0
        self.last_column = 0
        self.widths: dict[int, float] = {}
        self.sheet.set_paper(A4)
        if landscape:
            self.sheet.set_landscape()
        self.sheet.set_margins(MARGIN_INCHES, MARGIN_INCHES, 1.5 * MARGIN_INCHES, 1.5 * MARGIN_INCHES)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.hide_gridlines(2)
        self.sheet.set_default_row(LINE_POINTS)
        self.sheet.set_header(book.head)
        self.sheet.set_footer(book.foot)

    def line(self, *cells: Cell | Strong) -> None:
        """Write a line that belongs to no table: its parts as one text, which runs over the empty cells beside it."""
        strong = any(isinstance(one, Strong) for one in cells)
        text = "  ".join(one.text if isinstance(one, Strong) else str(one) for one in cells if one is not None)
        self.put(self.row, 0, text, text_wrap=False, bold=strong)
        self.row += 1

    def table(
        self,
        columns: Mapping[str, str],
        rows: Iterable[Mapping[str, Content]],
        *,
        kept: Sequence[str] = (),
        frozen: int | None = None,
        widest: float = WIDEST_TEXT,
    ) -> Place:
        """Write headings and rows; a column that is empty in every row is left out unless it is ``kept``.

        ``frozen`` columns stay on the screen beside the headings; None freezes nothing: only one table of a sheet can.
        Text wider than ``widest`` is broken into lines.
        """
        lines = list(rows)
        names = [name for name in columns if name in kept or any(line.get(name) not in (None, "") for line in lines)]
        self.fit([columns[name] for name in names], [[line.get(name) for name in names] for line in lines], widest)
        self.headings([columns[name] for name in names])
        if frozen is not None:
            self.freeze(frozen)
        return self.body(names, lines)

    def body(self, names: Sequence[str], lines: Sequence[Mapping[str, Content]]) -> Place:
        """Write the rows of a table below its headings."""
        first = self.row
        for line in lines:
            self.write([line.get(name) for name in names], border=1)
        places = {name: column for column, name in enumerate(names)}
        counted = frozenset(name for name in names if any(is_counted(line.get(name)) for line in lines))
        return Place(self.name, first, max(first, self.row - 1), places, counted)

    def fit(self, headings: Sequence[str], rows: Sequence[Sequence[Content]], widest: float = WIDEST_TEXT) -> None:
        """Make the columns wide enough for a table, whose headings take a few lines."""
        for column, text in enumerate(headings):
            needed = max((width_within(row[column], widest) for row in rows), default=0)
            least = max(NARROWEST, heading_width(text), self.widths.get(column, 0))
            self.widths[column] = math.ceil(max(least, needed))

    def freeze(self, columns: int, rows: int = 1) -> None:
        """Keep the last ``rows`` rows, headings, on the screen and on each printed page, and so many columns."""
        self.sheet.freeze_panes(self.row, columns)
        self.sheet.repeat_rows(self.row - rows, self.row - 1)

    def across(self, spans: Sequence[int], most: float) -> bool:
        """Print over several pages side by side where more than ``most`` digits of width would share one.

        Each page begins with the first two columns again, and no span of columns is torn. Returns whether it is so.
        """
        if sum(self.widths.values()) <= most:
            return False
        self.sheet.repeat_columns(0, 1)
        repeated = self.widths[0] + self.widths[1]
        column, used, widest, breaks = 0, 0.0, 0.0, []
        for span in spans:
            width = sum(self.widths[one] for one in range(column, column + span))
            if used and used + width > most:
                breaks.append(column)
                used = repeated
            used += width
            widest = max(widest, used)
            column += span
        self.sheet.set_print_scale(max(LEAST_SCALE, min(100, int(100 * ACROSS / widest))))
        self.sheet.set_v_pagebreaks(breaks)
        return True

    def headings(self, texts: Sequence[str]) -> None:
        """Write one row of headings, each broken over a few lines."""
        self.last_column = max(self.last_column, len(texts) - 1)
        self.write(texts, **HEADING)

    def spans(self, parts: Iterable[tuple[str, int]]) -> None:
        """Write a row above the headings, whose columns have their widths: each text over so many columns."""
        column, most = 0, 1
        for text, width in parts:
            if width > 1:
                self.sheet.merge_range(self.row, column, self.row, column + width - 1, "", self.book.format(**HEADING))
            self.put(self.row, column, text, **HEADING)
            most = max(most, lines_in(text, sum(self.widths[one] for one in range(column, column + width))))
            column += width
        self.sheet.set_row(self.row, min(HIGHEST_POINTS, most * LINE_POINTS))
        self.row += 1

    def write(self, contents: Sequence[Content], **properties: Any) -> None:
        """Write a row of a table, as high as its longest text needs it."""
        for column, content in enumerate(contents):
            self.put(self.row, column, content, **properties)
        texts = [
            (column, content.value if isinstance(content, Formula) else content)
            for column, content in enumerate(contents)
        ]
        most = max((lines_in(text, self.widths[column]) for column, text in texts if isinstance(text, str)), default=1)
        if most > 1:
            self.sheet.set_row(self.row, min(HIGHEST_POINTS, most * LINE_POINTS))
        self.row += 1

    def put(self, row: int, column: int, content: Content, **properties: Any) -> None:
        """Write one cell: numbers as numbers with their own decimals, text never as a formula, formulas live."""
        if row >= MOST_ROWS or column >= MOST_COLUMNS:
            raise UnmadeError("sheets.too_large", sheet=self.name)
        style = {"text_wrap": True} | properties
        if isinstance(content, Formula):
            number = {} if content.decimals is None else {"num_format": digits(content.decimals), "align": "center"}
            self.sheet.write_formula(row, column, content.text, self.book.format(**style, **number), content.value)
        elif isinstance(content, Strong):
            self.put(row, column, content.text, bold=True, **properties)
        elif content is None or content == "":
            self.sheet.write_blank(row, column, None, self.book.format(**style))
        elif isinstance(content, str):
            # a cell that begins like a formula stays text when somebody edits it
            quoted = {"quote_prefix": True} if content.lstrip().startswith(FORMULA) else {}
            self.sheet.write_string(row, column, fitting(content), self.book.format(**style, **quoted))
        elif held(content):
            number = {"num_format": digits(places_of(content)), "align": "center"} | style
            self.sheet.write_number(row, column, float(content), self.book.format(**number))
        else:
            # more digits than a spreadsheet keeps
            self.sheet.write_string(row, column, f"{content:f}", self.book.format(**{"align": "center"} | style))

    def reference(self, row: int, column: int) -> str:
        """Return a cell of this sheet for formulas on others."""
        return reference(self.name, row, column)

    def finish(self) -> None:
        """Give the columns their widths, and say what is printed."""
        for column, width in self.widths.items():
            self.sheet.set_column(column, column, width)
        self.sheet.print_area(self.first_printed, 0, max(0, self.row - 1), self.last_column)


def reference(sheet: str, row: int, column: int) -> str:
    """Return a cell with its sheet's name; it stays where it is when the formula is copied."""
    return f"{quote_sheetname(sheet)}!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


def heading_width(text: str) -> float:
    """Return the width in which a heading takes a few lines, and breaks no word of one."""
    longest = max((cell_len(word) for word in text.split() if word.isascii()), default=0)
    return max(longest, cell_len(text) / HEADING_LINES + 1) * WIDE_CHARACTER + 1.5


def width_of(content: Content) -> float:
    """Return the width that a cell needs to stand in one line."""
    if isinstance(content, Formula):
        return FORMULA_WIDTH
    text = content.text if isinstance(content, Strong) else "" if content is None else str(content)
    wide = cell_len(text) - len(text)
    return (len(text) - wide + wide * 2) * WIDE_CHARACTER + 1.5


def width_within(content: Content, widest: float) -> float:
    """Return the width that a cell gets: a long text is broken into lines, an exact fraction is not."""
    whole = isinstance(content, str) and FRACTION.fullmatch(content)
    return min(WIDEST if whole else widest, width_of(content))


def lines_in(text: str, width: float) -> int:
    """Return how many lines a text takes: Chinese breaks at any character, words do not unless they are too long."""
    lines = 0
    for part in text.split("\n"):
        lines, left = lines + 1, width
        for piece in PIECES.findall(part):
            needed = cell_len(piece) * (LINE_SLACK if cell_len(piece) > len(piece) else 1)
            if needed > left:
                lines, left = lines + math.ceil(needed / width), width
            left -= needed % width
    return lines


def is_counted(content: Content) -> bool:
    """Whether a cell holds a number that is not zero."""
    return isinstance(content, int | Decimal) and content != 0


def digits(decimals: int) -> str:
    """Return the spreadsheet's number format with so many decimals."""
    return "0" if decimals <= 0 else f"0.{'0' * decimals}"


def places_of(number: Decimal | int) -> int:
    """Return how many decimals a figure is published with."""
    exponent = number.as_tuple().exponent if isinstance(number, Decimal) else 0
    return max(0, -exponent) if isinstance(exponent, int) else 0


def held(number: Decimal | int) -> bool:
    """Whether a spreadsheet's number keeps this value."""
    return Decimal(format(float(number), SPREADSHEET_DIGITS)) == number


def fitting(text: str) -> str:
    """Return a text that a cell holds; one that is longer is cut, and shows it."""
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"
