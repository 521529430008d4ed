"""The second count and the rules: of rounds of any kind, cast or entered by hand, the two give the same figures."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.factories import BANDS, small_definition
from pingyi_protocol.meeting.ballots import choices_of, limits, scores_of
from pingyi_protocol.meeting.commands import Answer, AnswerCount, Choice, Score
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import (
    GRADES,
    QUESTION,
    Base,
    Criterion,
    Definition,
    Item,
    ItemRules,
    MotionRules,
    Option,
    Passing,
    Person,
    Press,
    RatingRules,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.events import (
    BallotCast,
    CheckedIn,
    CheckedOut,
    DefinitionLoaded,
    Event,
    Recused,
    ResultAnnounced,
    ResultEntered,
    RoundClosed,
    RoundConfirmed,
    RoundOpened,
    RoundVoided,
)
from pingyi_protocol.meeting.evolve import evolve
from pingyi_protocol.meeting.figures import OptionCount, Outcome, RoundFigures
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.record.recount import Recount
from pingyi_protocol.record.recount_figures import outcome_of, summed_criterion
from pingyi_protocol.record.recount_secret import Summed

change = msgspec.structs.replace

TARGETS = ("T01", "T02", "T03")
NOBODY = (Choice("", Option.ABSTAIN),)


@dataclass
class Story:
    """A meeting told by events that are taken at their word, to the rules and to the second count alike."""

    definition: Definition
    meeting: Meeting
    second: Recount

    def tell(self, *events: Event) -> "Story":
        for event in events:
            self.second.take(self.meeting.size, event, held=True)
            self.meeting = evolve(self.meeting, event, self.meeting.size)
        return self

    def close(self, item: str, number: int) -> "Story":
        one = self.meeting.round_of(item)
        assert one is not None
        counts = (len(one.present), len(one.ballots), one.recused_present)
        return self.tell(RoundClosed(item, number, one.first, self.meeting.size - 1, *counts))

    def figures(self, item: str) -> RoundFigures:
        one = self.meeting.round_of(item)
        assert one is not None
        return round_figures(self.meeting, one)

    def announce(self, item: str) -> "Story":
        return self.tell(ResultAnnounced(self.figures(item)))

    def faults(self) -> list[str]:
        return [fault.key for fault in self.second.faults()]


def begin(item: Item, people: Sequence[Person], *, recused_leave: bool = True, late_ballots: bool = True) -> Story:
    small = small_definition()
    facts = change(small.meeting, recused_leave=recused_leave, late_ballots=late_ballots)
    definition = change(small, meeting=facts, roster=tuple(people), agenda=(item,), components=())
    return Story(definition, Meeting(), Recount()).tell(DefinitionLoaded(definition))


def people_of(groups: Sequence[str]) -> tuple[Person, ...]:
    return tuple(Person(f"M{place:02}", f"委员{place}", group=group) for place, group in enumerate(groups, 1))


passings = st.builds(
    lambda numerator, more, base, strict: Passing(numerator, numerator + more, base, strict),
    st.integers(1, 3),
    st.integers(1, 3),
    st.sampled_from([Base.ALL_MEMBERS, Base.PRESENT, Base.CAST]),
    st.booleans(),
)
asked = st.one_of(passings, st.builds(lambda one: change(one, base=Base.FOR_AND_AGAINST), passings))
common = {"press": st.sampled_from(Press), "least_group": st.none() | st.integers(2, 4)}


@st.composite
def items(draw: st.DrawFn) -> Item:
    rules: ItemRules = draw(
        st.one_of(
            st.builds(MotionRules, passing=asked, **common),
            st.builds(RatingRules, passing=passings, **common),
            st.builds(
                ScoreRules,
                question=st.none() | asked,
                pass_mark=st.none() | st.sampled_from([Decimal(60), Decimal("72.5")]),
                least_scores=st.integers(1, 3),
                decimals=st.integers(0, 4),
                bands=st.sampled_from([BANDS, ()]),
                **common,
            ),
            st.builds(
                lambda winners, most, **others: SelectionRules(winners=winners, most=most, least=0, **others),
                st.integers(1, 3),
                st.integers(1, 3),
                passing=st.none() | passings,
                **common,
            ),
        )
    )
    criteria: tuple[Criterion, ...] = ()
    if isinstance(rules, ScoreRules) and draw(st.booleans()):
        share = draw(st.sampled_from(["50", "12.5", "33.333333"]))
        criteria = (
            Criterion("T02", "a", "甲", Decimal(share)),
            Criterion("T02", "b", "乙", Decimal(100) - Decimal(share)),
        )
    targets = () if isinstance(rules, MotionRules) else TARGETS
    return Item("1", "议题", targets, rules, criteria)  # type: ignore[arg-type]  # each of the four kinds


@st.composite
def ballots(draw: st.DrawFn, item: Item) -> tuple[Answer, ...]:
    if isinstance(item.rules, SelectionRules):
        return draw(selections(TARGETS, limits(item.rules, item.rules.winners, tied=False)[1]))
    options = GRADES if isinstance(item.rules, RatingRules) else QUESTION
    option = st.sampled_from((*options, Option.ABSTAIN))
    score = st.none() | st.integers(0, 100).map(Decimal)
    answers: list[Answer] = []
    for target in item.targets or ("",):
        if isinstance(item.rules, ScoreRules):
            under = [one.id for one in item.criteria_of(target)] or [""]
            first = draw(score)
            rest = [None if first is None else Decimal(draw(st.integers(0, 100))) for _ in under[1:]]
            answers += (Score(target, one, given) for one, given in zip(under, [first, *rest], strict=True))
        if not isinstance(item.rules, ScoreRules) or item.rules.question is not None:
            answers.append(Choice(target, draw(option)))
    return tuple(answers)


def selections(candidates: tuple[str, ...], most: int) -> st.SearchStrategy[tuple[Choice, ...]]:
    chosen = st.sets(st.sampled_from(candidates), max_size=most)
    in_order = chosen.map(lambda some: tuple(Choice(one, Option.CHOSEN) for one in candidates if one in some))
    return st.one_of(st.just(NOBODY), in_order)


@st.composite
def stories(draw: st.DrawFn, kinds: st.SearchStrategy[Item] | None = None) -> Story:
    """A closed round, with people coming, going and recused, and ballots replaced."""
    item = draw(items() if kinds is None else kinds)
    groups = draw(st.lists(st.sampled_from(["", "甲组", "乙组", "丙组"]), min_size=1, max_size=9))
    people = people_of(groups)
    story = begin(item, people, recused_leave=draw(st.booleans()), late_ballots=draw(st.booleans()))
    who = [person.number for person in people]
    some = st.lists(st.sampled_from(who), unique=True)
    story.tell(*(Recused(person, "1", "理由") for person in draw(some)))
    story.tell(*(CheckedIn(person, "") for person in draw(some)))
    candidates = TARGETS if isinstance(item.rules, SelectionRules) else ()
    places = item.rules.winners if isinstance(item.rules, SelectionRules) else 0
    story.tell(RoundOpened("1", 1, None, candidates, places))
    for person in draw(some):
        story.tell((CheckedOut if person in story.meeting.present else CheckedIn)(person, "理由"))
    one = story.meeting.rounds[-1]
    voters = [person for person in who if person in one.present and person not in one.recused]
    casting = draw(st.lists(st.sampled_from(voters), max_size=14)) if voters else []
    for place, person in enumerate(casting):
        if item.rules.press is Press.LAST or person not in story.meeting.rounds[-1].ballots:
            story.tell(BallotCast(person, "1", 1, str(place), draw(ballots(item))))
    return story.close("1", 1)


@given(story=stories())
def test_both_counts_give_the_same_figures_of_every_kind(story: Story) -> None:
    assert story.announce("1").faults() == []
    assert list(story.second.faults_of_attendance(story.meeting)) == []


choosing = st.builds(
    lambda winners, least_group: Item(
        "1", "议题", TARGETS, SelectionRules(winners=winners, most=2, least=0, least_group=least_group)
    ),
    st.integers(1, 2),
    st.none() | st.just(2),
)


@given(story=stories(choosing), data=st.data())
def test_a_runoff_among_those_tied_is_counted_alike(story: Story, data: st.DataObject) -> None:
    found = story.announce("1").figures("1").selection
    if found is None or not found.tied:
        return
    places = found.places - len(found.winners)
    story.tell(RoundOpened("1", 2, None, found.tied, places))
    one = story.meeting.rounds[-1]
    for person in sorted(set(one.present) - set(one.recused)):
        answers = data.draw(selections(found.tied, places))
        story.tell(BallotCast(person, "1", 2, person, answers))
    assert story.close("1", 2).announce("1").faults() == []


def whole(item: Item, cast: Sequence[tuple[Answer, ...]]) -> tuple[AnswerCount, ...]:
    """What hands would have counted: how many gave each answer, a target's score as a whole."""
    counts: Counter[Answer] = Counter()
    for answers in cast:
        counts.update(Score(target, "", score) for (target, under), score in scores_of(item, answers) if not under)
        counts.update(Choice(*choice) for choice in choices_of(answers))
    return tuple(AnswerCount(answer, count) for answer, count in counts.items())


