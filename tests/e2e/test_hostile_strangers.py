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
        "introductions",
    ],
)
async def test_seats_vote_while_somebody_knocks(tmp_path: Path, attack: str) -> None:
    async with siege(tmp_path) as under:
        await under.under(attack, connections=20)
        await under.counted()
        assert under.grown < MOST_MIB


async def test_the_log_says_from_where_somebody_knocks_who_is_not_enrolled(tmp_path: Path) -> None:
    async with siege(tmp_path) as under:
        await under.under("stranger")
        lines = [line for line in under.log.splitlines() if "device_unknown" in line]
        assert {one.source for one in under.attackers} <= {
            word.partition("=")[2] for line in lines for word in line.split()
        }
        assert len(lines) < 10
        assert all(one.tally.ended > 1 for one in under.attackers)


async def test_who_guesses_codes_is_turned_away_and_nobody_is_enrolled(tmp_path: Path) -> None:
    async with siege(tmp_path) as under:
        devices = under.stage.folder.meeting().devices.keys()
        await under.under("guesses")
        await under.counted()
        assert under.stage.folder.meeting().devices.keys() == devices
        assert under.grown < MOST_MIB
        # ten wrong codes a minute of an address, and what was under way
        assert sum(one.tally.messages for one in under.attackers) < 400
        lines = [line for line in under.log.splitlines() if "limit=wrong_codes" in line]
        assert all(any(f"address={one.source} " in line for line in lines) for one in under.attackers)


async def test_a_recorded_handshake_lets_nobody_in(tmp_path: Path) -> None:
    async with siege(tmp_path) as under:
        await under.under("replayed_handshake")
        assert all(one.overheard for one in under.attackers)
        # the first time it was the terminal itself; whatever follows is cut
        assert all(one.tally.ended >= one.tally.connections - 2 > 0 for one in under.attackers)
        await under.counted()
