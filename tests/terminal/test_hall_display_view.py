"""What the wall shows is a pure choice: these tests read as a meeting that goes on."""

from collections.abc import Sequence
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.factories import live_rules
from kit.hall_display import FINGERPRINT, Scores, Script, hall_definition, long_sheet
from pingyi_protocol.meeting.definition import Display, MeasureKind
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.wire.picture import Picture
from pingyi_terminal.hall.face import Break, Final, Idle, Pace, Polling, Ranking, Result, Sheet, Waiting, Wanted
from pingyi_terminal.hall.fitting import (
    CLOCK_GUTTER,
    GUTTER,
    Room,
    count_sizes,
    large_lines,
    largest_name,
    measure_sizes,
)
from pingyi_terminal.hall.view import RANKS_A_PAGE, choose, ended, may_pause, moment, placed
from pingyi_terminal.widgets import big_text_width, figure_width

PACE = Pace(result=8, page=6, finale=10)
DEFINITION = hall_definition()


def test_before_the_server_is_heard_it_waits() -> None:
    assert choose(None, None, 0, PACE) == Waiting()


def test_before_the_first_item_it_counts_who_is_there_against_the_quorum() -> None:
    script = Script(DEFINITION, present=18)
    face = choose(DEFINITION, script.picture(), 0, PACE)
    assert isinstance(face, Idle)
    assert (face.present, face.due, face.quorum, face.missing) == (18, 45, 23, 5)
    assert (face.announced, face.items, face.following) == (0, 2, DEFINITION.agenda[0])
    script.present = 23
    met = choose(DEFINITION, script.picture(), 0, PACE)
    assert isinstance(met, Idle)
    assert met.missing == 0


def test_an_open_item_shows_its_turnout_out_of_those_present_and_the_running_figures_that_it_is_sent() -> None:
    script = Script(DEFINITION, present=43)
    face = choose(DEFINITION, script.round("1", Phase.OPEN, [90, 91, 92, 93, None]), 99, PACE)
    assert isinstance(face, Polling)
    assert (face.received, face.base, face.closed, face.withheld) == (5, 43, False, False)
    assert face.running is not None
    assert face.running.targets[0].scores == 4
    few = choose(DEFINITION, script.round("1", Phase.OPEN, [90, 91, 92, None]), 99, PACE)
    assert isinstance(few, Polling)
    assert (few.received, few.running, few.withheld) == (4, None, True)
    blind = choose(DEFINITION, script.round("1", Phase.PAUSED, [90, None], running=False), 99, PACE)
    assert isinstance(blind, Polling)
    assert (blind.running, blind.withheld) == (None, False)


def test_a_closed_item_shows_figures_only_when_they_are_published_and_no_ranking_before_the_chair_announces() -> None:
    script = Script(DEFINITION, present=43)
    closed = choose(DEFINITION, script.round("1", Phase.CLOSED, [90, 80], public=False), 999, PACE)
    assert isinstance(closed, Polling)
    assert closed.closed
    assert closed.running is None
    script.round("1", Phase.ANNOUNCED, [90, 80])
    public = choose(DEFINITION, script.round("2", Phase.CLOSED, [90], [80], public=True), 999, PACE)
    assert isinstance(public, Result | Sheet)
    assert not public.announced


def test_an_earlier_round_of_the_same_item_is_not_taken_for_the_present_one() -> None:
    script = Script(DEFINITION, present=43)
    picture = script.round("1", Phase.ANNOUNCED, [90, 80])
    assert picture.live is not None
    again = msgspec.structs.replace(picture, live=msgspec.structs.replace(picture.live, round=2, phase=Phase.OPEN))
    assert isinstance(choose(DEFINITION, again, 0, PACE), Polling)


def test_a_lone_first_result_stays_and_the_ranking_comes_once_there_is_something_to_compare() -> None:
    script = Script(DEFINITION, present=43)
    first = script.round("1", Phase.ANNOUNCED, [90, 80])
    assert isinstance(choose(DEFINITION, first, 100, PACE), Result)
    script.round("2", Phase.ANNOUNCED, [90], [70])
    both = script.picture()
    pages = [choose(DEFINITION, both, at, PACE) for at in (0, 5.9, 6, 11.9, 12, 19.9, 20)]
    kinds = [type(page) for page in pages]
    assert kinds == [Result, Result, Result, Result, Sheet, Sheet, Ranking]
    assert [page.target.id for page in pages if isinstance(page, Result)] == ["T02", "T02", "T03", "T03"]


def test_pages_of_a_sheet_come_round_again_while_the_chair_is_waited_for() -> None:
    script = Script(DEFINITION, present=43)
    picture = script.round("2", Phase.CLOSED, [90], [70], public=True)
    assert [type(choose(DEFINITION, picture, at, PACE)) for at in (19, 20, 26, 32)] == [Sheet, Result, Result, Sheet]


