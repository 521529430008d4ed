"""What the clerk prepares: the meeting, its roster, targets, agenda and components.

These structs are what a meeting file is read into, what the first leaves of the ledger hold, and what
every screen reads names from. They are frozen and hold no behaviour beyond look-ups; whether a
definition makes sense is checked where it is loaded (``pingyi_protocol.meeting.soundness``).
"""

from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from pingyi_protocol.meeting.components import Component
from pingyi_protocol.meeting.struct import Struct


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


class Opens(StrEnum):
    """What of the scores a secret round opens; votes by choice always open how many chose what."""

    SUM = "sum"
    DISTRIBUTION = "distribution"


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


class Base(StrEnum):
    """Out of which number a passing rule takes its share.

    All members, those present for the round, those who cast a ballot, or those who voted for or against.
    """

    ALL_MEMBERS = "all_members"
    PRESENT = "present"
    CAST = "cast"
    FOR_AND_AGAINST = "for_and_against"


class ItemKind(StrEnum):
    """What is done with an item; the tags of its rules."""

    SCORE = "score"
    MOTION = "motion"
    RATING = "rating"
    SELECTION = "selection"


class Option(StrEnum):
    """What can be chosen where no score is given.

    A motion and the old question take ``FOR`` or ``AGAINST``, a rating one of its three grades, a selection ``CHOSEN``
    for each candidate; ``ABSTAIN`` is open to all of them where the item allows it.
    """

    FOR = "for"
    AGAINST = "against"
    SATISFIED = "satisfied"
    BASICALLY_SATISFIED = "basically_satisfied"
    NOT_SATISFIED = "not_satisfied"
    CHOSEN = "chosen"
    ABSTAIN = "abstain"


QUESTION = (Option.FOR, Option.AGAINST)
"""What answers a motion, and the old question of a score item."""

GRADES = (Option.SATISFIED, Option.BASICALLY_SATISFIED, Option.NOT_SATISFIED)
"""What answers a rating, the best first."""


class Quorum(Struct, frozen=True):
    """The share of all members that must be present: ``numerator/denominator``, more than it or at least it."""

    numerator: int = 1
    denominator: int = 2
    strict: bool = True


class Passing(Struct, frozen=True):
    """What passes: ``numerator/denominator`` of ``base``, more than it (``strict``) or at least it."""

    numerator: int = 1
    denominator: int = 2
    base: Base = Base.ALL_MEMBERS
    strict: bool = True


class MeetingFacts(Struct, frozen=True):
    """The meeting's own facts.

    ``addresses`` are host names or IP addresses of the server, the first one preferred; ``port`` is the first of four
    consecutive TCP ports (meeting, broadcast, enrolment, introduction). ``recused_leave`` takes the recused out of the
    base that ballots are counted against and that shares are taken of. ``check_in_minutes`` is how long members may
    check in themselves once check-in is opened; None lets them at any time. ``late_ballots`` gives who arrives during
    an open round a ballot at once. ``threshold`` is how many of the scrutineers it takes to open a secret round; fewer
    learn nothing. ``simulated`` labels sample data on every screen and
    export. ``programme`` names the year's appraisal that the meeting belongs to, ``batch`` whose targets it is about,
    ``follows`` is the id of the meeting that it goes on from.
    """

    name: str
    session: str
    date: str
    language: Language
    quorum: Quorum = Quorum()
    addresses: tuple[str, ...] = ("127.0.0.1",)
    port: int = 7610
    recused_leave: bool = True
    check_in_minutes: int | None = None
    late_ballots: bool = True
    simulated: bool = False
    programme: str = ""
    batch: str = ""
    follows: str = ""
    threshold: int = 2


class Person(Struct, frozen=True):
    """One line of the roster. ``number`` identifies; ``name`` may be shared by two.

    ``seat`` is ``row-place`` such as ``3-07``, empty for those without a terminal; ``group`` the review
    group. ``entitled`` is False for attendees without a vote (列席人员), ``chief`` True for the chief
    scrutineer (总监票人).
    """

    number: str
    name: str
    seat: str = ""
    group: str = ""
    roles: tuple[Role, ...] = (Role.MEMBER,)
    entitled: bool = True
    chief: bool = False


class Target(Struct, frozen=True):
    """A department or institution that is scored. ``short_name`` is for large type, else empty."""

    id: str
    name: str
    short_name: str = ""


class Problem(Struct, frozen=True):
    """A named shortcoming that a target promised to mend, and what it reports.

    It promises a ``goal``, ``measures``, a ``deadline`` (ISO 8601 date, "" for none) and who is ``responsible``.
    """

    target: str
    title: str
    goal: str = ""
    measures: str = ""
    deadline: str = ""
    responsible: str = ""
    report: str = ""


class Band(Struct, frozen=True):
    """A grade by value (等次): every value from ``least`` up to the next band."""

    name: str
    least: Decimal


