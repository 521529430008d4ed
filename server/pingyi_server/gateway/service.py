"""The loop of the meeting server: drain the sockets, admit, record, answer, publish."""

import asyncio
import logging
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import msgspec
import zmq
import zmq.asyncio

from pingyi_protocol.meeting.admission import device_of, read_command, signed_by
from pingyi_protocol.meeting.commands import Cast, CastSecret, Command, OpenPart
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Device
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import restarted, timer
from pingyi_protocol.text import catalogue, language_of_locale
from pingyi_protocol.wire.messages import (
    BackstagePush,
    CallRecess,
    Cosign,
    Cosigned,
    Hello,
    Ping,
    Pong,
    ReadRecord,
    Refused,
    Reply,
    Request,
    Submit,
    WireError,
    WitnessRequest,
    read,
    request_decoder,
)
from pingyi_protocol.wire.picture import Backstage, Picture, difference
from pingyi_server.exports.running import Exporter
from pingyi_server.gateway.answers import Answer, Post, WelcomeFrame
from pingyi_server.gateway.broadcast import Broadcast
from pingyi_server.gateway.door import Door
from pingyi_server.gateway.inlet import Inlet, Parcel
from pingyi_server.gateway.journal import NEWCOMER, Excesses, owner_of
from pingyi_server.gateway.limits import Limits
from pingyi_server.gateway.newcomers import Newcomers
from pingyi_server.gateway.office import Desk, Errand
from pingyi_server.gateway.publisher import Projector, adds_ballots, at_clock
from pingyi_server.gateway.recess import Recess
from pingyi_server.gateway.recorder import Recorder, Submission
from pingyi_server.gateway.roll import BACKSTAGE_ROLES, WATCHING_ROLES, Roll
from pingyi_server.gateway.seats import Route, Seats, Verdict
from pingyi_server.gateway.sockets import BROADCAST, ENROLMENT, MEETING, OFFICE, Sockets, answer_zap
from pingyi_server.gateway.traffic import Traffic
from pingyi_server.gateway.unsealing import Unsealing
from pingyi_server.gateway.witnesses import Witnesses
from pingyi_server.ledger.store import HeadMovedError, StoreError

log = logging.getLogger(__name__)

TICK_SECONDS = 0.05
"""How often the countdown is looked at and the picture goes out at the most: 20 times a second."""

RETRY_SECONDS = 1.0
"""How long a store that fails is left alone before it is tried again."""

EACH_SECONDS = 0.0001
"""How long a terminal's part in a broadcast is rested from while only ballots come: five times what it takes."""

MOST_READINGS = 64
"""Questions of scrutineers for leaves of the record that wait; who is passed over asks again."""

DEFINITION_SECONDS = 0.9
"""How seldom a device is sent the definition at the most; one that misses it asks again every second."""

UNHEARD = {Verdict.ELSEWHERE: Reason.SESSION_ELSEWHERE, Verdict.TAKEN_OVER: Reason.SESSION_TAKEN_OVER}
"""Why the session of a device is not listened to."""


@dataclass(frozen=True)
class Letter:
    """One message from an enrolled device: where to answer, the sender's number of it, and its bytes."""

    route: Route
    number: bytes
    device: Device
    body: bytes


