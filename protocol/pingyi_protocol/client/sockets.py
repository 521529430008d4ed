"""Client sockets under CURVE that know the server by its key."""

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


async def watch_door(socket: zmq.asyncio.Socket, refused: Callable[[], None]) -> None:
    """Call ``refused`` whenever the server's door turns this device's key away, until cancelled."""
    door = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    try:
        while True:
            await recv_monitor_message(door)
            refused()
    finally:
        socket.disable_monitor()
        door.close()
