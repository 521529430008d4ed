"""An older copy that was put back, on the screens of those who lost nothing by it: they say so and offer no more."""

from typing import Any

import msgspec
import pytest

from kit.chairs import NOON, Play
from kit.factories import small_definition
from kit.hall_display import HandSession, Script, Wall, hall_definition
from kit.screens import plain
from kit.seats import StillSession, ballot, picture, receipt_of, still_seat
from pingyi_protocol.meeting.commands import DeclareContinuation
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.text import catalogue
from pingyi_protocol.wire.picture import Continuing, Watch
from pingyi_terminal.chair.moves import extension, pausing, voidable
from pingyi_terminal.chair.results import count
from pingyi_terminal.chair.situation import Draft, Situation, attention
from pingyi_terminal.chair.step import next_step
from pingyi_terminal.chair.view import chair_view
from pingyi_terminal.link import CommandAnswered, PictureChanged

HALL = small_definition(members=5)
COPY = Watch(continuing=Continuing(9, "", "磁盘损坏", declared=False))


def restored(shown: Any) -> Any:
    return msgspec.structs.replace(shown, watch=COPY)


@pytest.mark.parametrize("language", Language)
async def test_a_seat_that_lost_nothing_says_so_and_that_it_waits(language: Language) -> None:
    words = catalogue("pingyi_terminal", language)
    shown = picture(HALL, item="1", voted=(1,))
    session = StillSession(HALL, restored(shown))
    app = still_seat(session, language, receipt_of(session.command(ballot("1", ("T01", 90)))))
    assert len(words("seat.restored")) <= (38 if language is Language.CHINESE else 79)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert words("seat.restored") in plain(app)
        assert words("seat.restored_wait") in plain(app)
        assert words("seat.nothing_to_do") not in plain(app)
        session.picture = shown
        app.post_message(PictureChanged())
        await pilot.pause()
        assert words("seat.restored") not in plain(app)
        assert words("seat.nothing_to_do") in plain(app)


@pytest.mark.parametrize("language", Language)
async def test_the_wall_says_so_although_it_lost_nothing(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    script, words = Script(hall_definition(), present=43), catalogue("pingyi_terminal", language)
    wall = Wall(monkeypatch, HandSession(script.definition, restored(script.picture())), language)
    async with wall.app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert words("hall.restored") in plain(wall.app)
        await wall.show(pilot, script.picture())
        assert words("hall.restored") not in plain(wall.app)


def waiting(draft: Draft | None = None) -> Situation:
    """What the chair sees of an open round, with a ballot long ago, once the copy was put back."""
    play = Play(HALL)
    play.arrive(4)
    play.open("1")
    play.vote("M01", 90)
    here = play.situation(draft or Draft(quiet=59.0), remaining=60_000)
    assert extension(here)
    assert pausing(here)
    assert voidable(here)
    return Situation(here.definition, restored(here.picture), here.backstage, here.link, here.remaining, here.draft)


@pytest.mark.parametrize("language", Language)
def test_the_chair_is_offered_nothing_but_to_sign(language: Language) -> None:
    words, here = catalogue("pingyi_terminal", language), waiting()
    assert (extension(here), pausing(here), voidable(here), attention(here)) == (None, None, None, None)
    assert words("chair.stalled", seconds=59) != count(words, here).line.text
    assert isinstance(next_step(words, here).does, DeclareContinuation)
    view = chair_view(words, here, NOON, NOON)
    assert view.countdown.figure == ""
    states = {hint.key: hint.state for hint in view.hints}
    assert (states["plus"], states["f4"], states["f8"]) == ("faint", "faint", "faint")


@pytest.mark.parametrize("language", Language)
def test_under_an_alarm_the_chair_is_told_that_nothing_is_sent(language: Language) -> None:
    words, play = catalogue("pingyi_terminal", language), Play(HALL)
    play.arrive(4)
    play.open("1")
    play.vote("M01", 90)
    play.close()
    loss = Draft(alarm=ReceiptError("witness.forked", seen=12))
    step = next_step(words, play.situation(loss))
    assert (step.does, step.label, step.detail) == (None, words("chair.alarm_block"), words("chair.alarm_block_detail"))
    assert next_step(words, play.situation()).does is not None
    assert voidable(play.situation(loss)) is None
    # what is wrong with one receipt holds back that command alone
    assert next_step(words, play.situation(Draft(alarm=ReceiptError("receipt.no_leaf")))).does is not None


@pytest.mark.parametrize("language", Language)
async def test_a_seat_says_once_which_code_its_ballot_has_now(language: Language) -> None:
    session = StillSession(HALL, picture(HALL, item="1", voted=(1,)))
    command = session.command(ballot("1", ("T01", 90)))
    first, again = receipt_of(command), receipt_of(command, index=44)
    app, words = still_seat(session, language, first), catalogue("pingyi_terminal", language)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        # the copy still had it: it is the same leaf
        app.post_message(CommandAnswered(command, first))
        await pilot.pause()
        assert len(app._notifications) == 0
        app.post_message(CommandAnswered(command, again))
        app.post_message(CommandAnswered(command, again))
        await pilot.pause(0.3)
        [told] = list(app._notifications)
        code = app.ballots["1", 1].code
        assert told.message == words("seat.new_code", code=code)
        # beside the code of the recorded ballot, which stands there with spaces
        assert code in plain(app)
