"""What connections send beside whole messages, which the library holds without asking anybody, is bounded here.

ZeroMQ bounds a frame, never how many frames a message has, nor how many subscriptions a subscriber makes: both pile up
in its memory before anything reaches us. So each connection is asked now and then how many bytes it has received
(Linux: TCP_INFO); those that made no whole message are held against it.
"""

import asyncio
import logging
import math
import os
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import zmq
import zmq.asyncio

from pingyi_server.gateway.journal import Excesses
from pingyi_server.gateway.limits import KIB, Limits
from pingyi_server.gateway.sockets import BROADCAST, ENROLMENT, MEETING, OFFICE, SUBSCRIPTION, Sockets, largest

if sys.platform != "win32":
    import fcntl
    import termios

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
"""How often all connections are looked at, at the most."""

SHARE = 40
"""Looking takes one part in so many of the time: with more connections it is done less often."""

SLICE = 200
"""Connections that are looked at without a pause."""

HANDSHAKE_BYTES = KIB
"""What a connection sends before its first message, and some of its heartbeats."""

QUIET_BYTES = 256
"""Bytes a second of heartbeats, which are no messages."""

UNFINISHED_BYTES = 64 * KIB
"""What may be on its way beside one message of the largest size."""

FRAME_BYTES = 42
"""What a frame costs on the wire beside its content: 9 of ZMTP, and 33 of CURVE (RFC 26)."""

HARD = 4
"""Times the limit: beyond it nothing is waited for."""

MOST_WORDS = 16
"""What a subscriber may say. Two words are all it has to, but what one said who has left since, and whose descriptor it
has now, is heard late, and then taken for its own."""

WORDLESS = 3
"""Times ``handshake_seconds``: so long a connection may last without a whole message."""

STUCK_SECONDS = 5.0
"""How long a subscriber may leave what was sent to it unread before the log says so."""

TCP_INFO_BYTES = 152
EVENT = struct.Struct("=Hi")
"""What a ZeroMQ monitor says: the event, and the descriptor of the connection."""

RECEIVED, NOT_SENT = 128, 144
"""Where Linux's struct tcp_info holds tcpi_bytes_received (u64) and tcpi_notsent_bytes (u32)."""


@dataclass
class Account:
    """The bytes that one connection has sent, and those of them that came as whole messages.

    ``excess`` are the others, less what heartbeats need.
    """

    received: int = 0
    whole: int = 0
    settled: int = 0
    excess: float = -HANDSHAKE_BYTES
    over: float | None = None

    def settle(self, received: int, seconds: float) -> float:
        """Take the count of bytes received until now, ``seconds`` after the last one, and return the excess."""
        unfinished = (received - self.received) - (self.whole - self.settled)
        self.received, self.settled = received, self.whole
        self.excess = max(-HANDSHAKE_BYTES, self.excess + unfinished - QUIET_BYTES * seconds)
        return self.excess

    def exceeds(self, limit: int, now: float, emptied: float, unread: int) -> bool:
        """Whether what was sent is beyond the limit; ``unread`` bytes of it have not come to the library yet.

        Whole messages that wait in the library's queue are no excess, but cannot be told from it before the queue was
        empty once, at ``emptied``.
        """
        beyond = self.excess - unread
        if beyond <= limit:
            self.over = None
            return False
        if self.over is None:
            self.over = now
        seen_empty = emptied > self.over and now - self.over >= LOOK_SECONDS
        return seen_empty or beyond > HARD * limit


@dataclass
class Connection:
    """One TCP connection to the socket of this name; ``device`` once a message of it has come.

    ``said`` counts what a subscriber has said.
    """

    door: str
    descriptor: int
    peer: tuple[str, int]
    since: float
    looked: float
    device: str = ""
    said: int = 0
    stuck: float | None = None
    account: Account = field(default_factory=Account)

    @property
    def address(self) -> str:
        """The IP address at the other end."""
        return self.peer[0]

    def cut(self) -> bool:
        """End the connection, and say whether it was still there: its descriptor may be another's by now."""
        try:
            copy = os.dup(self.descriptor)
        except OSError:
            return False
        try:
            with socket.socket(fileno=copy) as other:
                if other.getpeername()[:2] != self.peer:
                    return False
                # with a reset, so that who never stops sending is gone on this side too
                other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                other.shutdown(socket.SHUT_RDWR)
        except OSError:
            return False
        return True


