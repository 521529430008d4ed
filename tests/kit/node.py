"""Node, for the second verifier in ``tests/conformance``: from the test environment or from the machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "conformance"
NODE = shutil.which("node", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))
READY = NODE is not None and (FOLDER / "node_modules").is_dir()
"""Whether there is Node and, beside the second verifier, the packages that it uses."""


def run_node(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script of ``tests/conformance`` to its end."""
    command = [str(NODE), str(FOLDER / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
