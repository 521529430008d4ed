"""How long tests wait: for what must come, and not at all after wrong PINs, where a wait only moves the clock on."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from pingyi_protocol import pin_prompt
from pingyi_protocol.keys import tries

WAIT_SECONDS = 120.0
"""What must come comes within this time: only so that nothing hangs for ever, however busy the machine is."""

LOOK_SECONDS = 0.01


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so that tells nobody when it comes."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(LOOK_SECONDS)


def quick_waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a list that takes each wait in seconds."""
    waited: list[float] = []
    monkeypatch.setattr(pin_prompt, "sleep", waited.append)
    monkeypatch.setattr(tries, "time", SimpleNamespace(time=lambda: 1_800_000_000.0 + sum(waited)))
    return waited
