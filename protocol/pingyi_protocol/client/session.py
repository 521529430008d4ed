"""A terminal's session: it holds the picture of the meeting and gets commands on record, whatever the link does."""

import asyncio
import logging
import secrets
import time
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
import zmq
import zmq.asyncio

from pingyi_protocol.client.keeping import ANSWERED, UNHEARD, Keeping, Link, Listener
from pingyi_protocol.client.key_watch import KeyWatch
from pingyi_protocol.client.outbox import Outstanding, taken_up
from pingyi_protocol.client.sealing import Sealer
from pingyi_protocol.client.sockets import connect, connect_to, watch_line
from pingyi_protocol.client.vigil import UNPROVEN, Vigil
from pingyi_protocol.hidden import shown
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.keys.signing import SigningKey, parse_public_key
from pingyi_protocol.meeting.commands import Body, Command
from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.soundness import findings_of
from pingyi_protocol.record.checkpoint import Checkpoint
from pingyi_protocol.record.receipt import ReceiptError, check_receipt
from pingyi_protocol.wire.envelope import seal
from pingyi_protocol.wire.fitting import check_backstage, check_office, check_picture
from pingyi_protocol.wire.messages import (
    AdditionRead,
    AnswerCall,
    BackstagePush,
    Call,
    Called,
    CallRecess,
    Cosigned,
    Hello,
    OfficePush,
    Ping,
    Pong,
    ReadAddition,
    ReadRecord,
    Receipt,
    RecordPart,
    Refused,
    Reply,
    Request,
    StartExport,
    Submit,
    Welcome,
    WireError,
    Witnessed,
    encode,
    read,
    reply_decoder,
)
from pingyi_protocol.wire.office import Office
from pingyi_protocol.wire.picture import Backstage, Picture, Update, digest, updated

# what a user of a session needs comes with it
__all__ = ["Keeping", "Link", "Listener", "Outstanding", "Session"]

log = logging.getLogger(__name__)

BROADCAST_OFFSET = 1
"""The broadcast socket's port, counted from the meeting's."""

PING_SECONDS = 1.0
RETRY_SECONDS = 0.1
SILENT_SECONDS = 3.5
"""Without a word from the server for this long the link is lost."""

RESEND_SECONDS = 2.0

READ_SECONDS = 5.0
"""Leaves of the record that have not come after so long are asked for again."""

LOOPBACK = "127.0.0.1"
ROUTE_MARK, ROUTE_BYTES = b"s", 15
"""A routing id begins with any byte but 0; nobody else can guess the others, and take the place of this session."""

ADDRESS_SECONDS = 5.0
"""Without a word from one of several addresses for this long the next is tried."""

WAITING = (Reason.CONTINUATION_NEEDED, Reason.CONTINUATION_PENDING)
"""A member's command waits until chair and scrutineer have signed."""


