"""Tampering with a record, and saying what a verification found."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import msgspec

from kit.kinds import every_kind, whole_definition
from kit.records import MEETING, Record, Scribe, closed, told
from pingyi_protocol.meeting.commands import (
    Body,
    Command,
)
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import (
    BallotCast,
    Event,
)
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.record.entry import Entry, encode_entry
from pingyi_protocol.record.report import Report, Step
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.wire.envelope import Envelope, seal

change = msgspec.structs.replace

SCRIBE, LOST = told(Scribe(whole_definition()))
every_kind(SCRIBE)
GOOD = closed(SCRIBE).finish()
SEAT = Principal("M02", Role.MEMBER)
# the signing key of each principal of the small meeting
KEYS = SCRIBE.keys


Check = Callable[..., Report]


def found(report: Report) -> set[tuple[Step, str]]:
    """Return what was found, by step and key."""
    return {(reason.step, reason.fault.key) for reason in report.reasons}


def reason_at(report: Report, step: Step, index: int) -> object:
    """Return why a leaf was not borne out."""
    [values] = [
        one.fault.values for one in report.reasons if one.step is step and one.fault.values.get("index") == index
    ]
    return values.get("reason")


def envelope_of(principal: Principal, body: Body, meeting: str = MEETING, number: str = "f" * 32) -> Envelope:
    """Sign a command with the principal's own key, as a terminal does."""
    command = Command(meeting, number, principal.person, principal.role, "", body)
    return seal(msgspec.json.encode(command), KEYS[principal])


def inserted(record: Record, index: int, envelope: Envelope | None, event: Event) -> Record:
    """Return the record with a leaf put in, numbered again and signed again by the server."""
    at = record.entry(index).at
    leaf = encode_entry(Entry(index, at, "", envelope, event))
    return record.with_leaves((*record.leaves[:index], leaf, *record.leaves[index:])).numbered().signed_again()


def with_score(entry: Entry, score: str) -> Entry:
    event = entry.event
    assert isinstance(event, BallotCast)
    answers = (change(event.answers[0], score=Decimal(score)), *event.answers[1:])
    return change(entry, event=change(event, answers=answers))


def checker(folder: Path) -> Check:
    """Return a function that writes a record and verifies it, with pins by name."""

    def run(record: Record, **pins: object) -> Report:
        return verify_record(record.write(folder / "record.zip"), **pins)  # type: ignore[arg-type]  # pins by name

    return run
