"""What the readers of files and typed texts do with bad input: a value or a typed error."""

import tempfile
import zipfile
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec
from click.testing import CliRunner
from hypothesis import strategies as st

from kit.fuzz_samples import archive, bad, ballot_receipt, facts_of, later, record, texts, worded
from kit.fuzzing import Fuzz, changed_bytes, changed_json, changed_members, hostile_texts
from kit.hostile_texts import hidden_in
from kit.records import LOG, ORIGIN, fixed_key, fixed_transport
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
from pingyi_protocol.keys.profile import Profile, ProfileError
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.keys.transport import transport_key_bytes
from pingyi_protocol.keys.typed_code import TypedCode, groups_of, parse_typed, typed, wrong_groups
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.archive import ArchiveWriter
from pingyi_protocol.record.bundle import FILES, NotARecordError
from pingyi_protocol.record.checkpoint import CheckpointError, verify_checkpoint
from pingyi_protocol.record.pins import PinFormError, parse_checkpoint_pin, parse_key_pin, parse_receipt_pin
from pingyi_protocol.record.receipt import ReceiptError, check_receipt
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.wire.introduction import introduced_key, introduction
from pingyi_protocol.wire.messages import (
    WireError,
    encode,
)
from pingyi_protocol.wording import WordedError


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


@cache
def codes() -> tuple[bytes, ...]:
    """Good enrolment codes."""
    made = (
        EnrolmentCode(addresses, 7610, fixed_transport("server"), "M02", Role.MEMBER, bytes(range(12)))
        for addresses in (("127.0.0.1",), ("hall.example", "fe80::1"))
    )
    return tuple(code_text(one).encode() for one in made)


def framed(body: bytes) -> str:
    """A code with this body and a checksum that fits, as whoever knows the format could make it."""
    body = body[:255]
    whole = body + sha256(b"pingyi enrolment code/1\n" + bytes((len(body),)) + body).digest()[:4]
    digits = str(int.from_bytes(whole, "big")).zfill(len(str(256 ** len(whole) - 1)))
    return f"91{len(body):03}{digits}"


def bodies() -> st.SearchStrategy[str]:
    """Codes whose checksum fits and whose body is bad."""
    good = parse_code(codes()[0].decode())
    person = good.person.encode()
    key = transport_key_bytes(good.server_key)
    body = (7610).to_bytes(2, "big") + key + good.secret + bytes((0, len(person))) + person + b"\x01\x04\x7f\0\0\x01"
    assert parse_code(framed(body)) == good
    return (changed_bytes([body]) | st.binary(max_size=255)).map(framed)


def a_typed_code_is_read(text: str) -> None:
    """What was typed is a code, or an EnrolmentCodeError; its groups can be told from each other."""
    try:
        wrong_groups(groups_of(text))
        assert isinstance(parse_typed(text), TypedCode)
    except EnrolmentCodeError as fault:
        worded(fault)


def an_introduction_is_read(line: bytes) -> None:
    """What a server says first is its key in the one form, or a WireError."""
    with suppress(WireError):
        assert introduction(introduced_key(line)) == line


def typed_codes() -> list[bytes]:
    """Good codes as people type them."""
    text = typed(parse_code(codes()[0].decode()))
    assert text is not None
    return [text.encode(), text.replace(" ", "").encode()]


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


METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)

FILES_READ = (
    Fuzz("receipt", bad(lambda: (encode(ballot_receipt()),)), a_receipt_is_checked, 300),
    Fuzz("receipt-command", bad(lambda: (encode(ballot_receipt()),)), a_receipt_command_answers, 30),
    Fuzz("pin", later(pins), a_pin_is_read, 300),
    Fuzz("record-bytes", later(lambda: changed_bytes([archive()])), a_record_is_verified, 100),
    Fuzz("record-members", later(lambda: changed_members([archive()], METHODS)), a_record_is_verified, 60),
    Fuzz("record-files", changed_file(), a_record_is_verified, 60),
    Fuzz("record-leaves", changed_leaves(), a_resigned_record_is_verified, 100),
    Fuzz("code", texts(codes), a_code_is_read, 300),
    Fuzz("code-body", later(bodies), a_code_is_read, 300),
    Fuzz("typed-code", texts(typed_codes), a_typed_code_is_read, 300),
    Fuzz(
        "introduction", later(lambda: changed_bytes([introduction(fixed_transport("server"))])), an_introduction_is_read
    ),
    Fuzz("key-file", bad(lambda: (key_file(),)), a_key_file_is_read, 100),
    Fuzz("profile", bad(lambda: (profile_file(),)), a_profile_is_read, 150),
)
