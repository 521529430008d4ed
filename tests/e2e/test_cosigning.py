"""Terminals cosign the heads of closes and the last one; the server keeps what is good, and the record shows it."""

import asyncio
from pathlib import Path

import pytest

from kit.hall import Hall, Terminal
from kit.restoring import ballot, done, hall_at, staffed, watched
from pingyi_protocol.keys.signing import SigningKey, key_id
from pingyi_protocol.meeting.commands import AnnounceRound, CloseRound, OpenRound
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.record.checkpoint import Checkpoint, cosign
from pingyi_protocol.record.cosignatures import cosigner_name
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.wire.messages import Cosign, Cosigned, LeafProof, Refused, Reply, Witnessed, WitnessRequest
from pingyi_server.exports.files import export_all
from pingyi_server.exports.view import Reader


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    monkeypatch.setattr("pingyi_protocol.client.vigil.SPREAD_SECONDS", 0.2)
    monkeypatch.setattr("pingyi_protocol.client.vigil.ANSWER_SECONDS", 0.3)


async def closed(hall: Hall) -> tuple[Terminal, list[Terminal]]:
    """Score and close the first item."""
    chair, seats, _ = await staffed(hall)
    await done(chair, OpenRound("1"))
    for seat in seats:
        await done(seat, ballot(90))
    await done(chair, CloseRound("1", 1))
    return chair, seats


async def kept(hall: Hall, count: int, size: int = 0) -> list[tuple[int, str, str]]:
    """Wait until so many cosignatures are kept, on the head of this size where one is given."""
    for _ in range(200):
        found = [one for one in hall.recorder.ledger.store.cosignatures() if size in (0, one[0])]
        if len(found) >= count:
            return found
        await asyncio.sleep(0.05)
    raise TimeoutError(found)


async def test_everybody_cosigns_the_close_and_the_record_says_so(tmp_path: Path) -> None:
    async with hall_at(tmp_path, watched()) as hall:
        chair, seats = await closed(hall)
        everybody = 2 + len(seats)
        lines = await kept(hall, everybody)
        # all of them the same head, and each once
        assert len({size for size, _, _ in lines}) == 1
        assert len({device for _, device, _ in lines}) == everybody
        await done(chair, AnnounceRound("1", 1))
        await asyncio.sleep(0.5)
        assert len(hall.recorder.ledger.store.cosignatures()) == everybody
        reader = Reader(hall.recorder.ledger.store, hall.recorder.meeting.log_key)
        export_all(reader, tmp_path / "out", Language.CHINESE, force=False)
    report = verify_record(tmp_path / "out" / "record.zip")
    assert report.valid
    assert report.facts is not None
    [one] = report.facts.attested
    assert (one.present, one.cosigned, report.facts.final.terminals) == (len(seats), len(seats), 0)


async def test_whoever_was_away_cosigns_later_and_a_restart_forgets_nobody(tmp_path: Path) -> None:
    definition = watched()
    async with hall_at(tmp_path, definition) as hall:
        chair, seats, scrutineer = await staffed(hall)
        await done(chair, OpenRound("1"))
        await done(seats[0], ballot(90))
        hall.tasks[-1].cancel()
        await done(chair, CloseRound("1", 1))
        await kept(hall, 4)
    late = Terminal(seats[2].facts, seats[2].keys, seats[2].memory)
    async with hall_at(tmp_path, definition, late) as hall:
        assert len(await kept(hall, 5)) == 5
        devices = {device for _, device, _ in hall.recorder.ledger.store.cosignatures()}
        sessions = hall.recorder.meeting.sessions
        assert devices == set(sessions.values()) - {sessions[CLERK]}
        assert scrutineer.ear.alarms == []


async def test_when_all_is_announced_the_last_head_is_cosigned(tmp_path: Path) -> None:
    definition = watched()
    async with hall_at(tmp_path, definition) as hall:
        chair, seats = await closed(hall)
        await done(chair, AnnounceRound("1", 1), OpenRound("2"), CloseRound("2", 1), AnnounceRound("2", 1))
        size = hall.recorder.meeting.size
        assert len(await kept(hall, 2 + len(seats), size)) == 2 + len(seats)


