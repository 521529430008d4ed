"""Linux's own console has no Chinese in its font: every screen and command speaks English there, and says why."""

import re
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from kit.chairs import Booth, Desk, Play
from kit.clerk_desk import Console
from kit.hall_display import HandSession, Script, Wall
from kit.screens import plain
from kit.seats import StillSession, picture, still_seat
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.text import bare_console, catalogue, language_of_locale
from pingyi_server.imports.sample import sample_meeting
from pingyi_terminal.application import MeetingApp, show
from pingyi_terminal.enrolment.app import EnrolmentApp
from pingyi_terminal.widgets import KeyHints

ENGLISH = Language.ENGLISH
SAID = catalogue("pingyi_terminal", ENGLISH)("app.bare_console")
DEFINITION = sample_meeting(ENGLISH).definition
CHINESE = re.compile(r"[\u3400-\u9fff]")
LEAST_WORDS = 15


def play() -> Play:
    """The English sample with a round open."""
    one = Play(DEFINITION)
    one.arrive(43)
    one.open("1")
    return one


def wall(monkeypatch: pytest.MonkeyPatch) -> MeetingApp:
    script = Script(DEFINITION, present=43)
    return Wall(monkeypatch, HandSession(DEFINITION, script.picture()), ENGLISH).app


def made(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> MeetingApp:
    """An app of this name in English."""
    match name:
        case "seat":
            session = StillSession(DEFINITION, picture(DEFINITION, item="1"), person=DEFINITION.entitled[0].number)
            return still_seat(session, ENGLISH)
        case "chair":
            return Desk(play(), ENGLISH).app
        case "hall":
            return wall(monkeypatch)
        case "scrutineer":
            person = next(one.number for one in DEFINITION.roster if Role.SCRUTINEER in one.roles)
            return Booth(play(), person, ENGLISH).app
        case "clerk":
            return Console(play(), ENGLISH).app
        case _:
            return EnrolmentApp(Role.MEMBER, folder, ENGLISH)


def seen(pilot: Pilot[None]) -> str:
    """The screen as one text, without line breaks."""
    return " ".join(re.sub(r"[\n▌▐│┃]", " ", plain(pilot.app)).split())


@pytest.mark.parametrize("name", ["seat", "chair", "hall", "scrutineer", "clerk", "first"])
async def test_every_screen_says_so_and_offers_no_other_language(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = made(name, tmp_path, monkeypatch)
    app.translates = False
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await pilot.pause(0.1)
        assert SAID[:30] in seen(pilot), plain(app)
        before = plain(app)
        assert not CHINESE.search(before), before
        await pilot.press("f2")
        await pilot.pause()
        assert app.words.language is ENGLISH
        hints = [hint.key for row in app.screen.query(KeyHints) for hint in row.possible()]
        assert "f2" not in hints


@pytest.mark.parametrize("name", ["seat", "chair", "hall", "scrutineer", "clerk", "first"])
async def test_elsewhere_f2_speaks_the_other_language_and_back(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = made(name, tmp_path, monkeypatch)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause(0.1)
        english = plain(app)
        assert not CHINESE.search(english.replace("中文", "")), english
        await pilot.press("f2")
        await pilot.pause(0.1)
        assert app.words.language is Language.CHINESE
        assert len(CHINESE.findall(plain(app))) > LEAST_WORDS
        await pilot.press("f2")
        await pilot.pause(0.1)
        assert not CHINESE.search(plain(app).replace("中文", "")), plain(app)


@pytest.mark.parametrize("terminal", ["linux", "xterm-256color"])
def test_an_app_learns_it_from_the_terminal_that_it_is_shown_in(terminal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.setattr("pingyi_terminal.application.has_display", lambda: True)
    monkeypatch.setattr(App, "run", lambda _: None)
    app = MeetingApp(ENGLISH)
    show(app)
    assert app.translates is not bare_console()
    assert bare_console() is (terminal == "linux")


def test_commands_speak_english_there_whatever_the_locale_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINGYI_LANGUAGE", "zh")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert language_of_locale() is Language.CHINESE
    monkeypatch.setenv("TERM", "linux")
    assert language_of_locale() is ENGLISH
