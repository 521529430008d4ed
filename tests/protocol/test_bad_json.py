"""JSON from outside that is deep, huge, no number, or says a thing twice: what each reader makes of it, place by place.

Where two readers could take a text that says a thing twice in different ways, it is refused: what is signed, logged,
handed on or kept for others has one form. A frame on the wire is read by one reader, who takes the last of two.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import zmq.asyncio

from kit.fuzz_files import a_key_file_is_read, key_file, profile_file
from kit.fuzz_samples import archive, ballot_receipt, facts_of, record, scribe
from kit.hall import Deaf, Memory
from kit.records import MEETING
from pingyi_protocol.client.session import Session
from pingyi_protocol.keys.key_file import KeyFileError, generate_device_keys, read_key_file
from pingyi_protocol.keys.profile import Profile, ProfileError
from pingyi_protocol.keys.signing import SigningKey
from pingyi_protocol.meeting.admission import decode_command
from pingyi_protocol.meeting.commands import Command, OpenRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.archive import ArchiveWriter
from pingyi_protocol.record.bundle import DEFINITION, FILES, LEAVES, MANIFEST, RESULTS
from pingyi_protocol.record.entry import EntryError, decode_entry
from pingyi_protocol.record.pins import PinFormError, parse_receipt_pin
from pingyi_protocol.record.receipt import ReceiptError
from pingyi_protocol.record.unpacked import library
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.wire.envelope import EnvelopeError, seal
from pingyi_protocol.wire.messages import Hello, WireError, encode, read, reply_decoder, request_decoder

Reader = Callable[[bytes], bool]
"""Whether this JSON is taken; what it raises but its own typed error is a fault."""


def command_is_taken(payload: bytes) -> bool:
    try:
        envelope = seal(payload, SigningKey(bytes(32)))
    except EnvelopeError:
        return False
    return not isinstance(decode_command(envelope), Refusal)


def leaf_is_taken(content: bytes) -> bool:
    try:
        decode_entry(content)
    except EntryError:
        return False
    return True


def receipt_is_taken(content: bytes) -> bool:
    try:
        parse_receipt_pin(content)
    except PinFormError:
        return False
    return True


def key_file_is_taken(content: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys.json"
        path.write_bytes(content)
        try:
            read_key_file(path)
        except KeyFileError:
            return False
    a_key_file_is_read(content)
    return True


def parts() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.zip"
        path.write_bytes(archive())
        with path.open("rb") as file, library(file) as opened:
            return {name: opened.read(name) for name in FILES}


def file_is_taken(name: str) -> Reader:
    """Whether a record with this file in the place of its own is valid."""

    def is_taken(content: bytes) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "record.zip"
            with path.open("wb") as file:
                writer = ArchiveWriter(file)
                for one, held in parts().items():
                    writer.add(one, (content if one == name else held,))
                writer.finish()
            return verify_record(path).valid

    return is_taken


def first_leaf_is_taken(content: bytes) -> bool:
    return file_is_taken(LEAVES)(content + b"\n" + b"\n".join(record().leaves[1:]) + b"\n")


def request_is_taken(frame: bytes) -> bool:
    try:
        read(request_decoder(), frame)
    except WireError:
        return False
    return True


def reply_is_taken(frame: bytes) -> bool:
    try:
        read(reply_decoder(), frame)
    except WireError:
        return False
    return True


def profile_is_taken(content: bytes) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "profile.json").write_bytes(content)
        try:
            Profile.load(Path(folder))
        except ProfileError:
            return False
    return True


COMMAND = msgspec.json.encode(Command(MEETING, "0" * 32, "M01", Role.CHAIR, "", OpenRound("1", 1)))
ONE_FORM: dict[str, tuple[Reader, bytes]] = {
    "a signed command": (command_is_taken, COMMAND),
    "a leaf": (leaf_is_taken, record().leaves[-1]),
    "the first leaf of a record": (first_leaf_is_taken, record().leaves[0]),
    "the manifest": (file_is_taken(MANIFEST), parts()[MANIFEST]),
    "the definition": (file_is_taken(DEFINITION), parts()[DEFINITION]),
    "the results": (file_is_taken(RESULTS), parts()[RESULTS]),
    "a receipt": (receipt_is_taken, encode(ballot_receipt())),
    "a key file": (key_file_is_taken, key_file()),
}
ONE_READER: dict[str, tuple[Reader, bytes]] = {
    "a request": (request_is_taken, encode(Hello("x"))),
    "a reply": (reply_is_taken, encode(ballot_receipt())),
    "a profile": (profile_is_taken, profile_file()),
}
PLACES = ONE_FORM | ONE_READER


def test_an_enrolment_in_a_profile_that_is_no_receipt_is_said_to_be_damaged() -> None:
    for enrolment in ("{", "[" * 100_000, '{"type":"receipt/1"}', "\x00"):
        facts = msgspec.structs.replace(facts_of(), enrolment=enrolment)
        with pytest.raises(ReceiptError):
            Session(zmq.asyncio.Context.instance(), facts, generate_device_keys(), Memory(), Deaf())


def twice(good: bytes) -> bytes:
    """Its first field said twice."""
    name, _, rest = good.lstrip(b"{ \n").partition(b":")
    value = rest[: len(rest) - len(rest.lstrip())] + first_value(rest.lstrip())
    return b"{" + name + b":" + value + b"," + good.lstrip()[1:]


def first_value(rest: bytes) -> bytes:
    """The JSON value that this begins with."""
    for end in range(1, len(rest) + 1):
        try:
            msgspec.json.decode(rest[:end])
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
        if rest[end : end + 1] in (b",", b"}", b"\n"):
            return rest[:end]
    raise AssertionError(rest)


def instead(value: bytes) -> Callable[[bytes], bytes]:
    """Another value for its first field."""

    def changed(good: bytes) -> bytes:
        name, _, rest = good.lstrip(b"{ \n").partition(b":")
        return b"{" + name + b":" + value + rest.lstrip()[len(first_value(rest.lstrip())) :]

    return changed


BAD: dict[str, Callable[[bytes], bytes]] = {
    "deep arrays": instead(b"[" * 100_000 + b"]" * 100_000),
    "deep objects": instead(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "a number of 5000 digits": instead(b"9" * 5000),
    "a number beyond any exponent": instead(b"1e999999"),
    "NaN": instead(b"NaN"),
    "Infinity": instead(b"-Infinity"),
    "a lone surrogate": instead(b'"\\ud800"'),
    "bytes that are no UTF-8": instead(b'"\xff"'),
    "a control character": instead(b'"\x1b"'),
    "a byte order mark": lambda good: b"\xef\xbb\xbf" + good,
    "something behind it": lambda good: good + b"{}",
    "a field of another version": lambda good: good.rstrip()[:-1] + b',"more":1}',
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("place", PLACES)
def test_what_is_good_is_taken(place: str) -> None:
    is_taken, good = PLACES[place]
    assert is_taken(good)


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("place", PLACES)
def test_bad_json_is_refused_everywhere(place: str, bad: str) -> None:
    is_taken, good = PLACES[place]
    assert not is_taken(BAD[bad](good))


@pytest.mark.parametrize("place", ONE_FORM)
def test_what_others_read_too_is_refused_when_it_says_a_thing_twice_or_in_another_form(place: str) -> None:
    is_taken, good = ONE_FORM[place]
    assert not is_taken(twice(good))
    assert not is_taken(b" " + good)


def test_a_frame_that_says_a_thing_twice_means_the_last_and_a_signature_covers_one_text() -> None:
    frame = b'{"type":"hello/1","definition":"first","definition":"last"}'
    assert read(request_decoder(), frame) == Hello("last")
    chair = scribe().keys[Principal("M01", Role.CHAIR)]
    doubled = seal(twice(COMMAND), chair)
    assert decode_command(doubled) == Refusal(Reason.MALFORMED)
