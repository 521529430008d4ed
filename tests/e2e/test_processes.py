import time
from pathlib import Path

from kit.factories import small_definition
from kit.hall import free_port
from kit.processes import Terminal, pingyi, server
from kit.waits import WAIT_SECONDS
from pingyi_server.imports.toml_file import toml_of


def issued(folder: Path, *whom: str) -> str:
    return next(line for line in pingyi("code", folder, *whom).splitlines() if line.isdigit())


def confirm(console: Terminal) -> None:
    """Press Enter twice, the second time after the pause that tells it from a bounced key."""
    console.press("enter")
    console.until("再按一次")
    time.sleep(0.6)
    console.press("enter")


def score(seat: Terminal, digits: str) -> None:
    seat.until("请先输入分数")
    seat.press(*digits)
    seat.until(f"确认 {digits} 分")
    seat.press("enter")
    seat.until(f"送出 {digits} 分")
    time.sleep(0.5)
    seat.press("enter")


def test_a_meeting_survives_a_killed_server_and_a_killed_seat_and_its_record_verifies(tmp_path: Path) -> None:
    folder, profiles = tmp_path / "meeting", tmp_path / "profiles"
    folder.mkdir()
    (folder / "meeting.toml").write_bytes(toml_of(small_definition(members=5, port=free_port())))
    pingyi("load", folder)
    with server(folder) as first:
        chair = Terminal(
            "chair", issued(folder, "--role", "chair"), "--profile", profiles, "--lang", "zh", columns=120, rows=36
        )
        seats = {
            number: Terminal("seat", issued(folder, number), "--profile", profiles / number, "--lang", "zh")
            for number in ("M02", "M03")
        }
        for seat in seats.values():
            seat.until("您还没有签到")
            seat.press("enter")
            seat.until("您已签到")
        pingyi("clerk", "check-in", folder, "M04", "--reason", "终端故障")
        chair.until("实到 3", "Enter")
        confirm(chair)
        score(seats["M02"], "92")
        seats["M02"].until("已写入会议记录")
        first.kill()
    score(seats["M03"], "88")
    seats["M03"].until("88 分 没有丢")
    seats["M03"].kill()
    seats["M03"] = Terminal("seat", "--profile", profiles / "M03", "--lang", "zh")
    with server(folder) as second:
        seats["M03"].until("88 分", "已写入会议记录")
        chair.until("还有 1 人未投")
        confirm(chair)
        chair.until("已截止")
        confirm(chair)
        for seat in seats.values():
            seat.until("90")
        status = pingyi("status", folder)
        assert "文化和旅游局 90.00" in status
        second.terminate()
        assert second.wait(WAIT_SECONDS) == 0
    for terminal in (chair, *seats.values()):
        terminal.kill()
    pingyi("export", folder, "--out", tmp_path / "record")
    assert "90.00" in (tmp_path / "record" / "results.csv").read_text(encoding="utf-8-sig")
    assert "有效" in pingyi("verify", tmp_path / "record" / "record.zip")
