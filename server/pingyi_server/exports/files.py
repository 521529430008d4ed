"""Put the exports into a folder: all of them whole, or none; never over another file unless told to."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pingyi_protocol.keys.durable import sync_folder
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.record.bundle import BundleWriter, readable
from pingyi_protocol.record.progress import Progress, silent
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_server.exports.attendance import attendance_table
from pingyi_server.exports.ballots import ballots_table
from pingyi_server.exports.results import groups_table, results_table
from pingyi_server.exports.tables import composite_table, encode_csv
from pingyi_server.exports.view import ExportError, Reader, View

RECORD = "record.zip"
RESULTS_JSON = "results.json"
RESULTS = "results.csv"
BALLOTS = "ballots.csv"
GROUPS = "groups.csv"
ATTENDANCE = "attendance.csv"
COMPOSITE = "composite.csv"
NAMES = (RESULTS, RESULTS_JSON, BALLOTS, GROUPS, ATTENDANCE, COMPOSITE, RECORD)


class ExistsError(ExportError):
    """A file would be overwritten."""

    exit_code = 2


def export_all(
    reader: Reader, out: Path, language: Language | None, *, force: bool, progress: Progress = silent
) -> View:
    """Write every export into the folder ``out`` and return what they were made from.

    Tables speak ``language``, None for the meeting's own. ExistsError when a file is there already and not
    ``force``, ExportError when the record does not hold; OSError when a file cannot be written. Then nothing is.
    ``progress`` is told of each leaf and each file.
    """
    if not force:
        for name in NAMES:
            if (out / name).exists():
                raise ExistsError("export.exists", file=out / name)
    with made_for_good(out), all_or_none(out, NAMES) as files:
        record = files[NAMES.index(RECORD)]
        bundle = BundleWriter(record)
        size = reader.notes[-1][0] if reader.notes else 0
        total = size + len(NAMES)
        bundle.leaves(told(reader.leaves(), progress, total))
        view = reader.view()
        bundle.finish(view.identity, view.notes, view.cosignatures, view.definition, view.results)
        words = catalogue("pingyi_server", language or view.definition.meeting.language)
        for written, (name, content) in enumerate(contents(view, words).items(), start=1):
            files[NAMES.index(name)].write(content)
            progress(size + written, total)
    return view


def told(leaves: Iterator[bytes], progress: Progress, total: int) -> Iterator[bytes]:
    """Yield the leaves, and tell how many were taken."""
    for done, leaf in enumerate(leaves, start=1):
        yield leaf
        progress(done, total)


def contents(view: View, words: Catalogue) -> dict[str, bytes]:
    """Return the content of every export but the record; that of groups only where an item asks for them."""
    asked = any(item.rules.least_group is not None for item in view.definition.agenda)
    groups = {GROUPS: encode_csv(groups_table(view, words))} if asked else {}
    return groups | {
        RESULTS: encode_csv(results_table(view, words)),
        RESULTS_JSON: readable(view.results),
        BALLOTS: encode_csv(ballots_table(view, words)),
        ATTENDANCE: encode_csv(attendance_table(view, words)),
        COMPOSITE: encode_csv(composite_table(view, words)),
    }


@contextmanager
def made_for_good(folder: Path) -> Iterator[None]:
    """Make the folder for the block, with those above it; what was made is taken away again if the block fails."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        for one in missing:
            # whatever somebody else put there meanwhile stays
            with suppress(OSError):
                one.rmdir()
        raise


@contextmanager
def all_or_none(folder: Path, names: Sequence[str]) -> Iterator[list[BinaryIO]]:
    """Give a file for each name; they are in place, and on the disk, once the block has ended without an error.

    Of a name to which nothing was written there is no file then, not even one of an earlier export.
    """
    parts = [folder / f".{name}.{os.getpid()}.part" for name in names]
    files: list[BinaryIO] = []
    try:
        files += (part.open("xb") for part in parts)
        yield files
        for file in files:
            file.flush()
            os.fsync(file.fileno())
            file.close()
        for part, name in zip(parts, names, strict=True):
            if part.stat().st_size:
                part.replace(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
        sync_folder(folder)
    finally:
        for file in files:
            file.close()
        for part in parts:
            part.unlink(missing_ok=True)
