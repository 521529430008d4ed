"""What a composite is made of: components, their parts, and the rule by which material becomes a score of 0-100."""

from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from pingyi_protocol.meeting.struct import Struct


class EvidenceKind(StrEnum):
    """What the material of a component is; the tags of its rules and of its material."""

    SCORES = "scores"
    HOTLINE = "hotline"
    SURVEY = "survey"
    VOTES = "votes"


class VoteBase(StrEnum):
    """What a target's public votes are a share of: all who voted on it, or the most that any target has."""

    VOTERS = "voters"
    MOST = "most"


class EvidenceRule(Struct, frozen=True):
    """How material becomes a score: the base of the rules."""

    @property
    def kind(self) -> EvidenceKind:
        """What the material is."""
        return EvidenceKind(str(self.__struct_config__.tag))


class GivenScores(EvidenceRule, frozen=True, tag="scores"):
    """The material is the score, 0-100."""


class HotlineRates(EvidenceRule, frozen=True, tag="hotline"):
    """So many per cent by the share of handled cases that ``satisfied``, the others by that of those ``not_repeated``.

    Score = satisfied x (satisfied cases / handled cases) + not_repeated x (1 - repeated cases / handled cases).
    """

    satisfied: Decimal = Decimal(100)
    not_repeated: Decimal = Decimal(0)


class GradeValue(Struct, frozen=True):
    """What one answer of a survey is worth, 0-100."""

    name: str
    value: Decimal


class GradeValues(EvidenceRule, frozen=True, tag="survey"):
    """Score = the mean of the values of the grades, each counted as often as it was given."""

    grades: tuple[GradeValue, ...]


class VoteShares(EvidenceRule, frozen=True, tag="votes"):
    """Score = 100 x votes / voters, or 100 x votes / the most votes of any target."""

    of: VoteBase = VoteBase.VOTERS


Rule: TypeAlias = GivenScores | HotlineRates | GradeValues | VoteShares


class ComponentPart(Struct, frozen=True):
    """One weighted part of a component, in per cent of it."""

    id: str
    name: str
    weight: Decimal
    rule: Rule = GivenScores()


class Component(Struct, frozen=True):
    """One weighted part of the composite, in per cent. ``committee`` marks the committee's own scores.

    With ``parts`` its score is their weighted mean, and each has its own rule; without, ``rule`` is the component's.
    """

    id: str
    name: str
    weight: Decimal
    committee: bool = False
    rule: Rule = GivenScores()
    parts: tuple[ComponentPart, ...] = ()

    @property
    def sources(self) -> tuple[ComponentPart, ...]:
        """What evidence is imported for: the parts, or the whole component as its one part, with the id ""."""
        return self.parts or (ComponentPart("", self.name, Decimal(100), self.rule),)

    def name_of(self, part: str) -> str:
        """Return the component's name, with that of the ``part`` (id) where one is meant; "" means the whole."""
        return next((f"{self.name} · {one.name}" for one in self.parts if one.id == part), self.name)


class GivenScore(Struct, frozen=True, tag="scores"):
    """A score that somebody else has given."""

    score: Decimal


class HotlineCounts(Struct, frozen=True, tag="hotline"):
    """Cases of the hotline that were handled; how many of them satisfied, and how many came again."""

    handled: int
    satisfied: int
    repeated: int


class SurveyCounts(Struct, frozen=True, tag="survey"):
    """How often each grade was given, in the order of the rule."""

    counts: tuple[int, ...]


class VoteCounts(Struct, frozen=True, tag="votes"):
    """Public votes for a target, out of so many ``voters``; 0 where they are a share of the most votes."""

    votes: int
    voters: int = 0


Material: TypeAlias = GivenScore | HotlineCounts | SurveyCounts | VoteCounts


class EvidenceLine(Struct, frozen=True):
    """What was found about one target."""

    target: str
    material: Material
