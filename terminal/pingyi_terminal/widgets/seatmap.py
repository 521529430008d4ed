"""The hall as it is built: who has voted, never how. Each state is told by letter, fill and colour, in that order."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Region, Size
from textual.reactive import reactive

from pingyi_protocol.text import Catalogue
from pingyi_terminal.widgets.blocks import HATCH
from pingyi_terminal.widgets.cells import Row, clipped, fit, one_row
from pingyi_terminal.widgets.painting import Painting

LETTERS_ONLY_FROM = 61
FIELD = 6
WIDEST_FIELD = 16
"""Columns that a place takes at the most, where its name needs them and there is room."""
AISLE = 1


class SeatState(StrEnum):
    """How a member stands towards the open round, in the order of the legend."""

    VOTED = "voted"
    PRESENT = "present"
    LOST = "lost"
    CALLING = "calling"
    RECUSED = "recused"
    ABSENT = "absent"


# letter and field: ink, ground; then the ink of the name, and whether the name is bold
_LOOKS: dict[SeatState, tuple[str, str | None, str, bool]] = {
    SeatState.VOTED: ("ok", "voted-fill", "dim", False),
    SeatState.PRESENT: ("background", "foreground", "foreground", True),
    SeatState.LOST: ("chip-text", "warning", "warning", True),
    SeatState.CALLING: ("chip-text", "calling", "calling", True),
    SeatState.RECUSED: ("foreground", None, "dim", False),
    SeatState.ABSENT: ("faint", None, "faint", False),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One member's place: the seat as ``row-place`` (``3-07``), the name, and the state."""

    seat: str
    name: str
    state: SeatState


def hall_rows(places: tuple[Place, ...]) -> list[list[tuple[int, Place]]]:
    """Return the rows of the hall from the front, each with its places and their column, counted from 0.

    A seat that is not written as ``row-place`` stands in a last row, in the order given.
    """
    rows: dict[int, list[tuple[int, Place]]] = {}
    elsewhere: list[tuple[int, Place]] = []
    for place in places:
        row, _, column = place.seat.partition("-")
        if row.isdecimal() and column.isdecimal() and int(column) > 0:
            rows.setdefault(int(row), []).append((int(column) - 1, place))
        else:
            elsewhere.append((len(elsewhere), place))
    return [sorted(rows[row], key=lambda entry: entry[0]) for row in sorted(rows)] + ([elsewhere] if elsewhere else [])


@dataclass(frozen=True, slots=True)
class _Arrangement:
    """The rows of the hall, the columns of a field, the rows of cells from one to the next, and the aisles."""

    rows: list[list[tuple[int, Place]]]
    field: int
    pitch: int
    aisles: tuple[int, ...]

    def column(self, place: int) -> int:
        """Return the first column of cells of place ``place`` (from 0) of a row."""
        gap = 0 if self.field < FIELD else 1
        return place * (self.field + gap) + AISLE * sum(aisle <= place for aisle in self.aisles)


