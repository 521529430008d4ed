"""A key at the seat calls the clerk; the seat says so until somebody has come, and the chair sees who calls."""

import asyncio
from functools import partial

import msgspec
import pytest

from kit import sitting
from kit.chairs import Desk, Play
from kit.factories import small_definition
from kit.screens import plain
from kit.seats import StillSession, picture, still_seat
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.wire.messages import Call
from pingyi_protocol.wire.picture import Picture, to_bitmap
from pingyi_terminal.link import PictureChanged
from pingyi_terminal.widgets import KeyHints

DEFINITION = small_definition(45)
HERE = tuple(range(36))
sit = partial(sitting.sit, definition=DEFINITION)
FACES = {
    "waiting": picture(DEFINITION, present=HERE),
    "check_in": picture(DEFINITION, present=(0,)),
    "score": picture(DEFINITION, present=HERE, item="1"),
    "sheet": picture(DEFINITION, present=HERE, item="2"),
    "recused": picture(DEFINITION, present=HERE, item="1", recused=(1,)),
}


@pytest.mark.parametrize("language", list(Language), ids=lambda one: one.value)
@pytest.mark.parametrize("shown", FACES.values(), ids=FACES.keys())
async def test_every_face_has_the_key_and_says_that_the_clerk_is_called(shown: Picture, language: Language) -> None:
    word, called = {"zh": ("呼叫", "已呼叫工作人员"), "en": ("call", "clerk called")}[language.value]
    async with sit(shown, language=language) as seat:
        shown_hints = seat.app.screen.query_one(KeyHints)
        seen = [hint.word for *_, hint, worded in shown_hints.places(shown_hints.size.width) if worded]
        assert word in seen
        assert called not in seat.screen
        await seat.press("f9")
        assert seat.session.requested == [Call(wanted=True)]
        seat.session.calling = True
        seat.app.post_message(PictureChanged())
        await seat.pilot.pause()
        seat.says(called)
        await seat.press("f9")
        assert seat.session.requested[1:] == [Call(wanted=False)]
        assert seat.session.submitted == []


async def test_where_the_link_is_lost_a_hand_is_to_be_raised() -> None:
    session = StillSession(DEFINITION, FACES["waiting"], Link.LOST)
    app = still_seat(session, Language.CHINESE)
    async with app.run_test(size=(80, 24), notifications=True) as pilot, asyncio.timeout(WAIT_SECONDS):
        await pilot.press("f9")
        while "请举手示意" not in plain(app):
            await pilot.pause()


async def test_a_call_touches_no_half_typed_score() -> None:
    async with sit(FACES["score"]) as seat:
        await seat.press("9", "f9", "2")
        seat.says("Enter  确认 92 分")


async def test_the_chair_sees_who_calls_and_still_who_has_not_voted() -> None:
    play = Play(DEFINITION)
    play.arrive(3)
    desk = Desk(play)
    async with desk.app.run_test(size=(120, 36)) as pilot:
        await desk.news(pilot)
        assert "呼叫" not in plain(desk.app)
        desk.session.backstage = msgspec.structs.replace(play.backstage, calling=to_bitmap([1]))
        desk.app.post_message(PictureChanged())
        await pilot.pause()
        assert "呼叫 1" in plain(desk.app)
        assert "呼" in plain(desk.app).replace("呼叫", "")
