"""A terminal that is enrolled turns hostile: it hurts itself, and nobody else."""

from pathlib import Path

import pytest

from kit.hostile import Siege, siege
from pingyi_server.gateway.limits import Limits

MOST_MIB = 24.0
"""By how much a server may grow under an attack."""


def named(under: Siege) -> bool:
    """Whether the log names one of the attackers as who exceeded a limit."""
    lines = [line for line in under.log.splitlines() if "limit exceeded" in line]
    return any(one.facts.person in line for line in lines for one in under.insiders)


@pytest.mark.parametrize(
    "attack",
    ["pings", "unread_answers", "junk", "many_frames", "forged_ballots", "forbidden_commands"],
)
async def test_a_flood_of_requests_is_dropped_and_its_sender_cut(tmp_path: Path, attack: str) -> None:
    async with siege(tmp_path) as under:
        await under.under(attack)
        await under.counted()
        assert under.grown < MOST_MIB
        assert sum(one.tally.ended for one in under.attackers) > 0
        assert named(under)


async def test_ballots_by_the_hundred_are_few_on_the_record(tmp_path: Path) -> None:
    async with siege(tmp_path) as under:
        size = under.stage.folder.meeting().size
        await under.under("ballots")
        await under.counted(*(one.facts.person for one in under.insiders))
        honest = sum(len(seat.ear.answers) for seat in under.seats)
        sent = sum(one.tally.messages for one in under.attackers)
        added = under.stage.folder.meeting().size - size - honest
        assert added < sent / 4
        # what each may add at once, and one a second after that
        assert added <= len(under.insiders) * (Limits().ballots_burst + 30)
        assert named(under)


async def test_a_ballot_sent_again_and_again_counts_once(tmp_path: Path) -> None:
    async with siege(tmp_path) as under:
        size = under.stage.folder.meeting().size
        await under.under("replayed_ballot")
        await under.counted(*(one.facts.person for one in under.insiders))
        honest = sum(len(seat.ear.answers) for seat in under.seats)
        connections = sum(one.tally.connections for one in under.attackers)
        # each connection signs a ballot of its own; the close is one more
        assert under.stage.folder.meeting().size - size - honest <= connections + 1


@pytest.mark.parametrize("attack", ["oversized", "endless_message", "endless_empty_frames"])
async def test_a_message_without_end_costs_no_memory_and_its_sender_is_cut(tmp_path: Path, attack: str) -> None:
    async with siege(tmp_path) as under:
        await under.under(attack)
        await under.counted()
        assert under.grown < MOST_MIB
        assert sum(one.tally.ended for one in under.attackers) > 0


@pytest.mark.parametrize("attack", ["subscriptions", "broadcast_flood"])
async def test_a_listener_who_talks_costs_no_memory_and_is_cut(tmp_path: Path, attack: str) -> None:
    async with siege(tmp_path) as under:
        await under.under(attack)
        await under.counted()
        assert under.grown < MOST_MIB
        assert sum(one.tally.ended for one in under.attackers) > 0


async def test_who_reads_no_news_costs_no_memory(tmp_path: Path) -> None:
    async with siege(tmp_path) as under:
        await under.under("unread_news", connections=20)
        await under.counted()
        assert under.grown < MOST_MIB