class Traffic:
    """Knows every connection to the server's sockets, and cuts those that send what is no message."""

    def __init__(self, sockets: Sockets, limits: Limits, excesses: Excesses) -> None:
        """Watch these sockets; the log says what is cut."""
        self.limits = limits
        self.excesses = excesses
        self.connections: dict[int, Connection] = {}
        self.emptied: dict[str, float] = {}
        self.monitors = sockets.monitors
        self.doors = sockets.ports

    def arrived(self, door: str, descriptor: int, device: str, frames: int, size: int) -> Connection | None:
        """Count a whole message that came over the connection with this descriptor, and return the connection."""
        if descriptor not in self.connections or door == BROADCAST:
            # its descriptor may have been another one's a moment ago
            self.take_events()
        if descriptor not in self.connections:
            self.accepted(descriptor, time.monotonic())
        connection = self.connections.get(descriptor)
        if connection is None or connection.door != door:
            return None
        connection.device = device
        connection.account.whole += size + FRAME_BYTES * frames
        return connection

    def emptied_queue(self, door: str, until: float) -> None:
        """Note that no whole message waits at this socket ``until`` this moment of the monotonic clock."""
        self.emptied[door] = until

    async def watch(self, punish: Callable[[Connection], None]) -> None:
        """Look at all connections again and again, until cancelled; ``punish`` those that sent what is no message."""
        if sys.platform != "linux":
            log.warning("on this system nothing bounds what connections send beside whole messages")
            await asyncio.Event().wait()
        while True:
            busy = 0.0
            self.take_events()
            known = list(self.connections.values())
            self.thin_out(known)
            for place in range(0, len(known), SLICE):
                begun = time.monotonic()
                for one in self.exceeding(known[place : place + SLICE], begun):
                    punish(one)
                busy += time.monotonic() - begun
                await asyncio.sleep(0)
            await asyncio.sleep(max(LOOK_SECONDS, SHARE * busy))

    def take_events(self) -> None:
        """Learn which connections have come and gone."""
        now = time.monotonic()
        for door, monitor in self.monitors.items():
            with suppress(zmq.Again):
                while True:
                    said, _address = monitor.recv_multipart(zmq.NOBLOCK)
                    event, descriptor = EVENT.unpack(said)
                    if event == zmq.EVENT_ACCEPTED:
                        self.accepted(descriptor, now)
                    else:
                        self.gone(door, descriptor)

    def accepted(self, descriptor: int, now: float) -> None:
        """Remember a connection that has come, unless it is known or gone already.

        Each socket tells of its own connections in order, but not all of them together: whose it is says its port.
        """
        try:
            with borrowed(descriptor) as other:
                peer, port = other.getpeername()[:2], other.getsockname()[1]
        except OSError:
            self.connections.pop(descriptor, None)
            return
        known, door = self.connections.get(descriptor), self.doors.get(port)
        if door is not None and (known is None or (known.peer, known.door) != (peer, door)):
            self.connections[descriptor] = Connection(door, descriptor, peer, now, now)

    def gone(self, door: str, descriptor: int) -> None:
        """Forget a connection that has ended."""
        connection = self.connections.get(descriptor)
        if connection is not None and connection.door == door:
            del self.connections[descriptor]

    def exceeding(self, connections: Iterable[Connection], now: float) -> Iterator[Connection]:
        """Look at some connections, cut those that exceed a limit, and yield those whose senders are to blame."""
        for one in connections:
            if self.connections.get(one.descriptor) is not one:
                continue
            facts = tcp_facts(one.descriptor)
            if facts is None:
                self.gone(one.door, one.descriptor)
                continue
            received, unread = facts
            one.account.settle(received, now - one.looked)
            one.looked = now
            self.judge_reading(one, unread, now)
            if self.judge(one, now):
                yield one

    def thin_out(self, known: Iterable[Connection]) -> None:
        """Cut what a device opened beyond its limit: open files are finite, and others want to come."""
        held: Counter[tuple[str, str]] = Counter()
        for one in known:
            if one.device and one.door in {MEETING, BROADCAST}:
                held[one.door, one.device] += 1
                if held[one.door, one.device] > self.limits.connections:
                    self.end(one, "connections", "connection cut")

    def judge(self, one: Connection, now: float) -> bool:
        """Cut a connection that sends too much that is no message, and say so; or one that is slow to say anything."""
        limit = largest(one.door, self.limits) + (0 if one.door == BROADCAST else UNFINISHED_BYTES)
        unread = waiting(one.descriptor) if one.account.excess > limit else 0
        if one.account.exceeds(limit, now, self.emptied.get(one.door, math.inf), unread):
            what = f"connection to {one.door} cut with {int(one.account.excess)} bytes that are no message"
            return self.end(one, "largest_request_kib", what)
        if one.door == ENROLMENT and now - one.since > self.limits.enrolment_seconds:
            self.end(one, "enrolment_seconds", "connection cut")
        elif one.door != OFFICE and not one.device and now - one.since > WORDLESS * self.limits.handshake_seconds:
            self.end(one, "handshake_seconds", "connection cut that brought no message")
        return False

    def judge_reading(self, one: Connection, unread: int, now: float) -> None:
        """Let the log say who does not read what is broadcast; the library drops what is beyond its queue."""
        if one.door != BROADCAST or not unread:
            one.stuck = None
        elif one.stuck is None:
            one.stuck = now
        elif now - one.stuck > STUCK_SECONDS:
            self.excesses.note(f"address={one.address}", "queued_broadcasts", "does not read its broadcasts")

    def subscriber_said(self, descriptor: int, device: str, word: bytes) -> Connection | None:
        """Know whose connection this is; cut it, and return it, if it said what none says, or too much."""
        one = self.arrived(BROADCAST, descriptor, device, 1, len(word))
        if one is None:
            return None
        one.said += 1
        if word in SUBSCRIPTION and one.said <= MOST_WORDS:
            return None
        self.end(one, "subscriptions", "connection cut")
        return one

    def end(self, one: Connection, limit: str, consequence: str) -> bool:
        """Cut one connection and say why, and whether it was there: what was counted may be another one's."""
        cut = one.cut()
        if cut:
            who = f"device={one.device} address={one.address}" if one.device else f"address={one.address}"
            self.excesses.note(who, limit, consequence)
        self.gone(one.door, one.descriptor)
        return cut

    def cut_one(self, door: str, descriptor: int, device: str) -> None:
        """Cut the connection that a message of ``device`` came over, unless it was cut already."""
        one = self.connections.get(descriptor)
        if one is not None and (one.door, one.device) == (door, device):
            one.cut()
            self.gone(door, descriptor)

    def cut_all(self, wanted: Callable[[Connection], bool]) -> None:
        """Cut every connection that is wanted."""
        for one in [one for one in self.connections.values() if wanted(one)]:
            one.cut()
            self.gone(one.door, one.descriptor)


@contextmanager
def borrowed(descriptor: int) -> Iterator[socket.socket]:
    """Give the library's socket to be asked something, and never close it; OSError when there is none any more."""
    other = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=descriptor)
    try:
        yield other
    finally:
        other.detach()


def tcp_facts(descriptor: int) -> tuple[int, int] | None:
    """Return the bytes that a connection has received, and those not sent yet; None when it is none any more."""
    try:
        with borrowed(descriptor) as other:
            info = other.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
    except OSError:
        return None
    if len(info) < TCP_INFO_BYTES:
        return None
    return struct.unpack_from("<Q", info, RECEIVED)[0], struct.unpack_from("<I", info, NOT_SENT)[0]


def waiting(descriptor: int) -> int:
    """Return the bytes that the system has received and nobody has read."""
    try:
        answer = fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4))
    except OSError:
        return 0
    return int(struct.unpack("<i", answer)[0])
