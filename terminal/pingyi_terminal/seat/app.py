"""The seat's app: it holds the session, the drafts and the receipts, and shows the face that they ask for."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeAlias

from textual.app import App
from textual.events import Key

from pingyi_protocol.client.sealing import Sealer
from pingyi_protocol.client.session import Link, Outstanding
from pingyi_protocol.keys.profile import ProfileError
from pingyi_protocol.meeting.commands import Answer, Body, Cast, CastSecret, CheckIn, Command
from pingyi_protocol.meeting.definition import Definition, Item, Language
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.secret.group import GroupError
from pingyi_protocol.wire.messages import Call, Receipt
from pingyi_protocol.wire.picture import LiveRound, Picture
from pingyi_protocol.wording import WordedError
from pingyi_terminal import theme
from pingyi_terminal.application import MeetingApp
from pingyi_terminal.link import AlarmLifted, AlarmRaised, CommandAnswered, LinkChanged, PictureChanged
from pingyi_terminal.seat.ballots import ballot_of, ballots_of
from pingyi_terminal.seat.draft import Draft, Stage, blank, draft_of, replace
from pingyi_terminal.seat.faces import Aside, Face, Filling, RoundKey
from pingyi_terminal.seat.hands import (
    Act,
    CallClerk,
    Hide,
    Leave,
    Seal,
    Submit,
    Translate,
    Turn,
    Write,
    act,
    picked,
    slid,
)
from pingyi_terminal.seat.screen import SeatScreen
from pingyi_terminal.seat.screens import screen_of
from pingyi_terminal.seat.sheet_table import SheetTable
from pingyi_terminal.seat.situation import RefusedBallot, Situation, round_form
from pingyi_terminal.seat.view import base_of, face_of, filled_in
from pingyi_terminal.widgets import QuickValues, ScoreRuler

_log = logging.getLogger(__name__)

FINAL = frozenset({Reason.CLOSED, Reason.ROUND_VOID, Reason.RECUSED, Reason.CAME_LATE, Reason.MEETING_CLOSED})
"""A ballot refused for one of these cannot be mended and sent again."""

TICK_SECONDS = 0.2
NOTICE_SECONDS = 60.0


class Conversation(Protocol):
    """What a seat needs of a session."""

    picture: Picture | None
    definition: Definition | None
    link: Link
    outstanding: dict[str, Outstanding]
    calling: bool
    sealer: Sealer

    def remaining(self) -> int | None:
        """Return the milliseconds left of the live round's countdown."""

    def check_in_left(self) -> int | None:
        """Return the milliseconds left of the check-in's window, 0 once it is over, None before it opens."""

    def lost_seconds(self) -> float:
        """Return how long the link has been in its present state."""

    def submit(self, body: Body) -> Command:
        """Sign, keep on the disk, and send until it is answered."""

    def request(self, wanted: Call) -> bool:
        """Ask for what is not on the record, and say whether it went out."""


Start: TypeAlias = "Callable[[App[None]], tuple[Conversation, asyncio.Task[None] | None]]"
"""Starts the session whose news reach the app; the task runs it."""


