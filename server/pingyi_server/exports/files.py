"""Put the exports into a folder: all of them whole, or none; never over another file unless told to."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from errno import EISDIR
from pathlib import Path
from typing import BinaryIO

from pingyi_protocol.keys.durable import sync_folder
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.record.bundle import BundleWriter
from pingyi_protocol.record.progress import Progress, silent
from pingyi_server.exports.formats import MAKERS
from pingyi_server.exports.source import Source, UnmadeError
from pingyi_server.exports.view import ExportError, Reader, View

RECORD = "record.zip"
NAMES = (*MAKERS, RECORD)


class ExistsError(ExportError):
    """A file would be overwritten."""

    exit_code = 2


@dataclass(frozen=True)
class Exported:
    """What the files were made from, and why those are not there that could not be made on this machine, by name."""

    view: View
    unmade: Mapping[str, UnmadeError] = field(default_factory=dict)


def export_all(
    reader: Reader,
    out: Path,
    language: Language | None,
    *,
    bilingual: bool = False,
    force: bool,
    progress: Progress = silent,
) -> Exported:
    """Write every export into the folder ``out`` and return what they were made from.

    They speak ``language``, None for the meeting's own; those that can speak both do where ``bilingual``. ExistsError
    when a file is there already and not ``force``, ExportError when the record does not hold; OSError when a file
    cannot be written. Then nothing is. ``progress`` is told of each leaf and each file.
    """
    if not force:
        for name in NAMES:
            if (out / name).exists():
                raise ExistsError("export.exists", file=out / name)
    unmade: dict[str, UnmadeError] = {}
    with made_for_good(out), all_or_none(out, NAMES) as files:
        bundle = BundleWriter(files[RECORD])
        size = reader.notes[-1][0] if reader.notes else 0
        total = size + len(NAMES)
        bundle.leaves(told(reader.leaves(), progress, total))
        view = reader.view()
        bundle.finish(view.identity, view.notes, view.cosignatures, view.definition, view.results)
        source = Source(view, language or view.definition.meeting.language, bilingual)
        for written, (name, make) in enumerate(MAKERS.items(), start=1):
            try:
                files[name].write(make(source))
            except UnmadeError as fault:
                unmade[name] = fault
            progress(size + written, total)
    progress(total, total)
    return Exported(view, unmade)


def told(leaves: Iterator[bytes], progress: Progress, total: int) -> Iterator[bytes]:
    """Yield the leaves, and tell how many were taken."""
    for done, leaf in enumerate(leaves, start=1):
        yield leaf
        progress(done, total)


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
def all_or_none(folder: Path, names: Sequence[str]) -> Iterator[dict[str, BinaryIO]]:
    """Give a file for each name; they are in place, and on the disk, once the block has ended without an error.

    Of a name to which nothing was written there is no file then, not even one of an earlier export. IsADirectoryError
    where a folder has one of the names: found last, it would leave some files new and some old.
    """
    for name in names:
        if (folder / name).is_dir():
            raise IsADirectoryError(EISDIR, os.strerror(EISDIR), str(folder / name))
    parts = [folder / f".{name}.{os.getpid()}.part" for name in names]
    files: dict[str, BinaryIO] = {}
    try:
        for name, part in zip(names, parts, strict=True):
            files[name] = part.open("xb")
        yield files
        for file in files.values():
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
        for file in files.values():
            file.close()
        for part in parts:
            part.unlink(missing_ok=True)