class MeetingServer:
    """Serves one ledger on bound sockets until told to stop."""

    def __init__(
        self,
        context: zmq.asyncio.Context,
        sockets: Sockets,
        recorder: Recorder,
        limits: Limits | None = None,
        exporter: Exporter | None = None,
    ) -> None:
        """Take what ``bind_sockets`` and the ledger gave, and the limits that the sockets were bound with.

        Without an ``exporter`` the clerk's console gets no exports.
        """
        self.context = context
        self.sockets = sockets
        self.recorder = recorder
        self.verifiers = ThreadPoolExecutor(2, thread_name_prefix="verifier")
        self.projector = Projector(secrets.token_hex(4))
        self.witnesses = Witnesses(recorder.ledger)
        self.unsealing = Unsealing(recorder, self.witnesses)
        self.shown: Picture | None = None
        self.behind: Backstage | None = None
        self.told: dict[str, float] = {}
        self.told_operator: StoreError | None = None
        self.limits = limits or Limits()
        self.excesses = Excesses()
        self.seats = Seats(self.limits.silent_seconds)
        self.roll = Roll(self.seats, self.limits.silent_seconds)
        self.rested = 0.0
        self.traffic = Traffic(sockets, self.limits, self.excesses)
        self.door = Door(
            self.limits, lambda: recorder.meeting, recorder.refusals, self.excesses, cut=self.traffic.cut_all
        )
        self.broadcast = Broadcast(sockets.broadcast, self.limits.queued_broadcasts)
        self.teller = ThreadPoolExecutor(1, thread_name_prefix="broadcast")
        self.post = Post(sockets.doors, self.excesses)
        self.desk = Desk(recorder, self.seats, self.witnesses, self.post, exporter)
        self.recess = Recess()
        self.readings: asyncio.Queue[tuple[Letter, ReadRecord]] = asyncio.Queue(MOST_READINGS)
        self.newcomers = Newcomers(recorder, self.door, self.post, Inlet(ENROLMENT, sockets.enrolment, self.traffic))

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until ``stop`` is set; HeadMovedError when another server writes to the same ledger."""
        await self.recorder.record_own(lambda meeting, _at: restarted(meeting))
        self.publish()
        loops = [
            self.listen(Inlet(MEETING, self.sockets.meeting, self.traffic)),
            self.listen(Inlet(OFFICE, self.sockets.office, self.traffic)),
            self.newcomers.listen(),
            self.traffic.watch(self.door.punish),
            self.telling(),
            self.tick(),
            self.unsealing.run(),
            self.unsealing.take_parts(),
            self.read_out(),
            self.sockets.introduction.answer(),
            answer_zap(self.sockets.zap, self.door.admit),
            stop.wait(),
        ]
        tasks = [asyncio.create_task(one) for one in loops]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.unsealing.close()
            self.close()
        # whatever ended a loop ends the server, in the open
        for task in done:
            task.result()

    def close(self) -> None:
        """Stop what runs beside the loop; the sockets are still whoever's who bound them."""
        self.broadcast.stop()
        self.teller.shutdown()
        self.verifiers.shutdown()
        self.desk.close()

    async def listen(self, inlet: Inlet) -> None:
        """Take all that waits on the socket of an inlet, a batch at a time."""
        while True:
            self.post.attended.discard(inlet.door)
            parcels = await inlet.drained()
            self.post.attended.add(inlet.door)
            letters = [letter for one in parcels if (letter := self.opened(inlet, one)) is not None]
            await self.answer_all(letters)

    def opened(self, inlet: Inlet, parcel: Parcel) -> Letter | None:
        """Return the letter in a parcel; a sender who is not listened to is told so, as often as he may ask."""
        route = Route(inlet.door, parcel.route, parcel.device)
        live = self.seats.is_live(parcel.device, route)
        # the clerk issues a code to everybody at once
        if inlet.door != OFFICE and not self.door.takes(parcel.device, parcel.address, parcel.cost, live=live):
            if self.door.bans_device(parcel.device, parcel.address):
                inlet.end(parcel)
            return None
        if not parcel.whole:
            return None
        number, device = parcel.number.bytes, self.recorder.meeting.devices.get(parcel.device)
        refused = self.refused(device, route)
        if device is None or refused is not None:
            reason = refused or Reason.DEVICE_UNKNOWN
            who = NEWCOMER if device is None else owner_of(device)
            # keys that were copied, or a terminal that was carried off, are found by where they are
            self.recorder.refusals.note(f"{who} address={parcel.address}", "message", reason)
            self.post.send(route, number, Refused("", Refusal(reason)))
            return None
        return Letter(route, number, device, parcel.body.bytes)

    def refused(self, device: Device | None, route: Route) -> Reason | None:
        """Why a device, or this session of it, is not listened to, if so; who has to leave for it is told."""
        if device is None:
            return Reason.DEVICE_UNKNOWN
        if device.revoked:
            return Reason.DEVICE_REVOKED
        now = time.monotonic()
        if route.door == OFFICE:
            # several commands of the clerk at a time, on the machine that holds the keys
            self.seats.take(device.id, route, now)
            return None
        verdict, ousted = self.seats.hear(device.id, route, now, pinned=device.pinned, stands=self.still_stands)
        if ousted is not None:
            self.post.send(ousted, b"", Refused("", Refusal(Reason.SESSION_TAKEN_OVER)))
            log.warning("another session of %s has taken over", owner_of(device))
        return UNHEARD.get(verdict)

    def still_stands(self, route: Route) -> bool:
        """Whether there is still a connection to the session there."""
        return self.post.reaches(route, b"", self.pong())

    async def answer_all(self, letters: list[Letter]) -> None:
        """Answer pings and hellos at once, and commands when they are durable."""
        submitted: list[tuple[Letter, Submit]] = []
        cosigned: list[tuple[Letter, Cosign]] = []
        for letter in letters:
            request = decoded(letter.body)
            self.desk.hear(letter.device, letter.route)
            if isinstance(request, Submit):
                submitted.append((letter, request))
            elif isinstance(request, Cosign):
                cosigned.append((letter, request))
            else:
                self.answer_at_once(letter, request)
        if cosigned:
            await self.keep_cosignatures(cosigned)
        if submitted:
            waiting: list[tuple[Letter, Submission]] = []
            for letter, one in await self.admitted(submitted):
                if isinstance(one, Refusal):
                    self.recorder.refusals.note(owner_of(letter.device), "Submit", one.reason)
                    self.post.send(letter.route, letter.number, Refused("", one))
                elif isinstance(one.command.body, OpenPart):
                    self.unsealing.take(one, partial(self.post.send, letter.route, letter.number))
                else:
                    waiting.append((letter, one))
            answers = await self.recorder.record([one for _, one in waiting])
            for (letter, _), answer in zip(waiting, answers, strict=True):
                self.post.send(letter.route, letter.number, answer)

    def answer_at_once(
        self, letter: Letter, request: Hello | Ping | WitnessRequest | ReadRecord | CallRecess | Errand | Refusal
    ) -> None:
        """Answer what needs no record, and tell whoever says hello what only they see."""
        if isinstance(request, Errand):
            self.post.send(letter.route, letter.number, self.desk.reply(request, letter.device, letter.route))
            return
        if isinstance(request, CallRecess):
            refused = self.recess.call(request, letter.device, self.recorder.meeting)
            self.post.send(letter.route, letter.number, Refused("", refused) if refused else self.pong())
            return
        if isinstance(request, ReadRecord):
            if letter.device.principal.role is Role.SCRUTINEER:
                with suppress(asyncio.QueueFull):
                    self.readings.put_nowait((letter, request))
            else:
                self.post.send(letter.route, letter.number, Refused("", Refusal(Reason.NOT_ALLOWED)))
            return
        self.post.send(letter.route, letter.number, self.reply(request, letter.device.id))
        if isinstance(request, Hello):
            if self.behind and letter.device.principal.role in BACKSTAGE_ROLES:
                self.post.send(letter.route, b"", BackstagePush(self.behind))
            self.desk.greet(letter.device, letter.route)

    async def keep_cosignatures(self, cosigned: list[tuple[Letter, Cosign]]) -> None:
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
            self.witnesses.kept |= {head: line for head, (_, _, line) in fresh.items()}
        for letter, answer in answers:
            self.post.send(letter.route, letter.number, answer)

    def reply(self, request: Hello | Ping | WitnessRequest | Refusal, device: str) -> Answer:
        """Answer what needs no record."""
        if isinstance(request, Refusal):
            self.recorder.refusals.note(f"device={device}", "message", request.reason)
            return Refused("", request)
        if isinstance(request, WitnessRequest):
            return self.witnessed(request)
        if isinstance(request, Ping):
            return self.pong()
        picture, clock = self.shown or self.publish(), self.recorder.clock.at()
        # exactly what the others were shown: the next update tells only what changed since then
        wanted = request.definition != picture.definition and self.may_be_told(device)
        return WelcomeFrame(at_clock(picture, clock), self.projector.definition_frame if wanted else None)

    def pong(self) -> Pong:
        """Return the meeting's clock and where the broadcasts stand."""
        picture = self.shown or self.publish()
        return Pong(self.recorder.clock.at(), picture.epoch, picture.sequence)

    def may_be_told(self, device: str) -> bool:
        """Whether a device may have the definition now: it is large, and asking for it is easy."""
        now = time.monotonic()
        if now - self.told.get(device, -DEFINITION_SECONDS) < DEFINITION_SECONDS:
            return False
        self.told[device] = now
        return True

    async def read_out(self) -> None:
        """Answer scrutineers who read the record, one after the other: thousands of ballots take a while."""
        while True:
            letter, request = await self.readings.get()
            self.post.send(letter.route, letter.number, await self.read(request))

    async def read(self, request: ReadRecord) -> Reply:
        """Give a scrutineer leaves from the store; one that cannot be answered now asks again."""
        if not self.recorder.failing:
            try:
                return await self.witnesses.part(request.first)
            except StoreError as fault:
                self.recorder.note_failure(fault)
        return Refused("", Refusal(Reason.UNAVAILABLE))

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
            ballot = isinstance(command, Command) and isinstance(command.body, Cast | CastSecret)
            if ballot and not self.door.takes_ballot(letter.device.id):
                continue
            admitted = command if isinstance(command, Refusal) else Submission(command, request.envelope, request.seen)
            results.append((letter, admitted))
        return results

    async def tick(self) -> None:
        """End countdowns and let terminals see what is new, at most 20 times a second."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.tell_operator()
            self.door.let_go()
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
            self.desk.push()

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
        return msgspec.structs.replace(
            picture,
            head=head,
            recording=not recorder.failing,
            watch=self.witnesses.watch(),
            recess=self.recess.stands(recorder.meeting),
        )

    def publish(self) -> Picture:
        """Broadcast what changed since the last time, if anything did."""
        shown = self.shown
        if shown is not None and self.is_current(shown):
            return shown
        picture, now = self.current(shown.sequence + 1 if shown else 0), time.monotonic()
        if shown is not None and now < self.rested and adds_ballots(shown, picture):
            # ballots are counted for chair and hall at once; everybody hears as often as the network bears it
            self.tell_near(msgspec.structs.replace(picture, sequence=shown.sequence))
            return shown
        self.shown, self.rested = picture, now + EACH_SECONDS * len(self.seats.seats)
        if shown is not None:
            self.tell_all(msgspec.json.encode(difference(shown, picture)))
        return picture

    def tell_near(self, picture: Picture) -> None:
        """Show a picture to those who watch the count: a snapshot until the next update, which goes on from there."""
        frame = WelcomeFrame(picture, None)
        self.roll.call(self.recorder.meeting, time.monotonic())
        for device in self.roll.devices(WATCHING_ROLES):
            self.post.send(self.seats.route_of(device), b"", frame)

    async def telling(self) -> None:
        """Send what everybody is told, on its thread, and take from there what subscribers say."""
        loop = asyncio.get_running_loop()

        def heard(descriptor: int, device: str, word: bytes) -> None:
            loop.call_soon_threadsafe(self.judge_subscriber, descriptor, device, word)

        await loop.run_in_executor(self.teller, self.broadcast.run, heard)

    def judge_subscriber(self, descriptor: int, device: str, word: bytes) -> None:
        """Turn away a subscriber that says anything but what every one says."""
        one = self.traffic.subscriber_said(descriptor, device, word)
        if one is not None:
            self.door.punish(one)
        elif self.door.has_left(device):
            # revoked after the door let it in, and before it said anything
            self.traffic.cut_one(BROADCAST, descriptor, device)

    def tell_all(self, update: bytes) -> None:
        """Tell everybody; who misses it asks for a new picture."""
        if not self.broadcast.tell(update):
            self.excesses.note("subscribers", "queued_broadcasts", "an update is not sent")

    def is_current(self, shown: Picture) -> bool:
        """Whether nothing has changed since this picture."""
        meeting = self.recorder.meeting
        beside = (shown.recording, shown.recess) == (not self.recorder.failing, self.recess.stands(meeting))
        return beside and shown.head.size == meeting.size

    def push_backstage(self) -> None:
        """Send chair, clerk and scrutineers what only they see, when it changed."""
        meeting = self.recorder.meeting
        self.roll.call(meeting, time.monotonic())
        members, openers = self.roll.people(Role.MEMBER), self.roll.people(Role.SCRUTINEER, revoked=False)
        backstage = self.projector.backstage(meeting, members, self.desk.calls, openers)
        if backstage == self.behind:
            return
        self.behind = backstage
        told = self.roll.devices(BACKSTAGE_ROLES)
        for route in {*(self.seats.route_of(device) for device in told), *self.desk.open_consoles()}:
            self.post.send(route, b"", BackstagePush(backstage))


def decoded(body: bytes) -> Request | Refusal:
    """Return the request in a message, or why it is none."""
    try:
        return read(request_decoder(), body)
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
