"""The published vectors of the record: how each file of ``protocol/vectors`` comes about."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from kit.attacks import ATTACKS, Pin, other_receipt
from kit.attacks_authority import AUTHORITY_ATTACKS
from kit.attacks_kinds import KIND_ATTACKS
from kit.attacks_secret_form import ALL_SECRET_ATTACKS, code_taken_after_the_trial
from kit.secret_records import SECRET
from kit.secret_vectors import secret_texts
from kit.tampering import GOOD, LOST
from pingyi_protocol.meeting.events import BallotCast
from pingyi_protocol.record.checkpoint import fingerprint, parse_note_body
from pingyi_protocol.record.cosignatures import body_of
from pingyi_protocol.wire.messages import Receipt, encode

RECEIPT = GOOD.receipt(GOOD.find(BallotCast), size=GOOD.find(BallotCast) + 1)

UNPROVEN = msgspec.structs.replace(RECEIPT, proof=(*RECEIPT.proof[:-1], b64encode(bytes(32)).decode()))

ALL = dict(sorted((ATTACKS | AUTHORITY_ATTACKS | KIND_ATTACKS | ALL_SECRET_ATTACKS).items()))


def code_of_head(receipt: Receipt) -> str:
    """Return the fingerprint of the head in a receipt."""
    return fingerprint(parse_note_body(body_of(receipt.checkpoint)))


OTHER = other_receipt()
PINS = {
    Pin.NONE: ("", ""),
    Pin.GOOD: (GOOD.results.fingerprint, "receipt.json"),
    Pin.LOST: (code_of_head(LOST), "lost-receipt.json"),
    Pin.OTHER: ("", "other-receipt.json"),
    Pin.UNPROVEN: ("", "unproven-receipt.json"),
}


class Tampered(msgspec.Struct):
    """A line of ``tampered.jsonl``: the file, the steps that fail at least, and what pins it ("" for nothing)."""

    file: str
    fails: list[int]
    checkpoint: str = ""
    receipt: str = ""


def write(folder: Path) -> Iterator[Path]:
    """Write every vector and yield its path."""
    (folder / "tampered").mkdir(parents=True, exist_ok=True)
    yield GOOD.write(folder / "record.zip")
    for name, attack in ALL.items():
        yield attack.write(folder / "tampered" / f"{name}.zip")
    (folder / "secret").mkdir(exist_ok=True)
    yield SECRET.write(folder / "secret" / "record.zip")
    yield code_taken_after_the_trial().write(folder / "secret" / "code-taken-after-the-trial.zip")
    for name, lines in (texts() | secret_texts()).items():
        path = folder / name
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        yield path


def texts() -> dict[str, Iterable[bytes]]:
    """Return the vectors that are text, by file name."""
    entries = [record.entry(index) for record in (GOOD, SECRET) for index in range(len(record.leaves))]
    payloads = [entry.envelope.payload.encode() for entry in entries if entry.envelope is not None]
    events = [msgspec.json.encode(entry.event) for entry in entries]
    return {
        "commands.jsonl": first_of_each(payloads, "body"),
        "events.jsonl": first_of_each(events),
        "receipt.json": [encode(RECEIPT)],
        "lost-receipt.json": [encode(LOST)],
        "other-receipt.json": [encode(OTHER)],
        "unproven-receipt.json": [encode(UNPROVEN)],
        "tampered.jsonl": [msgspec.json.encode(line) for line in tampered()],
    }


def tampered() -> Iterator[Tampered]:
    """Yield what each tampered record must fail."""
    for name, attack in ALL.items():
        yield Tampered(f"{name}.zip", [step.value for step in attack.fails], *PINS[attack.pin])


def first_of_each(texts: Iterable[bytes], within: str = "") -> list[bytes]:
    """Return the first text with each tag, in the order of the tags; the tag stands in the field ``within``, if any."""
    found: dict[str, bytes] = {}
    for text in texts:
        content = msgspec.json.decode(text)
        found.setdefault((content[within] if within else content)["type"], text)
    return [text for _, text in sorted(found.items())]
