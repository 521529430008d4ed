"""Token buckets and bans, by sender. The time is given by whoever asks, in seconds that never run backwards."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Sender = TypeVar("Sender", bound=Hashable)

MOST_SENDERS = 20_000
"""Senders that are remembered; beyond them the one that was new first is forgotten."""


@dataclass
class Bucket:
    """Holds up to ``burst`` tokens, is full at first, and fills by ``rate`` tokens a second."""

    rate: float
    burst: float
    level: float = field(init=False)
    at: float = 0.0

    def __post_init__(self) -> None:
        """Fill it."""
        self.level = self.burst

    def fill(self, now: float) -> None:
        """Add what has come since the last time."""
        self.level = min(self.burst, self.level + max(0.0, now - self.at) * self.rate)
        self.at = max(self.at, now)

    def take(self, now: float, cost: float = 1.0) -> bool:
        """Take ``cost`` tokens if they are there, at most ``burst`` of them; otherwise none."""
        self.fill(now)
        cost = min(cost, self.burst)
        if self.level < cost:
            return False
        self.level -= cost
        return True


class Buckets(Generic[Sender]):
    """A bucket for each sender."""

    def __init__(self, rate: float, burst: float) -> None:
        """Give every sender ``burst`` tokens at first, and ``rate`` a second."""
        self.rate = rate
        self.burst = burst
        self.held: dict[Sender, Bucket] = {}

    def take(self, sender: Sender, now: float, cost: float = 1.0) -> bool:
        """Take tokens from the bucket of ``sender``, as ``Bucket.take`` does."""
        bucket = self.held.get(sender)
        if bucket is None:
            make_room(self.held, lambda held: held.at < now - self.burst / self.rate)
            bucket = self.held[sender] = Bucket(self.rate, self.burst)
        return bucket.take(now, cost)


class Bans(Generic[Sender]):
    """Who is turned away, and until when."""

    def __init__(self, seconds: float) -> None:
        """Turn away for so many seconds at a time."""
        self.seconds = seconds
        self.until: dict[Sender, float] = {}

    def add(self, sender: Sender, now: float) -> None:
        """Turn ``sender`` away from now on for a time."""
        make_room(self.until, lambda until: until <= now)
        self.until[sender] = now + self.seconds

    def holds(self, sender: Sender, now: float) -> bool:
        """Whether ``sender`` is turned away at ``now``."""
        return self.until.get(sender, now) > now


Kept = TypeVar("Kept")


def make_room(held: dict[Sender, Kept], spent: Callable[[Kept], bool]) -> None:
    """When there are as many as may be, forget what means nothing any more, and if need be the oldest."""
    if len(held) < MOST_SENDERS:
        return
    for sender in [sender for sender, kept in held.items() if spent(kept)]:
        del held[sender]
    if len(held) >= MOST_SENDERS:
        del held[next(iter(held))]
