"""The bar of ``pingyi verify``: one measure over all of the work."""

from itertools import pairwise
from pathlib import Path

import pytest

from kit.large import large_meeting
from pingyi_protocol.record import verify as verifying


def test_progress_is_told_of_all_the_work_and_comes_to_its_end_only_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the replay, the recount and the cosignatures have left to do is left in the bar too."""
    told: list[tuple[int, int]] = []
    ends: dict[str, float] = {}

    def marking(name: str) -> None:
        work = getattr(verifying, name)

        def run(*given: object) -> object:
            result = work(*given)
            done, total = told[-1]
            ends[name] = done / total
            return result

        monkeypatch.setattr(verifying, name, run)

    for name in ("follow_all", "compare_results", "check_witnesses"):
        marking(name)
    path = large_meeting(members=20, items=3).finish().write(tmp_path / "record.zip")
    assert verifying.verify_record(path, progress=lambda done, total: told.append((done, total))).valid
    assert 0.2 < ends["follow_all"] < ends["compare_results"] < 0.8
    assert ends["compare_results"] < ends["check_witnesses"] < 1
    # no jump at the seams: the steps are as fine as the work is
    assert max((later - before) / total for (before, total), (later, _) in pairwise(told)) < 0.1
