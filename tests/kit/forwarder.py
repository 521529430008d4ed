"""HAProxy, as server/deploy/haproxy.cfg has it run in another hall, between these seats and the server."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from kit.hall import MEETING_PORTS, free_port
from kit.waits import WAIT_SECONDS

PROGRAM = shutil.which("haproxy") or "/usr/sbin/haproxy"
FILE = Path(__file__).parents[2] / "server/deploy/haproxy.cfg"
AVAILABLE = os.geteuid() == 0 and Path(PROGRAM).exists()
"""Whether this machine has it, and lets it give its rights away."""


class Forwarder:
    """The forwarder of another hall: its own first port, and the server's."""

    def __init__(self, server: int) -> None:
        self.server = server
        self.port = free_port()

    async def start(self) -> "asyncio.subprocess.Process":
        """Run it until its ports are open."""
        where = {
            "PINGYI_SERVER": f"127.0.0.1:{self.server - self.port:+}",
            "PINGYI_PORTS": f"{self.port}-{self.port + MEETING_PORTS - 1}",
        }
        process = await asyncio.create_subprocess_exec(PROGRAM, "-db", "-f", FILE, env=os.environ | where)
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                assert process.returncode is None, "HAProxy did not start"
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    return process

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Have it run; afterwards the line is cut."""
        process = await self.start()
        try:
            yield
        finally:
            process.kill()
            await process.wait()
