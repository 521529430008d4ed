"""The first screen's app: keys become an entry, a whole code an enrolment, and each of its steps a face."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Key, Paste

from pingyi_protocol.keys.draft import EnrolmentDraft
from pingyi_protocol.keys.enrolment_code import EnrolmentCode
from pingyi_protocol.keys.key_file import DeviceKeys, plain_pin
from pingyi_protocol.keys.profile import Profile, ProfileFacts
from pingyi_protocol.keys.transport import transport_fingerprint
from pingyi_protocol.keys.typed_code import TypedCode
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.pin_prompt import LEAST_CHARACTERS
from pingyi_terminal import theme
from pingyi_terminal.application import MeetingApp
from pingyi_terminal.enrolment import entry as typing
from pingyi_terminal.enrolment import steps
from pingyi_terminal.enrolment.entry import EMPTY, MOVES, Code, Entry
from pingyi_terminal.enrolment.faces import (
    Asking,
    Comparing,
    Enrolled,
    Enrolling,
    Face,
    Fetching,
    Identifying,
    Question,
    Server,
    SettingPin,
    Trouble,
)
from pingyi_terminal.enrolment.screen import EnrolmentScreen
from pingyi_terminal.enrolment.view import view_of

TICK_SECONDS = 0.1
YES, NO = "yes", "no"


class EnrolmentApp(MeetingApp):
    """Enrols this terminal for ``role`` below ``root``; ``profile`` and ``keys`` are there once it has.

    ``keys`` stay None where an earlier try left them under a PIN. ``monotonic`` (seconds) is a clock.
    """

    CSS_PATH = [Path(theme.__file__).with_name("theme.tcss")]  # noqa: RUF012 - Textual declares it so
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f2", "language"), Binding("ctrl+q,ctrl+c", "quit")]
    SETTLE_SECONDS: ClassVar[float] = 1.0
    """Enter answers a question only after so long without a key: scanners end with one, and so do 55 digits."""
    ENROLLED_SECONDS: ClassVar[float] = 1.5
    """How long it is said that the terminal is enrolled; what a scanner still types goes nowhere meanwhile."""

    def __init__(
        self,
        role: Role,
        root: Path,
        language: Language,
        *,
        set_pin: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(language)
        self.role = role
        self.root = root
        self.set_pin = set_pin
        self.monotonic = monotonic
        self.face: Face = Asking()
        self.attempt: asyncio.Task[None] | None = None
        self.answer: asyncio.Future[str] | None = None
        self.last_key = 0.0
        self.profile: Profile | None = None
        self.keys: DeviceKeys | None = None
        self.desk = EnrolmentScreen()

    async def on_mount(self) -> None:
        """Show the screen."""
        await self.push_screen(self.desk)
        self.set_interval(TICK_SECONDS, self.look)
        self.show(Asking())

    def action_language(self) -> None:
        """Speak the other language, where the console can draw it."""
        if self.other_language():
            self.show(self.face)

    def on_unmount(self) -> None:
        """Break off what is under way; what is on the disk stays there."""
        if self.attempt is not None:
            self.attempt.cancel()

    def show(self, face: Face) -> None:
        """Show this face from now on."""
        self.face = face
        self.desk.show_view(view_of(self.words, face, translates=self.translates), *self.header())

    def header(self) -> tuple[str, str]:
        """Return the product's name and what this screen is."""
        return self.words("widgets.product"), self.words("first.title", role=self.words(f"enrol.role_{self.role}"))

    def look(self) -> None:
        """Notice that a scan has ended."""
        if isinstance(self.face, Asking):
            self.go_on(typing.after_silence(self.face.entry, self.monotonic()))

    def go_on(self, after: Entry | Code) -> None:
        """Show what was typed so far, or take the code; then it is no more on the screen."""
        if isinstance(after, Entry):
            if not isinstance(self.face, Asking) or after != self.face.entry:
                self.show(Asking(after))
            return
        self.attempt = asyncio.create_task(self.enrol(after))
        self.attempt.add_done_callback(self.attempt_ended)

    def attempt_ended(self, attempt: "asyncio.Task[None]") -> None:
        """End with a fault that nothing else has dealt with."""
        if not attempt.cancelled() and attempt.exception() is not None:
            self.end(attempt.exception())

    def on_key(self, event: Key) -> None:
        """Give a key to what is on the screen."""
        event.stop()
        now = self.monotonic()
        settled = now - self.last_key >= self.SETTLE_SECONDS
        # one Enter that came too early does not put off the next
        self.last_key = self.last_key if event.key == "enter" else now
        match self.face:
            case Asking(entry=entry):
                self.type(entry, event, now)
            case SettingPin():
                self.type_pin(self.face, event)
            case Comparing() | Trouble() if event.key == "enter":
                if settled:
                    self.reply(YES)
            case Trouble() if event.is_printable:
                # the next card is scanned at once
                self.start_again()
                self.type(EMPTY, event, now)
            case Comparing() if event.key == "escape":
                self.reply(NO)
            case Enrolled():
                return
            case _ if event.key == "escape":
                self.start_again()

    def on_paste(self, event: Paste) -> None:
        """Take a pasted code, or characters of a PIN."""
        event.stop()
        match self.face:
            case Asking(entry=entry):
                self.go_on(typing.with_paste(entry, event.text))
            case SettingPin():
                self.show(replace(self.face, typed=self.face.typed + event.text.strip(), wrong=""))
            case Trouble():
                self.start_again()
                self.go_on(typing.with_paste(EMPTY, event.text))
            case _:
                return

    def type(self, entry: Entry, event: Key, now: float) -> None:
        """Go on with the entry by one key."""
        match event.key:
            case "escape":
                self.go_on(EMPTY)
            case "enter":
                self.go_on(typing.entered(entry, now))
            case "backspace":
                self.go_on(typing.rubbed_out(entry))
            case key if key in MOVES:
                self.go_on(typing.moved(entry, key))
            case _ if event.is_printable and event.character:
                self.go_on(typing.with_key(entry, event.character, now))
            case _:
                return

    def type_pin(self, face: SettingPin, event: Key) -> None:
        """Go on with a PIN by one key."""
        match event.key:
            case "escape":
                self.start_again()
            case "backspace":
                self.show(replace(face, typed=face.typed[:-1], wrong=""))
            # with nothing typed it is the late one of a scanner
            case "enter" if face.typed:
                self.reply(face.typed)
            case _ if event.is_printable and event.character:
                self.show(replace(face, typed=face.typed + event.character, wrong=""))
            case _:
                return

    def reply(self, answer: str) -> None:
        """Answer the question on the screen."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(answer)

    def start_again(self) -> None:
        """Break off what is under way and ask for a card."""
        if self.attempt is not None:
            self.attempt.cancel()
        self.show(Asking())

    async def asked(self, question: Question) -> str:
        """Show a question and wait for its answer."""
        self.last_key = self.monotonic()
        self.answer = asyncio.get_running_loop().create_future()
        self.show(question)
        return await self.answer

    async def enrol(self, code: Code) -> None:
        """Enrol with this code, as often as the person tries it again, and leave the app."""
        self.keys = None
        while self.profile is None:
            try:
                draft = steps.unfinished(self.root, self.role, code)
                if draft is None:
                    code = await self.trusted(code) if isinstance(code, TypedCode) else code
                    draft = await self.begun(code)
                self.show(Enrolling(draft.facts))
                self.profile = await steps.finished(draft)
            except steps.FAULTS as fault:
                trouble = Trouble(fault, server_of(code), again=steps.passes(fault))
                if not trouble.again:
                    self.show(trouble)
                    return
                await self.asked(trouble)
        self.show(Enrolled(self.profile.facts))
        await asyncio.sleep(self.ENROLLED_SECONDS)
        self.exit()

    async def trusted(self, typed: TypedCode) -> EnrolmentCode:
        """Return the whole code once the person finds the server's key to be the card's; DifferentKeyError if not."""
        server = server_of(typed)
        self.show(Fetching(server))
        key = await steps.server_key(typed)
        if await self.asked(Comparing(server, transport_fingerprint(key))) != YES:
            raise steps.DifferentKeyError
        self.show(Identifying(server))
        return await steps.whole(typed, key)

    async def begun(self, code: EnrolmentCode) -> EnrolmentDraft:
        """Ask which meeting this is, take a PIN where one is wanted, and make the keys."""
        self.show(Identifying(server_of(code)))
        facts = await steps.facts_for(self.role, code)
        pin = await self.new_pin(facts) if self.set_pin else ""
        self.show(Enrolling(facts))
        # a PIN is stretched for some tenths of a second
        draft, self.keys = await asyncio.to_thread(steps.begun, self.root, code, facts, pin)
        return draft

    async def new_pin(self, facts: ProfileFacts) -> str:
        """Return a PIN that was typed twice alike."""
        wrong = ""
        while True:
            pin = await self.asked(SettingPin(facts, wrong=wrong))
            if len(pin) < LEAST_CHARACTERS:
                wrong = "short"
            elif plain_pin(await self.asked(SettingPin(facts, again=True))) == plain_pin(pin):
                return pin
            else:
                wrong = "differs"


def server_of(code: Code) -> Server:
    """Return where the server of a code is."""
    return Server(code.address if isinstance(code, TypedCode) else code.addresses[0], code.port)
