"""What takes long, done beside the loop: in worker processes on all cores, none of which shares memory with the server.

They begin with the first work and end with the server, however it ends. Where one is killed, others take its place and
do its work again.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from typing import TypeVar

from pingyi_protocol.record.proofs import worker_pool

log = logging.getLogger(__name__)

Work = TypeVar("Work")
Result = TypeVar("Result")

MOST_DEATHS = 4
"""So often workers may be killed with nothing done between; then the work is done on a thread of the server."""


class Workers:
    """Worker processes of one server, of which ``deaths`` were killed since any of them has done something."""

    def __init__(self, count: int | None = None) -> None:
        """Use all cores unless told."""
        self.count = count or os.cpu_count() or 1
        self.pool: ProcessPoolExecutor | None = None
        self.deaths = 0

    async def run(self, do: Callable[[Work], Result], work: Work) -> Result:
        """Return what ``do`` makes of ``work``; raises what it raises. Both and the result are sent as pickles."""
        loop = asyncio.get_running_loop()
        while self.deaths < MOST_DEATHS:
            pool = self.pool = self.pool or worker_pool(self.count)
            try:
                result = await loop.run_in_executor(pool, do, work)
            except BrokenExecutor:
                # all that was under way hears it: the first of them counts it
                if self.pool is pool:
                    self.lose(pool)
            else:
                self.deaths = 0
                return result
        return await asyncio.to_thread(do, work)

    def lose(self, pool: ProcessPoolExecutor) -> None:
        """Let go of workers one of which was killed."""
        self.pool, self.deaths = None, self.deaths + 1
        log.warning("a worker process was killed (%s in a row): its work is done again", self.deaths)
        pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """End the processes; what they have not begun is left undone."""
        pool, self.pool = self.pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)