@given(data=st.data(), invalid=st.integers(0, 2))
def test_both_counts_give_the_same_figures_of_a_result_by_hand(data: st.DataObject, invalid: int) -> None:
    item = data.draw(items())
    people = people_of(["甲组"] * 8)
    story = begin(item, people).tell(*(CheckedIn(person.number, "") for person in people))
    cast = data.draw(st.lists(ballots(item), max_size=6))
    rules = item.rules
    standing = (TARGETS, rules.winners) if isinstance(rules, SelectionRules) else ((), 0)
    story.tell(ResultEntered("1", 1, "停电", len(cast) + invalid, invalid, whole(item, cast), *standing))
    announced = story.figures("1")
    assert (announced.manual, announced.invalid) == ("停电", invalid)
    assert story.tell(RoundConfirmed("1", 1, "M01")).announce("1").faults() == []
    # by another way to the same sums: the very ballots, cast
    votes = begin(item, people).tell(*(CheckedIn(person.number, "") for person in people))
    votes.tell(RoundOpened("1", 1, None, *standing))
    for person, answers in zip(people, cast, strict=False):
        votes.tell(BallotCast(person.number, "1", 1, person.number, answers))
    alike = votes.close("1", 1).figures("1")
    for by_hand, by_seat in zip(announced.targets, alike.targets, strict=True):
        same = change(by_seat, not_voted=by_seat.not_voted - invalid, criteria=())
        assert by_hand == same


