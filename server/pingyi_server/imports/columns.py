"""The sheets of a meeting file and their columns: what each holds, what it is where blank, which kinds of item have it.

Workbook and TOML share them; the words stand in the catalogue under ``workbook.<sheet>_<column>`` and ``note_...``.
"""

from dataclasses import dataclass
from typing import Final

from pingyi_protocol.meeting.components import EvidenceKind
from pingyi_protocol.meeting.definition import (
    Audience,
    Base,
    CompositeRules,
    Display,
    ItemKind,
    Language,
    MeasureKind,
    MeetingFacts,
    MotionRules,
    Opens,
    Press,
    RatingRules,
    Rules,
    ScoreRules,
    Secrecy,
    SelectionRules,
)
from pingyi_server.imports.evidence_rules import RuleText
from pingyi_server.imports.values import (
    Bands,
    Choice,
    Code,
    Day,
    Flag,
    Fraction,
    Names,
    Number,
    Plain,
    Roles,
    Several,
    Text,
    Whole,
)

REQUIRED: Final = object()


@dataclass(frozen=True)
class Column:
    """A column (or a row of the meeting's sheet): its code, kind of value, value where blank, width in characters.

    An ``optional`` one may be missing, as it is in the files of earlier versions.
    """

    code: str
    kind: Text
    default: object = REQUIRED
    width: int = 12
    optional: bool = False

    def text(self, value: object, language: Language) -> str:
        """Return what people read in a workbook; nothing where there is no value."""
        return "" if value is None else self.kind.text(value, language)

    def plain(self, value: object) -> Plain:
        """Return what a TOML file holds; None where there is no value."""
        return None if value is None else self.kind.plain(value)


@dataclass(frozen=True)
class Sheet:
    """A sheet of the workbook, a table of the TOML file. ``key`` names the columns that tell its lines apart.

    An ``optional`` one may be missing or empty.
    """

    code: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    optional: bool = False


_FACTS = MeetingFacts("", "", "", Language.CHINESE)
_COMPOSITE = CompositeRules()

KINDS: dict[ItemKind, type[Rules]] = {
    ItemKind.SCORE: ScoreRules,
    ItemKind.MOTION: MotionRules,
    ItemKind.RATING: RatingRules,
    ItemKind.SELECTION: SelectionRules,
}

PASSING_COLUMNS = frozenset({"passing_base", "passing_share", "passing_more_than"})
"""The columns of a passing rule: of what, which share, and whether more than it or at least it."""


def _columns_of(kind: type[Rules]) -> frozenset[str]:
    """Return the columns that say something of this kind of item."""
    fields = set(kind.__struct_fields__)
    passes = fields & {"passing", "question"}
    # of choices how many chose what is opened always
    plain = fields - {"passing"} - (set() if kind is ScoreRules else {"opens"})
    return frozenset(plain | (PASSING_COLUMNS if passes else frozenset()))


KIND_COLUMNS = {kind: _columns_of(rules) for kind, rules in KINDS.items()}
RULE_COLUMNS = frozenset[str]().union(*KIND_COLUMNS.values())

# what evidence is imported for: of which kind it is, and how it becomes a score
_RULE = (
    Column("kind", Choice("evidence_kind", list(EvidenceKind)), None, width=14, optional=True),
    Column("rule", RuleText(), None, width=40, optional=True),
)

SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "meeting",
        (
            Column("name", Text()),
            Column("session", Text()),
            Column("date", Day()),
            Column("language", Choice("language", list(Language))),
            Column("quorum", Fraction(), (_FACTS.quorum.numerator, _FACTS.quorum.denominator)),
            Column("quorum_more_than", Flag("quorum"), _FACTS.quorum.strict),
            Column("addresses", Several()),
            Column("port", Whole(), _FACTS.port),
            Column("recused_leave", Flag(), _FACTS.recused_leave),
            Column("check_in_minutes", Whole(), None, optional=True),
            Column("late_ballots", Flag(), _FACTS.late_ballots, optional=True),
            Column("threshold", Whole(), _FACTS.threshold, optional=True),
            Column("programme", Text(), "", optional=True),
            Column("batch", Text(), "", optional=True),
            Column("follows", Code(), "", optional=True),
            Column("composite_decimals", Whole(), _COMPOSITE.decimals, optional=True),
            Column("composite_bands", Bands(), _COMPOSITE.bands, optional=True),
            Column("again_below", Number(), _COMPOSITE.again_below, optional=True),
            Column("simulated", Flag(), False),
        ),
        (),
    ),
    Sheet(
        "roster",
        (
            Column("number", Code()),
            Column("name", Text(), width=22),
            Column("seat", Code(), ""),
            Column("group", Text(), "", width=16),
            Column("roles", Roles(), (), width=22),
            Column("entitled", Flag(), True, width=10),
        ),
        ("number",),
    ),
    Sheet("targets", (Column("name", Text(), width=40), Column("short_name", Text(), "", width=20)), ("name",)),
    Sheet(
        "agenda",
        (
            Column("number", Code(), width=8),
            Column("kind", Choice("kind", list(ItemKind)), ItemKind.SCORE, width=12),
            Column("title", Text(), width=36),
            Column("targets", Names(), "", width=34),
            # a blank rule is the usual one of the item's kind
            Column("lowest", Number(), None, width=9),
            Column("highest", Number(), None, width=9),
            Column("step", Number(), None, width=9),
            Column("measure", Choice("measure", list(MeasureKind)), None, width=15),
            Column("dropped", Whole(), None, width=11),
            Column("least_scores", Whole(), None, width=12),
            Column("decimals", Whole(), None, width=10),
            Column("bands", Bands(), None, width=40),
            Column("secrecy", Choice("secrecy", list(Secrecy)), None, width=12),
            Column("opens", Choice("opens", list(Opens)), None, width=14, optional=True),
            Column("least_ballots", Whole(), None, width=14, optional=True),
            Column("press", Choice("press", list(Press)), None, width=14),
            Column("display", Choice("display", list(Display)), None, width=18),
            Column("running", Choice("audience", list(Audience)), None, width=16),
            Column("seconds", Whole(), None, width=12),
            Column("timer_closes", Flag(), None, width=14),
            Column("abstention", Flag(), None, width=12),
            Column("pass_mark", Number(), None, width=12, optional=True),
            Column("question", Flag(), None, width=14, optional=True),
            Column("passing_base", Choice("base", list(Base)), None, width=16, optional=True),
            Column("passing_share", Fraction(), None, width=10, optional=True),
            Column("passing_more_than", Flag("quorum"), None, width=12, optional=True),
            Column("winners", Whole(), None, width=10, optional=True),
            Column("most", Whole(), None, width=12, optional=True),
            Column("least", Whole(), None, width=12, optional=True),
            Column("confirmed", Flag(), None, width=14, optional=True),
            Column("least_group", Whole(), None, width=14, optional=True),
        ),
        ("number",),
    ),
    Sheet(
        "criteria",
        (
            Column("item", Code(), width=8),
            Column("target", Text(), width=34),
            Column("name", Text(), width=40),
            Column("weight", Number(), width=12),
        ),
        ("item", "target", "name"),
        optional=True,
    ),
    Sheet(
        "problems",
        (
            Column("target", Text(), width=28),
            Column("title", Text(), width=40),
            Column("goal", Text(), "", width=50),
            Column("measures", Text(), "", width=50, optional=True),
            Column("deadline", Day(), "", width=14, optional=True),
            Column("responsible", Text(), "", width=20, optional=True),
            Column("report", Text(), "", width=60),
        ),
        ("target", "title"),
    ),
    Sheet(
        "components",
        (
            Column("name", Text(), width=34),
            Column("weight", Number(), width=12),
            Column("committee", Flag(), False, width=20),
            *_RULE,
        ),
        ("name",),
    ),
    Sheet(
        "parts",
        (
            Column("component", Text(), width=34),
            Column("name", Text(), width=34),
            Column("weight", Number(), width=12),
            *_RULE,
        ),
        ("component", "name"),
        optional=True,
    ),
    Sheet(
        "recusals",
        (
            Column("item", Code(), width=8),
            Column("person", Code(), width=12),
            Column("reason", Text(), width=60),
        ),
        ("item", "person"),
        optional=True,
    ),
)
