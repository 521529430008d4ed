"""A ballot that comes in repaints what it changes: twenty a second do not flicker."""

import pytest

from kit.chairs import Desk, Play
from kit.hall_display import HandSession, Script, Wall, hall_definition
from kit.repaints import Repaints
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.life import Phase
from pingyi_server.imports.sample import sample_meeting

BALLOTS = 20


@pytest.fixture
def repaints(monkeypatch: pytest.MonkeyPatch) -> Repaints:
    return Repaints(monkeypatch)


async def test_a_ballot_repaints_a_part_of_the_chairs_screen(repaints: Repaints) -> None:
    play = Play(sample_meeting(Language.CHINESE).definition)
    play.arrive(43)
    play.open("1")
    desk = Desk(play, Language.CHINESE)
    async with desk.app.run_test(size=(120, 36)) as pilot:
        for person in sorted(play.meeting.present)[:10]:
            play.vote(person, 92)
        await desk.news(pilot)
        repaints.forget()
        for person in sorted(play.meeting.present)[10 : 10 + BALLOTS]:
            play.vote(person, 92)
            await desk.news(pilot)
        assert repaints.whole == 0
        assert sum(repaints.cells) / BALLOTS < 120 * 36 / 4, repaints.cells


async def test_a_ballot_repaints_a_part_of_the_wall(repaints: Repaints, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(hall_definition(), present=43)
    wall = Wall(monkeypatch, HandSession(script.definition, script.picture()), Language.CHINESE)
    async with wall.app.run_test(size=(100, 30)) as pilot:
        await wall.show(pilot, script.round("1", Phase.OPEN, [92] * 10, remaining=100_000))
        repaints.forget()
        for count in range(11, 11 + BALLOTS):
            await wall.show(pilot, script.round("1", Phase.OPEN, [92] * count, remaining=100_000))
        assert repaints.whole == 0
        assert sum(repaints.cells) / BALLOTS < 100 * 30 / 4, repaints.cells
