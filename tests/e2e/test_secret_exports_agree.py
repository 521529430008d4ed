"""No two figures of secret rounds differ: what seat and wall showed is what the record and its exports say."""

import re

import msgspec
import pytest

from kit.agreement import numbers, page_text
from kit.hall_display import HandSession, Wall
from kit.screens import plain
from kit.secret_sitting import read, record
from kit.sitting import sit
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.events import ResultAnnounced
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.record.replay import Replay
from pingyi_protocol.wire.picture import Picture
from pingyi_server.exports.formats import BULLETIN, MAKERS, RESULTS
from pingyi_server.gateway.publisher import Projector


def stages() -> list[Meeting]:
    """The meeting after each announcement, in the order of the rounds."""
    replay, found, whole = Replay(), [], record(secret=True)
    for index in range(len(whole.leaves)):
        entry = whole.entry(index)
        replay.take(entry)
        if isinstance(entry.event, ResultAnnounced):
            found.append(replay.meeting)
    return found


STAGES = stages()
ROUNDS = record(secret=True).results.rounds


def picture(meeting: Meeting) -> Picture:
    """What terminals are told of the meeting as it stands."""
    return Projector("e").picture(meeting, "K7M2-Q9XD", meeting.at, 1)


def known() -> set[str]:
    """Every figure with decimals that the record has."""
    return set(re.findall(r'"(-?\d+\.\d+)"', msgspec.json.encode(record(secret=True).results).decode()))


@pytest.mark.parametrize("place", range(2))
async def test_the_seat_shows_the_measures_of_the_record(place: int) -> None:
    meeting = STAGES[place]
    async with sit(picture(meeting), definition=meeting.definition, size=(120, 36)) as seat:
        shown = seat.screen
    decimals = {one for one in numbers(shown) if "." in one}
    assert decimals <= known(), shown
    assert {str(one.figures.measure) for one in ROUNDS[place].targets} <= set(numbers(shown)), shown


@pytest.mark.parametrize("place", range(4))
async def test_the_wall_shows_no_figure_that_the_record_has_not(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = STAGES[place]
    wall = Wall(monkeypatch, HandSession(meeting.definition, picture(meeting)), Language.CHINESE)
    async with wall.app.run_test(size=(120, 36)) as pilot:
        await wall.show(pilot)
        shown = plain(wall.app)
    assert {one for one in numbers(shown) if "." in one} <= known(), shown
    if place == 0:
        # the measure stands in figures of many lines; below it is what it was worked out from
        assert str(ROUNDS[0].targets[0].figures.total) in numbers(shown), shown


def test_table_and_bulletin_say_what_was_shown() -> None:
    source = read(record(secret=True))
    for name in (RESULTS, BULLETIN):
        content = MAKERS[name](source).decode("utf-8-sig")
        said = set(numbers(page_text(content) if name == BULLETIN else content.replace(",", " ")))
        for one in ROUNDS:
            assert {str(target.figures.measure) for target in one.targets} <= said
