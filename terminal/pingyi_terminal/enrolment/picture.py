"""What the first screen draws itself: a card under a scanner's beam, and the groups of digits as they are typed."""

from textual.reactive import reactive

from pingyi_terminal.enrolment.entry import GROUPS_A_ROW
from pingyi_terminal.enrolment.view import GroupView
from pingyi_terminal.widgets import Painting, qr_light_modules
from pingyi_terminal.widgets.cells import Row, cut, fit

CODE = "0" * 17
"""What the drawn code says: digits that are no enrolment code."""
QUIET = 4
TEXT_COLUMN = 3
CODE_COLUMN, CODE_ROW = 17, 1
MODULES = 21
BEAM_ROW = 6
BARS = ((5, 9), (6, 6))
GROUP_ROWS = (9, 10)
GROUP_BARS = (0, 6)
GROUP_BAR = "▄" * 5
ROWS_APART = 2


class CardPicture(Painting):
    """A card with its code, 41 columns by 13 rows, and the beam that reads it."""

    DEFAULT_CSS = """
    CardPicture { width: 41; height: 13; }
    """

    caption: reactive[str] = reactive("")

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of the card."""
        paper = self.ink("chip-text", "foreground")
        row.put(0, " " * row.width, paper)
        code = qr_light_modules(CODE)
        # the card's own margin is the quiet zone, and the picture's rows begin two modules into the drawn one
        line = y - CODE_ROW + QUIET // 2
        if CODE_ROW <= y < CODE_ROW + (MODULES + 1) // 2:
            blocks = code.half_blocks(line)[QUIET : QUIET + MODULES]
            row.put_blocks(CODE_COLUMN, blocks, self.ink("foreground", "chip-text"))
        if y == CODE_ROW + 1:
            row.put(
                TEXT_COLUMN,
                cut(self.caption, CODE_COLUMN - TEXT_COLUMN),
                self.ink("chip-text", "foreground", bold=True),
            )
        for at, length in BARS:
            if y == at - CODE_ROW:
                row.put(TEXT_COLUMN, "▄" * length, self.ink("rule", "foreground"))
        if y in GROUP_ROWS:
            for column in GROUP_BARS:
                row.put(TEXT_COLUMN + column, GROUP_BAR, self.ink("faint", "foreground"))
        if y == BEAM_ROW:
            row.put(CODE_COLUMN - 2, "━" * (MODULES + 5), self.ink("warning", "foreground", bold=True))


class TypedGroups(Painting):
    """The groups in rows of six, a free row between: each with place, digits, and a word whether it is right."""

    DEFAULT_CSS = """
    TypedGroups { width: 1fr; height: 3; }
    """
    COLUMNS = 12
    MARK_COLUMNS = 2

    groups: reactive[tuple[GroupView, ...]] = reactive(())
    marks: reactive[tuple[str, str]] = reactive(("", ""))
    """The words for a group that is right, and for one that is wrong."""

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of groups."""
        if y % ROWS_APART:
            return
        first = y // ROWS_APART * GROUPS_A_ROW
        for index, group in enumerate(self.groups[first : first + GROUPS_A_ROW]):
            self.paint_group(row, index * self.COLUMNS, first + index + 1, group)

    def paint_group(self, row: Row, column: int, place: int, group: GroupView) -> None:
        """Draw one group."""
        ink, ground = {
            None: ("foreground", "raised"),
            True: ("foreground", "voted-fill"),
            False: ("chip-text", "warning"),
        }[group.right]
        column = row.put(column, fit(str(place), 2, "right") + " ", self.ink("dim"))
        for at, digit in enumerate(group.digits):
            here = at == group.cursor
            style = self.ink("chip-text", "accent", bold=True) if here else self.ink(ink, ground, bold=True)
            column = row.put(column, digit, style)
        mark = "" if group.right is None else self.marks[0] if group.right else self.marks[1]
        column = row.put(column, " ", self.ink(ink, ground))
        row.put(column, fit(mark, self.MARK_COLUMNS), self.ink("ok" if group.right else ink, ground, bold=True))
