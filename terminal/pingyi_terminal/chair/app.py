"""The chair's app: keys become commands, the session's news become a view. What is shown is decided in ``view``."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType

from pingyi_protocol.meeting.commands import (
    BeginCeremony,
    Body,
    CloseMeeting,
    Command,
    CountersignCode,
    OpenRound,
    VoidRound,
)
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.messages import CallRecess, Receipt
from pingyi_terminal.chair.help import help_page
from pingyi_terminal.chair.lists import AgendaList
from pingyi_terminal.chair.moves import (
    agreeing,
    between_rounds,
    ceremonial,
    check_in_switch,
    ending,
    extension,
    pausing,
    recess_switch,
    revote,
    taking_back,
    trial,
    void_waits,
    voidable,
)
from pingyi_terminal.chair.screen import ChairScreen
from pingyi_terminal.chair.situation import Attention, Deed, Draft, GoTo, Here, Situation, attention
from pingyi_terminal.chair.step import next_step
from pingyi_terminal.chair.view import chair_view, waiting_view
from pingyi_terminal.chair.void import VoidScreen
from pingyi_terminal.console import Attach, ConsoleApp, ConsoleSession
from pingyi_terminal.help_panel import HelpPanel
from pingyi_terminal.key_ceremony import CeremonyScreen, Offer
from pingyi_terminal.sealed import obstacle
from pingyi_terminal.widgets import SeatState

TICK_SECONDS = 0.25
SETTLE_SECONDS = 0.5
"""A second Enter confirms only after so long: a key held down or a double click confirms nothing."""


class ChairSession(ConsoleSession, Protocol):
    """What the console needs of a session; ``pingyi_protocol.client.session.Session`` is one."""

    given_up: list[Command]

    def remaining(self) -> int | None:
        """Return the milliseconds left of the live round's countdown."""

    def check_in_left(self) -> int | None:
        """Return the milliseconds left of the check-in's window, 0 once it is over, None before it or without one."""

    def lost_seconds(self) -> float:
        """Return how long the link has been in its present state."""

    def request(self, wanted: CallRecess) -> bool:
        """Ask for what is not on the record, and say whether it went out."""


