"""The clerk's app: keys become signed commands, the session's news become a view. What is shown is in ``view``."""

import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key, Paste

from pingyi_protocol.client.served import Served
from pingyi_protocol.client.session import Link
from pingyi_protocol.keys.enrolment_code import SECRET_BYTES, EnrolmentCode, secret_hash
from pingyi_protocol.meeting.commands import AddItem, BeginCeremony, Body, Command, EnterResult, IssueCode
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.wire.messages import AnswerCall, ReadAddition, Receipt, StartExport
from pingyi_protocol.wording import WordedError
from pingyi_terminal.clerk.acts import (
    KEYS,
    Act,
    body_of,
    menu_of,
    named,
    possible,
    question_of,
    question_of_addition,
    shifted,
    waits_for_chair,
)
from pingyi_terminal.clerk.asking import Answered, AskScreen, CodeScreen, HelpScreen, TellScreen
from pingyi_terminal.clerk.composite import steps
from pingyi_terminal.clerk.conversation import Attach, ClerkSession
from pingyi_terminal.clerk.entering import ResultScreen
from pingyi_terminal.clerk.screen import ClerkScreen
from pingyi_terminal.clerk.secret import offer_of
from pingyi_terminal.clerk.situation import Draft, Line, Outcome, Page, Situation, again_on
from pingyi_terminal.clerk.table import Pages, Table
from pingyi_terminal.clerk.trying import WeightsScreen
from pingyi_terminal.clerk.view import clerk_view, help_lines, waiting_view
from pingyi_terminal.console import ConsoleApp
from pingyi_terminal.key_ceremony import CeremonyScreen, Offer

TICK_SECONDS = 0.25
"""How often news are shown at the most: a roster of 3000 takes a tenth of a second to draw."""

CLOCK_SECONDS = 1.0
MOVED_SECONDS = 2.0
"""A link that is lost for so long may be lost because the server has another port."""

LONGEST_SOUGHT = 40


