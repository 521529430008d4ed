"""The sample meeting is what the appraisal year's facts say, in both languages, and labelled as simulated."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest

from pingyi_protocol.meeting.definition import (
    Audience,
    Display,
    Item,
    Language,
    MeasureKind,
    MotionRules,
    Passing,
    Press,
    RatingRules,
    Role,
    Rules,
    ScoreRules,
    Secrecy,
    SelectionRules,
)
from pingyi_protocol.meeting.evidence import scores_of
from pingyi_protocol.meeting.measures import round_half_up
from pingyi_protocol.meeting.soundness import findings_of
from pingyi_server.imports.evidence import Wanted, evidence_of
from pingyi_server.imports.mapping import MeetingFile
from pingyi_server.imports.sample import example_meeting, sample_meeting
from pingyi_server.imports.sample_evidence import sample_evidence

BOTH = pytest.mark.parametrize("language", Language)


def shape(file: MeetingFile) -> tuple[object, ...]:
    """What both languages share."""
    definition = file.definition
    return (
        [(person.number, person.seat, person.roles, person.entitled, person.chief) for person in definition.roster],
        [(item.targets, without_bands(item)) for item in definition.agenda],
        [(one.target, one.weight) for item in definition.agenda for one in item.criteria],
        [(one.item, one.person) for one in file.recusals],
        [(problem.target) for problem in definition.problems],
        [(component.id, component.weight, component.committee) for component in definition.components],
    )


def without_bands(item: Item) -> Rules:
    rules = item.rules
    return msgspec.structs.replace(rules, bands=()) if isinstance(rules, ScoreRules) else rules


@BOTH
def test_it_is_sound_and_says_that_it_is_simulated(language: Language) -> None:
    sample = sample_meeting(language).definition
    assert findings_of(sample) == []
    assert sample.meeting.simulated
    assert sample.meeting.language is language
    assert ("示例市" if language is Language.CHINESE else "Sample City") in sample.meeting.name


def test_both_languages_hold_the_same_meeting() -> None:
    assert shape(sample_meeting(Language.CHINESE)) == shape(sample_meeting(Language.ENGLISH))


@BOTH
def test_45_members_sit_in_five_rows_of_nine_in_four_groups(language: Language) -> None:
    sample = sample_meeting(language).definition
    members = sample.entitled
    assert len(members) == 45
    assert [person.seat for person in members] == [f"{row}-{place:02}" for row in range(1, 6) for place in range(1, 10)]
    assert sorted(Counter(person.group for person in members).values()) == [11, 11, 11, 12]
    others = [person for person in sample.roster if not person.entitled]
    assert [person.roles for person in others] == [(), (), (Role.CLERK,)]
    roles = Counter(role for person in members for role in person.roles)
    assert roles == {Role.MEMBER: 45, Role.CHAIR: 1, Role.SCRUTINEER: 3}
    assert max(Counter(person.name for person in members).values()) == 2


def test_chinese_names_try_what_screens_stumble_over() -> None:
    names = [person.name for person in sample_meeting(Language.CHINESE).definition.entitled]
    assert set("喆堃龑𬭎") <= set("".join(names))
    assert "阿依古丽·买买提" in names
    assert {2, 3, 4} <= {len(name) for name in names}


@BOTH
def test_11_targets_have_23_problems_ten_with_two_and_one_with_three(language: Language) -> None:
    sample = sample_meeting(language).definition
    assert len(sample.targets) == 11
    counts = sorted(len(sample.problems_of(target.id)) for target in sample.targets)
    assert counts == [2] * 10 + [3]
    label = "示例" if language is Language.CHINESE else "xample"
    assert all(label in problem.report for problem in sample.problems)


@BOTH
def test_nine_targets_are_scored_openly_and_the_two_institutions_secretly_on_one_sheet(language: Language) -> None:
    sample = sample_meeting(language).definition
    scored = [item for item in sample.agenda if isinstance(item.rules, ScoreRules)]
    assert [len(item.targets) for item in scored] == [1] * 9 + [2]
    assert [target for item in scored for target in item.targets] == [target.id for target in sample.targets]
    for item in scored:
        rules = item.rules
        assert isinstance(rules, ScoreRules)
        assert (rules.measure, rules.step, rules.decimals) == (MeasureKind.MEAN, Decimal(1), 2)
        assert (rules.seconds, rules.timer_closes, rules.press) == (120, True, Press.LAST)
        open_here = len(item.targets) == 1
        assert rules.secrecy is (Secrecy.OPEN if open_here else Secrecy.SECRET)
        shown = (Display.LIVE, Audience.ALL) if open_here else (Display.ON_ANNOUNCEMENT, Audience.NOBODY)
        assert (rules.display, rules.running) == shown
        assert [band.least for band in rules.bands] == ([90, 80, 60, 0] if open_here else [])


@BOTH
def test_every_kind_of_item_and_every_sheet_has_an_example(language: Language) -> None:
    file = sample_meeting(language)
    *_, question, sheet, motion, rating, selection = file.definition.agenda
    assert isinstance(question.rules, ScoreRules)
    assert question.rules.question == Passing()
    assert [one.name for one in question.criteria] == [one.title for one in file.definition.problems_of("T09")]
    assert sheet.criteria == ()
    assert motion.rules == MotionRules(seconds=60)
    assert rating.rules == RatingRules(seconds=60)
    assert rating.targets == sheet.targets
    assert selection.rules == SelectionRules(seconds=60, winners=3, most=3, confirmed=True)
    [chief] = (person for person in file.definition.roster if person.chief)
    assert Role.SCRUTINEER in chief.roles
    [recusal] = file.recusals
    assert recusal.item == rating.id


@BOTH
def test_the_committees_own_scores_are_one_component_of_five(language: Language) -> None:
    sample = sample_meeting(language).definition
    assert [component.weight for component in sample.components] == [20, 15, 20, 15, 30]
    assert [component.committee for component in sample.components] == [False, False, False, False, True]


@BOTH
def test_every_line_of_the_template_is_clearly_an_example(language: Language) -> None:
    template = example_meeting(language).definition
    label = "示例" if language is Language.CHINESE else "example"
    assert findings_of(template) == []
    assert not template.meeting.simulated
    shown = [
        template.meeting.name,
        template.roster[0].name,
        template.targets[0].name,
        template.agenda[0].title,
        template.problems[0].title,
        template.components[0].name,
    ]
    assert all(label in text for text in shown)


@BOTH
def test_the_sample_evidence_is_read_from_its_files_and_complete(language: Language) -> None:
    sample = sample_meeting(language).definition
    scored = tuple(target.id for target in sample.targets)
    components = {component.name: component for component in sample.components}
    got: dict[tuple[str, str], dict[str, Fraction]] = {}
    for file in sample_evidence(sample, language):
        for name, part in file.sources:
            source = next(one for one in components[name].sources if part in ("", one.name))
            wanted = Wanted(sample, scored, source.rule, likely=(part, name))
            found = evidence_of(file.content, file.name, wanted)
            assert found.missing == ()
            got[components[name].id, source.id] = scores_of(source.rule, found.lines)
    wanted_sources = {(one.id, part.id) for one in sample.components if not one.committee for part in one.sources}
    assert got.keys() == wanted_sources
    # made so that it comes to what was published of such a year: two decimals, the best above 98
    assert [round_half_up(score, 2) for score in list(got["C2", ""].values())[:2]] == [
        Decimal("96.50"),
        Decimal("95.77"),
    ]
    assert all(84 < score < 100 for scores in got.values() for score in scores.values())


@BOTH
def test_every_problem_has_what_was_promised(language: Language) -> None:
    for problem in sample_meeting(language).definition.problems:
        assert all((problem.goal, problem.measures, problem.deadline, problem.responsible, problem.report))
