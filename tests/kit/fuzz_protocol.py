"""What the protocol's readers do with bad input: a value or a typed error, never anything else."""

import asyncio
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import zmq.asyncio
from click.testing import CliRunner
from hypothesis import strategies as st

from kit.factories import small_definition
from kit.fuzzing import Fuzz, changed_bytes, changed_json, changed_members, hostile_texts
from kit.hall import Deaf, Memory
from kit.hostile_texts import hidden_in
from kit.records import LOG, MEETING, ORIGIN, Record, Scribe, ballot, fixed_key, fixed_transport
from pingyi_protocol.client.session import Session
from pingyi_protocol.commands.receipt import receipt as receipt_command
from pingyi_protocol.keys.digits import EnrolmentCodeError
from pingyi_protocol.keys.enrolment_code import EnrolmentCode
from pingyi_protocol.keys.enrolment_code import encode as code_text
from pingyi_protocol.keys.enrolment_code import parse as parse_code
from pingyi_protocol.keys.key_file import (
    DeviceKeys,
    KeyFileError,
    WrongPinError,
    generate_device_keys,
    read_key_file,
    write_key_file,
)
from pingyi_protocol.keys.profile import Profile, ProfileError, ProfileFacts
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.attendance import check_in_is_open
from pingyi_protocol.meeting.commands import AnnounceRound, CheckIn, CloseMeeting, CloseRound, OpenCheckIn, OpenRound
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.archive import ArchiveWriter
from pingyi_protocol.record.bundle import FILES, NotARecordError
from pingyi_protocol.record.checkpoint import CheckpointError, verify_checkpoint
from pingyi_protocol.record.entry import EntryError, decode_entry, encode_entry
from pingyi_protocol.record.pins import PinFormError, parse_checkpoint_pin, parse_key_pin, parse_receipt_pin
from pingyi_protocol.record.receipt import ReceiptError, check_receipt
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.wire.envelope import Envelope, EnvelopeError, verify_envelope
from pingyi_protocol.wire.messages import (
    Cosign,
    Cosigned,
    EnrolmentRequest,
    EnrolRequest,
    Hello,
    Identity,
    IdentityRequest,
    LeafProof,
    Ping,
    Pong,
    Receipt,
    Refused,
    Request,
    Submit,
    Welcome,
    WireError,
    Witnessed,
    WitnessRequest,
    encode,
    enrolment_decoder,
    read,
    reply_decoder,
    request_decoder,
)
from pingyi_protocol.wire.picture import Update, difference, digest, updated
from pingyi_protocol.wording import WordedError
from pingyi_server.gateway.publisher import Projector

SEAT = Principal("M02", Role.MEMBER)


def worded(fault: WordedError) -> None:
    """An error says what is wrong in both languages, and nothing in it commands a terminal."""
    for language in Language:
        assert not hidden_in(fault.words(language))


@cache
def scribe() -> Scribe:
    """A small meeting with everything that a record must have."""
    book = Scribe(small_definition(3))
    chair = book.enrol("M01", Role.CHAIR)
    seats = [book.enrol(f"M{place:02}") for place in (1, 2)]
    if not check_in_is_open(book.meeting, book.at):
        book.do(chair, OpenCheckIn())
    for seat in seats:
        book.do(seat, CheckIn())
    book.witness(*seats)
    book.do(chair, OpenRound("1"))
    book.do(seats[1], ballot("1", 1, 92))
    book.do(chair, CloseRound("1", 1))
    book.do(chair, AnnounceRound("1", 1))
    book.do(chair, CloseMeeting())
    book.witness(*seats)
    return book


@cache
def record() -> Record:
    """Its record."""
    return scribe().finish()


@cache
def archive() -> bytes:
    """Its archive."""
    with tempfile.TemporaryDirectory() as folder:
        return record().write(Path(folder) / "record.zip").read_bytes()


@cache
def ballot_receipt() -> Receipt:
    """The receipt of its ballot."""
    index = next(place for place, leaf in enumerate(record().leaves) if b"ballot-cast" in leaf)
    return record().receipt(index)


# the wire


