"""Attacks on what takes two people, and on devices and codes that may do no more: more of ``kit.attacks``."""

from hashlib import sha256

import msgspec

from kit.attacks import REPLAY, Attack
from kit.attacks_kinds import without
from kit.records import CHAIR, MEETING, Record, fixed_key, fixed_transport
from kit.tampering import GOOD, change, envelope_of, inserted
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import CheckIn, Command, CountersignVoid, Enrol
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import (
    CheckedIn,
    CodeCountersigned,
    CodeWithdrawn,
    DeviceEnrolled,
    DeviceRevoked,
    RoundVoided,
)
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.wire.envelope import seal

SEAT_OF_M05 = Principal("M05", Role.MEMBER)
"""Who wants another terminal after check-in: the code waits for the chair, is withdrawn, and the device is revoked."""


def void_round() -> tuple[int, RoundVoided]:
    """Return the leaf of a round that two people made void, and its event."""
    for index in range(len(GOOD.leaves)):
        event = GOOD.entry(index).event
        if isinstance(event, RoundVoided) and event.person:
            return index, event
    raise LookupError(RoundVoided)


def void_without_the_scrutineer() -> Record:
    """Return the record with a round held again that the chair alone declared void."""
    return without(void_round()[0])


def void_signed_by_the_chair() -> Record:
    """Return the record with a round made void by the chair's two signatures."""
    index, event = void_round()
    signed = envelope_of(CHAIR, CountersignVoid(event.item, event.round, event.reason))
    forged = change(GOOD.entry(index), envelope=signed, event=change(event, person=CHAIR.person))
    return GOOD.with_leaf(index, forged).signed_again()


def device_of_a_code(place: int) -> Record:
    """Return the record with the code of ``SEAT_OF_M05`` taken at this leaf."""
    forged = fixed_key("forged")
    code = sha256(b"a spare terminal").hexdigest()
    body = Enrol(code, public_text(forged), fixed_transport("forged"), pinned=False)
    command = Command(MEETING, "f" * 32, *SEAT_OF_M05, "", body)
    event = DeviceEnrolled(*SEAT_OF_M05, code, body.signing_key, body.transport_key, body.pinned)
    return inserted(GOOD, place, seal(msgspec.json.encode(command), forged), event)


def seat_taken_over_without_the_chair() -> Record:
    """Return the record with a new device for who has checked in, before the chair agreed."""
    return device_of_a_code(GOOD.find(CodeCountersigned))


def withdrawn_code_taken() -> Record:
    """Return the record with a code taken that the clerk had withdrawn."""
    return device_of_a_code(GOOD.find(CodeWithdrawn) + 1)


def word_of_a_revoked_device() -> Record:
    """Return the record with a check-in by a device that the clerk had revoked."""
    return inserted(
        GOOD, GOOD.find(DeviceRevoked) + 1, envelope_of(SEAT_OF_M05, CheckIn()), CheckedIn(SEAT_OF_M05.person, "")
    )


AUTHORITY_ATTACKS: dict[str, Attack] = {
    "seat-taken-over-without-the-chair": Attack(seat_taken_over_without_the_chair, REPLAY),
    "void-signed-by-the-chair": Attack(void_signed_by_the_chair, REPLAY),
    "void-without-the-scrutineer": Attack(void_without_the_scrutineer, REPLAY),
    "withdrawn-code-taken": Attack(withdrawn_code_taken, REPLAY),
    "word-of-a-revoked-device": Attack(word_of_a_revoked_device, REPLAY),
}
