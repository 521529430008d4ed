"""A record whose archive is not in its one form, read for its files' sake by the standard library's zip reader.

Such a record is never valid. What its files say is still told, so that whoever has to find out what was changed is not
left with the archive alone; SPEC.md, "Verification", asks for every step to be tried.
"""

import errno
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from pingyi_protocol.record.archive import CHUNK, LARGEST, ArchiveError, ArchiveWriter
from pingyi_protocol.record.bundle import FILES, Bundle, NotARecordError
from pingyi_protocol.zipped import METHODS, small_directory

MOST_EXPANSION = 50
"""How many times its own size the files of an archive may have: a log full of signatures compresses far less."""

MOST_MEMBERS = 1000
"""Members of an archive that is looked into."""

READING_FAULTS = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(RuntimeError, EOFError, ValueError, OverflowError),
)
"""What the library raises for damaged, encrypted and exotic archives."""


def open_record(path: Path, opened: ExitStack) -> tuple[Bundle | None, list[ArchiveError]]:
    """Return the bundle at ``path``, to be closed with ``opened``, and what is wrong with its archive.

    Where the archive was changed, the bundle is one of its files; None when they cannot all be read.
    NotARecordError when nothing of a record is there, OSError when the file cannot be read.
    """
    try:
        return opened.enter_context(Bundle(path)), []
    except NotARecordError:
        bundle, ways = opened.enter_context(unpacked(path))
        if not ways:
            raise
        return bundle, ways
    except ArchiveError as fault:
        bundle, ways = opened.enter_context(unpacked(path))
        return bundle, [fault, *ways]


@contextmanager
def unpacked(path: Path) -> Iterator[tuple[Bundle | None, list[ArchiveError]]]:
    """Give a bundle of the files in the archive at ``path`` and in which way the archive is another.

    No bundle where the files cannot all be read, and no ways where it cannot be read as an archive at all.
    """
    with TemporaryDirectory(prefix="pingyi-") as folder:
        copy = Path(folder) / "record.zip"
        try:
            with path.open("rb") as file, library(file) as archive:
                ways = ways_of(archive)
                whole = fits(archive, path.stat().st_size) and written(archive, copy)
        except READING_FAULTS:
            whole, ways = False, []
        except OSError as fault:
            # the library seeks to wherever a damaged directory points, also before the file's beginning
            if fault.errno != errno.EINVAL:
                raise
            whole, ways = False, []
        if whole:
            with Bundle(copy) as bundle:
                yield bundle, ways
        else:
            yield None, ways


def library(file: BinaryIO) -> zipfile.ZipFile:
    """Open an archive with the library, unless its directory is larger than that of any record."""
    if not small_directory(file, MOST_MEMBERS):
        raise zipfile.BadZipFile
    return zipfile.ZipFile(file)


def ways_of(archive: zipfile.ZipFile) -> list[ArchiveError]:
    """Return in which ways the archive differs from the one form, empty for one that holds other things."""
    names = archive.namelist()
    missing = [name for name in FILES if name not in names]
    if len(missing) == len(FILES):
        return []
    further = sorted(set(names) - set(FILES))
    doubled = sorted({name for name in names if names.count(name) > 1})
    found = (("archive.missing", missing), ("archive.further", further), ("archive.doubled", doubled))
    ways = [ArchiveError(key, names=", ".join(which)) for key, which in found if which]
    return ways or [ArchiveError("archive.repacked")]


def fits(archive: zipfile.ZipFile, size: int) -> bool:
    """Whether the files are all there, packed in a way that is unpacked piece by piece, and of a size that can be."""
    members = [archive.getinfo(name) for name in FILES if name in archive.namelist()]
    total = sum(member.file_size for member in members)
    known = all(member.compress_type in METHODS for member in members)
    return len(members) == len(FILES) and known and total <= min(LARGEST, MOST_EXPANSION * size)


def written(archive: zipfile.ZipFile, copy: Path) -> bool:
    """Write the files into an archive of the one form; the library raises where a checksum does not fit."""
    with copy.open("xb") as file:
        writer = ArchiveWriter(file)
        for name in FILES:
            with archive.open(name) as member:
                writer.add(name, iter(partial(member.read, CHUNK), b""))
        writer.finish()
    return True
