"""``pingyi clerk DIR`` as a person runs it: beside a server that comes and goes, and beside the other acts."""

from pathlib import Path

import pytest

from kit.factories import small_definition
from kit.hall import free_port
from kit.processes import Terminal, pingyi, server
from pingyi_server.imports.toml_file import toml_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A meeting that was loaded."""
    folder = tmp_path / "meeting"
    folder.mkdir()
    (folder / "meeting.toml").write_bytes(toml_of(small_definition(members=5, port=free_port())))
    pingyi("load", folder)
    return folder


def test_the_console_goes_on_with_a_server_that_was_started_anew(folder: Path) -> None:
    with server(folder) as first:
        console = Terminal("clerk", folder, columns=120, rows=36)
        console.until("名册与终端", "委员04", "连接正常", "未登记")
        console.press("M04", "f3")
        console.until("给 1-04 M04 委员04 (成员) 发卡？")
        console.press("enter")
        console.until("只显示这一次")
        console.press("escape")
        console.until("已发卡")
        # the console does not keep others from acting
        assert "记录" in pingyi("clerk", "check-in", folder, "M04", "--reason", "终端故障")
        console.until("在场")
        first.kill()
        console.until("连接中断，正在重连")
    with server(folder):
        console.until("连接正常")
        console.press("f3")
        console.until("主持人同意后新卡才能使用")
        console.press("escape")
        console.press("f4")
        console.until("收回给")
        console.press("enter")
        console.until("未登记", "已写入记录")
    console.kill()


def test_where_no_server_runs_the_console_says_what_to_start(folder: Path) -> None:
    assert "pingyi serve" in pingyi("clerk", folder, code=1)
    assert "pingyi serve" in pingyi("clerk", "console", folder, code=1)


def test_a_note_of_the_server_that_is_damaged_is_named(folder: Path) -> None:
    (folder / "serving.json").write_text("{", encoding="ascii")
    assert "serving.json" in pingyi("clerk", folder, code=1)


def test_a_folder_without_a_meeting_and_a_word_that_is_no_act_are_told_apart(tmp_path: Path) -> None:
    assert "pingyi load" in pingyi("clerk", tmp_path, code=2)
    assert "nonsense" in pingyi("clerk", "nonsense", code=2)
    listed = pingyi("clerk", "--help")
    assert "console" in listed
    assert "check-in" in listed
