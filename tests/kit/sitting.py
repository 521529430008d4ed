"""A member at a seat without a server: presses keys, touches the screen, and reads it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from kit.playbook import Playbook
from kit.screens import plain
from kit.seats import StillSession, answer, receipt_of, still_seat
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Answer, Cast
from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import Picture
from pingyi_server.gateway.publisher import Projector
from pingyi_terminal.link import CommandAnswered, LinkChanged, PictureChanged
from pingyi_terminal.seat.app import SeatApp


def shown(book: Playbook) -> Picture:
    """What every seat is shown of a meeting as it stands."""
    return Projector("e").picture(book.meeting, "K7M2-Q9XD", book.at, 1)


def own(item: str, *answers: Answer, number: int = 1, person: str = "M02") -> Receipt:
    """The receipt of a ballot of one's own."""
    return receipt_of(StillSession(person=person).command(Cast(item, number, answers)), person)


class Sitting:
    """A member at the seat: presses keys and reads the screen."""

    def __init__(self, app: SeatApp, session: StillSession, pilot: Pilot[None]) -> None:
        self.app = app
        self.session = session
        self.pilot = pilot

    @property
    def screen(self) -> str:
        """The cells as text."""
        return plain(self.app)

    def says(self, *texts: str) -> None:
        """Every one of these texts is on the screen."""
        for text in texts:
            assert text in self.screen, self.screen

    def silent_on(self, *texts: str) -> None:
        """None of these texts is on the screen."""
        for text in texts:
            assert text not in self.screen, self.screen

    @property
    def cast(self) -> Cast:
        """The newest ballot that was sent."""
        body = self.session.submitted[-1].body
        assert isinstance(body, Cast)
        return body

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def show(self, shown: Picture, definition: Definition | None = None) -> None:
        """Let the meeting go on, on another definition where one is given."""
        self.session.picture = shown
        self.session.definition = definition or self.session.definition
        self.app.post_message(PictureChanged())
        await self.pilot.pause()

    async def link(self, link: Link, lost: float = 0.0) -> None:
        self.session.link, self.session.lost = link, lost
        self.app.post_message(LinkChanged())
        await self.pilot.pause()

    async def recorded(self) -> Receipt:
        command = answer(self.app, self.session)
        await self.pilot.pause()
        return receipt_of(command)

    async def refused(self, reason: Reason, **values: str) -> None:
        self.app.post_message(CommandAnswered(self.session.submitted[-1], Refusal(reason, values)))
        await self.pilot.pause()


@asynccontextmanager
async def sit(
    shown: Picture | None,
    *receipts: Receipt,
    definition: Definition | None = None,
    language: Language = Language.CHINESE,
    size: tuple[int, int] = (80, 24),
    session: StillSession | None = None,
) -> AsyncIterator[Sitting]:
    session = session or StillSession(definition=definition, picture=shown)
    app = still_seat(session, language, *receipts)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Sitting(app, session, pilot)
