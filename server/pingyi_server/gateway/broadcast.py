"""What everybody is told leaves from a thread of its own.

ZeroMQ's PUB socket does its work in the thread that uses it: it keeps each subscriber's topics in one tree, and walks
the whole of it whenever a subscriber goes. Terminals subscribe once, to everything; but one that turns hostile makes
that tree large, and then nobody's ballots shall wait for it.
"""

import queue

import zmq

TIDY_SECONDS = 0.5
"""How long what subscribers did waits to be looked at, when there is nothing to tell."""


class Broadcast:
    """Sends updates over a PUB socket that no other thread uses meanwhile; ``most`` of them wait at the most."""

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

    def run(self) -> None:
        """Send what is to be told, until ``stop``. Runs on the thread."""
        while True:
            try:
                update = self.waiting.get(timeout=TIDY_SECONDS)
            except queue.Empty:
                # the library takes in who has come and gone only when it is asked something; asking for the socket's
                # events by their option would hold up every other thread as long as that takes
                self.socket.poll(0, zmq.POLLOUT)
                continue
            if update is None:
                return
            self.socket.send(update, zmq.NOBLOCK)

    def stop(self) -> None:
        """Let ``run`` end, after what waits."""
        self.waiting.put(None)