class ClerkApp(ConsoleApp[ClerkSession, Draft]):
    """One console. ``where`` says where the server runs now, ``server_key`` (Z85) goes into codes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "menu"),
        Binding("escape", "clear"),
        Binding("up", "move(-1)"),
        Binding("down", "move(1)"),
        Binding("pageup", "move(-10)"),
        Binding("pagedown", "move(10)"),
        Binding("tab", "turn(1)", priority=True),
        Binding("shift+tab", "turn(-1)", priority=True),
        *(Binding(key, f"act('{key}')") for key in ("f3", "f4", "f5", "f6", "f7", "f8")),
        Binding("f9", "answer_call"),
    ]

    def __init__(
        self,
        attach: Attach,
        where: Callable[[], Served | None],
        server_key: str,
        language: Language,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], datetime] = datetime.now,
    ) -> None:
        super().__init__(language, Draft(), monotonic, wall)
        self.attach = attach
        self.where = where
        self.server_key = server_key
        self.served: Served | None = None
        self.board = ClerkScreen()
        self.codes: dict[str, tuple[EnrolmentCode, Line, bool]] = {}
        self.called: dict[str, float] = {}
        self.adding: list[AddItem] = []
        self.typed: dict[tuple[str, int], dict[str, str]] = {}
        self.stale = True
        self.renewed = 0.0

    async def on_mount(self) -> None:
        """Show the screen and start the session."""
        await self.push_screen(self.board)
        self.connect()
        self.set_interval(TICK_SECONDS, self.tick)
        self.renew()

    def connect(self) -> None:
        """Start a session with the server that runs now; what ends it otherwise ends the console."""
        served = self.found()
        if served is not None:
            self.served = served
            self.talk(lambda running: self.attach(running, served))

    def found(self) -> Served | None:
        """Return where the server runs now, None while it does not; what cannot be read ends the console."""
        try:
            return self.where()
        except (WordedError, OSError) as fault:
            self.end(fault)
            return None

    def tick(self) -> None:
        """Follow a server that was started anew on another port, and bring the screen up to date."""
        session = self.session
        if session is not None and session.link is Link.LOST and session.lost_seconds() > MOVED_SECONDS:
            self.follow()
        if self.stale or self.monotonic() - self.renewed >= CLOCK_SECONDS:
            self.renew()

    def follow(self) -> None:
        """Go on with the server that runs now, if it is another one."""
        served = self.found()
        if served is not None and served != self.served and self.talking is not None:
            self.talking.cancel()
            self.codes.clear()
            self.adding.clear()
            self.draft = replace(self.draft, sent=None, reading="")
            self.connect()

    def situation(self) -> Situation | None:
        """Return what the console sees now, None before the server was heard."""
        session = self.session
        if session is None or session.picture is None or session.definition is None:
            return None
        return Situation(session.definition, session.picture, session.backstage, session.desk, session.link, self.draft)

    def renew(self) -> None:
        """Bring the screen up to date."""
        # a tick or news may still come while the screen is being taken down
        if self.session is None or not self.is_running:
            return
        self.stale, self.renewed = False, self.monotonic()
        self.note_calls()
        self.take_addition()
        situation, now = self.situation(), self.wall()
        view = (
            waiting_view(self.words, self.session.link, now)
            if situation is None
            else clerk_view(self.words, situation, now, wide=self.board.wide)
        )
        self.board.show_view(view, self.words("clerk.product"))

    def note_calls(self) -> None:
        """Ring for a new call, and know how long each has been waiting."""
        calling = self.session.desk.calling if self.session is not None and self.session.desk is not None else ()
        now = self.monotonic()
        if any(person not in self.called for person in calling):
            self.bell()
        self.called = {person: self.called.get(person, now) for person in calling}
        self.draft = replace(self.draft, ages={person: now - since for person, since in self.called.items()})

    def on_key(self, event: Key) -> None:
        """Look for whoever is typed."""
        if self.draft.page is not Page.ROSTER or self.screen is not self.board:
            return
        if event.key == "backspace":
            self.seek(self.draft.sought[:-1])
        elif event.character is not None and event.is_printable:
            self.seek(self.draft.sought + event.character)

    def on_paste(self, event: Paste) -> None:
        """Look for what an input method or a clipboard gives at once."""
        if self.draft.page is Page.ROSTER and self.screen is self.board:
            self.seek(self.draft.sought + event.text)

    def seek(self, sought: str) -> None:
        """List those who fit."""
        self.draft = replace(self.draft, sought=sought[:LONGEST_SOUGHT], chosen=None)
        self.renew()

    def action_clear(self) -> None:
        """Put away what was said last, then what was typed or moved."""
        if self.draft != self.draft.undisturbed():
            self.draft = self.draft.undisturbed()
        else:
            self.draft = replace(self.draft, sought="", order=())
        self.renew()

    def action_turn(self, by: int) -> None:
        """Turn to the next page; on a form over the console, go to its next field."""
        if self.screen is not self.board:
            (self.action_focus_next if by > 0 else self.action_focus_previous)()
            return
        situation = self.situation()
        if situation is not None:
            place = situation.pages.index(self.draft.page) + by
            self.turn_to(situation.pages[place % len(situation.pages)])

    def on_pages_turned(self, message: Pages.Turned) -> None:
        """Turn to the page that was clicked."""
        situation = self.situation()
        if situation is not None:
            self.turn_to(situation.pages[message.place])

    def turn_to(self, page: Page) -> None:
        """Show a page."""
        self.draft = replace(self.draft.undisturbed(), page=page)
        self.renew()

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        situation = self.situation()
        if situation is None:
            return
        if self.draft.page is Page.ROSTER and situation.line is not None:
            self.go_to(situation, situation.found.index(situation.line) + by)
        elif self.draft.page is Page.AGENDA and situation.item is not None:
            self.go_to(situation, situation.agenda.index(situation.item) + by)
        elif self.draft.page is Page.COMPOSITE and situation.composite is not None:
            self.go_to(situation, situation.composites.index(situation.composite) + by)

    def on_table_moved(self, message: Table.Moved) -> None:
        """Go to the row that was clicked, or open it."""
        situation = self.situation()
        if situation is None:
            return
        self.go_to(situation, message.row)
        if message.opened:
            self.action_menu()

    def go_to(self, situation: Situation, row: int) -> None:
        """Put the cursor on a row, the nearest that there is."""
        if self.draft.page is Page.ROSTER and situation.found:
            line = situation.found[max(0, min(row, len(situation.found) - 1))]
            self.draft = replace(self.draft, chosen=line.who)
        elif self.draft.page is Page.AGENDA and situation.agenda:
            item = situation.agenda[max(0, min(row, len(situation.agenda) - 1))]
            self.draft = replace(self.draft, item=item.id)
        elif self.draft.page is Page.COMPOSITE and situation.composites:
            composite = situation.composites[max(0, min(row, len(situation.composites) - 1))]
            self.draft = replace(self.draft, target=composite.target)
        self.renew()

    def action_menu(self) -> None:
        """Let one of the acts be chosen that are possible now; show a composite's steps."""
        situation = self.situation()
        if situation is None:
            return
        if self.draft.page is Page.COMPOSITE:
            self.perform(Act.STEPS)
            return
        menu = menu_of(self.words, situation)

        def chosen(answered: Answered | None) -> None:
            if answered is not None:
                self.perform(Act(answered.choice))

        if menu is not None:
            self.push_screen(AskScreen(self.words, menu), chosen)

    def action_act(self, key: str) -> None:
        """Do what the key does on this page."""
        act = KEYS[self.draft.page].get(key)
        if act is not None and self.screen is self.board:
            self.perform(act)

    def perform(self, act: Act) -> None:
        """Do what asks nothing; ask what an act needs before all else."""
        situation = self.situation()
        if situation is None or not possible(situation, act):
            return
        if act in (Act.UP, Act.DOWN):
            order = shifted(situation, -1 if act is Act.UP else 1)
            self.draft = replace(self.draft, order=order or (), item=situation.item.id if situation.item else "")
            self.renew()
        elif act is Act.EXPORT:
            self.request(StartExport(None))
        elif act is Act.SLIP:
            self.request(StartExport(None, slip=True))
        elif act is Act.RESULT:
            self.enter_result(situation)
        elif act is Act.CEREMONY:
            self.begin_ceremony()
        elif act is Act.STEPS and situation.composite is not None:
            title, lines = steps(self.words, situation.definition, situation.composite)
            self.push_screen(TellScreen(self.words, title, lines, warning=False))
        elif act is Act.TRY:
            self.push_screen(WeightsScreen(self.words, situation.definition, situation.composites))
        else:
            self.ask(situation, act)

    def ask(self, situation: Situation, act: Act) -> None:
        """Ask what an act needs, and do it to exactly what was asked about."""
        question = question_of(self.words, situation, act)
        if question is None:
            return

        def decided(answered: Answered | None) -> None:
            if answered is None:
                return
            if act is Act.ISSUE and situation.line is not None:
                self.issue(situation, situation.line)
                return
            if act is Act.ADD:
                self.read(answered.text.strip())
                return
            body = body_of(situation, act, answered.choice, answered.text)
            if body is not None:
                self.send(body)

        self.push_screen(AskScreen(self.words, question), decided)

    def begin_ceremony(self) -> None:
        """Ask who takes part in a key ceremony, and begin it."""

        def offer() -> Offer | None:
            situation = self.situation()
            return offer_of(situation) if situation is not None else None

        def decided(body: BeginCeremony | None) -> None:
            if body is not None:
                self.send(body)

        self.push_screen(CeremonyScreen(self.words, offer), decided)

    def enter_result(self, situation: Situation) -> None:
        """Let the counts of an item's next round be entered."""
        item = situation.item
        if item is None:
            return

        def decided(body: EnterResult | None) -> None:
            if body is not None:
                self.send(body)

        number = situation.picture.status(item.id).round + 1
        again, typed = again_on(situation, item), self.typed.setdefault((item.id, number), {})
        self.push_screen(ResultScreen(self.words, situation.definition, item, number, again, typed), decided)

    def read(self, file: str) -> None:
        """Have the server read a file of new items."""
        self.request(ReadAddition(file))
        if not self.draft.unasked:
            self.draft = replace(self.draft, reading=file)
            self.renew()

    def take_addition(self) -> None:
        """Ask about what the server has read, or say what is wrong with it; what nobody waits for is left."""
        found = self.session.addition if self.session is not None else None
        if self.session is None or found is None:
            return
        self.session.addition = None
        if found.file != self.draft.reading:
            return
        self.draft = replace(self.draft, reading="")
        if found.faults:
            title = self.words("clerk.add_faults", file=found.file)
            self.push_screen(TellScreen(self.words, title, found.faults[self.words.language.value]))
            return

        def decided(answered: Answered | None) -> None:
            if answered is not None:
                self.adding = list(found.items)
                self.add_next()

        self.push_screen(AskScreen(self.words, question_of_addition(self.words, found)), decided)

    def add_next(self) -> None:
        """Sign the next of the items that are being added: each stands on the one before."""
        if self.adding:
            self.send(self.adding.pop(0))

    def issue(self, situation: Situation, line: Line) -> None:
        """Make a code; it is shown once its hash is on the record, and its secret is nowhere else."""
        person, role = line.who
        meeting, secret = situation.definition.meeting, secrets.token_bytes(SECRET_BYTES)
        code = EnrolmentCode(meeting.addresses, meeting.port, self.server_key, person, role, secret)
        command = self.send(IssueCode(person, role, secret_hash(secret)))
        if command is not None:
            self.codes[command.id] = code, line, waits_for_chair(situation, line)

    def send(self, body: Body) -> Command | None:
        """Sign and send, and show that."""
        command = self.submit(body)
        self.renew()
        return command

    def unsent(self, body: Body, fault: str) -> Draft:
        """Return the draft that says why an act was not sent."""
        return replace(self.draft, outcome=Outcome(body, fault=fault))

    def request(self, wanted: AnswerCall | StartExport | ReadAddition) -> None:
        """Ask for what is not on the record; where it does not go out, that is said."""
        if self.session is not None:
            self.draft = replace(self.draft.undisturbed(), unasked=not self.session.request(wanted))
        self.renew()

    def action_answer_call(self) -> None:
        """The longest call has been answered: whoever it was is under the cursor."""
        situation = self.situation()
        if situation is None or not situation.calling or self.screen is not self.board:
            return
        person = situation.calling[0]
        line = next((one for one in situation.lines if one.who.person == person and one.calling), None)
        if line is not None:
            self.draft = replace(self.draft, page=Page.ROSTER, sought="", chosen=line.who)
        self.request(AnswerCall(person))

    def action_help(self) -> None:
        """Say what every key does, and whether now."""
        situation = self.situation()
        self.push_screen(HelpScreen(self.words, help_lines(self.words, situation, self.draft.page)))

    def on_resize(self) -> None:
        """Show more, or less."""
        self.call_later(self.renew)

    def picture_is_new(self) -> None:
        """Show it with the next tick."""
        self.stale = True

    def answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """A command is on the record, or was refused: say so in words; show a code that can be taken now."""
        self.draft = replace(self.draft, outcome=Outcome(command.body, answer), order=())
        if isinstance(answer, Refusal):
            self.adding.clear()
        elif isinstance(command.body, AddItem):
            self.draft = replace(self.draft, item=command.body.item.id)
            self.add_next()
        issued = self.codes.pop(command.id, None)
        if issued is not None and not isinstance(answer, Refusal):
            code, line, waits = issued
            self.push_screen(CodeScreen(self.words, code, named(self.words, line), waits=waits))
