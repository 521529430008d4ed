"""A real terminal, a real server and a card: what a USB scanner types into ``pingyi seat`` enrols the seat."""

import os
import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kit.factories import small_definition
from kit.hall import free_port
from kit.processes import PINGYI, Terminal, pingyi, server
from pingyi_protocol.keys.enrolment_code import parse
from pingyi_protocol.keys.typed_code import typed
from pingyi_protocol.meeting.definition import Role
from pingyi_server.imports.toml_file import toml_of

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
HAND_SECONDS = 0.12

Opened = Callable[..., Terminal]


@pytest.fixture(scope="module")
def meeting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A meeting that is served; M02 is a scrutineer too. Every test takes seats of its own."""
    folder = tmp_path_factory.mktemp("meeting")
    base = small_definition(members=9, port=free_port())
    roster = tuple(
        msgspec.structs.replace(one, roles=(*one.roles, Role.SCRUTINEER)) if one.number == "M02" else one
        for one in base.roster
    )
    (folder / "meeting.toml").write_bytes(toml_of(msgspec.structs.replace(base, roster=roster)))
    pingyi("load", folder)
    with server(folder):
        yield folder


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens terminals, and kills them at the end."""
    with ExitStack() as ends:

        def opens(*arguments: object, **options: Any) -> Terminal:
            terminal = Terminal(*arguments, **options)
            ends.callback(terminal.kill)
            return terminal

        yield opens


def issued(folder: Path, *whom: str) -> str:
    """The digits of a code's QR code."""
    return next(line for line in pingyi("code", folder, *whom).splitlines() if line.isdigit() and line[0] == "9")


def arguments_of_all() -> str:
    """What ps shows of every process."""
    shown = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # a process that has ended meanwhile
            shown.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(shown)


def test_scanned_digits_enrol_a_seat_that_goes_on_to_its_own_screen(
    meeting: Path, opened: Opened, tmp_path: Path
) -> None:
    seat = opened("seat", "--profile", tmp_path / "profiles", "--lang", "zh")
    seat.until("请扫描登记卡上的二维码")
    for rubbish in ("https://example.com/\x1b]0;evil\x07\x1b[31m\x02", "6901028001915"):
        os.write(seat.master, rubbish.encode() + b"\r")
        seat.until("这不是登记卡上的二维码")
        assert "example" not in seat.text
        assert "evil" not in seat.screen.title
    code = issued(meeting, "M02")
    os.write(seat.master, code.encode() + b"\r")
    seat.until("本机已写入会议记录", "编号 M02")
    seat.until("您还没有签到", "委员02")
    # the scanner's Enter has checked nobody in
    assert "您已签到" not in seat.text
    seat.press("enter")
    seat.until("您已签到")


@pytest.mark.parametrize(("how", "who"), [("full width", "M03"), ("bracketed paste", "M04")])
def test_an_input_method_or_a_paste_changes_nothing(
    meeting: Path, opened: Opened, tmp_path: Path, how: str, who: str
) -> None:
    code = issued(meeting, who)
    sent = code.translate(FULL_WIDTH) if how == "full width" else f"\x1b[200~{code}\n\x1b[201~"
    seat = opened("seat", "--profile", tmp_path, "--lang", "en")
    seat.until("Scan the code on your card")
    os.write(seat.master, sent.encode())
    seat.until("You are not checked in")


def test_typed_digits_show_the_servers_fingerprint_before_anything_is_sent(
    meeting: Path, opened: Opened, tmp_path: Path
) -> None:
    text = typed(parse(issued(meeting, "M05")))
    assert text is not None
    seat = opened("seat", "--profile", tmp_path, "--lang", "zh")
    seat.until("没有扫码枪")
    for digit in text.replace(" ", ""):
        os.write(seat.master, digit.encode())
        seat.read(HAND_SECONDS)
        time.sleep(HAND_SECONDS - 0.04)
    seat.until("完全一样吗", "Esc")
    time.sleep(1.2)
    seat.press("enter")
    seat.until("您还没有签到", "委员05")


@pytest.mark.parametrize(("command", "shown"), [("chair", "法定"), ("scrutineer", "监票"), ("hall", "实到 / 应到")])
def test_every_kind_of_terminal_begins_with_a_card(
    meeting: Path, opened: Opened, tmp_path: Path, command: str, shown: str
) -> None:
    whom = ("M02", "--role", command) if command == "scrutineer" else ("--role", command)
    terminal = opened(command, "--profile", tmp_path, "--lang", "zh", columns=120, rows=36)
    terminal.until("请扫描登记卡上的二维码")
    os.write(terminal.master, issued(meeting, *whom).encode() + b"\r")
    terminal.until(shown)


def test_another_card_is_taken_although_there_is_a_profile(meeting: Path, opened: Opened, tmp_path: Path) -> None:
    for person, options in (("M06", ()), ("M07", ("--card",))):
        seat = opened("seat", "--profile", tmp_path, "--lang", "en", *options)
        seat.until("Scan the code on your card")
        os.write(seat.master, issued(meeting, person).encode())
        seat.until("You are not checked in")
    assert sorted(path.parent.name for path in tmp_path.glob("*/*/profile.json")) == ["M06-member", "M07-member"]


def test_a_script_gives_the_code_on_standard_input_where_ps_does_not_show_it(
    meeting: Path, opened: Opened, tmp_path: Path
) -> None:
    (tmp_path / "code").write_text(issued(meeting, "M08"))
    line = shlex.join([str(PINGYI), "seat", "-", "--profile", str(tmp_path / "profiles"), "--lang", "en"])
    seat = opened("-c", f"cat {shlex.quote(str(tmp_path / 'code'))} | {line}", program="/bin/sh")
    seat.until("You are not checked in")
    seen = arguments_of_all()
    assert f"seat - --profile {tmp_path / 'profiles'}" in seen
    assert (tmp_path / "code").read_text() not in seen
    seat.press("enter")
    seat.until("You are checked in")
