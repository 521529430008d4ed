"""What each part of the chair's screen shows, as plain values. ``Tone`` names a theme colour."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pingyi_protocol.meeting.definition import Band, ScoreRules
from pingyi_terminal.chair.step import Step
from pingyi_terminal.widgets import Bar, Hint, Piece, Place, SeatState


@dataclass(frozen=True, slots=True)
class Said:
    """Words and the theme colour they stand in."""

    text: str = ""
    tone: str = "foreground"


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One item of the agenda, with ``mark`` before its title.

    ``cursor`` marks the chosen one, ``stage`` the one that the screen is about; a ``withdrawn`` one is struck out.
    ``bare`` is the state without its round, for where there is no room for that ("": the same).
    """

    item: str
    mark: str
    title: str
    state: Said
    bare: str = ""
    cursor: bool = False
    stage: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Agenda:
    """The agenda, its line when folded, and the targets of the item under the cursor."""

    heading: str
    lines: tuple[AgendaLine, ...]
    folded: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person in a list: the state's letter, the seat, the name."""

    state: SeatState
    seat: str
    name: str


@dataclass(frozen=True, slots=True)
class Floor:
    """The middle: ``doing`` to ``title``, the seats and what they mean, a list of people or a text to read out."""

    doing: str
    title: str
    places: tuple[Place, ...]
    legend: tuple[tuple[SeatState, str], ...]
    heading: Said
    note: str
    people: tuple[Somebody, ...]
    reading: tuple[str, ...]
    warning: str


@dataclass(frozen=True, slots=True)
class Count:
    """The count on the right: ``figure`` (None: nothing to count) of ``whole``, with a line below the meter.

    ``tone`` is the accent while this is the figure that matters.
    """

    heading: str
    figure: int | None
    whole: int
    line: Said
    tone: str = "accent"


@dataclass(frozen=True, slots=True)
class TargetRow:
    """One row of figures: of a target, an option, a candidate or a criterion, its figure, and what it comes to."""

    name: str
    shown: str
    band: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Below the count: one target's measure with its distribution, rows of figures, or lines of text.

    ``figure`` is the figure that matters as printed, "" for none.
    """

    heading: str
    band: Said = Said()
    figure: str = ""
    tone: str = "foreground"
    rules: ScoreRules = field(default_factory=ScoreRules)
    counts: Mapping[Decimal, int] = field(default_factory=dict)
    in_band: Band | None = None
    bars: tuple[Bar, ...] = ()
    rows: tuple[TargetRow, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aside:
    """Beside the gold block: what comes after the step, or what the chair must hear first (``tone`` warning)."""

    heading: Said
    lines: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Countdown:
    """The countdown as figures ("" for none), the word for it, and its colour."""

    figure: str
    word: str
    unit: str
    tone: str


@dataclass(frozen=True, slots=True)
class ChairView:
    """The whole screen. ``shout`` is what must not be overlooked, "" when all is well."""

    title: str
    note: str
    pieces: tuple[Piece, ...]
    shout: str
    agenda: Agenda
    floor: Floor
    count: Count
    figures: Figures
    step: Step
    aside: Aside
    countdown: Countdown
    hints: tuple[Hint, ...]