class _Seats(Painting):
    """What shows places and their states."""

    places: reactive[tuple[Place, ...]] = reactive[tuple[Place, ...]](())
    words: reactive[Catalogue | None] = reactive[Catalogue | None](None, layout=True)

    def __init__(
        self,
        words: Catalogue,
        places: tuple[Place, ...] = (),
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.set_reactive(_Seats.words, words)
        self.set_reactive(_Seats.places, places)

    def letter(self, state: SeatState) -> str:
        """Return the letter of a state."""
        return self.words(f"widgets.state_{state}") if self.words else ""

    @property
    def letter_width(self) -> int:
        """The cells of the widest letter."""
        return max(cell_len(self.letter(state)) for state in SeatState)

    def look(self, state: SeatState) -> Style:
        """Return the style of a state's letter and field."""
        ink, ground, _, _ = _LOOKS[state]
        return self.ink(ink, ground, bold=state is not SeatState.ABSENT)


class SeatMap(_Seats):
    """Rows of places from the front. Names stand under the seats where there is room for them.

    ``aisles`` are the places after which an aisle runs. Beyond 60 places, or where the fields do not fit, there are
    letters only. Places for which there is no room are counted in the last row.
    """

    DEFAULT_CSS = """
    SeatMap { width: 1fr; height: 1fr; }
    """

    places: reactive[tuple[Place, ...]] = reactive[tuple[Place, ...]]((), repaint=False)
    aisles: reactive[tuple[int, ...]] = reactive[tuple[int, ...]](())

    def __init__(
        self,
        words: Catalogue,
        places: tuple[Place, ...] = (),
        aisles: tuple[int, ...] = (),
        *,
        id: str | None = None,  # noqa: A002 - Textual's own name
        classes: str | None = None,
    ) -> None:
        super().__init__(words, places, id=id, classes=classes)
        self.set_reactive(SeatMap.aisles, aisles)
        self._arranged: tuple[object, _Arrangement] | None = None

    def watch_places(self, before: tuple[Place, ...], after: tuple[Place, ...]) -> None:
        """Repaint the seats that changed; lay out anew only when people did."""
        if [(place.seat, place.name) for place in before] != [(place.seat, place.name) for place in after]:
            self.refresh(layout=True)
            return
        changed = {new.seat for old, new in zip(before, after, strict=True) if old is not new and old != new}
        arrangement = self._arrange(self.size.width)
        regions = [
            Region(arrangement.column(column), index * arrangement.pitch, arrangement.field, min(2, arrangement.pitch))
            for index, row in enumerate(arrangement.rows)
            for column, place in row
            if place.seat in changed
        ]
        if regions:
            self.refresh(*regions)

    def _arrange(self, width: int) -> "_Arrangement":
        """Return where each place stands in ``width`` columns."""
        key = (self.places, self.aisles, self.words, width, self.size.height)
        if self._arranged is None or self._arranged[0] != key:
            self._arranged = (key, self._arrangement(width))
        return self._arranged[1]

    def _arrangement(self, width: int) -> "_Arrangement":
        rows = hall_rows(self.places)
        widest = max((column for row in rows for column, _ in row), default=0)
        longest = max((cell_len(one_row(place.name)) for place in self.places), default=0)
        for wanted in range(max(FIELD, min(longest, WIDEST_FIELD)), FIELD - 1, -1):
            with_names = _Arrangement(rows, wanted, 1, self.aisles)
            if len(self.places) < LETTERS_ONLY_FROM and with_names.column(widest) + wanted <= width:
                fitting = (pitch for pitch in (3, 2) if pitch * len(rows) - (pitch == 3) <= self.size.height)  # noqa: PLR2004 - seat, name, free row
                return _Arrangement(rows, wanted, next(fitting, 1), self.aisles)
        field = self.letter_width
        letters = _Arrangement(rows, field, 1, self.aisles)
        if letters.column(widest) + field <= width:
            return letters
        in_line = max(1, width // field)
        lines = [row[at : at + in_line] for row in rows for at in range(0, len(row), in_line)]
        return _Arrangement([[(index, place) for index, (_, place) in enumerate(line)] for line in lines], field, 1, ())

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return the rows that the hall takes with names and free rows."""
        return max(1, 3 * len(hall_rows(self.places)) - 1)

    def paint(self, y: int, row: Row) -> None:
        """Draw one row of cells."""
        arrangement = self._arrange(row.width)
        rows, field = arrangement.rows, arrangement.field
        index, part = divmod(y, arrangement.pitch)
        if y == self.size.height - 1 and len(rows) > self.size.height and self.words:
            left = sum(len(each) for each in rows[y:])
            row.put(0, self.words("widgets.seats_not_shown", count=left), self.ink("warning", bold=True))
            return
        for column, place in rows[index] if index < len(rows) else ():
            begin = arrangement.column(column)
            if part == 0:
                self._paint_seat(row, begin, field, place)
            elif part == 1:
                _, _, ink, bold = _LOOKS[place.state]
                row.put(begin, fit(clipped(place.name, field), field), self.ink(ink, bold=bold))

    def _paint_seat(self, row: Row, begin: int, field: int, place: Place) -> None:
        style = self.look(place.state)
        letter = fit(self.letter(place.state), self.letter_width)
        if field < FIELD:
            row.put(begin, letter, style)
            return
        after = row.put(begin, fit(letter, 2), style)
        if place.state is SeatState.RECUSED:
            row.put(after, HATCH * (field - 2), self.ink("faint"))
        else:
            row.put(after, fit(one_row(place.seat), field - 2), style + Style(bold=False))


class SeatLegend(_Seats):
    """One row: each state's letter, word and number, in a fixed order."""

    DEFAULT_CSS = """
    SeatLegend { width: 1fr; height: 1; }
    """

    def paint(self, y: int, row: Row) -> None:
        """Draw the legend."""
        if y > 0 or not self.words:
            return
        counts = Counter(place.state for place in self.places)
        texts = [self.words(f"widgets.legend_{state}", count=counts[state]) for state in SeatState]
        used = sum(
            cell_len(self.letter(state)) + 1 + cell_len(text) for state, text in zip(SeatState, texts, strict=True)
        )
        gap = max(1, min(3, (row.width - used) // (len(texts) - 1)))
        column = 0
        for state, text in zip(SeatState, texts, strict=True):
            column = row.put(column, self.letter(state), self.look(state))
            ink = "faint" if state is SeatState.ABSENT else "dim"
            column = row.put(column + 1, text, self.ink(ink)) + gap
