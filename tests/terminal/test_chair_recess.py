"""A break that the chair calls: F4 between two rounds, which stops the clock while one takes ballots."""

from kit.chairs import Desk, Play
from kit.factories import small_definition
from kit.screens import plain
from pingyi_protocol.meeting.commands import OpenRound, PauseRound
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.wire.messages import CallRecess

USUAL = (120, 36)


def a_desk(language: Language) -> Desk:
    play = Play(small_definition(members=5))
    play.arrive(4)
    return Desk(play, language)


async def test_f4_calls_a_break_between_two_items_and_ends_it() -> None:
    desk = a_desk(Language.CHINESE)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        assert "F4  休会" in plain(desk.app)
        await pilot.press("f4")
        assert desk.session.requested == [CallRecess(wanted=True)]
        desk.play.recess = True
        await desk.news(pilot)
        seen = plain(desk.app)
        assert "大屏显示休会。" in seen
        assert "F4  复会" in seen
        assert "接下来" not in seen
        await pilot.press("f4")
        assert desk.session.requested == [CallRecess(wanted=True), CallRecess(wanted=False)]


async def test_the_next_item_can_be_opened_out_of_a_break() -> None:
    desk = a_desk(Language.ENGLISH)
    desk.play.recess = True
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        assert "F4 or the next item ends it." in plain(desk.app)
        await pilot.press("enter")
        desk.clock.seconds += 1
        await pilot.press("enter")
        assert [command.body for command in desk.session.submitted] == [OpenRound("1")]


async def test_f4_stops_the_clock_while_ballots_are_taken_and_says_so_in_the_help() -> None:
    desk = a_desk(Language.ENGLISH)
    async with desk.app.run_test(size=USUAL) as pilot:
        await desk.news(pilot)
        await pilot.press("f1")
        assert "call or end a break on the hall display" in plain(desk.app)
        await pilot.press("escape")
        desk.play.open("1")
        await desk.news(pilot)
        await pilot.press("f4")
        assert desk.session.requested == []
        assert [command.body for command in desk.session.submitted] == [PauseRound("1", 1)]
        await pilot.press("f1")
        assert "call or end a break" not in plain(desk.app)


async def test_a_break_that_does_not_go_out_is_said() -> None:
    desk = a_desk(Language.ENGLISH)
    desk.session.reaches = False
    async with desk.app.run_test(size=USUAL, notifications=True) as pilot:
        await desk.news(pilot)
        await pilot.press("f4")
        await pilot.pause()
        assert "Not sent: the link to the server is down." in plain(desk.app)
