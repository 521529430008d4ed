"""Make a virtual environment beside the checkout and install Pingyi into it with pinned versions.

Needs Python 3.11 or newer and pip, nothing else. Used by the scripts ``demo``, ``test`` and ``check``.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("protocol", "server", "terminal")
OLDEST = (3, 11)


class EnvironmentFault(Exception):  # noqa: N818 - what a person reads is its text
    """The environment cannot be made; the text says what to do."""


def ready(name: str, extras: str, *, editable: bool) -> Path:
    """Return the Python of the environment ``name``, made or brought up to date where that is needed.

    ``extras`` are those of pyproject.toml, such as ``server,test``. EnvironmentFault when Python is too old or an
    installation fails.
    """
    if sys.version_info < OLDEST:
        raise EnvironmentFault(f"Pingyi needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    folder = ROOT / name
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp = folder / "installed"
    wanted = fingerprint(extras, editable=editable)
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    print(f"Preparing {folder} (once; needs the network and a minute or two) ...", flush=True)
    # without its own pip, so that no Debian package for venv is needed: the pip that is here installs into it
    run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    package = f"{ROOT}[{extras}]"
    run([*pip, "--constraint", str(ROOT / "constraints.txt"), *(["--editable"] if editable else []), package])
    if not editable:
        # the same version number with changed sources would otherwise be left as it is
        run([*pip, "--no-deps", "--force-reinstall", str(ROOT)])
    stamp.write_text(wanted, encoding="utf-8")
    return python


def run(command: list[str]) -> None:
    """Run one step with its own output shown; EnvironmentFault when it fails."""
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own words
        raise EnvironmentFault(f"This step failed: {' '.join(command)}")


def fingerprint(extras: str, *, editable: bool) -> str:
    """Return what the environment depends on: versions and, unless they are used in place, the sources."""
    digest = hashlib.sha256(f"{sys.version} {extras}".encode())
    files = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    if not editable:
        files += sorted(
            path for source in SOURCES for path in (ROOT / source).rglob("*") if "__pycache__" not in path.parts
        )
    for file in files:
        if file.is_file():
            digest.update(file.relative_to(ROOT).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()
