"""What the clerk prepares: the meeting, its roster, targets, agenda, components and evidence.

These structs are what a meeting file is read into, what the first leaves of the ledger hold, and what
every screen reads names from. They are frozen and hold no behaviour beyond look-ups; whether a
definition makes sense is checked where it is loaded (``pingyi_protocol.meeting.soundness``).
"""

from decimal import Decimal
from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What a session acts as; each command is allowed to certain roles."""

    MEMBER = "member"
    CHAIR = "chair"
    CLERK = "clerk"
    SCRUTINEER = "scrutineer"
    HALL = "hall"


class Language(StrEnum):
    """The languages that the screens speak."""

    CHINESE = "zh"
    ENGLISH = "en"


class MeasureKind(StrEnum):
    """How the scores of one target become one number."""

    MEAN = "mean"
    TRIMMED_MEAN = "trimmed_mean"
    MEDIAN = "median"


class Secrecy(StrEnum):
    """Whether who gave what is on the record (open, 记名) or nobody can know it (secret, 无记名)."""

    OPEN = "open"
    SECRET = "secret"  # noqa: S105 - a kind of ballot, not a password


class Press(StrEnum):
    """Which of a member's presses counts."""

    FIRST = "first"
    LAST = "last"


class Display(StrEnum):
    """When the hall sees the figures of an item."""

    LIVE = "live"
    ON_CLOSE = "on_close"
    ON_ANNOUNCEMENT = "on_announcement"


class Audience(StrEnum):
    """Who sees the running measure while a round is open."""

    NOBODY = "nobody"
    CHAIR = "chair"
    ALL = "all"


class Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Frozen, and strict about unknown fields: the base of everything that is signed or stored."""


class Quorum(Struct, frozen=True):
    """The share of all members that must be present: ``numerator/denominator``, more than it or at least it."""

    numerator: int = 1
    denominator: int = 2
    strict: bool = True


class MeetingFacts(Struct, frozen=True):
    """The meeting's own facts.

    ``addresses`` are host names or IP addresses of the server, the first one preferred; ``port`` is the
    first of three consecutive TCP ports (meeting, broadcast, enrolment). ``recused_leave`` takes the recused who
    are present out of the base that ballots are counted against. ``simulated`` labels sample data on every screen
    and export.
    """

    name: str
    session: str
    date: str
    language: Language
    quorum: Quorum = Quorum()
    addresses: tuple[str, ...] = ("127.0.0.1",)
    port: int = 7610
    recused_leave: bool = True
    simulated: bool = False


class Person(Struct, frozen=True):
    """One line of the roster. ``number`` identifies; ``name`` may be shared by two.

    ``seat`` is ``row-place`` such as ``3-07``, empty for those without a terminal; ``group`` the review
    group. ``entitled`` is False for attendees without a vote (列席人员).
    """

    number: str
    name: str
    seat: str = ""
    group: str = ""
    roles: tuple[Role, ...] = (Role.MEMBER,)
    entitled: bool = True


class Target(Struct, frozen=True):
    """A department or institution that is scored. ``short_name`` is for large type, else empty."""

    id: str
    name: str
    short_name: str = ""


class Problem(Struct, frozen=True):
    """A named shortcoming that a target promised to mend: the promised goal and what it reports."""

    target: str
    title: str
    goal: str = ""
    report: str = ""


class Band(Struct, frozen=True):
    """A grade by value (等次): every value from ``least`` up to the next band."""

    name: str
    least: Decimal


class ScoreRules(Struct, frozen=True):
    """How a score item is scored, ended, counted and shown.

    Scores run from ``lowest`` to ``highest`` in steps of ``step``. ``dropped`` is how many scores a trimmed
    mean drops at each end; fewer than ``least_scores`` scores give no result. ``decimals`` (0-4) is the
    number of decimals of published figures, rounded half-up. ``bands`` are in falling order of ``least``.
    ``seconds`` is the countdown, None for none; ``timer_closes`` says that its end closes the round.
    """

    lowest: Decimal = Decimal(0)
    highest: Decimal = Decimal(100)
    step: Decimal = Decimal(1)
    measure: MeasureKind = MeasureKind.MEAN
    dropped: int = 0
    least_scores: int = 1
    decimals: int = 2
    bands: tuple[Band, ...] = ()
    secrecy: Secrecy = Secrecy.OPEN
    press: Press = Press.LAST
    display: Display = Display.ON_ANNOUNCEMENT
    running: Audience = Audience.NOBODY
    seconds: int | None = None
    timer_closes: bool = True
    abstention: bool = True


class Item(Struct, frozen=True):
    """One line of the agenda: ``targets`` (ids) are scored together on one sheet."""

    id: str
    title: str
    targets: tuple[str, ...]
    rules: ScoreRules = ScoreRules()


class Component(Struct, frozen=True):
    """One weighted part of the composite, in per cent. ``committee`` marks the committee's own scores."""

    id: str
    name: str
    weight: Decimal
    committee: bool = False


class Evidence(Struct, frozen=True):
    """The 0-100 score of one target in one component that is not the committee's own."""

    component: str
    target: str
    score: Decimal


class Definition(Struct, frozen=True):
    """All that the clerk prepared. Ids in ``problems``, ``agenda`` and ``evidence`` name lines of the others."""

    meeting: MeetingFacts
    roster: tuple[Person, ...]
    targets: tuple[Target, ...]
    agenda: tuple[Item, ...]
    problems: tuple[Problem, ...] = ()
    components: tuple[Component, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def entitled(self) -> tuple[Person, ...]:
        """The members who may vote: the due (应到), in roster order."""
        return tuple(person for person in self.roster if person.entitled)

    def person(self, number: str) -> Person | None:
        """The roster line of this member number, or None."""
        return next((person for person in self.roster if person.number == number), None)

    def target(self, target: str) -> Target:
        """The target with this id; KeyError if there is none."""
        for candidate in self.targets:
            if candidate.id == target:
                return candidate
        raise KeyError(target)

    def item(self, item: str) -> Item | None:
        """The agenda item with this id, or None."""
        return next((candidate for candidate in self.agenda if candidate.id == item), None)

    def problems_of(self, target: str) -> tuple[Problem, ...]:
        """The problems that this target promised to mend."""
        return tuple(problem for problem in self.problems if problem.target == target)
