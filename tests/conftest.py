"""Databases for all tests, and an end for what they ran. What needs a missing program is left out, but not in CI."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from syrupy.assertion import SnapshotAssertion

from kit import forwarder
from kit.databases import Cluster, binaries
from kit.namespaces import AVAILABLE
from kit.node import READY
from kit.processes import kill_open
from kit.snapshots import Shows, screen_snapshots
from pingyi_server.ledger.sql_store import sqlite_url
from pingyi_server.typesetting.fonts import SANS, files

# no test is timed: a busy machine may take as long as it likes
settings.register_profile("untimed", parent=settings.default, deadline=None)
settings.load_profile("untimed")

NEEDED = {
    "postgresql": binaries() is not None,
    "network": AVAILABLE,
    "haproxy": forwarder.AVAILABLE,
    "fonts": not set(SANS).isdisjoint(files()),
    "browser": shutil.which("chromium") is not None,
    "node": READY,
    "office": shutil.which("soffice") is not None,
}
"""The marks of tests that need more than Python, and whether this machine has it."""


def pytest_report_header() -> list[str]:
    """Say what these tests run on."""
    return [f"{mark}: {'here' if there else 'not here, its tests are left out'}" for mark, there in NEEDED.items()]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs what is not there."""
    missing = [mark for mark, there in NEEDED.items() if not there]
    if required := [mark for mark in missing if os.environ.get(f"PINGYI_{mark.upper()}") == "required"]:
        raise pytest.UsageError(f"not on this machine, and its tests are required here: {', '.join(required)}")
    needing = [item for item in items if any(item.get_closest_marker(mark) for mark in missing)]
    if needing:
        config.hook.pytest_deselected(items=needing)
        items[:] = [item for item in items if item not in needing]


@pytest.fixture
def shows(snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shows]:
    """Compare a screen with its snapshot, wherever on earth this machine stands."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        yield screen_snapshots(snapshot)
    time.tzset()


@pytest.fixture(autouse=True)
def nothing_runs_on() -> Iterator[None]:
    """Whatever a test ran in a terminal ends with it, also where it fails."""
    yield
    kill_open()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server for all tests of this process."""
    one = Cluster()
    yield one
    one.remove()


@pytest.fixture
def postgresql_url(cluster: Cluster) -> str:
    """An empty place in a PostgreSQL database."""
    return cluster.new_schema()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "meeting.db")
    url: str = request.getfixturevalue("postgresql_url")
    return url


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failed run: nothing may be left out in silence."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
