from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.factories import live_rules
from pingyi_protocol.meeting.ballots import misfit
from pingyi_protocol.meeting.commands import Score
from pingyi_protocol.meeting.definition import Item, ScoreRules
from pingyi_terminal.seat.draft import (
    Draft,
    Entry,
    Fault,
    answers_of,
    blank,
    complete,
    draft_of,
    fault_of,
    gaps,
    next_gap,
    quick_values,
    score_of,
)
from pingyi_terminal.seat.entering import abstained, erased, moved, nudged, scored, typed
from pingyi_terminal.seat.form import form_of

RULES = live_rules()
ONE = form_of(Item("1", "文化和旅游局整改评议", ("T01",), RULES))
ELEVEN = form_of(Item("2", "第二批", tuple(f"T{place:02}" for place in range(11)), RULES))
HALVES = ScoreRules(step=Decimal("0.5"))
FIVES = ScoreRules(lowest=Decimal(50), step=Decimal(5))
ALL_RULES = (RULES, HALVES, FIVES, ScoreRules(lowest=Decimal(1), highest=Decimal(10)))


def after(keys: str, draft: Draft | None = None) -> Draft:
    draft = draft or blank(ONE)
    for key in keys:
        draft = erased(draft) if key == "<" else typed(draft, key)
    return draft


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("92", "92"),
        ("９２", "92"),
        ("1００", "100"),
        ("092", "92"),
        ("000", "0"),
        ("9<8", "8"),
        ("<<", ""),
        ("8.5", "8.5"),
        ("８．５", "8.5"),
        ("8。5", "8.5"),
        (".5", "5"),
        ("8..5", "8.5"),
        ("a九²-9", "9"),
        ("12345678", "123456"),
    ],
)
def test_what_is_typed_is_folded_and_kept(keys: str, text: str) -> None:
    assert after(keys).entry.text == text


@pytest.mark.parametrize(
    ("rules", "text", "score", "fault"),
    [
        (RULES, "", None, None),
        (RULES, "0", "0", None),
        (RULES, "100", "100", None),
        (RULES, "101", None, Fault.TOO_HIGH),
        (RULES, "8.", None, Fault.OFF_STEP),
        (RULES, "8.5", None, Fault.OFF_STEP),
        (HALVES, "8.", None, None),
        (HALVES, "8.5", "8.5", None),
        (HALVES, "8.50", "8.5", None),
        (HALVES, "8.25", None, Fault.OFF_STEP),
        (FIVES, "9", None, None),
        (FIVES, "92", None, Fault.OFF_STEP),
        (FIVES, "45", None, Fault.TOO_LOW),
        (FIVES, "55", "55", None),
    ],
)
def test_an_entry_is_a_score_a_beginning_or_a_fault(
    rules: ScoreRules, text: str, score: str | None, fault: Fault | None
) -> None:
    assert score_of(Entry(text), rules) == (None if score is None else Decimal(score))
    assert fault_of(Entry(text), rules) is fault


@given(st.sampled_from(ALL_RULES), st.text(alphabet="0123456789０１９.．。<ab", max_size=9))
def test_typing_never_leaves_both_a_score_and_a_fault_and_the_server_takes_every_score(
    rules: ScoreRules, keys: str
) -> None:
    draft = after(keys)
    score = score_of(draft.entry, rules)
    assert score is None or fault_of(draft.entry, rules) is None
    form = form_of(Item("1", "", ("T01",), rules))
    assert complete(draft, form) == (score is not None)
    if score is not None:
        assert misfit(form.item, answers_of(draft, form), (), 0) is None


@given(st.sampled_from(ALL_RULES), st.text(alphabet="0123456789.", max_size=6), st.integers(-200, 200))
def test_a_nudge_lands_on_the_grid_and_moves_a_score_by_its_steps(rules: ScoreRules, keys: str, steps: int) -> None:
    draft = after(keys)
    before = score_of(draft.entry, rules)
    value = score_of(nudged(draft, rules, steps).entry, rules)
    assert value is not None
    if before is not None:
        wanted = Fraction(before) + steps * Fraction(rules.step)
        assert Fraction(value) == max(Fraction(rules.lowest), min(Fraction(rules.highest), wanted))


@pytest.mark.parametrize(
    ("text", "steps", "value"),
    [("", 1, "0"), ("", -1, "100"), ("101", 1, "100"), ("101", -1, "99"), ("8.5", 1, "9"), ("8.5", -1, "7")],
)
def test_arrows_come_in_from_the_ends_and_back_from_a_fault(text: str, steps: int, value: str) -> None:
    assert nudged(Draft((Entry(text),)), RULES, steps).entry.text == value


def test_digits_after_a_touched_score_begin_a_new_number() -> None:
    assert after("9", scored(blank(ONE), Decimal(85))).entry.text == "9"
    assert after("<", scored(blank(ONE), Decimal(85))).entry.text == "8"


def test_enter_goes_round_to_every_gap() -> None:
    draft = scored(blank(ELEVEN), Decimal(90))
    seen = []
    while (gap := next_gap(draft, ELEVEN)) is not None:
        seen.append(gap)
        draft = scored(moved(draft, gap), Decimal(90 - gap))
        draft = moved(draft, 8) if gap == 5 else draft
    assert seen == [1, 2, 3, 4, 5, 9, 10, 6, 7, 8]
    assert complete(draft, ELEVEN)


def test_a_gap_is_what_has_neither_score_nor_abstention() -> None:
    draft = abstained(moved(scored(blank(ELEVEN), Decimal(0)), 1), ELEVEN)
    assert gaps(typed(moved(draft, 2), "8"), ELEVEN) == tuple(range(3, 11))
    assert gaps(abstained(draft, ELEVEN), ELEVEN) == tuple(range(1, 11))
    with pytest.raises(ValueError, match="T02 is not done"):
        answers_of(draft, ELEVEN)


def test_rows_end_at_the_ends() -> None:
    assert moved(blank(ELEVEN), -1).row == 0
    assert moved(blank(ELEVEN), 99).row == 10


@given(st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=11, max_size=11))
def test_answers_come_back_from_a_draft_as_they_went_in(scores: list[int | None]) -> None:
    answers = tuple(
        Score(target, "", None if score is None else Decimal(score))
        for target, score in zip(ELEVEN.targets, scores, strict=True)
    )
    assert answers_of(draft_of(answers, ELEVEN, changing=True), ELEVEN) == answers


def test_quick_values_hold_both_ends_and_scores_of_the_grid() -> None:
    assert quick_values(RULES) == tuple(map(Decimal, (0, 60, 70, 80, 85, 90, 95, 100)))
    for rules in ALL_RULES:
        values = quick_values(rules)
        assert values[0] == rules.lowest
        assert values[-1] == rules.highest
        assert all(score_of(Entry(f"{value:f}"), rules) == value for value in values)
