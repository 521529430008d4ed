"""The store fails during a meeting: chair and seats are told; a ballot stays with its member and goes later."""

import asyncio
import logging
from decimal import Decimal
from pathlib import Path

import pytest

from kit.factories import live_rules, small_definition
from kit.hall import free_port, open_hall
from kit.ledgers import FailingStore
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import Cast, CheckIn, OpenRound, Score
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Receipt


@pytest.mark.parametrize("mood", ["lost", "kept", "kept, then dead"])
async def test_a_ballot_waits_at_its_seat_until_the_store_works_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, mood: str
) -> None:
    caplog.set_level(logging.INFO, "pingyi_server")
    monkeypatch.setenv("PINGYI_LANGUAGE", "en")
    monkeypatch.setattr("pingyi_server.folder.SqlStore", FailingStore)
    monkeypatch.setattr("pingyi_server.gateway.service.RETRY_SECONDS", 0.1)
    async with open_hall(tmp_path, small_definition(2, free_port(), live_rules(seconds=None))) as hall:
        chair = await hall.admit("M01", Role.CHAIR)
        seats = [await hall.admit(person) for person in ("M01", "M02")]
        for seat in seats:
            assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
        store = hall.recorder.ledger.store
        assert isinstance(store, FailingStore)
        store.mood = mood
        sent = [seat.session.submit(Cast("1", 1, (Score("T01", "", Decimal(90)),))) for seat in seats]
        for one in (chair, *seats):
            await one.until(lambda session: session.picture and not session.picture.recording)
            assert one.session.link is Link.UP
        for seat, command in zip(seats, sent, strict=True):
            assert [command_id for command_id, _ in seat.memory.waiting()] == [command.id]
            assert all(answered.id != command.id for answered, _ in seat.ear.answers)
        # the operator is told once what fails, and not to do what one does after a command that failed
        await asyncio.sleep(5 * 0.1)
        [told] = [line.getMessage() for line in caplog.records if line.levelno == logging.ERROR]
        assert "disk I/O error" in told
        assert "goes on by itself" in told
        assert "command again" not in told
        # nothing that is not known to be kept is shown as received
        assert chair.round.received == 0
        store.mood = "well"
        for seat, command in zip(seats, sent, strict=True):
            await seat.until(lambda session: not session.outstanding)
            assert [type(answer) for answered, answer in seat.ear.answers if answered.id == command.id] == [Receipt]
        for one in (chair, *seats):
            await one.until(lambda session: session.picture and session.picture.recording)
            assert one.ear.alarms == []
        assert caplog.messages.count("The record can be written again; the server goes on.") == 1
        await chair.until(lambda _: chair.round.received == 2)
        ballots = hall.recorder.meeting.rounds[0].ballots
        assert {person: ballot.id for person, ballot in ballots.items()} == {
            seat.facts.person: command.id for seat, command in zip(seats, sent, strict=True)
        }
