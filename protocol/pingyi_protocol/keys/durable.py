"""Small private files that are whole or absent after any crash: written aside, flushed, then put in place."""

import os
import tempfile
from pathlib import Path


def write_durably(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path``, readable by its owner only, on the disk when this returns.

    Whoever reads ``path`` meanwhile sees the old bytes or the new ones, never a part. Raises OSError (disk full,
    no permission); then ``path`` is as it was.
    """
    # mkstemp makes the file with mode 0600
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def move_durably(source: Path, destination: Path) -> None:
    """Rename ``source`` within its file system, on the disk when this returns. Raises OSError."""
    source.replace(destination)
    sync_folder(destination.parent)
    sync_folder(source.parent)


def remove_durably(path: Path) -> None:
    """Remove the file at ``path`` where there is one, on the disk when this returns. Raises OSError."""
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def make_private_folder(path: Path) -> None:
    """Make ``path`` and what is missing above it, entered by its owner only (mode 0700). Raises OSError."""
    if not path.parent.exists():
        # mkdir would make the folders above with whatever the umask leaves open
        make_private_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)


def sync_folder(folder: Path) -> None:
    """Flush the names in ``folder`` to the disk. Windows has no such call and keeps names with the file system."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