@cache
def replies() -> dict[str, Any]:
    """A good reply of each kind."""
    book = scribe()
    definition = book.meeting.definition
    assert definition is not None
    shown = Projector("e").picture(book.meeting, "K7M2-Q9XD", book.at, 3)
    shown = msgspec.structs.replace(shown, definition=digest(definition))
    kept = ballot_receipt()
    proof = LeafProof(kept.index, kept.leaf, kept.proof)
    return {
        "welcome": Welcome(shown, definition),
        "again": Welcome(shown, None),
        "pong": Pong(5, "e", 4),
        "receipt": kept,
        "refused": Refused("0" * 32, Refusal(Reason.CLOSED, {"item": "1"})),
        "identity": Identity(MEETING, "示例", ORIGIN, public_text(LOG), "M02", Role.MEMBER),
        "witnessed": Witnessed(kept.checkpoint, 0, (), (proof,)),
        "cosigned": Cosigned(9),
    }


@cache
def requests() -> tuple[bytes, ...]:
    """A good request of each kind."""
    entry = record().entry(ballot_receipt().index)
    assert entry.envelope is not None
    envelope = entry.envelope
    asked: tuple[Request | EnrolmentRequest, ...] = (
        Hello(""),
        Ping(),
        Submit(envelope, 3),
        WitnessRequest(3, "", 0, (1, 2)),
        Cosign(3, "— x y"),
        EnrolRequest("00" * 12, public_text(LOG), envelope),
        IdentityRequest("00" * 32),
    )
    return tuple(map(encode, asked))


def reads_requests(frame: bytes) -> None:
    """A frame is a message that is written again as it was read, or a WireError."""
    decoders: list[Any] = [request_decoder(), enrolment_decoder(), reply_decoder(), msgspec.json.Decoder(Update)]
    for decoder in decoders:
        with suppress(WireError):
            message = read(decoder, frame)
            assert read(decoder, msgspec.json.encode(message)) == message


def frames(samples: Iterable[bytes]) -> st.SearchStrategy[bytes]:
    """Bad frames."""
    known = list(samples)
    return st.one_of(changed_json(known), changed_bytes(known), st.binary(max_size=200))


def facts_of() -> ProfileFacts:
    """The profile of a terminal in the small meeting."""
    return ProfileFacts(
        meeting=MEETING,
        meeting_name="示例",
        addresses=("127.0.0.1",),
        port=7610,
        server_key=fixed_transport("server"),
        log_key=public_text(LOG),
        origin=ORIGIN,
        person="M02",
        role=Role.MEMBER,
    )


async def hear(frame: bytes) -> None:
    """Let a terminal in the middle of a meeting hear one bad frame, and then a good one."""
    keys = generate_device_keys()
    ear = Deaf()
    session = Session(zmq.asyncio.Context.instance(), facts_of(), keys, Memory(), ear)
    good = replies()
    session.take(good["welcome"])
    session.submit(CheckIn())
    for number in ("", "1"):
        with suppress(WireError):
            session.take(read(reply_decoder(), frame), number)
    with suppress(WireError):
        assert session.picture is not None
        update = read(msgspec.json.Decoder(Update), frame)
        session.show(updated(session.picture, update))
    session.take(good["again"])
    assert session.picture is not None
    for alarm in ear.alarms:
        worded(alarm)


def a_terminal_hears(frame: bytes) -> None:
    """No frame of a server ends a terminal's session."""
    asyncio.run(hear(frame))


@cache
def heard() -> tuple[bytes, ...]:
    """What a server says."""
    good = replies()
    welcome = good["welcome"].picture
    later = msgspec.structs.replace(welcome, sequence=4, closed=False, check_in=500, left="AQ==")
    return (*map(encode, good.values()), msgspec.json.encode(difference(welcome, later)))


# envelopes, leaves, receipts, notes


@cache
def envelopes() -> tuple[bytes, ...]:
    """The envelopes of the record."""
    entries = (record().entry(place) for place in range(len(record().leaves)))
    return tuple(msgspec.json.encode(one.envelope) for one in entries if one.envelope is not None)


