"""``pingyi new --from``: the file of the meeting that comes after another one, and what is said of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pingyi_protocol.commands.verify import progress_bar
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue
from pingyi_server.commands.options import words
from pingyi_server.folder import MeetingFolder
from pingyi_server.imports.mapping import MeetingFile
from pingyi_server.imports.sample import example_meeting
from pingyi_server.programme.following import Next, next_meeting
from pingyi_server.programme.reading import sitting_of
from pingyi_server.programme.sitting import Sitting


class GoingOn(NamedTuple):
    """The next meeting's file, the language of its workbook, and the lines that say who is next and what to look at."""

    file: MeetingFile
    language: Language
    said: tuple[str, ...]


def going_on(earlier: Path, database: str | None, language: Language | None) -> GoingOn:
    """Read the meeting in the folder ``earlier`` and prepare the next one, in its language unless told another.

    Raises NothingNextError, and what reading a record raises.
    """
    folder = MeetingFolder(earlier, database)
    folder.require_database()
    with progress_bar(words()("next.bar")) as progress:
        sitting = sitting_of(folder, str(earlier), progress)
    spoken = language or sitting.facts.language
    title = catalogue("pingyi_server", spoken)("next.item")
    coming = next_meeting(sitting, example_meeting(spoken).definition, title, spoken)
    return GoingOn(MeetingFile(coming.definition, coming.recusals), spoken, tuple(said(sitting, coming)))


def said(sitting: Sitting, coming: Next) -> Iterator[str]:
    """Yield who is next, and what to look at."""
    for key, names in (("chosen", coming.chosen), ("again", coming.again)):
        if names:
            yield words()(f"next.{key}", count=len(names), names=words()("export.comma").join(names))
    if coming.recusals:
        yield words()("next.recusals", count=len(coming.recusals))
    if not sitting.closed:
        yield words()("next.open", meeting=sitting.facts.session)
