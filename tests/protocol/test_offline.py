"""Whoever verifies a record opens no connection, and needs nothing that could."""

import subprocess
import sys

import pytest

NETWORK = ("zmq", "asyncio", "pingyi_protocol.client")


@pytest.mark.parametrize("module", ["pingyi_protocol.command_line", "pingyi_protocol.commands.verify"])
def test_the_verifier_loads_nothing_of_the_network(module: str) -> None:
    code = f"import {module}, sys; print(*(one for one in {NETWORK} if one in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
