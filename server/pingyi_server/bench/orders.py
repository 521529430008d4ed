"""What a hall full of seats is told to do, and what it answers."""

from typing import TypeAlias

import msgspec

from pingyi_protocol.meeting.struct import Struct
from pingyi_server.bench.stage import Enrolled


class CrowdPlan(Struct, frozen=True):
    """Who sits there, who presides over them, and the display on the wall.

    ``listening``: what is broadcast is looked at as it comes; else it is taken and forgotten.
    """

    seats: tuple[Enrolled, ...]
    chair: Enrolled
    wall: Enrolled
    listening: bool = False


class Join(Struct, frozen=True, tag="join"):
    """Come in, as terminals do that were there before: everybody holds the definition."""


class Next(Struct, frozen=True, tag="next"):
    """Let the chair close what is open, and open the item again as its round of this number."""

    round: int


class Cast(Struct, frozen=True, tag="cast"):
    """Let every seat cast so many ballots in this round, each when the one before has its receipt.

    The first are due at random moments of so many seconds, 0 for all at once. ``server`` is the server's process.
    """

    round: int
    ballots: int
    seconds: float
    server: int


class Back(Struct, frozen=True, tag="back"):
    """The server was just killed: see when everybody is back and holds what it shows."""


class Hear(Struct, frozen=True, tag="hear"):
    """See when a message of so many bytes, which is about to be broadcast, has come to each."""

    bytes: int


class HearRound(Struct, frozen=True, tag="hear_round"):
    """Let the chair close what is open, and see when everybody is shown the item again as its round of this number."""

    round: int


Order: TypeAlias = Join | Next | Cast | Back | Hear | HearRound


class Done(msgspec.Struct):
    """It is done."""


class Joined(msgspec.Struct):
    """Everybody is there; ``welcome`` is what the first was answered, as it came."""

    welcome: str


class Returned(msgspec.Struct):
    """The moments (monotonic, seconds) when each had its picture again, and when the last subscribed again."""

    seats: list[float]
    broadcasts: float

    @property
    def last(self) -> float:
        """When nobody was missing any more."""
        return max(self.broadcasts, *self.seats)


class Heard(msgspec.Struct):
    """When a message of so many bytes was asked for, 0 if not here, and when it came to each (monotonic, seconds)."""

    asked: float
    seats: list[float]
    bytes: int


class Felt(msgspec.Struct):
    """What the seats felt, and what it cost.

    ``milliseconds`` from each press to its receipt; ``rate`` of receipts a second; ``processor`` the server's seconds
    of processor time, ``own`` those of the seats together. ``chair`` and ``hall``: milliseconds from each receipt until
    the chair, or the hall, was shown a count that holds it; 0 where that came first.
    """

    milliseconds: list[float]
    rate: float
    processor: float
    own: float
    chair: list[float]
    hall: list[float]
