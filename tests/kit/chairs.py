"""A meeting without a server for the chair's screens: events go through the real ``evolve`` and projector."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import msgspec
from textual.app import App

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Answer, AnswerCount, Body, Choice, Command, CountersignCode, Score
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import Definition, Language, Option, Role
from pingyi_protocol.meeting.events import (
    BallotCast,
    CheckedIn,
    CheckedOut,
    CodeIssued,
    DefinitionLoaded,
    Event,
    MeetingClosed,
    Recused,
    ResultAnnounced,
    ResultEntered,
    RoundClosed,
    RoundConfirmed,
    RoundOpened,
    RoundPaused,
    RoundResumed,
    RoundVoided,
    VoidProposed,
)
from pingyi_protocol.meeting.evolve import evolve
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.meeting.rounds import candidates_of, closing
from pingyi_protocol.wire.messages import CallRecess
from pingyi_protocol.wire.picture import Backstage, Picture
from pingyi_server.gateway.publisher import Projector
from pingyi_terminal.chair.app import ChairApp
from pingyi_terminal.chair.situation import Draft, Situation
from pingyi_terminal.link import LinkChanged, PictureChanged
from pingyi_terminal.scrutineer.app import OwnPart, ScrutineerApp, ScrutineerSession

FINGERPRINT = "K7M2-Q9XD-4TRB-8W3F"


class Play:
    """A meeting that a test drives by hand: what happened, and who is connected."""

    def __init__(self, definition: Definition) -> None:
        self.projector = Projector("epoch")
        self.meeting = Meeting()
        self.silent: set[str] = set()
        self.recess = False
        self.happen(DefinitionLoaded(definition))

    def happen(self, event: Event) -> None:
        self.meeting = evolve(self.meeting, event, self.meeting.at)

    def arrive(self, count: int) -> None:
        """Check in the first ``count`` members of the roster."""
        assert self.meeting.definition is not None
        for person in self.meeting.definition.entitled[:count]:
            self.happen(CheckedIn(person.number, ""))

    @property
    def check_in(self) -> int | None:
        """What is left of the check-in's window, as a session tells it."""
        until = self.meeting.check_in_until
        return None if until is None else max(0, until - self.meeting.at)

    def leave(self, person: str) -> None:
        self.happen(CheckedOut(person, "早退"))

    def recuse(self, person: str, item: str) -> None:
        self.happen(Recused(person, item, "近亲属在该单位任职"))

    def open(self, item: str, among: tuple[str, ...] = ()) -> None:
        standing = candidates_of(self.meeting, self.meeting.items[item], among)
        assert not isinstance(standing, Refusal)
        self.happen(RoundOpened(item, self.number(item), self.meeting.items[item].rules.seconds, *standing))

    def number(self, item: str) -> int:
        """Return the number of an item's next round."""
        earlier = self.meeting.round_of(item)
        return earlier.number + 1 if earlier else 1

    def choose(self, person: str, *chosen: tuple[str, Option]) -> None:
        """Cast a ballot of choices by (target, option)."""
        self.answer(person, *(Choice(target, option) for target, option in chosen))

    def answer(self, person: str, *answers: Answer) -> None:
        """Cast a ballot with these answers."""
        live = self.meeting.live_round
        assert live is not None
        self.happen(BallotCast(person, live.item, live.number, f"{person}-{live.item}", answers))

    def enter(self, item: str, received: int, *counts: AnswerCount, invalid: int = 0) -> None:
        """Enter a result by hand."""
        standing = candidates_of(self.meeting, self.meeting.items[item], ())
        assert not isinstance(standing, Refusal)
        self.happen(ResultEntered(item, self.number(item), "表决器断电", received, invalid, counts, *standing))

    def sign(self, person: str) -> None:
        """Let a scrutineer sign the count of the latest round."""
        latest = self.meeting.latest
        assert latest is not None
        self.happen(RoundConfirmed(latest.item, latest.number, person))

    def declare(self, reason: str = "计票有误") -> None:
        """The chair declares the latest round void; the scrutineer has still to sign."""
        latest = self.meeting.latest
        assert latest is not None
        self.happen(VoidProposed(latest.item, latest.number, reason, "M01"))

    def issue(self, person: str, name: str) -> CountersignCode:
        """The clerk issues a code for a member who has been here; return what the chair would sign."""
        code = sha256(name.encode()).hexdigest()
        self.happen(CodeIssued(person, Role.MEMBER, code, waits=True))
        return CountersignCode(person, Role.MEMBER, code)

    def void(self, reason: str = "计票有误") -> None:
        latest = self.meeting.latest
        assert latest is not None
        self.happen(RoundVoided(latest.item, latest.number, reason, "M03"))

    def vote(self, person: str, *scores: int | None) -> None:
        """Cast a ballot with a score for each target of the open item; None abstains."""
        live = self.meeting.live_round
        assert live is not None
        targets = self.meeting.items[live.item].targets
        pairs = zip(targets, scores, strict=True)
        self.answer(person, *(Score(target, "", None if score is None else Decimal(score)) for target, score in pairs))

    def pause(self, remaining: int | None) -> None:
        live = self.meeting.live_round
        assert live is not None
        self.happen(RoundPaused(live.item, live.number, remaining))

    def resume(self) -> None:
        live = self.meeting.live_round
        assert live is not None
        self.happen(RoundResumed(live.item, live.number))

    def close(self) -> None:
        live = self.meeting.live_round
        assert live is not None
        event: RoundClosed = closing(self.meeting, live)
        self.happen(event)

    def announce(self) -> None:
        latest = self.meeting.latest
        assert latest is not None
        self.happen(ResultAnnounced(round_figures(self.meeting, latest)))

    def end(self) -> None:
        """The chair closes the meeting."""
        self.happen(MeetingClosed("M01"))

    @property
    def picture(self) -> Picture:
        shown = self.projector.picture(self.meeting, FINGERPRINT, self.meeting.at, self.meeting.size)
        return msgspec.structs.replace(shown, recess=self.recess)

    @property
    def backstage(self) -> Backstage:
        return self.projector.backstage(self.meeting, set(self.meeting.present) - self.silent)

    def situation(self, draft: Draft | None = None, link: Link = Link.UP, remaining: int | None = None) -> Situation:
        """Return what the chair's console would see."""
        assert self.meeting.definition is not None
        live = self.meeting.live_round
        if remaining is None and live is not None:
            remaining = live.remaining_at(self.meeting.at)
        return Situation(
            self.meeting.definition, self.picture, self.backstage, link, remaining, draft or Draft(), self.check_in
        )


