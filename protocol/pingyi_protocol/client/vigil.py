"""When a session asks its witness's questions, and what it does with the answers."""

import asyncio
import logging
import random
import secrets
import time
from collections.abc import Callable, Iterator

import msgspec

from pingyi_protocol.client.keeping import Keeping, Listener
from pingyi_protocol.client.witness import Haste, Testimony, Witness
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.meeting.admission import decode_command
from pingyi_protocol.meeting.commands import (
    Cast,
    CastSecret,
    CheckIn,
    Command,
    CountersignCode,
    CountersignContinuation,
    DeclareContinuation,
    HandInReceipt,
    KeptReceipt,
)
from pingyi_protocol.record.receipt import ReceiptError, entry_of
from pingyi_protocol.wire.envelope import Envelope
from pingyi_protocol.wire.messages import Cosign, Cosigned, Receipt, Witnessed, WitnessRequest
from pingyi_protocol.wire.picture import Picture, Watch

log = logging.getLogger(__name__)

ANSWER_SECONDS = 2.0
"""A question without an answer is asked again after so long."""

MOST_QUESTIONS = 8
"""Unanswered questions that are remembered."""

SPREAD_SECONDS = 3.0
"""Over how long, on the average, the terminals of a small hall spread the proofs of what they were shown."""

EACH_SECONDS = 0.002
"""Over how long for each member the terminals of a hall spread their cosignatures.

They do not all come at once, and where few are present no result waits for them.
"""

TURN_SECONDS = 0.01
"""How long a member's terminal has for itself when all of them prove what they were shown."""

LOSSES = frozenset({"witness.rolled_back", "witness.forked", "witness.fewer"})
"""What an older copy looks like; the server says itself when one was put in place and waits for signatures."""

KEPT = (Cast, CastSecret, CheckIn)
"""What is sent again to an older copy of the record, with the same bytes."""

UNPROVEN = (DeclareContinuation, CountersignContinuation, CountersignCode)
"""What is said of an older copy cannot wait until the record goes on from the newer head that the sender saw.

Nor can the word that lets in the terminal of a scrutineer who is to sign it.
"""


