"""Reads the meetings of a folder as every export does; changes nothing, holds no lock, needs no PIN."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import NamedTuple

from pingyi_protocol.keys.places import CLERK_FOLDER, SERVER_KEY
from pingyi_protocol.record.progress import Progress, silent
from pingyi_protocol.wording import WordedError
from pingyi_server.exports.view import Reader
from pingyi_server.folder import MeetingFolder
from pingyi_server.imports.folder import TOML_NAME, WORKBOOK_NAME
from pingyi_server.ledger.sql_store import sqlite_url
from pingyi_server.programme.sitting import Sitting

EMBEDDED = "meeting.db"
LOADED = (SERVER_KEY, CLERK_FOLDER, EMBEDDED)
PREPARED = (WORKBOOK_NAME, TOML_NAME)

Bar = Callable[[str], AbstractContextManager[Progress]]
"""What shows how far the reading of a folder, by name, has come."""


class NoMeetingError(WordedError):
    """A folder holds no meeting that could be read, and nothing is wrong with that."""

    package = "pingyi_server"


class Unread(NamedTuple):
    """A folder that is not among the meetings, and why."""

    folder: str
    fault: WordedError | OSError

    @property
    def damaged(self) -> bool:
        """Whether there is a meeting that cannot be read."""
        return not isinstance(self.fault, NoMeetingError)


class Found(NamedTuple):
    """The meetings of a folder, and what beside them could not be read as one."""

    sittings: tuple[Sitting, ...]
    unread: tuple[Unread, ...]


def read_sittings(folder: Path, bar: Bar) -> Found:
    """Read every meeting in ``folder``: itself where it is one, else its folders, one level deep.

    OSError when the folder itself cannot be read.
    """
    sittings: list[Sitting] = []
    unread: list[Unread] = []
    for one in meeting_folders(folder):
        name = one.name or str(one)
        try:
            with bar(name) as progress:
                sittings.append(sitting_in(one, name, progress))
        except (WordedError, OSError) as fault:
            unread.append(Unread(name, fault))
    return Found(tuple(sittings), tuple(unread))


def meeting_folders(folder: Path) -> Iterator[Path]:
    """Yield the folders that may be meetings, by name; hidden ones are not."""
    if any((folder / name).exists() for name in (*LOADED, *PREPARED)):
        yield folder.resolve()
        return
    yield from sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith("."))


def sitting_in(path: Path, name: str, progress: Progress = silent) -> Sitting:
    """Read the meeting in a folder. NoMeetingError where none was loaded, else what reading a record raises."""
    if not any((path / one).exists() for one in LOADED):
        prepared = any((path / one).is_file() for one in PREPARED)
        raise NoMeetingError("programme.not_loaded" if prepared else "programme.no_meeting")
    database = path / EMBEDDED
    if not database.exists():
        raise NoMeetingError("programme.no_database", file=EMBEDDED)
    return sitting_of(MeetingFolder(path, url_to_look(database)), name, progress)


def url_to_look(database: Path) -> str:
    """Return the URL by which a database is read and nothing is left beside it, as SQLite's own log would be.

    Where such a log is there, others use the database, and their changes are in it. Without it the file stands still;
    should a server begin just now, the record would not hold together under its heads, and be named.
    """
    url = sqlite_url(database, read_only=True)
    return url if database.with_name(f"{database.name}-wal").exists() else f"{url}&immutable=1"


def sitting_of(folder: MeetingFolder, name: str, progress: Progress = silent) -> Sitting:
    """Read the meeting of a folder; raises what reading a record does."""
    log_key = folder.clerk_profile().facts.log_key
    with closing(folder.open_store()) as store, store.snapshot() as still:
        reader = Reader(still, log_key)
        size = still.size()
        for done, _ in enumerate(reader.leaves(), start=1):
            progress(done, size)
        view = reader.view()
    return Sitting(name, view.definition, view.results, closed=not view.unfinished, waiting=view.waiting)
