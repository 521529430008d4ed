"""Ledgers on real databases in temporary files, and a store that fails as it is told."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from kit.playbook import ORIGIN, Playbook, signing_key
from pingyi_protocol.keys.signing import SigningKey
from pingyi_protocol.meeting.commands import Body
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.wire.envelope import seal
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.recorder import Recorder, Submission
from pingyi_server.ledger.ledger import Ledger
from pingyi_server.ledger.sql_store import SqlStore, sqlite_url
from pingyi_server.ledger.store import StoreError

LOG_KEY: SigningKey = signing_key("log")


class FailingStore(SqlStore):
    """A store whose disk fails: before the commit (``lost``), after it (``kept``), or altogether (``dead``)."""

    mood = "well"

    def append(self, size: int, leaves: Sequence[bytes], note: str) -> None:
        if self.mood in ("kept", "kept, then dead", "well"):
            super().append(size, leaves, note)
        if self.mood == "kept, then dead":
            self.mood = "dead"
        if self.mood != "well":
            raise StoreError("store.failed", fault="disk I/O error")

    def probe(self, octets: int = 0) -> None:
        if self.mood != "well":
            raise StoreError("store.failed", fault="disk I/O error")
        super().probe(octets)

    def note(self) -> str | None:
        if self.mood == "dead":
            raise StoreError("store.failed", fault="disk I/O error")
        return super().note()


def store_in(folder: Path) -> FailingStore:
    """The store in this folder."""
    return FailingStore(sqlite_url(folder / "meeting.db"))


def ledger_in(folder: Path) -> Ledger:
    """The ledger in this folder, replayed from its database."""
    return Ledger(store_in(folder), LOG_KEY, ORIGIN)


def recorder_in(folder: Path) -> Recorder:
    """A recorder that writes to the ledger in this folder."""
    ledger = ledger_in(folder)
    return Recorder(ledger, MeetingClock(ledger.meeting.at))


def submissions(book: Playbook, first: int = 0) -> list[Submission]:
    """The commands of a script from its leaf ``first`` on, as they would come in."""
    found = []
    for entry in book.entries[first:]:
        assert entry.envelope is not None
        command = book.commands[entry.index]
        found.append(Submission(command, entry.envelope, 0))
    return found


def submission(book: Playbook, principal: Principal, body: Body, command_id: str = "") -> Submission:
    """A command of somebody in the script, beside the script."""
    command = book.command(principal, body, command_id)
    return Submission(command, seal(msgspec.json.encode(command), book.keys[principal]), 0)
