"""The composite: by hand, against numpy, and what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pingyi_protocol.meeting.components import Component, ComponentPart
from pingyi_protocol.meeting.composite import Scores, Source, WeightsError, composite, recomputed, reweighted
from pingyi_protocol.meeting.definition import Band, CompositeRules
from pingyi_protocol.meeting.figures import ComponentFigures, CompositeLine, Missing, PartFigures

WEIGHTS = {"research": "20", "hotline": "15", "deputies": "20", "public": "15", "scores": "30"}


RULES = CompositeRules()


def composite_of(
    evidence: Mapping[str, Mapping[str, str]],
    weights: Mapping[str, str],
    committee: Mapping[str, Fraction],
    rules: CompositeRules = RULES,
) -> tuple[CompositeLine, ...]:
    """Return the composites of the keys of ``evidence``, with the component ``scores`` as the committee's."""
    components = tuple(
        Component(id=name, name=name, weight=Decimal(weight), committee=name == "scores")
        for name, weight in weights.items()
    )
    scores: dict[Source, dict[str, Fraction]] = {("scores", ""): dict(committee)}
    for target, given_scores in evidence.items():
        for name, score in given_scores.items():
            scores.setdefault((name, ""), {})[target] = Fraction(score)
    return composite(components, rules, tuple(evidence), scores)


def test_a_composite_by_hand() -> None:
    """20 % of 95, 15 % of 90, 20 % of 92.5, 15 % of 88 and 30 % of 3552/38: 19 + 13.5 + 18.5 + 13.2 + 28.0421..."""
    evidence = {"water": {"research": "95", "hotline": "90", "deputies": "92.5", "public": "88"}}
    (line,) = composite_of(evidence, WEIGHTS, {"water": Fraction(3552, 38)})
    assert line.components == (
        ComponentFigures("research", Decimal(95), "95/1", Decimal(20), Decimal(19)),
        ComponentFigures("hotline", Decimal(90), "90/1", Decimal(15), Decimal("13.5")),
        ComponentFigures("deputies", Decimal("92.5"), "185/2", Decimal(20), Decimal("18.5")),
        ComponentFigures("public", Decimal(88), "88/1", Decimal(15), Decimal("13.2")),
        ComponentFigures("scores", Decimal("93.47"), "1776/19", Decimal(30), Decimal("28.04")),
    )
    assert (line.missing, str(line.total), line.exact, line.rank) == ((), "92.24", "8763/95", 1)
    assert Fraction(8763, 95) == Fraction("64.2") + Fraction(3, 10) * Fraction(3552, 38)


def test_the_printed_parts_may_miss_the_total_because_only_the_total_is_rounded() -> None:
    """Three parts of 0.005 print as 0.01 each, but they sum to 0.015, which prints as 0.02."""
    evidence = {"water": {"a": "0.01", "b": "0.02"}}
    (line,) = composite_of(evidence, {"a": "50", "b": "25", "scores": "25"}, {"water": Fraction(2, 100)})
    assert [str(part.weighted) for part in line.components] == ["0.01", "0.01", "0.01"]
    assert (str(line.total), line.exact) == ("0.02", "3/200")


def test_lines_stand_in_the_order_of_the_targets_and_ties_share_a_rank() -> None:
    evidence = {"water": {"research": "80"}, "culture": {"research": "90"}, "civil": {"research": "70"}, "bus": {}}
    committee = {"bus": Fraction(100), "civil": Fraction(60), "culture": Fraction(80), "water": Fraction(90)}
    lines = composite_of(evidence, {"research": "50", "scores": "50"}, committee)
    assert [(line.target, line.rank, line.total) for line in lines] == [
        ("water", 1, 85),
        ("culture", 1, 85),
        ("civil", 3, 65),
        ("bus", None, None),
    ]


def test_ranks_are_taken_on_unrounded_totals() -> None:
    committee = {"water": Fraction(93), "culture": Fraction("93.001")}
    lines = composite_of({"water": {}, "culture": {}}, {"scores": "100"}, committee)
    assert [(str(line.total), line.rank) for line in lines] == [("93.00", 2), ("93.00", 1)]


def test_what_is_missing_blocks_the_total_and_is_named() -> None:
    evidence = {"water": {"research": "95", "deputies": "92", "public": "88"}}
    (line,) = composite_of(evidence, WEIGHTS, {})
    assert line.missing == (Missing("hotline"), Missing("scores"))
    assert (line.total, line.exact, line.rank, line.band, line.again) == (None, None, None, None, False)
    assert [part.component for part in line.components] == ["research", "deputies", "public"]


def test_weights_are_printed_as_people_write_them() -> None:
    evidence = {"water": {"research": "90"}}
    (line,) = composite_of(evidence, {"research": "2E+1", "scores": "80.0"}, {"water": Fraction(80)})
    assert [str(part.weight) for part in line.components] == ["20", "80"]


def test_a_score_of_zero_is_not_missing() -> None:
    evidence = {"water": {"research": "0"}}
    (line,) = composite_of(evidence, {"research": "40", "scores": "60"}, {"water": Fraction(0)})
    assert (line.missing, str(line.total), line.exact, line.rank) == ((), "0.00", "0/1", 1)


PARTS = (ComponentPart("deputies", "", Decimal(60)), ComponentPart("public", "", Decimal(40)))
SPLIT = (Component("views", "", Decimal(50), parts=PARTS), Component("scores", "", Decimal(50), committee=True))


