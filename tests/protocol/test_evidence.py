"""Evidence: what material is refused, by its place, and the exact score that it comes to, by hand and by an oracle."""

import statistics
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pingyi_protocol.meeting.components import (
    Component,
    ComponentPart,
    EvidenceKind,
    EvidenceLine,
    GivenScore,
    GivenScores,
    GradeValue,
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
from pingyi_protocol.meeting.evidence import MOST_COUNTED, evidence_findings, scores_of, source_of
from pingyi_protocol.meeting.measures import fraction_text

TARGETS = ("water", "culture", "bus")
GIVEN = GivenScores()
HOTLINE = HotlineRates(Decimal(80), Decimal(20))
SURVEY = GradeValues(
    tuple(GradeValue(name, Decimal(value)) for name, value in (("good", 100), ("fair", 60), ("bad", 0)))
)
VOTERS = VoteShares(VoteBase.VOTERS)
MOST = VoteShares(VoteBase.MOST)


def lines(*materials: Material) -> tuple[EvidenceLine, ...]:
    return tuple(EvidenceLine(*line) for line in zip(TARGETS, materials, strict=False))


def given_score(score: str) -> GivenScore:
    return GivenScore(Decimal(score))


def texts(rule: Rule, *materials: Material) -> list[str]:
    return [fraction_text(score) for score in scores_of(rule, lines(*materials)).values()]


# by hand


def test_a_given_score_is_the_score() -> None:
    assert texts(GIVEN, given_score("97.5"), given_score("0"), given_score("100")) == ["195/2", "0/1", "100/1"]


def test_hotline_cases_by_hand() -> None:
    # 80 x 66/70 + 20 x 67/70 = 6620/70; all satisfied and none repeated; none satisfied and all repeated
    materials = HotlineCounts(70, 66, 3), HotlineCounts(9, 9, 0), HotlineCounts(7, 0, 7)
    assert texts(HOTLINE, *materials) == ["662/7", "100/1", "0/1"]
    # by the share of satisfied cases alone
    assert texts(HotlineRates(), HotlineCounts(3, 2, 3)) == ["200/3"]


def test_a_survey_by_hand() -> None:
    # 40 at 100 and 5 at 60 are 4300 of 45; 7, 5 and 2 are 1000 of 14
    assert texts(SURVEY, SurveyCounts((40, 5, 0)), SurveyCounts((7, 5, 2))) == ["860/9", "500/7"]


def test_votes_by_hand() -> None:
    assert texts(VOTERS, VoteCounts(2, 3), VoteCounts(7, 7), VoteCounts(0, 1)) == ["200/3", "100/1", "0/1"]
    # the most votes of any target are 1200
    assert texts(MOST, VoteCounts(1200), VoteCounts(900), VoteCounts(1)) == ["100/1", "75/1", "1/12"]


def test_the_most_votes_are_those_of_the_targets_that_are_there() -> None:
    assert scores_of(MOST, (EvidenceLine("bus", VoteCounts(3)),)) == {"bus": Fraction(100)}


# against an oracle


counts = st.integers(0, MOST_COUNTED)
shares = st.integers(0, 10**6).map(lambda units: Decimal(units) / 10**4)


@given(shares, st.integers(1, MOST_COUNTED), counts, counts)
def test_hotline_cases_are_the_weighted_mean_of_two_shares(share: Decimal, handled: int, one: int, other: int) -> None:
    satisfied, repeated = min(handled, one), min(handled, other)
    rule = HotlineRates(share, 100 - share)
    [score] = scores_of(rule, lines(HotlineCounts(handled, satisfied, repeated))).values()
    mean = Fraction(share) * satisfied + (100 - Fraction(share)) * (handled - repeated)
    assert score * handled == mean
    assert 0 <= score <= 100


@given(
    st.lists(st.tuples(shares, st.integers(0, 40)), min_size=1, max_size=6).filter(lambda each: any(n for _, n in each))
)
def test_a_survey_is_the_mean_of_all_answers(answers: list[tuple[Decimal, int]]) -> None:
    rule = GradeValues(tuple(GradeValue(f"{at}", value) for at, (value, _) in enumerate(answers)))
    [score] = scores_of(rule, lines(SurveyCounts(tuple(count for _, count in answers)))).values()
    assert score == statistics.mean(Fraction(value) for value, count in answers for _ in range(count))


@given(st.lists(counts, min_size=1, max_size=3).filter(any))
def test_votes_keep_their_proportions_and_the_most_are_100(votes: list[int]) -> None:
    found = list(scores_of(MOST, lines(*map(VoteCounts, votes))).values())
    assert max(found) == 100
    assert [score * max(votes) for score in found] == [100 * one for one in votes]


# what is refused


def found(rule: Rule, given_lines: Sequence[EvidenceLine]) -> list[tuple[tuple[str | int, ...], str]]:
    return [(one.path, one.code) for one in evidence_findings(rule, TARGETS, given_lines)]


def test_a_target_may_be_missing_but_not_every_one() -> None:
    assert found(GIVEN, lines(given_score("90"))) == []
    assert found(GIVEN, ()) == [(("lines",), "missing")]


def test_a_target_that_is_unknown_or_there_twice_is_named_with_the_line_before() -> None:
    twice = [*lines(given_score("1"), given_score("2")), EvidenceLine("water", given_score("3"))]
    [finding] = evidence_findings(GIVEN, TARGETS, twice)
    assert (finding.path, finding.code, finding.other) == (
        ("lines", 2, "target"),
        "evidence_twice",
        ("lines", 0, "target"),
    )
    assert found(GIVEN, [EvidenceLine("sea", given_score("1"))]) == [(("lines", 0, "target"), "unknown_target")]


WRONG: list[tuple[Rule, Material, tuple[str | int, ...], str]] = [
    (GIVEN, given_score("100.01"), ("score",), "between"),
    (GIVEN, given_score("-0.01"), ("score",), "between"),
    (GIVEN, given_score("NaN"), ("score",), "plain_number"),
    (GIVEN, given_score("Infinity"), ("score",), "plain_number"),
    (GIVEN, given_score("0.0000001"), ("score",), "plain_number"),
    (HOTLINE, HotlineCounts(0, 0, 0), ("handled",), "between"),
    (HOTLINE, HotlineCounts(MOST_COUNTED + 1, 0, 0), ("handled",), "between"),
    (HOTLINE, HotlineCounts(5, 6, 0), ("satisfied",), "between"),
    (HOTLINE, HotlineCounts(5, -1, 0), ("satisfied",), "between"),
    (HOTLINE, HotlineCounts(5, 5, 6), ("repeated",), "between"),
    (SURVEY, SurveyCounts((1, -1, 1)), ("counts", 1), "between"),
    (SURVEY, SurveyCounts((0, 0, 0)), ("counts",), "nobody_answered"),
    (SURVEY, SurveyCounts((1, 1)), (), "material_misfit"),
    (SURVEY, given_score("90"), (), "material_misfit"),
    (GIVEN, VoteCounts(1, 2), (), "material_misfit"),
    (VOTERS, VoteCounts(3, 2), ("votes",), "between"),
    (VOTERS, VoteCounts(0, 0), ("voters",), "between"),
    (MOST, VoteCounts(1, 2), ("voters",), "between"),
    (MOST, VoteCounts(-1), ("votes",), "between"),
]


@pytest.mark.parametrize(("rule", "material", "path", "code"), WRONG)
def test_material_of_which_no_score_can_be_made_is_named_by_line_and_field(
    rule: Rule, material: Material, path: tuple[str | int, ...], code: str
) -> None:
    good: dict[EvidenceKind, Material] = {
        EvidenceKind.SCORES: given_score("50"),
        EvidenceKind.HOTLINE: HotlineCounts(1, 1, 1),
        EvidenceKind.SURVEY: SurveyCounts((1, 0, 0)),
        EvidenceKind.VOTES: VoteCounts(1, 1 if rule == VOTERS else 0),
    }
    assert found(rule, lines(good[rule.kind], material)) == [(("lines", 1, *path), code)]


def test_votes_of_nobody_have_no_most() -> None:
    assert found(MOST, lines(VoteCounts(0), VoteCounts(0))) == [(("lines",), "nobody_voted")]
    assert found(VOTERS, lines(VoteCounts(0, 5))) == []


def test_everything_that_is_wrong_is_found_at_once() -> None:
    both = [EvidenceLine("sea", HotlineCounts(0, 1, 2)), *lines(HotlineCounts(2, 3, 4))]
    assert found(HOTLINE, both) == [
        (("lines", 0, "target"), "unknown_target"),
        (("lines", 0, "handled"), "between"),
        (("lines", 0, "satisfied"), "between"),
        (("lines", 0, "repeated"), "between"),
        (("lines", 1, "satisfied"), "between"),
        (("lines", 1, "repeated"), "between"),
    ]


scores_or_counts = st.one_of(
    st.decimals(allow_nan=True).map(GivenScore),
    st.builds(HotlineCounts, st.integers(), st.integers(), st.integers()),
    st.lists(st.integers(), max_size=4).map(lambda each: SurveyCounts(tuple(each))),
    st.builds(VoteCounts, st.integers(), st.integers()),
)


@given(st.sampled_from([GIVEN, HOTLINE, SURVEY, VOTERS, MOST]), st.lists(scores_or_counts, min_size=1, max_size=3))
def test_what_is_not_refused_has_a_score_of_0_to_100(rule: Rule, materials: list[Material]) -> None:
    given_lines = lines(*materials)
    if not found(rule, given_lines):
        assert all(0 <= score <= 100 for score in scores_of(rule, given_lines).values())


# what evidence is imported for


def test_evidence_is_for_a_component_or_for_each_of_its_parts_and_never_for_the_committees_own() -> None:
    part = ComponentPart("P1", "hotline", Decimal(100), HOTLINE)
    components = (
        Component("C1", "own", Decimal(30), committee=True),
        Component("C2", "research", Decimal(30)),
        Component("C3", "society", Decimal(40), parts=(part,)),
    )
    whole = source_of(components, "C2", "")
    assert whole is not None
    assert (whole.name, whole.rule) == ("research", GIVEN)
    assert source_of(components, "C3", "P1") == part
    for component, of_it in (("C1", ""), ("C2", "P1"), ("C3", ""), ("C3", "P2"), ("C4", "")):
        assert source_of(components, component, of_it) is None
