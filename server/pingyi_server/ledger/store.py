"""What a store does, whichever it is: ``MemoryStore``, or ``SqlStore`` on SQLite or PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_protocol.wording import WordedError

PASSING = frozenset({"store.full", "store.locked", "store.disk", "store.failed"})
"""Faults after which the same thing works, once they are mended."""


class StoreError(WordedError):
    """The store could not do what was asked; nothing of the batch is kept, or it is not known whether it is."""

    package = "pingyi_server"
    exit_code = 1

    def words(self, language: Language) -> str:
        """Return what is wrong and what to do for whoever ran a command."""
        cause = self.cause(language)
        return catalogue(self.package, language)("store.again", cause=cause) if self.key in PASSING else cause

    def cause(self, language: Language) -> str:
        """Return what is wrong and what mends it, for whoever watches a server that tries again by itself."""
        return super().words(language)


class HeadMovedError(StoreError):
    """Another writer has appended meanwhile; nothing of the batch is kept."""


class HeadMissingError(HeadMovedError):
    """Somebody has removed the row that says how many leaves there are."""


class StoreBusyError(StoreError):
    """Another process has the store for writing."""


class Restored(NamedTuple):
    """A copy that was put in place: its ``size`` and ``root`` (base64), and the clerk's ``reason``."""

    size: int
    root: str
    reason: str


class Reading(Protocol):
    """What is read of one meeting: its leaves and signed heads. Every method raises StoreError with what went wrong."""

    def size(self) -> int:
        """Return the number of leaves that the head names; HeadMissingError when that row is gone."""

    def notes(self) -> list[tuple[int, str]]:
        """Return every signed head with its size, rising."""

    def leaves(self, first: int = 0) -> Iterator[tuple[int, bytes]]:
        """Yield (index, bytes) from leaf ``first`` on, in order."""

    def cosignatures(self) -> list[tuple[int, str, str]]:
        """Return every cosignature as (size of its head, device, line), by size and device."""

    def newest_cosigned(self) -> tuple[int, int]:
        """Return the greatest size of a head that terminals cosigned, and how many of them did; zeros for none."""

    def restored(self) -> Restored | None:
        """Return which copy was put in place last, None where none was."""


class Store(Reading, Protocol):
    """The record of one meeting, to read and to write. Every method raises StoreError with what went wrong."""

    def claim(self) -> None:
        """Have the store for writing until it is closed or this process ends; StoreBusyError when another has it."""

    def snapshot(self) -> AbstractContextManager[Reading]:
        """Give what there is at one moment, while others write."""

    def note(self) -> str | None:
        """Return the signed head after the last batch, None for an empty store."""

    def leaf(self, index: int) -> bytes:
        """Return one leaf; StoreError if there is none."""

    def append(self, size: int, leaves: Sequence[bytes], note: str) -> None:
        """Append ``leaves`` to the ``size`` there are, with the signed head ``note`` after them, durably or not at all.

        HeadMovedError when there are not ``size`` leaves any more, StoreBusyError when what was claimed went to another
        process.
        """

    def cosign(self, lines: Sequence[tuple[int, str, str]]) -> None:
        """Keep cosignatures as (size of the head, device, line) beside the log, all of them or, on an error, none.

        One that is there stays as it is: a sender repeats what was kept although the store failed.
        """

    def mark_restored(self, restored: Restored) -> None:
        """Note that this is a copy that was put in place."""

    def probe(self, octets: int = 0) -> None:
        """Commit a write as large as a batch of ``octets`` and take it back, once every earlier write has ended.

        StoreError as long as none can be written; StoreBusyError when what was claimed went to another process.
        """

    def close(self) -> None:
        """Give the store back, and what was claimed."""
