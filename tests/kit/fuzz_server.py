"""What the server's own path does with bad input: frames and commands of insiders, newcomers, and the clerk's files."""

import asyncio
import logging
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import zmq.asyncio
from hypothesis import reject
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.exceptions import IllegalCharacterError

from kit.every_kind import hall
from kit.every_state import KINDS, NEWCOMER, Scene, State, lawful, scene
from kit.factories import live_rules, small_definition
from kit.fuzz_samples import frames, later, worded
from kit.fuzzing import TOKENS, Fuzz, changed_bytes, changed_json, changed_members, plausible_json
from kit.hall import free_port
from kit.hostile_texts import MARKUP, hidden_in
from kit.ledgers import LOG_KEY, submissions
from kit.playbook import ORIGIN, full_house, signing_key
from pingyi_protocol.keys.enrolment_code import secret_hash
from pingyi_protocol.keys.signing import SigningKey, key_id, public_text
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.meeting.admission import read_command
from pingyi_protocol.meeting.commands import MAY, Command, CreateMeeting, Enrol
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.model import Device, Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.entry import decode_entry, encode_entry
from pingyi_protocol.record.replay import follow
from pingyi_protocol.wire.envelope import Envelope, EnvelopeError, seal
from pingyi_protocol.wire.messages import (
    AnswerCall,
    Call,
    CallRecess,
    Cosign,
    EnrolRequest,
    Hello,
    Identity,
    IdentityRequest,
    Ping,
    ReadAddition,
    Refused,
    Request,
    StartExport,
    Submit,
    WitnessRequest,
    encode,
)
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.limits import LimitsError, read_limits
from pingyi_server.gateway.recorder import Draft, Recorder, Submission
from pingyi_server.gateway.seats import Route
from pingyi_server.gateway.service import Letter, MeetingServer, decoded, verified
from pingyi_server.gateway.sockets import bind_sockets
from pingyi_server.imports.counts import read_counts
from pingyi_server.imports.findings import MeetingFileError
from pingyi_server.imports.toml_file import meeting_of_toml, toml_of
from pingyi_server.imports.workbook import meeting_of_workbook
from pingyi_server.imports.workbook_writer import workbook_of
from pingyi_server.ledger.ledger import Ledger
from pingyi_server.ledger.memory_store import MemoryStore

STATES = (State.PENDING, State.OPEN, State.UNSIGNED, State.BY_HAND)
MEMBER = Principal("M02", Role.MEMBER)


def sealed(payload: bytes, key: SigningKey) -> Envelope:
    """What a hostile program signs: any text, and bytes that are none in a form that JSON has."""
    with suppress(EnvelopeError):
        return seal(payload, key)
    return seal(payload.decode(errors="replace").encode(), key)


# an insider's commands


@st.composite
def signed_commands(draw: st.DrawFn) -> tuple[Scene, Envelope]:
    """A command of any kind in some state of a meeting, changed, and signed by its sender's own device."""
    here = scene(draw(st.sampled_from(sorted(KINDS))), draw(st.sampled_from(STATES)), window=True)
    kinds = [kind for kind in MAY if kind not in (CreateMeeting, Enrol)]
    principal, body = draw(lawful(here, draw(st.sampled_from(kinds))))
    command = here.replayed().command(principal, body)
    good = msgspec.json.encode(command)
    payload = draw(st.one_of(*[plausible_json(good, "body")] * 4, changed_json([good])))
    return here, sealed(payload, here.book.keys[principal])


def an_insider_is_answered(given: tuple[Scene, Envelope]) -> None:
    """It is refused, or it leads to a leaf that the verifier bears out; it never trips the program."""
    here, envelope = given
    meeting = here.book.meeting
    device = meeting.devices[envelope.key]
    request = decoded(encode(Submit(envelope, 0)))
    if isinstance(request, Refusal):
        return  # larger than any request
    assert isinstance(request, Submit)
    [refused] = verified([(Letter(Route("meeting", b""), b"", device, b""), request)])
    assert refused is None
    command = read_command(request.envelope, device)
    if isinstance(command, Refusal):
        return
    assert (command.person, command.role) == device.principal
    draft = Draft(meeting, here.book.at, "")
    if isinstance(draft.take(Submission(command, request.envelope, 0)), Refusal):
        assert draft.meeting is meeting
        return
    for entry in draft.entries:
        meeting = follow(meeting, decode_entry(encode_entry(entry)))
    assert meeting == draft.meeting


# the whole server


class Caught(list[Any]):
    """Takes what the server sends in the place of its post."""

    def send(self, _route: Route, number: bytes, reply: Any) -> None:
        """Catch an answer; what comes unasked is none."""
        if number:
            self.append(reply)

    def reaches(self, *_: object) -> bool:
        """Everybody is there."""
        return True


