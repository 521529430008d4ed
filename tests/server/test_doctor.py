"""``pingyi doctor``: every fault that is made here is found and said with what to do; looking changes nothing."""

import os
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result
from sqlalchemy.engine import make_url

from kit.factories import small_definition
from kit.hall import free_port
from kit.processes import Terminal, pingyi, server
from pingyi_protocol.keys.key_file import generate_device_keys, write_key_file
from pingyi_protocol.meeting.definition import Definition, Language
from pingyi_protocol.text import catalogue
from pingyi_server.commands.doctor import doctor
from pingyi_server.doctor import clock, disk, examination, limits, versions
from pingyi_server.doctor.clock import Clocks, clock_findings
from pingyi_server.doctor.disk import disk_findings, flushing, room
from pingyi_server.doctor.examination import findings
from pingyi_server.doctor.finding import Area, Finding, State, line
from pingyi_server.doctor.fonts import font_findings
from pingyi_server.doctor.limits import limit_findings
from pingyi_server.doctor.ports import holder_of, port_findings
from pingyi_server.doctor.versions import version_findings
from pingyi_server.flushing import flush_times
from pingyi_server.folder import MeetingFolder
from pingyi_server.imports.toml_file import toml_of
from pingyi_server.typesetting import fonts

MIB = 2**20


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is well, whatever the one is on which the tests run."""
    monkeypatch.delenv("PINGYI_DATABASE", raising=False)
    monkeypatch.setenv("PINGYI_LANGUAGE", "en")
    monkeypatch.setattr(clock, "synchronised", lambda: 12.0)
    monkeypatch.setattr(disk, "flush_times", lambda _folder, count: [1.0] * count)
    monkeypatch.setattr(disk, "file_system", lambda _folder: "ext4")
    monkeypatch.setattr(disk, "room", lambda free, needed: room(max(free, 2048 * MIB), needed))
    monkeypatch.setattr(limits, "shortages", lambda _people: ())
    monkeypatch.setattr(examination, "font_findings", lambda _definition: ())
    monkeypatch.setattr(versions, "pins", dict)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a loaded meeting, for each test to copy."""
    folder = tmp_path_factory.mktemp("doctor") / "meeting"
    folder.mkdir()
    (folder / "meeting.toml").write_bytes(toml_of(small_definition(members=5, port=free_port())))
    pingyi("load", folder)
    return folder


@pytest.fixture
def folder(loaded: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "meeting"
    shutil.copytree(loaded, copied)
    return copied


def states(found: Iterator[Finding]) -> dict[str, State]:
    """The findings by their keys."""
    return {one.key: one.state for one in found}


def of(folder: Path) -> dict[str, State]:
    return states(findings(MeetingFolder(folder)))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(doctor, [*map(str, arguments)])


def everything_in(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """What a folder holds: modes, times and bytes; what SQLite shares between processes is no file of anybody's."""
    kept = [path for path in [folder, *folder.rglob("*")] if not path.name.endswith("-shm")]
    return {
        str(path): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in kept
    }


def test_a_meeting_that_is_ready_is_good_in_every_area_and_stays_as_it_is(folder: Path) -> None:
    before = everything_in(folder)
    done = run(folder)
    assert done.exit_code == 0, done.output
    assert everything_in(folder) == before
    told = done.output.splitlines()
    assert [entry.split()[:2] for entry in told[:-1]] == [
        ["good", "clock"],
        ["good", "disk"],
        ["good", "disk"],
        ["good", "limits"],
        ["good", "limits"],
        ["good", "ports"],
        ["good", "database"],
        ["good", "keys"],
        ["good", "versions"],
    ]
    assert told[-1] == "9 good, 0 to look at, 0 to be mended."


def test_on_a_screen_nothing_of_a_long_line_is_cut(folder: Path) -> None:
    terminal = Terminal("doctor", folder, columns=60, rows=50)
    # the last line counts the findings
    told = "".join(terminal.until("请留意", " 项。").split())
    whole = catalogue("pingyi_server", Language.CHINESE)("doctor.keys_without_pin", folder=folder)
    assert "".join(whole.split()) in told
    assert "…" not in told
    terminal.process.wait()
    terminal.close()


def test_without_a_folder_the_machine_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run()
    assert done.exit_code == 0
    assert "No meeting was named" in done.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_before_its_meeting_is_loaded_says_what_comes_first(tmp_path: Path) -> None:
    assert of(tmp_path)["doctor.not_loaded"] is State.LOOK
    assert list(tmp_path.iterdir()) == []


def test_a_running_server_is_known_and_so_is_the_log_that_a_killed_one_leaves(folder: Path) -> None:
    with server(folder):
        found = of(folder)
        assert found["doctor.ports_ours"] is State.GOOD
        assert State.MEND not in found.values()
    # the server was killed: its log and its note are left
    assert (folder / "meeting.db-wal").exists()
    before = everything_in(folder)
    found = of(folder)
    assert found["doctor.ports_free"] is found["doctor.database"] is State.GOOD
    assert everything_in(folder) == before


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("MUST BE MENDED", "1 to be mended")), ("zh", ("必须处理", "必须处理 1 项"))]
)
def test_what_must_be_mended_ends_with_exit_code_1_and_says_so_without_colour(
    folder: Path, monkeypatch: pytest.MonkeyPatch, language: str, words: tuple[str, str]
) -> None:
    monkeypatch.setenv("PINGYI_LANGUAGE", language)
    (folder / "server.key").chmod(0o640)
    done = run(folder)
    assert done.exit_code == 1
    assert "\x1b" not in done.output
    [mended] = [entry for entry in done.output.splitlines() if entry.startswith(words[0])]
    assert "chmod 600" in mended
    assert words[1] in done.output


