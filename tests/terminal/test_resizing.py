"""A terminal that changes its size while somebody types loses nothing of it."""

from pathlib import Path

from textual.widgets import Input

from kit.chairs import Desk, Play
from kit.factories import small_definition
from kit.first_screen import sitting_down
from kit.screens import plain
from pingyi_protocol.meeting.definition import Language

SIZES = ((100, 30), (80, 24), (200, 60), (120, 36))


async def test_a_reason_that_the_chair_is_typing_stays_through_sizes_and_news() -> None:
    play = Play(small_definition(members=6))
    play.arrive(6)
    play.open("1")
    desk = Desk(play, Language.CHINESE)
    async with desk.app.run_test(size=(120, 36)) as pilot:
        await desk.news(pilot)
        await pilot.press("f8", *"power")
        for columns, rows in SIZES:
            await pilot.resize_terminal(columns, rows)
            play.vote(f"M{SIZES.index((columns, rows)) + 1:02}", 90)
            await desk.news(pilot)
        await pilot.press(*"cut")
        field = desk.app.screen.query_one(Input)
        assert field.value == "powercut"
        assert field.has_focus


async def test_the_groups_of_a_card_stay_while_they_are_typed(tmp_path: Path) -> None:
    async with sitting_down(tmp_path) as person:
        await person.pilot.press(*"1234567")
        before = person.app.face
        for columns, rows in SIZES:
            await person.pilot.resize_terminal(columns, rows)
        assert person.app.face == before
        assert "12345" in plain(person.app)