class Errors(logging.Handler):
    """Fails when the server logs that something could not be decided."""

    def emit(self, record: logging.LogRecord) -> None:
        """Fail, unless it is only a word about a refusal."""
        assert record.levelno < logging.ERROR, record.getMessage()
        assert not hidden_in(record.getMessage())


@contextmanager
def watched() -> Iterator[None]:
    """Let the server log no error while the block runs."""
    log, errors = logging.getLogger("pingyi_server"), Errors()
    log.addHandler(errors)
    try:
        yield
    finally:
        log.removeHandler(errors)


class Inside:
    """A server with a meeting under way, and an event loop to ask it in."""

    def __init__(self) -> None:
        """Begin."""
        self.runner = asyncio.Runner()
        self.runner.run(self.begin())

    async def begin(self) -> None:
        """Let a meeting begin."""
        self.book = full_house(small_definition(5, rules=live_rules(seconds=None))).open("1")
        ledger = Ledger(MemoryStore(), LOG_KEY, ORIGIN)
        self.recorder = Recorder(ledger, MeetingClock(0))
        await self.recorder.record(submissions(self.book))
        context = zmq.asyncio.Context.instance()
        sockets = bind_sockets(context, generate_transport_keys(), "127.0.0.1", free_port())
        self.server = MeetingServer(context, sockets, self.recorder)
        # nothing goes through them here, and the next test of this process binds its own
        sockets.close()
        self.caught = Caught()
        self.server.post = self.server.desk.post = self.caught  # type: ignore[assignment]  # it does what a post does

    def device(self, principal: Principal) -> Device:
        """The device of somebody."""
        return self.recorder.meeting.devices[key_id(bytes(self.book.keys[principal].verify_key))]

    def ask(self, body: bytes) -> list[Any]:
        """What a member is answered to this frame."""
        self.caught.clear()
        letter = Letter(Route("meeting", b"r"), b"7", self.device(MEMBER), body)
        with watched():
            self.runner.run(self.server.answer_all([letter]))
        return list(self.caught)

    def enrol(self, body: bytes) -> Any:
        """What a newcomer is answered to this frame."""
        with watched():
            return self.runner.run(self.server.newcomers.enrolled(body))


@cache
def inside() -> Inside:
    """The one server."""
    return Inside()


def bad_frames() -> st.SearchStrategy[bytes]:
    """Bad requests of an enrolled device."""
    here = inside()
    envelopes = [entry.envelope for entry in here.book.entries if entry.envelope is not None]
    root = "A" * 43 + "="
    asked: tuple[Request, ...] = (
        Hello(""),
        Ping(),
        WitnessRequest(3, root, 0, (1, 2)),
        WitnessRequest(0, "", 5, ()),
        Cosign(3, "— x y"),
        Call(wanted=True),
        CallRecess(wanted=True),
        AnswerCall("M02"),
        StartExport(Language.CHINESE),
        ReadAddition("more.toml"),
    )
    return frames([*map(encode, asked), *(encode(Submit(one, 3)) for one in envelopes)])


def the_server_answers_once(body: bytes) -> None:
    """Whatever an enrolled device sends has one answer, and is recorded only if it was signed."""
    before = inside().recorder.meeting.size
    answers = inside().ask(body)
    assert len(answers) == 1
    assert isinstance(msgspec.json.encode(answers[0]), bytes)
    assert inside().recorder.meeting.size == before


SECRET = bytes(range(12))


@st.composite
def newcomers(draw: st.DrawFn) -> bytes:
    """A request to enrol, changed before or after it is signed, or none at all."""
    key, meeting = signing_key(NEWCOMER), inside().recorder.meeting.id
    body = Enrol(secret_hash(SECRET), public_text(key), generate_fixed(), pinned=False)
    command = msgspec.json.encode(Command(meeting, "0" * 32, "M04", Role.MEMBER, "", body))
    payload = draw(changed_json([command])) if draw(st.booleans()) else command
    request = encode(EnrolRequest(SECRET.hex(), public_text(key), sealed(payload, key)))
    return draw(frames([request, encode(IdentityRequest("00" * 32))]) | st.just(request))


@cache
def generate_fixed() -> str:
    """A transport key."""
    return generate_transport_keys().public


def a_newcomer_is_answered(body: bytes) -> None:
    """Nobody enrols who does not know a code that was issued."""
    answer = inside().enrol(body)
    assert isinstance(answer, Refused | Identity)
    assert isinstance(encode(answer), bytes)


# the clerk's files


@cache
def workbook() -> bytes:
    """A good workbook."""
    return workbook_of(hall(*KINDS.values()), Language.CHINESE)


