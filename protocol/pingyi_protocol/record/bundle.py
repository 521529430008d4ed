"""``record.zip``: what the clerk takes home. SPEC.md, "Bundle", gives every byte of it.

``leaves.jsonl`` and ``checkpoints.txt`` are the record, ``cosignatures.txt`` says who else saw its heads. Everything
else in the bundle can be worked out from them and is there for the eyes; the verifier works it out again and compares.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.archive import ArchiveWriter, Member, begins_with, chunks_of, read_members
from pingyi_protocol.record.checkpoint import mostly_breaks

FORMAT = "pingyi-record/2"

LEAVES = "leaves.jsonl"
CHECKPOINTS = "checkpoints.txt"
COSIGNATURES = "cosignatures.txt"
CHECKPOINT = "checkpoint.txt"
DEFINITION = "definition.json"
RESULTS = "results.json"
MANIFEST = "manifest.json"
FILES = (LEAVES, CHECKPOINTS, COSIGNATURES, CHECKPOINT, DEFINITION, RESULTS, MANIFEST)
"""The members of the archive in their order."""

MOST_LEAVES = 2_000_000
LONGEST_LEAF = 64 * 1024 * 1024
"""Bytes of a leaf: a definition of the largest size stands in it twice, once as the signed text."""

LARGEST_TEXT = 256 * 1024 * 1024
"""Bytes of a member that is read whole."""

LARGEST_MANIFEST = 1024 * 1024
NOTE_LINES = 5


class BundleError(RecordError):
    """A file of the bundle is not what it must be."""


class NotARecordError(RecordError):
    """This is no record at all, or one of another version: there is nothing to verify."""


class FileFacts(Struct, frozen=True):
    """A file of the bundle: its name, its length in bytes and its SHA-256 in hex."""

    name: str
    bytes: int
    sha256: str


class Manifest(Struct, frozen=True):
    """What the bundle says it is: the meeting's id, the log's origin and key (base64), its leaves and its files."""

    format: str
    meeting: str
    origin: str
    log_key: str
    size: int
    files: tuple[FileFacts, ...]


class Identity(Struct, frozen=True):
    """Which log this is: the meeting's id, the log's origin and its key (base64)."""

    meeting: str
    origin: str
    log_key: str


def readable(value: Struct) -> bytes:
    """Return ``value`` as JSON for the eyes: indented by two, the fields in their order, a newline at the end."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


class BundleWriter:
    """Writes a bundle into ``file``: first the leaves, which may be many, then what follows from them."""

    def __init__(self, file: BinaryIO) -> None:
        """Write into ``file``, which is empty and can seek."""
        self.archive = ArchiveWriter(file)
        self.size = 0

    def leaves(self, leaves: Iterable[bytes]) -> None:
        """Write the leaves, in their order."""
        self.archive.add(LEAVES, self.lines(leaves))

    def lines(self, leaves: Iterable[bytes]) -> Iterator[bytes]:
        """Yield each leaf as a line."""
        for leaf in leaves:
            self.size += 1
            yield leaf + b"\n"

    def finish(
        self, identity: Identity, notes: Sequence[str], cosignatures: bytes, definition: Definition, results: Struct
    ) -> None:
        """Write the signed heads, rising in size, their cosignatures as they stand in the file, and all the rest."""
        add = self.archive.add
        add(CHECKPOINTS, (note.encode() for note in notes))
        add(COSIGNATURES, (cosignatures,))
        add(CHECKPOINT, (notes[-1].encode(),))
        add(DEFINITION, (readable(definition),))
        add(RESULTS, (readable(results),))
        add(MANIFEST, (readable(self.manifest(identity)),))
        self.archive.finish()

    def manifest(self, identity: Identity) -> Manifest:
        """Describe what has been written."""
        return Manifest(
            FORMAT, identity.meeting, identity.origin, identity.log_key, self.size, facts_of(self.archive.members)
        )


def facts_of(members: Sequence[Member]) -> tuple[FileFacts, ...]:
    """Return what a manifest says about these members."""
    return tuple(FileFacts(member.name, member.size, member.digest) for member in members)


def members_of(file: BinaryIO, path: Path) -> dict[str, Member]:
    """Return the members of a bundle by name; raises what ``Bundle`` does."""
    if not begins_with(file, LEAVES):
        raise NotARecordError("bundle.not_a_record", file=path)
    return {member.name: member for member in read_members(file, FILES)}


class Bundle:
    """A record.zip whose archive is in order, open for reading; a context manager that closes it.

    NotARecordError when the file is no record at all, ArchiveError when its archive was changed, OSError when it
    cannot be read.
    """

    def __init__(self, path: Path) -> None:
        """Open the file and read all of it once."""
        self.file = path.open("rb")
        try:
            self.members = members_of(self.file, path)
        except BaseException:
            self.file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.file.close()

    def content(self, name: str, most: int = LARGEST_TEXT) -> bytes:
        """Return a member whole; BundleError when it has more than ``most`` bytes."""
        member = self.members[name]
        if member.size > most:
            raise BundleError("bundle.too_large", name=name, most=most)
        return b"".join(chunks_of(self.file, member))

    def leaves(self) -> Iterator[bytes]:
        """Yield the leaves in their order; BundleError for a line that is none, too long, or one too many."""
        rest = b""
        count = 0
        for chunk in chunks_of(self.file, self.members[LEAVES]):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if len(line) > LONGEST_LEAF or count == MOST_LEAVES:
                    raise BundleError("bundle.leaves_beyond", leaf=count, bytes=LONGEST_LEAF, most=MOST_LEAVES)
                yield line
                count += 1
            if len(rest) > LONGEST_LEAF:
                raise BundleError("bundle.leaves_beyond", leaf=count, bytes=LONGEST_LEAF, most=MOST_LEAVES)
        if rest:
            raise BundleError("bundle.leaves_unfinished")

    def manifest(self) -> Manifest:
        """Return the manifest once it agrees with the files; BundleError or NotARecordError otherwise."""
        content = self.content(MANIFEST, LARGEST_MANIFEST)
        try:
            manifest = msgspec.json.decode(content, type=Manifest)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as fault:
            raise BundleError("bundle.manifest_malformed", fault=fault) from fault
        if manifest.format != FORMAT:
            raise NotARecordError("bundle.other_format", found=ascii(manifest.format[:40]), wanted=FORMAT)
        if readable(manifest) != content:
            raise BundleError("bundle.manifest_form")
        for said, is_there in zip(manifest.files, facts_of(list(self.members.values())), strict=False):
            if said != is_there:
                raise BundleError("bundle.file_differs", name=is_there.name)
        if len(manifest.files) != len(FILES) - 1:
            raise BundleError("bundle.manifest_files", found=len(manifest.files), wanted=len(FILES) - 1)
        return manifest

    def notes(self) -> list[str]:
        """Return the signed heads, each five lines; BundleError when they are no such text."""
        content = self.content(CHECKPOINTS)
        if mostly_breaks(content):
            raise BundleError("bundle.notes_form")
        try:
            lines = content.decode().split("\n")
        except UnicodeDecodeError as fault:
            raise BundleError("bundle.notes_form") from fault
        # what follows the last newline is nothing
        if len(lines) % NOTE_LINES != 1 or lines[-1] or len(lines) == 1:
            raise BundleError("bundle.notes_form")
        whole = range(0, len(lines) - 1, NOTE_LINES)
        return ["".join(f"{line}\n" for line in lines[start : start + NOTE_LINES]) for start in whole]
