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

NO_WORKERS = (BrokenExecutor, OSError)
"""What is raised where a worker was killed, or where the system has no memory or process left for one."""


class Workers:
    """Worker processes of one server, of which ``deaths`` were killed since any of them has done something."""

    def __init__(self, count: int | None = None) -> None:
        """Use all cores unless told."""
        self.count = count or os.cpu_count() or 1
        self.pool: ProcessPoolExecutor | None = None
        self.deaths = 0

    def begin(self, do: Callable[[Work], object], work: Work) -> None:
        """Let all of them begin now, unless they have: what comes later then waits for none to start.

        Each may be given this work, which should cost nothing but make a worker load what it needs.
        """
        if self.pool is None and self.deaths < MOST_DEATHS:
            pool = None
            try:
                pool = self.pool = worker_pool(self.count)
                for _ in range(self.count):
                    pool.submit(do, work)
            except NO_WORKERS:
                self.lose(pool)

    async def run(self, do: Callable[[Work], Result], work: Work) -> Result:
        """Return what ``do`` makes of ``work``; raises what it raises. Both and the result are sent as pickles."""
        loop = asyncio.get_running_loop()
        while self.deaths < MOST_DEATHS:
            pool = self.pool
            try:
                pool = self.pool = pool or worker_pool(self.count)
                result = await loop.run_in_executor(pool, do, work)
            except NO_WORKERS:
                # all that was under way hears it: the first of them counts it
                if self.pool is pool:
                    self.lose(pool)
            else:
                self.deaths = 0
                return result
        return await asyncio.to_thread(do, work)

    def lose(self, pool: ProcessPoolExecutor | None) -> None:
        """Let go of workers one of which was killed, or did not begin."""
        self.pool, self.deaths = None, self.deaths + 1
        log.warning("a worker process was killed, or none begins (%s in a row): its work is done again", self.deaths)
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """End the processes; what they have not begun is left undone."""
        pool, self.pool = self.pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)
