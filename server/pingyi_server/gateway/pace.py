"""How long commits take: what the clerk's console says of the disk. Pure."""

from collections import deque
from statistics import median

WINDOW_SECONDS = 60.0
MOST_COMMITS = 2048
"""Commits that are remembered: more than a minute has, at 20 batches a second."""

MICROSECONDS = 1_000_000


class Pace:
    """The commits of the last minute."""

    def __init__(self) -> None:
        """Know of none."""
        self.commits: deque[tuple[float, float]] = deque(maxlen=MOST_COMMITS)

    def note(self, now: float, seconds: float) -> None:
        """Remember that a commit ended at ``now`` (seconds, monotonic) and took so long."""
        self.commits.append((now, seconds))

    def summary(self, now: float) -> tuple[int, int, int]:
        """Return how many commits the last minute had, their median and the worst, in microseconds (0 for none)."""
        while self.commits and now - self.commits[0][0] > WINDOW_SECONDS:
            self.commits.popleft()
        if not self.commits:
            return 0, 0, 0
        times = [seconds for _, seconds in self.commits]
        return len(times), round(MICROSECONDS * median(times)), round(MICROSECONDS * max(times))
