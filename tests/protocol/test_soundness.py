"""Each thing that can be wrong with a definition is found at its place, under its code, together with the others."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from kit.factories import live_rules, small_definition
from pingyi_protocol.keys.digits import EnrolmentCodeError
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, encode, parse
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.meeting.components import (
    Component,
    ComponentPart,
    GradeValue,
    GradeValues,
    HotlineRates,
    VoteShares,
)
from pingyi_protocol.meeting.definition import (
    Audience,
    Band,
    CompositeRules,
    Criterion,
    Definition,
    Display,
    MeasureKind,
    Person,
    Problem,
    Quorum,
    Role,
    ScoreRules,
    Secrecy,
    Target,
)
from pingyi_protocol.meeting.findings import Path
from pingyi_protocol.meeting.soundness import findings_of

SOUND = small_definition()
GRADES = (GradeValue("满意", Decimal(100)), GradeValue("不满意", Decimal(0)))
PARTS = (ComponentPart("P1", "代表", Decimal(60)), ComponentPart("P2", "群众", Decimal(40), GradeValues(GRADES)))
Change = Callable[[Definition], Definition]


def found(definition: Definition) -> list[tuple[Path, str]]:
    return [(finding.path, finding.code) for finding in findings_of(definition)]


def line(table: str, index: int, **fields: Any) -> Change:
    """Replace fields of one line."""

    def change(definition: Definition) -> Definition:
        lines = list(getattr(definition, table))
        lines[index] = msgspec.structs.replace(lines[index], **fields)
        return msgspec.structs.replace(definition, **{table: tuple(lines)})

    return change


def added(table: str, *lines: Any) -> Change:
    """Add lines at the end."""

    def change(definition: Definition) -> Definition:
        return msgspec.structs.replace(definition, **{table: (*getattr(definition, table), *lines)})

    return change


def only(**fields: Any) -> Change:
    """Replace whole tables."""

    def change(definition: Definition) -> Definition:
        return msgspec.structs.replace(definition, **fields)

    return change


def meeting(**fields: Any) -> Change:
    """Replace facts of the meeting."""

    def change(definition: Definition) -> Definition:
        return msgspec.structs.replace(definition, meeting=msgspec.structs.replace(definition.meeting, **fields))

    return change


def rules(**fields: Any) -> Change:
    """Replace rules of the first item."""
    return line("agenda", 0, rules=live_rules(**fields))


def bands(*bands: tuple[str, int]) -> Change:
    return rules(bands=tuple(Band(name, Decimal(least)) for name, least in bands))


def criteria(*weights: tuple[str, int]) -> Change:
    """Split the scores of the first item under criteria of these targets."""
    split = (Criterion(target, f"K{at}", f"问题{at}", Decimal(weight)) for at, (target, weight) in enumerate(weights))
    return line("agenda", 0, criteria=tuple(split))


def test_the_small_meeting_is_sound() -> None:
    assert findings_of(SOUND) == []


def test_names_may_repeat_but_numbers_and_seats_may_not() -> None:
    assert findings_of(line("roster", 1, name=SOUND.roster[0].name)(SOUND)) == []
    doubled = line("roster", 3, number="M01", seat="1-1")(SOUND)
    first, second = findings_of(doubled)
    assert (first.path, first.code, first.found, first.other) == (
        ("roster", 3, "number"),
        "duplicate",
        "M01",
        ("roster", 0, "number"),
    )
    assert (second.path, second.code, second.other) == (("roster", 3, "seat"), "duplicate", ("roster", 0, "seat"))


@pytest.mark.parametrize("spare", [0, 1])
def test_what_is_sound_can_be_issued_codes_for(spare: int) -> None:
    number, host = "\N{GRINNING FACE}" * 16, f"{'h' * 60}.{'h' * 60}.{'h' * (206 - 64 - 2 - 122 + spare)}"
    changed = meeting(addresses=(host,))(line("roster", 3, number=number)(SOUND))
    code = EnrolmentCode((host,), 7610, generate_transport_keys().public, number, Role.MEMBER, bytes(12))
    if spare:
        assert [(one.path, one.code) for one in findings_of(changed)] == [(("meeting", "addresses"), "too_long")]
        with pytest.raises(EnrolmentCodeError):
            encode(code)
    else:
        assert findings_of(changed) == []
        assert parse(encode(code)) == code


CASES: list[tuple[Change, Path, str]] = [
    (meeting(name=" "), ("meeting", "name"), "missing"),
    (meeting(session="x" * 121), ("meeting", "session"), "too_long"),
    (meeting(date="2026-13-01"), ("meeting", "date"), "date"),
    (meeting(quorum=Quorum(0, 2)), ("meeting", "quorum"), "quorum"),
    (meeting(quorum=Quorum(3, 2)), ("meeting", "quorum"), "quorum"),
    (meeting(quorum=Quorum(2, 2, strict=True)), ("meeting", "quorum"), "quorum_unreachable"),
    (meeting(addresses=()), ("meeting", "addresses"), "missing"),
    (meeting(addresses=("a b",)), ("meeting", "addresses"), "address"),
    (meeting(addresses=("1.2.3",)), ("meeting", "addresses"), "address"),
    (meeting(addresses=("a:b:c",)), ("meeting", "addresses"), "address"),
    (meeting(addresses=("fe80::1%eth0",)), ("meeting", "addresses"), "address"),
    (meeting(addresses=("10.0.0.7",) * 9), ("meeting", "addresses"), "between"),
    (meeting(addresses=("h" * 63 + "." + "h" * 63, "g" * 63 + "." + "g" * 10)), ("meeting", "addresses"), "too_long"),
    (line("roster", 3, number="\N{GRINNING FACE}" * 17), ("roster", 3, "number"), "too_long"),
    (meeting(port=65534), ("meeting", "port"), "between"),
    (line("roster", 1, seat="A7"), ("roster", 1, "seat"), "seat"),
    (line("roster", 1, number=""), ("roster", 1, "number"), "missing"),
    (line("roster", 1, name="李\u200b伟"), ("roster", 1, "name"), "hidden_character"),
    (line("roster", 1, name="\u202e李伟"), ("roster", 1, "name"), "hidden_character"),
    (line("roster", 1, name="\x1b[31m李伟"), ("roster", 1, "name"), "hidden_character"),
    (line("roster", 1, name="李\n伟"), ("roster", 1, "name"), "hidden_character_or_line"),
    (line("roster", 1, roles=(Role.MEMBER, Role.HALL)), ("roster", 1, "roles"), "hall_is_no_person"),
    (line("roster", 1, roles=(Role.MEMBER, Role.MEMBER)), ("roster", 1, "roles"), "role_twice"),
    (line("roster", 1, roles=(Role.CLERK,)), ("roster", 1, "roles"), "voter_is_member"),
    (line("roster", 1, roles=(Role.MEMBER, Role.CHAIR)), ("roster", 1, "roles"), "second_chair"),
    (only(roster=(Person("1", "甲", entitled=False),)), ("roster",), "nobody_entitled"),
    (line("targets", 1, name=SOUND.targets[0].name), ("targets", 1, "name"), "duplicate"),
    (added("targets", Target("T01", "另一个")), ("targets", len(SOUND.targets), "id"), "duplicate"),
    (only(agenda=()), ("agenda",), "no_items"),
    (line("agenda", 1, id="1"), ("agenda", 1, "id"), "duplicate"),
    (line("agenda", 0, targets=()), ("agenda", 0, "targets"), "missing"),
    (line("agenda", 0, targets=("T01", "T99")), ("agenda", 0, "targets"), "unknown_target"),
    (line("agenda", 0, targets=("T01", "T01")), ("agenda", 0, "targets"), "target_twice"),
    (line("agenda", 1, targets=("T01", "T02", "T03")), ("agenda", 1, "targets"), "target_in_two_items"),
    (rules(highest=Decimal(0), bands=()), ("agenda", 0, "rules", "highest"), "above"),
    (rules(step=Decimal(0)), ("agenda", 0, "rules", "step"), "above"),
    (rules(step=Decimal(3)), ("agenda", 0, "rules", "step"), "step_divides"),
    (rules(step=Decimal("0.001")), ("agenda", 0, "rules", "step"), "too_many_steps"),
    (rules(highest=Decimal("Infinity")), ("agenda", 0, "rules", "highest"), "plain_number"),
    (rules(lowest=Decimal("NaN")), ("agenda", 0, "rules", "lowest"), "plain_number"),
    (rules(decimals=5), ("agenda", 0, "rules", "decimals"), "between"),
    (rules(decimals=-1), ("agenda", 0, "rules", "decimals"), "between"),
    (rules(least_scores=0), ("agenda", 0, "rules", "least_scores"), "at_least"),
    (rules(measure=MeasureKind.TRIMMED_MEAN), ("agenda", 0, "rules", "dropped"), "at_least"),
    (rules(dropped=-1), ("agenda", 0, "rules", "dropped"), "at_least"),
    (
        rules(measure=MeasureKind.TRIMMED_MEAN, dropped=2, least_scores=4),
        ("agenda", 0, "rules", "least_scores"),
        "least_scores_trimmed",
    ),
    (rules(secrecy=Secrecy.SECRET), ("agenda", 0, "rules", "display"), "secret_not_live"),
    (rules(display=Display.LIVE, running=Audience.CHAIR), ("agenda", 0, "rules", "running"), "live_needs_all"),
    (rules(seconds=0), ("agenda", 0, "rules", "seconds"), "between"),
    (rules(pass_mark=Decimal(101)), ("agenda", 0, "rules", "pass_mark"), "between"),
    (rules(pass_mark=Decimal("NaN")), ("agenda", 0, "rules", "pass_mark"), "plain_number"),
    (rules(pass_mark=Decimal("1e-9")), ("agenda", 0, "rules", "pass_mark"), "plain_number"),
    (rules(pass_mark=Decimal(60), lowest=Decimal("NaN")), ("agenda", 0, "rules", "lowest"), "plain_number"),
    (criteria(("T01", 60), ("T01", 50)), ("agenda", 0, "criteria", 0, "weight"), "weights_total"),
    (criteria(("T02", 60), ("T02", 40)), ("agenda", 0, "criteria", 0, "target"), "target_not_in_item"),
    (bands(("优秀", 80), ("良好", 80), ("差", 0)), ("agenda", 0, "rules", "bands"), "bands_falling"),
    (bands(("优秀", 90), ("良好", 10)), ("agenda", 0, "rules", "bands"), "bands_reach_lowest"),
    (bands(("优秀", 101), ("差", 0)), ("agenda", 0, "rules", "bands"), "bands_above_highest"),
    (bands(("优秀", 90), ("优秀", 0)), ("agenda", 0, "rules", "bands"), "band_twice"),
    (bands(("优秀；甲", 90), ("差", 0)), ("agenda", 0, "rules", "bands"), "band_separator"),
    (bands(("", 90), ("差", 0)), ("agenda", 0, "rules", "bands"), "missing"),
    (rules(bands=(Band("差", Decimal("1E+9")),)), ("agenda", 0, "rules", "bands"), "plain_number"),
    (added("problems", Problem("T99", "问题")), ("problems", len(SOUND.problems), "target"), "unknown_target"),
    (added("problems", Problem("", "问题")), ("problems", len(SOUND.problems), "target"), "missing"),
    (added("problems", *SOUND.problems[:1]), ("problems", len(SOUND.problems), "title"), "problem_twice"),
    (added("problems", Problem("T01", "新", "目标\t")), ("problems", len(SOUND.problems), "goal"), "hidden_character"),
    (line("components", 0, weight=Decimal("69.99")), ("components", "weight"), "weights_total"),
    (line("components", 0, weight=Decimal(0)), ("components", 0, "weight"), "weight"),
    (line("components", 0, weight=Decimal("NaN")), ("components", 0, "weight"), "weight"),
    (line("components", 0, name="x\x00"), ("components", 0, "name"), "hidden_character"),
    (line("components", 0, rule=HotlineRates()), ("components", 0, "rule"), "committee_has_no_rule"),
    (line("components", 1, parts=PARTS, rule=VoteShares()), ("components", 1, "rule"), "rule_of_parts"),
    (line("components", 1, parts=PARTS[:1]), ("components", 1, "parts", "weight"), "weights_total"),
    (line("components", 1, parts=PARTS + PARTS[:1]), ("components", 1, "parts", 2, "name"), "duplicate"),
    (line("components", 1, rule=HotlineRates(Decimal(80), Decimal(10))), ("components", 1, "rule"), "weights_total"),
    (line("components", 1, rule=GradeValues(())), ("components", 1, "rule"), "between"),
    (line("components", 1, rule=GradeValues(GRADES + GRADES)), ("components", 1, "rule"), "band_twice"),
    (
        line("components", 1, rule=GradeValues((GradeValue("满意", Decimal(101)),))),
        ("components", 1, "rule"),
        "between",
    ),
    (rules(highest=Decimal(10), bands=()), ("agenda", 0, "rules", "highest"), "composite_scale"),
    (only(composite=CompositeRules(decimals=5)), ("composite", "decimals"), "between"),
    (only(composite=CompositeRules(again_below=Decimal(101))), ("composite", "again_below"), "between"),
    (only(composite=CompositeRules(bands=(Band("好", Decimal(60)),))), ("composite", "bands"), "bands_reach_lowest"),
    (line("problems", 0, deadline="2026-13-01"), ("problems", 0, "deadline"), "date"),
]


@pytest.mark.parametrize(("change", "path", "code"), CASES, ids=[f"{case[2]}-{at}" for at, case in enumerate(CASES)])
def test_each_fault_is_found_at_its_place(change: Change, path: Path, code: str) -> None:
    assert (path, code) in found(change(SOUND))


def test_a_meeting_without_targets_is_refused() -> None:
    empty = only(targets=(), agenda=(), problems=())(SOUND)
    assert found(empty) == [(("targets",), "no_targets"), (("agenda",), "no_items")]


def test_exactly_one_component_is_the_committees_own() -> None:
    own = next(at for at, component in enumerate(SOUND.components) if component.committee)
    assert (("components", "committee"), "no_committee") in found(line("components", own, committee=False)(SOUND))
    more = added("components", Component("C9", "另一个", Decimal(1), committee=True))(SOUND)
    assert (("components", len(SOUND.components), "committee"), "second_committee") in found(more)


def test_weights_that_floats_would_get_wrong_sum_exactly() -> None:
    thirds = [Decimal("33.3"), Decimal("33.3"), Decimal("33.4")]
    components = tuple(Component(f"C{at}", f"来源{at}", weight, at == 0) for at, weight in enumerate(thirds))
    assert findings_of(only(components=components)(SOUND)) == []


def test_a_report_may_have_lines() -> None:
    assert findings_of(added("problems", Problem("T01", "新问题", "一\n二", report="三\n四"))(SOUND)) == []


def test_a_target_may_be_scored_twice_where_there_is_no_composite() -> None:
    twice = line("agenda", 1, targets=("T01", "T02", "T03"))(SOUND)
    assert findings_of(only(components=())(twice)) == []


def test_everything_is_found_at_once() -> None:
    wrong = SOUND
    for change in (meeting(name=""), line("roster", 1, seat="x"), rules(step=Decimal(7)), meeting(port=0)):
        wrong = change(wrong)
    assert found(wrong) == [
        (("meeting", "name"), "missing"),
        (("meeting", "port"), "between"),
        (("roster", 1, "seat"), "seat"),
        (("agenda", 0, "rules", "step"), "step_divides"),
    ]


def test_default_rules_are_sound() -> None:
    assert findings_of(line("agenda", 0, rules=ScoreRules())(SOUND)) == []
