"""Whether a file is a workbook that can be opened, before anything parses it: each wrong kind gets its own word."""

import re
import zipfile
import zlib
from io import BytesIO

from pingyi_protocol.zipped import small_directory, truthful
from pingyi_server.imports.findings import FileFinding, MeetingFileError, Place

LARGEST_FILE = 32 * 2**20
LARGEST_UNPACKED = 128 * 2**20
MOST_PARTS = 2000
# distinct texts; a table of 10,000 lines has far fewer, and each is kept as an object of its own
MOST_STRINGS = 500_000
# the library keeps most elements until their parent ends; the largest hall has a tenth of these
MOST_TAGS = 3_000_000
STRING_ITEM = re.compile(rb"<(?:\w+:)?si[\s/>]")
# the compound file of Excel 97-2003, which also wraps encrypted workbooks (MS-CFB 2.2)
OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
# the stream that an encrypted workbook keeps in it (MS-OFFCRYPTO 1.3.2)
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
ZIP_MAGIC = b"PK\x03\x04"
WORKBOOK_PART = "xl/workbook.xml"
ENCRYPTED_FLAG = 0x1


def check_container(content: bytes, file: str) -> None:
    """Raise MeetingFileError unless ``content`` is a zip of sensible size that holds a workbook."""
    code = _wrong(content)
    if code is not None:
        raise MeetingFileError([FileFinding(Place("file", file), code)])


def _wrong(content: bytes) -> str | None:
    if not content:
        return "not_empty_file"
    if content.startswith(OLE_MAGIC):
        return "not_encrypted" if ENCRYPTED_STREAM in content else "not_old_xls"
    if not content.startswith(ZIP_MAGIC):
        return "not_text_file" if _is_text(content) else "workbook_file"
    if not small_directory(BytesIO(content), MOST_PARTS):
        return "smaller_file"
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _wrong_archive(archive, content)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError):
        return "undamaged"


def _wrong_archive(archive: zipfile.ZipFile, content: bytes) -> str | None:
    parts = archive.infolist()
    if any(part.flag_bits & ENCRYPTED_FLAG for part in parts):
        return "not_encrypted"
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        return "smaller_file"
    if not truthful(archive, content):
        return "undamaged"
    tags = 0
    for part in parts:
        unpacked = archive.read(part)
        tags += unpacked.count(b"<")
        if tags > MOST_TAGS or sum(1 for _ in STRING_ITEM.finditer(unpacked)) > MOST_STRINGS:
            return "smaller_file"
    return None if WORKBOOK_PART in archive.namelist() else "workbook_file"


def _is_text(content: bytes) -> bool:
    """Whether this is text such as a CSV: no control bytes but tabs and line ends."""
    return not any(byte < ord(" ") and byte not in b"\t\r\n\f" for byte in content[:4096])
