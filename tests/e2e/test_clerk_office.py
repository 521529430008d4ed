"""Calls from seats, exports and the server's health, as the clerk's console is told of them; real sockets."""

from pathlib import Path

import pytest

from kit.exports import text_of
from kit.factories import small_definition
from kit.hall import Hall, Memory, Terminal, free_port, open_hall
from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.commands import AnnounceRound, Body, CheckIn, CloseRound, OpenRound, RevokeDevice
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.devices import speakers
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.wire.messages import (
    AdditionRead,
    AnswerCall,
    Call,
    Called,
    ReadAddition,
    Receipt,
    Reply,
    StartExport,
)
from pingyi_protocol.wire.office import Office
from pingyi_protocol.wire.picture import from_bitmap
from pingyi_server.exports.formats import MAKERS, MINUTES
from pingyi_server.exports.source import Source, UnmadeError
from pingyi_server.gateway.limits import Limits


def definition() -> Definition:
    return small_definition(members=4, port=free_port())


async def console(hall: Hall) -> Terminal:
    """Open a console of the clerk at the office's port, with the clerk's own keys."""
    terminal = Terminal(hall.folder.clerk_facts(), hall.folder.clerk_keys(), Memory())
    terminal.session.office = hall.server.sockets.office_port
    hall.start(terminal)
    await terminal.until(lambda session: session.desk)
    return terminal


def desk(terminal: Terminal) -> Office:
    assert terminal.session.desk is not None
    return terminal.session.desk


def finished(session: Session) -> Path | None:
    """Where the last export is, once it is whole."""
    exporting = session.desk.exporting if session.desk else None
    return Path(exporting.folder) if exporting and exporting.finished else None