# what a lying server could announce


def motion(votes: int = 3, *, confirmed: bool = False) -> Story:
    """Three of five for a motion; M01 is the chief scrutineer."""
    people = people_of(["甲组", "甲组", "乙组", "乙组", "乙组"])
    people = (change(people[0], chief=True), *people[1:])
    rules = MotionRules(confirmed=confirmed, least_group=3)
    story = begin(Item("1", "议题", (), rules), people).tell(*(CheckedIn(person.number, "") for person in people))
    story.tell(RoundOpened("1", 1, None))
    for person in people[:votes]:
        story.tell(BallotCast(person.number, "1", 1, person.number, (Choice("", Option.FOR),)))
    return story.close("1", 1)


def announced(story: Story, **changes: object) -> list[tuple[object, object]]:
    """Which part of the changed figures is named, and how."""
    story.tell(ResultAnnounced(change(story.figures("1"), **changes)))
    return [(fault.key, fault.values.get("part")) for fault in story.second.faults()]


@pytest.mark.parametrize(
    ("votes", "least", "outcome"),
    [
        ((5, 0, 3), 5, Outcome.SATISFIED),
        ((4, 1, 3), 5, Outcome.BASICALLY_SATISFIED),
        ((0, 5, 3), 5, Outcome.BASICALLY_SATISFIED),
        ((3, 3, 2), 7, Outcome.NOT_SATISFIED),
        ((0, 0, 8), 1, Outcome.NOT_SATISFIED),
    ],
)
def test_the_second_count_of_a_rating_adds_the_better_grade(
    votes: tuple[int, int, int], least: int, outcome: Outcome
) -> None:
    counts = [OptionCount(grade, count) for grade, count in zip((*GRADES, Option.ABSTAIN), (*votes, 9), strict=True)]
    assert outcome_of(counts, least) is outcome


@pytest.mark.parametrize(("scores", "exact"), [(3, "60/1"), (2, None), (0, None)])
def test_the_second_count_of_a_criterion_s_sum_wants_enough_scores(scores: int, exact: str | None) -> None:
    found = summed_criterion("effect", Summed(scores, 1, Fraction(60 * scores)), ScoreRules(least_scores=3))
    assert found.exact == exact


def test_a_changed_count_is_named() -> None:
    [choice] = motion().figures("1").choices
    more = (change(choice.counts[0], count=5), *choice.counts[1:])
    forged = change(choice, counts=more)
    assert announced(motion(), choices=(forged,)) == [("recount.figure", "counts")]
    assert announced(motion(), choices=()) == [("recount.targets", None)]


def test_votes_that_are_moved_to_another_outcome_are_named() -> None:
    [choice] = motion().figures("1").choices
    assert choice.outcome == "passed"
    forged = change(choice, outcome="rejected", needed=4)
    assert announced(motion(), choices=(forged,)) == [("recount.figure", "needed"), ("recount.figure", "outcome")]


