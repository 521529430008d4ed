"""The pace of commits over a minute, and where an export goes."""

from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from pingyi_server.exports.running import new_folder
from pingyi_server.gateway.pace import WINDOW_SECONDS, Pace


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 5)), max_size=50), st.floats(0, 400))
def test_the_pace_is_that_of_the_last_minute(commits: list[tuple[float, float]], later: float) -> None:
    commits.sort()
    now = max([at for at, _ in commits], default=0.0) + later
    pace = Pace()
    for at, seconds in commits:
        pace.note(at, seconds)
    wanted = [seconds for at, seconds in commits if now - at <= WINDOW_SECONDS]
    count, middle, worst = pace.summary(now)
    assert count == len(wanted)
    assert worst == (round(1e6 * max(wanted)) if wanted else 0)
    assert middle == (round(1e6 * median(wanted)) if wanted else 0)


def test_two_exports_in_one_second_go_into_two_folders(tmp_path: Path) -> None:
    now = datetime(2026, 11, 23, 16, 30, 5, tzinfo=UTC)
    names = []
    for _ in range(3):
        folder = new_folder(tmp_path, now)
        folder.mkdir()
        names.append(folder.name)
    assert names == ["20261123-163005", "20261123-163005-2", "20261123-163005-3"]
