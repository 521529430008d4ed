"""What everybody is told leaves from a thread of its own.

ZeroMQ's publishing sockets do their work in the thread that uses them: they keep each subscriber's topics in one tree,
and walk the whole of it whenever a subscriber goes. Terminals subscribe once, to everything; one that turns hostile is
heard here before the tree is large, and whatever it costs, nobody's ballots wait for it.
"""

import queue
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

import zmq

from pingyi_server.gateway.inlet import told

MOST_HEARD = 4096
"""Words of subscribers that are passed on before the next update is sent."""

TIDY_SECONDS = 0.1
"""How long what subscribers did waits to be looked at, when there is nothing to tell."""


Heard: TypeAlias = Callable[[int, str, bytes], object]
"""Told, on the thread, what a subscriber says: the descriptor of its connection, its device, and its word."""


class Broadcast:
    """Sends updates over an XPUB socket that no other thread uses meanwhile; ``most`` of them wait at the most."""

    def __init__(self, socket: zmq.Socket[bytes], most: int) -> None:
        """Take a bound socket; nothing is sent before ``run``."""
        self.socket = socket
        self.waiting: queue.Queue[bytes | None] = queue.Queue(most)

    def tell(self, update: bytes) -> bool:
        """Send an update as soon as it is its turn; False where too many wait: terminals notice that one is missing."""
        try:
            self.waiting.put_nowait(update)
        except queue.Full:
            return False
        return True

    def run(self, heard: Heard) -> None:
        """Send what is to be told and pass on what subscribers say, until ``stop``. Runs on the thread."""
        while True:
            try:
                update = self.waiting.get(timeout=TIDY_SECONDS)
            except queue.Empty:
                pass
            else:
                if update is None:
                    return
                self.socket.send(update, zmq.NOBLOCK)
            self.hear(heard)

    def hear(self, heard: Heard) -> None:
        """Pass on what subscribers have said."""
        # the library takes in who has come and gone only when it is asked something; asking for the socket's events by
        # their option would hold up every other thread as long as that takes
        self.socket.poll(0, zmq.POLLIN)
        with suppress(zmq.Again):
            for _ in range(MOST_HEARD):
                frame = self.socket.recv(zmq.NOBLOCK, copy=False)
                device = told(frame, "User-Id")
                # without a device it is the library's own word that nobody is subscribed any more
                if device:
                    heard(int(frame.get(zmq.SRCFD)), device, frame.bytes)

    def stop(self) -> None:
        """Let ``run`` end, after what waits."""
        self.waiting.put(None)
