"""Databases that tests throw away: files, and a PostgreSQL cluster of their own from the installed programs."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from kit.waits import WAIT_SECONDS

VERSIONS = Path("/usr/lib/postgresql")
"""Where Debian has PostgreSQL's programs, a folder a version."""

OWNER = "postgres"
"""Whom the cluster runs as when the tests run as root, which PostgreSQL refuses."""

STOPPING = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}
"""How PostgreSQL is told to stop: ``fast`` ends the sessions, ``immediate`` is as good as a power cut."""


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
        self.log = self.folder / "log"
        making = self.run("initdb", f"--pgdata={self.data}", "--auth=trust", "--username=pingyi", "--no-sync")
        assert making.wait() == 0, self.log.read_text()
        self.start()

    def run(self, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
        """Run one of PostgreSQL's programs as its owner."""
        # when the tests are killed, it ends with them
        prefix = ["setpriv", "--pdeathsig=QUIT"]
        if os.geteuid() == 0:
            prefix += [f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups"]
        with self.log.open("ab") as log:
            command = [*prefix, str(self.programs / program), *arguments]
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        # syncfs: after a crash it would otherwise open every file for its flush
        settings = ("listen_addresses=", f"unix_socket_directories={self.folder}", "recovery_init_sync_method=syncfs")
        options = [part for setting in settings for part in ("-c", setting)]
        # a child of ours, because nobody else may collect it once it has stopped
        self.server = self.run("postgres", "-D", str(self.data), *options)
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                assert self.server.poll() is None, self.log.read_text()
                assert time.monotonic() < until, self.log.read_text()
                time.sleep(0.05)
            else:
                return

    def connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        """Connect as the cluster's owner."""
        return psycopg.connect(host=str(self.folder), user="pingyi", dbname="postgres", autocommit=True)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server."""
        self.server.send_signal(STOPPING[mode])
        self.server.wait()

    def remove(self) -> None:
        """Stop the server and remove everything."""
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def new_schema(self) -> str:
        """Make an empty place for tables and return its URL; a database is a thousand files and takes a second."""
        name = f"pingyi_{secrets.token_hex(6)}"
        with self.connect() as connection:
            connection.execute(f"create schema {name}")
        return f"postgresql+psycopg://pingyi@/postgres?host={self.folder}&options=-csearch_path%3D{name}"

    def new_database(self) -> str:
        """Make an empty database, for a test that configures it, and return its URL."""
        name = f"pingyi_{secrets.token_hex(6)}"
        with self.connect() as connection:
            connection.execute(f"create database {name}")
        return f"postgresql+psycopg://pingyi@/{name}?host={self.folder}"
