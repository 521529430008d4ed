"""Pictures of every kind of terminal, of a card and of a page in both languages: the real screens on a real server."""

import asyncio
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from textual.app import App
from textual.events import Paste
from textual.pilot import Pilot

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from kit.browser import chromium, opened, served
from kit.hall import Hall, Terminal, free_port, open_hall
from kit.screens import plain, save_picture
from pingyi_protocol.keys.enrolment_code import SECRET_BYTES, EnrolmentCode
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.keys.typed_code import typed
from pingyi_protocol.meeting.commands import AnnounceRound, Cast, CheckIn, CloseRound, OpenRound
from pingyi_protocol.meeting.definition import Definition, Item, Language, Role
from pingyi_protocol.meeting.evolve import HALL
from pingyi_protocol.meeting.model import Meeting
from pingyi_server.cards.card import card_data
from pingyi_server.cards.printing import check_glyphs
from pingyi_server.habits import habit
from pingyi_server.imports.sample import sample_meeting
from pingyi_server.typesetting.setting import pictures, template
from pingyi_terminal.chair.app import ChairApp
from pingyi_terminal.enrolment.app import EnrolmentApp
from pingyi_terminal.enrolment.entry import QUICK_SECONDS
from pingyi_terminal.enrolment.faces import Asking, Comparing
from pingyi_terminal.hall.app import HallApp
from pingyi_terminal.hall.face import Face, Polling, Result
from pingyi_terminal.link import attach
from pingyi_terminal.seat.app import SeatApp

SEED = 1
NOT_YET = 6
WAIT_SECONDS = 10.0
CARD_PIXELS_AN_INCH = 150
PAGE_SECONDS = 0.5


class Camera:
    """Takes pictures of one meeting in one language into a folder."""

    def __init__(self, hall: Hall, definition: Definition, language: Language, folder: Path) -> None:
        """Stand in an open hall."""
        self.hall = hall
        self.definition = definition
        self.language = language
        self.folder = folder

    def file(self, name: str) -> Path:
        """Return where a picture goes."""
        return self.folder / f"{name}-{self.language.value}.png"

    @asynccontextmanager
    async def screen(
        self, app: App[Any], size: tuple[int, int], ready: Callable[[], bool]
    ) -> AsyncIterator[Pilot[Any]]:
        """Run an app without a terminal, until it is ready for its picture."""
        async with app.run_test(size=size) as pilot:
            await until(pilot, ready)
            yield pilot


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Wait until the screen is as it should be."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():
            await pilot.pause(0.05)
    await pilot.pause(0.3)


async def take(language: Language, folder: Path) -> None:
    """Run the sample meeting to its first result, and take pictures on the way."""
    sample = sample_meeting(language).definition
    definition = msgspec.structs.replace(sample, meeting=msgspec.structs.replace(sample.meeting, port=free_port()))
    with tempfile.TemporaryDirectory() as place:
        async with open_hall(Path(place), definition) as hall:
            camera = Camera(hall, definition, language, folder)
            chair = await hall.admit(chair_of(definition), Role.CHAIR)
            members = {person.number: await hall.admit(person.number) for person in definition.entitled}
            await photograph(camera, chair, members)


def chair_of(definition: Definition) -> str:
    """Return the number of whoever chairs the sample."""
    return next(person.number for person in definition.roster if Role.CHAIR in person.roles)


async def photograph(camera: Camera, chair: Terminal, members: dict[str, Terminal]) -> None:
    """Take the pictures of an open round, of a receipt, and of its result."""
    definition = camera.definition
    item = definition.agenda[0]
    own = definition.entitled[0].number
    await picture_first_screen(camera, own)
    for member in members.values():
        await member.session.ask(CheckIn())
    await chair.session.ask(OpenRound(item.id))
    late = set(list(members)[-NOT_YET:]) | {own}
    await vote(item, {number: member for number, member in members.items() if number not in late})
    await picture_wall(camera, "hall", Polling)
    await picture_chair(camera, chair, item)
    await picture_page(camera, members[own], item)
    await picture_seat(camera, members[own], own, item)
    await vote(item, {number: members[number] for number in late - {own}})
    await chair.session.ask(CloseRound(item.id, 1))
    await chair.session.ask(AnnounceRound(item.id, 1))
    await picture_wall(camera, "hall-result", Result)


