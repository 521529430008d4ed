"""The bundle has one form: whatever is changed, added or left out in the archive is noticed."""

import io
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.records import small_meeting
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.record import archive, bundle
from pingyi_protocol.record.archive import ArchiveError, ArchiveWriter
from pingyi_protocol.record.bundle import FILES, Bundle, BundleError, Manifest, NotARecordError, readable
from pingyi_protocol.record.report import Report, Step
from pingyi_protocol.record.verify import verify_record

RECORD = small_meeting().finish()


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return RECORD.write(tmp_path_factory.mktemp("bundle") / "record.zip").read_bytes()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where tampered archives go."""
    return tmp_path_factory.mktemp("tampered") / "record.zip"


def archived(files: dict[str, bytes]) -> bytes:
    """Return an archive of our form with these files."""
    memory = io.BytesIO()
    writer = ArchiveWriter(memory)
    for name, content in files.items():
        writer.add(name, (content,))
    writer.finish()
    return memory.getvalue()


def files_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def with_true_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files with a manifest that describes them, as whoever changes a file would write."""
    manifest = msgspec.json.decode(files["manifest.json"], type=Manifest)
    facts = tuple(
        bundle.FileFacts(name, len(content), sha256(content).hexdigest())
        for name, content in files.items()
        if name != "manifest.json"
    )
    return files | {"manifest.json": readable(msgspec.structs.replace(manifest, files=facts))}


def noticed(path: Path, content: bytes) -> Report | None:
    """Verify an archive; None if it is no record at all."""
    path.write_bytes(content)
    try:
        return verify_record(path)
    except NotARecordError:
        return None


def refused(content: bytes, path: Path) -> str:
    """Return why the archive does not open."""
    path.write_bytes(content)
    with pytest.raises(ArchiveError) as error, Bundle(path):
        pass
    return error.value.key


def test_the_same_record_gives_the_same_bytes(good: bytes, tmp_path: Path) -> None:
    assert small_meeting().finish().write(tmp_path / "again.zip").read_bytes() == good


def test_other_zip_programs_read_it(good: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(good)) as opened:
        assert opened.testzip() is None
        assert tuple(opened.namelist()) == FILES
        assert opened.read("leaves.jsonl") == b"".join(leaf + b"\n" for leaf in RECORD.leaves)
        assert opened.read("checkpoints.txt").decode() == "".join(RECORD.notes)
        for info in opened.infolist():
            assert (info.compress_type, info.extra, info.comment, info.flag_bits) == (zipfile.ZIP_STORED, b"", b"", 0)


def test_our_headers_are_those_of_an_independent_writer(tmp_path: Path) -> None:
    content = "评议".encode()
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        info = zipfile.ZipInfo("a.txt", (1980, 1, 1, 0, 0, 0))
        info.create_system, info.external_attr, info.extract_version = 3, 0o100644 << 16, 10
        other.writestr(info, content)
    theirs = bytearray((tmp_path / "other.zip").read_bytes())
    # the library always asks for version 2.0 to extract a file; stored files need 1.0 only
    theirs[4] = theirs[theirs.index(b"PK\x01\x02") + 6] = 10
    assert bytes(theirs) == archived({"a.txt": content})


@given(data=st.data())
def test_any_flipped_bit_is_noticed(good: bytes, place: Path, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(good) - 1))
    changed = bytearray(good)
    changed[at] ^= 1 << data.draw(st.integers(0, 7))
    report = noticed(place, bytes(changed))
    assert report is None or not report.valid


@given(data=st.data())
def test_a_flipped_bit_in_a_file_is_noticed_also_where_checksums_and_manifest_are_made_to_fit(
    good: bytes, place: Path, data: st.DataObject
) -> None:
    files = files_of(good)
    name = data.draw(st.sampled_from(FILES[:-1]))
    content = bytearray(files[name])
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    report = noticed(place, archived(with_true_manifest(files | {name: bytes(content)})))
    assert report is not None
    assert report.passed(Step.ARCHIVE)
    assert report.passed(Step.MANIFEST)
    assert not report.valid


@given(data=st.data())
def test_a_flipped_bit_in_the_manifest_is_noticed(good: bytes, place: Path, data: st.DataObject) -> None:
    files = files_of(good)
    content = bytearray(files["manifest.json"])
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    report = noticed(place, archived(files | {"manifest.json": bytes(content)}))
    assert report is None or not report.valid


