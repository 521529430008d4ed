"""Server and terminals at their most talkative: who did what is in the log, and no secret, key, code or ballot is."""

import asyncio
import logging
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import zmq.asyncio

from kit.hall import free_port, open_hall
from kit.secrets_sought import found_in, sought
from kit.waits import WAIT_SECONDS
from kit.whole_meeting import WholeMeeting, definition
from pingyi_protocol.client.enrolment import EnrolmentRefusedError, enrol
from pingyi_protocol.client.sockets import connect
from pingyi_protocol.failure import note_failure
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.commands import Cast, Command, Score
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.envelope import seal
from pingyi_protocol.wire.messages import Submit, encode

PIN = "604817"


async def test_the_logs_of_a_whole_meeting_say_who_did_what_and_hold_no_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    async with open_hall(tmp_path / "hall", definition(free_port())) as hall:
        meeting = WholeMeeting(hall, lambda code: code)
        # a terminal that keeps its keys under a PIN, and one whose code was used
        code = await hall.code("M05", Role.MEMBER)
        keys = generate_device_keys()
        facts = await enrol(zmq.asyncio.Context.instance(), code, keys)
        profile = Profile.create(tmp_path / "profiles", facts, keys, PIN)
        with pytest.raises(EnrolmentRefusedError):
            await enrol(zmq.asyncio.Context.instance(), code, generate_device_keys())
        meeting.secrets.keys += [("a PIN", PIN), ("a used code", code.secret), ("a seed", keys.signing_seed)]
        # what a stolen terminal sends: nonsense, and a ballot in the name of another member
        body = Cast("1", 1, (Score("T01", "", Decimal("66.66")),))
        forged = Command(hall.recorder.meeting.id, "0" * 32, "M02", Role.MEMBER, "", body)
        stolen = encode(Submit(seal(msgspec.json.encode(forged), keys.signing_key), 0))
        server_key = facts.server_key
        context = zmq.asyncio.Context.instance()
        with connect(context, zmq.DEALER, facts.addresses, facts.port, server_key, keys.transport) as wire:
            for frame in (b'{"score":"66.66\x1b[2J', stolen):
                await wire.send_multipart([b"", frame])
                async with asyncio.timeout(WAIT_SECONDS):
                    await wire.recv_multipart()
        await meeting.hold()
        profile.keep("1" * 32, stolen)
        (profile.folder / "outbox" / f"{'1' * 32}.json").write_bytes(b"damaged")
        assert profile.waiting() == []
    lines = [
        f"{record.name} {record.levelname} {record.getMessage()} {record.exc_text or ''}" for record in caplog.records
    ]
    said, log = meeting.secrets, "\n".join(lines)
    heard = capfd.readouterr()
    wanted = sought([*said.keys, *said.ballots, *said.refused])
    for place in (log, heard.out, heard.err):
        assert found_in(place.encode(), wanted) == set()
    assert "66.66" not in log
    assert "\x1b" not in log
    for told in (
        "MeetingCreated by=clerk/clerk device=",
        "CodeIssued person=M02 role=member by=clerk/clerk device=",
        "DeviceEnrolled person=M02 role=member by=M02/member device=",
        "CheckedIn person=M02 by=M02/member device=",
        "CheckedIn person=M05 by=clerk/clerk device=",
        "Recused person=M04 item=1 by=clerk/clerk device=",
        "RoundOpened item=1 round=1 by=M01/chair device=",
        "BallotCast person=M02 item=1 round=1 by=M02/member device=",
        "RoundConfirmed person=M03 item=2 round=1 by=M03/scrutineer device=",
        "MeetingClosed person=M01 by=M01/chair device=",
        "refused Cast by=M01/member device=",
        "refused IdentityRequest by=newcomer reason=code_unknown",
        "refused message by=device=",
        "reason=not_allowed",
        "reason=malformed",
        "reason=closed",
    ):
        assert told in log, (told, [line for line in lines if told.split()[0] in line])


def test_a_crash_file_holds_no_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_log_dir", lambda _name: str(tmp_path))

    def vote(score: str, pin: str) -> None:
        try:
            dict[str, str]()[score]
        except KeyError as fault:
            raise ValueError(f"{pin} {score}") from fault

    try:
        vote("66.66", PIN)
    except ValueError as fault:
        written = note_failure(fault).read_text(encoding="utf-8")
    assert "vote" in written
    assert "ValueError" in written
    assert "66.66" not in written
    assert PIN not in written