ASKED = "asked"
"""The number of a request of its own: the session asks beside it."""


class Ear:
    """Asks the server what a session would not."""

    def __init__(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        self.terminal = terminal
        self.heard: list[Reply] = []
        take = terminal.session.take

        def listen(reply: Reply, number: str) -> None:
            if number == ASKED:
                self.heard.append(reply)
            take(reply, number)

        monkeypatch.setattr(terminal.session, "take", listen)

    async def ask(self, request: WitnessRequest | Cosign) -> Reply:
        self.heard.clear()
        assert self.terminal.session.send(request, ASKED)
        for _ in range(500):
            if self.heard:
                return self.heard[0]
            await asyncio.sleep(0.01)
        raise TimeoutError


async def test_a_close_is_cosigned_though_no_ping_is_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PING_SECONDS", "SILENT_SECONDS"):
        monkeypatch.setattr(f"pingyi_protocol.client.session.{name}", 1000.0)
    async with hall_at(tmp_path, watched()) as hall:
        _, seats = await closed(hall)
        assert await kept(hall, 2 + len(seats))


async def test_the_server_keeps_no_cosignature_that_is_not_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pingyi_protocol.client.vigil.SPREAD_SECONDS", 1000.0)
    monkeypatch.setattr("pingyi_protocol.client.vigil.EACH_SECONDS", 1000.0)
    async with hall_at(tmp_path, watched()) as hall:
        _, seats = await closed(hall)
        await seats[0].until(lambda session: session.picture and session.picture.watch.cosign)
        size, origin = seats[0].picture.watch.cosign, hall.recorder.meeting.origin
        ear = Ear(seats[0], monkeypatch)
        root = hall.recorder.ledger.log.root(size)
        own, other = (SigningKey(one.keys.signing_seed) for one in seats[:2])

        def line(key: SigningKey, size: int, name: SigningKey) -> str:
            body = Checkpoint(origin, size, root).note_body
            return cosign(body, key, cosigner_name(origin, key_id(bytes(name.verify_key))), 7)

        for bad in (line(other, size, other), line(other, size, own), line(own, size - 1, own), "— x AAAA\n", ""):
            answer = await ear.ask(Cosign(size, bad))
            assert isinstance(answer, Refused)
            assert answer.refusal.reason is Reason.BAD_SIGNATURE
        answer = await ear.ask(Cosign(size - 1, line(own, size - 1, own)))
        assert isinstance(answer, Refused)
        assert hall.recorder.ledger.store.cosignatures() == []
        for _ in range(2):
            assert await ear.ask(Cosign(size, line(own, size, own))) == Cosigned(size)
        assert len(hall.recorder.ledger.store.cosignatures()) == 1


async def test_a_terminal_reads_enrolments_and_no_ballots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with hall_at(tmp_path, watched()) as hall:
        _, seats = await closed(hall)
        ear = Ear(seats[0], monkeypatch)
        seen = []
        for first in range(0, hall.recorder.meeting.size, 16):
            answer = await ear.ask(WitnessRequest(0, "", 0, tuple(range(first, first + 16))))
            assert isinstance(answer, Witnessed)
            seen += [one.index for one in answer.leaves]
        assert seen == sorted(device.leaf for device in hall.recorder.meeting.devices.values())


async def test_a_server_that_does_not_show_the_own_key_is_shouted_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = watched()
    async with hall_at(tmp_path, definition) as hall:
        _, seats, _ = await staffed(hall)
    seat = Terminal(seats[0].facts, seats[0].keys, seats[0].memory)

    def hiding(*_: object) -> tuple[LeafProof, ...]:
        return ()

    monkeypatch.setattr("pingyi_server.gateway.witnesses.Witnesses.proofs", hiding)
    async with hall_at(tmp_path, definition, seat):
        await seat.until(lambda session: session.vigil.alarm)
        assert seat.ear.alarms[0].key == "witness.own_key"
