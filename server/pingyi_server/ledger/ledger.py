"""The meeting on record: hold the state that replaying gives; append a batch durably and sign its head."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from nacl.signing import SigningKey

from pingyi_protocol.meeting.admission import decode_command
from pingyi_protocol.meeting.commands import Command
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.checkpoint import (
    Checkpoint,
    CheckpointError,
    fingerprint,
    sign_checkpoint,
    verify_checkpoint,
)
from pingyi_protocol.record.entry import Entry, EntryError, OtherVersionError, decode_entry, encode_entry
from pingyi_protocol.record.merkle import MerkleLog, leaf_hash
from pingyi_protocol.record.replay import advance
from pingyi_protocol.wire.messages import Receipt
from pingyi_protocol.wording import WordedError
from pingyi_server.ledger.store import Reading, Store


class LedgerDamagedError(WordedError):
    """The database does not hold what its signed head says; it must not be served."""

    package = "pingyi_server"
    exit_code = 1


@dataclass(frozen=True)
class Batch:
    """Leaves about to be appended: the state after them, their bytes, and the signed head over them."""

    meeting: Meeting
    size: int
    leaves: tuple[bytes, ...]
    note: str
    fingerprint: str


class StandingLedger:
    """One meeting's ledger as it stands in a store, for reading: the log's public key is enough.

    ``meeting`` is the state that its entries lead to. ``restored`` is the copy that was put in place, if one was,
    ``cosigned`` what ``Reading.newest_cosigned`` said at the beginning.
    """

    def __init__(self, store: Store, log_key: bytes, origin: str) -> None:
        """Compare the store, as it is now, with all its signed heads, then replay it.

        LedgerDamagedError names what does not fit, StoreError what cannot be read, OtherVersionError what another
        version of Pingyi wrote.
        """
        self.store = store
        self.log_key = log_key
        self.origin = origin
        self.log = MerkleLog()
        self.meeting = Meeting()
        self.fingerprint = ""
        self.note: str | None = None
        with store.snapshot() as still:
            self.restored = still.restored()
            self.cosigned = still.newest_cosigned()
            self.hash_leaves(still)
            self.compare_with_heads(still.notes(), still.size())
            for index, body in still.leaves():
                self.replay(index, body)

    @property
    def root(self) -> str:
        """The durable state's root in base64: a batch that is on its way is in the log already."""
        return b64encode(self.log.root(self.meeting.size)).decode()

    def hash_leaves(self, still: Reading) -> None:
        """Take the stored leaves into the log."""
        for index, body in still.leaves():
            if index != self.log.size:
                raise LedgerDamagedError("ledger.leaf_missing", index=self.log.size)
            self.log.append(leaf_hash(body))

    def replay(self, index: int, body: bytes) -> None:
        """Take one stored leaf into the state."""
        try:
            entry = decode_entry(body)
        except OtherVersionError:
            # the signed heads were compared before: nobody has changed it
            raise
        except EntryError as fault:
            raise LedgerDamagedError("ledger.leaf_changed", index=index) from fault
        command = decode_command(entry.envelope) if entry.envelope else None
        if isinstance(command, Refusal) or entry.index != index:
            raise LedgerDamagedError("ledger.leaf_changed", index=index)
        self.meeting = advance(self.meeting, entry, command)

    def compare_with_heads(self, notes: Sequence[tuple[int, str]], promised: int) -> None:
        """Hold the leaves to every signed head, and the newest head to the ``promised`` size beside it."""
        if not notes:
            if self.log.size or promised:
                raise LedgerDamagedError("ledger.no_head")
            return
        size, self.note = notes[-1]
        if self.log.size < size:
            raise LedgerDamagedError("ledger.leaf_missing", index=self.log.size)
        if self.log.size > size:
            raise LedgerDamagedError("ledger.other_leaves", size=size, found=self.log.size)
        first = 0
        for size, note in notes:
            head = self.signed_head(size, note)
            if self.log.root(size) != head.root:
                if first == size - 1:
                    raise LedgerDamagedError("ledger.leaf_changed", index=first)
                raise LedgerDamagedError("ledger.leaves_changed", first=first, last=size - 1)
            self.fingerprint = fingerprint(head)
            first = size
        if promised > size:
            raise LedgerDamagedError("ledger.rolled_back", size=size, promised=promised)
        if promised < size:
            raise LedgerDamagedError("ledger.head_lowered", size=size, promised=promised)

    def signed_head(self, size: int, note: str) -> Checkpoint:
        """Return the head of this size in a note that this server signed."""
        try:
            head = verify_checkpoint(note, self.log_key, self.origin)
        except CheckpointError as fault:
            raise LedgerDamagedError("ledger.head_unsigned", size=size, fault=fault) from fault
        if (head.origin, head.size) != (self.origin, size):
            raise LedgerDamagedError("ledger.head_misplaced", size=size)
        return head

    def require(self, note: str) -> None:
        """Raise LedgerDamagedError where a head that this server signed, and somebody kept outside, is not of this log.

        A note that it did not sign says nothing about the log.
        """
        try:
            head = verify_checkpoint(note, self.log_key, self.origin)
        except CheckpointError:
            return
        if head.size > self.log.size:
            raise LedgerDamagedError("ledger.end_gone", seen=head.size, size=self.log.size)
        if self.log.root(head.size) != head.root:
            raise LedgerDamagedError("ledger.not_the_seen", seen=head.size)


class Ledger(StandingLedger):
    """One meeting's ledger, open for writing by one process, which holds the key that signs its heads.

    ``meeting`` is the durable state; ``prepare``, ``store.append`` and ``accept`` move it on, and ``abandon`` takes a
    batch back that the store could not keep.
    """

    def __init__(self, store: Store, signing_key: SigningKey, origin: str) -> None:
        """Open it as every StandingLedger, and raise what that raises."""
        super().__init__(store, bytes(signing_key.verify_key), origin)
        self.signing_key = signing_key

    def prepare(self, meeting: Meeting, entries: Sequence[Entry]) -> Batch:
        """Hash and sign a batch after which the state is ``meeting``; nothing is stored yet."""
        leaves = tuple(encode_entry(entry) for entry in entries)
        size = self.log.size
        for leaf in leaves:
            self.log.append(leaf_hash(leaf))
        head = Checkpoint(self.origin, self.log.size, self.log.root())
        note = sign_checkpoint(head, self.signing_key, self.origin)
        return Batch(meeting, size, leaves, note, fingerprint(head))

    def accept(self, batch: Batch) -> None:
        """The store keeps the batch: it is the state now."""
        self.meeting, self.note, self.fingerprint = batch.meeting, batch.note, batch.fingerprint

    def abandon(self, batch: Batch) -> None:
        """The store did not keep the batch: forget it."""
        self.log.truncate(batch.size)

    def receipt(self, command: Command, index: int, leaf: bytes, seen: int) -> Receipt:
        """Return the receipt of an accepted command under the newest head, for a sender that saw ``seen`` leaves."""
        if self.note is None:
            raise ValueError("an empty ledger gives no receipts")
        size = self.log.size
        consistency = self.log.consistency_proof(seen, size) if 0 < seen <= size else ()
        return Receipt(
            command=command.id,
            index=index,
            leaf=leaf.decode(),
            proof=texts(self.log.inclusion_proof(index, size)),
            checkpoint=self.note,
            consistency=texts(consistency),
        )


def texts(hashes: Sequence[bytes]) -> tuple[str, ...]:
    """Return hashes as base64."""
    return tuple(b64encode(one).decode() for one in hashes)
