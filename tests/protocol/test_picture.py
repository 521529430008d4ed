"""What travels to the terminals: bitmaps, updates, and which figures anybody may see when."""

from itertools import pairwise, product

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.factories import live_rules, research, small_definition
from kit.playbook import Playbook, full_house
from pingyi_protocol.meeting.commands import AnnounceComposite, CloseCheckIn, LoadDefinition, OpenCheckIn
from pingyi_protocol.meeting.definition import Audience, Display
from pingyi_protocol.meeting.figures import Missing
from pingyi_protocol.wire.picture import Picture, Update, difference, from_bitmap, to_bitmap, updated
from pingyi_server.gateway.publisher import Projector, at_clock


@given(st.sets(st.integers(0, 4000)))
def test_a_bitmap_holds_exactly_its_places(places: set[int]) -> None:
    assert from_bitmap(to_bitmap(places)) == places
    assert to_bitmap(sorted(places, reverse=True)) == to_bitmap(places)


def test_the_lowest_bit_of_the_first_byte_is_place_0() -> None:
    assert (to_bitmap([]), to_bitmap([0]), to_bitmap([8]), to_bitmap([7, 8])) == ("", "AQ==", "AAE=", "gAE=")


def pictures() -> list[Picture]:
    """A whole meeting as it would be shown after every leaf."""
    projector, shown = Projector("epoch"), list[Picture]()

    def show(book: Playbook) -> Playbook:
        shown.append(projector.picture(book.meeting, f"{book.meeting.size}", book.at, len(shown)))
        return book

    book = show(Playbook(small_definition(members=4)))
    show(book.clerk(LoadDefinition(small_definition(members=3))))
    show(book.enrol("M01")).check_in("M01", "M02", "M03")
    show(book.move("M02", "8-08"))
    show(book.open("1"))
    show(book.wait(3).cast("M01", 90))
    show(book.cast("M02", None).check_out("M02"))
    show(book.wait(1).pause())
    show(book.wait(1).resume())
    show(book.extend(60).cast("M02" if "M02" in book.meeting.present else "M03", 12))
    show(book.close())
    show(book.announce())
    show(book.check_in("M02").open("2").cast("M01", 1, 2))
    show(book.close().announce())
    book.followed()
    return shown


SHOWN = pictures()


def carried(update: Update) -> Update:
    """The update as it arrives."""
    return msgspec.json.decode(msgspec.json.encode(update), type=Update)


def test_the_chain_of_updates_gives_every_picture_in_turn() -> None:
    held = SHOWN[0]
    for earlier, later in pairwise(SHOWN):
        after = updated(held, carried(difference(earlier, later)))
        assert after == later
        held = after


@given(st.lists(st.integers(1, len(SHOWN) - 1)))
def test_updates_that_come_late_or_twice_do_no_harm_and_a_gap_asks(order: list[int]) -> None:
    held = SHOWN[0]
    for number in order:
        after = updated(held, carried(difference(SHOWN[number - 1], SHOWN[number])))
        if number > held.sequence + 1:
            assert after is None
        elif number <= held.sequence:
            assert after is held
        else:
            assert after == SHOWN[number]
            held = after


def test_another_run_of_the_server_asks_for_a_snapshot() -> None:
    other = msgspec.structs.replace(difference(SHOWN[0], SHOWN[1]), epoch="other")
    assert updated(SHOWN[0], other) is None


def test_the_clock_moves_a_running_countdown_and_nothing_else() -> None:
    for picture in SHOWN:
        later = at_clock(picture, picture.clock + 10_000)
        assert later.clock == picture.clock + 10_000
        if picture.live is None or picture.live.phase != "open" or picture.live.remaining is None:
            assert msgspec.structs.replace(later, clock=picture.clock) == picture
        else:
            assert later.live == msgspec.structs.replace(picture.live, remaining=picture.live.remaining - 10_000)
            assert at_clock(picture, picture.clock + 10**9).live is not None


