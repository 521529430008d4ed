"""The scrutineer's short sessions: one to see what is to be countersigned, one to countersign it."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import zmq.asyncio

from pingyi_protocol.client.session import Session
from pingyi_protocol.command_line import Failure
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.commands import Command, CountersignContinuation
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.checkpoint import Checkpoint, fingerprint
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wire.picture import Continuing

ANSWER_SECONDS = 10


class Attentive:
    """A listener that wakes whoever waits for a picture. An alarm is what this command is about, and stops nothing."""

    def __init__(self) -> None:
        """Have heard nothing."""
        self.news = asyncio.Event()

    def picture_changed(self) -> None:
        """Wake."""
        self.news.set()

    def link_changed(self) -> None:
        """Wait on."""

    def command_answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """Leave it to whoever asked."""

    def alarm_raised(self, fault: ReceiptError) -> None:
        """Wait on: a copy that was put back is older than what was seen."""

    def alarm_lifted(self) -> None:
        """Wait on."""


@asynccontextmanager
async def talking(profile: Profile, keys: DeviceKeys, words: Catalogue) -> AsyncIterator[tuple[Session, Attentive]]:
    """Run a session while the block runs; Failure when nothing is answered in time."""
    listener = Attentive()
    session = Session(zmq.asyncio.Context.instance(), profile.facts, keys, profile, listener)
    task = asyncio.create_task(session.run())
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            yield session, listener
    except TimeoutError as fault:
        for command_id, _sent in profile.waiting():
            profile.drop(command_id, "unanswered")
        raise Failure(words("countersign.no_answer", seconds=ANSWER_SECONDS)) from fault
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def look(profile: Profile, keys: DeviceKeys, words: Catalogue) -> Continuing:
    """Return what the chair has declared; Failure when there is nothing of the kind."""
    async with talking(profile, keys, words) as (session, listener):
        while session.picture is None:
            await listener.news.wait()
            listener.news.clear()
        copy = session.picture.watch.continuing
    if copy is None:
        raise Failure(words("countersign.nothing"))
    if not copy.declared:
        raise Failure(words("countersign.not_declared"))
    return copy


async def agree(profile: Profile, keys: DeviceKeys, copy: Continuing, words: Catalogue) -> Receipt | Refusal:
    """Sign, and return the answer."""
    async with talking(profile, keys, words) as (session, _listener):
        return await session.ask(CountersignContinuation(copy.size, copy.root, copy.reason))


def copy_fingerprint(origin: str, copy: Continuing) -> str:
    """Return the short code of the copy's head, as the restore printed it."""
    return fingerprint(Checkpoint(origin, copy.size, b64decode(copy.root)))
