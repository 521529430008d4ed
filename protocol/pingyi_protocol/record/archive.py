"""A zip archive in one fixed form, so that there is one archive for given files and any other bit is noticed.

Members are stored, not compressed, in a given order, with one fixed date and nothing before, between or behind them
(PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16). Any zip program opens it. The reader compares every byte
outside the members with what the writer would write; libraries for zip read leniently on purpose, and none promises
the same bytes in its next version.
"""

import os
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from pingyi_protocol.record import RecordError

LARGEST = 2**31 - 1
"""Bytes of a whole archive."""

CHUNK = 1 << 20

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")

LOCAL_MARK = b"PK\x03\x04"
# version 1.0 to extract, no flags, stored, 1980-01-01 00:00:00
COMMON = (10, 0, 0, 0, 0x21)
# written as on Unix by version 2.0, a regular file that everybody may read
MADE_BY = 0x0314
ATTRIBUTES = 0o100644 << 16


class ArchiveError(RecordError):
    """The archive is not, byte for byte, what the writer writes."""


@dataclass(frozen=True)
class Member:
    """One file of an archive: its name, where its header begins, its size in bytes, CRC-32 and SHA-256 (hex)."""

    name: str
    header: int
    size: int
    crc: int
    digest: str

    @property
    def start(self) -> int:
        """Where the content begins."""
        return self.header + LOCAL.size + len(self.name)

    @property
    def local(self) -> bytes:
        """The header before the content."""
        return LOCAL.pack(LOCAL_MARK, *COMMON, self.crc, self.size, self.size, len(self.name), 0) + self.name.encode()

    @property
    def central(self) -> bytes:
        """The entry in the directory at the end."""
        sizes = (self.crc, self.size, self.size, len(self.name), 0, 0, 0, 0)
        return CENTRAL.pack(b"PK\x01\x02", MADE_BY, *COMMON, *sizes, ATTRIBUTES, self.header) + self.name.encode()


class ArchiveWriter:
    """Writes members one after the other into ``file``, which is empty and can seek; ``finish`` ends it."""

    def __init__(self, file: BinaryIO) -> None:
        """Write into ``file``."""
        self.file = file
        self.members: list[Member] = []

    def add(self, name: str, chunks: Iterable[bytes]) -> Member:
        """Write one member (an ASCII name) and return it; ArchiveError when the archive grows too large."""
        header = self.file.tell()
        self.file.seek(LOCAL.size + len(name), os.SEEK_CUR)
        size, crc, digest = 0, 0, sha256()
        for chunk in chunks:
            size += len(chunk)
            if header + size > LARGEST:
                raise ArchiveError("archive.too_large", most=LARGEST)
            crc = zlib.crc32(chunk, crc)
            digest.update(chunk)
            self.file.write(chunk)
        member = Member(name, header, size, crc, digest.hexdigest())
        self.file.seek(header)
        self.file.write(member.local)
        self.file.seek(0, os.SEEK_END)
        self.members.append(member)
        return member

    def finish(self) -> None:
        """Write the directory."""
        self.file.write(directory(self.members))


def directory(members: Sequence[Member]) -> bytes:
    """Return what stands behind the last member."""
    entries = b"".join(member.central for member in members)
    start = members[-1].start + members[-1].size
    return entries + END.pack(b"PK\x05\x06", 0, 0, len(members), len(members), len(entries), start, 0)


def begins_with(file: BinaryIO, name: str) -> bool:
    """Whether ``file`` looks like an archive whose first member has this name."""
    file.seek(0)
    start = file.read(LOCAL.size + len(name))
    return start.startswith(LOCAL_MARK) and start[LOCAL.size :] == name.encode()


def read_members(file: BinaryIO, names: Sequence[str]) -> tuple[Member, ...]:
    """Return the members of the archive in ``file``, which must have exactly these names in this order.

    ArchiveError says where a byte is other than the writer would write it.
    """
    length = file.seek(0, os.SEEK_END)
    if length > LARGEST:
        raise ArchiveError("archive.too_large", most=LARGEST)
    members: list[Member] = []
    position = 0
    for name in names:
        member = read_member(file, position, name, length)
        members.append(member)
        position = member.start + member.size
    file.seek(position)
    # one byte more than there should be shows what was added
    expected = directory(members)
    if file.read(len(expected) + 1) != expected:
        raise ArchiveError("archive.directory")
    return tuple(members)


def read_member(file: BinaryIO, position: int, name: str, length: int) -> Member:
    """Return the member that begins at ``position``, its content hashed; ArchiveError when it is not this one."""
    file.seek(position)
    header = file.read(LOCAL.size + len(name))
    if len(header) < LOCAL.size + len(name):
        raise ArchiveError("archive.short", name=name)
    crc, size = LOCAL.unpack_from(header)[6:8]
    content = Member(name, position, size, crc, "")
    if content.local != header:
        raise ArchiveError("archive.header", name=name)
    if content.start + size > length:
        raise ArchiveError("archive.short", name=name)
    found, digest = 0, sha256()
    for chunk in chunks_of(file, content):
        found = zlib.crc32(chunk, found)
        digest.update(chunk)
    if found != crc:
        raise ArchiveError("archive.content", name=name)
    return Member(name, position, size, crc, digest.hexdigest())


def chunks_of(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """Yield the content of a member piece by piece."""
    file.seek(member.start)
    left = member.size
    while left:
        chunk = file.read(min(CHUNK, left))
        if not chunk:
            raise ArchiveError("archive.short", name=member.name)
        left -= len(chunk)
        yield chunk
