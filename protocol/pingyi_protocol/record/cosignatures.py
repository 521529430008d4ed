"""``cosignatures.txt``: who else saw a head of the log. SPEC.md, "Bundle", gives its form.

Blocks part by an empty line, rising in size. Each is a C2SP signed note: a signed checkpoint as it stands in
``checkpoints.txt``, and behind it the cosignatures of terminals, in the order of their names.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from pingyi_protocol.meeting.definition import TRIAL, Role
from pingyi_protocol.meeting.model import Device, Meeting
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.checkpoint import mostly_breaks, verify_cosignature
from pingyi_protocol.record.progress import Progress, silent

NOTE_LINES = 5
BODY_LINES = 3


class CosignatureError(RecordError):
    """A cosignature in the record is malformed, out of place, or not by the device that it names."""


class Cosigned(NamedTuple):
    """A cosignature that was checked: the size of its head, and the device that gave it."""

    size: int
    device: str


Row: TypeAlias = tuple[int, str, str]
"""A cosignature as a server keeps it: the size of its head, the device's key id, the line."""


def cosigner_name(origin: str, device: str) -> str:
    """Return the name under which a device (its key id) cosigns heads of the log ``origin``."""
    return f"{origin}/{device}"


def encode_cosignatures(notes: Mapping[int, str], lines: Iterable[Row]) -> bytes:
    """Return the file for cosignatures on heads by size; those on no such head stay out."""
    blocks: dict[int, list[str]] = {}
    for size, _device, line in sorted(lines):
        if size in notes:
            blocks.setdefault(size, [notes[size]]).append(line)
    return "\n".join("".join(block) for block in blocks.values()).encode()


def check_rows(
    rows: Iterable[Row], notes: Mapping[int, str], origin: str, devices: Mapping[str, Device]
) -> Iterator[Row | CosignatureError]:
    """Yield each cosignature as a server keeps it once it is checked, or what is wrong with it.

    ``notes`` are the log's signed heads by size. Cosignatures of a head that is not there are named together: such a
    head was removed, perhaps with the end of the log.
    """
    headless: Counter[int] = Counter()
    for row in rows:
        device = devices.get(row[1])
        who = device.principal.person if device is not None else row[1]
        if row[0] not in notes:
            headless[row[0]] += 1
            continue
        name = cosigner_name(origin, row[1])
        try:
            if device is None:
                raise CosignatureError("cosignature.stranger", name=name)
            verify_cosignature(body_of(notes[row[0]]), row[2], device.signing_key, name)
        except RecordError as fault:
            yield CosignatureError("cosignature.of_row", who=who, size=row[0], fault=fault)
        else:
            yield row
    newest = max(notes, default=0)
    for size, count in headless.items():
        if size > newest:
            yield CosignatureError("cosignature.beyond", size=size, count=count, newest=newest)
        else:
            yield CosignatureError("cosignature.headless", size=size, count=count)


def body_of(note: str) -> str:
    """Return the lines of a signed head that are signed."""
    return "".join(note.splitlines(keepends=True)[:BODY_LINES])


def parse_cosignatures(content: bytes) -> Iterator[tuple[str, list[str]]]:
    """Yield each note and the cosignature lines behind it, with their newlines; CosignatureError for no such text."""
    if mostly_breaks(content):
        raise CosignatureError("cosignature.form")
    try:
        lines = [f"{line}\n" for line in content.decode().split("\n")]
    except UnicodeDecodeError as fault:
        raise CosignatureError("cosignature.form") from fault
    # what follows the last newline is nothing
    if lines.pop() != "\n":
        raise CosignatureError("cosignature.form")
    place = 0
    while place < len(lines):
        end = place + NOTE_LINES
        while end < len(lines) and lines[end] != "\n":
            end += 1
        # an empty line stands between two blocks only
        if end - place <= NOTE_LINES or end == len(lines) - 1:
            raise CosignatureError("cosignature.form")
        yield "".join(lines[place : place + NOTE_LINES]), lines[place + NOTE_LINES : end]
        place = end + 1


class Attested(NamedTuple):
    """How many of those ``present`` for a round have a terminal that cosigned a head with its close."""

    item: str
    round: int
    present: int
    cosigned: int


class Final(NamedTuple):
    """How many ``terminals`` cosigned the last head, and how many of those ``present`` at the end have one of them."""

    present: int
    cosigned: int
    terminals: int


def attested_final(meeting: Meeting, cosigned: Iterable[Cosigned], size: int) -> Final:
    """Return this for the head of ``size`` leaves, the last one."""
    devices = [meeting.devices[device].principal for each, device in cosigned if each == size]
    people = {one.person for one in devices if one.role is Role.MEMBER}
    return Final(len(meeting.present), sum(person in meeting.present for person in people), len(devices))


def attested(meeting: Meeting, cosigned: Iterable[Cosigned]) -> Iterator[Attested]:
    """Yield this for every closed round of ``meeting``; whoever cosigned a later head vouches for the close too."""
    newest: dict[str, int] = {}
    for size, device in cosigned:
        principal = meeting.devices[device].principal
        if principal.role is Role.MEMBER:
            newest[principal.person] = max(size, newest.get(principal.person, 0))
    for one in meeting.rounds:
        if one.last is not None and one.item != TRIAL.id:
            # the close is the leaf behind the last that counts; what was entered by hand is closed by that very leaf
            close = one.last + (one.manual is None)
            seen = sum(newest.get(person, 0) > close for person in one.present)
            yield Attested(one.item, one.number, len(one.present), seen)


def check_cosignatures(
    content: bytes,
    notes: Mapping[str, int],
    origin: str,
    devices: Mapping[str, Device],
    progress: Progress = silent,
) -> Iterator[Cosigned | CosignatureError]:
    """Yield each cosignature once it is checked, or what is wrong with it.

    ``notes`` are the log's signed heads with their sizes. Heads rise, the names under one rise, and each line is the
    good signature of an enrolled device. ``progress`` is told how many octets have been checked.
    """
    last = checked = 0
    for note, lines in parse_cosignatures(content):
        size = notes.get(note, 0)
        if size <= last:
            raise CosignatureError("cosignature.other_head", place=note.split("\n")[1])
        last = size
        earlier = ""
        for line in lines:
            name = line.removeprefix("— ").partition(" ")[0]
            try:
                device = device_named(name, earlier, origin, devices)
                verify_cosignature(body_of(note), line, device.signing_key, name)
            except RecordError as fault:
                yield CosignatureError("cosignature.bad", size=size, fault=fault)
            else:
                yield Cosigned(size, device.id)
            earlier = name
            checked += len(line.encode())
            progress(checked, len(content))


def device_named(name: str, earlier: str, origin: str, devices: Mapping[str, Device]) -> Device:
    """Return the enrolled device behind a cosigner's name, which must come after the ``earlier`` one."""
    device = devices.get(name.removeprefix(f"{origin}/"))
    if device is None or cosigner_name(origin, device.id) != name:
        raise CosignatureError("cosignature.stranger", name=ascii(name[:100]))
    if name <= earlier:
        raise CosignatureError("cosignature.order", name=name)
    return device
