"""How a sheet is laid out as a table: which lines stand on which row, and where its columns are. Pure."""

from dataclasses import dataclass

from rich.cells import cell_len

from pingyi_protocol.meeting.definition import Option, Target
from pingyi_protocol.text import Catalogue
from pingyi_terminal.seat.draft import Stage
from pingyi_terminal.seat.faces import Filling
from pingyi_terminal.widgets import plain_number

NUMBER = 5
EARLIER = 8
SCORE = 11
BAND = 10
TRACK = 18
NARROWEST_NAME = 20


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of the table; ``score`` and ``choice`` are the lines of the form that are answered on it.

    ``whole`` is the target of which the row shows what its criteria amount to; ``weight`` that of a criterion.
    """

    number: str
    name: str
    short: str = ""
    score: int | None = None
    choice: int | None = None
    whole: str = ""
    weight: str = ""

    def holds(self, line: int) -> bool:
        """Whether this line of the form is answered here."""
        return line in (self.score, self.choice)


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns begin; those that are not there end where they begin.

    ``options`` are begin and end of each option; ``state`` says what is missing of a choice.
    """

    earlier: int
    score: int
    band: int
    state: int
    options: tuple[tuple[Option, int, int], ...]
    track: int
    end: int

    @property
    def shows_band(self) -> bool:
        """Whether there is room for the bands."""
        return self.state > self.band


def rows_of(face: Filling) -> tuple[SheetRow, ...]:
    """Return the rows of a sheet: of a selection that is looked over only those that are chosen."""
    if face.form.selects:
        looked_over = face.draft.stage is Stage.CONFIRMING
        rows = face.draft.chosen if looked_over else range(len(face.targets))
        return tuple(
            SheetRow(str(row + 1), face.targets[row].name, face.targets[row].short_name, choice=row) for row in rows
        )
    return tuple(row for place, target in enumerate(face.targets) for row in target_rows(face, place, target))


def target_rows(face: Filling, place: int, target: Target) -> tuple[SheetRow, ...]:
    """Return the row of one target, and one for each of its criteria."""
    lines = [(at, line) for at, line in enumerate(face.form.lines) if line.target == target.id]
    choice = next((at for at, line in lines if not line.scored), None)
    number = str(place + 1)
    criteria = {criterion.id: criterion for criterion in face.item.criteria_of(target.id)}
    if not criteria:
        score = next((at for at, line in lines if line.scored), None)
        return (SheetRow(number, target.name, target.short_name, score, choice),)
    head = SheetRow(number, target.name, target.short_name, choice=choice, whole=target.id)
    under = (
        SheetRow(
            "", criteria[line.criterion].name, score=at, weight=f"{plain_number(criteria[line.criterion].weight)}%"
        )
        for at, line in lines
        if line.criterion
    )
    return (head, *under)


def ticking(words: Catalogue, width: int) -> Columns:
    """Return where the field of a candidate stands: before the name, and nothing else is there."""
    end = NUMBER + 1 + cell_len(words("seat.short_chosen")) + 4
    options = ((Option.CHOSEN, NUMBER + 1, end),)
    return Columns(width + 1, width, width, width, options, track=width, end=width)


def columns_of(face: Filling, words: Catalogue, width: int) -> Columns:
    """Return where the columns stand in ``width``; the name takes what is left."""
    if face.form.selects:
        return ticking(words, width)
    asked = next((line.options for line in face.form.lines if not line.scored), ())
    scored = any(line.scored for line in face.form.lines)
    widths = [cell_len(words(f"seat.short_{option}")) + 2 for option in asked]
    state = max(cell_len(words(f"seat.{word}")) for word in ("not_filled", "column_question")) + 4 if asked else 0
    choice = state + sum(widths) + max(0, len(widths) - 1)
    earlier = EARLIER if scored and face.earlier is not None else 0
    score, band = (SCORE, BAND) if scored else (0, 0)
    free = width - NUMBER - choice - earlier - score - NARROWEST_NAME
    if free < band:
        band = 0
    track = TRACK if scored and free - band >= TRACK else 0
    end = width
    begin = end - track - sum(widths) - max(0, len(widths) - 1)
    options = []
    at = begin
    for option, columns in zip(asked, widths, strict=True):
        options.append((option, at, at + columns))
        at += columns + 1
    at_state = begin - state
    at_band = at_state - band
    return Columns(
        earlier=at_band - score - earlier,
        score=at_band - score,
        band=at_band,
        state=at_state,
        options=tuple(options),
        track=end - track,
        end=end,
    )
