"""The waits after wrong PINs without the time that they take: the clock stands, and a wait moves it on."""

from types import SimpleNamespace

import pytest

from pingyi_protocol import pin_prompt
from pingyi_protocol.keys import tries


def quick_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a list that takes each wait in seconds."""
    waited: list[float] = []
    monkeypatch.setattr(pin_prompt, "sleep", waited.append)
    monkeypatch.setattr(tries, "time", SimpleNamespace(time=lambda: 1_800_000_000.0 + sum(waited)))
    return waited
