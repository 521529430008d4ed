"""What a ballot of each kind of item may say: whole sheets, the criteria of a target, the old question, selections."""

from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rpds import HashTrieMap

from kit.every_kind import (
    CRITERIA,
    MOTION,
    QUESTIONED,
    RATING,
    SCORE,
    SELECTION,
    TARGETS,
    hall,
    ruled,
    scored,
)
from kit.factories import live_rules, small_definition
from kit.playbook import full_house
from pingyi_protocol.meeting.ballots import Line, limits, misfit, sheet, with_answers
from pingyi_protocol.meeting.commands import Answer, Cast, Choice, Score
from pingyi_protocol.meeting.definition import (
    GRADES,
    QUESTION,
    Criterion,
    Item,
    Option,
    Press,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.events import ResultAnnounced
from pingyi_protocol.meeting.measures import Tally
from pingyi_protocol.meeting.refusal import Reason, Refusal

HALL = small_definition(members=5)
EVERY = hall(SCORE, CRITERIA, QUESTIONED, MOTION, RATING, SELECTION)
ABSTAIN = Choice("", Option.ABSTAIN)


def chosen(*targets: str) -> tuple[Answer, ...]:
    return tuple(Choice(target, Option.CHOSEN) for target in targets)


def refusal_of(item: Item, *answers: Answer, candidates: tuple[str, ...] = TARGETS, places: int = 2) -> Reason | None:
    refused = misfit(item, answers, candidates, places)
    return refused.reason if refused else None


# presses and scores


def test_the_last_press_counts_where_it_may_change() -> None:
    book = full_house(HALL).open("1").cast("M02", 10).cast("M02", 20).cast("M02", None).cast("M02", 30)
    book.close().announce()
    assert isinstance(book.outcome, ResultAnnounced)
    [figures] = book.outcome.figures.targets
    assert (figures.total, figures.scores, figures.abstentions) == (Decimal(30), 1, 0)
    assert book.outcome.figures.received == 1
    book.followed()


def test_the_first_press_counts_where_it_is_final() -> None:
    book = full_house(small_definition(rules=live_rules(press=Press.FIRST))).open("1").cast("M02", 10)
    book.cast("M02", 20).refused(Reason.ALREADY_VOTED)
    assert book.newest.ballots["M02"].answers == (scored("T01", 10),)
    book.followed()


def test_abstaining_is_an_answer_only_where_the_item_takes_it() -> None:
    full_house(HALL).open("1").cast("M02", None).followed()
    strict = full_house(small_definition(rules=live_rules(abstention=False))).open("1")
    strict.cast("M02", None).refused(Reason.ABSTENTION_NOT_ALLOWED)


@pytest.mark.parametrize(
    "answers",
    [
        (),
        (Score("T02", "", Decimal(90)),),
        (Score("T03", "", Decimal(90)), Score("T02", "", Decimal(90))),
        (Score("T02", "", Decimal(90)), Score("T02", "", Decimal(90))),
        (Score("T02", "", Decimal(90)), Score("T03", "quality", Decimal(90))),
        (Score("T02", "", Decimal(90)), Score("T03", "", Decimal(90)), Score("T01", "", Decimal(90))),
    ],
)
def test_a_sheet_is_answered_whole_and_in_order(answers: tuple[Answer, ...]) -> None:
    book = full_house(HALL).open("2")
    book.member("M02", Cast("2", 1, answers)).refused(Reason.ANSWERS_MISFIT)
    book.cast("M02", 90, None)
    book.followed()


OFF_GRID = ["100.5", "101", "-1", "0.5", "92.0", "1E+2", "9E+1", "-0", "0.0", "NaN", "sNaN", "-NaN", "NaN123"]
OFF_GRID += ["Infinity", "-Infinity", "9" * 50, "9" * 5000, "0." + "0" * 4000 + "1", "1E+9999", "1E-9999"]


@pytest.mark.parametrize("text", OFF_GRID)
def test_a_score_off_the_grid_or_written_oddly_is_refused(text: str) -> None:
    book = full_house(HALL).open("1")
    book.cast("M02", Decimal(text)).refused(Reason.SCORE_OFF_GRID, lowest=0, highest=100, step=1)


@pytest.mark.parametrize(
    ("lowest", "highest", "step", "good", "bad"),
    [
        ("0", "100", "0.5", ["0", "0.5", "99.5", "100"], ["0.25", "0.50", "100.0"]),
        ("1", "10", "3", ["1", "4", "10"], ["2", "3", "11"]),
        ("-5", "5", "2.5", ["-5", "-2.5", "0", "2.5"], ["-0", "-2.50", "-7.5", "1"]),
        ("0", "20000", "10", ["0", "19990", "20000"], ["19995", "20010"]),
        ("0", "0.001", "0.000001", ["0.000001", "0.000999", "0.001"], ["0.0000001", "0.0010"]),
    ],
)
def test_every_grid_that_a_definition_may_have_can_be_scored_on(
    lowest: str, highest: str, step: str, good: list[str], bad: list[str]
) -> None:
    grid = live_rules(lowest=Decimal(lowest), highest=Decimal(highest), step=Decimal(step), bands=())
    book = full_house(msgspec.structs.replace(small_definition(rules=grid), components=())).open("1")
    for text in good:
        book.cast("M02", Decimal(text) if "E" not in text else Decimal(f"{Decimal(text):f}"))
    for text in bad:
        book.cast("M02", text).refused(Reason.SCORE_OFF_GRID)
    book.followed()


# every kind of sheet


FOR_T01, FOR_T02 = Choice("T01", Option.FOR), Choice("T02", Option.FOR)
GOOD: list[tuple[Item, tuple[Answer, ...]]] = [
    (MOTION, (Choice("", Option.FOR),)),
    (MOTION, (Choice("", Option.AGAINST),)),
    (MOTION, (ABSTAIN,)),
    (RATING, (Choice("T01", Option.SATISFIED), Choice("T02", Option.NOT_SATISFIED))),
    (RATING, (Choice("T01", Option.BASICALLY_SATISFIED), Choice("T02", Option.ABSTAIN))),
    (QUESTIONED, (scored("T01", 90), FOR_T01, scored("T02", None), Choice("T02", Option.AGAINST))),
    (QUESTIONED, (scored("T01", 90), Choice("T01", Option.ABSTAIN), scored("T02", 0), FOR_T02)),
    (CRITERIA, (scored("T01", 90, "p1"), scored("T01", 80, "p2"), scored("T02", 70))),
    (CRITERIA, (scored("T01", None, "p1"), scored("T01", None, "p2"), scored("T02", None))),
    (SELECTION, chosen("T02")),
    (SELECTION, chosen("T01", "T04")),
    (SELECTION, (ABSTAIN,)),
]
BAD: list[tuple[Item, tuple[Answer, ...], Reason]] = [
    (MOTION, (), Reason.ANSWERS_MISFIT),
    (MOTION, (FOR_T01,), Reason.ANSWERS_MISFIT),
    (MOTION, (Choice("", Option.FOR), Choice("", Option.AGAINST)), Reason.ANSWERS_MISFIT),
    (MOTION, (Choice("", Option.SATISFIED),), Reason.ANSWERS_MISFIT),
    (MOTION, (Choice("", Option.CHOSEN),), Reason.ANSWERS_MISFIT),
    (MOTION, (scored("", 90),), Reason.ANSWERS_MISFIT),
    (RATING, (Choice("T01", Option.SATISFIED),), Reason.ANSWERS_MISFIT),
    (RATING, (Choice("T02", Option.SATISFIED), Choice("T01", Option.SATISFIED)), Reason.ANSWERS_MISFIT),
    (RATING, (FOR_T01, Choice("T02", Option.SATISFIED)), Reason.ANSWERS_MISFIT),
    (RATING, (scored("T01", 90), scored("T02", 90)), Reason.ANSWERS_MISFIT),
    (QUESTIONED, (scored("T01", 90), scored("T02", 90)), Reason.ANSWERS_MISFIT),
    (QUESTIONED, (FOR_T01, scored("T01", 90), FOR_T02, scored("T02", 90)), Reason.ANSWERS_MISFIT),
    (QUESTIONED, (scored("T01", 101), FOR_T01, scored("T02", 90), FOR_T02), Reason.SCORE_OFF_GRID),
    (CRITERIA, (scored("T01", 90), scored("T02", 70)), Reason.ANSWERS_MISFIT),
    (CRITERIA, (scored("T01", 90, "p2"), scored("T01", 80, "p1"), scored("T02", 70)), Reason.ANSWERS_MISFIT),
    (CRITERIA, (scored("T01", 90, "p1"), scored("T01", "80.5", "p2"), scored("T02", 70)), Reason.SCORE_OFF_GRID),
    (CRITERIA, (scored("T01", 90, "p1"), scored("T01", None, "p2"), scored("T02", 70)), Reason.HALF_ABSTAINED),
    (CRITERIA, (scored("T01", None, "p1"), scored("T01", 0, "p2"), scored("T02", None)), Reason.HALF_ABSTAINED),
    (SELECTION, (), Reason.SELECTION_SIZE),
    (SELECTION, chosen("T01", "T02", "T03"), Reason.SELECTION_SIZE),
    (SELECTION, chosen("T01", "T01"), Reason.ANSWERS_MISFIT),
    (SELECTION, chosen("T02", "T01"), Reason.ANSWERS_MISFIT),
    (SELECTION, chosen("T09"), Reason.ANSWERS_MISFIT),
    (SELECTION, (ABSTAIN, *chosen("T01")), Reason.ANSWERS_MISFIT),
    (SELECTION, (Choice("T01", Option.ABSTAIN),), Reason.ANSWERS_MISFIT),
    (SELECTION, (FOR_T01,), Reason.ANSWERS_MISFIT),
    (SELECTION, (scored("T01", "sNaN"),), Reason.ANSWERS_MISFIT),
]


@pytest.mark.parametrize(("item", "answers"), GOOD)
def test_a_ballot_that_fits_is_taken_and_counted_once(item: Item, answers: tuple[Answer, ...]) -> None:
    book = full_house(EVERY).open(item.id).answer("M02", *answers)
    assert book.newest.ballots["M02"].answers == answers
    assert (book.newest.received, book.newest.not_voted) == (1, 4)
    book.followed()


@pytest.mark.parametrize(("item", "answers", "reason"), BAD)
def test_a_ballot_that_does_not_fit_changes_nothing(item: Item, answers: tuple[Answer, ...], reason: Reason) -> None:
    book = full_house(EVERY).open(item.id)
    before = book.meeting
    book.answer("M02", *answers).refused(reason)
    assert book.meeting is before


@pytest.mark.parametrize(
    ("item", "answers"),
    [
        (MOTION, (ABSTAIN,)),
        (RATING, (Choice("T01", Option.SATISFIED), Choice("T02", Option.ABSTAIN))),
        (QUESTIONED, (scored("T01", 90), Choice("T01", Option.ABSTAIN), scored("T02", 90), FOR_T02)),
        (CRITERIA, (scored("T01", None, "p1"), scored("T01", None, "p2"), scored("T02", 70))),
        (SELECTION, (ABSTAIN,)),
    ],
)
def test_no_kind_takes_an_abstention_where_the_item_takes_none(item: Item, answers: tuple[Answer, ...]) -> None:
    assert refusal_of(item, *answers) is None
    assert refusal_of(ruled(item, abstention=False), *answers) is Reason.ABSTENTION_NOT_ALLOWED


def test_the_half_abstained_target_is_named() -> None:
    answers = (scored("T01", 90, "p1"), scored("T01", None, "p2"), scored("T02", 70))
    assert misfit(CRITERIA, answers, (), 0) == Refusal(Reason.HALF_ABSTAINED, {"target": "T01"})


def test_the_sheet_lists_scores_criteria_and_the_old_question_in_the_items_order() -> None:
    both = ruled(CRITERIA, ScoreRules(question=QUESTIONED.rules.question))  # type: ignore[union-attr]  # a score item
    assert [(kind.__name__, target, criterion) for kind, target, criterion in sheet(both)] == [
        ("Score", "T01", "p1"),
        ("Score", "T01", "p2"),
        ("Choice", "T01", ""),
        ("Score", "T02", ""),
        ("Choice", "T02", ""),
    ]


# selections


subsets = list(chain.from_iterable(combinations(TARGETS, size) for size in range(len(TARGETS) + 1)))


@given(st.integers(0, 4), st.integers(0, 4), st.sampled_from(subsets))
def test_exactly_the_selections_of_at_least_and_at_most_so_many_fit(
    least: int, more: int, wanted: tuple[str, ...]
) -> None:
    most = max(1, min(4, least + more))
    item = ruled(SELECTION, SelectionRules(winners=2, most=most, least=least))
    assert (refusal_of(item, *chosen(*wanted)) is None) == (least <= len(wanted) <= most)


def test_an_over_selection_says_how_many_and_how_many_may_be() -> None:
    refused = misfit(SELECTION, chosen(*TARGETS), TARGETS, 2)
    assert refused == Refusal(Reason.SELECTION_SIZE, {"chosen": "4", "least": "1", "most": "2"})


@pytest.mark.parametrize(
    ("rules", "places", "tied", "size"),
    [
        (SelectionRules(winners=3, most=3, least=2), 3, False, (2, 3)),
        (SelectionRules(winners=1, most=3, least=2), 1, False, (2, 3)),
        (SelectionRules(winners=3, most=3, least=2), 1, True, (1, 1)),
        (SelectionRules(winners=3, most=3, least=2), 2, True, (2, 2)),
        (SelectionRules(winners=2, most=5, least=1), 2, True, (1, 2)),
        (SelectionRules(winners=3, most=1, least=0), 2, True, (0, 1)),
    ],
)
def test_among_those_tied_nobody_chooses_more_than_places_are_left(
    rules: SelectionRules, places: int, tied: bool, size: tuple[int, int]
) -> None:
    assert limits(rules, places, tied=tied) == size


def test_those_tied_alone_can_be_chosen_in_their_round() -> None:
    item = ruled(SELECTION, SelectionRules(winners=2, most=4, least=2))
    tied = ("T02", "T04", "T03")
    assert refusal_of(item, *chosen("T02", "T04"), candidates=tied, places=2) is None
    assert refusal_of(item, *chosen("T02", "T04", "T03"), candidates=tied, places=2) is Reason.SELECTION_SIZE
    assert refusal_of(item, *chosen("T01", "T02"), candidates=tied, places=2) is Reason.ANSWERS_MISFIT
    assert refusal_of(item, *chosen("T04"), candidates=tied, places=1) is None


# weights


weights = st.lists(st.integers(1, 1000), min_size=1, max_size=5)


@given(weights, st.data())
def test_a_members_whole_score_is_the_exact_weighted_sum(parts: list[int], data: st.DataObject) -> None:
    """Against fractions: weights in millionths of a per cent that make up a hundred, scores in tenths."""
    millionths = [100_000_000 * part // sum(parts) for part in parts]
    millionths[0] += 100_000_000 - sum(millionths)
    criteria = tuple(
        Criterion("T01", f"p{place}", f"问题{place}", Decimal(weight).scaleb(-6))
        for place, weight in enumerate(millionths)
    )
    item = Item("criteria", "按问题评议", ("T01",), ScoreRules(step=Decimal("0.1")), criteria)
    given_tenths = data.draw(st.lists(st.lists(st.integers(0, 1000), min_size=len(parts), max_size=len(parts))))
    tallies: HashTrieMap[tuple[str, str], Tally] = HashTrieMap()
    for ballot in given_tenths:
        answers = tuple(
            Score("T01", criterion.id, Decimal(tenths).scaleb(-1))
            for criterion, tenths in zip(criteria, ballot, strict=True)
        )
        tallies, _ = with_answers(item, tallies, HashTrieMap(), answers, 1)
    expected = [
        sum(Fraction(tenths * weight, 10**9) for tenths, weight in zip(ballot, millionths, strict=True))
        for ballot in given_tenths
    ]
    whole = tallies.get(("T01", ""), Tally())
    assert Fraction(whole.total) == sum(expected)
    assert sorted(Fraction(score) for score, count in whole.rising for _ in range(count)) == sorted(expected)
    for place, criterion in enumerate(criteria):
        under = tallies.get(("T01", criterion.id), Tally())
        assert Fraction(under.total) == sum(Fraction(ballot[place], 10) for ballot in given_tenths)


def test_weighted_criteria_by_hand() -> None:
    """62.5 % of 91 and 37.5 % of 80 are 86.875; of 70 and 100 they are 81.25; the mean is 84.0625."""
    book = full_house(EVERY).open("criteria")
    book.answer("M01", scored("T01", 91, "p1"), scored("T01", 80, "p2"), scored("T02", 50))
    book.answer("M02", scored("T01", 70, "p1"), scored("T01", 100, "p2"), scored("T02", None))
    book.answer("M03", scored("T01", None, "p1"), scored("T01", None, "p2"), scored("T02", 60))
    whole, other = book.figures.targets
    assert (whole.total, whole.exact, whole.measure) == (Decimal("168.125"), "1345/16", Decimal("84.06"))
    assert (whole.scores, whole.abstentions, whole.not_voted) == (2, 1, 2)
    assert [(one.criterion, one.scores, one.total, one.measure) for one in whole.criteria] == [
        ("p1", 2, Decimal(161), Decimal("80.50")),
        ("p2", 2, Decimal(180), Decimal("90.00")),
    ]
    assert (other.criteria, other.exact) == ((), "55/1")
    book.followed()


# many


def answers_to(line: Line, options: tuple[Option, ...]) -> st.SearchStrategy[Answer]:
    kind, target, criterion = line
    if kind is Score:
        return st.builds(Score, st.just(target), st.just(criterion), st.none() | st.integers(0, 100).map(Decimal))
    return st.builds(Choice, st.just(target), st.sampled_from((*options, Option.ABSTAIN)))


def sheets_of(item: Item) -> st.SearchStrategy[tuple[Answer, ...]]:
    if isinstance(item.rules, SelectionRules):
        return st.sampled_from([(ABSTAIN,), *(chosen(*one) for one in subsets if 1 <= len(one) <= 2)])
    options = GRADES if item is RATING else QUESTION
    lines = st.tuples(*(answers_to(line, options) for line in sheet(item)))
    return lines.filter(lambda answers: misfit(item, answers, (), 0) is None)


@given(st.sampled_from([MOTION, RATING, QUESTIONED, CRITERIA, SELECTION]), st.data())
def test_a_ballot_given_anew_leaves_no_trace_of_the_earlier_one(item: Item, data: st.DataObject) -> None:
    kept = data.draw(st.lists(sheets_of(item), max_size=5))
    changed = data.draw(st.lists(sheets_of(item), max_size=5))
    straight, bent = (HashTrieMap(), HashTrieMap()), (HashTrieMap(), HashTrieMap())  # type: ignore[var-annotated]
    for answers in kept:
        straight = with_answers(item, *straight, answers, 1)
        bent = with_answers(item, *bent, answers, 1)
    for answers in changed:
        bent = with_answers(item, *bent, answers, 1)
    for answers in reversed(changed):
        bent = with_answers(item, *bent, answers, -1)
    assert {key: tally for key, tally in bent[0].items() if tally != Tally()} == {
        key: tally for key, tally in straight[0].items() if tally != Tally()
    }
    assert {key: count for key, count in bent[1].items() if count} == dict(straight[1].items())
