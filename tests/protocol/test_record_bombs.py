"""Records made to blow up the verifier: opened by a process with little memory, each is found not valid."""

import bz2
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kit.bombs import archive, deflated_zeros, in_little_memory, many_entries, zipped
from kit.factories import small_definition
from kit.records import Scribe
from pingyi_protocol.record.archive import ArchiveWriter
from pingyi_protocol.record.bundle import CHECKPOINTS, COSIGNATURES, FILES, LEAVES, MANIFEST

BREAKS = b"\n" * (200 << 20)
VERIFY = """
import sys
from pathlib import Path
from pingyi_protocol.record.bundle import NotARecordError
from pingyi_protocol.record.verify import verify_record
try:
    report = verify_record(Path(sys.argv[1]))
    print("valid" if report.valid else "not valid", *sorted({one.fault.key for one in report.reasons}))
except NotARecordError:
    print("no record")
"""

Parts = dict[str, bytes]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """The files of a record that has just begun."""
    scribe = Scribe(small_definition())
    scribe.enrol("M01")
    path = scribe.finish().write(tmp_path_factory.mktemp("record") / "record.zip")
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in FILES}


def written(path: Path, parts: Parts) -> None:
    """Write an archive in the one form."""
    with path.open("xb") as file:
        writer = ArchiveWriter(file)
        for name, content in parts.items():
            writer.add(name, (content,))
        writer.finish()


def verified(path: Path) -> str:
    done = in_little_memory(VERIFY, path)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_little_memory_is_enough_for_a_good_record(tmp_path: Path, parts: Parts) -> None:
    written(tmp_path / "record.zip", parts)
    assert verified(tmp_path / "record.zip") == "valid"


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        (CHECKPOINTS, BREAKS, "bundle.notes_form"),
        (COSIGNATURES, BREAKS, "cosignature.form"),
        (MANIFEST, b"[" * (100 << 20), "bundle.too_large"),
        (LEAVES, b"[" * (100 << 20), "bundle.leaves_beyond"),
        (LEAVES, b"[" * (60 << 20) + b"\n", "verify.leaf"),
    ],
)
def test_a_file_that_would_become_many_objects_is_refused(
    tmp_path: Path, parts: Parts, name: str, content: bytes, key: str
) -> None:
    written(tmp_path / "record.zip", parts | {name: content})
    said = verified(tmp_path / "record.zip").split()
    assert said[0] == "not"
    assert key in said


def deflated_bomb(parts: Parts) -> bytes:
    """Gigabytes in a small file, and a directory that says so."""
    return zipped_with(parts, deflated_zeros(2 << 30), 2 << 30, zipfile.ZIP_DEFLATED)


def lying_bomb(parts: Parts) -> bytes:
    """Gigabytes in a small file, and a directory that says a megabyte."""
    return zipped_with(parts, deflated_zeros(2 << 30), 1 << 20, zipfile.ZIP_DEFLATED)


def packed_bomb(parts: Parts) -> bytes:
    """Gigabytes in a tiny file of a packing that the library unpacks in one piece."""
    return zipped_with(parts, bz2.compress(bytes(1 << 28)) * 8, 1 << 20, zipfile.ZIP_BZIP2)


def zipped_with(parts: Parts, packed: bytes, size: int, method: int) -> bytes:
    members = [(name, packed, size, 0) for name in parts]
    return archive(*members, method=method)


def directory_bomb(parts: Parts) -> bytes:
    """A directory of millions of entries."""
    return zipped(parts)[:1000] + many_entries(3_000_000)


@pytest.mark.parametrize("bomb", [deflated_bomb, lying_bomb, packed_bomb, directory_bomb])
def test_a_bomb_in_the_place_of_a_record_is_refused(
    tmp_path: Path, parts: Parts, bomb: Callable[[Parts], bytes]
) -> None:
    (tmp_path / "record.zip").write_bytes(bomb(parts))
    assert verified(tmp_path / "record.zip").startswith(("no record", "not valid archive."))