async def test_a_call_reaches_clerk_and_chair_and_is_cleared_by_the_clerk(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        clerk, chair = await console(hall), await hall.admit("M01", Role.CHAIR)
        seat, other = await hall.admit("M03"), await hall.admit("M02")
        assert seat.session.request(Call(wanted=True))
        await seat.until(lambda session: session.calling)
        assert other.session.request(Call(wanted=True))
        await clerk.until(lambda session: session.desk and session.desk.calling == ("M03", "M02"))
        await chair.until(lambda session: session.backstage and from_bitmap(session.backstage.calling) == {1, 2})
        assert clerk.session.request(AnswerCall("M03"))
        await seat.until(lambda session: not session.calling)
        await clerk.until(lambda session: session.desk and session.desk.calling == ("M02",))
        assert other.session.request(Call(wanted=False))
        await chair.until(lambda session: session.backstage and not from_bitmap(session.backstage.calling))
        assert not other.session.calling
        size = hall.recorder.meeting.size
        assert all(not isinstance(one, Call) for one in hall.recorder.meeting.commands)
        assert size == hall.recorder.meeting.size


async def test_nobody_else_calls_answers_or_exports(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        clerk, chair, seat = await console(hall), await hall.admit("M01", Role.CHAIR), await hall.admit("M02")
        assert seat.session.request(Call(wanted=True))
        await seat.until(lambda session: session.calling)
        for stranger in (chair, seat):
            assert stranger.session.request(AnswerCall("M02"))
            assert stranger.session.request(StartExport(None))
        assert chair.session.request(Call(wanted=True))
        # each socket keeps its order: when this has been answered, what came before it has been too
        assert seat.session.request(Call(wanted=True))
        await clerk.until(lambda session: session.desk and session.desk.calling == ("M02",))
        assert chair.session.desk is None
        assert seat.session.desk is None
        assert desk(clerk).exporting is None
        assert not (tmp_path / "exports").exists()


async def test_a_call_is_known_to_a_seat_that_comes_back(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        clerk, seat = await console(hall), await hall.admit("M02")
        assert seat.session.request(Call(wanted=True))
        await clerk.until(lambda session: session.desk and session.desk.calling)
        await hall.switch_off(seat)
        again = Terminal(seat.facts, seat.keys, seat.memory)
        hall.start(again)
        await again.until(lambda session: session.calling)
        assert clerk.session.request(AnswerCall("M02"))
        await again.until(lambda session: not session.calling)


async def test_the_console_sees_every_terminal(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        whole = hall.recorder.meeting.definition
        assert whole is not None
        order = speakers(whole)
        clerk = await console(hall)
        await hall.admit("M02")
        await hall.admit("M03")
        await hall.code("M04", Role.MEMBER)
        await hall.clerk(RevokeDevice("M03", Role.MEMBER, "lost"))

        def places(*principals: tuple[str, Role]) -> frozenset[int]:
            return frozenset(order.index(Principal(*one)) for one in principals)

        await clerk.until(
            lambda session: (
                session.desk
                and from_bitmap(session.desk.enrolled) == places(("M02", Role.MEMBER))
                and from_bitmap(session.desk.revoked) == places(("M03", Role.MEMBER))
                and from_bitmap(session.desk.issued) == places(("M04", Role.MEMBER))
                and from_bitmap(session.desk.connected) == places(("M02", Role.MEMBER))
            )
        )
        await clerk.until(lambda session: session.desk and session.desk.health.commits >= 5)
        assert 0 < desk(clerk).health.median <= desk(clerk).health.worst
        assert (desk(clerk).health.free or 0) > 0


async def test_an_export_is_written_on_the_servers_side_and_never_over_another(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        clerk = await console(hall)
        folders: list[Path] = []
        for language in (Language.ENGLISH, None):
            assert clerk.session.request(StartExport(language))
            await clerk.until(lambda session: finished(session) not in {None, *folders})
            folder = finished(clerk.session)
            assert folder is not None
            folders.append(folder)
        assert len(set(folders)) == 2
        for folder in folders:
            assert folder.parent == tmp_path / "exports"
            assert (folder / "record.zip").stat().st_size
        assert hall.recorder.meeting.size == 2


@pytest.mark.fonts
async def test_the_slip_of_what_was_announced_last_is_a_file_of_its_own(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        clerk, chair = await console(hall), await hall.admit("M01", Role.CHAIR)
        assert clerk.session.request(StartExport(None, slip=True))
        await clerk.until(lambda session: session.desk and session.desk.exporting and session.desk.exporting.fault)
        exporting = desk(clerk).exporting
        assert exporting is not None
        assert "还没有公布" in exporting.fault["zh"]
        for number in ("M01", "M02", "M03"):
            await recorded(await hall.admit(number), CheckIn())
        for command in (OpenRound("1"), CloseRound("1", 1), AnnounceRound("1", 1)):
            await recorded(chair, command)
        assert clerk.session.request(StartExport(Language.ENGLISH, slip=True))
        await clerk.until(lambda session: finished(session) is not None)
        folder = finished(clerk.session)
        assert folder is not None
        assert folder.parent == tmp_path / "slips"
        assert [one.name for one in folder.iterdir()] == ["slip-1-1.pdf"]
        assert "Result to Be Signed" in text_of(folder / "slip-1-1.pdf")


async def recorded(terminal: Terminal, body: Body) -> None:
    assert isinstance(await terminal.session.ask(body), Receipt)


async def test_what_this_machine_cannot_make_is_named_and_the_rest_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unmade(_source: Source) -> bytes:
        raise UnmadeError("export.exists", file="a font")

    monkeypatch.setattr("pingyi_server.exports.files.MAKERS", {**MAKERS, MINUTES: unmade})
    async with open_hall(tmp_path, definition()) as hall:
        clerk = await console(hall)
        assert clerk.session.request(StartExport(None))
        await clerk.until(finished)
        exporting = desk(clerk).exporting
        assert exporting is not None
        assert exporting.unmade.keys() == {MINUTES}
        assert "a font" in exporting.unmade[MINUTES]["en"]
        assert (Path(exporting.folder) / "record.zip").stat().st_size


async def test_an_export_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        clerk = await console(hall)
        (tmp_path / "exports").write_text("in the way")
        assert clerk.session.request(StartExport(None))
        await clerk.until(lambda session: session.desk and session.desk.exporting and session.desk.exporting.fault)
        exporting = desk(clerk).exporting
        assert exporting is not None
        assert not exporting.finished
        assert exporting.fault.keys() == {"zh", "en"}


async def read(clerk: Terminal, file: str) -> AdditionRead:
    """Have the server read a file, and return what it said of it."""
    before = clerk.session.addition
    assert clerk.session.request(ReadAddition(file))
    await clerk.until(lambda session: session.addition is not before)
    assert clerk.session.addition is not None
    return clerk.session.addition


MOTION = '[[agenda]]\nnumber = "9"\ntitle = "临时动议"\nkind = "motion"\n'


async def test_a_file_in_the_meetings_folder_is_read_and_its_items_go_on_the_record(tmp_path: Path) -> None:
    async with open_hall(tmp_path, definition()) as hall:
        clerk = await console(hall)
        (tmp_path / "more.toml").write_text(MOTION, encoding="utf-8")
        found = await read(clerk, "more.toml")
        assert [one.item.title for one in found.items] == ["临时动议"]
        assert not found.faults
        for one in found.items:
            await clerk.session.ask(one)
        assert hall.recorder.meeting.agenda[-1].title == "临时动议"


async def test_what_cannot_be_added_is_said_and_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "meeting"
    folder.mkdir()
    async with open_hall(folder, definition()) as hall:
        clerk, chair = await console(hall), await hall.admit("M01", Role.CHAIR)
        (tmp_path / "outside.toml").write_text(MOTION, encoding="utf-8")
        (folder / "away.toml").symlink_to(tmp_path / "outside.toml")
        (folder / "here.toml").write_text(MOTION.replace("motion", "dance"), encoding="utf-8")
        size = hall.recorder.meeting.size
        for file, said in (
            ("../outside.toml", "here.toml"),
            (str(tmp_path / "outside.toml"), "here.toml"),
            ("away.toml", "here.toml"),
            ("server.key", "here.toml"),
            ("a\0b.toml", "here.toml"),
            ("here.toml", "dance"),
        ):
            found = await read(clerk, file)
            assert found.file == file
            assert not found.items
            assert {"zh", "en"} == found.faults.keys()
            assert any(said in line for line in found.faults["en"])
        assert chair.session.request(ReadAddition("here.toml"))
        assert chair.session.request(Call(wanted=True))
        await clerk.until(lambda session: session.desk)
        assert chair.session.addition is None
        assert hall.recorder.meeting.size == size


async def test_a_seat_that_calls_without_end_is_held_to_its_share_and_others_are_heard(tmp_path: Path) -> None:
    limits = Limits(requests_per_second=5, requests_burst=20)
    async with open_hall(tmp_path, definition(), limits=limits) as hall:
        clerk, flooding, other = await console(hall), await hall.admit("M02"), await hall.admit("M03")
        heard = 0

        def counted(reply: Reply, number: str) -> None:
            nonlocal heard
            heard += isinstance(reply, Called)
            act(reply, number)

        act, flooding.session.act = flooding.session.act, counted  # type: ignore[method-assign]  # counts what comes
        for place in range(200):
            assert flooding.session.request(Call(wanted=place % 2 == 0))
        assert other.session.request(Call(wanted=True))
        await clerk.until(lambda session: session.desk and "M03" in session.desk.calling)
        await flooding.until(lambda _: heard > 0)
        assert heard < 60
