"""What is written down when the program itself fails: where, never with what values."""

import traceback
from datetime import datetime
from pathlib import Path

import platformdirs

from pingyi_protocol.keys.durable import make_private_folder, write_durably


def note_failure(fault: BaseException | None) -> Path:
    """Write where in the program ``fault`` was raised, without its message or any value, and return the file."""
    folder = Path(platformdirs.user_log_dir("pingyi"))
    make_private_folder(folder)
    path = folder / f"failure-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}.txt"
    lines: list[str] = []
    while fault is not None:
        lines += [
            f"{type(fault).__name__}\n",
            *(
                f"  {frame.filename}:{frame.lineno} {frame.name}\n"
                for frame in traceback.extract_tb(fault.__traceback__)
            ),
        ]
        fault = fault.__cause__ or fault.__context__
    write_durably(path, "".join(lines).encode())
    return path
