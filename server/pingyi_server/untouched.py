"""A meeting's folder for who only looks: nothing in it changes, not even a file that SQLite keeps beside a database."""

from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL

from pingyi_server.folder import MeetingFolder
from pingyi_server.ledger.database import refuse_linked, sqlite_file


def untouched(folder: MeetingFolder) -> MeetingFolder:
    """Return the same folder, in which nothing can be written; StoreError for a database with a second name."""
    file = sqlite_file(folder.database)
    if file is None or not file.exists():
        return folder
    refuse_linked(file)
    return MeetingFolder(folder.path, reading_url(file))


def reading_url(file: Path) -> str:
    """Return the URL that reads an embedded database, without its log where there is none: SQLite would make one."""
    logged = file.with_name(f"{file.name}-wal").exists()
    how = {"mode": "ro"} if logged else {"mode": "ro", "immutable": "1"}
    inner = URL.create("sqlite", database=f"file:{quote(str(file))}", query={**how, "uri": "true"})
    return inner.render_as_string()
