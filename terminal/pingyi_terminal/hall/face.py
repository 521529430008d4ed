"""What can stand on the hall display, as plain values without words: the widgets of ``faces`` say them."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Literal, NamedTuple, TypeAlias

from pingyi_protocol.meeting.definition import Item, MeasureKind, ScoreRules, Secrecy, Target
from pingyi_protocol.meeting.figures import ChoiceFigures, CompositeLine, RoundFigures, SelectionFigures, TargetFigures
from pingyi_protocol.meeting.life import Phase
from pingyi_terminal.sealed import Holder, Stage


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things stand, in seconds.

    ``result``: the announced result of one target, or the table of a sheet, before the ranking follows; ``page``:
    each target of a sheet, and each page of a long ranking; ``finale``: so long stands the final fingerprint before
    a display that follows the end leaves; ``key``: that of a key that was made before our eyes.
    """

    result: float = 8.0
    page: float = 6.0
    finale: float = 8.0
    key: float = 60.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the operator asks for, and what this display has seen happen beside the newest round.

    ``ranking``: True shows it, False keeps it away, None lets it come by itself; ``pause`` likewise a break, None for
    what the chair says; ``key`` the fingerprint of the key, None for as long as it is new: ``key_seen`` are the seconds
    since it was made before our eyes. ``late`` is the item that was announced after another one had been opened.
    """

    ranking: bool | None = None
    pause: bool | None = None
    key: bool | None = None
    key_seen: float | None = None
    late: str = ""


class Moment(NamedTuple):
    """What the face hangs on: as long as it is the same, the same thing stands on the wall."""

    item: str
    round: int
    phase: Phase
    closed: bool = False
    composed: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """The server was not heard yet."""


class Door(StrEnum):
    """Whether members may check in themselves."""

    ALWAYS = "always"
    NOT_OPEN = "not_open"
    OPEN = "open"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Idle:
    """Before the first item: who is present, whether that is a quorum, and how far the agenda is.

    ``following`` is the item that comes next, None when there is none. ``door`` says whether members may check in
    themselves, and ``check_in`` how many seconds longer.
    """

    present: int
    due: int
    quorum: int
    announced: int
    items: int
    following: Item | None
    fingerprint: str
    door: Door = Door.ALWAYS
    check_in: int = 0

    @property
    def missing(self) -> int:
        """How many more must be present."""
        return max(0, self.quorum - self.present)


@dataclass(frozen=True, slots=True)
class Polling:
    """An item takes ballots, or is closed and its figures are not published.

    ``received`` of ``base`` members have a ballot in the round; ``running`` are the figures so far where
    everybody may see them, ``withheld`` says that there are some, of too few ballots to be shown. ``unconfirmed``: a
    scrutineer has to sign the count before it is announced. ``manual`` is why it was entered by hand, else "".
    ``fingerprint`` is that of the key of a secret round, "" for an open one.
    """

    item: Item
    round: int
    targets: tuple[Target, ...]
    phase: Phase
    base: int
    received: int
    running: RoundFigures | None
    withheld: bool = False
    unconfirmed: bool = False
    manual: str = ""
    fingerprint: str = ""

    @property
    def closed(self) -> bool:
        """Whether no more ballots are taken."""
        return self.phase is Phase.CLOSED


@dataclass(frozen=True, slots=True)
class Void:
    """The round that was opened last counts for nothing, for this reason."""

    item: Item
    round: int
    targets: tuple[Target, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """The published figures of one target, the ``page``-th (from 1) of ``pages`` on its sheet."""

    item: Item
    round: int
    target: Target
    figures: TargetFigures
    present: int
    recused: int
    announced: bool
    page: int
    pages: int
    manual: str = ""
    invalid: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """The published figures of all targets that were scored on one sheet, in its order."""

    item: Item
    round: int
    lines: tuple[tuple[Target, TargetFigures], ...]
    present: int
    announced: bool
    manual: str = ""


class OfRound:
    """What stands there of the figures of a ``whole`` round."""

    __slots__ = ()
    whole: RoundFigures

    @property
    def round(self) -> int:
        """The number of the round."""
        return self.whole.round


@dataclass(frozen=True, slots=True)
class Vote(OfRound):
    """The published votes on one question: a motion (no target), a rating, or the old question about a target."""

    item: Item
    whole: RoundFigures
    target: Target | None
    figures: ChoiceFigures
    announced: bool


@dataclass(frozen=True, slots=True)
class VoteSheet(OfRound):
    """The published votes on the same question about several targets."""

    item: Item
    whole: RoundFigures
    lines: tuple[tuple[Target, ChoiceFigures], ...]
    announced: bool


@dataclass(frozen=True, slots=True)
class Selected(OfRound):
    """One page of a selection's candidates, those with most votes first."""

    item: Item
    whole: RoundFigures
    figures: SelectionFigures
    lines: tuple[tuple[Target, int], ...]
    announced: bool
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Grouped(OfRound):
    """The published figures by review group."""

    item: Item
    whole: RoundFigures
    targets: tuple[Target, ...]
    announced: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """One target in the ranking; ``rank`` and ``exact`` are None where there were too few scores.

    ``movement`` is how many places the newest result made it rise (below zero: fall), ``"new"`` where it is that
    result, None where there is nothing to compare.
    """

    target: Target
    figures: TargetFigures
    rules: ScoreRules
    rank: int | None
    exact: Fraction | None
    movement: int | Literal["new"] | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """One page of the targets by their published measure.

    ``measures`` and ``secrecies`` are those of all ranked items; ``complete`` when every item is announced.
    ``fingerprint`` is the final one, empty while the meeting goes on.
    """

    lines: tuple[Placed, ...]
    page: int
    pages: int
    measures: frozenset[MeasureKind]
    secrecies: frozenset[Secrecy]
    complete: bool
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Composites:
    """One page of the targets by their announced composite: each with its line.

    ``bands`` are how many targets are in each, of all; ``again`` are those to be scored again.
    """

    lines: tuple[tuple[Target, CompositeLine], ...]
    page: int
    pages: int
    bands: tuple[tuple[str, int], ...]
    again: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Final:
    """The meeting is closed: the fingerprint of its whole record, and how far the agenda came."""

    announced: int
    items: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Unsealing:
    """A closed secret round on its way to its announcement; ``holders`` are the scrutineers and who has opened.

    ``threshold`` of them it takes, once ``cosigned`` of those present, ``needed`` of whom it takes, have cosigned.
    """

    item: Item
    round: int
    targets: tuple[Target, ...]
    stage: Stage
    received: int
    base: int
    invalid: int
    cosigned: int
    needed: int
    threshold: int
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class Unopened:
    """A secret round of fewer valid ballots than the ``least``: it is never opened."""

    item: Item
    round: int
    targets: tuple[Target, ...]
    least: int


@dataclass(frozen=True, slots=True)
class KeyCeremony:
    """The scrutineers make the key: the ``step`` (from 1, 0 once it has failed) of so many, and who is awaited."""

    step: int
    steps: int
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class KeyMade:
    """The fingerprint of the key, to be read aloud and compared, and who holds its shares by name."""

    fingerprint: str
    holders: tuple[str, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class Break:
    """The meeting pauses between two items: how far the agenda came, and what comes next (None: nothing)."""

    announced: int
    items: int
    following: Item | None


Published: TypeAlias = Result | Sheet | Vote | VoteSheet | Selected | Grouped
OfItem: TypeAlias = Polling | Unsealing | Unopened | Void | Published
"""What stands there of one item."""

Face: TypeAlias = (
    Waiting
    | Idle
    | Polling
    | Unsealing
    | Unopened
    | KeyCeremony
    | KeyMade
    | Void
    | Published
    | Ranking
    | Composites
    | Break
    | Final
)