def test_the_operator_can_call_the_ranking_and_keep_it_away() -> None:
    script = Script(DEFINITION, present=43)
    script.round("1", Phase.ANNOUNCED, [90, 80])
    opened = script.round("2", Phase.OPEN, [90], [80])
    assert isinstance(choose(DEFINITION, opened, 0, PACE, Wanted(ranking=True)), Ranking)
    announced = script.round("2", Phase.ANNOUNCED, [90], [80])
    assert not isinstance(choose(DEFINITION, announced, 1000, PACE, Wanted(ranking=False)), Ranking)
    nothing = Script(DEFINITION, present=43).picture()
    assert isinstance(choose(DEFINITION, nothing, 0, PACE, Wanted(ranking=True)), Idle)


def test_a_break_stands_between_two_items_and_never_over_a_vote_or_the_end() -> None:
    script = Script(DEFINITION, present=43)
    early = choose(DEFINITION, script.picture(), 0, PACE, Wanted(pause=True))
    assert early == Break(0, 2, DEFINITION.agenda[0])
    opened = script.round("1", Phase.OPEN, [90, 80])
    assert not may_pause(opened)
    assert isinstance(choose(DEFINITION, opened, 0, PACE, Wanted(pause=True)), Polling)
    announced = script.round("1", Phase.ANNOUNCED, [90, 80])
    assert choose(DEFINITION, announced, 0, PACE, Wanted(pause=True)) == Break(1, 2, DEFINITION.agenda[1])
    assert not may_pause(script.end())
    assert isinstance(choose(DEFINITION, script.end(), 0, PACE, Wanted(pause=True)), Final)


def test_the_chairs_break_stands_like_the_operators_and_the_operator_can_put_it_away() -> None:
    script = Script(DEFINITION, present=43)
    called = msgspec.structs.replace(script.picture(), recess=True)
    assert choose(DEFINITION, called, 0, PACE) == Break(0, 2, DEFINITION.agenda[0])
    assert isinstance(choose(DEFINITION, called, 0, PACE, Wanted(pause=False)), Idle)
    opened = msgspec.structs.replace(script.round("1", Phase.OPEN, [90, 80]), recess=True)
    assert isinstance(choose(DEFINITION, opened, 0, PACE), Polling)


def test_the_ranking_says_what_the_newest_result_did_to_each_place() -> None:
    script = Script(DEFINITION, present=43)
    script.round("1", Phase.ANNOUNCED, [85, 85])
    alone = placed(DEFINITION, script.picture())
    assert [one.movement for one in alone] == [None]
    script.round("2", Phase.ANNOUNCED, [90], [70])
    both = placed(DEFINITION, script.picture())
    assert [(one.target.id, one.rank, one.movement) for one in both] == [
        ("T02", 1, "new"),
        ("T01", 2, -1),
        ("T03", 3, "new"),
    ]
    script.number = 2
    script.round("1", Phase.ANNOUNCED, [95, 95])
    again = placed(DEFINITION, script.picture())
    assert [(one.target.id, one.movement) for one in again] == [("T01", 1), ("T02", -1), ("T03", 0)]
    assert {one.movement for one in placed(DEFINITION, script.end())} == {None}, "the end is no news"


def all_announced(scores: Sequence[Scores]) -> tuple[Script, Picture]:
    definition = long_sheet(live_rules(least_scores=2), targets=len(scores))
    script = Script(definition, present=43)
    return script, script.round("1", Phase.ANNOUNCED, *scores)


def test_ranks_are_taken_before_rounding_and_shared_and_who_has_no_result_comes_last() -> None:
    # 90.004 and 90.002 both print as 90.00
    close = [[90] * 249 + [91], [90] * 499 + [91], [90] * 500]
    script, picture = all_announced([[95, 95], *close, [None, 80], [95, 95]])
    places = placed(script.definition, picture)
    assert [(one.target.id, one.rank) for one in places] == [
        ("T00", 1),
        ("T05", 1),
        ("T01", 3),
        ("T02", 4),
        ("T03", 5),
        ("T04", None),
    ]
    assert [str(one.figures.measure) for one in places[2:5]] == ["90.00", "90.00", "90.00"]


@given(st.lists(st.lists(st.integers(0, 100), min_size=2, max_size=5), min_size=2, max_size=14))
def test_every_published_target_is_ranked_once_by_falling_exact_mean(scores: list[list[int]]) -> None:
    script, picture = all_announced(scores)
    places = placed(script.definition, picture)
    means = [Fraction(sum(scores[int(one.target.id[1:])]), len(scores[int(one.target.id[1:])])) for one in places]
    assert means == sorted(means, reverse=True)
    assert [one.rank for one in places] == [1 + sum(other > mean for other in means) for mean in means]


def test_a_long_ranking_turns_its_pages() -> None:
    script, picture = all_announced([[90, 90 - place] for place in range(14)])
    ready = 14 * PACE.page + PACE.result
    pages = [choose(script.definition, picture, ready + at, PACE) for at in (0, 6, 12)]
    assert [(page.page, page.pages, len(page.lines)) for page in pages if isinstance(page, Ranking)] == [
        (1, 2, RANKS_A_PAGE),
        (2, 2, 3),
        (1, 2, RANKS_A_PAGE),
    ]


