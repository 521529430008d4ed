"""Tell the server's public key to whoever typed a card: a plain TCP port that sends one line and reads nothing.

A ZeroMQ socket without CURVE would show strangers the whole library; here nothing is read and nothing kept, so there is
nothing to wait for, to fill or to break. Whoever floods it takes turns with others who typed, and no more than a
small share of the server's time.
"""

import asyncio
import socket
from contextlib import suppress

from pingyi_protocol.wire.introduction import introduction

MOST_AT_ONCE = 16
BREATH_SECONDS = 0.02
"""After so many at once the meeting has its turn for so long: 800 a second, some hundredths of a core."""
PATIENCE_SECONDS = 1.0
"""How long it waits when the system gives no more open files."""
BACKLOG = 128


class Introduction:
    """The listening socket at ``address`` (IP) and ``port``, and the line that it sends. OSError when it is taken."""

    def __init__(self, address: str, port: int, server_key: str) -> None:
        """Listen; nobody is answered before ``answer`` runs."""
        wide = ":" in address
        self.listener = socket.create_server(
            (address, port),
            family=socket.AF_INET6 if wide else socket.AF_INET,
            backlog=BACKLOG,
            dualstack_ipv6=wide and socket.has_dualstack_ipv6(),
        )
        self.listener.setblocking(False)
        self.line = introduction(server_key)

    async def answer(self) -> None:
        """Send everybody the line, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                for _ in range(MOST_AT_ONCE):
                    connection, _peer = await loop.sock_accept(self.listener)
                    with connection, suppress(OSError):  # it has gone again
                        connection.send(self.line)
            except OSError:  # out of open files; it goes on when there are some again
                await asyncio.sleep(PATIENCE_SECONDS)
            await asyncio.sleep(BREATH_SECONDS)

    def close(self) -> None:
        """Give the port back."""
        self.listener.close()
