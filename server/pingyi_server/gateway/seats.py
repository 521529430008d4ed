"""One live session a seat: which of several connections with the keys of one device is listened to.

The keys may have been copied to a second machine. Who is there stays, until the connection has ended or is silent;
where the keys lie under a PIN, whoever speaks has typed it, and takes over.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

KNOCK_SECONDS = 1.0
"""So long whoever waits must have been heard before silence counts: a server that was held up has heard nobody."""

ASK_SECONDS = 0.5
"""How seldom it is tried whether a connection still stands; who waits knocks once a second."""

MOST_OUSTED = 16
"""Sessions of one device that are remembered as taken over."""


class Route(NamedTuple):
    """Where a session's messages come from: the name of the socket, its routing id there, and its device."""

    door: str
    id: bytes
    device: str = ""


class Verdict(Enum):
    """What a session is told: that it is listened to, that another one is, or that another one has taken over."""

    LIVE = "live"
    ELSEWHERE = "elsewhere"
    TAKEN_OVER = "taken over"


@dataclass
class Seat:
    """The live session of one device, when it was heard last, and since when another one has been waiting."""

    route: Route
    heard: float
    waiting: float | None = None
    asked: float = float("-inf")
    ousted: deque[Route] = field(default_factory=lambda: deque(maxlen=MOST_OUSTED))


class Seats:
    """The live session of each device."""

    def __init__(self, silent_seconds: float) -> None:
        """Let a session that has said nothing for so long be followed by another."""
        self.silent_seconds = silent_seconds
        self.seats: dict[str, Seat] = {}

    def is_live(self, device: str, route: Route) -> bool:
        """Whether this is the session of ``device`` that is listened to, or would be."""
        seat = self.seats.get(device)
        return seat is None or seat.route == route

    def hear(
        self, device: str, route: Route, now: float, *, pinned: bool, stands: Callable[[Route], bool]
    ) -> tuple[Verdict, Route | None]:
        """Return whether a message of ``device`` from ``route`` is listened to, and who is to be told of its end.

        ``stands`` finds out whether the connection of another session still stands, and is asked now and then.
        """
        seat = self.seats.get(device)
        if seat is None:
            self.seats[device] = Seat(route, now)
            return Verdict.LIVE, None
        if seat.route == route:
            seat.heard, seat.waiting = now, None
            return Verdict.LIVE, None
        if route in seat.ousted:
            return Verdict.TAKEN_OVER, None
        if seat.waiting is None:
            seat.waiting = now
        silent = now - seat.heard > self.silent_seconds and now - seat.waiting >= KNOCK_SECONDS
        before = seat.route
        if pinned or silent:
            seat.ousted.append(before)
        elif now - seat.asked < ASK_SECONDS:
            return Verdict.ELSEWHERE, None
        else:
            seat.asked = now
            if stands(before):
                return Verdict.ELSEWHERE, None
        self.seats[device] = Seat(route, now, ousted=seat.ousted)
        # a connection that only broke may come back: it waits then, as this one did
        return Verdict.LIVE, before if before in seat.ousted else None

    def take(self, device: str, route: Route, now: float) -> None:
        """Listen to this session of ``device``, whoever else there is."""
        self.seats[device] = Seat(route, now)

    def heard_since(self, then: float) -> list[str]:
        """Return the devices whose live session has spoken after ``then``."""
        return [device for device, seat in self.seats.items() if seat.heard > then]

    def route_of(self, device: str) -> Route:
        """Return the live session of a device that was heard; KeyError for another one."""
        return self.seats[device].route