@given(data=st.data())
def test_a_byte_put_in_or_taken_out_anywhere_is_noticed(good: bytes, place: Path, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(good)))
    if data.draw(st.booleans()):
        changed = good[:at] + bytes([data.draw(st.integers(0, 255))]) + good[at:]
    else:
        changed = good[:at] + good[at + 1 :]
    report = noticed(place, changed)
    assert changed == good or report is None or not report.valid


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda content: content + b"\n", "archive.directory"),
        (lambda content: content[:-2] + b"\x01\x00!", "archive.directory"),
        (lambda content: content[:-1], "archive.directory"),
        (lambda content: content[: len(content) // 2], "archive.short"),
        (lambda content: content[:20], None),
    ],
    ids=["trailing-byte", "comment", "truncated-directory", "truncated-file", "truncated-header"],
)
def test_bytes_around_the_archive_are_noticed(
    good: bytes, place: Path, change: Callable[[bytes], bytes], key: str | None
) -> None:
    if key is None:
        assert noticed(place, change(good)) is None
    else:
        assert refused(change(good), place) == key


def zipped(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive as any zip program writes it."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", compression) as other:
        for name, content in files.items():
            other.writestr(name, content)
    return memory.getvalue()


def reasons_of(report: Report | None) -> dict[int, list[str]]:
    """Return the keys of the reasons, by step."""
    assert report is not None
    assert not report.valid
    steps = sorted({reason.step for reason in report.reasons})
    return {step.value: [one.fault.key for one in report.reasons if one.step is step] for step in steps}


def test_what_only_was_packed_again_is_named_as_that_and_all_else_holds(good: bytes, place: Path) -> None:
    for content in (zipped(files_of(good)), b"#!/bin/sh\n" + good, zipped(dict(reversed(files_of(good).items())))):
        report = noticed(place, content)
        assert reasons_of(report)[1][-1] == "archive.repacked"
        assert report is not None
        assert all(report.passed(step) for step in Step if step is not Step.ARCHIVE)


