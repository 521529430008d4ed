"""Evidence: whether material makes sense, and the exact score that it comes to under the rule of its component."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from pingyi_protocol.meeting.components import (
    Component,
    ComponentPart,
    EvidenceLine,
    GivenScore,
    GivenScores,
    GradeValues,
    HotlineCounts,
    HotlineRates,
    Material,
    Rule,
    SurveyCounts,
    VoteBase,
    VoteCounts,
    VoteShares,
)
from pingyi_protocol.meeting.findings import Finding, Path, is_plain, not_plain, out_of_range

MOST_COUNTED = 10**12
WHOLE = Fraction(100)


def source_of(components: Sequence[Component], component: str, part: str) -> ComponentPart | None:
    """Return what evidence can be imported for by these ids; None for what is not there or the committee's own."""
    sources = (source for one in components if one.id == component and not one.committee for source in one.sources)
    return next((source for source in sources if source.id == part), None)


def evidence_findings(rule: Rule, targets: Collection[str], lines: Sequence[EvidenceLine]) -> list[Finding]:
    """Return everything that is wrong with the lines; paths lead into them: ``("lines", index, field)``.

    A target may be missing: its composite then is, until it comes.
    """
    found: list[Finding] = []
    first: dict[str, int] = {}
    if not lines:
        found.append(Finding(("lines",), "missing"))
    for index, line in enumerate(lines):
        path: Path = ("lines", index)
        if line.target not in targets:
            found.append(Finding((*path, "target"), "unknown_target", line.target))
        if first.setdefault(line.target, index) != index:
            other = ("lines", first[line.target], "target")
            found.append(Finding((*path, "target"), "evidence_twice", line.target, other=other))
        found += (
            Finding((*path, *one.path), one.code, one.found, one.values)
            for one in material_findings(rule, line.material)
        )
    if rule == VoteShares(VoteBase.MOST) and lines and not any(most_votes(lines)):
        found.append(Finding(("lines",), "nobody_voted"))
    return found


def material_findings(rule: Rule, material: Material) -> Iterator[Finding]:
    """Find what no score can be made of under the rule; paths start at the material."""
    match rule, material:
        case GivenScores(), GivenScore(score):
            yield from score_findings(("score",), score)
        case HotlineRates(), HotlineCounts(handled, satisfied, repeated):
            yield from of_whole("handled", handled, 1, MOST_COUNTED)
            yield from of_whole("satisfied", satisfied, 0, handled)
            yield from of_whole("repeated", repeated, 0, handled)
        case GradeValues(grades), SurveyCounts(counts) if len(counts) == len(grades):
            yield from survey_findings(counts)
        case VoteShares(VoteBase.VOTERS), VoteCounts(votes, voters):
            yield from of_whole("voters", voters, 1, MOST_COUNTED)
            yield from of_whole("votes", votes, 0, voters)
        case VoteShares(VoteBase.MOST), VoteCounts(votes, voters):
            yield from of_whole("votes", votes, 0, MOST_COUNTED)
            yield from of_whole("voters", voters, 0, 0)
        case _:
            yield Finding((), "material_misfit", str(material.__struct_config__.tag), {"kind": rule.kind})


def score_findings(path: Path, score: Decimal) -> Iterator[Finding]:
    """Find a score that is no plain number of 0-100."""
    if not is_plain(score):
        yield not_plain(path, score)
    elif not 0 <= score <= WHOLE:
        yield Finding(path, "between", str(score), {"least": "0", "most": "100"})


def survey_findings(counts: Sequence[int]) -> Iterator[Finding]:
    """Find counts that are none, and a survey that nobody answered."""
    for index, count in enumerate(counts):
        for one in of_whole("counts", count, 0, MOST_COUNTED):
            yield Finding(("counts", index), one.code, one.found, one.values)
    if not any(counts):
        yield Finding(("counts",), "nobody_answered")


def of_whole(field: str, found: int, least: int, most: int) -> Iterator[Finding]:
    """Find a count that is out of its range."""
    if not least <= found <= most:
        yield out_of_range(field, found, least, most)


def most_votes(lines: Sequence[EvidenceLine]) -> Iterator[int]:
    """Yield the votes of each target."""
    for line in lines:
        if isinstance(line.material, VoteCounts):
            yield line.material.votes


def scores_of(rule: Rule, lines: Sequence[EvidenceLine]) -> dict[str, Fraction]:
    """Return the unrounded score of each target, 0-100; the lines have no findings."""
    most = max(most_votes(lines), default=0)
    return {line.target: score_of(rule, line.material, most) for line in lines}


def score_of(rule: Rule, material: Material, most: int) -> Fraction:
    """Return what material comes to; ``most`` is the most votes that any target has."""
    match rule, material:
        case GivenScores(), GivenScore(score):
            return Fraction(score)
        case HotlineRates() as rates, HotlineCounts(handled, satisfied, repeated):
            return Fraction(rates.satisfied) * Fraction(satisfied, handled) + Fraction(rates.not_repeated) * Fraction(
                handled - repeated, handled
            )
        case GradeValues(grades), SurveyCounts(counts):
            answers = zip(grades, counts, strict=True)
            return sum((Fraction(grade.value) * count for grade, count in answers), start=Fraction(0)) / sum(counts)
        case VoteShares(of), VoteCounts(votes, voters):
            return WHOLE * Fraction(votes, voters if of is VoteBase.VOTERS else most)
        case _:
            raise ValueError(f"{material} is no material for {rule}")
