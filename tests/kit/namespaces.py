"""Two machines in one: network namespaces with a cable between them, in which the kernel's own filter runs.

A test runs small programs there with ``python -c``; what they print as JSON comes back.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NFT = shutil.which("nft") or "/usr/sbin/nft"
IP = shutil.which("ip") or "/usr/sbin/ip"
AVAILABLE = os.geteuid() == 0 and Path(NFT).exists() and Path(IP).exists()
"""Whether this machine lets us have namespaces: root, with nftables and iproute2 installed."""

SERVER = "10.77.0.1"
SECONDS = 30


def run(*command: object) -> str:
    """Run a command that must succeed and return its output."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


class Cable:
    """The server's namespace at one end, and the seats' at the other."""

    def __init__(self, name: str) -> None:
        self.server = f"{name}-server"
        self.seats = f"{name}-seats"

    def filter(self, *command: object) -> str:
        """Run nft on the server's machine."""
        return run(IP, "netns", "exec", self.server, NFT, *command)

    def begin(self, where: str, program: str, *arguments: object) -> "subprocess.Popen[str]":
        """Start a program in a namespace."""
        return subprocess.Popen(
            [IP, "netns", "exec", where, sys.executable, "-c", program, *map(str, arguments)],
            stdout=subprocess.PIPE,
            text=True,
        )

    def seat(self, program: str, *arguments: object) -> Any:
        """Run a program on the seats' machine to its end and return what it printed."""
        return json.loads(run(IP, "netns", "exec", self.seats, sys.executable, "-c", program, *arguments))

    def dropped(self, counter: str) -> int:
        """How many packets the server's filter dropped for this reason."""
        listed = json.loads(self.filter("-j", "list", "counter", "inet", "pingyi", counter))
        return next(int(one["counter"]["packets"]) for one in listed["nftables"] if "counter" in one)


@contextmanager
def cable(*addresses: str) -> Iterator[Cable]:
    """Lay a cable; the seats' end has these addresses, each as wide as the private network."""
    name = f"pingyi-{secrets.token_hex(3)}"
    both = Cable(name)
    ends = (f"s{name[-6:]}", f"t{name[-6:]}")
    made = []
    try:
        for where in (both.server, both.seats):
            run(IP, "netns", "add", where)
            made.append(where)
        run(
            IP,
            "link",
            "add",
            ends[0],
            "netns",
            both.server,
            "type",
            "veth",
            "peer",
            "name",
            ends[1],
            "netns",
            both.seats,
        )
        run(IP, "-n", both.server, "address", "add", f"{SERVER}/8", "dev", ends[0])
        for address in addresses:
            run(IP, "-n", both.seats, "address", "add", f"{address}/8", "dev", ends[1])
        for where, end in ((both.server, ends[0]), (both.seats, ends[1])):
            run(IP, "-n", where, "link", "set", "lo", "up")
            run(IP, "-n", where, "link", "set", end, "up")
        # what is from another network is answered through the cable, too
        run(IP, "-n", both.server, "route", "add", "default", "dev", ends[0])
        yield both
    finally:
        for where in made:
            run(IP, "netns", "delete", where)
