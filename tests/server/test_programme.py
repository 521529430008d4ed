"""The year over several meetings: stages, before and after, what is due, and what does not match."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from msgspec.structs import replace

from kit.playbook import full_house
from kit.year import (
    COMPONENTS,
    CULTURE,
    HEALTH,
    LABOUR,
    PENSION,
    PROGRAMME,
    READING,
    follow_up,
    plan,
    published,
    scored,
    scoring,
    selected,
    selection,
    sitting,
)
from pingyi_protocol.meeting.counting import elected as elected_by_the_rules
from pingyi_server.programme.sitting import Sitting, elected
from pingyi_server.programme.year import Mismatch, Overview, Programme, Stage, Story, overview

TODAY = date(2026, 11, 23)


def year(*sittings: Sitting, today: date = TODAY) -> Overview:
    return overview(sittings, today)


def whole(*sittings: Sitting, today: date = TODAY) -> Programme:
    [one] = year(*sittings, today=today).programmes
    return one


def stages(*sittings: Sitting) -> dict[str, Stage]:
    return {story.name: story.stage for story in whole(*sittings).stories}


def story(name: str, *sittings: Sitting) -> Story:
    return next(one for one in whole(*sittings).stories if one.name == name)


CHOSEN = sitting(selected(), "selection")
SCORED = sitting(scored(scoring(), 70, 95), "scoring")
AGAIN = sitting(scored(follow_up(), 91), "follow-up")


def test_a_target_goes_from_candidate_to_scored_again() -> None:
    candidates = sitting(selection(), "selection")
    assert set(stages(candidates).values()) == {Stage.CANDIDATE}
    assert stages(CHOSEN) == {CULTURE: Stage.CHOSEN, LABOUR: Stage.CHOSEN, HEALTH: Stage.NOT_CHOSEN}
    waiting = sitting(scoring(), "scoring")
    assert stages(CHOSEN, waiting) == {CULTURE: Stage.AWAITING, LABOUR: Stage.AWAITING, HEALTH: Stage.NOT_CHOSEN}
    assert stages(CHOSEN, SCORED) == {CULTURE: Stage.AGAIN, LABOUR: Stage.SCORED, HEALTH: Stage.NOT_CHOSEN}
    assert stages(CHOSEN, SCORED, AGAIN)[CULTURE] is Stage.SCORED_AGAIN
    still = sitting(scored(follow_up(), 79), "follow-up")
    assert stages(CHOSEN, SCORED, still)[CULTURE] is Stage.AGAIN


def test_while_the_follow_up_is_prepared_the_target_is_still_to_be_scored_again_and_says_where() -> None:
    prepared = sitting(follow_up(), "follow-up")
    one = story(CULTURE, CHOSEN, SCORED, prepared)
    assert (one.stage, one.awaited) == (Stage.AGAIN, prepared)
    given_up = sitting(follow_up().close_meeting(), "follow-up")
    assert story(CULTURE, CHOSEN, SCORED, given_up).awaited is None


def test_a_target_tied_at_the_edge_stays_a_candidate_until_nothing_more_can_come() -> None:
    book = selection().open("1").select("M01", "T01", "T02").select("M02", "T01", "T03").close().announce()
    tied = {CULTURE: Stage.CHOSEN, LABOUR: Stage.CANDIDATE, HEALTH: Stage.CANDIDATE}
    assert stages(sitting(book, "selection")) == tied
    book.open("1", "T02", "T03").select("M01", "T03").close().announce()
    assert stages(sitting(book, "selection")) == tied | {LABOUR: Stage.NOT_CHOSEN, HEALTH: Stage.CHOSEN}


@pytest.mark.parametrize("anew", [False, True])
def test_who_was_elected_is_what_the_rules_say(anew: bool) -> None:
    book = selection().open("1").select("M01", "T01", "T02").select("M02", "T01", "T03").close().announce()
    book.open("1", *(() if anew else ("T02", "T03"))).select("M01", "T03").close().announce()
    [item] = book.meeting.agenda
    assert elected(sitting(book, "selection"), item) == elected_by_the_rules(book.meeting, item) != ()


def test_before_and_after_are_the_committees_figures_where_no_composite_is_announced() -> None:
    change = story(CULTURE, CHOSEN, SCORED, AGAIN).change
    assert change is not None
    assert (change.before, change.after, change.difference) == (Decimal("70.00"), Decimal("91.00"), Decimal("21.00"))
    assert not change.composite
    assert story(LABOUR, CHOSEN, SCORED, AGAIN).change is None


def test_where_both_meetings_announced_composites_these_are_compared() -> None:
    before = sitting(published(scored(scoring(COMPONENTS), 70, 95)), "scoring")
    later = scoring(COMPONENTS, follows="scoring", date="2026-11-20")
    after = sitting(published(scored(later, 100, 95)), "follow-up")
    change = story(CULTURE, before, after).change
    assert change is not None
    assert (change.before, change.after, change.composite) == (Decimal("70.00"), Decimal("88.00"), True)


def test_with_a_composite_its_threshold_decides_and_nothing_does_before_it_is_announced() -> None:
    book = scored(scoring(COMPONENTS), 90, 95)
    pending = sitting(book, "scoring")
    # 90 reaches the pass mark of 80; the composite, 0.6 x 90 + 0.4 x 70 = 82, falls short of 85
    assert stages(pending)[CULTURE] is Stage.SCORED
    [(_, one)] = story(CULTURE, pending).scorings
    assert (one.pending, one.line, one.below, one.figure) == (True, None, None, Decimal("90.00"))
    announced = sitting(published(book), "scoring")
    [(_, one)] = story(CULTURE, announced).scorings
    assert (one.figure, one.threshold, one.below) == (Decimal("82.00"), Decimal(85), True)
    assert stages(announced) == {CULTURE: Stage.AGAIN, LABOUR: Stage.SCORED}


def test_without_a_threshold_nobody_is_to_be_scored_again() -> None:
    definition = plan(scoring())
    assert stages(SCORED)[CULTURE] is Stage.AGAIN
    [item] = definition.agenda
    open_ended = replace(definition, agenda=(replace(item, rules=replace(item.rules, pass_mark=None)),))
    assert stages(sitting(scored(full_house(open_ended), 10, 95), "scoring"))[CULTURE] is Stage.SCORED


def due(today: date, *sittings: Sitting) -> list[tuple[str, int]]:
    return [(one.problem.title, one.days) for one in whole(*sittings, today=today).due]


def test_due_is_what_is_past_or_within_thirty_days_and_was_not_judged_by_a_score() -> None:
    waiting = sitting(scoring(), "scoring")
    assert due(date(2026, 8, 30), waiting) == []
    assert due(date(2026, 8, 31), waiting) == [(READING.title, 30)]
    assert due(date(2026, 9, 30), waiting) == [(READING.title, 0)]
    assert due(date(2026, 12, 1), waiting) == [(READING.title, -62), (PENSION.title, 30)]
    # to be scored again: what was due by the score stays due
    assert due(date(2026, 12, 1), SCORED) == [(READING.title, -62), (PENSION.title, 30)]
    late = sitting(scored(scoring(date="2026-10-01"), 95, 95), "scoring")
    assert due(date(2026, 12, 1), late) == [(PENSION.title, 30)]


def test_the_promise_of_the_latest_meeting_counts_and_one_that_it_lists_no_more_is_kept_apart() -> None:
    assert due(date(2026, 12, 1), SCORED, sitting(follow_up(), "follow-up"))[-1] == (PENSION.title, 30)
    assert (READING.title, -1) in due(date(2026, 12, 1), SCORED, sitting(follow_up(), "follow-up"))
    other = replace(READING, title="夜间开放不足")
    dropped = plan(scoring(follows="scoring", date="2026-11-20"))
    later = sitting(full_house(replace(dropped, problems=(other,))), "follow-up")
    kept = [(one.problem.title, one.stands) for one in story(CULTURE, SCORED, later).promises]
    assert kept == [(other.title, True), (READING.title, False)]


def test_meetings_of_a_programme_go_together_and_others_stand_apart() -> None:
    other = sitting(scoring(programme="2025 年专项工作评议", follows="", date="2025-06-20"), "last-year")
    programmes = year(AGAIN, other, CHOSEN, SCORED).programmes
    assert [(one.name, [each.folder for each in one.sittings]) for one in programmes] == [
        ("2025 年专项工作评议", ["last-year"]),
        (PROGRAMME, ["selection", "scoring", "follow-up"]),
    ]


def test_a_meeting_that_names_no_programme_belongs_to_that_of_the_meetings_around_it() -> None:
    unnamed = [
        sitting(selected(programme=""), "selection"),
        sitting(scored(scoring(), 70, 95), "scoring"),
        sitting(scored(follow_up(programme=""), 91), "follow-up"),
    ]
    assert [one.name for one in year(*unnamed).programmes] == [PROGRAMME]
    nameless = [sitting(selected(programme=""), "selection"), sitting(scoring(programme=""), "scoring")]
    assert [one.name for one in year(*nameless).programmes] == [""]
    assert stages(*nameless)[CULTURE] is Stage.AWAITING


def test_a_meeting_comes_after_the_one_that_it_follows_whatever_dates_were_typed() -> None:
    early = sitting(scored(follow_up(date="2026-01-01"), 91), "follow-up")
    assert [one.folder for one in whole(early, SCORED, CHOSEN).sittings] == ["selection", "scoring", "follow-up"]
    assert story(CULTURE, early, SCORED, CHOSEN).stage is Stage.SCORED_AGAIN


@pytest.mark.parametrize("found", list(permutations((CHOSEN, SCORED, AGAIN))))
def test_the_order_in_which_folders_are_found_changes_nothing(found: tuple[Sitting, ...]) -> None:
    assert whole(*found) == whole(CHOSEN, SCORED, AGAIN)


def test_a_name_is_the_same_but_for_spaces_and_the_width_of_brackets() -> None:
    definition = plan(scoring())
    targets = tuple(replace(one, name=f"{one.name} （本级）") for one in definition.targets)
    plain = tuple(replace(one, name=f"{one.name}(本级)") for one in definition.targets)
    first = sitting(full_house(replace(definition, targets=targets)), "scoring")
    second = sitting(full_house(replace(definition, targets=plain)), "other")
    assert len(whole(first, second).stories) == 2


def notes(*sittings: Sitting) -> list[tuple[Mismatch, str]]:
    return [(one.code, one.sitting.folder) for one in year(*sittings).notes]


def test_what_does_not_match_is_named() -> None:
    assert notes(CHOSEN, SCORED, AGAIN) == []
    assert notes(SCORED) == [(Mismatch.UNKNOWN_EARLIER, "scoring")]
    [unchosen] = year(sitting(selection().open("1").select("M01", "T02").close().announce(), "selection"), SCORED).notes
    assert (unchosen.code, unchosen.values["target"]) == (Mismatch.NOT_CHOSEN, CULTURE)
    renamed = plan(scoring())
    other = replace(renamed, targets=(replace(renamed.targets[0], name="文旅局"), renamed.targets[1]))
    [stranger] = year(CHOSEN, sitting(full_house(other), "scoring")).notes
    assert (stranger.code, stranger.values["target"]) == (Mismatch.NEW_TARGET, "文旅局")
    assert notes(CHOSEN, sitting(scoring(programme="另一年"), "scoring")) == [(Mismatch.OTHER_PROGRAMME, "scoring")]


def test_of_two_copies_of_a_meeting_the_longer_record_is_shown_and_the_other_named() -> None:
    shorter = sitting(scoring(), "scoring")
    copy = Sitting("old copy", shorter.definition, shorter.results, closed=False)
    assert notes(CHOSEN, copy, SCORED) == [(Mismatch.SAME_MEETING, "old copy")]
    assert stages(CHOSEN, copy, SCORED)[CULTURE] is Stage.AGAIN


def test_meetings_that_follow_each_other_in_a_circle_are_shown_once_and_named() -> None:
    first = sitting(selected(follows="scoring"), "selection")
    assert notes(first, SCORED) == [(Mismatch.CIRCLE, "selection"), (Mismatch.CIRCLE, "scoring")]
    assert len(whole(first, SCORED).sittings) == 2
    assert notes(sitting(selected(follows="selection"), "selection")) == [(Mismatch.CIRCLE, "selection")]


def test_a_deadline_that_no_month_has_is_named_and_is_not_due() -> None:
    definition = plan(scoring())
    impossible = replace(definition, problems=(replace(READING, deadline="2026-02-31"),))
    one = sitting(full_house(impossible), "scoring")
    assert (Mismatch.NO_DAY, "scoring") in notes(one)
    assert whole(one).due == ()
