"""Results by review group: right where they are shown, and never so that somebody's answer can be told from them."""

import statistics
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.every_kind import MOTION, QUESTIONED, RATING, SCORE, SELECTION, hall, ruled, scored, times
from kit.playbook import Playbook, full_house
from pingyi_protocol.meeting.commands import Answer, Choice
from pingyi_protocol.meeting.definition import MeasureKind, Option, ScoreRules
from pingyi_protocol.meeting.figures import GroupFigures, GroupTarget, OptionCount
from pingyi_protocol.meeting.groups import group_figures, withheld

GROUPS = ("", "第1组", "第2组", "第3组", "第4组", "第5组")
answers_by_group = st.dictionaries(st.sampled_from(GROUPS), st.integers(0, 9), min_size=1)


def parts(groups: list[str]) -> list[tuple[str, ...]]:
    return list(chain.from_iterable(combinations(groups, size) for size in range(len(groups) + 1)))


def told_apart(answers: dict[str, int], shown: list[str]) -> set[int]:
    """How many answers every set holds that one can single out: shown groups together, or the whole without some."""
    sums = [sum(answers[group] for group in part) for part in parts(shown)]
    return {*sums, *(sum(answers.values()) - one for one in sums)}


@given(answers_by_group, st.integers(2, 6))
def test_no_fewer_answers_than_the_least_can_be_told_apart_by_taking_away(answers: dict[str, int], least: int) -> None:
    """Unless the whole itself has fewer, which the whole's figures show and no group adds to."""
    hidden = withheld(answers, least)
    shown = [group for group in answers if group not in hidden]
    whole = sum(answers.values())
    assert all(count == 0 or count >= least for count in told_apart(answers, shown) - {whole})
    assert "" not in shown
    assert all(answers[group] >= least for group in shown)


@given(answers_by_group, st.integers(2, 6))
def test_no_group_is_withheld_without_need(answers: dict[str, int], least: int) -> None:
    hidden = withheld(answers, least)
    whole = sum(answers.values())
    large = sorted((answers[group], group) for group in hidden if group and answers[group] >= least)
    if large:
        # the largest that was withheld besides: were it shown, too few answers could be told apart
        shown = [group for group in answers if group not in hidden] + [large[-1][1]]
        assert any(0 < count < least for count in told_apart(answers, shown) - {whole})


@pytest.mark.parametrize(
    ("answers", "hidden"),
    [
        ({"a": 5, "b": 6}, set()),
        ({"a": 5, "b": 6, "c": 4}, {"c", "a"}),
        ({"a": 5, "b": 6, "c": 0}, {"c"}),
        ({"a": 9, "b": 6, "c": 2, "d": 3}, {"c", "d"}),
        ({"a": 9, "b": 6, "c": 1, "d": 3}, {"c", "d", "b"}),
        ({"": 7, "a": 5}, {""}),
        ({"": 2, "a": 5, "b": 6}, {"", "a"}),
        ({"a": 4}, {"a"}),
    ],
)
def test_what_is_withheld_of_groups_of_five_by_hand(answers: dict[str, int], hidden: set[str]) -> None:
    assert withheld(answers, 5) == hidden


# whole ballots


MEMBERS = {f"M{place:02}": GROUPS[place % 4] for place in range(1, 21)}


def slowly(measure: MeasureKind, scores: list[int]) -> Fraction:
    exact = sorted(map(Fraction, scores))
    if measure is MeasureKind.MEDIAN:
        return statistics.median(exact)
    return statistics.mean(exact[1:-1] if measure is MeasureKind.TRIMMED_MEAN else exact)


@given(
    st.dictionaries(st.sampled_from(sorted(MEMBERS)), st.none() | st.integers(0, 100)),
    st.sampled_from(MeasureKind),
    st.integers(2, 5),
)
def test_the_shown_figures_of_scores_are_those_of_the_groups_own_ballots(
    given_scores: dict[str, int | None], measure: MeasureKind, least: int
) -> None:
    item = ruled(SCORE, ScoreRules(measure=measure, dropped=1, least_scores=3))
    cast = {who: (scored("T01", score),) for who, score in given_scores.items()}
    figures = {one.group: one for one in group_figures(item, least, MEMBERS, cast)}
    assert list(figures) == list(dict.fromkeys(group for group in MEMBERS.values() if group))
    by_group = {
        group: [score for who, score in given_scores.items() if score is not None and MEMBERS[who] == group]
        for group in GROUPS[:4]
    }
    hidden = withheld({group: len(scores) for group, scores in by_group.items()}, least)
    for group, one in figures.items():
        scores = by_group[group]
        assert one.present == 5
        assert one.received == sum(MEMBERS[who] == group for who in given_scores)
        [target] = one.targets
        if group in hidden:
            assert target == GroupTarget("T01", None, None, None)
            continue
        assert (target.scores, target.total) == (len(scores), Decimal(sum(scores)))
        if len(scores) < 3:
            assert target.measure is None
        else:
            assert target.measure is not None
            assert abs(Fraction(target.measure) - slowly(measure, scores)) <= Fraction(1, 200)


def in_groups(item_id: str, least: int = 2) -> Playbook:
    """A meeting of nine in four groups, of which the first has three members and the others two."""
    items = (SCORE, MOTION, RATING, SELECTION, QUESTIONED)
    return full_house(hall(*(ruled(item, least_group=least) for item in items), members=9)).open(item_id)


