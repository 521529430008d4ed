"""Zip archives from outside, measured before the library reads them: it believes what their directories say.

Offsets are those of PKWARE's APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.15 and 4.3.16.
"""

import struct
import zipfile
import zlib
from typing import BinaryIO

END_MARK = b"PK\x05\x06"
END_BYTES = 22
LOCATOR_MARK = b"PK\x06\x07"
LOCATOR_BYTES = 20
LONGEST_COMMENT = 65535
LEAST_ENTRY = 46
LOCAL_MARK = b"PK\x03\x04"
LOCAL_BYTES = 30
PIECE = 1 << 16
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def small_directory(file: BinaryIO, most: int) -> bool:
    """Whether the directory of this archive has room for about ``most`` members at the most.

    The library makes an object for every entry, of which a small file can hold millions. Archives of the 64 bit form
    are larger than any that is read here.
    """
    size = file.seek(0, 2)
    file.seek(max(0, size - END_BYTES - LONGEST_COMMENT - LOCATOR_BYTES))
    tail = file.read()
    file.seek(0)
    place = tail.rfind(END_MARK)
    if place < 0 or len(tail) - place < END_BYTES:
        return True  # none at all: the library says so
    if tail[max(0, place - LOCATOR_BYTES) : place].startswith(LOCATOR_MARK):
        return False
    entries, length = struct.unpack_from("<HI", tail, place + 10)
    # names and further fields make an entry longer
    return bool(entries <= most and length <= 4 * most * LEAST_ENTRY)


def truthful(archive: zipfile.ZipFile, content: bytes) -> bool:
    """Whether the members of the archive in ``content`` are as large as it says, apart from each other, and named once.

    Another program could read other content where two members have one name or share their bytes; and the library
    unpacks all that a member holds, whatever size it declares.
    """
    parts = sorted(archive.infolist(), key=lambda part: part.header_offset)
    if len({part.filename for part in parts}) < len(parts):
        return False
    end = 0
    for part in parts:
        header = content[part.header_offset : part.header_offset + LOCAL_BYTES]
        if part.header_offset < end or len(header) < LOCAL_BYTES or not header.startswith(LOCAL_MARK):
            return False
        start = part.header_offset + LOCAL_BYTES + sum(struct.unpack_from("<HH", header, 26))
        end = start + part.compress_size
        if end > archive.start_dir or not as_large(part, memoryview(content)[start:end]):
            return False
    return True


def as_large(part: zipfile.ZipInfo, packed: memoryview) -> bool:
    """Whether these packed bytes hold exactly as much as the member says."""
    if part.compress_type not in METHODS:
        return False
    if part.compress_type == zipfile.ZIP_STORED:
        return part.file_size == part.compress_size
    unpacking, found = zlib.decompressobj(-zlib.MAX_WBITS), 0
    left: bytes | memoryview = packed
    while not unpacking.eof and found <= part.file_size:
        piece = unpacking.decompress(left, PIECE)
        if not piece and not unpacking.unconsumed_tail and not unpacking.eof:
            return False  # it ends before its end
        found, left = found + len(piece), unpacking.unconsumed_tail
    return unpacking.eof and found == part.file_size and not unpacking.unused_data
