"""One reading of the record, from which every export is made, so that no two of them can differ."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.meeting.commands import Answer
from pingyi_protocol.meeting.definition import Definition, Item, Person, Secrecy
from pingyi_protocol.meeting.events import BallotCast, CheckedIn, CheckedOut, Excused, SecretBallotCast
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.bundle import Identity
from pingyi_protocol.record.checkpoint import Checkpoint
from pingyi_protocol.record.cosignatures import CosignatureError, Row, check_rows, encode_cosignatures
from pingyi_protocol.record.entry import OtherVersionError, decode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.proofs import Proofs
from pingyi_protocol.record.replay import Replay
from pingyi_protocol.record.results import Results, results_of
from pingyi_protocol.record.tracking import tracking_code
from pingyi_protocol.record.verify import check_heads, faults_of_openings
from pingyi_protocol.wording import WordedError
from pingyi_server.gateway.continuing import is_waiting
from pingyi_server.ledger.store import Reading


class ExportError(WordedError):
    """The record does not hold, or there is none yet: nothing is written."""

    package = "pingyi_server"
    exit_code = 1


@dataclass(frozen=True)
class BallotLine:
    """What one member who was present did in an announced round: their answers, None if they cast nothing.

    ``recused`` says that they did not vote on the item. A ``secret`` round has no answers of anybody: they are empty
    for who cast a ballot, which is ``invalid`` where its proofs do not hold.
    ``leaf`` and ``code`` are the number and tracking code of the leaf that counts, None and "" without one.
    """

    item: Item
    round: int
    person: Person
    answers: tuple[Answer, ...] | None
    leaf: int | None
    code: str
    recused: bool = False
    secret: bool = False
    invalid: bool = False


class Movement(NamedTuple):
    """A member came, went or was excused, at the label ``time``; an arrival has a reason only where it was by hand."""

    kind: type[CheckedIn] | type[CheckedOut] | type[Excused]
    time: str
    reason: str


@dataclass(frozen=True)
class View:
    """All that exports are made from: the log's identity, heads and cosignatures, definition, results, who voted.

    ``left_out`` says what is wrong with each cosignature that is not among them. ``waiting`` says that
    the record is a copy that was put back and that chair and scrutineer have not both signed yet, ``unfinished`` that
    the meeting is not closed and goes on. ``movements`` say when each member came, went or was excused. ``codes`` are
    the tracking codes of the ballots that count by announced round (item, number), sorted, so that they say nothing of
    whose they are.
    """

    identity: Identity
    notes: tuple[str, ...]
    cosignatures: bytes
    definition: Definition
    results: Results
    ballots: tuple[BallotLine, ...]
    left_out: tuple[RecordError, ...] = ()
    waiting: bool = False
    unfinished: bool = False
    movements: Mapping[str, tuple[Movement, ...]] = field(default_factory=dict)
    codes: Mapping[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)


class Reader:
    """Reads a record once: ``leaves`` yields and checks them, ``view`` then gives what they amount to.

    Needs no lock where ``source`` is a snapshot. Everything in it must be under its last head: a shorter record that
    is valid in itself is what somebody would want who has taken away the end.
    """

    def __init__(self, source: Reading, log_key: str) -> None:
        """Read the heads. ``log_key`` (base64) is the key that the folder holds.

        ExportError for an empty record, and where the newest head is not over as many leaves as the store says.
        """
        self.source = source
        self.log_key = log_key
        self.notes = source.notes()
        promised = source.size()
        if not self.notes and not promised:
            raise ExportError("export.empty")
        size = self.notes[-1][0] if self.notes else 0
        if promised != size:
            raise ExportError("export.other_size", size=size, promised=promised)
        self.hashes = MerkleLog()
        self.replay = Replay()
        self.codes: dict[int, str] = {}
        self.movements: dict[str, tuple[Movement, ...]] = {}

    def leaves(self) -> Iterator[bytes]:
        """Yield every leaf once it has been followed by the rules; ExportError names the one that cannot be."""
        with Proofs() as proofs:
            self.replay.fault = proofs.fault
            yield from self.followed(proofs)

    def followed(self, proofs: Proofs) -> Iterator[bytes]:
        """Yield every leaf while these ``proofs`` check secret ballots."""
        for index, body in self.source.leaves():
            digest = leaf_hash(body)
            try:
                entry = decode_entry(body)
                self.replay.take(entry)
                proofs.follow(self.replay.meeting, entry.event)
            except OtherVersionError as fault:
                raise ExportError("export.other_version", index=index, fault=fault) from fault
            except RecordError as fault:
                raise ExportError("export.damaged", fault=fault) from fault
            self.hashes.append(digest)
            if isinstance(entry.event, BallotCast | SecretBallotCast):
                self.codes[index] = tracking_code(digest)
            if isinstance(entry.event, CheckedIn | CheckedOut | Excused):
                who, moved = entry.event.person, Movement(type(entry.event), entry.time, entry.event.reason)
                self.movements[who] = (*self.movements.get(who, ()), moved)
            yield body

    def view(self) -> View:
        """Return what the leaves amount to; ExportError when the signed heads do not fit them."""
        meeting = self.replay.meeting
        if meeting.log_key != self.log_key:
            raise ExportError("export.other_key")
        notes = tuple(note for _, note in self.notes)
        try:
            check_heads(notes, self.hashes, parse_public_key(self.log_key), meeting.origin)
            for unfit in faults_of_openings(meeting, self.hashes):
                raise unfit
        except RecordError as fault:
            raise ExportError("export.damaged", fault=fault) from fault
        if meeting.definition is None:
            raise ExportError("export.empty")
        head = Checkpoint(meeting.origin, self.hashes.size, self.hashes.root())
        rows, left_out = self.cosignatures(meeting)
        return View(
            Identity(meeting.id, meeting.origin, meeting.log_key),
            notes,
            encode_cosignatures(dict(self.notes), rows),
            meeting.definition,
            results_of(meeting, self.replay.announced, head),
            tuple(line for one in meeting.rounds for line in self.lines(meeting, one)),
            tuple(left_out),
            is_waiting(self.source.restored(), meeting),
            meeting.closed is None,
            self.movements,
            {(one.item, one.number): self.counted(one) for one in meeting.rounds if one.phase is Phase.ANNOUNCED},
        )

    def counted(self, one: Round) -> tuple[str, ...]:
        """Return the tracking codes of the ballots that count in a round."""
        invalid = one.sealing.invalid if one.sealing is not None else {}
        return tuple(sorted(self.codes[ballot.leaf] for who, ballot in one.ballots.items() if who not in invalid))

    def cosignatures(self, meeting: Meeting) -> tuple[list[Row], list[CosignatureError]]:
        """Return the cosignatures that hold, and what is wrong with the others, which prove nothing."""
        checked = list(check_rows(self.source.cosignatures(), dict(self.notes), meeting.origin, meeting.devices))
        faults = [one for one in checked if isinstance(one, CosignatureError)]
        return [one for one in checked if not isinstance(one, CosignatureError)], faults

    def lines(self, meeting: Meeting, one: Round) -> Iterator[BallotLine]:
        """Yield who voted in an announced round, in roster order, and what where it is open; by hand nobody did."""
        item = meeting.items[one.item]
        if one.phase is not Phase.ANNOUNCED or one.manual is not None or meeting.definition is None:
            return
        secret = item.rules.secrecy is Secrecy.SECRET
        invalid = one.sealing.invalid if one.sealing is not None else {}
        for person in meeting.definition.roster:
            if person.number not in one.present:
                continue
            ballot = one.ballots.get(person.number)
            if ballot is None:
                yield BallotLine(item, one.number, person, None, None, "", person.number in one.recused, secret)
            else:
                answers, code = () if secret else ballot.answers, self.codes[ballot.leaf]
                wrong = person.number in invalid
                yield BallotLine(item, one.number, person, answers, ballot.leaf, code, secret=secret, invalid=wrong)