def groups_of(book: Playbook) -> dict[str, GroupFigures]:
    return {one.group: one for one in book.figures.groups}


def choices_of(book: Playbook) -> dict[str, tuple[tuple[OptionCount, ...] | None, ...]]:
    return {group.group: tuple(choice.counts for choice in group.choices) for group in book.figures.groups}


def test_groups_have_figures_once_the_round_is_closed_and_the_announcement_carries_them() -> None:
    book = in_groups("score")
    for place in range(1, 9):
        book.cast(f"M{place:02}", 10 * place)
    assert groups_of(book) == {}
    book.close()
    groups = groups_of(book)
    assert {group: (one.present, one.received) for group, one in groups.items()} == {
        "第1组": (3, 2),
        "第2组": (2, 2),
        "第3组": (2, 2),
        "第4组": (2, 2),
    }
    assert groups["第1组"].targets == (GroupTarget("T01", 2, Decimal(60), Decimal("30.00")),)
    assert groups["第4组"].targets == (GroupTarget("T01", 2, Decimal(120), Decimal("60.00")),)
    before = book.figures
    assert book.announce().figures == before
    book.followed()


def test_an_item_that_asks_for_none_has_none_and_neither_has_a_result_by_hand() -> None:
    book = full_house(hall(SCORE, members=9)).open("score").cast("M01", 90).close()
    assert groups_of(book) == {}
    book = in_groups("motion").void().enter("motion", 3, times(3, Choice("", Option.FOR)))
    assert groups_of(book) == {}
    book.followed()


def test_the_recused_are_not_of_their_group() -> None:
    items = (ruled(MOTION, least_group=2),)
    book = full_house(hall(*items, members=9)).recuse("M01", "motion").open("motion")
    book.vote(Option.FOR, *(f"M{place:02}" for place in range(2, 10))).close()
    assert (groups_of(book)["第1组"].present, groups_of(book)["第1组"].received) == (2, 2)
    book.followed()


def test_a_motion_by_group_shows_every_option_or_nothing() -> None:
    book = in_groups("motion").vote(Option.FOR, "M01", "M05").vote(Option.AGAINST, "M09")
    book.vote(Option.ABSTAIN, "M02").vote(Option.FOR, "M06", "M04", "M08", "M03").close()
    assert choices_of(book) == {
        "第1组": ((OptionCount(Option.FOR, 2), OptionCount(Option.AGAINST, 1), OptionCount(Option.ABSTAIN, 0)),),
        # the third group's one answer is withheld, and with it the smallest of the others
        "第2组": (None,),
        "第3组": (None,),
        "第4组": ((OptionCount(Option.FOR, 2), OptionCount(Option.AGAINST, 0), OptionCount(Option.ABSTAIN, 0)),),
    }
    book.followed()


def test_a_selection_by_group_counts_ballots_and_those_who_abstain_from_it_as_a_whole() -> None:
    book = in_groups("selection")
    for place in range(1, 9):
        book.select(f"M{place:02}", "T01", "T04" if place < 5 else "T02")
    book.answer("M09", Choice("", Option.ABSTAIN)).close()
    first = choices_of(book)["第1组"]
    assert first == tuple((OptionCount(Option.CHOSEN, votes), OptionCount(Option.ABSTAIN, 1)) for votes in (2, 1, 0, 1))
    book.followed()


def test_each_target_and_the_old_question_are_withheld_by_their_own_answers() -> None:
    book = in_groups("questioned")
    for place in range(1, 10):
        first, second = (None, 80) if place == 2 else (90, 70)
        question = Choice("T01", Option.FOR), Choice("T02", Option.AGAINST)
        book.answer(f"M{place:02}", scored("T01", first), question[0], scored("T02", second), question[1])
    book.close()
    groups = groups_of(book)
    assert [target.scores for target in groups["第2组"].targets] == [None, 2]
    assert [target.scores for target in groups["第3组"].targets] == [None, 2]
    assert [target.scores for target in groups["第1组"].targets] == [3, 3]
    assert all(one.counts for group in groups.values() for one in group.choices)
    book.followed()


sheets: st.SearchStrategy[tuple[Answer, ...]] = st.tuples(
    st.sampled_from([*Option]).filter(lambda option: "satisfied" in option).map(lambda one: Choice("T01", one)),
    st.sampled_from([Option.SATISFIED, Option.ABSTAIN]).map(lambda one: Choice("T02", one)),
)


@given(st.dictionaries(st.sampled_from(sorted(MEMBERS)), sheets), st.integers(2, 5))
def test_shown_groups_and_the_rest_make_up_the_whole_of_a_rating(
    cast: dict[str, tuple[Answer, ...]], least: int
) -> None:
    figures = group_figures(RATING, least, MEMBERS, cast)
    for place, target in enumerate(RATING.targets):
        for option in Option:
            whole = sum(answers[place] == Choice(target, option) for answers in cast.values())
            shown = [one.choices[place].counts or () for one in figures]
            assert sum(line.count for lines in shown for line in lines if line.option is option) <= whole
        rest = len(cast) - sum(line.count for lines in shown for line in lines)
        assert rest == 0 or rest >= least or not any(shown)
