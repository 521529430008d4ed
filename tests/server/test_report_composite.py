"""The composite in print: whoever follows its steps with a pocket calculator comes to the same total."""

import re
from copy import deepcopy
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.agreement import PRESENT, SHEET, answers, sitting
from kit.exports import LOG_KEY, Memory
from kit.kinds import SCRUTINEER, every_kind, whole_definition
from kit.records import CHAIR, Scribe, told
from pingyi_protocol.meeting.commands import (
    AnnounceComposite,
    AnnounceRound,
    AnswerCount,
    ConfirmRound,
    EnterResult,
    ImportEvidence,
    Score,
)
from pingyi_protocol.meeting.components import (
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
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.evidence import score_of
from pingyi_protocol.meeting.measures import exact_text, six_places
from pingyi_server.exports.report.formulas import formula_of
from pingyi_server.exports.report.parts import CompositeReport, Report, Steps, published
from pingyi_server.exports.report.whole import report_of
from pingyi_server.exports.view import Reader

NUMBER = re.compile(r"\d+(?:\.\d+)?")


def report_on(scribe: Scribe, language: Language = Language.ENGLISH) -> Report:
    reader = Reader(Memory(scribe), LOG_KEY)
    assert len(list(reader.leaves())) == len(scribe.leaves)
    return report_of(reader.view(), language)


def composite_on(scribe: Scribe, language: Language = Language.ENGLISH) -> CompositeReport:
    found = report_on(scribe, language).composite
    assert found is not None
    return found


@pytest.fixture(scope="module")
def scribe() -> Scribe:
    written, _ = told(Scribe(whole_definition()))
    every_kind(written)
    return written


@pytest.fixture(scope="module")
def report(scribe: Scribe) -> CompositeReport:
    return composite_on(scribe)


def calculated(formula: str) -> Fraction:
    """What a pocket calculator makes of a printed formula, exactly."""
    typed = formula.replace("×", "*").replace("÷", "/").replace("−", "-").replace(" %", " / 100")
    return Fraction(eval(NUMBER.sub(lambda found: f"Fraction('{found[0]}')", typed)))  # noqa: S307 - our own formula


def rows(steps: Steps) -> list[dict[str, str]]:
    names = [column.heading for column in steps.table.columns]
    return [dict(zip(names, row, strict=True)) for row in steps.table.rows]


def value(printed: str) -> Fraction:
    """The exact value of a printed one: of its fraction, where there is one."""
    fraction = re.search(r"\((\d+)/(\d+)\)", printed)
    return Fraction(int(fraction[1]), int(fraction[2])) if fraction else Fraction(printed)


def test_each_printed_formula_gives_the_printed_score_and_all_of_them_the_total(report: CompositeReport) -> None:
    assert [steps.name for steps in report.steps] == [row[1] for row in report.table.rows]
    for steps in report.steps:
        for row in rows(steps):
            # a component's own parts stand in its formula with six decimals
            assert abs(calculated(row["Formula"]) - value(row["Score"])) < Fraction(1, 10**6)
            assert value(row["Score × weight"]) == value(row["Score"]) * Fraction(row["Weight (%)"]) / 100
        total, rounded, _ = steps.conclusion
        parts, printed = total.removeprefix("Composite = ").split(" ≈ ")
        assert abs(calculated(parts) - value(printed)) < Fraction(4, 10**6)
        shown = Fraction(rounded.rsplit(" ", maxsplit=1)[1])
        assert abs(shown - value(printed)) <= Fraction(1, 200)


def test_the_table_has_ranks_bands_and_who_is_to_be_scored_again(report: CompositeReport) -> None:
    headings = [column.heading for column in report.table.columns]
    assert headings[:3] == ["Rank", "Name of target", "电子表决测评 (60%)"]
    assert [(row[0], row[1], *row[-3:]) for row in report.table.rows] == [
        ("1", "文化和旅游局", "94.02", "优秀", ""),
        ("2", "人力资源和社会保障局", "84.93", "良好", ""),
        ("3", "医疗保障局", "69.75", "合格", "yes"),
        ("4", "市场监督管理局", "65.24", "合格", "yes"),
    ]
    assert report.again == ("医疗保障局", "市场监督管理局")


def test_each_source_has_its_rule_and_its_file(report: CompositeReport) -> None:
    sources = [dict(zip(("name", "weight", "rule", "file"), row, strict=False)) for row in report.sources.rows]
    assert [one["file"] for one in sources] == ["", "", "C2P1.xlsx", "C2P2.xlsx", "C3.xlsx", "C4.xlsx"]
    assert sources[3]["rule"] == "the mean over all answers: 满意 100, 基本满意 60"


def test_a_result_by_hand_is_marked_and_evidence_that_came_later_takes_the_announcement_back(scribe: Scribe) -> None:
    again = deepcopy(scribe)
    counts = tuple(AnswerCount(Score("T01", "", Decimal(score)), 2) for score in (80, 95))
    again.clerk(EnterResult("1", 2, "停电", 4, 0, counts))
    again.do(SCRUTINEER, ConfirmRound("1", 2, 4, 4, 0, counts=counts))
    again.do(CHAIR, AnnounceRound("1", 2))
    found = composite_on(again)
    assert not found.announced
    assert found.status == "The composites are not announced yet; this is how they stand."
    by_hand = next(steps for steps in found.steps if steps.target == "T01")
    assert rows(by_hand)[0]["Formula"] == "350 ÷ 4 (by hand)"
    assert [row[1] for row in found.table.rows if row[-1] == "manual"] == ["文化和旅游局"]


def test_composites_are_published_once_they_are_announced(scribe: Scribe) -> None:
    again = deepcopy(scribe)
    lines = tuple(EvidenceLine(f"T0{place}", GivenScore(Decimal(80))) for place in range(1, 4))
    again.clerk(ImportEvidence("C4", "", "again.xlsx", "5e" * 32, lines))
    whole = report_on(again)
    assert whole.composite is not None
    lacking = next(steps for steps in whole.composite.steps if steps.target == "T04")
    assert lacking.conclusion == ("No composite yet; missing: 整改成效调研.",)
    assert whole.composite.chart is not None
    assert len(whole.composite.chart.bars) == 3
    assert published(whole).composite is None
    assert "Composite" not in {fact.label for target in whole.targets for fact in target.results}
    line = EvidenceLine("T04", GivenScore(Decimal(80)))
    again.clerk(ImportEvidence("C4", "", "again.xlsx", "5e" * 32, (*lines, line)))
    again.do(CHAIR, AnnounceComposite())
    whole = report_on(again)
    assert published(whole).composite == whole.composite
    assert {target.results[-1].label for target in whole.targets} == {"Composite"}


def test_a_trimmed_mean_says_what_is_divided_by_what() -> None:
    *_, last = sitting()
    found = composite_on(last)
    formulas = {steps.target: rows(steps)[0] for steps in found.steps}
    # 2 of the lowest and 2 of the highest are out of sum and number
    kept = sorted(Fraction(one.score) for one in given_to("T02") if one.score is not None)[2:-2]
    division, _, which = formulas["T02"]["Formula"].partition(" (")
    assert division == f"{sum(kept)} ÷ {len(kept)}"
    assert which == f"{len(kept) + 4} scores without 2 at each end)"
    assert calculated(division) == value(formulas["T02"]["Score"])


def given_to(target: str) -> list[Score]:
    ballots = (answers(SHEET, place) for place in range(PRESENT))
    return [one for ballot in ballots for one in ballot or () if isinstance(one, Score) and one.target == target]


def test_a_meeting_without_components_has_no_composite() -> None:
    definition = whole_definition()
    scribe, _ = told(
        Scribe(type(definition)(definition.meeting, definition.roster, definition.targets, definition.agenda))
    )
    assert report_on(scribe).composite is None


counts = st.integers(0, 10**6)
scores = st.decimals(0, 100, places=2, allow_nan=False, allow_infinity=False)


@st.composite
def materials(draw: st.DrawFn) -> tuple[Rule, Material, int]:
    """A rule with material for it, and the most votes of any target."""
    handled = draw(st.integers(1, 10**6))
    part = draw(st.integers(1, 99))
    grades = tuple(GradeValue(f"g{place}", score) for place, score in enumerate(draw(st.lists(scores, min_size=2))))
    given_counts = tuple(draw(st.lists(counts, min_size=len(grades), max_size=len(grades)).filter(any)))
    votes = draw(st.integers(0, handled))
    hotline = HotlineCounts(handled, draw(st.integers(0, handled)), draw(st.integers(0, handled)))
    pairs: tuple[tuple[Rule, Material, int], ...] = (
        (GivenScores(), GivenScore(draw(scores)), 0),
        (HotlineRates(Decimal(part), Decimal(100 - part)), hotline, 0),
        (HotlineRates(), hotline, 0),
        (GradeValues(grades), SurveyCounts(given_counts), 0),
        (VoteShares(VoteBase.VOTERS), VoteCounts(votes, handled), 0),
        (VoteShares(VoteBase.MOST), VoteCounts(votes), handled),
    )
    return draw(st.sampled_from(pairs))


@given(materials())
def test_every_printed_formula_gives_the_exact_score(found: tuple[Rule, Material, int]) -> None:
    assert calculated(formula_of(*found)) == score_of(*found)


@given(st.fractions(0, 100))
def test_a_printed_value_is_exact_or_says_that_it_is_not(exact: Fraction) -> None:
    printed = exact_text(exact)
    assert value(printed) == exact
    assert printed.startswith("≈") == (Fraction(six_places(exact)) != exact)
