"""The server raises its limit of open files, and says before the meeting when that is too few."""

import resource

import pytest

from pingyi_server.open_files import OpenFilesError, allow_open_files


class Limits:
    """The system's limits, for a test to set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, soft: int, hard: int) -> None:
        self.now = (soft, hard)
        monkeypatch.setattr(resource, "getrlimit", lambda _which: self.now)
        monkeypatch.setattr(resource, "setrlimit", self.set)

    def set(self, _which: int, limits: tuple[int, int]) -> None:
        self.now = limits


@pytest.mark.parametrize(
    ("soft", "hard", "after"),
    [(64, 4096, 4096), (1024, resource.RLIM_INFINITY, 65536), (resource.RLIM_INFINITY, resource.RLIM_INFINITY, -1)],
)
def test_the_limit_is_raised_as_far_as_it_goes(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, after: int
) -> None:
    limits = Limits(monkeypatch, soft, hard)
    allow_open_files(45)
    assert limits.now == (after, hard)


@pytest.mark.parametrize(("hard", "people", "enough"), [(190, 45, True), (189, 45, False), (6099, 3000, False)])
def test_too_few_are_named_before_anybody_comes(
    monkeypatch: pytest.MonkeyPatch, hard: int, people: int, enough: bool
) -> None:
    limits = Limits(monkeypatch, 64, hard)
    if enough:
        allow_open_files(people)
        assert limits.now == (hard, hard)
        return
    with pytest.raises(OpenFilesError) as few:
        allow_open_files(people)
    assert few.value.values == {"limit": hard, "wanted": 2 * people + 100, "people": people}
    assert str(hard) in str(few.value)
    assert limits.now == (64, hard)
