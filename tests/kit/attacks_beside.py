"""Attacks on what stands beside the leaves of a record: its heads, their cosignatures, and the archive."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile, ZipInfo

from kit.records import Record, cosigned, fixed_key
from kit.tampering import GOOD, KEYS
from pingyi_protocol.keys.signing import key_id


def with_cosignature(change_line: Callable[[str], str]) -> Record:
    """Return the record with its first cosignature changed."""
    lines = GOOD.cosignatures.decode().split("\n")
    lines[5] = change_line(lines[5])
    return replace(GOOD, cosignatures="\n".join(lines).encode())


def forged_cosignature() -> Record:
    """Return the record with a cosignature under a terminal's name that its key did not give."""

    def forge(line: str) -> str:
        _, name, material = line.split(" ")
        content = b64decode(material)
        return f"— {name} {b64encode(content[:-1] + bytes([content[-1] ^ 1])).decode()}"

    return with_cosignature(forge)


def cosignature_of_another_head() -> Record:
    device = GOOD.cosignatures.decode().split("\n")[5].split(" ")[1].rpartition("/")[2]
    key = next(key for key in KEYS.values() if key_id(bytes(key.verify_key)) == device)
    return with_cosignature(lambda _: cosigned(GOOD.notes[0], key)[2].removesuffix("\n"))


def cosignature_by_a_stranger() -> Record:
    return with_cosignature(lambda _: cosigned(GOOD.notes[-1], fixed_key("stranger"))[2].removesuffix("\n"))


def doubled_cosignature() -> Record:
    return with_cosignature(lambda line: f"{line}\n{line}")


def cosigned_head_that_never_was() -> Record:
    size = GOOD.cosignatures.split(b"\n")[1]
    return replace(GOOD, cosignatures=GOOD.cosignatures.replace(b"\n%b\n" % size, b"\n%d\n" % (int(size) + 1), 1))


def all_cosignatures_removed() -> Record:
    return replace(GOOD, cosignatures=b"")


def heads_between_removed() -> Record:
    return replace(GOOD, notes=GOOD.notes[-1:], cosignatures=b"")


def zipped_again(archive: bytes) -> bytes:
    """Return an archive with the same files by another writer, as when it was unpacked and packed again."""
    again = BytesIO()
    with ZipFile(BytesIO(archive)) as files, ZipFile(again, "w") as made:
        for name in files.namelist():
            line = ZipInfo(name, date_time=(2026, 11, 1, 9, 0, 0))
            line.create_system = 3
            made.writestr(line, files.read(name))
    return again.getvalue()


def with_another_time(archive: bytes) -> bytes:
    """Return an archive with one bit flipped outside the contents: the time of its first file."""
    return archive[:10] + bytes([archive[10] ^ 1]) + archive[11:]
