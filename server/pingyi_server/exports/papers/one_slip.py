"""The slip of one item as a file of its own, right after its announcement."""

import re
from pathlib import Path
from typing import NamedTuple

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.record.progress import Progress, silent
from pingyi_protocol.record.results import RoundResult
from pingyi_server.exports.files import ExistsError, all_or_none, made_for_good
from pingyi_server.exports.papers.slips import slips_of
from pingyi_server.exports.source import Source
from pingyi_server.exports.view import ExportError, Reader, View


class Written(NamedTuple):
    """Of which round of which item a slip was written, and where it is."""

    title: str
    round: int
    file: Path


def write_slip(
    reader: Reader,
    item: str | None,
    out: Path,
    language: Language | None,
    *,
    bilingual: bool = False,
    force: bool = False,
    progress: Progress = silent,
) -> Written:
    """Write the slip of an item, None for the one that was announced last, to ``out``: a PDF, or a folder for it.

    ExportError when the item is not announced or the record does not hold, ExistsError when the file is there and not
    ``force``, UnmadeError when no font of this machine has all its characters; OSError when it cannot be written.
    ``progress`` is told of each leaf.
    """
    size = reader.notes[-1][0] if reader.notes else 0
    for done, _ in enumerate(reader.leaves(), start=1):
        progress(done, size)
    view = reader.view()
    chosen = chosen_round(view, item, reader.replay.announced)
    file = out if out.suffix.lower() == ".pdf" else out / name_of(chosen)
    if file.exists() and not force:
        raise ExistsError("export.exists", file=file)
    content = slips_of(Source(view, language or view.definition.meeting.language, bilingual), [chosen.item])
    with made_for_good(file.parent), all_or_none(file.parent, [file.name]) as files:
        files[file.name].write(content)
    return Written(chosen.title, chosen.round, file)


def chosen_round(view: View, item: str | None, announced: list[tuple[str, int]]) -> RoundResult:
    """Return the announced round that stands last, of ``item`` where one is named; ExportError where there is none."""
    standing = {(one.item, one.round): one for one in view.results.rounds if one.phase is Phase.ANNOUNCED}
    found = [standing[key] for key in announced if key in standing and item in (None, key[0])]
    if found:
        return found[-1]
    if item is not None and item not in {line.item for line in view.results.agenda}:
        raise ExportError("slip.unknown", item=item, items=listed(view))
    raise ExportError("slip.none" if item is None else "slip.not_announced", item=item)


def listed(view: View) -> str:
    """Return the items of the agenda by id and title."""
    return " / ".join(f"{line.item} {line.title}" for line in view.results.agenda)


def name_of(one: RoundResult) -> str:
    """Return what the file of a round's slip is called."""
    return f"slip-{re.sub(r'[^0-9A-Za-z_-]', '_', one.item)}-{one.round}.pdf"