class ItemRules(Struct, frozen=True):
    """What a hall can set for an item of any kind: how it is voted on, ended and shown.

    ``seconds`` is the countdown, None for none; ``timer_closes`` says that its end closes the round. ``confirmed``
    asks for the chief scrutineer's signature between the close and the announcement. ``least_group`` gives results by
    review group, of those with at least so many answers; None gives none. ``opens`` and ``least_ballots`` are for
    secret rounds: what of the scores they open, and without how many valid ballots they stay closed.
    """

    secrecy: Secrecy = Secrecy.OPEN
    press: Press = Press.LAST
    display: Display = Display.ON_ANNOUNCEMENT
    running: Audience = Audience.NOBODY
    seconds: int | None = None
    timer_closes: bool = True
    abstention: bool = True
    confirmed: bool = False
    least_group: int | None = None
    opens: Opens = Opens.SUM
    least_ballots: int = 5

    @property
    def kind(self) -> ItemKind:
        """What is done with an item that has these rules."""
        return ItemKind(str(self.__struct_config__.tag))


class ScoreRules(ItemRules, frozen=True, tag="score"):
    """How a score item is scored and counted.

    Scores run from ``lowest`` to ``highest`` in steps of ``step``. ``dropped`` is how many scores a trimmed
    mean drops at each end; fewer than ``least_scores`` scores give no result. ``decimals`` (0-4) is the
    number of decimals of published figures, rounded half-up. ``bands`` are in falling order of ``least``.
    ``pass_mark`` is the published measure from which a target passes, None where none is set. ``question`` asks the
    old question (pass or not) of each target beside its score, under this rule.
    """

    lowest: Decimal = Decimal(0)
    highest: Decimal = Decimal(100)
    step: Decimal = Decimal(1)
    measure: MeasureKind = MeasureKind.MEAN
    dropped: int = 0
    least_scores: int = 1
    decimals: int = 2
    bands: tuple[Band, ...] = ()
    pass_mark: Decimal | None = None
    question: Passing | None = None


class MotionRules(ItemRules, frozen=True, tag="motion"):
    """A motion is voted for or against, and passes with this share of those for it."""

    passing: Passing = Passing()


class RatingRules(ItemRules, frozen=True, tag="rating"):
    """Each target gets one of three grades.

    The outcome is the best grade that, with those above it, has the share of ``passing``; else the last.
    """

    passing: Passing = Passing(strict=False)


class SelectionRules(ItemRules, frozen=True, tag="selection"):
    """Of the item's targets each member chooses at least ``least`` and at most ``most``.

    The ``winners`` with most votes win, where they also have the share of ``passing``, if one is set.
    """

    winners: int = 1
    most: int = 1
    least: int = 1
    passing: Passing | None = None


Rules: TypeAlias = ScoreRules | MotionRules | RatingRules | SelectionRules


class Criterion(Struct, frozen=True):
    """One of the questions under which ``target`` is scored, for instance one problem; ``weight`` in per cent."""

    target: str
    id: str
    name: str
    weight: Decimal


class Item(Struct, frozen=True):
    """One line of the agenda.

    ``targets`` (ids) are voted on together on one sheet, and are the candidates of a selection; a motion has none.
    ``criteria`` split the scores of the targets that they name.
    """

    id: str
    title: str
    targets: tuple[str, ...] = ()
    rules: Rules = ScoreRules()
    criteria: tuple[Criterion, ...] = ()

    def criteria_of(self, target: str) -> tuple[Criterion, ...]:
        """The criteria under which this target is scored; none where it is scored as a whole."""
        return tuple(criterion for criterion in self.criteria if criterion.target == target)


TRIAL = Item(
    "trial", "", rules=MotionRules(display=Display.LIVE, running=Audience.ALL, passing=Passing(base=Base.CAST))
)
"""The trial vote, which every meeting can hold and which counts for nothing. No item of an agenda has its id."""


class CompositeRules(Struct, frozen=True):
    """How composites are published: rounded half-up to ``decimals`` (0-4), by ``bands`` in falling order of ``least``.

    A target whose published composite is below ``again_below`` is to report and to be scored again; None for none.
    """

    decimals: int = 2
    bands: tuple[Band, ...] = ()
    again_below: Decimal | None = None


class Definition(Struct, frozen=True):
    """All that the clerk prepared. Ids in ``problems`` and ``agenda`` name lines of the others."""

    meeting: MeetingFacts
    roster: tuple[Person, ...]
    targets: tuple[Target, ...]
    agenda: tuple[Item, ...]
    problems: tuple[Problem, ...] = ()
    components: tuple[Component, ...] = ()
    composite: CompositeRules = CompositeRules()

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
        """The agenda item with this id, or the trial vote; None if there is none."""
        return next((candidate for candidate in (*self.agenda, TRIAL) if candidate.id == item), None)

    def problems_of(self, target: str) -> tuple[Problem, ...]:
        """The problems that this target promised to mend."""
        return tuple(problem for problem in self.problems if problem.target == target)
