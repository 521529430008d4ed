"""What a stock machine has too little of for many seats is said before the meeting, with what to do."""

from pathlib import Path

import pytest

from pingyi_server import capacity
from pingyi_server.capacity import MIB, memory_available, memory_for, shortages


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


def test_what_the_system_does_not_tell_is_no_shortage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SOMAXCONN", "MEMINFO", "OWN_GROUP"):
        monkeypatch.setattr(capacity, name, tmp_path / name)
    assert list(shortages(3000)) == []
