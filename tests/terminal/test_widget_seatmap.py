import pytest
from textual.geometry import Region

from kit.screens import OneWidget, plain
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_terminal.widgets import Place, SeatLegend, SeatMap, SeatState
from pingyi_terminal.widgets.seatmap import hall_rows

CHINESE, ENGLISH = (catalogue("pingyi_terminal", language) for language in (Language.CHINESE, Language.ENGLISH))
ONE_OF_EACH = tuple(
    Place(f"1-{number:02}", f"阿依古丽{number}", state) for number, state in enumerate(SeatState, start=1)
)


def hall(members: int, in_row: int) -> tuple[Place, ...]:
    return tuple(
        Place(f"{index // in_row + 1}-{index % in_row + 1:02}", "王建国", SeatState.VOTED) for index in range(members)
    )


@pytest.mark.parametrize(("words", "letters"), [(CHINESE, "投到断呼回缺"), (ENGLISH, "VPX!R-")])
async def test_each_state_has_its_letter(words: Catalogue, letters: str) -> None:
    seats = SeatMap(words, ONE_OF_EACH)
    app = OneWidget(seats)
    async with app.run_test(size=(44, 10)) as pilot:
        first, names = plain(app).splitlines()[:2]
        assert [character for character in first if character in letters and character != "-"] == [*letters.rstrip("-")]
        assert f"{letters[-1]}1-06".replace("-1", "- 1") in first
        assert names.split() == ["阿依.."] * 6
        await pilot.resize_terminal(66, 10)
        await pilot.pause()
        first, names = plain(app).splitlines()[:2]
        assert names.split() == [f"阿依古丽{place}" for place in range(1, 7)]
        assert f"{letters[-1]}1-06".replace("-1", "- 1") in first


def test_rows_of_the_hall_keep_gaps_and_unnumbered_seats_stand_last() -> None:
    places = (Place("2-01", "b", SeatState.VOTED), Place("1-03", "a", SeatState.VOTED), Place("", "c", SeatState.VOTED))
    rows = [[(column, place.name) for column, place in row] for row in hall_rows(places)]
    assert rows == [[(2, "a")], [(0, "b")], [(0, "c")]]


@pytest.mark.parametrize(("height", "names", "used"), [(14, 45, 14), (10, 45, 10), (5, 0, 5)])
async def test_names_and_free_rows_go_when_there_is_no_room(height: int, names: int, used: int) -> None:
    app = OneWidget(SeatMap(CHINESE, hall(45, 9), (3, 6)))
    async with app.run_test(size=(70, height)):
        text = plain(app)
        assert text.count("投") == 45
        assert text.count("王建国") == names
        assert len(text.rstrip().splitlines()) == used


async def test_beyond_sixty_members_there_are_letters_only() -> None:
    app = OneWidget(SeatMap(ENGLISH, hall(180, 20)))
    async with app.run_test(size=(70, 20)):
        assert plain(app).split() == ["V" * 20] * 9


async def test_members_without_room_are_counted() -> None:
    app = OneWidget(SeatMap(ENGLISH, hall(3000, 50)))
    async with app.run_test(size=(60, 10)):
        lines = plain(app).splitlines()
        assert "".join(lines[:9]) == "V" * 450
        assert lines[9] == ENGLISH("widgets.seats_not_shown", count=2550)


async def test_only_the_seat_that_changed_is_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    places = hall(45, 9)
    seats = SeatMap(CHINESE, places, (3, 6))
    app = OneWidget(seats)
    async with app.run_test(size=(70, 14)) as pilot:
        regions: list[Region] = []
        refresh = seats.refresh

        def listen(*asked: Region, layout: bool = False) -> SeatMap:
            regions.extend(asked)
            return refresh(*asked, layout=layout)

        monkeypatch.setattr(seats, "refresh", listen)
        seats.places = tuple(
            Place(place.seat, place.name, SeatState.LOST) if place.seat == "2-05" else place for place in places
        )
        await pilot.pause()
        assert regions == [Region(29, 3, 6, 2)]
        assert plain(app).splitlines()[3].count("断") == 1


async def test_the_legend_counts_every_state() -> None:
    app = OneWidget(SeatLegend(ENGLISH, ONE_OF_EACH[:5]))
    async with app.run_test(size=(80, 2)):
        line = plain(app).splitlines()[0]
        for state in SeatState:
            assert ENGLISH(f"widgets.legend_{state}", count=0 if state is SeatState.ABSENT else 1) in line
