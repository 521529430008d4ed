"""What the chair had confirmed before the last start is named and not sent."""

from kit.chairs import Desk, Play
from kit.factories import small_definition
from kit.screens import plain
from pingyi_protocol.meeting.commands import CloseRound, Command
from pingyi_protocol.meeting.definition import Language, Role


async def test_what_was_left_over_is_named_until_the_chair_has_put_it_away() -> None:
    play = Play(small_definition(members=5))
    play.arrive(4)
    desk = Desk(play, Language.ENGLISH)
    desk.session.given_up = [Command("meeting", "0" * 32, "005", Role.CHAIR, "", CloseRound("1", 1))]
    async with desk.app.run_test(size=(120, 36)) as pilot:
        desk.play.open("1")
        await desk.news(pilot)
        assert "Not sent again: close" in plain(desk.app)
        assert desk.session.submitted == []
        await pilot.press("escape")
        assert "Not sent again" not in plain(desk.app)
