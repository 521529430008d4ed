"""Hands in place of devices: the clerk enters counts, a scrutineer signs, the chair announces, the export says so."""

import csv
import time
from pathlib import Path

import msgspec

from kit.factories import small_definition
from kit.hall import free_port
from kit.processes import Terminal, pingyi, server
from pingyi_protocol.meeting.definition import Definition, Item, MotionRules, Role
from pingyi_server.imports.toml_file import toml_of


def voting() -> Definition:
    """Five members, M02 the chief scrutineer, one motion whose count the chief has to sign."""
    base = small_definition(members=5, port=free_port())
    roster = tuple(
        msgspec.structs.replace(one, roles=(Role.MEMBER, Role.SCRUTINEER), chief=True) if one.number == "M02" else one
        for one in base.roster
    )
    motion = Item("1", "关于整改的决议", rules=MotionRules(confirmed=True))
    meeting = msgspec.structs.replace(base.meeting, check_in_minutes=10)
    return msgspec.structs.replace(base, meeting=meeting, roster=roster, agenda=(motion,))


def begin(folder: Path, profiles: Path, command: str, *whom: str, columns: int, rows: int) -> Terminal:
    """Enrol a screen with a fresh code."""
    code = next(line for line in pingyi("code", folder, *whom).splitlines() if line.isdigit())
    return Terminal(command, code, "--profile", profiles / command, "--lang", "zh", columns=columns, rows=rows)


def confirm(screen: Terminal) -> None:
    """Press Enter twice, the second time after the pause that tells it from a bounced key."""
    screen.press("enter")
    screen.until("再按一次")
    time.sleep(0.6)
    screen.press("enter")


def test_a_result_by_hand_is_entered_signed_announced_and_exported(tmp_path: Path) -> None:
    folder, profiles, counts = tmp_path / "meeting", tmp_path / "profiles", tmp_path / "counts.csv"
    folder.mkdir()
    (folder / "meeting.toml").write_bytes(toml_of(voting()))
    counts.write_text("对象,答案,票数\n,赞成,3\n,反对,0\n", encoding="utf-8")
    pingyi("load", folder)
    with server(folder):
        chair = begin(folder, profiles, "chair", "--role", "chair", columns=120, rows=36)
        chief = begin(folder, profiles, "scrutineer", "M02", "--role", "scrutineer", columns=80, rows=24)
        chief.until("会议进行情况", "还没有开始表决")
        pingyi("clerk", "open-check-in", folder)
        chair.until("签到剩余", "F3  结束签到")
        for place in range(1, 5):
            pingyi("clerk", "check-in", folder, f"M{place:02}", "--reason", "纸质签到")
        pingyi("clerk", "excuse", folder, "M05", "--reason", "出差")
        chair.until("实到 4", "请假 1", "开始第 1 项表决")
        told = pingyi(
            *("clerk", "result", folder, counts, "--item", "1", "--received", 4, "--invalid", 1),
            *("--reason", "表决器断电", "--yes"),
        )
        assert "M02 委员02" in told
        chair.until("等待监票人签字", "M02 委员02", "手工计票")
        chief.until("请核对计票：第 1 项 关于整改的决议，第 1 轮", "手工计票，理由：表决器断电", "赞成：3 票")
        confirm(chief)
        chief.until("已签字：第 1 项第 1 轮")
        chair.until("Enter  宣布结果")
        confirm(chair)
        chair.until("通过（手工）", "全体 5，须 3 票：通过。")
        for screen in (chair, chief):
            screen.kill()
    out = tmp_path / "record"
    pingyi("export", folder, "--out", out)
    assert "有效" in pingyi("verify", out / "record.zip")
    lines = [
        " ".join(line)
        for path in out.glob("*.csv")
        for line in csv.reader(path.read_text(encoding="utf-8-sig").splitlines())
    ]
    assert any("手工" in line and "表决器断电" in line for line in lines)
