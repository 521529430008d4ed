"""Whoever sits down at the first screen: scans, types, pastes, and reads it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from textual.events import Key, Paste
from textual.pilot import Pilot

from kit.cards import HAND_SECONDS, SCANNER_SECONDS
from kit.screens import plain
from kit.waits import WAIT_SECONDS
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_terminal.enrolment.app import EnrolmentApp
from pingyi_terminal.widgets import BigText

KEYS = {"\r": "enter", "\x1b": "escape"}
ROUND_SECONDS = 0.01


class Newcomer:
    """A person without a profile, and the seconds that pass between their keys."""

    def __init__(self, role: Role, root: Path, language: Language, *, set_pin: bool, translates: bool) -> None:
        self.now = 100.0
        self.step = 0.0
        self.app = EnrolmentApp(role, root, language, set_pin=set_pin, monotonic=self.clock)
        self.app.translates = translates
        self.pilot: Pilot[None]

    @property
    def screen(self) -> str:
        """The cells as text."""
        return plain(self.app)

    @property
    def words(self) -> str:
        """The words in large type."""
        return " ".join(big.text for big in self.app.screen.query(BigText) if big.text and big.region.area)

    def says(self, *texts: str) -> None:
        """Every one of these texts is on the screen, line breaks aside."""
        whole = self.screen + self.words
        flat = whole.replace("\n", "").replace(" ", "")
        for text in texts:
            assert text.replace(" ", "") in flat, whole

    def silent_on(self, *texts: str) -> None:
        """None of these texts is on the screen."""
        for text in texts:
            assert text not in self.screen + self.words

    def clock(self) -> float:
        """The app's clock: while keys come, it goes on with each."""
        self.now += self.step
        return self.now

    async def press(self, *keys: str, seconds: float = HAND_SECONDS) -> None:
        """Press keys one after the other, faster than a pilot does; characters that are no keys too."""
        self.step = seconds
        for key in keys:
            name = KEYS.get(key, key)
            self.app.post_message(Key(name, key if name == key and len(key) == 1 else None))
        await self.pilot.pause()
        self.step = 0.0

    async def scan(self, text: str) -> None:
        """Hold a card under the scanner."""
        self.now += HAND_SECONDS
        await self.press(*text, seconds=SCANNER_SECONDS)

    async def paste(self, text: str) -> None:
        """Paste a text."""
        self.app.post_message(Paste(text))
        await self.pilot.pause()

    async def settle(self, *keys: str) -> None:
        """Look at a question for a while before pressing."""
        self.now += self.app.SETTLE_SECONDS
        await self.press(*keys)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until the screen is as the test wants it."""
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                while not condition():
                    await self.pilot.pause(ROUND_SECONDS)
        except TimeoutError:
            raise AssertionError(self.screen) from None

    async def until_says(self, text: str) -> None:
        """Wait for a text on the screen."""
        await self.until(lambda: text in self.screen + self.words)


@asynccontextmanager
async def sitting_down(
    root: Path,
    role: Role = Role.MEMBER,
    language: Language = Language.ENGLISH,
    *,
    size: tuple[int, int] = (80, 24),
    set_pin: bool = False,
    translates: bool = True,
) -> AsyncIterator[Newcomer]:
    """The first screen, running."""
    person = Newcomer(role, root, language, set_pin=set_pin, translates=translates)
    async with person.app.run_test(size=size) as person.pilot:
        await person.pilot.pause()
        yield person
