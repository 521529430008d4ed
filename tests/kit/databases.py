"""Databases that tests throw away: files, and a PostgreSQL cluster of their own from the installed programs."""

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

VERSIONS = Path("/usr/lib/postgresql")
"""Where Debian has PostgreSQL's programs, a folder a version."""

OWNER = "postgres"
"""Whom the cluster runs as when the tests run as root, which PostgreSQL refuses."""


def binaries() -> Path | None:
    """The folder of the newest installed PostgreSQL's programs, None without one."""
    beside = shutil.which("initdb")
    found = sorted(VERSIONS.glob("*/bin/initdb"), key=lambda path: float(path.parent.parent.name))
    return Path(beside).parent if beside else found[-1].parent if found else None


class Cluster:
    """A PostgreSQL server on a socket in a temporary folder. It flushes what it commits."""

    def __init__(self) -> None:
        """Make the cluster and start it."""
        found = binaries()
        assert found is not None, "PostgreSQL is not installed"
        self.programs = found
        # short, because the path of a socket may have 107 characters
        self.folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, OWNER, OWNER)
        self.data = self.folder / "data"
        self.run("initdb", "--pgdata", self.data, "--auth", "trust", "--username", "pingyi", "--no-sync")
        self.start()

    def run(self, program: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs to its end, as its owner."""
        prefix = ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups"] if os.geteuid() == 0 else []
        command = [*prefix, str(self.programs / program), *map(str, arguments)]
        # not through a pipe, which the server would keep open
        with (self.folder / "programs.log").open("ab") as log:
            done = subprocess.run(command, stdout=log, stderr=log, cwd=self.folder, check=False)
        assert done.returncode == 0, (self.folder / "programs.log").read_text()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder}"
        self.run("pg_ctl", "--pgdata", self.data, "--wait", "--log", self.data / "log", "--options", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: ``fast`` ends the sessions, ``immediate`` is as good as a power cut."""
        self.run("pg_ctl", "--pgdata", self.data, "--wait", "--mode", mode, "stop")

    def remove(self) -> None:
        """Stop the server and remove everything."""
        if (self.data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder)

    def new_database(self) -> str:
        """Make an empty database and return its URL."""
        name = f"pingyi_{secrets.token_hex(6)}"
        with psycopg.connect(host=str(self.folder), user="pingyi", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return f"postgresql+psycopg://pingyi@/{name}?host={self.folder}"
