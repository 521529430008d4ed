"""A seat's app on a real server: real sockets, real keys, a profile on the disk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import zmq.asyncio
from textual.pilot import Pilot

from kit.hall import Hall
from kit.screens import plain
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.enrolment import enrol
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.commands import CheckIn
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_terminal.link import attach
from pingyi_terminal.seat.app import SeatApp
from pingyi_terminal.seat.ballots import kept_receipts


async def profile_of(hall: Hall, person: str, root: Path) -> tuple[Profile, DeviceKeys]:
    """Enrol a member's device and make its profile."""
    keys = generate_device_keys()
    facts = await enrol(zmq.asyncio.Context.instance(), await hall.code(person, Role.MEMBER), keys)
    return Profile.create(root, facts, keys), keys


@asynccontextmanager
async def seated(profile: Profile, keys: DeviceKeys) -> AsyncIterator[tuple[SeatApp, Pilot[None]]]:
    """The seat's app on this profile, running at 80x24."""
    app = SeatApp(
        profile.facts.person,
        Language.CHINESE,
        lambda running: attach(running, profile.facts, keys, profile),
        kept_receipts(profile),
    )
    with profile.held():
        async with app.run_test(size=(80, 24)) as pilot:
            yield app, pilot


async def until_says(app: SeatApp, pilot: Pilot[None], text: str) -> None:
    """Wait until the text is on the screen."""
    async with asyncio.timeout(WAIT_SECONDS):
        while text not in plain(app):
            await pilot.pause(0.02)


async def present_chair(hall: Hall) -> Callable[[object], "asyncio.Future[Receipt]"]:
    """Let chair and a quorum of members come in, and return what the chair asks with."""
    for person in ("M01", "M03", "M04"):
        member = await hall.admit(person)
        assert isinstance(await member.session.ask(CheckIn()), Receipt)
    chair = await hall.admit("M01", Role.CHAIR)
    return chair.session.ask  # type: ignore[return-value]  # a test asserts that it is a receipt