def test_a_port_that_another_program_has_is_named_with_the_program(folder: Path) -> None:
    definition = MeetingFolder(folder).meeting().definition
    assert definition is not None
    with socket.socket() as second, socket.socket() as third:
        second.bind(("127.0.0.1", definition.meeting.port + 1))
        third.bind(("127.0.0.1", definition.meeting.port + 2))
        for one in (second, third):
            one.listen()
        [taken] = [one for one in findings(MeetingFolder(folder)) if one.area is Area.PORTS]
        ports = f"{definition.meeting.port + 1}, {definition.meeting.port + 2}"
        assert (taken.state, taken.values["ports"]) == (State.MEND, ports)
        assert taken.values["pid"] == os.getpid()
        # without a meeting it is only good to know
        found = states(port_findings(definition.meeting.port, (), ours=False, planned=False))
        assert found == {"doctor.ports_taken": State.LOOK}
    assert holder_of(definition.meeting.port + 2) is None


def test_an_address_that_is_not_this_machines_is_to_be_looked_at() -> None:
    # 192.0.2.1 belongs to nobody (RFC 5737); a name is not looked up
    found = port_findings(free_port(), ("192.0.2.1", "127.0.0.1", "::1", "hall.example"), ours=False, planned=True)
    assert [one.values["address"] for one in found if one.key == "doctor.ports_address"] == ["192.0.2.1"]


def test_other_keys_than_the_meetings_are_found(folder: Path) -> None:
    write_key_file(folder / "server.key", generate_device_keys())
    assert of(folder)["doctor.keys_other"] is State.MEND


def test_a_key_under_a_pin_is_not_asked_for(folder: Path) -> None:
    keys = MeetingFolder(folder).server_keys()
    write_key_file(folder / "server.key", keys, "246810")
    assert of(folder)["doctor.keys_pin_server"] is State.GOOD


def test_lost_keys_and_a_lost_database_are_faults(folder: Path) -> None:
    (folder / "meeting.db").unlink()
    assert of(folder)["doctor.fault"] is State.MEND
    assert not (folder / "meeting.db").exists()
    (folder / "server.key").unlink()
    assert of(folder)["doctor.fault"] is State.MEND


def test_a_changed_entry_is_found(folder: Path) -> None:
    with sqlite3.connect(folder / "meeting.db") as connection:
        connection.execute("update leaf set body = replace(body, '评', '坪') where \"index\" = 1")
        connection.execute("update leaf set body = body || ' ' where \"index\" = 1")
    connection.close()
    assert of(folder)["doctor.database_unsound"] is State.MEND


def test_a_database_without_its_log_is_found(folder: Path) -> None:
    connection = sqlite3.connect(folder / "meeting.db")
    connection.execute("pragma journal_mode=delete")
    connection.close()
    assert of(folder)["doctor.database_no_log"] is State.MEND


@pytest.mark.postgresql
def test_a_database_of_another_server_is_looked_at_and_no_tables_are_made_in_it(
    folder: Path, postgresql_url: str
) -> None:
    other = MeetingFolder(folder, postgresql_url)
    for _ in range(2):
        assert states(findings(other))["doctor.database_empty"] is State.MEND
    other.open_store().close()
    # it has tables now, and nothing of what the clerk has seen
    assert states(findings(other))["doctor.database_doubt"] is State.MEND
    url = make_url(postgresql_url)
    options = f"{url.query.get('options', '')} -c default_transaction_read_only=on"
    read_only = url.update_query_dict({"options": options.strip()})
    refused = MeetingFolder(folder, read_only.render_as_string(hide_password=False))
    assert states(findings(refused))["doctor.database_standby"] is State.MEND


def test_the_clock_is_what_the_system_says_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert states(clock_findings(Clocks(), "")) == {"doctor.clock_held": State.GOOD}
    monkeypatch.setattr(clock, "synchronised", lambda: None)
    assert states(clock_findings(Clocks(), "")) == {"doctor.clock_alone": State.LOOK}