def test_the_end_is_the_chairs_word_and_not_the_last_announcement() -> None:
    script = Script(DEFINITION, present=43)
    script.round("1", Phase.ANNOUNCED, [90])
    picture = script.round("2", Phase.ANNOUNCED, [90], [80])
    assert not ended(picture, 10_000, PACE)
    picture = script.end()
    assert [ended(picture, at, PACE) for at in (0, PACE.finale - 0.1, PACE.finale)] == [False, False, True]


@pytest.mark.parametrize("phase", [Phase.CLOSED, Phase.ANNOUNCED, Phase.VOID])
def test_the_fingerprint_comes_to_the_wall_whatever_the_items_came_to(phase: Phase) -> None:
    script = Script(DEFINITION, present=43)
    before = script.round("1", phase, [90])
    final = script.end()
    assert moment(before) != moment(final)
    for standing in (0, 1000):
        announced = int(phase is Phase.ANNOUNCED)
        assert choose(DEFINITION, final, standing, PACE) == Final(announced, 2, FINGERPRINT)
        assert not isinstance(choose(DEFINITION, before, standing, PACE), Final)
    if phase is Phase.ANNOUNCED:
        assert isinstance(choose(DEFINITION, final, 0, PACE, Wanted(ranking=True)), Ranking)


def test_a_meeting_that_opened_nothing_ends_with_its_fingerprint_too() -> None:
    script = Script(DEFINITION, present=1)
    assert choose(DEFINITION, script.end(), 0, PACE) == Final(0, 2, FINGERPRINT)


def test_a_target_scored_again_is_ranked_by_its_newest_figures_with_its_newest_rules() -> None:
    median = live_rules(measure=MeasureKind.MEDIAN, display=Display.ON_ANNOUNCEMENT)
    again = msgspec.structs.replace(DEFINITION.agenda[0], id="3", rules=median)
    definition = msgspec.structs.replace(DEFINITION, agenda=(*DEFINITION.agenda, again))
    script = Script(definition, present=43)
    script.round("1", Phase.ANNOUNCED, [50, 50, 50])
    [place] = placed(definition, script.round("3", Phase.ANNOUNCED, [90, 91, 100]))
    assert (place.exact, place.rules.measure) == (Fraction(91), MeasureKind.MEDIAN)


def test_the_moment_changes_with_item_round_and_phase_and_not_with_a_ballot() -> None:
    script = Script(DEFINITION, present=43)
    assert moment(script.picture()) is None
    first = moment(script.round("1", Phase.OPEN, [90]))
    assert moment(script.round("1", Phase.OPEN, [90, 91])) == first
    assert moment(script.round("1", Phase.CLOSED, [90, 91])) != first


@given(
    st.integers(1, 3000),
    st.sampled_from(["", "0:07", "1:48", "12:00"]),
    st.integers(76, 140),
    st.sampled_from([5, 7, 10]),
)
def test_counts_and_clock_never_overlap(whole: int, clock: str, columns: int, rows: int) -> None:
    sizes = count_sizes(whole, clock, columns, rows)
    count = figure_width(str(whole), sizes.votes) + 2 + figure_width(f"/{whole}", sizes.whole)
    # the clock stands apart from the count, or "41/43 1:55" is read as one number; a crowd leaves less
    apart = CLOCK_GUTTER if whole < 1000 else GUTTER
    assert count + (apart + figure_width(clock, sizes.clock) if clock else 0) <= columns


def test_names_and_measures_take_the_largest_type_that_fits() -> None:
    assert largest_name(("文化和旅游局", "文旅局"), 96) == "文化和旅游局"
    assert largest_name(("人力资源和社会保障局", "人社局"), 96) == "人社局"
    assert largest_name(("人力资源和社会保障局", ""), 96) == ""
    assert measure_sizes("93.47", "优秀", 96, 10).measure == "XL"
    hundred = measure_sizes("100.00", "优秀", 96, 10)
    assert hundred.measure == "LL"
    assert hundred.block >= (big_text_width("优秀") or 0)
    assert measure_sizes("93.47", "Excellent", 96, 10).measure == "XL"
    assert measure_sizes("100.00", "", 96, 10) == ("XL", 0)
    # at 80 columns the measure gives way, so that the hall can read the band too
    assert measure_sizes("91.67", "优秀", 76, 10) == ("L", 31)
    assert Room(76, 22).compact
    assert not Room(96, 28).compact


def test_a_long_name_is_broken_into_two_lines_at_most() -> None:
    assert large_lines("示例市人大常委会", 96) == ("示例市人大常委会",)
    assert large_lines("示例市人大常委会专项工作评议会", 96) == ("示例市人大常委会", "专项工作评议会")
    assert large_lines("示例市人大常委会专项工作评议会", 116) == ("示例市人大常委会", "专项工作评议会")
    assert large_lines("示例市人大常委会专项工作评议会议", 76) == ()
    assert large_lines("City Committee Appraisal", 96) == ("City Committee", "Appraisal")
    assert large_lines("Indivisibilities of committees", 60) == ()
