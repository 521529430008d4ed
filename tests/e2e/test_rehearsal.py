"""The meeting once through with simulated members: real processes, and nothing is left of it or done to the meeting."""

import os
import re
import signal
import subprocess
from pathlib import Path

import msgspec
import pytest

from kit.factories import small_definition
from kit.hall import free_port
from kit.processes import DYING_WITH_US, ENVIRONMENT, PINGYI, pingyi
from kit.waits import WAIT_SECONDS
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_server.bench.stage import StageError
from pingyi_server.imports.mapping import MeetingFile
from pingyi_server.imports.toml_file import toml_of
from pingyi_server.rehearsal import rehearsing
from pingyi_server.rehearsal.rehearsing import Rehearsed
from pingyi_server.rehearsal.report import lines
from pingyi_server.rehearsal.roster import resized

FOUND = Rehearsed(
    seats=10,
    processes=2,
    rounds=1,
    due=10,
    counted=9,
    check_ins=[5.0] * 10,
    ballots=[80.0] * 9,
    announcements=[50.0] * 10,
    server=0.01,
    members=0.01,
    cores=2,
    memory=90.0,
    flush=0.1,
)


def written(folder: Path) -> Path:
    """A meeting folder with its file."""
    folder.mkdir()
    (folder / "meeting.toml").write_bytes(toml_of(small_definition(members=5, port=free_port())))
    return folder


def everything_in(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """What a folder holds: modes, times and bytes."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes())
        if path.is_file()
        else (path.stat().st_mode, path.stat().st_mtime_ns, b"")
        for path in [folder, *folder.rglob("*")]
    }


def test_a_rehearsal_says_how_long_everybody_waited_and_leaves_the_meeting_as_it_was(tmp_path: Path) -> None:
    folder = written(tmp_path / "meeting")
    (folder / "limits.toml").write_text("ban_seconds = 120\n")
    pingyi("load", folder)
    before = everything_in(folder)
    said = pingyi("rehearse", folder, "--seats", "7", "--rounds", "1")
    assert everything_in(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["meeting"]
    # who casts nothing depends on the seed alone
    assert re.search(r"1 轮共可投 7 票，收到 [67] 票", said)
    assert [len(re.findall(rf"{name}.*( +\d+ 毫秒){{3}}", said)) for name in ("签到", "投票", "结果")] == [1, 1, 1]
    assert "时间花在哪里" in said


def test_ctrl_c_ends_a_rehearsal_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder, real = written(tmp_path / "meeting"), tmp_path / "real.db"
    # the database of a real meeting, named where every command looks, is none of a rehearsal's
    environment = ENVIRONMENT | {"PINGYI_DATABASE": f"sqlite:///{real}"}
    with subprocess.Popen(
        [*DYING_WITH_US, PINGYI, "rehearse", folder, "--seats", "5"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as running:
        try:
            assert running.stdout is not None
            for line in running.stdout:
                if "显示出会议内容" in line:
                    break
            [place] = tmp_path.glob(".pingyi-rehearsal-*")
            assert processes_with(str(place)) != []
            os.killpg(running.pid, signal.SIGINT)
            # whoever is impatient presses it again
            os.killpg(running.pid, signal.SIGINT)
            _, complaint = running.communicate(timeout=WAIT_SECONDS)
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
    assert running.returncode == 130
    assert complaint.strip().endswith("已停止；演练已丢弃。")
    assert [path.name for path in tmp_path.iterdir()] == ["meeting"]
    assert processes_with(str(place)) == []


def test_more_members_than_a_process_may_have_sockets_for_are_refused_at_once(tmp_path: Path) -> None:
    folder = written(tmp_path / "meeting")
    limited = ["sh", "-c", 'ulimit -n 256 && exec "$@"', "sh", str(PINGYI), "rehearse", str(folder), "--seats", "30"]
    done = subprocess.run(limited, capture_output=True, text=True, env=ENVIRONMENT, timeout=WAIT_SECONDS, check=False)
    assert done.returncode == 1
    assert "ulimit -n 320" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["meeting"]


def processes_with(text: str) -> list[str]:
    """The command lines of this machine's processes that hold a text."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it has ended meanwhile
        if text in command:
            found.append(command)
    return found


def test_more_members_than_there_is_memory_for_are_refused_before_the_server_suffers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    definition = resized(MeetingFile(small_definition(members=5)), 3000, 4000).definition
    monkeypatch.setattr(rehearsing, "memory_available", lambda: None)
    rehearsing.require_memory(definition)
    monkeypatch.setattr(rehearsing, "memory_available", lambda: 1024 * 2**20)
    with pytest.raises(StageError, match="1024 MiB of memory are free, and 3000 simulated members"):
        rehearsing.require_memory(definition)


def test_a_smaller_or_larger_meeting_keeps_chair_and_recusals_and_finds_seats_for_all() -> None:
    definition = small_definition(members=9, port=free_port())
    for seats in (5, 9, 30):
        smaller = resized(MeetingFile(definition), seats, 4000).definition
        assert len(smaller.entitled) == seats
        assert {person.number for person in definition.roster if "chair" in person.roles} <= {
            person.number for person in smaller.roster
        }
        taken = [person.seat for person in smaller.roster if person.seat]
        assert len(set(taken)) == len(taken)
        assert (smaller.meeting.port, smaller.meeting.simulated) == (4000, True)


@pytest.mark.parametrize(
    ("change", "bound"),
    [
        ({}, "none"),
        ({"members": 1.0}, "members"),
        ({"server": 1.0}, "server"),
        ({"flush": 20.0}, "disk"),
    ],
)
def test_what_held_people_up_is_named(change: dict[str, float], bound: str) -> None:
    found = msgspec.structs.replace(FOUND, **change)
    words = catalogue("pingyi_server", Language.ENGLISH)
    told = list(lines(found, words))
    assert found.bound() == bound
    assert words(f"rehearse.bound_{bound}", flush=f"{found.flush:.1f}", cores=2) in told
    assert words("rehearse.short") in told
    assert words("rehearse.long") in list(lines(msgspec.structs.replace(found, ballots=[251.0]), words))
