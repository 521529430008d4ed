"""An older copy of a record with secret rounds is put back lawfully: ballots come again, nothing is opened twice."""

from pathlib import Path

import pytest

from kit.every_kind import MOTION, SCORE
from kit.hall import Hall, free_port, open_hall
from kit.restoring import REASON, backed_up, calm, continued
from kit.sealed_hall import SealedHall, sealed_definition
from kit.secret_book import secretly
from kit.waits import until
from pingyi_protocol.meeting.commands import AnnounceRound, CloseRound, OpenRound, ResumeRound
from pingyi_protocol.meeting.definition import Language, Option
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.record.report import Report
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.wording import WordedError
from pingyi_server.exports.files import export_all
from pingyi_server.exports.view import Reader
from pingyi_server.folder import MeetingFolder
from pingyi_server.restoring import put_back

PEOPLE = ("M01", "M02", "M03", "M04", "M05")


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pingyi_protocol.client.session.PING_SECONDS", 0.1)
    monkeypatch.setattr("pingyi_protocol.client.session.RESEND_SECONDS", 0.3)
    monkeypatch.setattr("pingyi_protocol.client.vigil.SPREAD_SECONDS", 0.0)
    monkeypatch.setattr("pingyi_protocol.client.vigil.ANSWER_SECONDS", 0.3)


async def seen_by_all(room: SealedHall) -> None:
    """Wait until every terminal has seen the newest head."""
    size = room.hall.recorder.meeting.size
    for one in (room.chair, *room.seats.values(), *(opener.terminal for opener in room.openers.values())):
        await one.until(lambda session: session.picture and session.picture.head.size >= size)


async def went_on(room: SealedHall) -> None:
    """Chair and scrutineer sign the older copy, and all terminals hand in again what it has not."""
    await continued(room.chair, room.openers["M03"].terminal)
    for one in (room.chair, *room.seats.values(), *(opener.terminal for opener in room.openers.values())):
        await calm(one)


def exported(hall: Hall, out: Path) -> Report:
    """Export and verify."""
    export_all(Reader(hall.recorder.ledger.store, hall.recorder.meeting.log_key), out, Language.CHINESE, force=False)
    return verify_record(out / "record.zip")


async def test_ballots_come_again_and_who_has_opened_before_opens_only_what_comes_after(tmp_path: Path) -> None:
    definition = sealed_definition(free_port(), secretly(SCORE), secretly(MOTION), members=5)
    folder = tmp_path / "meeting"
    folder.mkdir()
    async with open_hall(folder, definition) as hall:
        room = SealedHall(hall)
        await room.gather(PEOPLE)
        await room.make_key()
        await room.press(OpenRound("score", 1))
        await room.cast(M01=90, M02=80)
        backed_up(hall.folder, tmp_path / "backup.db")
        await room.cast(M03=70, M01=60)
        await room.press(CloseRound("score", 1))
        await room.openers["M02"].open("score")
        await room.until("score", "parts")
        await seen_by_all(room)
    put_back(MeetingFolder(folder), tmp_path / "backup.db", REASON)
    async with open_hall(folder, definition) as hall:
        await room.move(hall)
        await went_on(room)
        [one] = hall.recorder.meeting.rounds
        assert (one.phase, set(one.ballots)) == (Phase.PAUSED, {"M01", "M02", "M03"})
        # the older copy lets one more ballot in: what is opened now is something else than M02 has given a part of
        await room.press(ResumeRound("score", 1))
        await room.cast(M04=50)
        await room.press(CloseRound("score", 1))
        await room.until("score", "size")
        first = room.openers["M02"]
        await first.terminal.until(lambda _: first.waiting("score"))
        assert (found := first.waiting("score")) is not None
        assert await first.scrutiny.open(found) is None
        assert isinstance(first.scrutiny.mishap, WordedError)
        assert first.scrutiny.mishap.key == "secret.opened_before"
        await room.openers["M03"].open("score")
        await room.openers["M04"].open("score")
        await room.until("score", "unsealed")
        await room.press(AnnounceRound("score", 1))
        # and the terminal that gave none has its part in all that follows
        await room.press(OpenRound("motion", 1))
        await room.vote(Option.FOR, *PEOPLE[:3])
        await room.press(CloseRound("motion", 1))
        await first.open("motion")
        await room.openers["M03"].open("motion")
        await room.until("motion", "unsealed")
        await room.press(AnnounceRound("motion", 1))
        await room.chair.until(lambda _: room.chair.picture.figures("motion"))
        await room.stop()
        figures = room.chair.picture.figures("score")
        assert figures is not None
        # the last ballot of each counts: 60, 80, 70, 50
        assert (figures.targets[0].scores, str(figures.targets[0].total)) == (4, "260")
        assert not hall.recorder.meeting.lost
        assert exported(hall, tmp_path / "out").valid


async def test_a_copy_older_than_the_key_loses_the_ballots_by_name_and_another_key_is_made(tmp_path: Path) -> None:
    definition = sealed_definition(free_port(), secretly(SCORE), members=5)
    folder = tmp_path / "meeting"
    folder.mkdir()
    async with open_hall(folder, definition) as hall:
        room = SealedHall(hall)
        await room.gather(PEOPLE)
        backed_up(hall.folder, tmp_path / "backup.db")
        await room.make_key()
        await room.press(OpenRound("score", 1))
        await room.cast(M01=90, M02=80, M03=70)
        await seen_by_all(room)
    put_back(MeetingFolder(folder), tmp_path / "backup.db", REASON)
    async with open_hall(folder, definition) as hall:
        await room.move(hall)
        await went_on(room)
        await until(lambda: {one.person for one in hall.recorder.meeting.lost.values()} == {"M01", "M02", "M03"})
        # no terminal begins twice in one ceremony: the first is given up for the next
        await room.begin_ceremony(1)
        await room.begin_ceremony(2)
        await room.keyed()
        await room.press(OpenRound("score", 1))
        await room.cast(M01=90, M02=80, M03=70)
        await room.press(CloseRound("score", 1))
        await room.openers["M02"].open("score")
        await room.openers["M04"].open("score")
        await room.until("score", "unsealed")
        await room.stop()
