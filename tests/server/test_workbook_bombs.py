"""Workbooks made to blow up: opened by a process with little memory, each is refused with its word."""

import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest

from kit.bombs import archive, deflated_zeros, in_little_memory, many_entries, zipped
from kit.factories import small_definition
from pingyi_protocol.meeting.definition import Language
from pingyi_server.imports.workbook_writer import workbook_of

WORKBOOK = workbook_of(small_definition(), Language.CHINESE)
GIGABYTE = 1 << 30
READ = """
import sys
from pathlib import Path
from pingyi_server.imports.findings import MeetingFileError
from pingyi_server.imports.workbook import read_workbook
try:
    read_workbook(Path(sys.argv[1]))
    print("read")
except MeetingFileError as fault:
    print(" ".join(one.code for one in fault.findings))
"""


def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(WORKBOOK)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def with_part(name: str, content: bytes) -> bytes:
    assert name in parts()
    return zipped(parts() | {name: content})


def packed(content: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packing.compress(content) + packing.flush()


def honest() -> list[tuple[str, bytes, int, int]]:
    return [(name, packed(content), len(content), zlib.crc32(content)) for name, content in parts().items()]


def lying(size: int) -> bytes:
    """One member holds far more than it says, and its checksum fits what it says."""
    return archive(*honest(), ("xl/media/image1.png", deflated_zeros(2 * GIGABYTE), size, zlib.crc32(bytes(size))))


def overlapping() -> bytes:
    """Every member is one and the same."""
    whole = bytearray(archive(("xl/workbook.xml", deflated_zeros(1 << 20), 1 << 20, 0)))
    start = whole.index(b"PK\x01\x02")
    entry = bytes(whole[start : whole.index(b"PK\x05\x06")])
    others = b"".join(entry.replace(b"xl/workbook.xml", b"xl/workb%02d.xml!" % place) for place in range(90))
    end = bytearray(whole[whole.index(b"PK\x05\x06") :])
    end[8:12] = (91).to_bytes(2, "little") * 2
    end[12:16] = (len(entry) * 91).to_bytes(4, "little")
    return bytes(whole[:start]) + entry + others + bytes(end)


def doubled() -> bytes:
    """Two workbooks of one name: Excel shows the clerk one of them."""
    return archive(*honest(), honest()[-1])


def laughing() -> bytes:
    entities = "".join(f'<!ENTITY l{place + 1} "{f"&l{place};" * 10}">' for place in range(9))
    text = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><workbook>&l9;</workbook>'
    return with_part("xl/workbook.xml", text.encode())


def outside() -> bytes:
    text = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><sst>&f;</sst>'
    return with_part("xl/sharedStrings.xml", text.encode())


BOMBS = {
    "a member of gigabytes that says so": (
        archive(*honest(), ("a", deflated_zeros(GIGABYTE), GIGABYTE, 0)),
        "smaller_file",
    ),
    "a member of gigabytes that says it is small": (lying(10), "undamaged"),
    "overlapping members": (overlapping(), "undamaged"),
    "two members of one name": (doubled(), "undamaged"),
    "a zip in the zip": (with_part("xl/workbook.xml", WORKBOOK), "undamaged"),
    "a directory of millions": (b"PK\x03\x04" + many_entries(600_000), "smaller_file"),
    "styles by the million": (
        with_part("xl/styles.xml", b"<styleSheet><cellXfs>" + b"<xf/>" * 20_000_000),
        "smaller_file",
    ),
    "a billion laughs": (laughing(), "undamaged"),
    "a file of the server": (outside(), "undamaged"),
    "an unusual packing": (zipped(parts(), zipfile.ZIP_LZMA), "undamaged"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_is_refused_in_little_memory(bomb: str, tmp_path: Path) -> None:
    content, code = BOMBS[bomb]
    path = tmp_path / "meeting.xlsx"
    path.write_bytes(content)
    done = in_little_memory(READ, path)
    assert (done.returncode, done.stderr, done.stdout.strip()) == (0, "", code)


def test_little_memory_is_enough_for_a_meeting_and_too_little_for_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "meeting.xlsx"
    path.write_bytes(WORKBOOK)
    assert in_little_memory(READ, path).stdout.strip() == "read"
    whole = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).read('xl/media/image1.png')"
    path.write_bytes(lying(10))
    assert "MemoryError" in in_little_memory(whole, path).stderr
