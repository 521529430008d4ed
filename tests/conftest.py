"""Databases for all tests. Where PostgreSQL is not installed its tests are left out, which CI forbids."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.databases import Cluster, binaries
from pingyi_server.ledger.sql_store import sqlite_url

WITHOUT = binaries() is None


def pytest_report_header() -> str:
    """Say what these tests run on."""
    return "PostgreSQL: not installed, its tests are left out" if WITHOUT else f"PostgreSQL: {binaries()}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs PostgreSQL where there is none."""
    if not WITHOUT:
        return
    if os.environ.get("PINGYI_POSTGRESQL") == "required":
        raise pytest.UsageError("PostgreSQL is not installed, and its tests are required here")
    needing = [item for item in items if item.get_closest_marker("postgresql")]
    config.hook.pytest_deselected(items=needing)
    items[:] = [item for item in items if item not in needing]


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
