"""Someone plugs a laptop into the hall's switch: whoever is not enrolled stops nobody, and gets nowhere."""

from pathlib import Path

import pytest

from kit.hostile import siege

MOST_MIB = 24.0
"""By how much a server may grow under an attack: a fraction of what is sent at it."""


@pytest.mark.parametrize(
    "attack",
    [
        "silence",
        "silence_at_broadcast",
        "silence_at_enrolment",
        "trickle",
        "half_handshake",
        "garbage",
        "stranger",
        "replayed_handshake",
        "introductions",
        "guesses",
    ],
)
async def test_seats_vote_while_a_stranger(tmp_path: Path, attack: str) -> None:
    async with siege(tmp_path) as under:
        await under.under(attack, connections=20)
        await under.counted()
        assert under.grown < MOST_MIB
