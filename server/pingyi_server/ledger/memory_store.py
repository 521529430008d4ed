"""A store in memory, for tests and rehearsals: what ends with the process needs no disk."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from pingyi_server.ledger.store import HeadMovedError, Restored, StoreBusyError, StoreError


@dataclass
class MemoryRecord:
    """What several stores of one process share, as they would share a database."""

    leaves: list[bytes] = field(default_factory=list)
    notes: list[tuple[int, str]] = field(default_factory=list)
    cosignatures: dict[tuple[int, str], str] = field(default_factory=dict)
    restored: Restored | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)
    writer: "MemoryStore | None" = None


class MemoryStore:
    """A ``Store`` on a MemoryRecord."""

    def __init__(self, record: MemoryRecord | None = None) -> None:
        """Open ``record``, or an empty one of its own."""
        self.record = record or MemoryRecord()

    def claim(self) -> None:
        """Have the record for writing."""
        with self.record.turn:
            if self.record.writer not in (None, self):
                raise StoreBusyError("store.busy", database="memory")
            self.record.writer = self

    @contextmanager
    def snapshot(self) -> Iterator["MemoryStore"]:
        """Give a copy of the record as it is now."""
        with self.record.turn:
            one = self.record
            still = MemoryRecord(list(one.leaves), list(one.notes), dict(one.cosignatures), one.restored)
        yield MemoryStore(still)

    def size(self) -> int:
        """Return the number of leaves."""
        return len(self.record.leaves)

    def note(self) -> str | None:
        """Return the newest signed head."""
        return self.record.notes[-1][1] if self.record.notes else None

    def notes(self) -> list[tuple[int, str]]:
        """Return every signed head."""
        return list(self.record.notes)

    def leaf(self, index: int) -> bytes:
        """Return one leaf."""
        if not 0 <= index < len(self.record.leaves):
            raise StoreError("store.leaf_missing", index=index)
        return self.record.leaves[index]

    def leaves(self, first: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield the leaves from ``first`` on, also those that come meanwhile."""
        while first < len(self.record.leaves):
            yield first, self.record.leaves[first]
            first += 1

    def append(self, size: int, leaves: Sequence[bytes], note: str) -> None:
        """Append a batch."""
        with self.record.turn:
            if size != len(self.record.leaves):
                raise HeadMovedError("store.head_moved", size=size)
            self.record.leaves += leaves
            self.record.notes.append((len(self.record.leaves), note))

    def cosign(self, lines: Sequence[tuple[int, str, str]]) -> None:
        """Keep cosignatures."""
        with self.record.turn:
            self.record.cosignatures = {(size, device): line for size, device, line in lines} | self.record.cosignatures

    def cosignatures(self) -> list[tuple[int, str, str]]:
        """Return every cosignature."""
        return [(*key, line) for key, line in sorted(self.record.cosignatures.items())]

    def newest_cosigned(self) -> tuple[int, int]:
        """Return the greatest cosigned head's size, and how many cosigned it."""
        sizes = [size for size, _ in self.record.cosignatures]
        return max(sizes, default=0), sizes.count(max(sizes, default=0))

    def restored(self) -> Restored | None:
        """Return which copy was put in place."""
        return self.record.restored

    def mark_restored(self, restored: Restored) -> None:
        """Note that a copy was put in place."""
        self.record.restored = restored

    def probe(self, octets: int = 0) -> None:  # noqa: ARG002 - memory has the room
        """Wait for a write that is under way."""
        with self.record.turn:
            return

    def close(self) -> None:
        """Let another have the record."""
        with self.record.turn:
            if self.record.writer is self:
                self.record.writer = None