async def picture_first_screen(camera: Camera, person: str) -> None:
    """Take the first screen while a card is typed, and while the server's fingerprint is compared."""
    card = typed(await camera.hall.code(person, Role.MEMBER)) or ""
    app = EnrolmentApp(Role.MEMBER, camera.folder / "nowhere", camera.language)
    async with camera.screen(app, (80, 24), lambda: isinstance(app.face, Asking)) as pilot:
        for digit in "".join(card.split()[:4])[:-3]:
            await pilot.press(digit)
            await pilot.pause(2 * QUICK_SECONDS)
        await save_picture(pilot, camera.file("enrolment"))
        app.post_message(Paste(card))
        await until(pilot, lambda: isinstance(app.face, Comparing))
        await save_picture(pilot, camera.file("enrolment-key"))


async def vote(item: Item, members: dict[str, Terminal]) -> None:
    """Let these members cast what the simulation would."""
    for number, member in members.items():
        answers = habit(SEED, number, item).answers
        if answers is not None:
            await member.session.ask(Cast(item.id, 1, answers))


async def picture_wall(camera: Camera, name: str, face: type[Face]) -> None:
    """Take the hall display."""
    terminal = await camera.hall.admit(HALL.person, HALL.role)
    await camera.hall.switch_off(terminal)
    app = HallApp(terminal.facts, terminal.keys, terminal.memory, camera.language)
    async with camera.screen(app, (100, 30), lambda: isinstance(app.face, face)) as pilot:
        await save_picture(pilot, camera.file(name))


async def picture_chair(camera: Camera, chair: Terminal, item: Item) -> None:
    """Take the chair console with some members still missing."""
    await camera.hall.switch_off(chair)
    app = ChairApp(lambda running: attach(running, chair.facts, chair.keys, chair.memory), camera.language)
    async with camera.screen(app, (120, 36), lambda: item.title[:6] in plain(app)) as pilot:
        await pilot.pause(1.0)
        await save_picture(pilot, camera.file("chair"))
    camera.hall.start(chair)


async def picture_page(camera: Camera, seat: Terminal, item: Item) -> None:
    """Take the page of a seat in a browser while it scores; nothing is sent."""
    await camera.hall.switch_off(seat)
    with tempfile.TemporaryDirectory() as folder:
        Profile.create(Path(folder), seat.facts, seat.keys)
        arguments = ("seat", "--profile", folder, "--lang", camera.language.value)
        async with served(*arguments) as url, chromium() as browser:
            page = await opened(browser, url)
            await page.until(camera.definition.target(item.targets[0]).name, "F7")
            await page.page.keyboard.type("92")
            await page.until("92")
            await asyncio.sleep(PAGE_SECONDS)
            await page.page.screenshot(path=camera.file("page"))
    camera.hall.start(seat)


async def picture_seat(camera: Camera, seat: Terminal, person: str, item: Item) -> None:
    """Take a seat while it scores, and after its receipt."""
    await camera.hall.switch_off(seat)
    app = SeatApp(person, camera.language, lambda running: attach(running, seat.facts, seat.keys, seat.memory))
    name = camera.definition.target(item.targets[0]).name
    async with camera.screen(app, (80, 24), lambda: name in plain(app)) as pilot:
        await pilot.press("9", "2")
        await pilot.pause(0.3)
        await save_picture(pilot, camera.file("seat"))
        await pilot.press("enter")
        await pilot.pause(0.8)
        await pilot.press("enter")
        await until(pilot, lambda: bool(seat.memory.receipts))
        await pilot.pause(0.5)
        await save_picture(pilot, camera.file("seat-recorded"))


def picture_card(language: Language, folder: Path) -> None:
    """Take the card of the first seat."""
    definition = sample_meeting(language).definition
    meeting = Meeting(definition=definition)
    code = EnrolmentCode(
        ("192.168.1.10",),
        definition.meeting.port,
        generate_transport_keys().public,
        definition.entitled[0].number,
        Role.MEMBER,
        secrets.token_bytes(SECRET_BYTES),
    )
    data = card_data(meeting, [code], language)
    filled = {**data, "families": check_glyphs(data), "single": True}
    [picture] = pictures(template("pingyi_server.cards", "cards.typ"), filled, CARD_PIXELS_AN_INCH)
    (folder / f"card-{language.value}.png").write_bytes(picture)


def main() -> None:
    """Take everything into the folder that is named, docs/pictures without one."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for language in Language:
        asyncio.run(take(language, folder))
        picture_card(language, folder)
        print(f"{folder}: {language.value}")


if __name__ == "__main__":
    main()
