"""Worker processes of a server: they may begin before there is work, and what a killed one had is done again."""

import errno
import os
import signal
from operator import neg

import pytest

from pingyi_server.gateway.workers import Workers


async def test_workers_begin_before_there_is_work_and_do_it() -> None:
    workers = Workers(2)
    try:
        workers.begin(neg, 0)
        begun = workers.pool
        assert begun is not None
        assert begun._processes
        workers.begin(neg, 0)
        assert await workers.run(neg, 3) == -3
        assert workers.pool is begun
        for process in list(begun._processes.values()):
            os.kill(process.pid or 0, signal.SIGKILL)
        assert await workers.run(neg, 4) == -4
        assert workers.pool is not begun
    finally:
        workers.close()


async def test_where_the_system_has_no_process_left_the_work_is_done_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(*_: object) -> int:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr("multiprocessing.util.spawnv_passfds", refused)
    workers = Workers(2)
    try:
        workers.begin(neg, 0)
        assert await workers.run(neg, 5) == -5
        assert workers.pool is None
        assert "none begins" in caplog.text
    finally:
        workers.close()
