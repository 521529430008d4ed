"""A simulated scrutineer's part in secret rounds: it helps make the key, and opens whatever waits to be opened."""

import asyncio

from pingyi_protocol.client.following import Follower
from pingyi_protocol.client.scrutiny import Scrutiny
from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.events import Event
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.record.proofs import Proofs
from pingyi_protocol.secret.ballot import Question


class Believed(Proofs):
    """The proofs as simulated members make them, who forge none, on a machine that has them all to make."""

    def follow(self, meeting: Meeting, event: Event) -> None:
        """Check nothing."""

    def fault(self, question: Question, key: bytes, text: str) -> str:  # noqa: ARG002 - see the class
        """Return that it holds."""
        return ""


class Pocket:
    """A strongbox that lasts as long as the process."""

    def __init__(self) -> None:
        """Begin empty."""
        self.data: bytes | None = None

    def read(self) -> bytes | None:
        """Return what was written last, None before that."""
        return self.data

    def write(self, data: bytes) -> None:
        """Keep ``data`` in place of what was there."""
        self.data = data


async def open_secret_rounds(session: Session, proofs: Proofs | None = None) -> None:
    """Take part in every key ceremony and every opening, until cancelled; what does not hold is raised.

    The proofs of ballots are believed, unless ``proofs`` are given to check them.
    """
    news = asyncio.Event()
    scrutiny = Scrutiny(session, Pocket(), news.set)
    scrutiny.follower = Follower(session.facts.origin, session.facts.log_key, None, proofs or Believed())
    async with asyncio.TaskGroup() as group:
        group.create_task(scrutiny.run())
        while True:
            await news.wait()
            news.clear()
            if scrutiny.fault is not None:
                raise scrutiny.fault
            if scrutiny.mishap is not None:
                raise scrutiny.mishap
            if scrutiny.may_take_part:
                scrutiny.take_part()
            for opening, _ in tuple(scrutiny.openings()):
                await scrutiny.open(opening)
