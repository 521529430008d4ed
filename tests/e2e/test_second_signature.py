"""What nobody does alone: with a real server and real terminals a round is void by two, and a seat passes by two."""

import asyncio
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import zmq.asyncio

from kit.factories import small_definition
from kit.hall import Hall, Terminal, free_port
from kit.processes import Terminal as Screen
from kit.processes import pingyi, server
from kit.restoring import ballot, done, hall_at, staffed, watched
from kit.waits import WAIT_SECONDS
from pingyi_protocol.client.enrolment import EnrolmentRefusedError, enrol
from pingyi_protocol.client.session import Link, Session
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, secret_hash
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.meeting.commands import (
    AnnounceRound,
    CheckIn,
    CloseRound,
    CountersignCode,
    CountersignVoid,
    IssueCode,
    OpenRound,
    RevokeDevice,
    VoidRound,
)
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_server.imports.toml_file import toml_of
from pingyi_server.simulation import Ear, Memory, Pace, SimulatedTerminal, scrutinise

Opened = Callable[..., Screen]
WHY = "停电"


def void(number: int) -> Callable[[Session], bool]:
    """Whether a terminal is shown that this round of the first item is void."""

    def is_void(session: Session) -> bool:
        status = session.picture.status("1") if session.picture else None
        return status is not None and (status.round, status.phase) == (number, Phase.VOID)

    return is_void


async def test_chair_and_scrutineer_void_a_round_and_neither_does_alone(tmp_path: Path) -> None:
    async with hall_at(tmp_path, watched()) as hall:
        chair, seats, scrutineer = await staffed(hall)
        await done(chair, OpenRound("1"))
        await done(seats[0], ballot(90))
        await done(chair, CloseRound("1", 1))
        assert await scrutineer.session.ask(CountersignVoid("1", 1, WHY)) == Refusal(Reason.VOID_MISFIT)
        await done(chair, VoidRound("1", 1, WHY))
        await scrutineer.until(lambda one: one.backstage and one.backstage.voiding == (CountersignVoid("1", 1, WHY),))
        alone = await chair.session.ask(CountersignVoid("1", 1, WHY))
        assert isinstance(alone, Refusal)
        assert await chair.session.ask(AnnounceRound("1", 1)) == Refusal(Reason.VOID_WAITS, {"item": "1"})
        assert hall.recorder.meeting.phase_of("1") is Phase.CLOSED
        await done(scrutineer, CountersignVoid("1", 1, WHY))
        await seats[0].until(void(1))
        assert seats[0].picture.status("1").reason == WHY
        await scrutineer.until(lambda one: one.backstage and not one.backstage.voiding)


async def taken(hall: Hall, secret: bytes, keys: DeviceKeys) -> Terminal:
    """Enrol these keys as M01's seat with the secret of a code; raises what ``enrol`` raises."""
    public = hall.folder.server_keys().transport.public
    code = EnrolmentCode(("127.0.0.1",), hall.port, public, "M01", Role.MEMBER, secret)
    return Terminal(await enrol(zmq.asyncio.Context.instance(), code, keys), keys)


async def test_a_seat_is_not_taken_over_after_check_in_before_the_chair_agrees_and_then_it_is_told(
    tmp_path: Path,
) -> None:
    async with hall_at(tmp_path, watched()) as hall:
        chair, seats, _ = await staffed(hall)
        secret, keys = secrets.token_bytes(12), generate_device_keys()
        await hall.clerk(IssueCode("M01", Role.MEMBER, secret_hash(secret)))
        with pytest.raises(EnrolmentRefusedError) as found:
            await taken(hall, secret, keys)
        assert found.value.refusal == Refusal(Reason.CODE_NOT_COUNTERSIGNED)
        await done(chair, OpenRound("1"))
        # the member goes on as before
        await done(seats[0], ballot(90))
        await chair.until(lambda one: one.backstage and one.backstage.codes)
        backstage = chair.session.backstage
        assert backstage is not None
        assert backstage.codes == (CountersignCode("M01", Role.MEMBER, secret_hash(secret)),)
        await done(chair, *backstage.codes)
        fresh = await taken(hall, secret, keys)
        hall.start(fresh)
        await seats[0].until(lambda one: one.link is Link.REVOKED)
        await done(fresh, ballot(60))
        await chair.until(lambda one: one.picture and one.picture.live and one.picture.live.received == 1)


async def test_a_revoked_terminal_is_told_at_once_on_the_connection_that_stands(tmp_path: Path) -> None:
    async with hall_at(tmp_path, watched()) as hall:
        chair, seats, _ = await staffed(hall)
        await done(chair, OpenRound("1"))
        await hall.clerk(RevokeDevice("M01", Role.MEMBER, "终端遗失"))
        await seats[0].until(lambda one: one.link is Link.REVOKED)
        assert not hall.recorder.meeting.rounds[-1].ballots
        await done(seats[1], ballot(60))


