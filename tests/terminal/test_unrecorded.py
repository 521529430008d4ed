"""While the server cannot write the record, chair and seats say so, and say that nothing is lost."""

from datetime import timedelta

import msgspec
import pytest

from kit.chairs import NOON, Play
from kit.factories import small_definition
from kit.screens import plain
from kit.seats import StillSession, picture, still_seat
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_terminal.chair.view import shout
from pingyi_terminal.link import PictureChanged
from pingyi_terminal.seat.screen import strip_of
from pingyi_terminal.seat.situation import Situation
from pingyi_terminal.seat.view import face_of

HALL = small_definition(members=5)


@pytest.mark.parametrize("language", Language)
def test_a_seat_says_so_under_its_header_and_one_line_is_enough(language: Language) -> None:
    words = catalogue("pingyi_terminal", language)
    well = picture(HALL, item="1")
    ill = msgspec.structs.replace(well, recording=False)

    def strip(shown: object, link: Link = Link.UP, lost: float = 0) -> str:
        situation = Situation("M02", HALL, shown, link, lost_seconds=lost)  # type: ignore[arg-type]  # a picture
        return strip_of(words, face_of(situation), translates=True)

    assert strip(well) == ""
    assert strip(ill) == words("seat.unrecorded")
    assert len(words("seat.unrecorded")) <= (38 if language is Language.CHINESE else 79)
    # what is not known any more is not said
    assert strip(ill, Link.LOST, 9) == words("seat.lost_strip", since="0:09")


@pytest.mark.parametrize("language", Language)
def test_the_chair_is_told_aloud(language: Language) -> None:
    words = catalogue("pingyi_terminal", language)
    play = Play(HALL)
    play.arrive(3)
    well = play.situation()
    ill = msgspec.structs.replace(well.picture, recording=False)
    assert shout(words, well, NOON, NOON - timedelta(seconds=5)) == ""
    told = shout(words, type(well)(well.definition, ill), NOON, NOON - timedelta(seconds=5))
    assert told == words("chair.not_recording")


async def test_the_strip_stands_on_the_seat_and_goes_away() -> None:
    shown = picture(HALL, item="1")
    session = StillSession(HALL, msgspec.structs.replace(shown, recording=False))
    app = still_seat(session, Language.CHINESE)
    said = catalogue("pingyi_terminal", Language.CHINESE)("seat.unrecorded")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert said in plain(app)
        session.picture = shown
        app.post_message(PictureChanged())
        await pilot.pause()
        assert said not in plain(app)
