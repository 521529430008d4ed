"""The scrutineer's app: keys become signatures, the session's news become a view. What is shown is in ``view``."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Protocol, TypeAlias

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from pingyi_protocol.client.scrutiny import SAID, Opening, Seen
from pingyi_protocol.meeting.commands import Body, Command, OpenPart, OverrideCosigning
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wording import WordedError
from pingyi_terminal.console import Attach, ConsoleApp, ConsoleSession
from pingyi_terminal.help_panel import HelpPanel
from pingyi_terminal.link import PictureChanged
from pingyi_terminal.scrutineer.help import help_page
from pingyi_terminal.scrutineer.override import OverrideScreen
from pingyi_terminal.scrutineer.screen import ScrutineerScreen
from pingyi_terminal.scrutineer.secret import Own, TakePart
from pingyi_terminal.scrutineer.situation import Draft, Duty, Situation
from pingyi_terminal.scrutineer.step import step_of
from pingyi_terminal.scrutineer.view import scrutineer_view, waiting_view

TICK_SECONDS = 0.5
SETTLE_SECONDS = 0.5
"""A second Enter confirms only after so long: a key held down or a double click confirms nothing."""


class ScrutineerSession(ConsoleSession, Protocol):
    """What the screen needs of a session; ``pingyi_protocol.client.session.Session`` is one."""

    given_up: list[Command]


class OwnPart(Protocol):
    """The part in secret rounds; ``pingyi_protocol.client.scrutiny.Scrutiny`` is one."""

    @property
    def seen(self) -> Seen:
        """What there is to show."""

    @property
    def head(self) -> tuple[int, str]:
        """The newest head that the terminal's own leaves gave."""

    async def run(self) -> None:
        """Follow the record and answer."""

    def take_part(self) -> None:
        """Take part in the key ceremony."""

    async def open(self, opening: Opening) -> Command | None:
        """Give the own part of an opening."""

    def override(self, item: str, number: int, reason: str) -> OverrideCosigning | None:
        """Return what has a round opened though too few cosign."""


Begin: TypeAlias = Callable[[ScrutineerSession, Callable[[], None]], OwnPart | None]
"""Begins the part in secret rounds beside a session; what it is given is called when there is something new to show."""


def no_part(_session: ScrutineerSession, _changed: Callable[[], None]) -> None:
    """Take no part in secret rounds."""


class ScrutineerApp(ConsoleApp[ScrutineerSession, Draft]):
    """The screen of ``person``; ``origin`` names the record's log, ``monotonic`` (seconds) and ``wall`` are clocks.

    ``begin`` begins this terminal's part in secret rounds.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "sign"),
        Binding("escape", "withdraw"),
        Binding("up", "scroll_lines(-1)"),
        Binding("down", "scroll_lines(1)"),
        Binding("f6", "turn"),
        Binding("f8", "override"),
    ]

    def __init__(
        self,
        attach: Attach[ScrutineerSession],
        person: str,
        origin: str,
        language: Language,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = datetime.now,
        begin: Begin = no_part,
    ) -> None:
        super().__init__(language, Draft(), monotonic, wall)
        self.attach = attach
        self.person = person
        self.origin = origin
        self.desk = ScrutineerScreen()
        self.asked_at = 0.0
        self.rung: tuple[Duty, ...] = ()
        self.begin = begin
        self.part: OwnPart | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.shouted: WordedError | None = None

    async def on_mount(self) -> None:
        """Show the screen and start the session."""
        await self.push_screen(self.desk)
        session = self.talk(self.attach)
        if session is None:
            return
        # what is said of secret rounds is said anew, of itself or when it is asked for
        left_over = [one for one in session.given_up if not isinstance(one.body, SAID)]
        self.draft = replace(self.draft, left_over=bool(left_over))
        try:
            self.part = self.begin(session, self.tell)
        except (WordedError, OSError) as fault:
            self.end(fault)
            return
        if self.part is not None:
            self.go(self.part.run())
        self.set_interval(TICK_SECONDS, self.renew)
        self.renew()

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
            Own(self.person, self.part.seen if self.part is not None else Seen()),
        )

    def tell(self) -> None:
        """Have what is new of secret rounds shown."""
        self.post_message(PictureChanged())

    def go(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside the screen; what goes wrong in it ends the app."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        task.add_done_callback(self.session_ended)

    def on_unmount(self) -> None:
        """Let the session go, and what is done beside it."""
        for task in self.tasks:
            task.cancel()
        super().on_unmount()

    def renew(self) -> None:
        """Bring the screen up to date."""
        # a tick or news may still come while the screen is being taken down
        if self.session is None or not self.is_running:
            return
        situation, now = self.situation(), self.wall()
        waiting = situation.waiting if situation is not None else self.rung
        if any(one not in self.rung for one in waiting):
            self.bell()
            # the word about the last signature would stand beside what is not signed yet
            self.draft = replace(self.draft, signed=None)
            situation = self.situation()
        fault = situation.own.seen.fault if situation is not None else None
        if fault is not None and fault is not self.shouted:
            self.shouted = fault
            self.bell()
        self.rung = waiting
        view = (
            waiting_view(self.words, self.session.link, now)
            if situation is None
            else scrutineer_view(self.words, situation, now)
        )
        self.desk.show_view(view, self.words("scrutineer.product"))

    def action_sign(self) -> None:
        """Ask whether what is shown is to be signed; the second time sign exactly that."""
        situation = self.situation()
        does = step_of(self.words, situation).does if situation is not None else None
        if does is None:
            return
        if self.draft.asking != does:
            self.asked_at = self.monotonic()
            self.draft = replace(self.draft.undisturbed(), asking=does)
        elif self.monotonic() - self.asked_at >= SETTLE_SECONDS:
            self.do(does)
        self.renew()

    def do(self, does: Body | Duty) -> None:
        """Sign what was asked for twice, or do it."""
        match does:
            case TakePart():
                self.draft = self.draft.undisturbed()
                if self.part is not None:
                    self.part.take_part()
            case Opening():
                self.draft = self.draft.undisturbed()
                self.go(self.give_part(does))
            case _:
                self.submit(does)

    async def give_part(self, opening: Opening) -> None:
        """Give the own part of an opening, and say that it is on its way."""
        command = await self.part.open(opening) if self.part is not None else None
        if command is not None:
            self.sent = command.id
            self.draft = replace(self.draft, sent=command.body)
        self.renew()

    def action_override(self) -> None:
        """Let the round on the screen be opened though too few cosign, for a reason that is asked for."""
        situation = self.situation()
        one = situation.sealed if situation is not None and situation.overridable else None
        if one is None or self.part is None:
            return
        item, number = one.item, one.number

        def decided(reason: str | None) -> None:
            body = self.part.override(item, number, reason) if reason and self.part is not None else None
            if body is not None:
                self.submit(body)
            self.renew()

        self.push_screen(OverrideScreen(self.words, item, number, self.part.head[0]), decided)

    def unsent(self, body: Body, fault: str) -> Draft:  # noqa: ARG002 - whatever it was, it is still to be signed
        """Return the draft that says why nothing was sent."""
        return replace(self.draft, fault=fault)

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

    def answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """A signature is on the record, or was refused: say so in words."""
        match answer:
            case Refusal() as refusal:
                self.draft = replace(self.draft, refusal=refusal)
            case Receipt(index=index) if isinstance(command.body, OpenPart) or not isinstance(command.body, SAID):
                self.draft = replace(self.draft, signed=command.body, leaf=index)