def test_check_in_that_is_not_open_yet_and_that_is_over_are_told_apart() -> None:
    small = small_definition(members=3)
    facts = msgspec.structs.replace(small.meeting, check_in_minutes=2)
    book, projector = Playbook(msgspec.structs.replace(small, meeting=facts)), Projector("epoch")

    def door() -> tuple[int | None, bool]:
        shown = projector.picture(book.meeting, "", book.at, 0)
        return shown.check_in, shown.check_in_over

    assert door() == (None, False)
    book.clerk(OpenCheckIn())
    assert door() == (120_000, False)
    opened = projector.picture(book.meeting, "", book.at, 0)
    after = at_clock(opened, opened.clock + 120_000)
    assert (after.check_in, after.check_in_over) == (None, True)
    book.wait(1).clerk(CloseCheckIn())
    assert door() == (None, True)
    book.wait(1).clerk(OpenCheckIn())
    assert door() == (120_000, False)
    book.wait(120)
    assert door() == (None, True)


RULES = [
    (display, running)
    for display, running in product(Display, Audience)
    if display is not Display.LIVE or running is Audience.ALL
]


@pytest.mark.parametrize(("display", "running"), RULES)
def test_figures_are_seen_by_whom_the_item_says_and_not_a_moment_before(display: Display, running: Audience) -> None:
    book = full_house(small_definition(members=3, rules=live_rules(display=display, running=running)))
    projector = Projector("epoch")

    def seen() -> tuple[bool, bool, bool]:
        """Whether everybody sees running figures, published figures, and the backstage its own."""
        picture = projector.picture(book.meeting, "", book.at, 0)
        backstage = projector.backstage(book.meeting, [])
        assert picture.live is not None
        return picture.live.running is not None, bool(picture.published), backstage.running is not None

    for_all, for_chair = running is Audience.ALL, running is not Audience.NOBODY
    book.open("1").cast("M01", 90)
    assert seen() == (for_all, False, for_chair)
    book.pause()
    assert seen() == (for_all, False, for_chair)
    book.close()
    at_close = display is not Display.ON_ANNOUNCEMENT
    assert seen() == (False, at_close, for_chair and not at_close)
    book.announce()
    assert seen() == (False, True, False)
    book.open("2").cast("M02", 1, 2)
    assert seen() == (for_all, True, for_chair)


def test_who_voted_is_shown_and_never_how() -> None:
    quiet = live_rules(display=Display.ON_ANNOUNCEMENT, running=Audience.NOBODY)
    texts = set()
    for score in (0, 37, 100, None):
        book = full_house(small_definition(members=3, rules=quiet)).open("1").cast("M02", score).close()
        projector = Projector("epoch")
        shown = (projector.picture(book.meeting, "", book.at, 0), projector.backstage(book.meeting, []))
        texts.add(msgspec.json.encode(shown))
    assert len(texts) == 1


def test_whoever_is_no_longer_on_the_roster_is_in_no_bitmap() -> None:
    book = full_house(small_definition(members=4)).clerk(LoadDefinition(small_definition(members=2)))
    projector = Projector("epoch")
    assert from_bitmap(projector.picture(book.meeting, "", 0, 0).present) == {0, 1}
    assert from_bitmap(projector.backstage(book.meeting, ["M01", "M04", "hall"]).connected) == {0}


def test_the_composites_are_shown_to_everybody_once_they_are_announced_and_only_while_they_stand() -> None:
    projector, book = Projector("epoch"), Playbook(small_definition(members=3)).check_in("M01", "M02", "M03")

    def public() -> Picture:
        return projector.picture(book.meeting, "", book.at, 0)

    def behind() -> list[tuple[str, tuple[Missing, ...]]]:
        return [(line.target, line.missing) for line in projector.backstage(book.meeting, ()).composite]

    research_and_scores = (Missing("C1"), Missing("C2"))
    assert behind() == [(target, research_and_scores) for target in ("T01", "T02", "T03")]
    book.clerk(research(("T01", "97.5"), ("T02", "90"), ("T03", "80")))
    book.open("1").cast("M01", 90).close().announce().open("2").cast("M01", 80, 70).close()
    assert behind() == [("T01", ()), ("T02", (Missing("C1"),)), ("T03", (Missing("C1"),))]
    book.announce()
    assert behind() == [("T01", ()), ("T02", ()), ("T03", ())]
    assert public().composite == ()
    book.chair(AnnounceComposite())
    assert [(one.target, str(one.total), one.rank) for one in public().composite] == [
        ("T01", "93.00", 1),
        ("T02", "84.00", 2),
        ("T03", "74.00", 3),
    ]
    book.open("2").cast("M01", 90, 70).close()
    assert public().composite
    book.announce()
    assert public().composite == ()
    book.followed()
