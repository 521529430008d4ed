"""How long this disk takes to have bytes safe: every answer of the server waits for that."""

import os
import tempfile
import time
from pathlib import Path

BLOCK = bytes(4096)


def flush_times(folder: Path, count: int) -> list[float]:
    """Return the milliseconds of ``count`` flushes of small writes, in a file that never has a name in ``folder``.

    Raises OSError when nothing can be written there.
    """
    times = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(count):
            file.write(BLOCK)
            begun = time.perf_counter()
            os.fsync(file.fileno())
            times.append(1000 * (time.perf_counter() - begun))
    return times