def an_envelope_holds(content: bytes) -> None:
    """A changed envelope is refused, or says exactly what was signed."""
    try:
        envelope = msgspec.json.decode(content, type=Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    signed = {msgspec.json.decode(one, type=Envelope) for one in envelopes()}
    for key in scribe().keys.values():
        with suppress(EnvelopeError):
            verify_envelope(envelope, bytes(key.verify_key))
            assert envelope in signed


def a_leaf_has_one_form(content: bytes) -> None:
    """A leaf is what our encoder writes, or an EntryError."""
    try:
        entry = decode_entry(content)
    except EntryError as fault:
        worded(fault)
    else:
        assert encode_entry(entry) == content


def a_receipt_is_checked(content: bytes) -> None:
    """A receipt file is one, or a PinFormError; and a changed one proves nothing but itself."""
    try:
        found = parse_receipt_pin(content).receipt
    except PinFormError as fault:
        worded(fault)
        return
    good = ballot_receipt()
    envelope = record().entry(good.index).envelope
    assert envelope is not None
    with suppress(ReceiptError):
        check_receipt(found, envelope, bytes(LOG.verify_key), ORIGIN, None)
        assert (found.leaf, found.index) == (good.leaf, good.index)


def a_receipt_command_answers(content: bytes) -> None:
    """``pingyi receipt`` says in words what it finds, and ends with 0, 1 or 2."""
    with tempfile.TemporaryDirectory() as folder:
        kept, whole = Path(folder) / "receipt.json", Path(folder) / "record.zip"
        kept.write_bytes(content)
        whole.write_bytes(archive())
        done = CliRunner().invoke(receipt_command, [str(kept), "--record", str(whole)])
    assert done.exception is None or isinstance(done.exception, SystemExit | WordedError), done.exception
    assert done.exit_code in (0, 1, 2)
    assert not hidden_in(done.output)


def a_pin_is_read(text: str) -> None:
    """A key, a fingerprint or a note that somebody typed is one, or a PinFormError."""
    for parse in (parse_key_pin, parse_checkpoint_pin):
        try:
            parse(text)
        except PinFormError as fault:
            worded(fault)
    with suppress(CheckpointError):
        assert verify_checkpoint(text, bytes(LOG.verify_key), ORIGIN).note_body == "".join(text.splitlines(True)[:3])


def pins() -> st.SearchStrategy[str]:
    """Bad keys, codes and notes."""
    good = [*record().notes, public_text(LOG), "K7M2-Q9XD-4TRB-8W3F"]
    changed = changed_bytes([one.encode() for one in good]).map(lambda one: one.decode(errors="replace"))
    return st.one_of(changed, hostile_texts, st.text())


# records


def a_record_is_verified(content: bytes) -> None:
    """A changed record is not valid, for reasons in words, or no record."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.zip"
        path.write_bytes(content)
        try:
            report = verify_record(path)
        except NotARecordError as fault:
            worded(fault)
            return
    assert report.valid == (content == archive())
    for reason in report.reasons:
        for language in Language:
            assert reason.words(language)


def a_resigned_record_is_verified(leaves: tuple[bytes, ...]) -> None:
    """What a lying server writes and signs is followed to its end, or found out in words."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "record.zip"
        record().with_leaves(leaves).signed_again().write(path)
        report = verify_record(path)
    assert all(isinstance(reason.fault, RecordError) for reason in report.reasons)


@st.composite
def changed_leaves(draw: st.DrawFn) -> tuple[bytes, ...]:
    """The leaves of the record with one of them changed, dropped, doubled or moved."""
    leaves = list(record().leaves)
    place = draw(st.integers(0, len(leaves) - 1))
    match draw(st.sampled_from(("json", "json", "json", "bytes", "drop", "twice", "move"))):
        case "json":
            leaves[place] = draw(changed_json([leaves[place]])).replace(b"\n", b" ")
        case "bytes":
            leaves[place] = draw(changed_bytes([leaves[place]])).replace(b"\n", b" ")
        case "drop":
            del leaves[place]
        case "twice":
            leaves.insert(place, leaves[place])
        case _:
            leaves.append(leaves.pop(place))
    return tuple(leaves)


@st.composite
def changed_file(draw: st.DrawFn) -> bytes:
    """The archive in its one form, one of its files changed."""
    path = draw(st.just(archive()))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "record.zip"
        place.write_bytes(path)
        with zipfile.ZipFile(place) as opened:
            parts = {name: opened.read(name) for name in FILES}
        name = draw(st.sampled_from(FILES))
        is_json = name.endswith(".json")
        changed = changed_json([parts[name]]) if is_json and draw(st.booleans()) else changed_bytes([parts[name]])
        parts[name] = draw(changed)
        with place.open("wb") as file:
            writer = ArchiveWriter(file)
            for one, content in parts.items():
                writer.add(one, (content,))
            writer.finish()
        return place.read_bytes()


# codes, key files, profiles


@cache
def codes() -> tuple[bytes, ...]:
    """Good enrolment codes."""
    made = (
        EnrolmentCode(addresses, 7610, fixed_transport("server"), "M02", Role.MEMBER, bytes(range(12)))
        for addresses in (("127.0.0.1",), ("hall.example", "fe80::1"))
    )
    return tuple(code_text(one).encode() for one in made)


def a_code_is_read(text: str) -> None:
    """What was scanned is a code that is written the same again, or an EnrolmentCodeError that does not quote it."""
    try:
        code = parse_code(text)
    except EnrolmentCodeError as fault:
        worded(fault)
    else:
        assert parse_code(code_text(code)) == code


@cache
def key_file() -> bytes:
    """A key file without a PIN."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys.json"
        write_key_file(path, DeviceKeys(bytes(fixed_key("file")), generate_device_keys().transport))
        return path.read_bytes()


def a_key_file_is_read(content: bytes) -> None:
    """A key file gives the keys, or says that it is damaged."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys.json"
        path.write_bytes(content)
        try:
            assert read_key_file(path).signing_seed == bytes(fixed_key("file"))
        except (KeyFileError, WrongPinError) as fault:
            worded(fault)


@cache
def profile_file() -> bytes:
    """A profile's facts."""
    return msgspec.json.encode(facts_of())


def a_profile_is_read(content: bytes) -> None:
    """A profile is opened, or says that it is damaged; so is whatever else lies in its folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "profile.json").write_bytes(profile_file())
        for part in ("outbox", "receipts"):
            (folder / part).mkdir()
        for file in ("head.txt", f"outbox/{'0' * 32}.json", f"receipts/{'1' * 32}.json"):
            (folder / file).write_bytes(content)
        profile = Profile.load(folder)
        with suppress(ProfileError):
            profile.head()
        assert isinstance(profile.waiting(), list)
        profile.kept_receipts()
        (folder / "profile.json").write_bytes(content)
        try:
            Profile.load(folder)
        except ProfileError as fault:
            worded(fault)


def texts(samples: Callable[[], Iterable[bytes]]) -> st.SearchStrategy[str]:
    """Bad texts."""
    changed = st.deferred(lambda: changed_bytes(list(samples()))).map(lambda one: one.decode(errors="replace"))
    return st.one_of(changed, hostile_texts, st.text(max_size=200))


def later(make: Callable[[], st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Inputs whose samples are made when they are first needed."""
    return st.deferred(make)


def bad(samples: Callable[[], Iterable[bytes]]) -> st.SearchStrategy[bytes]:
    """Bad JSON."""
    return later(lambda: frames(samples()))


METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)