async def test_the_simulated_scrutineer_signs_what_a_newcomer_in_the_chair_declares(tmp_path: Path) -> None:
    async with hall_at(tmp_path, watched()) as hall:
        chair = await hall.admit("M01", Role.CHAIR)
        seats = [await hall.admit(f"M{place:02}") for place in range(1, 4)]
        for seat in seats:
            await done(seat, CheckIn())
        ear, keys = Ear(), generate_device_keys()
        facts = await hall.enrolled("M02", Role.SCRUTINEER, keys)
        session = Session(zmq.asyncio.Context.instance(), facts, keys, Memory(), ear)
        hall.tasks.append(asyncio.create_task(session.run()))
        signing = asyncio.create_task(scrutinise(SimulatedTerminal(session, ear), Pace(0, 0, 0)))
        hall.tasks.append(signing)
        for number in (1, 2):
            await done(chair, OpenRound("1", number), CloseRound("1", number), VoidRound("1", number, WHY))
            await chair.until(void(number))
        assert not signing.done()
        assert [one.reason for one in hall.recorder.meeting.rounds] == [WHY, WHY]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens terminals, and kills them at the end."""
    with ExitStack() as ends:

        def opens(*arguments: object, **options: Any) -> Screen:
            terminal = Screen(*arguments, **options)
            ends.callback(terminal.kill)
            return terminal

        yield opens


def issued(folder: Path, *whom: str) -> tuple[str, str]:
    """Issue a code; return its digits and all that was printed."""
    told = pingyi("code", folder, *whom)
    return next(line for line in told.splitlines() if line.isdigit()), told


def confirm(screen: Screen) -> None:
    """Press Enter on a question, after the pause that tells it from a bounced key."""
    screen.until("再按一次")
    time.sleep(0.6)
    screen.press("enter")


def test_at_their_screens_a_round_is_void_by_two_and_a_seat_passes_to_another_terminal(
    tmp_path: Path, opened: Opened
) -> None:
    folder = tmp_path / "meeting"
    folder.mkdir()
    (folder / "meeting.toml").write_bytes(toml_of(small_definition(port=free_port())))
    pingyi("load", folder)

    def screen(command: str, *whom: str, columns: int, rows: int) -> Screen:
        digits, _ = issued(folder, *whom)
        where = tmp_path / command
        return opened(command, digits, "--profile", where, "--lang", "zh", columns=columns, rows=rows)

    with server(folder):
        chair = screen("chair", "--role", "chair", columns=120, rows=36)
        scrutineer = screen("scrutineer", "--role", "scrutineer", columns=80, rows=24)
        seat = screen("seat", "M04", columns=80, rows=24)
        seat.until("委员04")
        for place in range(1, 5):
            pingyi("clerk", "check-in", folder, f"M{place:02}", "--reason", "纸质签到")
        chair.until("Enter  开始第 1 项打分")
        chair.press("enter")
        confirm(chair)
        chair.until("Enter  结束打分")
        chair.press("f8")
        chair.until("须有监票人会签才作废")
        chair.press("1", "enter")
        chair.until("第 1 轮待监票人会签作废", "收回作废")
        assert "第 1 轮待监票人会签作废：表决设备故障" in pingyi("status", folder)
        scrutineer.until("请核对作废：第 1 项", "理由：表决设备故障")
        scrutineer.press("enter")
        confirm(scrutineer)
        scrutineer.until("已会签：第 1 项第 1")
        chair.until("第 1 轮已作废")

        digits, told = issued(folder, "M04")
        assert "须由主持人在主持台按 F6 同意后" in told
        assert "登记码待主持人同意（F6）：M04 委员04" in pingyi("status", folder)
        spare = opened("seat", "--profile", tmp_path / "spare", "--lang", "zh")
        spare.until("请扫描登记卡上的二维码")
        os.write(spare.master, f"{digits}\r".encode())
        spare.until("经主持人同意", "重试")
        chair.until("M04 委员04（1-04）已签到", "F6 同意")
        chair.press("f6")
        confirm(chair)
        # the chair's own screen may be repainted for other reasons
        end = time.monotonic() + WAIT_SECONDS
        while "登记码待主持人同意" in pingyi("status", folder):
            assert time.monotonic() < end, chair.text
            chair.read()
        spare.press("enter")
        spare.until("1排04号 委员04")
        seat.until("另一台终端已接管您的席位")
        told = pingyi("clerk", "revoke", folder, "M04", "--reason", "终端遗失")
        assert "已完成" in told
        spare.until("停用")
    pingyi("export", folder, "--out", tmp_path / "record")
    assert "有效" in pingyi("verify", tmp_path / "record" / "record.zip")
