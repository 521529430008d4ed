"""The loop of the meeting server: drain the sockets, admit, record, answer, publish."""

import asyncio
import logging
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import msgspec
import zmq
import zmq.asyncio

from pingyi_protocol.keys.enrolment_code import secret_hash
from pingyi_protocol.meeting.admission import device_of, read_command, read_newcomer, signed_by
from pingyi_protocol.meeting.commands import Enrol
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Device
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import restarted, timer
from pingyi_protocol.text import catalogue, language_of_locale
from pingyi_protocol.wire.messages import (
    LARGEST_REQUEST,
    BackstagePush,
    Cosign,
    Cosigned,
    EnrolRequest,
    Hello,
    Identity,
    Ping,
    Pong,
    Receipt,
    Refused,
    Reply,
    Request,
    Submit,
    WireError,
    WitnessRequest,
    enrolment_decoder,
    read,
    request_decoder,
)
from pingyi_protocol.wire.picture import Backstage, Picture, difference
from pingyi_server.gateway.answers import Answer, Post, WelcomeFrame, without_waiting
from pingyi_server.gateway.journal import NEWCOMER, owner_of
from pingyi_server.gateway.publisher import Projector, at_clock
from pingyi_server.gateway.recorder import Recorder, Submission
from pingyi_server.gateway.sockets import Sockets, answer_zap
from pingyi_server.gateway.witnesses import Witnesses
from pingyi_server.ledger.store import HeadMovedError, StoreError

log = logging.getLogger(__name__)

TICK_SECONDS = 0.05
"""How often the countdown is looked at and the picture goes out at the most: 20 times a second."""

RETRY_SECONDS = 1.0
"""How long a store that fails is left alone before it is tried again."""

DEFINITION_SECONDS = 0.9
"""How seldom a device is sent the definition at the most; one that misses it asks again every second."""

MOST_DRAINED = 256
SILENT_SECONDS = 6.0
"""A terminal that has said nothing for this long has lost its link; it pings every second."""

BACKSTAGE_ROLES = frozenset({Role.CHAIR, Role.CLERK, Role.SCRUTINEER})


@dataclass(frozen=True)
class Letter:
    """One message from an enrolled device: where to answer, the sender's number of it, and its bytes."""

    route: bytes
    number: bytes
    device: Device
    body: bytes


