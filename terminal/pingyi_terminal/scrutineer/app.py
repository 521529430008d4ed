"""The scrutineer's app: keys become signatures, the session's news become a view. What is shown is in ``view``."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from pingyi_protocol.meeting.commands import Body, Command, ConfirmRound, CountersignVoid
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.console import Attach, ConsoleApp, ConsoleSession
from pingyi_terminal.help_panel import HelpPanel
from pingyi_terminal.scrutineer.help import help_page
from pingyi_terminal.scrutineer.screen import ScrutineerScreen
from pingyi_terminal.scrutineer.view import Draft, Situation, scrutineer_view, step_of, waiting_view

TICK_SECONDS = 0.5
SETTLE_SECONDS = 0.5
"""A second Enter confirms only after so long: a key held down or a double click confirms nothing."""


class ScrutineerSession(ConsoleSession, Protocol):
    """What the screen needs of a session; ``pingyi_protocol.client.session.Session`` is one."""

    given_up: list[Command]


class ScrutineerApp(ConsoleApp[ScrutineerSession, Draft]):
    """The screen of ``person``; ``origin`` names the record's log, ``monotonic`` (seconds) and ``wall`` are clocks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "sign"),
        Binding("escape", "withdraw"),
        Binding("up", "scroll_lines(-1)"),
        Binding("down", "scroll_lines(1)"),
        Binding("f6", "turn"),
    ]

    def __init__(
        self,
        attach: Attach[ScrutineerSession],
        person: str,
        origin: str,
        language: Language,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__(language, Draft(), monotonic, wall)
        self.attach = attach
        self.person = person
        self.origin = origin
        self.desk = ScrutineerScreen()
        self.asked_at = 0.0
        self.rung: tuple[CountersignVoid | ConfirmRound, ...] = ()

    async def on_mount(self) -> None:
        """Show the screen and start the session."""
        await self.push_screen(self.desk)
        session = self.talk(self.attach)
        if session is None:
            return
        self.draft = replace(self.draft, left_over=bool(session.given_up))
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
        )

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
            self.submit(does)
        self.renew()

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
            case Receipt(index=index):
                self.draft = replace(self.draft, signed=command.body, leaf=index)