PROTOCOL = (
    Fuzz("wire", later(lambda: frames((*requests(), *heard()))), reads_requests, 400),
    Fuzz("terminal", bad(heard), a_terminal_hears, 300),
    Fuzz("envelope", bad(envelopes), an_envelope_holds),
    Fuzz("leaf", bad(lambda: record().leaves), a_leaf_has_one_form, 300),
    Fuzz("receipt", bad(lambda: (encode(ballot_receipt()),)), a_receipt_is_checked, 300),
    Fuzz("receipt-command", bad(lambda: (encode(ballot_receipt()),)), a_receipt_command_answers, 30),
    Fuzz("pin", later(pins), a_pin_is_read, 300),
    Fuzz("record-bytes", later(lambda: changed_bytes([archive()])), a_record_is_verified, 100),
    Fuzz("record-members", later(lambda: changed_members([archive()], METHODS)), a_record_is_verified, 60),
    Fuzz("record-files", changed_file(), a_record_is_verified, 60),
    Fuzz("record-leaves", changed_leaves(), a_resigned_record_is_verified, 100),
    Fuzz("code", texts(codes), a_code_is_read, 300),
    Fuzz("key-file", bad(lambda: (key_file(),)), a_key_file_is_read, 100),
    Fuzz("profile", bad(lambda: (profile_file(),)), a_profile_is_read, 150),
)