class MeetingServer:
    """Serves one ledger on bound sockets until told to stop."""

    def __init__(self, context: zmq.asyncio.Context, sockets: Sockets, recorder: Recorder) -> None:
        """Take what ``bind_sockets`` and the ledger gave."""
        self.context = context
        self.sockets = sockets
        self.recorder = recorder
        self.verifiers = ThreadPoolExecutor(2, thread_name_prefix="verifier")
        self.projector = Projector(secrets.token_hex(4))
        self.witnesses = Witnesses(recorder.ledger)
        self.shown: Picture | None = None
        self.behind: Backstage | None = None
        self.told: dict[str, float] = {}
        self.told_operator: StoreError | None = None
        self.post = Post()
        self.routes: dict[str, bytes] = {}
        self.heard: dict[str, float] = {}
        self.known_devices: object = None
        self.by_transport: dict[str, str] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set; HeadMovedError when another server writes to the same ledger."""
        await self.recorder.record_own(lambda meeting, _at: restarted(meeting))
        self.publish()
        loops = [
            self.listen(),
            self.take_newcomers(),
            self.tick(),
            self.sockets.introduction.answer(),
            answer_zap(self.sockets.zap, self.admit),
            stop.wait(),
        ]
        tasks = [asyncio.create_task(one) for one in loops]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.verifiers.shutdown()
        # whatever ended a loop ends the server, in the open
        for task in done:
            task.result()

    def admit(self, transport_key: str) -> str | None:
        """Return the device of this transport key, if it may connect."""
        devices = self.recorder.meeting.devices
        if devices is not self.known_devices:
            self.known_devices = devices
            self.by_transport = {one.transport_key: one.id for one in devices.values() if not one.revoked}
        return self.by_transport.get(transport_key)

    async def listen(self) -> None:
        """Take all that waits on the meeting socket, a batch at a time."""
        socket = self.sockets.meeting
        while True:
            messages = await drained(socket)
            letters = [letter for frames in messages if (letter := self.opened(socket, frames)) is not None]
            await self.answer_all(socket, letters)

    def opened(self, socket: zmq.asyncio.Socket, frames: list[zmq.Frame]) -> Letter | None:
        """Return the letter in these frames; a sender who may no longer speak is told so."""
        if len(frames) != 3:  # noqa: PLR2004 - route, number, body
            return None
        route, number, body = frames
        device = self.recorder.meeting.devices.get(sender(body))
        if device is None or device.revoked:
            reason = Reason.DEVICE_UNKNOWN if device is None else Reason.DEVICE_REVOKED
            self.recorder.refusals.note(NEWCOMER if device is None else owner_of(device), "message", reason)
            self.post.send(socket, route.bytes, number.bytes, Refused("", Refusal(reason)))
            return None
        self.routes[device.id] = route.bytes
        self.heard[device.id] = time.monotonic()
        return Letter(route.bytes, number.bytes, device, body.bytes)

    async def answer_all(self, socket: zmq.asyncio.Socket, letters: list[Letter]) -> None:
        """Answer pings and hellos at once, and commands when they are durable."""
        submitted: list[tuple[Letter, Submit]] = []
        cosigned: list[tuple[Letter, Cosign]] = []
        for letter in letters:
            request = decoded(letter)
            if isinstance(request, Submit):
                submitted.append((letter, request))
            elif isinstance(request, Cosign):
                cosigned.append((letter, request))
            else:
                self.post.send(socket, letter.route, letter.number, self.reply(request, letter.device.id))
            if isinstance(request, Hello) and self.behind and letter.device.principal.role in BACKSTAGE_ROLES:
                self.post.send(socket, letter.route, b"", BackstagePush(self.behind))
        if cosigned:
            await self.keep_cosignatures(socket, cosigned)
        if submitted:
            admitted = await self.admitted(submitted)
            waiting = [(letter, one) for letter, one in admitted if isinstance(one, Submission)]
            for letter, one in admitted:
                if isinstance(one, Refusal):
                    self.recorder.refusals.note(owner_of(letter.device), "Submit", one.reason)
                    self.post.send(socket, letter.route, letter.number, Refused("", one))
            answers = await self.recorder.record([one for _, one in waiting])
            for (letter, _), answer in zip(waiting, answers, strict=True):
                self.post.send(socket, letter.route, letter.number, answer)

    async def keep_cosignatures(self, socket: zmq.asyncio.Socket, cosigned: list[tuple[Letter, Cosign]]) -> None:
        """Check cosignatures, keep them beside the log, and only then say so."""
        answers: list[tuple[Letter, Reply]] = []
        fresh: dict[tuple[int, str], tuple[int, str, str]] = {}
        for letter, request in cosigned:
            found = self.witnesses.check(letter.device, request)
            if isinstance(found, Refusal):
                self.recorder.refusals.note(owner_of(letter.device), "Cosign", found.reason)
            answers.append((letter, Refused("", found) if isinstance(found, Refusal) else Cosigned(request.size)))
            if isinstance(found, tuple):
                fresh[found[:2]] = found
        if fresh and self.recorder.failing:
            return
        if fresh:
            try:
                await self.recorder.in_writer(lambda: self.recorder.ledger.store.cosign(list(fresh.values())))
            except StoreError as fault:
                # they will come again
                self.recorder.note_failure(fault)
                return
            self.witnesses.kept |= fresh.keys()
        for letter, answer in answers:
            self.post.send(socket, letter.route, letter.number, answer)

    def reply(self, request: Hello | Ping | WitnessRequest | Refusal, device: str) -> Answer:
        """Answer what needs no record."""
        if isinstance(request, Refusal):
            self.recorder.refusals.note(f"device={device}", "message", request.reason)
            return Refused("", request)
        if isinstance(request, WitnessRequest):
            return self.witnessed(request)
        picture, clock = self.shown or self.publish(), self.recorder.clock.at()
        if isinstance(request, Ping):
            return Pong(clock, picture.epoch, picture.sequence)
        # exactly what the others were shown: the next update tells only what changed since then
        wanted = request.definition != picture.definition and self.may_be_told(device)
        return WelcomeFrame(at_clock(picture, clock), self.projector.definition_frame if wanted else None)

    def may_be_told(self, device: str) -> bool:
        """Whether a device may have the definition now: it is large, and asking for it is easy."""
        now = time.monotonic()
        if now - self.told.get(device, -DEFINITION_SECONDS) < DEFINITION_SECONDS:
            return False
        self.told[device] = now
        return True

    def witnessed(self, request: WitnessRequest) -> Reply:
        """Answer a witness from the store; one that cannot be answered now asks again."""
        if not self.recorder.failing:
            try:
                return self.witnesses.answer(request)
            except StoreError as fault:
                # who may not speak before this answer would never let us find out by a command
                self.recorder.note_failure(fault)
        return Refused("", Refusal(Reason.UNAVAILABLE))

    async def admitted(self, submitted: list[tuple[Letter, Submit]]) -> list[tuple[Letter, Submission | Refusal]]:
        """Verify signatures on two threads, then decode what they cover."""
        half = (len(submitted) + 1) // 2
        loop = asyncio.get_running_loop()
        parts = [loop.run_in_executor(self.verifiers, verified, part) for part in (submitted[:half], submitted[half:])]
        refusals = [refusal for part in await asyncio.gather(*parts) for refusal in part]
        results: list[tuple[Letter, Submission | Refusal]] = []
        for (letter, request), refused in zip(submitted, refusals, strict=True):
            device = device_of(self.recorder.meeting, request.envelope)
            command = refused or (device if isinstance(device, Refusal) else read_command(request.envelope, device))
            admitted = command if isinstance(command, Refusal) else Submission(command, request.envelope, request.seen)
            results.append((letter, admitted))
        return results

    async def take_newcomers(self) -> None:
        """Answer the enrolment socket, one request after the other."""
        socket = self.sockets.enrolment
        while True:
            for frames in await drained(socket):
                if len(frames) == 3:  # noqa: PLR2004 - route, number, body
                    route, number, body = (frame.bytes for frame in frames)
                    self.post.send(socket, route, number, await self.enrolled(body))

    async def enrolled(self, body: bytes) -> Identity | Receipt | Refused:
        """Say which meeting this is, or enrol a device that knows a code's secret."""
        try:
            request = read(enrolment_decoder(), body)
        except WireError:
            return self.turned_away("message", Reason.MALFORMED)
        if not isinstance(request, EnrolRequest):
            return self.identity(request.code)
        command = read_newcomer(request.envelope, request.signing_key)
        if isinstance(command, Refusal):
            return self.turned_away("Enrol", command.reason)
        if not isinstance(command.body, Enrol) or not knows_secret(request.secret, command.body.code):
            return self.turned_away("Enrol", Reason.CODE_UNKNOWN, command.id)
        [answer] = await self.recorder.record([Submission(command, request.envelope, 0)])
        return answer

    def turned_away(self, what: str, reason: Reason, command: str = "") -> Refused:
        """Refuse a newcomer, of whom nothing is known that could be believed."""
        self.recorder.refusals.note(NEWCOMER, what, reason)
        return Refused(command, Refusal(reason))

    def identity(self, code: str) -> Identity | Refused:
        """Return which meeting this is, and whom the code with this hash is for."""
        meeting = self.recorder.meeting
        if meeting.definition is None:
            return Refused("", Refusal(Reason.NOTHING_LOADED))
        whom = meeting.codes.get(code)
        if whom is None:
            return Refused("", Refusal(Reason.CODE_UNKNOWN))
        return Identity(meeting.id, meeting.definition.meeting.name, meeting.origin, meeting.log_key, *whom)

    async def tick(self) -> None:
        """End countdowns and let terminals see what is new, at most 20 times a second."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.tell_operator()
            if self.recorder.failing:
                # everybody hears it before anybody waits for the store
                self.publish()
                await asyncio.sleep(RETRY_SECONDS)
            try:
                await self.recorder.record_own(timer)
            except HeadMovedError:
                raise
            except StoreError:
                log.debug("nothing is recorded until the store works again")
            self.publish()
            self.push_backstage()

    def tell_operator(self) -> None:
        """Log that the store fails, and what mends it, once until it works again."""
        fault = self.recorder.fault
        if (fault is None) == (self.told_operator is None):
            return
        self.told_operator, language = fault, language_of_locale()
        words = catalogue("pingyi_server", language)
        if fault is None:
            log.info("%s", words("serve.store_works"))
        else:
            log.error("%s", words("serve.store_failed", cause=fault.cause(language)))

    def current(self, sequence: int) -> Picture:
        """Return the picture of the durable state now."""
        recorder = self.recorder
        picture = self.projector.picture(recorder.meeting, recorder.ledger.fingerprint, recorder.clock.at(), sequence)
        head = msgspec.structs.replace(picture.head, root=recorder.ledger.root)
        return msgspec.structs.replace(picture, head=head, recording=not recorder.failing, watch=self.witnesses.watch())

    def publish(self) -> Picture:
        """Broadcast what changed since the last time, if anything did."""
        shown = self.shown
        if shown is not None and self.is_current(shown):
            return shown
        picture = self.current(shown.sequence + 1 if shown else 0)
        self.shown = picture
        if shown is not None:
            without_waiting(self.sockets.broadcast, [msgspec.json.encode(difference(shown, picture))])
        return picture

    def is_current(self, shown: Picture) -> bool:
        """Whether nothing has changed since this picture."""
        return shown.head.size == self.recorder.meeting.size and shown.recording is not self.recorder.failing

    def push_backstage(self) -> None:
        """Send chair, clerk and scrutineers what only they see, when it changed."""
        meeting = self.recorder.meeting
        alive = time.monotonic() - SILENT_SECONDS
        speaking = [meeting.devices[one] for one, heard in self.heard.items() if heard > alive]
        members = (one.principal.person for one in speaking if one.principal.role is Role.MEMBER)
        backstage = self.projector.backstage(meeting, members)
        if backstage == self.behind:
            return
        self.behind = backstage
        for device in speaking:
            if device.principal.role in BACKSTAGE_ROLES and not device.revoked:
                self.post.send(self.sockets.meeting, self.routes[device.id], b"", BackstagePush(backstage))


async def drained(socket: zmq.asyncio.Socket) -> list[list[zmq.Frame]]:
    """Wait for a message and return it with those that wait behind it, up to a batch."""
    messages = [await socket.recv_multipart(copy=False)]
    with suppress(zmq.Again):
        while len(messages) < MOST_DRAINED:
            messages.append(await socket.recv_multipart(zmq.NOBLOCK, copy=False))
    return messages


def sender(frame: zmq.Frame) -> str:
    """Return the id of the device that the library says sent this, "" where it says none."""
    try:
        return str(frame.get("User-Id"))
    except zmq.ZMQError:
        return ""


def decoded(letter: Letter) -> Request | Refusal:
    """Return the request in a letter, or why it is none."""
    if len(letter.body) > LARGEST_REQUEST and letter.device.principal.role is not Role.CLERK:
        return Refusal(Reason.MALFORMED)
    try:
        return read(request_decoder(), letter.body)
    except WireError:
        return Refusal(Reason.MALFORMED)


def verified(submitted: list[tuple[Letter, Submit]]) -> list[Refusal | None]:
    """Check each signature against the device of the connection; runs on a thread of its own."""
    return [
        signed_by(request.envelope, letter.device.signing_key)
        if request.envelope.key == letter.device.id
        else Refusal(Reason.DEVICE_UNKNOWN)
        for letter, request in submitted
    ]


def knows_secret(secret: str, code: str) -> bool:
    """Whether this hex text is the secret behind an enrolment code."""
    try:
        found = secret_hash(bytes.fromhex(secret))
    except ValueError:
        return False
    return secrets.compare_digest(found.encode(), code.encode())
