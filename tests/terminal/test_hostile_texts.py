"""A lying server, a hostile workbook: no text commands a terminal, turns lines around or is read as markup anywhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.strip import Strip

from kit.chairs import Booth, Desk, Play
from kit.clerks import StillDesk, still_console
from kit.every_kind import MOTION, QUESTIONED, SELECTION, SHEET, hall, ruled
from kit.hall_display import HandSession, Wall
from kit.hostile_texts import CLEARED, ESCAPES, MARKUP, TURNED, hidden_in, poisoned
from kit.pretending import ballot_of
from kit.screens import strips
from kit.seats import StillSession, still_seat
from pingyi_protocol.client.session import Link
from pingyi_protocol.keys.key_file import KeyFileError
from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.checkpoint import CheckpointError
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_terminal.link import AlarmRaised, CommandAnswered, LinkChanged, PictureChanged
from pingyi_terminal.plain_cells import PlainCells
from pingyi_terminal.seat.app import SeatApp

PICKS = (60, 3, 5, 0, 1, 4, 2, 6)
STYLING = re.compile("\x1b" + r"\[[0-9;]*m")
KINDS = (SHEET, QUESTIONED, MOTION, SELECTION)


def whole(poison: str) -> Definition:
    """Items of every kind, every text of them poisoned."""
    confirmed = ruled(MOTION, confirmed=True)
    items = tuple(confirmed if item is MOTION else item for item in KINDS)
    return poisoned(hall(*items, members=8), poison, ids=True)


def meeting(play: Play, poison: str) -> Iterator[str]:
    """Let a whole meeting happen, a step at a time."""
    definition = play.meeting.definition
    assert definition is not None
    people = [person.number for person in definition.entitled]
    yield "begun"
    play.arrive(len(people))
    play.leave(people[6])
    yield "arrived"
    for item in definition.agenda:
        play.recuse(people[7], item.id)
        play.open(item.id)
        yield f"{item.rules.kind} opened"
        live = play.meeting.live_round
        assert live is not None
        for person in people[:6]:
            play.answer(person, *ballot_of(item, PICKS, live.candidates, live.places))
        yield f"{item.rules.kind} voted"
        play.pause(5000)
        yield f"{item.rules.kind} paused"
        play.resume()
        play.close()
        yield f"{item.rules.kind} closed"
        play.sign(people[2])
        play.announce()
        yield f"{item.rules.kind} announced"
    play.void(poison + "计票有误")
    yield "void"
    play.end()
    yield "closed"


def harmless(app: App[None], rows: list[Strip], step: str) -> None:
    """Nothing on this screen commands a terminal, and every row is as wide as the screen."""
    sent = STYLING.sub("", "\n".join(row.render(app.console) for row in rows))
    assert not hidden_in(sent), (step, hidden_in(sent))
    assert {row.cell_length for row in rows} == {app.size.width}, step


def unread(rows: list[Strip], step: str) -> None:
    """No text of the meeting was read as markup: nothing on this screen can be clicked because a name says so."""
    metas = [str(segment.style.meta) for row in rows for segment in row if segment.style]
    assert not any("app.quit" in meta for meta in metas), step


KEYS = {
    "seat": ("f1", "escape", "f5", "escape", "enter", "6", "enter", "enter", "f6", "escape", "f4", "f2", "f2"),
    "chair": ("f1", "escape", "up", "up", "f8", "escape", "f9", "escape", "f2", "f2"),
    "scrutineer": ("down", "enter", "escape", "f2", "f2"),
    "hall": ("f1", "f1", "f5", "f5", "f3", "f2", "f2"),
    "clerk": (
        *("f1", "escape", "enter", "escape", "f3", "escape", "f7", "escape"),
        *("tab", "f6", "escape", "tab", "tab", "f2", "f2"),
    ),
}
WITH_KEYS = ("score opened", "selection voted", "selection closed", "selection announced", "void")


def screen(role: str, play: Play, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The app of a role and the session that it shows."""
    definition = play.meeting.definition
    assert definition is not None
    member = definition.entitled[1].number
    if role == "seat":
        session = StillSession(definition=definition, picture=play.picture, person=member)
        return still_seat(session, Language.CHINESE), session
    if role == "hall":
        hands = HandSession(definition, play.picture)
        return Wall(monkeypatch, hands, Language.CHINESE).app, hands
    if role == "clerk":
        still = StillDesk(play)
        return still_console(still), still
    desk = Desk(play) if role == "chair" else Booth(play, member)
    return desk.app, desk.session


async def watched(role: str, poison: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let one screen show a whole meeting, press its keys, and return all that was on it."""
    play = Play(whole(poison))
    app, session = screen(role, play, monkeypatch)
    seen: list[str] = []
    async with app.run_test(size=(120, 36), notifications=True) as pilot:

        async def looked(step: str) -> None:
            await pilot.pause()
            rows = strips(app)
            harmless(app, rows, f"{role}: {step}")
            unread(rows, f"{role}: {step}")
            seen.extend(row.text.rstrip() for row in rows)

        for step in meeting(play, poison):
            session.picture, session.backstage = play.picture, play.backstage
            app.post_message(PictureChanged())
            if role == "hall":
                app.look()
            await looked(step)
            for key in KEYS[role] if step.endswith(WITH_KEYS) else ():
                await pilot.press(key)
                await looked(f"{step}, {key}")
        if role != "hall" and session.submitted:
            refusal = Refusal(Reason.NO_SUCH_ITEM, {"item": poison + "9"})
            app.post_message(CommandAnswered(session.submitted[-1], refusal))
            await looked("refused")
        app.notify(poison + "通知", title=poison + "题", markup=False)
        await looked("notified")
        app.post_message(
            AlarmRaised(ReceiptError("receipt.proof", fault=CheckpointError("checkpoint.other_signer", wanted=poison)))
        )
        await looked("alarm")
        session.link = Link.LOST
        app.post_message(LinkChanged())
        await looked("lost")
    return "\n".join(seen)


@pytest.fixture(autouse=True)
def _two_presses_may_be_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SeatApp, "BOUNCE_SECONDS", 0.0)


@pytest.mark.parametrize("role", KEYS)
async def test_a_lying_servers_escapes_and_turned_text_never_reach_the_terminal_and_its_markup_stays_text(
    role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = await watched(role, ESCAPES + MARKUP, monkeypatch)
    assert MARKUP in seen


@pytest.mark.parametrize("language", Language)
def test_a_message_shows_what_a_terminal_would_obey(language: Language) -> None:
    fault = KeyFileError("keys.key_file_missing", file=Path(CLEARED + TURNED))
    said = fault.words(language)
    assert "<U+001B>[2J" in said
    assert "<U+202E>" in said
    assert not hidden_in(said)
    assert hidden_in(CLEARED)


def test_a_row_keeps_its_width_without_its_hidden_characters() -> None:
    strip = Strip([Segment("甲" + ESCAPES), Segment("\xad乙\u0600")])
    plain_one = strip.apply_filter(PlainCells(), Color(0, 0, 0))
    assert cell_len(plain_one.text) == plain_one.cell_length == strip.cell_length
    assert not hidden_in(plain_one.text)
    clean = Strip([Segment("评议 [red]")])
    assert clean.apply_filter(PlainCells(), Color(0, 0, 0)).text == clean.text
