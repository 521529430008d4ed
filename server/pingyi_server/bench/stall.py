"""How long a server's loop keeps somebody waiting: a terminal pings again and again, and times each answer."""

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import zmq

from pingyi_protocol.wire.messages import Ping, encode
from pingyi_server.bench.connections import Meeting
from pingyi_server.bench.stage import Enrolled, StageError

EVERY_SECONDS = 0.01
LONGEST_SECONDS = 60.0
POLL_MILLISECONDS = 1.0
PERMITTED = "requests_per_second = 1000.0\nrequests_burst = 1000\nqueued_requests = 10000\nqueued_answers = 10000\n"
"""What ``limits.toml`` says where one terminal pings that often."""


class Stalls:
    """One terminal's pings. Each goes out whether those before are answered or not."""

    def __init__(self, meeting: Meeting) -> None:
        """Take a connection of one terminal, of no other thread from now on."""
        self.meeting = meeting
        self.sent: dict[bytes, float] = {}
        self.waited: list[float] = []
        """How long each answer took, in seconds."""

    def ping(self) -> None:
        """Send one."""
        number = secrets.token_hex(4).encode()
        self.sent[number] = time.monotonic()
        self.meeting.send(0, number, encode(Ping()))

    def take(self) -> None:
        """Take what has come."""
        for _, number, _, at in self.meeting.received(POLL_MILLISECONDS):
            if number in self.sent:
                self.waited.append(at - self.sent.pop(number))

    def watch(self, over: threading.Event) -> None:
        """Ping every hundredth of a second until it is over, and wait for what is not answered then."""
        due = time.monotonic()
        while not over.is_set():
            if time.monotonic() >= due:
                self.ping()
                due += EVERY_SECONDS
            self.take()
        until = time.monotonic() + LONGEST_SECONDS
        while self.sent and time.monotonic() < until:
            self.take()

    @contextmanager
    def watched(self) -> Iterator[list[float]]:
        """Watch on a thread for as long as the block lasts; what was found is there behind it.

        StageError where something was never answered.
        """
        self.waited = []
        over = threading.Event()
        thread = threading.Thread(target=self.watch, args=(over,), name="stalls")
        thread.start()
        try:
            yield self.waited
        finally:
            over.set()
            thread.join()
        if self.sent:
            raise StageError("bench.silent", seconds=int(LONGEST_SECONDS))


@contextmanager
def pinging(one: Enrolled) -> Iterator[Stalls]:
    """Connect this terminal for as long as the block lasts, and wait for its first answer."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    try:
        stalls = Stalls(Meeting(context, (one,)))
        stalls.ping()
        until = time.monotonic() + LONGEST_SECONDS
        while not stalls.waited:
            if time.monotonic() > until:
                raise StageError("bench.silent", seconds=int(LONGEST_SECONDS))
            stalls.take()
        yield stalls
    finally:
        context.destroy(linger=0)
