"""``pingyi slip``: the page to sign, from a meeting that goes on."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kit.exports import LOG_KEY, Memory, text_of
from kit.factories import small_definition
from kit.hall import Terminal, free_port, open_hall
from kit.kinds import every_kind, whole_definition
from kit.records import Scribe, small_meeting, told
from pingyi_protocol.meeting.commands import AnnounceRound, Cast, CheckIn, CloseRound, OpenRound, Score
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.commands.slip import slip
from pingyi_server.exports.files import ExistsError
from pingyi_server.exports.papers.one_slip import write_slip
from pingyi_server.exports.view import ExportError, Reader

pytestmark = pytest.mark.fonts


async def asked(terminal: Terminal, *commands: CheckIn | OpenRound | Cast | CloseRound | AnnounceRound) -> None:
    for command in commands:
        assert isinstance(await terminal.session.ask(command), Receipt)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(slip, [str(one) for one in arguments])


async def test_the_slip_of_what_was_just_announced_while_the_server_runs(tmp_path: Path) -> None:
    folder = tmp_path / "meeting"
    folder.mkdir()
    async with open_hall(folder, small_definition(members=3, port=free_port())) as hall:
        chair, seat = await hall.admit("M01", Role.CHAIR), await hall.admit("M02")
        await asked(seat, CheckIn())
        await asked(await hall.admit("M03"), CheckIn())
        assert "No result is announced" in said(run(folder))
        await asked(chair, OpenRound("1"))
        assert "not announced yet" in said(run(folder, "1"))
        await asked(seat, Cast("1", 1, (Score("T01", "", Decimal(77)),)))
        await asked(chair, CloseRound("1", 1), AnnounceRound("1", 1))
        done = await asyncio.to_thread(run, folder)
        assert done.exit_code == 0, done.output
        fingerprint = hall.recorder.ledger.fingerprint
        # nothing was added to the record by it, and the meeting goes on
        await asked(chair, OpenRound("2"))
    file = folder / "slips" / "slip-1-1.pdf"
    assert str(file) in done.output
    text = text_of(file)
    for part in ("表决评分结果确认单", "77.00", fingerprint, "主持人"):
        assert part in text
    assert isinstance(run(folder, "1").exception, ExistsError)
    assert run(folder, "1", "--force", "--lang", "en", "--bilingual").exit_code == 0
    assert text_of(file).index("Result to Be Signed") < text_of(file).index("表决评分结果确认单")
    assert run(folder, "--out", tmp_path / "one.pdf").exit_code == 0
    assert (tmp_path / "one.pdf").exists()
    assert "There is no item 99" in said(run(folder, "99"))


def said(result: Result) -> str:
    assert isinstance(result.exception, ExportError)
    assert result.exception.exit_code == 1
    return str(result.exception)


def test_the_last_announced_round_that_stands_is_the_one(tmp_path: Path) -> None:
    scribe, _ = told(Scribe(whole_definition()))
    every_kind(scribe)
    reader = Reader(Memory(scribe), LOG_KEY)
    written = write_slip(reader, "2", tmp_path, None)
    # the first round of item 2 is void
    assert (written.round, written.file) == (2, tmp_path / "slip-2-2.pdf")
    assert "计票有误" in text_of(written.file)


def test_a_slip_that_cannot_be_made_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ExportError):
        write_slip(Reader(Memory(small_meeting()), LOG_KEY), "99", tmp_path / "slips", None)
    assert list(tmp_path.iterdir()) == []
