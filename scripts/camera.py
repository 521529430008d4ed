"""What takes pictures: the real screens of a meeting in one language, without a terminal, on a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from textual.app import App
from textual.pilot import Pilot

from kit.hall import Hall, Terminal
from kit.screens import plain, save_picture
from pingyi_protocol.meeting.commands import Cast
from pingyi_protocol.meeting.definition import Definition, Item, Language
from pingyi_protocol.meeting.evolve import HALL
from pingyi_protocol.text import catalogue
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.habits import habit
from pingyi_terminal.chair.app import ChairApp
from pingyi_terminal.hall.app import HallApp
from pingyi_terminal.hall.face import Face
from pingyi_terminal.link import attach
from pingyi_terminal.scrutineer.app import ScrutineerApp
from pingyi_terminal.seat.app import SeatApp

SEED = 1
WAIT_SECONDS = 10.0
SETTLE_SECONDS = 0.8


class Camera:
    """Takes pictures of one meeting in one language into a folder."""

    def __init__(self, hall: Hall, definition: Definition, language: Language, folder: Path) -> None:
        """Stand in an open hall."""
        self.hall = hall
        self.definition = definition
        self.language = language
        self.folder = folder
        self.words = catalogue("pingyi_terminal", language)
        self.wall: Terminal | None = None

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


async def vote(item: Item, members: dict[str, Terminal]) -> None:
    """Let these members cast what the simulation would."""
    for number, member in members.items():
        answers = habit(SEED, number, item).answers
        if answers is not None:
            await member.session.ask(Cast(item.id, 1, answers))


async def picture_wall(camera: Camera, name: str, face: type[Face], *keys: str) -> None:
    """Take the hall display once it shows this page, which these keys turn to."""
    if camera.wall is None:
        camera.wall = await camera.hall.admit(HALL.person, HALL.role)
        await camera.hall.switch_off(camera.wall)
    terminal = camera.wall
    app = HallApp(terminal.facts, terminal.keys, terminal.memory, camera.language)
    async with camera.screen(app, (100, 30), lambda: app.face is not None) as pilot:
        await pilot.press(*keys)
        await until(pilot, lambda: isinstance(app.face, face))
        await save_picture(pilot, camera.file(name))


async def picture_chair(camera: Camera, name: str, chair: Terminal, words: str) -> None:
    """Take the chair console once it shows these words."""
    await camera.hall.switch_off(chair)
    app = ChairApp(lambda running: attach(running, chair.facts, chair.keys, chair.memory), camera.language)
    async with camera.screen(app, (120, 36), lambda: words in plain(app)) as pilot:
        await pilot.pause(SETTLE_SECONDS)
        await save_picture(pilot, camera.file(name))
    camera.hall.start(chair)


async def picture_scrutineer(camera: Camera, name: str, scrutineer: Terminal, words: str) -> None:
    """Take the scrutineer's screen once it shows these words."""
    await camera.hall.switch_off(scrutineer)
    facts = scrutineer.facts
    app = ScrutineerApp(
        lambda running: attach(running, facts, scrutineer.keys, scrutineer.memory),
        facts.person,
        facts.origin,
        camera.language,
    )
    async with camera.screen(app, (100, 30), lambda: words in plain(app)) as pilot:
        await save_picture(pilot, camera.file(name))
    camera.hall.start(scrutineer)


@asynccontextmanager
async def at_seat(camera: Camera, seat: Terminal, words: str) -> AsyncIterator[Pilot[Any]]:
    """Sit at a seat until it shows these words; its session goes on afterwards."""
    await camera.hall.switch_off(seat)
    app = SeatApp(
        seat.facts.person,
        camera.language,
        lambda running: attach(running, seat.facts, seat.keys, seat.memory),
        [msgspec.json.decode(receipt, type=Receipt) for receipt in seat.memory.receipts.values()],
    )
    async with camera.screen(app, (80, 24), lambda: words in plain(app)) as pilot:
        yield pilot
    camera.hall.start(seat)


async def picture_seat(camera: Camera, name: str, seat: Terminal, words: str, *keys: str) -> None:
    """Take a seat that shows these words, after these keys."""
    async with at_seat(camera, seat, words) as pilot:
        await pilot.press(*keys)
        await pilot.pause(SETTLE_SECONDS)
        await save_picture(pilot, camera.file(name))
