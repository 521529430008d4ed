"""What the consoles of chair, scrutineer and clerk share: a session whose news a screen shows, and what is sent."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Generic, Protocol, TypeAlias, TypeVar

from textual.app import App
from textual.binding import Binding, BindingType

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Body, Command
from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import Backstage, Picture
from pingyi_protocol.wording import WordedError
from pingyi_terminal import theme
from pingyi_terminal.application import MeetingApp
from pingyi_terminal.console_draft import ConsoleDraft
from pingyi_terminal.link import AlarmLifted, AlarmRaised, CommandAnswered, LinkChanged, PictureChanged


class ConsoleSession(Protocol):
    """What a console needs of a session; ``pingyi_protocol.client.session.Session`` is one."""

    picture: Picture | None
    definition: Definition | None
    backstage: Backstage | None
    link: Link

    def submit(self, body: Body) -> Command:
        """Sign and send a command."""


SessionT = TypeVar("SessionT", bound=ConsoleSession)
DraftT = TypeVar("DraftT", bound=ConsoleDraft)

Attach: TypeAlias = Callable[[App[None]], tuple[SessionT, asyncio.Task[None]]]
"""Starts a session whose news reach the app, as ``pingyi_terminal.link.attach`` does; the task runs it."""


class ConsoleApp(MeetingApp, Generic[SessionT, DraftT]):
    """A console begins with ``draft``; ``monotonic`` (seconds) and ``wall`` are its clocks."""

    CSS_PATH: ClassVar[Path] = Path(theme.__file__).with_name("theme.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help"),
        Binding("f2", "language"),
        Binding("ctrl+q,ctrl+c", "quit"),
    ]

    def __init__(
        self,
        language: Language,
        draft: DraftT,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__(language)
        self.draft = draft
        self.monotonic = monotonic
        self.wall = wall
        self.session: SessionT | None = None
        self.talking: asyncio.Task[None] | None = None
        self.sent = ""

    def talk(self, attach: Attach[SessionT]) -> SessionT | None:
        """Start a session and return it; None where that fails, which ends the console."""
        try:
            self.session, self.talking = attach(self)
        except (WordedError, OSError) as fault:
            self.end(fault)
            return None
        self.talking.add_done_callback(self.session_ended)
        return self.session

    def on_unmount(self) -> None:
        """Let the session go."""
        if self.talking is not None:
            self.talking.cancel()

    def renew(self) -> None:
        """Bring the screen up to date."""
        raise NotImplementedError

    def picture_is_new(self) -> None:
        """Show the new picture."""
        self.renew()

    def submit(self, body: Body) -> Command | None:
        """Sign and send; what cannot be kept on the disk is not sent, and that is said."""
        if self.session is None:
            return None
        self.draft = self.draft.undisturbed()
        try:
            command = self.session.submit(body)
        except OSError as fault:
            self.draft = self.unsent(body, fault.strerror or str(fault))
            return None
        self.sent = command.id
        self.draft = replace(self.draft, sent=body)
        return command

    def unsent(self, body: Body, fault: str) -> DraftT:
        """Return the draft that says why ``body`` was not sent."""
        raise NotImplementedError

    def answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """Say in words that a command is on the record, or was refused."""
        raise NotImplementedError

    def action_language(self) -> None:
        """Speak the other language."""
        if self.other_language():
            self.renew()

    def on_picture_changed(self, _message: PictureChanged) -> None:
        """The meeting went on."""
        self.picture_is_new()

    def on_link_changed(self, _message: LinkChanged) -> None:
        """Say at once how the link is."""
        self.renew()

    def on_command_answered(self, message: CommandAnswered) -> None:
        """Nothing is on its way any more, unless this is the answer to something older."""
        if message.command.id == self.sent:
            self.sent = ""
            self.draft = replace(self.draft, sent=None)
        self.answered(message.command, message.answer)
        self.renew()

    def on_alarm_raised(self, message: AlarmRaised) -> None:
        """Shout what does not fit, until it fits again or the console is started anew."""
        self.draft = replace(self.draft, alarm=message.fault)
        self.bell()
        self.renew()

    def on_alarm_lifted(self, _message: AlarmLifted) -> None:
        """The record fits again."""
        self.draft = replace(self.draft, alarm=None)
        self.renew()
