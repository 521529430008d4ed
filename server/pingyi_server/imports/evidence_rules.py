"""The rule by which evidence becomes a score, as a clerk writes it into two cells: what the material is, and how."""

import re
from collections.abc import Iterator
from decimal import Decimal

from pingyi_protocol.meeting.components import (
    EvidenceKind,
    EvidenceRule,
    GivenScores,
    GradeValue,
    GradeValues,
    HotlineRates,
    Rule,
    VoteBase,
    VoteShares,
)
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_server.imports.values import (
    BAND,
    Plain,
    Text,
    UnreadableError,
    both_languages,
    decimal_of,
    folded,
    halfwidth,
    parts_of,
    word_of,
)

RATES = ("satisfied", "not_repeated")
RATE = re.compile(r"(.*?\S)\s*([0-9]+(?:\.[0-9]+)?)\s*%?")


class RuleText(Text):
    """A rule in words; what they mean depends on the kind of material in the cell beside it (``rule_of``)."""

    def text(self, value: object, language: Language) -> str:
        """Return the rule as a workbook shows it."""
        return "" if not isinstance(value, EvidenceRule) else rule_words(value, language)

    def plain(self, value: object) -> Plain:
        """Return the rule as a TOML file holds it."""
        return self.text(value, Language.ENGLISH)


def rule_of(kind: EvidenceKind | None, text: str) -> Rule:
    """Return the rule that two cells hold; UnreadableError where ``text`` is no rule for material of this ``kind``."""
    match kind:
        case None | EvidenceKind.SCORES:
            if text:
                raise UnreadableError("rule_of_scores")
            return GivenScores()
        case EvidenceKind.HOTLINE:
            return HotlineRates(**dict(_rates(text))) if text else HotlineRates()
        case EvidenceKind.SURVEY:
            return GradeValues(tuple(_grades(text)))
        case EvidenceKind.VOTES:
            return VoteShares(VoteBase(_base(text))) if text else VoteShares()


def rule_words(rule: EvidenceRule, language: Language) -> str:
    """Return the rule in words that ``rule_of`` takes; "" where the kind of material says it all."""
    words = catalogue("pingyi_server", language)
    match rule:
        case HotlineRates(satisfied, not_repeated):
            rates = zip(RATES, (satisfied, not_repeated), strict=True)
            return "; ".join(f"{words(f'workbook.rate_{name}')} {weight:f}%" for name, weight in rates)
        case GradeValues(grades):
            return "; ".join(f"{grade.name} {grade.value:f}" for grade in grades)
        case VoteShares(of):
            return words(f"workbook.vote_base_{of}")
        case _:
            return ""


def _rates(text: str) -> Iterator[tuple[str, Decimal]]:
    """Yield each weight by its name; what is not written weighs nothing."""
    found = dict.fromkeys(RATES, Decimal(0))
    named: set[str] = set()
    for part in parts_of(text):
        written = RATE.fullmatch(halfwidth(part))
        names = {name for name in RATES if written and folded(written[1]) in both_languages(f"workbook.rate_{name}")}
        if written is None or not names or names & named:
            raise UnreadableError("rule_hotline")
        named |= names
        found[names.pop()] = decimal_of(written[2])
    yield from found.items()


def _grades(text: str) -> Iterator[GradeValue]:
    if not text:
        raise UnreadableError("rule_survey")
    for part in (one.rstrip("%％ ") for one in parts_of(text)):
        written = BAND.fullmatch(halfwidth(part))
        if written is None:
            raise UnreadableError("rule_survey")
        # the name as it was typed: only the number is made plain
        name = part[: len(part) - len(written[3])].strip().rstrip(":：")
        yield GradeValue(name.strip(), decimal_of(written[3]))


def _base(text: str) -> str:
    try:
        return word_of("vote_base", text, tuple(VoteBase))
    except UnreadableError:
        raise UnreadableError("rule_votes") from None