def test_a_group_that_would_tell_somebody_s_choice_is_named() -> None:
    # two of one group, and with them the three of the other: the whole less those would give the two
    first, second = motion(5).figures("1").groups
    assert (first.received, first.choices[0].counts) == (2, None)
    assert (second.received, second.choices[0].counts) == (3, None)
    assert motion(5).announce("1").faults() == []
    shown = change(second, choices=(change(second.choices[0], counts=motion().figures("1").choices[0].counts),))
    assert announced(motion(5), groups=(first, shown)) == [("recount.figure", "choices")]


def test_a_result_that_says_it_was_by_hand_and_was_not_is_named() -> None:
    assert announced(motion(), manual="停电", invalid=1) == [
        ("recount.figure", "invalid"),
        ("recount.figure", "manual"),
    ]


def test_a_count_that_the_chief_scrutineer_did_not_sign_is_named() -> None:
    assert motion(confirmed=True).announce("1").faults() == ["recount.unconfirmed"]
    assert motion(confirmed=True).tell(RoundConfirmed("1", 1, "M02")).announce("1").faults() == ["recount.not_chief"]
    assert motion(confirmed=True).tell(RoundConfirmed("1", 1, "M01")).announce("1").faults() == []
    late = motion(confirmed=True).announce("1").tell(RoundConfirmed("1", 1, "M01"))
    assert late.faults() == ["recount.unconfirmed"]


def by_hand() -> Story:
    people = people_of([""] * 5)
    story = begin(Item("1", "议题", (), MotionRules()), people).tell(*(CheckedIn(one.number, "") for one in people))
    return story.tell(ResultEntered("1", 1, "停电", 4, 0, (AnswerCount(Choice("", Option.FOR), 4),)))


def test_a_result_by_hand_that_nobody_signed_is_named() -> None:
    assert by_hand().announce("1").faults() == ["recount.unconfirmed"]
    assert by_hand().tell(RoundConfirmed("1", 1, "M02")).announce("1").faults() == []
    assert announced(by_hand().tell(RoundConfirmed("1", 1, "M02")), received=5) == [("recount.close", None)]


def selection(*chosen: tuple[str, ...]) -> Story:
    people = people_of([""] * len(chosen))
    item = Item("1", "议题", TARGETS, SelectionRules(winners=2, most=3))
    story = begin(item, people).tell(*(CheckedIn(person.number, "") for person in people))
    story.tell(RoundOpened("1", 1, None, TARGETS, 2))
    for person, targets in zip(people, chosen, strict=True):
        answers = tuple(Choice(target, Option.CHOSEN) for target in targets)
        story.tell(BallotCast(person.number, "1", 1, person.number, answers))
    return story.close("1", 1)


def test_a_winner_swapped_is_named() -> None:
    story = selection(("T01", "T02"), ("T01", "T02"), ("T01",), ("T03",))
    found = story.figures("1").selection
    assert found is not None
    assert (found.winners, found.tied) == (("T01", "T02"), ())
    assert announced(story, selection=change(found, winners=("T01", "T03"))) == [("recount.figure", "winners")]


def test_a_runoff_among_others_than_those_tied_is_named() -> None:
    story = selection(("T01", "T02"), ("T01", "T03")).announce("1")
    story.tell(RoundOpened("1", 2, None, ("T01", "T02"), 1)).close("1", 2).announce("1")
    assert story.faults() == ["recount.candidates"]
    again = selection(("T01", "T02"), ("T01", "T03")).announce("1")
    again.tell(RoundOpened("1", 2, None, ("T02", "T03"), 1)).close("1", 2).tell(RoundVoided("1", 2, "理由", "M03"))
    again.tell(RoundOpened("1", 3, None, ("T02", "T03"), 1)).close("1", 3).announce("1")
    assert again.faults() == []


def test_who_arrives_while_an_earlier_round_is_declared_void_counts_for_the_open_one() -> None:
    people = people_of([""] * 3)
    agenda = (Item("1", "甲", (), MotionRules()), Item("2", "乙", (), MotionRules()))
    story = begin(agenda[0], people)
    story.tell(DefinitionLoaded(change(story.definition, agenda=agenda)), CheckedIn("M01", ""))
    story.tell(RoundOpened("1", 1, None)).close("1", 1).announce("1")
    story.tell(RoundOpened("2", 1, None), RoundVoided("1", 1, "理由", "M03"), CheckedIn("M02", ""))
    assert story.close("2", 1).announce("2").faults() == []


def test_attendance_is_counted_again() -> None:
    story = motion().tell(CheckedOut("M03", "早退"))
    lying = change(story.meeting, left=story.meeting.left.discard("M03"))
    [fault] = story.second.faults_of_attendance(lying)
    assert (fault.key, fault.values["part"], fault.values["right"]) == ("recount.attendance", "left", "M03 (早退)")
