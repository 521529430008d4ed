"""The clerk's console over a real hall: its keys, its screen, and what a person reads on it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import zmq.asyncio
from textual.app import App
from textual.pilot import Pilot

from kit.chairs import Play, silence
from kit.hall import Hall
from kit.screens import plain
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.served import Served
from pingyi_protocol.client.session import Link, Session
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.meeting.commands import Body, Command
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.devices import speakers
from pingyi_protocol.wire.messages import AdditionRead, AnswerCall, Call, ReadAddition, StartExport
from pingyi_protocol.wire.office import Office
from pingyi_protocol.wire.picture import Backstage, Picture, to_bitmap
from pingyi_terminal.clerk.app import ClerkApp
from pingyi_terminal.clerk.keeping import Desk
from pingyi_terminal.link import Messenger

SERVER_KEY = generate_device_keys().transport.public


class Clerk:
    """A clerk at the console: presses keys, clicks, and reads the screen."""

    def __init__(self, app: ClerkApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> str:
        """The cells as text."""
        return plain(self.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        """Type a text, a character at a time."""
        await self.press(*text)

    async def until(self, *texts: str, within: float = WAIT_SECONDS) -> None:
        """Wait until every one of these texts is on the screen."""
        await self.when(lambda: all(text in self.screen for text in texts), within)

    async def when(self, condition: Callable[[], object], within: float = WAIT_SECONDS) -> None:
        """Wait until something is so, and show the screen where it never is."""
        try:
            async with asyncio.timeout(within):
                while not condition():
                    await self.pilot.pause(0.05)
        except TimeoutError:
            raise AssertionError(self.screen) from None


class StillDesk:
    """What the console needs of a session, over a play: everybody has a terminal, and the first member calls."""

    def __init__(self, play: Play) -> None:
        definition = play.meeting.definition
        assert definition is not None
        everybody = to_bitmap(range(len(speakers(definition))))
        self.definition: Definition | None = definition
        self.picture: Picture | None = play.picture
        self.backstage: Backstage | None = play.backstage
        self.desk: Office | None = Office(
            connected=everybody, enrolled=everybody, issued=everybody, calling=(definition.entitled[0].number,)
        )
        self.addition: AdditionRead | None = None
        self.link = Link.UP
        self.submitted: list[Command] = []
        self.requested: list[Call | AnswerCall | StartExport | ReadAddition] = []

    def lost_seconds(self) -> float:
        return 0.0

    def submit(self, body: Body) -> Command:
        command = Command("meeting", f"{len(self.submitted):032x}", "clerk", Role.CLERK, "", body)
        self.submitted.append(command)
        return command

    def request(self, wanted: Call | AnswerCall | StartExport | ReadAddition) -> bool:
        self.requested.append(wanted)
        return self.link is Link.UP


def still_console(session: StillDesk, language: Language = Language.CHINESE) -> ClerkApp:
    """The console's app on such a session."""

    def attach(_app: App[None], _served: Served) -> tuple[StillDesk, asyncio.Task[None]]:
        return session, asyncio.create_task(silence(None))

    return ClerkApp(attach, lambda: Served("127.0.0.1", 7610), SERVER_KEY, language)


@asynccontextmanager
async def console(
    hall: Hall, language: Language = Language.CHINESE, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[Clerk]:
    """Open the console of a hall, as the command does beside a server."""
    profile, keys = hall.folder.clerk_profile(), hall.folder.clerk_keys()

    def attach(app: App[None], served: Served) -> tuple[Session, asyncio.Task[None]]:
        context = zmq.asyncio.Context.instance()
        session = Session(context, hall.folder.clerk_facts(), keys, Desk(profile), Messenger(app), served.office)
        return session, asyncio.create_task(session.run())

    def where() -> Served:
        return Served("127.0.0.1", hall.port, hall.server.sockets.office_port)

    app = ClerkApp(attach, where, profile.facts.server_key, language)
    async with app.run_test(size=size) as pilot:
        clerk = Clerk(app, pilot)
        await clerk.when(lambda: app.session is not None and app.session.desk is not None)
        yield clerk