class ChairApp(ConsoleApp[ChairSession, Draft]):
    """One chair's console. ``monotonic`` (seconds) and ``wall`` are its clocks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "step"),
        Binding("escape", "withdraw"),
        Binding("up", "choose(-1)"),
        Binding("down", "choose(1)"),
        # with and without Shift, and as a Chinese input method sends it
        Binding("plus,equals_sign,fullwidth_plus_sign,fullwidth_equals_sign", "extend"),
        Binding("f3", "check_in"),
        Binding("f4", "pause"),
        Binding("f5", "trial"),
        Binding("f6", "agree"),
        Binding("f7", "end_meeting"),
        Binding("f8", "void"),
        Binding("f9", "revote"),
        # a digit, as typed in full width too: no other key is free beside those that browsers take
        Binding("0,０", "ceremony"),
    ]

    def __init__(
        self,
        attach: Attach[ChairSession],
        language: Language,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__(language, Draft(), monotonic, wall)
        self.attach = attach
        self.desk = ChairScreen(self.words)
        self.asked_at = 0.0
        self.rung: Attention | None = None
        self.rung_codes: frozenset[CountersignCode] = frozenset()
        self.followed: tuple[str, ...] = ()
        self.counted: tuple[str, int, int] = ("", 0, 0)
        self.ballot_at = 0.0
        self.lost_at: dict[int, float] = {}

    async def on_mount(self) -> None:
        """Show the desk and start the session."""
        await self.push_screen(self.desk)
        self.desk.speak(self.words)
        session = self.talk(self.attach)
        if session is None:
            return
        self.draft = replace(self.draft, left_over=tuple(command.body for command in session.given_up))
        self.set_interval(TICK_SECONDS, self.renew)
        self.renew()

    def situation(self) -> Situation | None:
        """Return what the console sees now, None before the server was heard."""
        session = self.session
        if session is None or session.picture is None or session.definition is None:
            return None
        return Situation(
            session.definition,
            session.picture,
            session.backstage,
            session.link,
            session.remaining(),
            self.draft,
            session.check_in_left(),
        )

    def renew(self) -> None:
        """Bring draft and screen up to date."""
        session = self.session
        # a tick or news may still come while the screen is being taken down
        if session is None or not self.is_running:
            return
        now = self.wall()
        since = now - timedelta(seconds=session.lost_seconds())
        if self.situation() is None:
            self.desk.show_view(waiting_view(self.words, session.link, now, since))
            return
        self.follow()
        situation = self.situation()
        if situation is None:
            return
        self.desk.show_view(chair_view(self.words, situation, now, since))
        found = attention(situation)
        if found is not self.rung:
            self.rung = found
            if found is not None:
                self.bell()
        codes = frozenset(situation.codes)
        if codes - self.rung_codes:
            self.bell()
        self.rung_codes = codes

    def follow(self) -> None:
        """Note what moved: a round that opened or closed takes the cursor along, a ballot ends the quiet."""
        situation = self.situation()
        if situation is None:
            return
        now = self.monotonic()
        one = situation.picture.live
        followed = (one.item, str(one.round), one.phase) if one else ()
        if followed != self.followed:
            self.followed = followed
            self.draft = replace(self.draft.undisturbed(), chosen=None)
        counted = (one.item, one.round, one.received) if one else ("", 0, 0)
        if counted != self.counted:
            self.counted, self.ballot_at = counted, now
        lost = {member.place for member in situation.members if member.state is SeatState.LOST}
        self.lost_at = {place: self.lost_at.get(place, now) for place in lost}
        self.draft = replace(
            self.draft,
            quiet=now - self.ballot_at,
            lost={place: now - since for place, since in self.lost_at.items()},
        )

    def action_step(self) -> None:
        """Take the next step; the ones that change the meeting ask first."""
        situation = self.situation()
        if situation is None:
            return
        step = next_step(self.words, situation)
        if step.does is None:
            return
        if step.asks and self.draft.asking != step.does:
            self.ask(step.does)
        elif not step.asks or self.monotonic() - self.asked_at >= SETTLE_SECONDS:
            self.do(step.does)

    def ask(self, deed: Deed) -> None:
        """Wait for a second Enter."""
        self.asked_at = self.monotonic()
        self.draft = replace(self.draft.undisturbed(), asking=deed)
        self.renew()

    def do(self, deed: Deed) -> None:
        """Do what was decided."""
        self.draft = replace(self.draft.undisturbed(), left_over=())
        match deed:
            case Here.LEAVE:
                self.exit()
                return
            case Here.CEREMONY:
                self.action_ceremony()
                return
            case GoTo(item):
                self.draft = replace(self.draft, chosen=item)
            case _:
                self.submit(deed)
        self.renew()

    def unsent(self, body: Body, fault: str) -> Draft:
        """Return the draft that says why a command was not sent."""
        return replace(self.draft, refused=body, fault=fault)

    def action_withdraw(self) -> None:
        """Withdraw a question, a refusal, or the cursor's choice."""
        begun = self.draft.asking is not None or self.draft.complaint
        self.draft = replace(self.draft.undisturbed(), left_over=()) if begun else replace(self.draft, chosen=None)
        self.renew()

    def action_choose(self, move: int) -> None:
        """Move the cursor on the agenda."""
        situation = self.situation()
        if situation is None or situation.cursor is None:
            return
        items = situation.listed
        place = items.index(situation.cursor) + move
        self.choose(items[max(0, min(place, len(items) - 1))].id)

    def on_agenda_list_chosen(self, message: AgendaList.Chosen) -> None:
        """Take the item that was clicked."""
        self.choose(message.item)

    def choose(self, item: str) -> None:
        """Put the cursor on an item; a question about another one is withdrawn."""
        asking = self.draft.asking if self.draft.chosen == item else None
        self.draft = replace(self.draft, chosen=item, asking=asking)
        self.renew()

    def action_extend(self) -> None:
        """Add a minute to the countdown."""
        self.do_harmless(extension)

    def action_pause(self) -> None:
        """Stop the countdown, or let it run on; between two rounds call a break, or end it."""
        situation = self.situation()
        recess = recess_switch(situation) if situation is not None else None
        if recess is None:
            self.do_harmless(pausing)
        elif self.session is not None and not self.session.request(recess):
            self.notify(self.words("chair.recess_unsent"), severity="warning", markup=False)

    def action_check_in(self) -> None:
        """Open the check-in's window, or close it."""
        self.do_harmless(check_in_switch)

    def action_trial(self) -> None:
        """Ask whether a trial vote is to be held."""
        self.ask_whether(trial)

    def action_revote(self) -> None:
        """Ask whether the item on stage is to be voted on once more; say why not while its round is to be void."""
        situation = self.situation()
        void = situation.voiding if situation is not None and taking_back(situation) else None
        if void is not None:
            self.refuse(OpenRound(void.item, void.round + 1), Refusal(Reason.VOID_WAITS, {"item": void.item}))
        elif situation is not None:
            self.refuse_secret(situation)
        self.ask_whether(revote)

    def refuse_secret(self, situation: Situation) -> None:
        """Say why the secret item on stage cannot be voted on again now, if so."""
        stage = situation.stage
        if stage is None or not between_rounds(situation) or not situation.round_of(stage):
            return
        refused = obstacle(self.words, situation.definition, situation.picture, stage)
        if refused is not None:
            self.refuse(OpenRound(stage.id, situation.round_of(stage) + 1), refused)

    def action_end_meeting(self) -> None:
        """Ask whether the meeting is to be closed; say why not while a round is to be void."""
        situation = self.situation()
        waiting = void_waits(situation) if situation is not None and between_rounds(situation) else ()
        if waiting:
            self.refuse(CloseMeeting(), Refusal(Reason.VOID_WAITS, {"item": waiting[0]}))
        self.ask_whether(ending)

    def action_agree(self) -> None:
        """Ask whether the chair agrees to the next code that waits."""
        self.ask_whether(agreeing)

    def refuse(self, body: Body, refusal: Refusal) -> None:
        """Say what the server would, without asking it."""
        self.draft = replace(self.draft.undisturbed(), refused=body, refusal=refusal)
        self.renew()

    def ask_whether(self, deed_of: Callable[[Situation], Body | None]) -> None:
        """Ask once more for a command that is no next step, if it is possible now."""
        situation = self.situation()
        deed = deed_of(situation) if situation is not None else None
        if deed is not None and self.draft.asking != deed:
            self.ask(deed)

    def action_void(self) -> None:
        """Ask for the reason why the round on stage is void; where it was given, whether that is to be taken back."""
        self.ask_whether(taking_back)
        situation = self.situation()
        one = voidable(situation) if situation is not None else None
        if one is None:
            return
        item, number = one

        def decided(reason: str | None) -> None:
            if reason:
                self.do(VoidRound(item, number, reason))

        self.push_screen(VoidScreen(self.words, item, number), decided)

    def action_ceremony(self) -> None:
        """Ask who takes part in a key ceremony, and begin it."""
        situation = self.situation()
        if situation is None or not ceremonial(situation):
            return

        def decided(body: BeginCeremony | None) -> None:
            if body is not None:
                self.do(body)

        self.push_screen(CeremonyScreen(self.words, self.offer), decided)

    def offer(self) -> Offer | None:
        """Return what a key ceremony could begin with now."""
        situation = self.situation()
        return Offer(situation.definition, situation.picture, situation.backstage) if situation is not None else None

    def do_harmless(self, deed_of: Callable[[Situation], Body | None]) -> None:
        """Send a command that asks no second time, if it is possible now."""
        situation = self.situation()
        deed = deed_of(situation) if situation is not None else None
        if deed is not None:
            self.do(deed)

    def action_help(self) -> None:
        """Say what can be done now."""
        self.push_screen(HelpPanel(self.words, lambda: help_page(self.words, self.situation())))

    def action_language(self) -> None:
        """Speak the other language."""
        if self.other_language():
            self.desk.speak(self.words)
            self.renew()

    async def action_quit(self) -> None:
        """End the console; while a round is open, ask first."""
        situation = self.situation()
        if situation is None or situation.live is None:
            self.exit()
        else:
            self.ask(Here.LEAVE)

    def answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """Say what was refused; what is on the record shows on the screen."""
        if isinstance(answer, Refusal):
            self.draft = replace(self.draft, refused=command.body, refusal=answer)
