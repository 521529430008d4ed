"""The scrutineer's app: keys become signatures, the session's news become a view. What is shown is in ``view``."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol

from textual.app import App
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Body, Command, ConfirmRound, CountersignVoid
from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import Backstage, Picture
from pingyi_protocol.wording import WordedError
from pingyi_terminal import theme
from pingyi_terminal.application import MeetingApp
from pingyi_terminal.help_panel import HelpPanel
from pingyi_terminal.link import AlarmLifted, AlarmRaised, CommandAnswered, LinkChanged, PictureChanged
from pingyi_terminal.scrutineer.help import help_page
from pingyi_terminal.scrutineer.screen import ScrutineerScreen
from pingyi_terminal.scrutineer.view import Draft, Situation, scrutineer_view, step_of, waiting_view

TICK_SECONDS = 0.5
SETTLE_SECONDS = 0.5
"""A second Enter confirms only after so long: a key held down or a double click confirms nothing."""


class ScrutineerSession(Protocol):
    """What the screen needs of a session; ``pingyi_protocol.client.session.Session`` is one."""

    picture: Picture | None
    definition: Definition | None
    backstage: Backstage | None
    link: Link
    given_up: list[Command]

    def submit(self, body: Body) -> Command:
        """Sign and send a command."""


Attach = Callable[[App[None]], tuple[ScrutineerSession, "asyncio.Task[None]"]]
"""Starts a session whose news reach the app, as ``pingyi_terminal.link.attach`` does."""


class ScrutineerApp(MeetingApp):
    """The screen of ``person``; ``origin`` names the record's log, ``monotonic`` (seconds) and ``wall`` are clocks."""

    CSS_PATH: ClassVar[Path] = Path(theme.__file__).with_name("theme.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "sign"),
        Binding("escape", "withdraw"),
        Binding("up", "scroll_lines(-1)"),
        Binding("down", "scroll_lines(1)"),
        Binding("f6", "turn"),
        Binding("f1", "help"),
        Binding("f2", "language"),
        Binding("ctrl+q,ctrl+c", "quit"),
    ]

    def __init__(
        self,
        attach: Attach,
        person: str,
        origin: str,
        language: Language,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__(language)
        self.attach = attach
        self.person = person
        self.origin = origin
        self.monotonic = monotonic
        self.wall = wall
        self.session: ScrutineerSession | None = None
        self.talking: asyncio.Task[None] | None = None
        self.desk = ScrutineerScreen()
        self.draft = Draft()
        self.sent: Command | None = None
        self.asked_at = 0.0
        self.rung: tuple[CountersignVoid | ConfirmRound, ...] = ()

    async def on_mount(self) -> None:
        """Show the screen and start the session."""
        await self.push_screen(self.desk)
        try:
            self.session, self.talking = self.attach(self)
        except (WordedError, OSError) as fault:
            self.end(fault)
            return
        self.talking.add_done_callback(self.session_ended)
        self.draft = replace(self.draft, left_over=bool(self.session.given_up))
        self.set_interval(TICK_SECONDS, self.renew)
        self.renew()

    def on_unmount(self) -> None:
        """Let the session go."""
        if self.talking is not None:
            self.talking.cancel()

    def situation(self) -> Situation | None:
        """Return what the screen sees now, None before the server was heard."""
        session = self.session
        if session is None or session.picture is None or session.definition is None:
            return None
        return Situation(
            session.definition,
            session.picture,
            self.person,
            self.origin,
            session.backstage,
            session.link,
            self.draft,
        )

    def renew(self) -> None:
        """Bring the screen up to date."""
        # a tick or news may still come while the screen is being taken down
        if self.session is None or not self.is_running:
            return
        situation, now = self.situation(), self.wall()
        view = (
            waiting_view(self.words, self.session.link, now)
            if situation is None
            else scrutineer_view(self.words, situation, now)
        )
        self.desk.show_view(view, self.words("scrutineer.product"))
        waiting = situation.waiting if situation is not None else self.rung
        if any(one not in self.rung for one in waiting):
            self.bell()
        self.rung = waiting

    def action_sign(self) -> None:
        """Ask whether what is shown is to be signed; the second time sign exactly that."""
        situation = self.situation()
        does = step_of(self.words, situation).does if situation is not None else None
        if does is None or self.session is None:
            return
        if self.draft.asking != does:
            self.asked_at = self.monotonic()
            self.draft = replace(self.draft.undisturbed(), asking=does)
        elif self.monotonic() - self.asked_at >= SETTLE_SECONDS:
            self.send(self.session, does)
        self.renew()

    def send(self, session: ScrutineerSession, body: Body) -> None:
        """Sign and send; where it cannot be kept on the disk it is not sent, and that is said."""
        self.draft = self.draft.undisturbed()
        try:
            self.sent = session.submit(body)
        except OSError as fault:
            self.draft = replace(self.draft, fault=fault.strerror or str(fault))
        else:
            self.draft = replace(self.draft, sent=body)

    def action_withdraw(self) -> None:
        """Withdraw a question or put a complaint away."""
        self.draft = self.draft.undisturbed()
        self.renew()

    def action_turn(self) -> None:
        """Turn to the next of several things that wait."""
        situation = self.situation()
        following = situation.following if situation is not None else None
        if following is not None:
            self.draft = replace(self.draft.undisturbed(), chosen=following)
            self.renew()

    def action_scroll_lines(self, move: int) -> None:
        """Scroll what does not fit."""
        self.desk.query_one("#body", VerticalScroll).scroll_relative(y=move, animate=False)

    def action_help(self) -> None:
        """Say what can be done now."""
        self.push_screen(HelpPanel(self.words, lambda: help_page(self.words, self.situation())))

    def action_language(self) -> None:
        """Speak the other language."""
        if self.other_language():
            self.renew()

    def on_picture_changed(self, _message: PictureChanged) -> None:
        """Show the new picture."""
        self.renew()

    def on_link_changed(self, _message: LinkChanged) -> None:
        """Say at once how the link is."""
        self.renew()

    def on_command_answered(self, message: CommandAnswered) -> None:
        """A signature is on the record, or was refused: say so in words."""
        if self.sent is not None and message.command.id == self.sent.id:
            self.sent = None
            self.draft = replace(self.draft, sent=None)
        match message.answer:
            case Refusal() as refusal:
                self.draft = replace(self.draft, refusal=refusal)
            case Receipt(index=index):
                self.draft = replace(self.draft, signed=message.command.body, leaf=index)
        self.renew()

    def on_alarm_raised(self, message: AlarmRaised) -> None:
        """Shout what does not fit, until it fits again."""
        self.draft = replace(self.draft, alarm=message.fault)
        self.bell()
        self.renew()

    def on_alarm_lifted(self, _message: AlarmLifted) -> None:
        """The record fits again."""
        self.draft = replace(self.draft, alarm=None)
        self.renew()
