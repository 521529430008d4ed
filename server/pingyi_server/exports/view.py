"""One reading of the record, from which every export is made, so that no two of them can differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.meeting.commands import Answer
from pingyi_protocol.meeting.definition import Definition, Item, Person, Secrecy
from pingyi_protocol.meeting.events import BallotCast
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.bundle import Identity
from pingyi_protocol.record.checkpoint import Checkpoint
from pingyi_protocol.record.cosignatures import check_cosignatures, encode_cosignatures
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.replay import Replay
from pingyi_protocol.record.results import Results, results_of
from pingyi_protocol.record.tracking import tracking_code
from pingyi_protocol.record.verify import check_heads
from pingyi_protocol.wording import WordedError


class ExportError(WordedError):
    """The record does not hold, or there is none yet: nothing is written."""

    package = "pingyi_server"
    exit_code = 1


class Source(Protocol):
    """Where the record is read from; ``pingyi_server.ledger.store.Store`` is one."""

    def notes(self) -> list[tuple[int, str]]:
        """Return every signed head with its size, rising."""

    def cosignatures(self) -> list[tuple[int, str, str]]:
        """Return every cosignature as (size of its head, device, line)."""

    def leaves(self, first: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield (index, bytes) from leaf ``first`` on, in order."""


@dataclass(frozen=True)
class BallotLine:
    """What one member who was present did in an announced open round: their answers, None if they cast nothing.

    ``recused`` says that they did not vote on the item.
    ``leaf`` and ``code`` are the number and tracking code of the leaf that counts, None and "" without one.
    """

    item: Item
    round: int
    person: Person
    answers: tuple[Answer, ...] | None
    leaf: int | None
    code: str
    recused: bool = False


@dataclass(frozen=True)
class View:
    """All that exports are made from: the log's identity, heads and cosignatures, definition, results, open ballots."""

    identity: Identity
    notes: tuple[str, ...]
    cosignatures: bytes
    definition: Definition
    results: Results
    ballots: tuple[BallotLine, ...]


class Reader:
    """Reads a record once: ``leaves`` yields and checks them, ``view`` then gives what they amount to.

    Needs no lock: the heads are read first, and the leaves under the last of them never change.
    """

    def __init__(self, source: Source, log_key: str) -> None:
        """Read the heads. ``log_key`` (base64) is the key that the folder holds. ExportError for an empty record."""
        self.source = source
        self.log_key = log_key
        self.notes = source.notes()
        if not self.notes:
            raise ExportError("export.empty")
        self.hashes = MerkleLog()
        self.replay = Replay()
        self.codes: dict[int, str] = {}

    def leaves(self) -> Iterator[bytes]:
        """Yield every leaf once it has been followed by the rules; ExportError names the one that cannot be."""
        size, _ = self.notes[-1]
        for index, body in self.source.leaves():
            if index >= size:
                return
            digest = leaf_hash(body)
            try:
                entry = decode_entry(body)
                self.replay.take(entry)
            except RecordError as fault:
                raise ExportError("export.damaged", fault=fault) from fault
            self.hashes.append(digest)
            if isinstance(entry.event, BallotCast):
                self.codes[index] = tracking_code(digest)
            yield body

    def view(self) -> View:
        """Return what the leaves amount to; ExportError when the signed heads do not fit them."""
        meeting = self.replay.meeting
        if meeting.log_key != self.log_key:
            raise ExportError("export.other_key")
        notes = tuple(note for _, note in self.notes)
        try:
            check_heads(notes, self.hashes, parse_public_key(self.log_key), meeting.origin)
        except RecordError as fault:
            raise ExportError("export.damaged", fault=fault) from fault
        if meeting.definition is None:
            raise ExportError("export.empty")
        head = Checkpoint(meeting.origin, self.hashes.size, self.hashes.root())
        return View(
            Identity(meeting.id, meeting.origin, meeting.log_key),
            notes,
            self.cosignatures(meeting),
            meeting.definition,
            results_of(meeting, self.replay.announced, head),
            tuple(line for one in meeting.rounds for line in self.lines(meeting, one)),
        )

    def cosignatures(self, meeting: Meeting) -> bytes:
        """Return the cosignatures of these heads as they stand in the bundle; ExportError when one does not hold."""
        content = encode_cosignatures(dict(self.notes), self.source.cosignatures())
        sizes = {note: size for size, note in self.notes}
        for one in check_cosignatures(content, sizes, meeting.origin, meeting.devices):
            if isinstance(one, RecordError):
                raise ExportError("export.damaged", fault=one)
        return content

    def lines(self, meeting: Meeting, one: Round) -> Iterator[BallotLine]:
        """Yield the ballots of an announced open round, in roster order."""
        item = meeting.items[one.item]
        if one.phase is not Phase.ANNOUNCED or item.rules.secrecy is not Secrecy.OPEN or meeting.definition is None:
            return
        for person in meeting.definition.roster:
            if person.number not in one.present:
                continue
            ballot = one.ballots.get(person.number)
            if ballot is None:
                yield BallotLine(item, one.number, person, None, None, "", person.number in one.recused)
            else:
                yield BallotLine(item, one.number, person, ballot.answers, ballot.leaf, self.codes[ballot.leaf])
