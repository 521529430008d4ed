"""What a stock machine has too little of for many seats is said before the meeting, with what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from kit.factories import small_definition
from kit.hall import free_port
from kit.processes import ENVIRONMENT, pingyi
from pingyi_server import capacity
from pingyi_server.capacity import MIB, memory_available, memory_for, shortages
from pingyi_server.imports.toml_file import toml_of

STOCK = """
import sys
from pathlib import Path
from pingyi_protocol.command_line import main
from pingyi_server import capacity

capacity.SOMAXCONN = Path(sys.argv.pop(1))
main()
"""
"""The program on a machine with another queue."""


class Machine:
    """What the system tells, for a test to write."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder = folder
        for name in ("SOMAXCONN", "MEMINFO", "OWN_GROUP", "GROUPS"):
            monkeypatch.setattr(capacity, name, folder / name)
        self.tell("SOMAXCONN", "4096\n")
        self.tell("MEMINFO", "MemFree: 1 kB\nMemAvailable:    8388608 kB\nBuffers: 1 kB\n")

    def tell(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(exist_ok=True, parents=True)
        (self.folder / name).write_text(text)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


@pytest.mark.usefixtures("machine")
def test_a_stock_machine_has_enough_for_3000() -> None:
    assert list(shortages(3000)) == []


@pytest.mark.parametrize(("somaxconn", "people", "short"), [(128, 64, False), (128, 65, True), (4095, 3000, True)])
def test_too_few_connections_at_the_door_are_named(
    machine: Machine, somaxconn: int, people: int, *, short: bool
) -> None:
    machine.tell("SOMAXCONN", f"{somaxconn}\n")
    found = [(one.key, one.values["limit"], one.values["wanted"]) for one in shortages(people)]
    assert found == ([("capacity.backlog", somaxconn, min(4096, 2 * people))] if short else [])


def test_too_little_memory_is_named_also_where_only_the_group_has_too_little(machine: Machine) -> None:
    needed = memory_for(3000)
    machine.tell("OWN_GROUP", "4:memory:/other\n0::/system.slice/pingyi.service\n")
    assert memory_available() == 8192 * MIB
    machine.tell("GROUPS/system.slice/pingyi.service/memory.max", "max\n")
    machine.tell("GROUPS/system.slice/pingyi.service/memory.current", f"{20 * MIB}\n")
    assert memory_available() == 8192 * MIB
    machine.tell("GROUPS/system.slice/pingyi.service/memory.max", f"{needed + 20 * MIB}\n")
    assert list(shortages(3000)) == []
    machine.tell("GROUPS/system.slice/pingyi.service/memory.max", f"{needed + 19 * MIB}\n")
    [found] = shortages(3000)
    assert (found.key, found.values["free"], found.values["needed"]) == (
        "capacity.memory",
        needed // MIB - 1,
        needed // MIB,
    )


def test_the_server_says_at_its_start_what_there_is_too_little_of_and_what_to_do(tmp_path: Path) -> None:
    folder, somaxconn = tmp_path / "meeting", tmp_path / "somaxconn"
    folder.mkdir()
    somaxconn.write_text("9\n")
    (folder / "meeting.toml").write_bytes(toml_of(small_definition(members=5, port=free_port())))
    pingyi("load", folder)
    command = [sys.executable, "-c", STOCK, str(somaxconn), "serve", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        said = [next(process.stdout) for _ in range(3)]
        process.terminate()
    [told] = [line for line in said if "请注意" in line]
    assert "sysctl -w net.core.somaxconn=4096" in told


def test_what_the_system_does_not_tell_is_no_shortage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SOMAXCONN", "MEMINFO", "OWN_GROUP"):
        monkeypatch.setattr(capacity, name, tmp_path / name)
    assert list(shortages(3000)) == []
