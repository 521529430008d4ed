"""What can be wrong with items of each kind, with who signs, and that no definition whatever breaks the check."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.every_kind import CRITERIA, MOTION, QUESTIONED, RATING, SCORE, SELECTION, hall, ruled
from kit.factories import BANDS
from pingyi_protocol.meeting.components import (
    Component,
    ComponentPart,
    GivenScores,
    GradeValue,
    GradeValues,
    HotlineRates,
    VoteBase,
    VoteShares,
)
from pingyi_protocol.meeting.definition import (
    TRIAL,
    Audience,
    Band,
    Base,
    CompositeRules,
    Criterion,
    Definition,
    Display,
    Item,
    MeasureKind,
    MeetingFacts,
    MotionRules,
    Opens,
    Passing,
    Person,
    Problem,
    Quorum,
    RatingRules,
    Role,
    ScoreRules,
    Secrecy,
    SelectionRules,
    Target,
)
from pingyi_protocol.meeting.findings import Path
from pingyi_protocol.meeting.soundness import findings_of

change = msgspec.structs.replace
SOUND = hall(SCORE, CRITERIA, QUESTIONED, MOTION, RATING, SELECTION)


def found(definition: Definition) -> list[tuple[Path, str]]:
    return [(finding.path, finding.code) for finding in findings_of(definition)]


def with_item(item: Item) -> Definition:
    return hall(item)


def split(*criteria: Criterion) -> Item:
    return change(CRITERIA, criteria=criteria)


PLAIN = Item("plain", "无记名评议", ("T01",), ScoreRules())


def secret(item: Item, **changes: object) -> Item:
    return change(item, rules=change(item.rules, secrecy=Secrecy.SECRET, **changes))


def criterion(weight: str, target: str = "T01", key: str = "p1", name: str = "问题一") -> Criterion:
    return Criterion(target, key, name, Decimal(weight))


def test_a_meeting_of_every_kind_is_sound() -> None:
    assert findings_of(SOUND) == []


CASES: list[tuple[Item, Path, str]] = [
    (change(SCORE, id=TRIAL.id), ("id",), "trial_is_reserved"),
    (change(MOTION, targets=("T01",)), ("targets",), "motion_has_no_targets"),
    (change(RATING, targets=()), ("targets",), "missing"),
    (change(SELECTION, targets=()), ("targets",), "missing"),
    (ruled(MOTION, passing=Passing(0, 2)), ("rules", "passing"), "quorum"),
    (ruled(MOTION, passing=Passing(3, 2)), ("rules", "passing"), "quorum"),
    (ruled(MOTION, passing=Passing(2, 2)), ("rules", "passing"), "quorum_unreachable"),
    (ruled(QUESTIONED, question=Passing(-1, 2)), ("rules", "question"), "quorum"),
    (ruled(RATING, passing=Passing(base=Base.FOR_AND_AGAINST)), ("rules", "passing"), "base_of_question"),
    (ruled(SELECTION, passing=Passing(base=Base.FOR_AND_AGAINST)), ("rules", "passing"), "base_of_question"),
    (ruled(SELECTION, winners=0), ("rules", "winners"), "between"),
    (ruled(SELECTION, winners=5), ("rules", "winners"), "between"),
    (ruled(SELECTION, most=0), ("rules", "most"), "between"),
    (ruled(SELECTION, most=5), ("rules", "most"), "between"),
    (ruled(SELECTION, least=3), ("rules", "least"), "between"),
    (ruled(SELECTION, least=-1), ("rules", "least"), "between"),
    (ruled(MOTION, least_ballots=2), ("rules", "least_ballots"), "at_least"),
    (secret(MOTION, running=Audience.CHAIR), ("rules", "running"), "secret_running"),
    (secret(MOTION, display=Display.LIVE, running=Audience.ALL), ("rules", "display"), "secret_not_live"),
    (secret(SELECTION, least_group=3), ("rules", "least_group"), "secret_groups"),
    (secret(PLAIN, bands=BANDS), ("rules", "opens"), "secret_sum_measures"),
    (secret(PLAIN, measure=MeasureKind.MEDIAN), ("rules", "opens"), "secret_sum_measures"),
    (secret(PLAIN, step=Decimal("0.01"), opens=Opens.DISTRIBUTION), ("rules", "opens"), "secret_choices"),
    (
        change(secret(PLAIN, opens=Opens.DISTRIBUTION), criteria=(criterion("100"),)),
        ("rules", "opens"),
        "secret_distribution_criteria",
    ),
    (ruled(MOTION, least_group=1), ("rules", "least_group"), "at_least"),
    (change(CRITERIA, rules=RatingRules()), ("criteria",), "criteria_of_scores"),
    (split(criterion("100", name="")), ("criteria", 0, "name"), "missing"),
    (split(criterion("100", key="")), ("criteria", 0, "id"), "missing"),
    (split(criterion("50"), criterion("50")), ("criteria", 1, "id"), "duplicate"),
    (split(criterion("50"), criterion("50", key="p2")), ("criteria", 1, "name"), "duplicate"),
    (split(criterion("0"), criterion("100", key="p2", name="问题二")), ("criteria", 0, "weight"), "weight"),
    (split(criterion("NaN")), ("criteria", 0, "weight"), "weight"),
    (split(criterion("100.1")), ("criteria", 0, "weight"), "weight"),
]


@pytest.mark.parametrize(("item", "path", "code"), CASES, ids=[f"{case[2]}-{at}" for at, case in enumerate(CASES)])
def test_each_fault_of_an_item_is_found_at_its_place(item: Item, path: Path, code: str) -> None:
    assert (("agenda", 0, *path), code) in found(with_item(item))


@pytest.mark.parametrize("weights", [("99.99",), ("60", "39.999999"), ("60", "41")])
def test_the_weights_of_a_target_make_up_a_hundred(weights: tuple[str, ...]) -> None:
    criteria = (criterion(weight, key=f"p{at}", name=f"问题{at}") for at, weight in enumerate(weights))
    assert [code for _, code in found(with_item(split(*criteria)))] == ["weights_total"]


@pytest.mark.parametrize("opens", Opens)
@pytest.mark.parametrize("item", [PLAIN, MOTION, RATING, SELECTION], ids=lambda item: item.id)
def test_every_kind_of_item_can_be_secret_and_open_either_thing(item: Item, opens: Opens) -> None:
    assert findings_of(with_item(secret(item, opens=opens, least_ballots=3))) == []


def test_a_secret_item_needs_as_many_scrutineers_as_open_it() -> None:
    secretly = with_item(secret(MOTION))
    asked = change(secretly, meeting=change(secretly.meeting, threshold=3))
    assert found(asked) == [(("agenda", 0, "rules", "secrecy"), "secret_scrutineers")]
    assert findings_of(change(with_item(MOTION), meeting=asked.meeting)) == []
    for threshold in (1, 33):
        assert (("meeting", "threshold"), "between") in found(
            change(secretly, meeting=change(secretly.meeting, threshold=threshold))
        )


def test_each_target_has_criteria_of_its_own_or_none() -> None:
    both = split(criterion("100"), criterion("100", target="T02"))
    assert findings_of(with_item(both)) == []
    assert findings_of(with_item(split())) == []


@pytest.mark.parametrize("passing", [Passing(1, 1, strict=False), Passing(2, 3), Passing(1, 2, Base.FOR_AND_AGAINST)])
def test_a_share_that_can_be_reached_is_sound(passing: Passing) -> None:
    assert findings_of(with_item(ruled(MOTION, MotionRules(passing=passing)))) == []


def person(place: int, **changes: object) -> Definition:
    roster = list(SOUND.roster)
    roster[place] = change(roster[place], **changes)
    return change(SOUND, roster=tuple(roster))


def test_one_chief_scrutineer_at_most_and_one_who_is_a_scrutineer() -> None:
    assert found(person(1, chief=True)) == [(("roster", 2, "chief"), "second_chief")]
    assert found(person(2, roles=(Role.MEMBER,))) == [(("roster", 2, "chief"), "chief_is_scrutineer")]


def test_an_item_that_is_to_be_signed_needs_a_scrutineer() -> None:
    nobody = tuple(change(one, roles=(Role.MEMBER,), chief=False) if one.entitled else one for one in SOUND.roster)
    signed = hall(MOTION, ruled(change(SCORE, id="signed"), confirmed=True))
    assert findings_of(signed) == []
    assert found(change(signed, roster=nobody)) == [(("agenda", 1, "rules", "confirmed"), "no_scrutineer")]


@pytest.mark.parametrize(("minutes", "sound"), [(None, True), (1, True), (1440, True), (0, False), (1441, False)])
def test_a_check_in_window_lasts_a_minute_to_a_day(minutes: int | None, sound: bool) -> None:
    assert (found(hall(MOTION, check_in_minutes=minutes)) == []) == sound


# whatever comes over the wire


wild = st.decimals(allow_nan=True, allow_infinity=True) | st.sampled_from(
    [Decimal(text) for text in ("NaN", "sNaN", "-Infinity", "1E+999999", "1E-999999", "0E+5", "-0")]
)
numbers = st.integers(-3, 200) | st.sampled_from([10**30, -(10**30)])
texts = st.sampled_from(["", "T01", "T02", "trial", "一"]) | st.text(max_size=5)
shares = st.builds(Passing, numbers, numbers, st.sampled_from(Base), st.booleans())
kinds = st.one_of(
    st.builds(
        ScoreRules,
        lowest=wild,
        highest=wild,
        step=wild,
        dropped=numbers,
        least_scores=numbers,
        decimals=numbers,
        bands=st.lists(st.builds(Band, texts, wild), max_size=3).map(tuple),
        pass_mark=st.none() | wild,
        question=st.none() | shares,
        seconds=st.none() | numbers,
    ),
    st.builds(MotionRules, passing=shares, least_group=st.none() | numbers, confirmed=st.booleans()),
    st.builds(RatingRules, passing=shares),
    st.builds(SelectionRules, winners=numbers, most=numbers, least=numbers, passing=st.none() | shares),
)


def some(*fields: st.SearchStrategy[object], of: type) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.builds(of, *fields), max_size=3).map(tuple)


items = st.builds(
    Item, texts, texts, st.lists(texts, max_size=3).map(tuple), kinds, some(texts, texts, texts, wild, of=Criterion)
)
rules_of_evidence = st.one_of(
    st.just(GivenScores()),
    st.builds(HotlineRates, wild, wild),
    st.builds(GradeValues, some(texts, wild, of=GradeValue)),
    st.builds(VoteShares, st.sampled_from(VoteBase)),
)
parts = some(texts, texts, wild, rules_of_evidence, of=ComponentPart)
definitions = st.builds(
    Definition,
    meeting=st.builds(
        MeetingFacts,
        name=texts,
        session=texts,
        date=texts,
        language=st.just(SOUND.meeting.language),
        quorum=st.builds(Quorum, numbers, numbers, st.booleans()),
        port=numbers,
        check_in_minutes=st.none() | numbers,
    ),
    roster=some(texts, texts, texts, texts, st.lists(st.sampled_from(Role)).map(tuple), st.booleans(), of=Person),
    targets=some(texts, texts, texts, of=Target),
    agenda=st.lists(items, max_size=3).map(tuple),
    problems=some(texts, texts, texts, texts, of=Problem),
    components=st.lists(
        st.builds(Component, texts, texts, wild, st.booleans(), rules_of_evidence, parts), max_size=3
    ).map(tuple),
    composite=st.builds(CompositeRules, numbers, some(texts, wild, of=Band), st.none() | wild),
)


@given(definitions)
def test_no_definition_whatever_breaks_the_check(definition: Definition) -> None:
    for finding in findings_of(definition):
        assert finding.code
        assert all(isinstance(value, str) for value in (finding.found, *finding.values.values()))