class Session:
    """One (person, role)'s session with one meeting server.

    ``picture``, ``definition``, ``backstage`` and ``desk`` (what only the clerk sees) are None until the server was
    heard, the last two for ever where this role does not see them. ``addition`` is the file of new items that the clerk
    had read last. ``calling``: this seat's call to the clerk stands.
    ``given_up`` are commands of an earlier start that were not answered then and are not sent again; they may be on the
    record. Run it as a task.
    """

    def __init__(
        self,
        context: zmq.asyncio.Context,
        facts: ProfileFacts,
        keys: DeviceKeys,
        keeping: Keeping,
        listener: Listener,
        office: int | None = None,
    ) -> None:
        """Prepare; nothing is sent before ``run``. Raises what ``Witness`` does when what is kept is damaged.

        ``office`` is the port, beside the meeting's, where a server on this very machine takes the clerk's requests.
        """
        self.context = context
        self.facts = facts
        self.keys = keys
        self.keeping = keeping
        self.listener = listener
        self.signing_key = SigningKey(keys.signing_seed)
        self.log_key = parse_public_key(facts.log_key)
        self.vigil = Vigil(facts, keys, keeping, listener, self.send)
        self.key_watch = KeyWatch()
        self.sealer = Sealer(facts.origin, bytes(self.signing_key.verify_key))
        self.picture: Picture | None = None
        self.definition: Definition | None = None
        self.known = ""  # the SHA-256 of the definition that is held, as pictures name it
        self.backstage: Backstage | None = None
        self.desk: Office | None = None
        self.addition: AdditionRead | None = None
        self.calling = False
        self.link = Link.CONNECTING
        self.link_since = time.monotonic()
        self.pictured = 0.0
        self.heard = 0.0
        self.asked = 0.0
        self.outstanding, self.given_up = taken_up(keeping)
        self.dealer: zmq.asyncio.Socket | None = None
        self.answers: dict[str, asyncio.Future[Receipt | Refusal]] = {}
        self.readings: dict[str, asyncio.Future[RecordPart]] = {}
        self.office = office
        # the same over every connection: so the server tells a terminal that connects again from another with its keys
        self.route = ROUTE_MARK + secrets.token_bytes(ROUTE_BYTES)

    async def run(self) -> None:
        """Talk to the server until cancelled."""
        facts, transport = self.facts, self.keys.transport
        addresses, port = (facts.addresses, facts.port) if self.office is None else ((LOOPBACK,), self.office)
        self.dealer = connect(self.context, zmq.DEALER, addresses, port, facts.server_key, transport, self.route)
        subscriber = connect(
            self.context, zmq.SUB, facts.addresses, facts.port + BROADCAST_OFFSET, facts.server_key, transport
        )
        subscriber.subscribe(b"")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self.read_replies(self.dealer))
                tasks.create_task(self.read_broadcasts(subscriber))
                tasks.create_task(self.keep_alive())
                tasks.create_task(self.keep_watch())
                tasks.create_task(watch_line(self.dealer, lambda: self.set_link(Link.REVOKED)))
                tasks.create_task(watch_line(subscriber))
                tasks.create_task(self.try_addresses(self.dealer, subscriber))
        finally:
            self.dealer.close()
            subscriber.close()
            self.dealer = None

    @property
    def head(self) -> Checkpoint | None:
        """The newest head of the record that this terminal believes."""
        return self.vigil.witness.head

    def submit(self, body: Body) -> Command:
        """Sign a command, keep it on disk, and send it until it is answered; the listener hears the answer."""
        command = Command(
            meeting=self.facts.meeting,
            id=secrets.token_hex(16),
            person=self.facts.person,
            role=self.facts.role,
            issued=datetime.now(UTC).isoformat(timespec="milliseconds"),
            body=body,
        )
        envelope = seal(msgspec.json.encode(command), self.signing_key)
        self.keeping.keep(command.id, msgspec.json.encode(envelope))
        self.outstanding[command.id] = Outstanding(command, envelope)
        self.send_outstanding()
        return command

    async def ask(self, body: Body) -> Receipt | Refusal:
        """Submit a command and wait for its answer, however long the link is lost."""
        answer: asyncio.Future[Receipt | Refusal] = asyncio.get_running_loop().create_future()
        self.answers[self.submit(body).id] = answer
        return await answer

    def request(self, wanted: Call | CallRecess | AnswerCall | StartExport | ReadAddition) -> bool:
        """Ask for what is not on the record, and say whether it went out: who is not heard now asks again."""
        return self.link is Link.UP and self.send(wanted)

    async def read_record(self, first: int) -> RecordPart | None:
        """Return leaves from ``first`` on, as a scrutineer may read them; None where none come in time: ask again."""
        number = secrets.token_hex(4)
        answer: asyncio.Future[RecordPart] = asyncio.get_running_loop().create_future()
        self.readings[number] = answer
        try:
            if not self.send(ReadRecord(first), number):
                return None
            async with asyncio.timeout(READ_SECONDS):
                return await answer
        except TimeoutError:
            return None
        finally:
            del self.readings[number]

    def remaining(self) -> int | None:
        """Milliseconds left of the live round's countdown, by this machine's clock since it was last told."""
        picture = self.picture
        live = picture.live if picture else None
        if picture is None or live is None or live.remaining is None or live.phase not in LIVE:
            return None
        stands = live.phase is Phase.PAUSED or picture.watch.continuing is not None
        ran = 0 if stands else int(1000 * (time.monotonic() - self.pictured))
        return max(0, live.remaining - ran)

    def check_in_left(self) -> int | None:
        """Milliseconds left of the check-in's window, 0 once it is over; None before it opens, or without one."""
        if self.picture is None or (self.picture.check_in is None and not self.picture.check_in_over):
            return None
        return max(0, (self.picture.check_in or 0) - int(1000 * (time.monotonic() - self.pictured)))

    def lost_seconds(self) -> float:
        """How long the link has been in its present state."""
        return time.monotonic() - self.link_since

    async def read_replies(self, dealer: zmq.asyncio.Socket) -> None:
        """Take what the server answers."""
        while True:
            number, *body = await dealer.recv_multipart()
            try:
                reply = read(reply_decoder(), b"".join(body))
            except WireError as fault:
                log.warning("the server said what this version does not understand: %s", shown(str(fault)))
                continue
            answers = number.decode(errors="replace")
            if isinstance(reply, Refused) and not reply.command:
                # the server could not read the command's id, but it gives the request's number back
                reply = msgspec.structs.replace(reply, command=answers)
            self.take(reply, answers)

    async def read_broadcasts(self, subscriber: zmq.asyncio.Socket) -> None:
        """Take what the server tells everybody."""
        decoder = msgspec.json.Decoder(Update)
        while True:
            body = await subscriber.recv()
            if self.picture is None or self.link is Link.TAKEN_OVER:
                continue
            try:
                update = read(decoder, body)
            except WireError as fault:
                log.warning("the server told what this version does not understand: %s", shown(str(fault)))
                continue
            self.show(updated(self.picture, update))

    async def keep_alive(self) -> None:
        """Ping, notice silence, and send again what was not answered."""
        while True:
            sent = self.request_picture() if self.picture is None else self.send(Ping())
            silent = time.monotonic() - self.heard > SILENT_SECONDS
            if self.link in ANSWERED and (silent or not sent):
                self.set_link(Link.LOST)
            self.send_outstanding()
            if self.link is Link.UP:
                self.vigil.look(self.picture)
            # what went out gets its time to be answered: a server that has just come back is not to be flooded
            await asyncio.sleep(PING_SECONDS if sent else RETRY_SECONDS)

    async def keep_watch(self) -> None:
        """Ask what a result waits for when it is due: not only when a ping is."""
        while True:
            await self.vigil.hurried.wait()
            self.vigil.hurried.clear()
            await asyncio.sleep(self.vigil.left())
            if self.link is Link.UP:
                self.vigil.look(self.picture)

    async def try_addresses(self, dealer: zmq.asyncio.Socket, subscriber: zmq.asyncio.Socket) -> None:
        """While the server is not heard, try its addresses in turn."""
        addresses, port, tried = self.facts.addresses, self.facts.port, 0
        while len(addresses) > 1:
            await asyncio.sleep(ADDRESS_SECONDS)
            if time.monotonic() - self.heard >= ADDRESS_SECONDS:
                tried = (tried + 1) % len(addresses)
                connect_to(dealer, addresses[tried], port)
                connect_to(subscriber, addresses[tried], port + BROADCAST_OFFSET)

    def take(self, reply: Reply, number: str = "") -> None:
        """Act on one message of the server, the answer to request ``number`` where it is one."""
        self.heard = time.monotonic()
        if self.link is Link.TAKEN_OVER:
            return
        if isinstance(reply, Refused) and reply.refusal.reason in UNHEARD:
            self.set_link(UNHEARD[reply.refusal.reason])
            return
        self.come_up(reply)
        self.act(reply, number)

    def come_up(self, reply: Reply) -> None:
        """Go on where the link has been lost until now."""
        if self.link is not Link.UP:
            self.set_link(Link.UP)
            # what was told while the link was lost is not known: ask for all of it, and send what waits
            if not isinstance(reply, Welcome):
                self.asked = 0.0
                self.request_picture()
            self.send_outstanding(again=True)

    def act(self, reply: Reply, number: str) -> None:
        """Do what a message of the server is about."""
        match reply:
            case Welcome():
                self.welcome(reply)
            case Pong():
                self.compare(reply)
            case Receipt():
                self.settle(reply)
            case Refused():
                self.refused(reply)
            case Witnessed() | Cosigned() | RecordPart():
                self.testify(reply, number)
            case BackstagePush() if self.fits(reply.backstage, self.definition):
                self.backstage = reply.backstage
                self.listener.picture_changed()
            case OfficePush() if self.fits(reply.office, self.definition):
                self.desk = reply.office
                self.listener.picture_changed()
            case AdditionRead():
                self.addition = reply
                self.listener.picture_changed()
            case Called():
                self.calling = reply.waiting
                self.listener.picture_changed()
            case _:
                pass

    def welcome(self, reply: Welcome) -> None:
        """Take a snapshot, unless a newer update of the same run has come meanwhile."""
        held = self.picture
        # one that still stands is told right after this
        self.calling = False
        if held is not None and held.epoch == reply.picture.epoch and held.sequence > reply.picture.sequence:
            return
        if reply.definition is not None:
            if digest(reply.definition) != reply.picture.definition:
                self.listener.alarm_raised(ReceiptError("receipt.other_definition"))
                return
            wrong = findings_of(reply.definition)
            if wrong:
                # no server takes it from a clerk: screens need not know what to do with it
                log.warning("the server showed a definition that is unsound, and it is not shown: %s", wrong[0].code)
                return
            if not self.fits(reply.picture, reply.definition):
                return
            self.definition, self.known = reply.definition, reply.picture.definition
            self.vigil.members = len(reply.definition.roster)
        self.show(reply.picture)

    def compare(self, reply: Pong) -> None:
        """Ask for a snapshot when broadcasts must have been lost."""
        held = self.picture
        if held is None or held.epoch != reply.epoch or held.sequence < reply.sequence:
            self.request_picture()

    def show(self, picture: Picture | None) -> None:
        """Hold a new picture; without one, or without the definition that it names, ask."""
        if picture is None or picture.definition != self.known:
            # the held picture and the held definition always belong together
            self.request_picture()
            return
        if picture is self.picture:
            return
        if self.definition is None or not self.fits(picture, self.definition):
            self.request_picture()
            return
        try:
            self.key_watch.look(picture, self.definition)
        except ReceiptError as fault:
            # no ballot is sealed to a key that may be somebody else's
            self.listener.alarm_raised(fault)
            return
        self.picture = picture
        self.pictured = time.monotonic()
        self.asked = 0.0
        self.vigil.meet(picture)
        self.listener.picture_changed()

    def fits(self, shown: Picture | Backstage | Office, definition: Definition | None) -> bool:
        """Whether screens can show this with the definition; what they cannot is logged, and asked for again."""
        if definition is None:
            # the first answer is on its way, and brings it
            return False
        try:
            if isinstance(shown, Picture):
                check_picture(shown, definition)
            elif isinstance(shown, Backstage):
                check_backstage(shown, definition)
            else:
                check_office(shown, definition)
        except WireError as fault:
            log.warning("the server showed what does not fit, and it is not shown here: %s", fault)
            return False
        return True

    def request_picture(self) -> bool:
        """Ask for a snapshot, and for the definition if it is not the one held; say whether the question is out.

        A question that was asked lately is not asked again.
        """
        now = time.monotonic()
        if now - self.asked < PING_SECONDS:
            return True
        sent = self.send(Hello(self.known))
        if sent:
            self.asked = now
        return sent

    def testify(self, reply: Witnessed | Cosigned | RecordPart, number: str) -> None:
        """Let the vigil hold the server to what was seen, and send again what an older copy may lack."""
        if isinstance(reply, RecordPart):
            reading = self.readings.get(number)
            if reading is not None and not reading.done():
                reading.set_result(reply)
            return
        if self.picture is None:
            return
        for command, envelope in self.vigil.take(reply, number, self.picture):
            self.outstanding.setdefault(command.id, Outstanding(command, envelope))
        self.send_outstanding()

    def settle(self, receipt: Receipt) -> None:
        """Check a receipt, and only then believe it."""
        waiting = self.outstanding.get(receipt.command)
        if waiting is None:
            return
        seen = None if isinstance(waiting.command.body, UNPROVEN) else self.head
        try:
            head = check_receipt(receipt, waiting.envelope, self.log_key, self.facts.origin, seen)
        except ReceiptError as fault:
            if self.is_late(receipt, waiting):
                # nothing is believed before it is proved from the head that is held now
                waiting.sent = 0.0
                self.send_outstanding()
            else:
                self.listener.alarm_raised(fault)
            return
        if seen is self.head:
            self.vigil.witness.remember(head, receipt.checkpoint)
        self.keeping.settle(receipt.command, msgspec.json.encode(receipt))
        self.answered(waiting.command, receipt)

    def is_late(self, receipt: Receipt, waiting: Outstanding) -> bool:
        """Whether a receipt that does not go on from the present head does from one that the command was sent with."""
        for seen in waiting.seen:
            with suppress(ReceiptError):
                check_receipt(receipt, waiting.envelope, self.vigil.witness.log_key, self.facts.origin, seen)
                return True
        return False

    def refused(self, reply: Refused) -> None:
        """Put a refused command away; one that the server cannot take now is sent again later."""
        waiting = self.outstanding.get(reply.command)
        if waiting is None or reply.refusal.reason is Reason.UNAVAILABLE:
            return
        if self.facts.role is Role.MEMBER and reply.refusal.reason in WAITING:
            return
        loss = self.vigil.loss_of(waiting.command)
        if loss is not None:
            self.submit(loss)
        self.keeping.drop(reply.command, reply.refusal.reason)
        self.answered(waiting.command, reply.refusal)

    def answered(self, command: Command, answer: Receipt | Refusal) -> None:
        """Tell whoever waits."""
        del self.outstanding[command.id]
        self.listener.command_answered(command, answer)
        future = self.answers.pop(command.id, None)
        if future is not None and not future.done():
            future.set_result(answer)
        self.send_outstanding()

    def send_outstanding(self, *, again: bool = False) -> None:
        """Send the oldest command that waits, if it was not sent lately.

        One at a time: each receipt is proved from the head of the one before.
        """
        sure = self.vigil.witness.sure
        ready = (one for one in self.outstanding.values() if sure or isinstance(one.command.body, UNPROVEN))
        waiting = next(ready, None)
        now = time.monotonic()
        if waiting is not None and (again or now - waiting.sent > RESEND_SECONDS):
            submit = Submit(waiting.envelope, self.vigil.witness.size)
            if self.send(submit, waiting.command.id):
                waiting.sent = now
                if self.head not in waiting.seen:
                    waiting.seen.append(self.head)

    def send(self, request: Request, number: str = "") -> bool:
        """Send without waiting and say whether it went out; without a connection it does not."""
        if self.dealer is None or self.link is Link.TAKEN_OVER:
            return False
        # through the asyncio socket, which looks for input afterwards: a bare send can swallow its wake-up
        sending = asyncio.ensure_future(self.dealer.send_multipart([number.encode(), encode(request)], zmq.NOBLOCK))
        try:
            sending.result()
        except zmq.Again:
            return False
        return True

    def set_link(self, link: Link) -> None:
        """Tell the screen when the link's state changes."""
        if link is not self.link:
            self.link = link
            self.link_since = time.monotonic()
            if link is Link.LOST:
                self.vigil.doubt()
            self.listener.link_changed()
