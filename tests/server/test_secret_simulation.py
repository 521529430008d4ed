"""Simulated members cast secretly, and simulated scrutineers make the key and open, in a meeting like any other."""

import asyncio
import contextlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from kit.every_kind import MOTION, SCORE
from kit.hall import free_port, open_hall
from kit.sealed_hall import sealed_definition
from kit.secret_book import secretly
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client import vigil
from pingyi_protocol.meeting.commands import BeginCeremony, Score
from pingyi_protocol.meeting.definition import Item, Opens
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.secret.messages import Scrutineer
from pingyi_protocol.secret.sheet import SumTally
from pingyi_server.habits import habit
from pingyi_server.simulation import Pace, SimulatedTerminal, make_key, simulate

HASTE = Pace(arrival=0.0, voting=0.1, standing=0.0)


async def test_a_meeting_with_secret_and_open_items_is_played_to_its_close(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vigil, "SPREAD_SECONDS", 0.1)
    plain, signed = Item("open", MOTION.title, (), MOTION.rules), secretly(MOTION, Opens.DISTRIBUTION, confirmed=True)
    definition = sealed_definition(free_port(), secretly(SCORE), plain, signed)
    async with open_hall(tmp_path, definition) as hall:
        members = [person.number for person in definition.entitled]
        playing = asyncio.create_task(simulate(hall.folder, members, 1, HASTE, chair=True))
        async with asyncio.timeout(WAIT_SECONDS):
            while not hall.recorder.meeting.closed and not playing.done():  # noqa: ASYNC110 - the record tells nobody
                await asyncio.sleep(0.05)
        meeting = hall.recorder.meeting
        if not playing.done():
            playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing
    assert [(one.item, one.phase) for one in meeting.rounds] == [
        ("score", Phase.ANNOUNCED),
        ("open", Phase.ANNOUNCED),
        ("motion", Phase.ANNOUNCED),
    ]
    scored, _, voted = meeting.rounds
    answers = [one for person in members if (one := habit(1, person, definition.agenda[0]).answers) is not None]
    scores = [one.score for [one] in answers if isinstance(one, Score) and one.score is not None]
    assert scored.sealing is not None
    assert scored.sealing.sums[("T01", "")] == SumTally(
        len(scores), len(answers) - len(scores), sum(scores, Decimal(0))
    )
    assert voted.confirmed == "M03"
    assert sum(voted.votes.values()) == voted.received


async def test_a_ceremony_is_begun_once_also_when_something_else_is_heard_before_it() -> None:
    definition = sealed_definition(free_port(), secretly(SCORE))
    offered = BeginCeremony(1, 2, tuple(Scrutineer(person, "") for person in ("M02", "M03", "M04")))
    asked: list[BeginCeremony] = []
    secret = SimpleNamespace(key=None, ceremony=None)

    async def ask(body: BeginCeremony) -> None:
        asked.append(body)

    heard: Iterator[dict[str, object]] = iter(
        [{}, {"ceremony": SimpleNamespace(attempt=1, missing=("M02",))}, {"key": object()}]
    )

    async def wait() -> None:
        vars(secret).update(next(heard))

    session = SimpleNamespace(
        picture=SimpleNamespace(secret=secret), backstage=SimpleNamespace(ceremony=offered), ask=ask
    )
    terminal = SimpleNamespace(session=session, ear=SimpleNamespace(wait=wait))
    await make_key(cast("SimulatedTerminal", terminal), definition)
    assert asked == [offered]
