"""The clerk's console over a play, without a server."""

import asyncio

import msgspec
from textual.app import App
from textual.pilot import Pilot

from kit.chairs import NOON, Clock, Play, silence
from kit.clerks import StillDesk
from pingyi_protocol.client.served import Served
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.devices import speakers
from pingyi_protocol.wire.office import Health, Office
from pingyi_protocol.wire.picture import to_bitmap
from pingyi_terminal.clerk.app import ClerkApp
from pingyi_terminal.link import PictureChanged

SERVER_KEY = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
HEALTH = Health(commits=40, median=3_900, worst=53_000, free=70 * 2**30, cosign=120, cosigned=41)


class Console:
    """The clerk's app over such a session."""

    def __init__(self, play: Play, language: Language) -> None:
        self.session = StillDesk(play)
        everybody = to_bitmap(range(len(speakers(self.session.definition)) - 1)) if self.session.definition else ""
        self.session.desk = Office(everybody, everybody, health=HEALTH)
        self.clock = Clock()
        self.app = ClerkApp(
            self.attach, lambda: Served("192.168.1.10", 7610, 7612), SERVER_KEY, language, self.clock, lambda: NOON
        )

    def attach(self, _app: App[None], _served: Served) -> tuple[StillDesk, "asyncio.Task[None]"]:
        """Stand in for a real session."""
        return self.session, asyncio.create_task(silence(None))

    async def told(self, pilot: Pilot[None], **changes: object) -> None:
        """Let the server say something else of itself."""
        assert self.session.desk is not None
        self.session.desk = msgspec.structs.replace(self.session.desk, **changes)
        self.app.post_message(PictureChanged())
        await pilot.pause(0.6)
