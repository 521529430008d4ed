"""Scrutineers' terminals over a playbook in place of a server: they read its record, and what they say goes on it."""

from base64 import b64encode
from types import SimpleNamespace
from typing import Any

from kit.playbook import ORIGIN, signing_key
from kit.sealed_hall import MemoryBox
from kit.secret_book import SecretBook
from kit.secret_records import head
from pingyi_protocol.client.keeping import Link
from pingyi_protocol.client.scrutiny import Opening, Scrutiny
from pingyi_protocol.meeting.commands import Body
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.record.entry import encode_entry
from pingyi_protocol.wire.messages import RecordPart
from pingyi_protocol.wire.picture import Head, Picture, Secret
from pingyi_server.gateway.secret_rounds import secret_of

LOG_KEY = b64encode(bytes(signing_key("log").verify_key)).decode()
AT_ONCE = 25


class BookSession:
    """What a scrutiny needs of a session, over a book. ``heard``: what is said reaches the record."""

    def __init__(self, book: SecretBook, person: str) -> None:
        self.book = book
        self.principal = Principal(person, Role.SCRUTINEER)
        if self.principal not in book.keys:
            book.enrol(person, Role.SCRUTINEER)
        self.signing_key = book.keys[self.principal]
        self.facts = SimpleNamespace(origin=ORIGIN, log_key=LOG_KEY, person=person)
        self.link = Link.UP
        self.vigil = SimpleNamespace(witness=SimpleNamespace(sure=True), alarm=None)
        self.head = None
        self.outstanding: dict[str, Any] = {}
        self.epoch = "first"
        self.heard = True
        self.said: list[Body] = []
        self.leaves: list[bytes] | None = None
        self.shown: Secret | None = None

    @property
    def definition(self) -> Any:
        return self.book.meeting.definition

    @property
    def record(self) -> list[bytes]:
        """The leaves that the server shows: the book's, or what a test has put in their place."""
        return self.leaves or [encode_entry(entry) for entry in self.book.entries]

    @property
    def picture(self) -> Picture:
        secret = self.shown or secret_of(self.book.meeting)
        return Picture(self.epoch, 1, 0, "", Head(len(self.record)), "", {}, (), None, (), secret=secret)

    async def read_record(self, first: int) -> RecordPart:
        leaves = self.record
        return RecordPart(first, tuple(leaf.decode() for leaf in leaves[first : first + AT_ONCE]), head(leaves))

    def submit(self, body: Body) -> Any:
        self.said.append(body)
        if self.heard:
            self.book.acting(self.principal, body)
        return SimpleNamespace(id="0", body=body)


class Watcher:
    """One scrutineer's terminal; started anew it has its strongbox and nothing else."""

    def __init__(self, book: SecretBook, person: str, box: MemoryBox | None = None) -> None:
        self.box = box or MemoryBox()
        self.session = BookSession(book, person)
        self.told = 0
        self.scrutiny = Scrutiny(self.session, self.box, self.tell)  # type: ignore[arg-type]  # stands in for one

    def tell(self) -> None:
        self.told += 1

    async def look(self) -> Scrutiny:
        """Read all that there is, and say what is to be said."""
        while await self.scrutiny.look():
            pass
        return self.scrutiny

    def again(self) -> "Watcher":
        """The terminal after a restart."""
        self.scrutiny.follower.close()
        return Watcher(self.session.book, self.session.facts.person, self.box)

    async def waiting(self) -> Opening:
        """The one round that waits for this terminal's part."""
        [found] = (opening for opening, _ in (await self.look()).openings())
        return found


async def finish(*watchers: Watcher) -> None:
    """Let the terminals go on until none has anything more to say."""
    said = -1
    while said != sum(len(one.session.said) for one in watchers):
        said = sum(len(one.session.said) for one in watchers)
        for one in watchers:
            await one.look()


async def keyed(book: SecretBook, *people: str) -> dict[str, Watcher]:
    """Terminals of these scrutineers that have made a key."""
    watchers = {person: Watcher(book, person) for person in people}
    book.begin_ceremony(*people)
    for one in watchers.values():
        (await one.look()).take_part()
    await finish(*watchers.values())
    return watchers
