"""A server that enrols keys which it must refuse is found out by the record: the verifier runs the same rule."""

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from kit.factories import small_definition
from kit.records import LOG, MEETING, TIME, Record, Scribe, fixed_key, fixed_transport
from kit.tampering import Check, checker, reason_at
from kit.weak_keys import SIGNING, TRANSPORT, forged
from pingyi_protocol.keys.signing import SigningKey, public_text
from pingyi_protocol.meeting.commands import Command, Enrol, IssueCode
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import DeviceEnrolled
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.record.entry import Entry, encode_entry
from pingyi_protocol.record.report import Step
from pingyi_protocol.wire.envelope import Envelope, seal

CODE = sha256(b"secret of M03").hexdigest()
OWN = fixed_key("lie")


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


@pytest.fixture(scope="module")
def scribe() -> Scribe:
    """A member with two devices, the older one revoked by the newer; a code for another member is out."""
    found = Scribe(small_definition(5))
    older = found.keys[found.enrol("M02")]
    found.enrol("M02")
    found.keys[Principal("M02, before", Role.MEMBER)] = older
    found.clerk(IssueCode("M03", Role.MEMBER, CODE))
    return found


def enrolled(scribe: Scribe, signing: str, transport: str, key: SigningKey | None) -> Record:
    """The record with this enrolment behind it, signed by the server; without a key the signature is forged."""
    command = Command(MEETING, "f" * 32, "M03", Role.MEMBER, TIME, Enrol(CODE, signing, transport, pinned=False))
    envelope: Envelope = forged(command, signing) if key is None else seal(msgspec.json.encode(command), key)
    event = DeviceEnrolled("M03", Role.MEMBER, CODE, signing, transport, pinned=False)
    leaf = encode_entry(Entry(len(scribe.leaves), scribe.at, TIME, envelope, event))
    return scribe.finish().with_leaves((*scribe.leaves, leaf)).signed_again()


def reason(check: Check, scribe: Scribe, record: Record) -> object:
    report = check(record)
    assert not report.valid
    return reason_at(report, Step.REPLAY, len(scribe.leaves))


def test_good_keys_in_the_same_place_are_borne_out(check: Check, scribe: Scribe) -> None:
    record = enrolled(scribe, public_text(OWN), fixed_transport("lie"), OWN)
    assert not [one for one in check(record).reasons if one.step is Step.REPLAY]


@pytest.mark.parametrize("weak", SIGNING.values(), ids=SIGNING)
def test_a_weak_signing_key_on_the_record_is_found(check: Check, scribe: Scribe, weak: str) -> None:
    assert reason(check, scribe, enrolled(scribe, weak, fixed_transport("lie"), None)) == "key_refused"


@pytest.mark.parametrize("weak", TRANSPORT.values(), ids=TRANSPORT)
def test_a_weak_transport_key_on_the_record_is_found(check: Check, scribe: Scribe, weak: str) -> None:
    assert reason(check, scribe, enrolled(scribe, public_text(OWN), weak, OWN)) == "key_refused"


def test_keys_that_others_have_or_had_are_found(check: Check, scribe: Scribe) -> None:
    devices = scribe.meeting.devices.values()
    taken = {scribe.meeting.server_key, *(one.transport_key for one in devices)}
    assert {one.revoked for one in devices} == {True, False}
    for transport in taken:
        assert reason(check, scribe, enrolled(scribe, public_text(OWN), transport, OWN)) == "key_refused"
    for key in (LOG, *scribe.keys.values()):
        record = enrolled(scribe, public_text(key), fixed_transport("lie"), key)
        assert reason(check, scribe, record) == "key_refused"
