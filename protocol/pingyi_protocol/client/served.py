"""Where the running server of a meeting's folder listens: the note that it leaves there for programs beside it."""

from pathlib import Path

import msgspec

from pingyi_protocol.meeting.struct import Struct

SERVING = "serving.json"


class Served(Struct, frozen=True):
    """Where the running server of a folder listens; ``office`` is the clerk's port on the machine itself."""

    address: str
    port: int
    office: int | None = None


def served_at(folder: Path) -> Served | None:
    """Return where the running server of a meeting's folder listens, None when none does; ValueError for no such note.

    Whoever was killed leaves its note behind. OSError when it cannot be read.
    """
    try:
        return msgspec.json.decode((folder / SERVING).read_bytes(), type=Served)
    except FileNotFoundError:
        return None
    except RecursionError as fault:
        raise ValueError(str(fault)) from fault