def test_a_component_of_parts_is_their_weighted_mean_and_each_part_is_shown() -> None:
    """60 % of 90 and 40 % of 200/3 are 242/3; half of that and half of 80 are 241/3."""
    scores: Scores = {
        ("views", "deputies"): {"water": Fraction(90)},
        ("views", "public"): {"water": Fraction(200, 3)},
        ("scores", ""): {"water": Fraction(80)},
    }
    (line,) = composite(SPLIT, CompositeRules(decimals=1), ("water",), scores)
    views, _ = line.components
    assert views.parts == (
        PartFigures("deputies", Decimal("90.0"), "90/1", Decimal(60), Decimal("54.0")),
        PartFigures("public", Decimal("66.7"), "200/3", Decimal(40), Decimal("26.7")),
    )
    assert (str(views.score), views.exact, str(views.weighted)) == ("80.7", "242/3", "40.3")
    assert (str(line.total), line.exact) == ("80.3", "241/3")


def test_a_component_is_missing_while_one_of_its_parts_is() -> None:
    scores: Scores = {("views", "deputies"): {"water": Fraction(90)}, ("scores", ""): {"water": Fraction(80)}}
    (line,) = composite(SPLIT, CompositeRules(), ("water",), scores)
    assert line.missing == (Missing("views", "public"),)
    assert [one.component for one in line.components] == ["scores"]
    assert line.total is None


def test_bands_and_thresholds_go_by_the_published_value() -> None:
    """89.996 is published as 90.00: that is the upper band, and not below 90."""
    rules = CompositeRules(bands=(Band("good", Decimal(90)), Band("poor", Decimal(0))), again_below=Decimal(90))
    committee = {"water": Fraction("89.996"), "culture": Fraction("89.994")}
    lines = composite_of({"water": {}, "culture": {}}, {"scores": "100"}, committee, rules)
    assert [(str(line.total), line.band, line.again) for line in lines] == [
        ("90.00", "good", False),
        ("89.99", "poor", True),
    ]


def test_no_components_no_composite() -> None:
    assert composite_of({"water": {}}, {}, {"water": Fraction(90)}) == ()


@pytest.mark.parametrize(("research", "total"), [("69.99", "99.99"), ("70.01", "100.01")])
def test_weights_that_miss_a_hundred_are_refused_with_their_sum(research: str, total: str) -> None:
    with pytest.raises(WeightsError, match="to sum to exactly 100") as wrong:
        composite_of({"water": {}}, {"research": research, "scores": "30"}, {})
    assert wrong.value.total == Fraction(total)


@dataclass(frozen=True)
class Year:
    """Weights in hundredths of a per cent, and scores by target and component, the committee's last."""

    weights: list[int]
    scores: list[list[Fraction]]


@st.composite
def years(draw: st.DrawFn) -> Year:
    cuts = sorted(draw(st.lists(st.integers(1, 9999), min_size=1, max_size=5, unique=True)))
    weights = [upper - lower for lower, upper in zip([0, *cuts], [*cuts, 10000], strict=True)]
    score = st.decimals(0, 100, places=2).map(Fraction)
    row = st.lists(score, min_size=len(weights), max_size=len(weights))
    return Year(weights, draw(st.lists(row, min_size=1, max_size=6)))


@given(years())
def test_totals_are_the_dot_product_and_lie_between_their_parts(year: Year) -> None:
    names = [*(f"source {place}" for place in range(1, len(year.weights))), "scores"]
    evidence = {
        f"target {place}": {name: str(float(score)) for name, score in zip(names[:-1], row[:-1], strict=True)}
        for place, row in enumerate(year.scores)
    }
    weights = {name: str(Decimal(weight) / 100) for name, weight in zip(names, year.weights, strict=True)}
    committee = {f"target {place}": row[-1] for place, row in enumerate(year.scores)}
    lines = composite_of(evidence, weights, committee)
    expected = np.array(year.scores, dtype=float) @ np.array(year.weights, dtype=float) / 10000
    for line, row, total in zip(lines, year.scores, expected, strict=True):
        exact = Fraction(line.exact or "")
        assert float(exact) == pytest.approx(total)
        assert min(row) <= exact <= max(row)
        assert sum(part.weight for part in line.components) == 100
        assert abs(Fraction(line.total or 0) - exact) <= Fraction(1, 200)
        assert line.rank == 1 + sum(Fraction(other.exact or "") > exact for other in lines)


def test_other_weights_give_from_the_printed_lines_what_they_give_from_the_scores() -> None:
    parts = (ComponentPart("p", "p", Decimal(60)), ComponentPart("q", "q", Decimal(40)))
    components = (Component("a", "a", Decimal(70), parts=parts), Component("b", "b", Decimal(30)))
    scores: Scores = {
        ("a", "p"): {"one": Fraction(200, 3), "two": Fraction(90), "three": Fraction(50)},
        ("a", "q"): {"one": Fraction(500, 7), "two": Fraction(80)},
        ("b", ""): {"one": Fraction(10, 11), "two": Fraction(99), "three": Fraction(1)},
    }
    lines = composite(components, RULES, ("one", "two", "three"), scores)
    other = reweighted(components, {("a", ""): Decimal("12.5"), ("b", ""): Decimal("87.5"), ("a", "q"): Decimal(99)})
    with pytest.raises(WeightsError, match="159"):
        recomputed(other, RULES, lines)
    other = reweighted(other, {("a", "p"): Decimal(1)})
    assert recomputed(other, RULES, lines) == composite(other, RULES, ("one", "two", "three"), scores)
    assert recomputed(components, RULES, lines) == lines
    assert lines[2].missing == (Missing("a", "q"),)