class SeatApp(MeetingApp):
    """One member's seat.

    ``person`` is the member's number, ``receipts`` those of earlier runs; ``damaged`` are the files of commands that
    could not be read back.
    """

    ALLOW_SELECT = False
    CSS_PATH = [Path(theme.__file__).with_name("theme.tcss"), "screen.tcss"]  # noqa: RUF012 - Textual declares it so
    BOUNCE_SECONDS: ClassVar[float] = 0.4
    """A second Enter within this time of the question is the same press, held or bounced."""

    def __init__(
        self,
        person: str,
        language: Language,
        start: Start,
        receipts: Iterable[Receipt] = (),
        *,
        damaged: Iterable[Path] = (),
    ) -> None:
        super().__init__(language)
        self.person = person
        self.start = start
        self.damaged = tuple(damaged)
        self.ballots = ballots_of(receipts)
        self.drafts: dict[RoundKey, Draft] = {}
        self.refused: dict[RoundKey, RefusedBallot] = {}
        self.waiting: dict[str, Command] = {}
        self.sealing: set[RoundKey] = set()
        self.complaint: Refusal | None = None
        self.alarm: ReceiptError | None = None
        self.aside = Aside.NONE
        self.discreet = False
        self.unsaved = False
        self.session: Conversation | None = None
        self.running: asyncio.Task[None] | None = None
        self.face: Face | None = None
        self.subject: object = None
        self.asked = 0.0
        self.shown: SeatScreen[Any] | None = None

    def on_mount(self) -> None:
        """Start the session and show the first face."""
        try:
            self.session, self.running = self.start(self)
        except (WordedError, OSError) as fault:
            self.end(fault)
            return
        if self.running is not None:
            self.running.add_done_callback(self.session_ended)
        for file in self.damaged:
            told = ProfileError("keys.outbox_damaged", file=file).words(self.words.language)
            self.notify(told, severity="warning", timeout=NOTICE_SECONDS, markup=False)
        # a ballot of an earlier run that has no receipt yet is shown as waiting
        self.waiting = {command_id: one.command for command_id, one in self.session.outstanding.items()}
        self.set_interval(TICK_SECONDS, self.look)
        self.look()

    async def on_unmount(self) -> None:
        """End the session."""
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)

    def situation(self) -> Situation:
        """Return all that decides what to show."""
        session = self.session
        return Situation(
            person=self.person,
            definition=session.definition if session else None,
            picture=session.picture if session else None,
            link=session.link if session else Link.CONNECTING,
            remaining=session.remaining() if session else None,
            lost_seconds=session.lost_seconds() if session else 0.0,
            outstanding=tuple(self.waiting.values()),
            drafts=self.drafts,
            ballots=self.ballots,
            refused=self.refused,
            complaint=self.complaint,
            alarm=self.alarm,
            aside=self.aside,
            discreet=self.discreet,
            unsaved=self.unsaved,
            check_in_left=session.check_in_left() if session else None,
            calling=session.calling if session else False,
            sealing=frozenset(self.sealing),
        )

    def look(self) -> None:
        """Show the face that the situation asks for, if it is another one."""
        if not self.is_running:
            return  # the app is ending and takes its screens apart
        situation = self.situation()
        base = base_of(situation)
        subject = (type(base), base.head.key if hasattr(base, "head") else None)
        if subject != self.subject:
            # what the meeting asks for comes up by itself, over whatever was looked up
            self.subject, self.aside = subject, Aside.NONE
            situation = self.situation()
        face = face_of(situation)
        if face != self.face:
            self.note_question(face)
            self.face = face
            self.paint(face)

    def note_question(self, face: Face) -> None:
        """Remember when the member was asked to confirm."""

        def stage(one: Face | None) -> Stage | None:
            return one.draft.stage if isinstance(one, Filling) else None

        if stage(face) is not stage(self.face):
            self.asked = time.monotonic()

    def paint(self, face: Face) -> None:
        """Show ``face`` on the screen of its kind."""
        kind = screen_of(face)
        if type(self.shown) is kind:
            self.shown.show(self.words, face)
            return
        first = self.shown is None
        self.shown = kind(self.words, face, translates=self.translates)
        if first:
            self.push_screen(self.shown)
        else:
            self.switch_screen(self.shown)

    def on_key(self, event: Key) -> None:
        """Do what the key means on the face that is shown."""
        if self.face is None:
            return
        asking = isinstance(self.face, Filling) and self.face.draft.stage is not Stage.FILLING
        if event.key == "enter" and asking and time.monotonic() - self.asked < self.BOUNCE_SECONDS:
            return
        self.perform(act(self.face, event.key, event.character, self.aside))

    def on_score_ruler_changed(self, event: ScoreRuler.Changed) -> None:
        """Take the score under the finger."""
        self.perform(slid(self.face, event.value) if self.face else None)

    def on_quick_values_chosen(self, event: QuickValues.Chosen) -> None:
        """Take the score that was touched."""
        self.perform(slid(self.face, event.value) if self.face else None)

    def on_sheet_table_picked(self, event: SheetTable.Picked) -> None:
        """Go to the line that was touched."""
        self.perform(picked(self.face, event.row, event.option) if self.face else None)

    def perform(self, wanted: Act | None) -> None:
        """Do it, and show what comes of it."""
        match wanted:
            case Write(key=key, draft=draft):
                self.write(key, draft)
            case Submit(body=body):
                self.submit(body)
            case Seal(key=key, answers=answers):
                self.seal(key, answers)
            case Turn(aside=aside):
                self.aside = aside
            case Hide():
                self.discreet = not self.discreet
            case Translate():
                self.translate_words()
            case Leave():
                self.exit()
            case CallClerk(wanted=calling):
                self.call_clerk(wanted=calling)
            case None:
                return
        self.look()

    def write(self, key: RoundKey, draft: Draft | None) -> None:
        """Hold a draft, or none; a complaint about the last one has been read."""
        if draft is None:
            self.drafts.pop(key, None)
        else:
            self.drafts[key] = draft
        self.refused.pop(key, None)

    def submit(self, body: Body) -> None:
        """Sign and send; the draft goes only when the signed ballot is on the disk."""
        if self.session is None:
            return
        try:
            command = self.session.submit(body)
        except OSError as fault:
            _log.warning("the outbox cannot be written: %s", fault)
            self.unsaved = True
            return
        self.unsaved = False
        self.waiting[command.id] = command
        if isinstance(body, Cast | CastSecret):
            self.drafts.pop((body.item, body.round), None)
        else:
            self.complaint = None

    def seal(self, key: RoundKey, answers: tuple[Answer, ...]) -> None:
        """Encrypt the answers beside the screen; the draft stays until the sealed ballot is on the disk."""
        session = self.session
        live = session.picture.live if session and session.picture else None
        item = session.definition.item(key[0]) if session and session.definition else None
        if session is None or live is None or item is None or (live.item, live.round) != key or key in self.sealing:
            return
        self.sealing.add(key)
        self.run_worker(self.cast_sealed(session.sealer, item, live, answers))

    async def cast_sealed(self, sealer: Sealer, item: Item, live: LiveRound, answers: tuple[Answer, ...]) -> None:
        """Encrypt and prove in a thread, then sign and send what came of it."""
        try:
            sealed = await asyncio.to_thread(sealer.seal, item, live, answers)
        except GroupError as fault:
            _log.warning("the election key is none: %s", fault)
            self.alarm = ReceiptError("receipt.other_election_key")
        else:
            self.submit(sealed)
        finally:
            self.sealing.discard((live.item, live.round))
        self.look()

    def call_clerk(self, *, wanted: bool) -> None:
        """Call the clerk; where nobody hears it, say that a raised hand is seen."""
        if self.session is not None and not self.session.request(Call(wanted)):
            self.notify(self.words("seat.call_by_hand"), severity="warning", markup=False)

    def tell_bare_console(self) -> None:
        """Leave that to the strip of every face, which says it for longer."""

    def translate_words(self) -> None:
        """Speak the other language, where the console can draw it."""
        if self.other_language():
            self.face = None

    def on_picture_changed(self, _message: PictureChanged) -> None:
        """The meeting went on."""
        self.look()

    def on_link_changed(self, _message: LinkChanged) -> None:
        """The link is lost, back, or refused."""
        self.look()

    def on_alarm_raised(self, message: AlarmRaised) -> None:
        """Shout, once for each thing that does not fit."""
        if self.alarm is None or self.alarm.key != message.fault.key:
            self.bell()
        self.alarm = message.fault
        self.look()

    def on_alarm_lifted(self, _message: AlarmLifted) -> None:
        """The record fits again."""
        self.alarm = None
        self.look()

    def on_command_answered(self, message: CommandAnswered) -> None:
        """Take a receipt or a refusal."""
        command, answer = message.command, message.answer
        self.waiting.pop(command.id, None)
        if isinstance(answer, Receipt):
            self.take_receipt(answer)
        elif isinstance(command.body, Cast | CastSecret):
            self.take_refusal(command.id, command.body, answer)
        elif isinstance(command.body, CheckIn) and answer.reason is not Reason.ALREADY_PRESENT:
            self.complaint = answer
        self.look()

    def take_receipt(self, receipt: Receipt) -> None:
        """Hold the ballot that is on the record now."""
        found = ballot_of(receipt)
        if found is not None:
            key, ballot = found
            before = self.ballots.get(key)
            if before is not None and before.id == ballot.id and before.code != ballot.code:
                # it was sent again to an older copy of the record, where it stands on another leaf
                told = self.words("seat.new_code", code=ballot.code)
                self.notify(told, severity="warning", timeout=NOTICE_SECONDS, markup=False)
            self.ballots[key] = ballot
            self.refused.pop(key, None)

    def take_refusal(self, ballot_id: str, ballot: Cast | CastSecret, refusal: Refusal) -> None:
        """Keep what was refused; unless the round is over it can be mended and sent again, or filled in anew."""
        key = (ballot.item, ballot.round)
        if key in self.ballots and self.ballots[key].id == ballot_id:
            # it was on the record, and is not on the older copy from which the meeting goes on
            del self.ballots[key]
        self.refused[key] = RefusedBallot(ballot, refusal)
        session = self.session
        item = session.definition.item(ballot.item) if session and session.definition else None
        if session is not None and item is not None and refusal.reason not in FINAL:
            form = round_form(session.picture, item, ballot.round)
            changing = key in self.ballots
            if isinstance(ballot, Cast):
                self.drafts[key] = draft_of(ballot.answers, form, changing=changing)
            else:
                self.drafts[key] = replace(blank(form), changing=changing)

    async def action_quit(self) -> None:
        """Leave; while a signed ballot waits or a score is typed, only after a question."""
        unsent = self.sealing or any(isinstance(one.body, Cast | CastSecret) for one in self.waiting.values())
        if (unsent or filled_in(base_of(self.situation()))) and self.aside is not Aside.LEAVING:
            self.aside = Aside.LEAVING
            self.look()
            self.asked = time.monotonic()
        elif self.aside is not Aside.LEAVING or time.monotonic() - self.asked >= self.BOUNCE_SECONDS:
            self.exit()

    def action_help_quit(self) -> None:
        """Ctrl+C leaves in the same way."""
        self.run_worker(self.action_quit())