@st.composite
def changed_cells(draw: st.DrawFn) -> bytes:
    """The workbook with some cells of any sheet replaced."""
    book = load_workbook(BytesIO(workbook()))
    for _ in range(draw(st.integers(1, 4))):
        page = draw(st.sampled_from(book.worksheets))
        cell = page.cell(draw(st.integers(1, page.max_row + 2)), draw(st.integers(1, page.max_column + 1)))
        with suppress(ValueError, AttributeError, IllegalCharacterError):  # what cannot be saved
            cell.value = draw(
                st.none()
                | st.booleans()
                | st.integers()
                | st.floats(allow_nan=False, allow_infinity=False)
                | st.dates()
                | st.datetimes()
                | st.times()
                | st.text(max_size=30)
                | st.sampled_from(
                    (MARKUP, "\u202e\u2066", "=1/0", "1/0", "1e9999", "9" * 400, "a\nb" * 500, "优秀 1e99")
                )
            )
    saved = BytesIO()
    try:
        book.save(saved)
    except (AttributeError, TypeError, ValueError):  # a value in the place of a formatted text
        reject()
    return saved.getvalue()


def described(fault: MeetingFileError) -> None:
    """All that is wrong is said in both languages, and commands no terminal."""
    assert fault.findings
    for language in Language:
        assert not any(map(hidden_in, fault.describe(language)))


def a_workbook_is_read(content: bytes) -> None:
    """It is a meeting, or findings."""
    try:
        found = meeting_of_workbook(content, "meeting.xlsx")
    except MeetingFileError as fault:
        described(fault)
    else:
        assert workbook_of(found.definition, Language.ENGLISH)


def a_toml_is_read(content: bytes) -> None:
    """It is a meeting, or findings."""
    try:
        found = meeting_of_toml(content, "meeting.toml")
    except MeetingFileError as fault:
        described(fault)
    else:
        assert meeting_of_toml(toml_of(found.definition, found.recusals), "again.toml") == found


@st.composite
def changed_toml(draw: st.DrawFn) -> bytes:
    """The meeting's file with some values replaced."""
    lines = toml_of(hall(*KINDS.values())).split(b"\n")
    values = (*TOKENS, b"nan", b"-inf", b"1979-05-27", b"07:32:00", b"{a=1}", b"[[1]]", b'"1/2"', b"1e400", b"0b1")
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(lines) - 1))
        name = lines[place].partition(b"=")[0]
        lines[place] = name + b"= " + draw(st.sampled_from(values))
    return b"\n".join(lines)


def counts_are_read(content: bytes) -> None:
    """Results by hand are counts, or findings."""
    definition = hall(*KINDS.values())
    with tempfile.TemporaryDirectory() as folder:
        for name in ("counts.csv", "counts.toml"):
            path = Path(folder) / name
            path.write_bytes(content)
            for item in definition.agenda:
                try:
                    read_counts(path, definition, item)
                except MeetingFileError as fault:
                    described(fault)


def limits_are_read(content: bytes) -> None:
    """They are limits, or what is wrong with them in words."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "limits.toml").write_bytes(content)
        try:
            read_limits(Path(folder))
        except LimitsError as fault:
            worded(fault)


COUNTS = (
    "target,answer,count\n文化和旅游局,90,3\n文化和旅游局,abstain,1\n".encode(),
    b"target,answer,count\r,for,2\r,against,1\r",
    '[[result]]\ntarget = "文化和旅游局"\nanswer = "90"\ncount = 3\n'.encode(),
    b'[[result]]\nanswer = "for"\ncount = 2\n',
)
LIMITS = (b"largest_request_kib = 64\nforwarders = ['127.0.0.1']\nsilent_seconds = 6.0\n",)
PACKINGS = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)

SERVER = (
    Fuzz("admission", signed_commands(), an_insider_is_answered, 500),
    Fuzz("server", later(bad_frames), the_server_answers_once, 300),
    Fuzz("newcomer", newcomers(), a_newcomer_is_answered, 200),
    Fuzz("workbook-bytes", later(lambda: changed_bytes([workbook()])), a_workbook_is_read, 60),
    Fuzz("workbook-parts", later(lambda: changed_members([workbook()], PACKINGS)), a_workbook_is_read, 60),
    Fuzz("workbook-cells", changed_cells(), a_workbook_is_read, 50),
    Fuzz("toml", changed_toml(), a_toml_is_read, 200),
    Fuzz("toml-bytes", later(lambda: changed_bytes([toml_of(hall(*KINDS.values()))])), a_toml_is_read, 100),
    Fuzz("counts", changed_bytes(COUNTS), counts_are_read, 100),
    Fuzz("limits", changed_bytes(LIMITS), limits_are_read, 100),
)
