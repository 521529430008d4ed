"""A database whose end was cut off so that the rest fits together: it is known by the head that the clerk keeps."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kit.factories import small_definition
from kit.hall import free_port, open_hall
from kit.processes import pingyi, server
from kit.restoring import REASON
from kit.waits import WAIT_SECONDS
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.record.checkpoint import parse_note_body
from pingyi_server.commands import serve
from pingyi_server.folder import MeetingFolder


def cut_off(folder: MeetingFolder, size: int) -> None:
    """Take the end away as somebody does who knows the tables."""
    with closing(sqlite3.connect(folder.path / "meeting.db")) as other, other:
        other.execute('delete from leaf where "index" >= ?', (size,))
        other.execute("delete from checkpoint where size > ?", (size,))
        other.execute("delete from cosignature where size > ?", (size,))
        other.execute("update head set size = ?", (size,))


def kept_size(folder: MeetingFolder) -> int:
    note = folder.clerk_profile().head()
    return parse_note_body(note.partition("\n\n")[0] + "\n").size if note else 0


async def held(path: Path) -> MeetingFolder:
    """A meeting of which the clerk's profile keeps no head yet."""
    path.mkdir()  # noqa: ASYNC240 - nothing else runs yet
    async with open_hall(path, small_definition(members=3, port=free_port())) as hall:
        await hall.admit("M01")
        await hall.admit("M02")
        return hall.folder


async def test_a_cut_off_end_is_named_and_neither_served_nor_written_to(tmp_path: Path) -> None:
    folder = await held(tmp_path / "meeting")
    size = folder.meeting().size
    with server(folder.path) as process:
        process.terminate()
        process.wait(WAIT_SECONDS)
    assert kept_size(folder) == size
    cut_off(folder, size - 1)
    before = (folder.path / "meeting.db").read_bytes()
    for command in (("serve", folder.path), ("clerk", "check-in", folder.path, "M03", "--reason", "签到表")):
        said = pingyi(*command, code=1)
        assert str(size) in said
        assert "不能提供服务" in said
        assert said.count("\n") == 1
    # not even a trial whether it can be written to
    assert (folder.path / "meeting.db").read_bytes() == before
    assert folder.meeting().size == size - 1
    assert kept_size(folder) == size
    assert str(size) in pingyi("audit", folder.path, code=1)


async def test_a_cut_off_end_is_gone_on_from_lawfully(tmp_path: Path) -> None:
    folder = await held(tmp_path / "meeting")
    size = folder.meeting().size
    with server(folder.path):
        pass
    cut_off(folder, size - 1)
    pingyi("backup", folder.path, "--out", tmp_path / "copy")
    pingyi("restore", folder.path, tmp_path / "copy", "--reason", REASON, "--yes")
    assert kept_size(folder) == size - 1
    with server(folder.path):
        assert "较早副本" in pingyi("status", folder.path)


async def test_another_record_of_the_meeting_is_not_served(tmp_path: Path) -> None:
    folder = await held(tmp_path / "meeting")
    size = folder.meeting().size
    original = (folder.path / "meeting.db").read_bytes()
    async with open_hall(folder.path, small_definition(members=3, port=free_port())) as hall:
        await hall.code("M03", Role.MEMBER)
        await hall.code("M03", Role.MEMBER)
        folder.clerk_profile().remember_head(hall.recorder.ledger.note or "")
    (folder.path / "meeting.db").write_bytes(original)
    async with open_hall(folder.path, small_definition(members=3, port=free_port())) as hall:
        for _ in range(3):
            await hall.code("M01", Role.MEMBER)
    assert folder.meeting().size == size + 3
    assert f" {size + 2} " in pingyi("serve", folder.path, code=1)
    assert folder.meeting().size == size + 3


async def test_a_running_server_keeps_its_newest_head(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "HEAD_SECONDS", 0.02)
    async with open_hall(tmp_path, small_definition(members=3, port=free_port())) as hall:
        async with serve.keeping_head(hall.folder, hall.recorder.ledger):
            assert kept_size(hall.folder) == hall.recorder.meeting.size
            await hall.code("M01", Role.MEMBER)
            async with asyncio.timeout(WAIT_SECONDS):
                while kept_size(hall.folder) != hall.recorder.meeting.size:  # noqa: ASYNC110 - a file tells nobody
                    await asyncio.sleep(0.02)
            monkeypatch.setattr(serve, "HEAD_SECONDS", 60)
            await hall.code("M01", Role.MEMBER)
        assert kept_size(hall.folder) == hall.recorder.meeting.size


async def test_a_head_that_cannot_be_kept_does_not_end_the_meeting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_hall(tmp_path, small_definition(members=3, port=free_port())) as hall:
        note = hall.folder.clerk_profile().folder / "head.txt"
        # no permission is refused to root, but no file takes the place of a folder
        note.mkdir()
        async with serve.keeping_head(hall.folder, hall.recorder.ledger):
            assert str(note) in caplog.text