class Vigil:
    """One session's watch over the record. ``alarm`` is what does not fit now, None when all is well."""

    def __init__(
        self,
        facts: ProfileFacts,
        keys: DeviceKeys,
        keeping: Keeping,
        listener: Listener,
        send: Callable[[WitnessRequest | Cosign, str], bool],
    ) -> None:
        """Take up what was kept; raises what ``Witness`` does."""
        self.witness = Witness(facts, keys, keeping)
        self.keeping = keeping
        self.listener = listener
        self.send = send
        self.alarm: ReceiptError | None = None
        self.epoch = ""
        self.due = 0.0
        self.haste = Haste.NOW
        self.members = 0
        """How many people the meeting has, among whom turns are taken."""
        self.watched: Watch | None = None
        self.hurried = asyncio.Event()
        """Set when something is to be asked at ``due`` that is not to wait until it is time to look again."""
        self.questions: dict[str, WitnessRequest] = {}
        """What was asked and not answered, by the number that its answer bears."""

    def doubt(self) -> None:
        """Believe nothing before the record is proved again: who answers next may have another one."""
        self.witness.doubt()
        self.due = 0.0

    def meet(self, picture: Picture) -> None:
        """Note what is shown, and question at once another run of the server, or one that is heard again."""
        self.witness.see(picture)
        if picture.epoch != self.epoch:
            self.epoch = picture.epoch
            self.witness.doubt()
            self.due = 0.0
        if not self.witness.sure or picture.watch != self.watched:
            self.watched = picture.watch
            self.look(picture)

    def look(self, picture: Picture | None) -> None:
        """Ask for proof that the record goes on, or for what is to be cosigned, when it is time."""
        question = None if picture is None else self.witness.question(picture)
        if question is None:
            self.due = 0.0
            return
        request, haste = question
        if haste is not self.haste:
            self.haste, self.due = haste, 0.0
        now = time.monotonic()
        if haste is not Haste.NOW and not self.due:
            # the whole hall saw the same picture at the same moment
            self.due = now + self.wait(haste)
            if haste is Haste.SOON:
                self.hurried.set()
        elif now >= self.due and self.ask(request):
            self.due = now + ANSWER_SECONDS

    def left(self) -> float:
        """Return for how many seconds it is too early for the next question."""
        return max(0.0, self.due - time.monotonic())

    def wait(self, haste: Haste) -> float:
        """Return for how many seconds this terminal waits until it asks what every other one may ask too.

        In turns it asks once in as many seconds as all members have together, on the average.
        """
        turns = max(SPREAD_SECONDS, TURN_SECONDS * self.members)
        span = (0.0, EACH_SECONDS * self.members) if haste is Haste.SOON else (turns / 2, 3 * turns / 2)
        return random.uniform(*span)  # noqa: S311 - to spread load, not to hide

    def ask(self, request: WitnessRequest) -> bool:
        """Send a question under a number of its own, so that no answer is held against another question."""
        number = secrets.token_hex(4)
        if not self.send(request, number):
            return False
        while len(self.questions) >= MOST_QUESTIONS:
            self.questions.pop(next(iter(self.questions)))
        self.questions[number] = request
        return True

    def take(self, reply: Witnessed | Cosigned, number: str, picture: Picture) -> list[tuple[Command, Envelope]]:
        """Act on the answer to question ``number``; what does not fit is shouted.

        Returns the commands to be sent again, if any.
        """
        if isinstance(reply, Cosigned):
            self.witness.cosigned(reply.size)
            return []
        asked = self.questions.pop(number, None)
        if asked is None:
            return []
        try:
            testimony = self.witness.take(reply, asked, picture.epoch)
        except ReceiptError as fault:
            waiting = picture.watch.continuing is not None and fault.key in LOSSES
            self.shout(ReceiptError("witness.restored", seen=self.witness.size) if waiting else fault)
            return []
        if testimony is None:
            return []
        self.due = 0.0
        again = self.go_on(testimony) if testimony.continued is not None else []
        if self.alarm is not None and self.witness.sure:
            self.alarm = None
            self.listener.alarm_lifted()
        if testimony.cosignature is not None and self.send(testimony.cosignature, ""):
            self.due = time.monotonic() + ANSWER_SECONDS
        elif self.witness.sure:
            # what is proved now may be newer than the picture, which follows; until then it is not asked for again
            self.haste, self.due = Haste.NOW, time.monotonic() + ANSWER_SECONDS
        self.look(picture)
        return again

    def go_on(self, testimony: Testimony) -> list[tuple[Command, Envelope]]:
        """Go on from an older copy, as chair and scrutineer have signed; return what it may lack."""
        again: list[tuple[Command, Envelope]] = []
        for receipt in sorted(self.receipts(), key=lambda one: one.index):
            envelope = entry_of(receipt).envelope
            command = decode_command(envelope) if envelope else None
            if envelope is None or not isinstance(command, Command) or not isinstance(command.body, KEPT):
                continue
            # on the disk before the shorter record is believed; the server answers what it still has with a new receipt
            self.keeping.keep(command.id, msgspec.json.encode(envelope))
            again.append((command, envelope))
        self.witness.go_on(testimony)
        return again

    def shout(self, fault: ReceiptError) -> None:
        """Raise the alarm, once for each thing that does not fit, and believe nothing until it fits."""
        self.witness.doubt()
        if self.alarm is None or self.alarm.key != fault.key:
            self.alarm = fault
            self.listener.alarm_raised(fault)

    def loss_of(self, refused: Command) -> HandInReceipt | None:
        """Return what puts a refused ballot's loss on the record, if there is a receipt for it."""
        if not isinstance(refused.body, Cast | CastSecret):
            return None
        for receipt in self.receipts():
            if receipt.command == refused.id:
                return HandInReceipt(KeptReceipt(receipt.index, receipt.leaf, receipt.proof, receipt.checkpoint))
        return None

    def receipts(self) -> Iterator[Receipt]:
        """Yield the kept receipts; one that cannot be read is logged and left out, the record still holds its leaf."""
        for text in self.keeping.kept_receipts():
            try:
                receipt = msgspec.json.decode(text, type=Receipt)
                entry_of(receipt)
            except (
                ValueError,
                RecursionError,
                ReceiptError,
            ) as fault:  # msgspec's own errors and bytes that are no UTF-8
                log.warning("a kept receipt cannot be read: %s", fault)
            else:
                yield receipt