def test_a_clock_that_jumps_or_went_back_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks, now = Clocks(), datetime.now(UTC)
    earlier, later = ((now + timedelta(minutes=minutes)).isoformat() for minutes in (-5, 5))
    assert "doctor.clock_behind" not in states(clock_findings(clocks, earlier))
    assert states(clock_findings(clocks, later))["doctor.clock_behind"] is State.MEND
    ahead = time.time() + 3600
    monkeypatch.setattr(time, "time", lambda: ahead)
    [jumped] = [one for one in clock_findings(clocks, "") if one.key == "doctor.clock_jumped"]
    assert jumped.state is State.LOOK
    assert float(str(jumped.values["seconds"])) == pytest.approx(3600, abs=5)


@pytest.mark.parametrize(
    ("milliseconds", "state"), [(0.1, "good"), (20.0, "good"), (20.1, "look"), (200.0, "look"), (201.0, "mend")]
)
def test_a_slow_disk_is_told_by_what_half_of_its_flushes_take(milliseconds: float, state: str) -> None:
    found = flushing([0.0, milliseconds, 900.0])
    assert found.state == state
    text = line(found, catalogue("pingyi_server", Language.ENGLISH))
    assert f"{milliseconds:.1f} ms" in text
    assert "900.0 ms" in text
    assert f"{3 * milliseconds:.1f} ms" in text


@pytest.mark.parametrize(
    ("free", "needed", "state"), [(300, 299, "look"), (300, 301, "mend"), (1024, 300, "good"), (1100, 600, "look")]
)
def test_little_room_is_told(free: int, needed: int, state: str) -> None:
    assert room(free * MIB, needed * MIB).state == state


@pytest.mark.parametrize(("kind", "key"), [("nfs4", "doctor.disk_network"), ("tmpfs", "doctor.disk_memory")])
def test_a_place_that_keeps_nothing_safe_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, key: str
) -> None:
    monkeypatch.undo()
    device = tmp_path.stat().st_dev
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "20 1 999:9 / /other rw - ext4 /dev/other rw\n"
        f"21 1 {os.major(device)}:{os.minor(device)} / /here rw shared:1 - {kind} somewhere rw\n"
    )
    monkeypatch.setattr(disk, "MOUNTS", mounts)
    assert states(disk_findings(tmp_path, 0))[key] is State.MEND


def test_flushes_are_timed_in_a_file_without_a_name(tmp_path: Path) -> None:
    before = everything_in(tmp_path)
    times = flush_times(tmp_path, 3)
    assert len(times) == 3
    assert min(times) > 0
    assert {name: (mode, content) for name, (mode, _, content) in everything_in(tmp_path).items()} == {
        name: (mode, content) for name, (mode, _, content) in before.items()
    }


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_folder: Path, _count: int) -> list[float]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(disk, "flush_times", refused)
    assert states(disk_findings(tmp_path, 0))["doctor.disk_unwritable"] is State.MEND


def test_too_few_open_files_must_be_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "most_files", lambda _wanted: 299)
    assert states(limit_findings(100))["serve.open_files"] is State.MEND
    monkeypatch.setattr(limits, "most_files", lambda _wanted: 300)
    assert states(limit_findings(100))["doctor.limits_files"] is State.GOOD


def test_characters_that_no_font_has_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    small = small_definition(members=5)
    assert all(one.area is Area.FONTS for one in font_findings(small))
    rare = msgspec.structs.replace(small.roster[0], name="王\U000323af")
    definition: Definition = msgspec.structs.replace(small, roster=(rare, *small.roster[1:]))
    everything = frozenset(range(0x20, 0x10000)) | {0x20BB7}
    monkeypatch.setattr(fonts, "files", lambda: {"Han": ("", 0)})
    monkeypatch.setattr(fonts, "drawn_by", lambda _family: everything)
    assert states(font_findings(small)) == {"doctor.fonts": State.GOOD}
    [missing] = font_findings(definition)
    assert missing.state is State.MEND
    assert "U+323AF" in line(missing, catalogue("pingyi_server", Language.ENGLISH))


def test_libraries_that_are_missing_or_not_those_of_the_tests_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert states(version_findings()) == {"doctor.versions": State.GOOD}
    monkeypatch.setattr(versions, "pins", lambda: {"pyzmq": "1.2.3", "not-there": "1"})
    [untested] = version_findings()
    assert untested.state is State.LOOK
    assert "(1.2.3)" in str(untested.values["libraries"])
    assert "not-there" not in str(untested.values["libraries"])
    monkeypatch.setattr(versions, "pins", dict)
    monkeypatch.setattr(versions, "installed", lambda name: None if name == "pynacl" else "99")
    [wrong, *_] = version_findings()
    assert wrong.state is State.MEND
    assert "pynacl" in str(wrong.values["libraries"])


def test_the_versions_of_the_tests_are_found_where_the_program_runs_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert {"pyzmq", "msgspec", "SQLAlchemy"} <= set(versions.pins())