def test_what_was_changed_is_named_also_when_another_program_packed_it(good: bytes, place: Path) -> None:
    files = files_of(good)
    results = files["results.json"].replace(b'"measure": "', b'"measure": "1', 1)
    assert results != files["results.json"]
    reasons = reasons_of(noticed(place, zipped(files | {"results.json": results})))
    assert reasons == {
        1: ["archive.header", "archive.repacked"],
        2: ["bundle.file_differs"],
        8: ["verify.file_differs"],
    }
    log = bytearray(files["leaves.jsonl"])
    log[len(log) // 2] ^= 1
    reasons = reasons_of(noticed(place, zipped(files | {"leaves.jsonl": bytes(log)})))
    assert {1, 2, 5} <= reasons.keys()


def test_missing_and_further_files_are_named(good: bytes, place: Path) -> None:
    files = files_of(good)
    further = noticed(place, zipped(files | {"notes.txt": b"hello"}))
    assert further is not None
    assert "notes.txt" in further.reasons[1].fault.words(Language.ENGLISH)
    for name in FILES:
        report = noticed(place, zipped({other: content for other, content in files.items() if other != name}))
        assert reasons_of(report)[1][-1] == "archive.missing"
        assert report is not None
        assert report.reasons[-1].fault.words(Language.ENGLISH).startswith(f"Missing from the archive: {name}.")


def test_an_archive_of_other_things_is_no_record(place: Path) -> None:
    assert noticed(place, zipped({"letter.txt": b"hello"})) is None


def test_nothing_is_expanded_beyond_what_a_record_can_hold(good: bytes, place: Path) -> None:
    files = files_of(good) | {"leaves.jsonl": b"\0" * 50_000_000}
    report = noticed(place, zipped(files))
    assert report is not None
    assert report.reached == {Step.ARCHIVE}


def test_a_further_file_is_noticed(good: bytes, place: Path) -> None:
    assert refused(archived(files_of(good) | {"notes.txt": b"hello"}), place) == "archive.directory"


def test_a_doubled_file_is_noticed(good: bytes, place: Path) -> None:
    memory = io.BytesIO()
    writer = ArchiveWriter(memory)
    for name, content in (*files_of(good).items(), ("results.json", b"{}")):
        writer.add(name, (content,))
    writer.finish()
    assert refused(memory.getvalue(), place) == "archive.directory"


def test_a_missing_file_is_noticed(good: bytes, place: Path) -> None:
    files = files_of(good)
    del files["results.json"]
    assert refused(archived(files), place) == "archive.header"


def test_files_in_another_order_are_noticed(good: bytes, place: Path) -> None:
    files = files_of(good)
    order = ("leaves.jsonl", "checkpoint.txt", "checkpoints.txt", "definition.json", "results.json", "manifest.json")
    assert refused(archived({name: files[name] for name in order}), place) == "archive.header"


@pytest.mark.parametrize("name", ["../leaves.jsonl", "/leaves.jsonl", "C:leaves.jsonl", "leaves.jsonl\x00"])
def test_a_name_that_leads_elsewhere_is_refused(good: bytes, place: Path, name: str) -> None:
    files = {name if old == "leaves.jsonl" else old: content for old, content in files_of(good).items()}
    report = noticed(place, archived(files))
    assert report is None or not report.valid


def test_a_compressed_archive_is_refused_before_anything_is_expanded(good: bytes, place: Path) -> None:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as other:
        other.writestr("leaves.jsonl", b"\0" * 50_000_000)
        for name, content in list(files_of(good).items())[1:]:
            other.writestr(name, content)
    assert len(memory.getvalue()) < 200_000
    assert refused(memory.getvalue(), place) == "archive.header"


def test_a_link_in_place_of_a_file_is_refused(good: bytes, place: Path) -> None:
    member = crc32(files_of(good)["results.json"]).to_bytes(4, "little")
    directory = good.rindex(b"PK\x01\x02", 0, good.rindex(member))
    changed = bytearray(good)
    changed[directory + 38 : directory + 42] = (0o120777 << 16).to_bytes(4, "little")
    assert refused(bytes(changed), place) == "archive.directory"


def test_a_size_that_lies_is_refused(good: bytes, place: Path) -> None:
    changed = bytearray(good)
    changed[18:26] = (2**31 - 5).to_bytes(4, "little") * 2
    assert refused(bytes(changed), place) == "archive.short"


def test_an_archive_beyond_the_limit_is_refused_unread(
    good: bytes, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST", len(good) - 1)
    assert refused(good, place) == "archive.too_large"


def test_too_many_or_too_long_leaves_are_refused(good: bytes, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write_bytes(good)
    for limit, value in (("MOST_LEAVES", len(RECORD.leaves) - 1), ("LONGEST_LEAF", 300)):
        with monkeypatch.context() as patch, Bundle(place) as opened:
            patch.setattr(bundle, limit, value)
            with pytest.raises(BundleError) as error:
                list(opened.leaves())
            assert error.value.key == "bundle.leaves_beyond"


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("manifest.json", b"{}", "bundle.manifest_malformed"),
        ("manifest.json", b"[" * 100_000, "bundle.manifest_malformed"),
        ("manifest.json", b"\xff", "bundle.manifest_malformed"),
        ("checkpoints.txt", b"", "bundle.notes_form"),
        ("checkpoints.txt", b"a\nb\nc\n\nd", "bundle.notes_form"),
        ("checkpoints.txt", b"\xff\n\n\n\n\n", "bundle.notes_form"),
    ],
)
def test_a_file_of_another_form_is_refused(good: bytes, place: Path, name: str, content: bytes, key: str) -> None:
    files = files_of(good) | {name: content}
    report = noticed(place, archived(files if name == "manifest.json" else with_true_manifest(files)))
    assert report is not None
    assert key in {reason.fault.key for reason in report.reasons}


def test_a_manifest_in_another_spelling_is_refused(good: bytes, place: Path) -> None:
    files = files_of(good)
    compact = msgspec.json.encode(msgspec.json.decode(files["manifest.json"]))
    report = noticed(place, archived(files | {"manifest.json": compact}))
    assert report is not None
    assert [reason.fault.key for reason in report.reasons] == ["bundle.manifest_form"]


def test_a_record_of_a_later_version_is_not_judged(good: bytes, place: Path) -> None:
    files = files_of(good)
    later = files["manifest.json"].replace(b"pingyi-record/2", b"pingyi-record/3")
    assert noticed(place, archived(files | {"manifest.json": later})) is None


@pytest.mark.parametrize("content", [b"", b"PK", b"hello", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_record_is_said_to_be_none(place: Path, content: bytes) -> None:
    assert noticed(place, content) is None