class FakeSession:
    """What the console needs of a session, over a play; it keeps what was submitted."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self.definition: Definition | None = play.meeting.definition
        self.picture: Picture | None = play.picture
        self.backstage: Backstage | None = play.backstage
        self.link = Link.UP
        self.link_seconds = 0.0
        self.given_up: list[Command] = []
        self.left: int | None = None
        self.submitted: list[Command] = []
        self.broken: OSError | None = None
        self.requested: list[CallRecess] = []
        self.reaches = True

    def request(self, wanted: CallRecess) -> bool:
        if self.reaches:
            self.requested.append(wanted)
        return self.reaches

    def remaining(self) -> int | None:
        live = self.play.meeting.live_round
        if live is None:
            return None
        return live.remaining_at(self.play.meeting.at) if self.left is None else self.left

    def check_in_left(self) -> int | None:
        return self.play.check_in

    def lost_seconds(self) -> float:
        return self.link_seconds

    def submit(self, body: Body) -> Command:
        if self.broken is not None:
            raise self.broken
        command = Command("meeting", f"{len(self.submitted):032x}", "005", Role.CHAIR, "", body)
        self.submitted.append(command)
        return command


async def silence(fault: OSError | None) -> None:
    """Run as a session without a server does, or end with a fault."""
    if fault is not None:
        raise ExceptionGroup("session", [fault])
    await asyncio.Event().wait()


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


NOON = datetime(2026, 11, 1, 15, 42, 7)  # noqa: DTZ001 - the wall clock of a hall


class Desk:
    """A chair's app over a play, its clock, and how often its bell rang."""

    def __init__(self, play: Play, language: Language = Language.CHINESE) -> None:
        self.play = play
        self.session = FakeSession(play)
        self.clock = Clock()
        self.rings = 0
        self.ends_with: OSError | None = None
        self.app = Ringing(self, language)

    def attach(self, _app: App[None]) -> tuple[FakeSession, "asyncio.Task[None]"]:
        """Stand in for ``pingyi_terminal.link.attach``."""
        return self.session, asyncio.create_task(silence(self.ends_with))

    async def news(self, pilot: Any) -> None:
        """Let the play's present state reach the screen."""
        self.session.picture, self.session.backstage = self.play.picture, self.play.backstage
        self.app.post_message(PictureChanged())
        await pilot.pause()

    async def link(self, pilot: Any, link: Link, seconds: float) -> None:
        """Change the link's state, ``seconds`` ago."""
        self.session.link, self.session.link_seconds = link, seconds
        self.app.post_message(LinkChanged())
        await pilot.pause()


class Ringing(ChairApp):
    """The chair's app with a bell that is counted."""

    CSS_PATH = ChairApp.CSS_PATH

    def __init__(self, desk: Desk, language: Language) -> None:
        super().__init__(desk.attach, language, desk.clock, lambda: NOON)
        self.desk_of_test = desk

    def bell(self) -> None:
        self.desk_of_test.rings += 1


class RingingBooth(ScrutineerApp):
    """The scrutineer's app with a bell that is counted."""

    CSS_PATH = ScrutineerApp.CSS_PATH

    def __init__(self, booth: "Booth", person: str, language: Language) -> None:
        super().__init__(booth.attach, person, "pingyi/test", language, booth.clock, lambda: NOON, booth.begin)
        self.booth_of_test = booth

    def bell(self) -> None:
        self.booth_of_test.rings += 1


class Booth:
    """A scrutineer's screen over a play, and its clock."""

    def __init__(
        self, play: Play, person: str, language: Language = Language.CHINESE, part: OwnPart | None = None
    ) -> None:
        self.play = play
        self.session = FakeSession(play)
        self.clock = Clock()
        self.rings = 0
        self.part = part
        self.app = RingingBooth(self, person, language)

    def begin(self, _session: ScrutineerSession, _changed: Callable[[], None]) -> OwnPart | None:
        """Stand in for the part that a terminal has in secret rounds."""
        return self.part

    def attach(self, _app: App[None]) -> tuple[FakeSession, "asyncio.Task[None]"]:
        """Stand in for ``pingyi_terminal.link.attach``."""
        return self.session, asyncio.create_task(silence(None))

    async def news(self, pilot: Any) -> None:
        """Let the play's present state reach the screen."""
        self.session.picture, self.session.backstage = self.play.picture, self.play.backstage
        self.app.post_message(PictureChanged())
        await pilot.pause()
