"""Thousands of terminals' connections in one process: each has keys, a route and a TCP connection of its own.

A ROUTER and an XSUB may connect to one address many times over, and each connection keeps the keys that the socket had
when it was made. So one socket holds what takes a socket each in terminals, and the load costs the machine little
beside the server under it. The server sees no difference.
"""

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

import zmq
from zmq.utils.monitor import recv_monitor_message

from pingyi_protocol.client.session import BROADCAST_OFFSET, ROUTE_BYTES, ROUTE_MARK
from pingyi_protocol.client.sockets import HEARTBEAT_MILLISECONDS, LONGEST_RECONNECT_MILLISECONDS
from pingyi_protocol.wire.messages import LARGEST_REPLY
from pingyi_server.bench.stage import LOOPBACK, Enrolled

SUBSCRIBE = b"\x01"
MOST_DRAINED = 256
UNBOUNDED = 0


class Meeting:
    """The connections of all seats to the meeting's socket."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], seats: Sequence[Enrolled]) -> None:
        """Begin to connect."""
        self.socket = prepared(context, zmq.ROUTER)
        self.socket.router_mandatory = True
        self.places = [b"c%d" % place for place in range(len(seats))]
        self.seat_of = {name: place for place, name in enumerate(self.places)}
        for name, seat in zip(self.places, seats, strict=True):
            # every connection keeps what is set when it is made
            self.socket.set(zmq.CONNECT_ROUTING_ID, name)
            self.socket.routing_id = ROUTE_MARK + secrets.token_bytes(ROUTE_BYTES)
            connect(self.socket, seat, 0)

    def send(self, seat: int, number: bytes, body: bytes) -> None:
        """Send a seat's request."""
        self.socket.send_multipart((self.places[seat], number, body))

    def received(self, milliseconds: float) -> Iterator[tuple[int, bytes, bytes, float]]:
        """Yield what has come, or comes within this time: seat, number, body, and the moment (monotonic, seconds)."""
        if not self.socket.poll(max(0, round(milliseconds))):
            return
        for _ in range(MOST_DRAINED):
            try:
                name, number, body = self.socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            yield self.seat_of[name], number, body, time.monotonic()


class Subscriptions:
    """The connections of seats to the broadcast, and how many of them have shaken hands."""

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], seats: Sequence[Enrolled]) -> None:
        """Begin to connect."""
        self.socket = prepared(context, zmq.XSUB)
        where = f"inproc://handshakes-{id(self)}"
        self.socket.monitor(where, zmq.EVENT_HANDSHAKE_SUCCEEDED)
        self.monitor = context.socket(zmq.PAIR)
        self.monitor.rcvhwm = UNBOUNDED  # a full queue would hold up every connection
        self.monitor.connect(where)
        self.shaken = 0
        for seat in seats:
            connect(self.socket, seat, BROADCAST_OFFSET)
        self.socket.send(SUBSCRIBE)

    def hands_shaken(self) -> int:
        """Return how many handshakes have succeeded so far, all connections together."""
        while self.monitor.poll(0):
            recv_monitor_message(self.monitor)
            self.shaken += 1
        return self.shaken

    def received(self, milliseconds: float) -> Iterator[tuple[float, bytes]]:
        """Yield what was broadcast, once for each connection, behind its moment (monotonic, seconds)."""
        if not self.socket.poll(max(0, round(milliseconds))):
            return
        for _ in range(MOST_DRAINED):
            try:
                body = self.socket.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            yield time.monotonic(), body

    def swallow(self, context: zmq.Context[zmq.Socket[bytes]]) -> None:
        """From now on take and forget all that comes, on a thread that needs nothing of the interpreter."""
        nobody = context.socket(zmq.XPUB)

        def forget() -> None:
            # the end of the process takes its sockets away
            with suppress(zmq.ZMQError):
                zmq.proxy(self.socket, nobody)

        threading.Thread(target=forget, name="swallow", daemon=True).start()


def prepared(context: zmq.Context[zmq.Socket[bytes]], kind: int) -> zmq.Socket[bytes]:
    """Return a socket with the options of a terminal's, and queues that lose nothing."""
    socket = context.socket(kind)
    socket.sndhwm = socket.rcvhwm = UNBOUNDED
    socket.linger = 0
    socket.maxmsgsize = LARGEST_REPLY
    socket.reconnect_ivl = 100
    socket.reconnect_ivl_max = LONGEST_RECONNECT_MILLISECONDS
    socket.heartbeat_ivl = HEARTBEAT_MILLISECONDS
    socket.heartbeat_timeout = 2 * HEARTBEAT_MILLISECONDS
    return socket


def connect(socket: zmq.Socket[bytes], seat: Enrolled, offset: int) -> None:
    """Connect once more, with this seat's keys."""
    socket.curve_serverkey = seat.facts.server_key.encode()
    socket.curve_publickey = seat.keys.transport.public.encode()
    socket.curve_secretkey = seat.keys.transport.secret.encode()
    socket.connect(f"tcp://{LOOPBACK}:{seat.facts.port + offset}")
