"""The meeting's clock: milliseconds since the ledger began, never backwards, whatever happens to the wall clock."""

import time
from datetime import UTC, datetime


class MeetingClock:
    """Runs on from ``start`` milliseconds by the machine's monotonic clock."""

    def __init__(self, start: int) -> None:
        """Begin at the time of the last leaf."""
        self.start = start
        self.begun = time.monotonic_ns()

    def at(self) -> int:
        """Return the milliseconds of the meeting's clock now."""
        return self.start + (time.monotonic_ns() - self.begun) // 1_000_000

    @staticmethod
    def label() -> str:
        """Return the wall clock as ISO 8601 UTC to the millisecond: a label, never an order."""
        return datetime.now(UTC).isoformat(timespec="milliseconds")
