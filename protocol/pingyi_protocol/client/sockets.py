"""Client sockets under CURVE that know the server by its key."""

import asyncio
import errno
from collections.abc import Callable

import zmq
import zmq.asyncio
from zmq.utils.monitor import recv_monitor_message

from pingyi_protocol.keys.transport import TransportKeys
from pingyi_protocol.wire.messages import LARGEST_REPLY

HEARTBEAT_MILLISECONDS = 2000
LONGEST_RECONNECT_MILLISECONDS = 2000
HANDSHAKE_MILLISECONDS = 10_000
"""How long the server may take to prove its key, as long as it gives a terminal; no heartbeat is asked for before."""

LINE_EVENTS = (
    zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_DISCONNECTED
    | zmq.EVENT_CONNECT_RETRIED
    | zmq.EVENT_CONNECT_DELAYED
    | zmq.EVENT_CONNECTED
)
GIVEN_UP_SECONDS = 1.0
"""The library says at once when it will connect again; without a word it will not."""


def connect(
    context: zmq.asyncio.Context,
    kind: int,
    addresses: tuple[str, ...],
    port: int,
    server_key: str,
    keys: TransportKeys,
    route: bytes | None = None,
) -> zmq.asyncio.Socket:
    """Return a socket that keeps connecting to the first of ``addresses``, with the server's key pinned.

    Only what has a live connection is queued, so nothing old is sent after a long silence. ``route`` is its routing id;
    without one the server makes one for each connection.
    """
    socket = context.socket(kind)
    socket.curve_serverkey = server_key.encode()
    socket.curve_publickey = keys.public.encode()
    socket.curve_secretkey = keys.secret.encode()
    if route is not None:
        socket.routing_id = route
    socket.linger = 500
    socket.immediate = True
    socket.maxmsgsize = LARGEST_REPLY
    socket.reconnect_ivl = 100
    socket.reconnect_ivl_max = LONGEST_RECONNECT_MILLISECONDS
    socket.handshake_ivl = HANDSHAKE_MILLISECONDS
    socket.heartbeat_ivl = HEARTBEAT_MILLISECONDS
    socket.heartbeat_timeout = 2 * HEARTBEAT_MILLISECONDS
    connect_to(socket, addresses[0], port)
    return socket


def connect_to(socket: zmq.asyncio.Socket, address: str, port: int) -> None:
    """Keep connecting to this address and no longer to the one before."""
    before = socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0")
    if before:
        socket.disconnect(before)
    socket.ipv6 = ":" in address
    socket.connect(f"tcp://{f'[{address}]' if ':' in address else address}:{port}")


def connect_anew(socket: zmq.asyncio.Socket) -> None:
    """Connect to the same address once more, after the library has given it up."""
    endpoint = socket.get_string(zmq.LAST_ENDPOINT).rstrip("\0")
    try:
        socket.disconnect(endpoint)
    except zmq.ZMQError as fault:
        # nothing is left of it
        if fault.errno != errno.ENOENT:
            raise
    socket.connect(endpoint)


async def watch_line(socket: zmq.asyncio.Socket, refused: Callable[[], None] = lambda: None) -> None:
    """Until cancelled, call ``refused`` whenever the server's door turns this device's key away, and stay on the line.

    The library connects no more after bytes that cannot be the server's (libzmq issue 4196): with one of them, whoever
    holds the line would silence a terminal for good.
    """
    line = socket.get_monitor_socket(LINE_EVENTS)
    ended = False
    try:
        while True:
            try:
                async with asyncio.timeout(GIVEN_UP_SECONDS if ended else None):
                    event = (await recv_monitor_message(line))["event"]
            except TimeoutError:
                connect_anew(socket)
                ended = False
                continue
            ended = event == zmq.EVENT_DISCONNECTED
            if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                refused()
    finally:
        socket.disable_monitor()
        line.close()
