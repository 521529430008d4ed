"""The one way to change a meeting: decide, append durably, and only then answer and let others see."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from pingyi_protocol.meeting.admission import device_of
from pingyi_protocol.meeting.commands import Command, CreateMeeting, Enrol
from pingyi_protocol.meeting.decide import decide
from pingyi_protocol.meeting.events import Event
from pingyi_protocol.meeting.evolve import evolve
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import timer
from pingyi_protocol.record.entry import Entry, decode_entry, encode_entry
from pingyi_protocol.record.merkle import MerkleLog
from pingyi_protocol.wire.envelope import Envelope
from pingyi_protocol.wire.messages import Receipt, Refused
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.continuing import held_back, is_waiting
from pingyi_server.gateway.journal import NEWCOMER, Refusals, kind_of, recorded, sender_of, traced
from pingyi_server.gateway.pace import Pace
from pingyi_server.gateway.secret_rounds import other_head
from pingyi_server.ledger.ledger import Batch, Ledger
from pingyi_server.ledger.store import HeadMovedError, Restored, StoreError

log = logging.getLogger(__name__)

Result = TypeVar("Result")
Cause: TypeAlias = Callable[[Meeting, int], Event | None]


@dataclass(frozen=True)
class Submission:
    """An admitted command, the exact envelope it came in, and the size of the head that its sender holds."""

    command: Command
    envelope: Envelope
    seen: int


@dataclass
class Draft:
    """A batch in the making: the state that its entries lead to, and the commands behind them by leaf.

    ``log`` has the leaves before it, where there are any.
    """

    meeting: Meeting
    at: int
    time: str
    restored: Restored | None = None
    log: MerkleLog | None = None
    entries: list[Entry] = field(default_factory=list)
    commands: dict[int, Command] = field(default_factory=dict)

    def take(self, submission: Submission) -> int | Refusal:
        """Decide one command; return the index of its leaf, also where it was accepted before, or its refusal."""
        command = submission.command
        earlier = self.meeting.commands.get(command.id)
        if earlier is not None:
            return earlier
        if not isinstance(command.body, CreateMeeting | Enrol):
            # admitted a moment ago, but an enrolment may have come between
            device = device_of(self.meeting, submission.envelope)
            if isinstance(device, Refusal):
                return device
        refused = held_back(self.restored, self.meeting, command.body) or other_head(self.log, command.body)
        outcome = refused or decide(self.meeting, command, self.at)
        if isinstance(outcome, Refusal):
            return outcome
        self.commands[self.meeting.size] = command
        return self.add(outcome, submission.envelope, command.id)

    def add(self, event: Event, envelope: Envelope | None, command: str) -> int:
        """Put an event into the batch and return the index of its leaf."""
        index = self.meeting.size
        self.meeting = evolve(self.meeting, event, self.at, command)
        self.entries.append(Entry(index, self.at, self.time, envelope, event))
        return index

    def add_own(self, cause: Cause) -> None:
        """Put what the clock or a restart brings about now into the batch, if anything."""
        event = cause(self.meeting, self.at)
        if event is not None and not is_waiting(self.restored, self.meeting):
            self.add(event, None, "")


class Recorder:
    """Takes admitted commands one batch after the other into the ledger.

    When the store fails, everything in the batch is refused as unavailable, and so is whatever comes, at once,
    until ``record_own`` finds that the store works again; that first finds out what it has really kept. Nothing
    is lost that was ever answered. ``doubt`` is the batch of which it is not known whether it was kept, ``fault``
    why the store fails, None while it works.
    """

    def __init__(self, ledger: Ledger, clock: MeetingClock) -> None:
        """Write to ``ledger`` by ``clock``."""
        self.ledger = ledger
        self.clock = clock
        self.turn = asyncio.Lock()
        self.writer = ThreadPoolExecutor(1, thread_name_prefix="ledger-writer")
        self.doubt: Batch | None = None
        self.fault: StoreError | None = None
        self.refusals = Refusals()
        self.pace = Pace()

    @property
    def failing(self) -> bool:
        """Whether nothing is accepted because the store failed."""
        return self.fault is not None

    @property
    def meeting(self) -> Meeting:
        """The durable state."""
        return self.ledger.meeting

    async def record(self, submissions: Sequence[Submission]) -> list[Receipt | Refused]:
        """Return the answer to each submission, in order; what has a receipt is durable.

        HeadMovedError when another server writes to the same ledger: nothing can be recorded any more.
        """
        async with self.turn:
            if self.failing:
                # waiting for a broken store would keep everybody from hearing that it is broken
                return [unavailable(one) for one in submissions]
            try:
                await self.resolve_doubt()
                draft = self.draft()
                # the end of a countdown comes before whatever comes after it
                draft.add_own(timer)
                outcomes = [decided(draft, submission) for submission in submissions]
                await self.keep(draft)
                earlier = await self.earlier_leaves(outcomes, draft.meeting.size - len(draft.entries))
                return [self.answer(*pair, draft, earlier) for pair in zip(submissions, outcomes, strict=True)]
            except HeadMovedError:
                raise
            except StoreError as fault:
                self.note_failure(fault)
                return [unavailable(one) for one in submissions]

    async def record_own(self, cause: Cause) -> None:
        """Record what the clock or a restart brings about now, if anything; StoreError when it cannot be kept.

        While the store fails this tries it, and takes submissions again when it works.
        """
        if not self.failing and self.doubt is None and cause(self.meeting, self.clock.at()) is None:
            return
        async with self.turn:
            try:
                await self.resolve_doubt()
                self.fault = None
                draft = self.draft()
                draft.add_own(cause)
                await self.keep(draft)
            except HeadMovedError:
                raise
            except StoreError as fault:
                self.note_failure(fault)
                raise

    def draft(self) -> Draft:
        """Begin a batch now."""
        return Draft(self.meeting, self.clock.at(), self.clock.label(), self.ledger.restored, self.ledger.log)

    async def keep(self, draft: Draft) -> None:
        """Append a batch; when this returns, it is durable. StoreError leaves it in doubt."""
        if not draft.entries:
            return
        batch = self.ledger.prepare(draft.meeting, draft.entries)
        append = self.ledger.store.append
        begun = time.monotonic()
        try:
            # the point of no return: nobody is answered and nothing is shown before this commit
            await self.in_writer(lambda: append(batch.size, batch.leaves, batch.note))
        except (StoreError, asyncio.CancelledError):
            self.doubt = batch
            raise
        ended = time.monotonic()
        self.pace.note(ended, ended - begun)
        self.ledger.accept(batch)
        for entry in draft.entries:
            log.info("%s", recorded(entry, draft.commands.get(entry.index)))

    async def resolve_doubt(self) -> None:
        """After a failed commit, find out whether it was kept; StoreError when that cannot be told."""
        store, batch = self.ledger.store, self.doubt
        if self.failing or batch is not None:
            # only when the store can be written to, nothing of ours is on its way any more
            refused = 0 if batch is None else sum(len(leaf) for leaf in batch.leaves)
            await self.in_writer(lambda: store.probe(refused))
        if batch is None:
            return
        # the signed head tells it: another writer's batch could be just as long
        if await self.in_writer(store.note) == batch.note:
            self.ledger.accept(batch)
        elif await self.in_writer(store.size) == batch.size:
            self.ledger.abandon(batch)
        else:
            raise HeadMovedError("store.head_moved", size=batch.size)
        self.doubt = None

    def note_failure(self, fault: StoreError) -> None:
        """Accept nothing until the store works again."""
        self.fault = fault

    async def in_writer(self, work: Callable[[], Result]) -> Result:
        """Run blocking work on the writer's thread."""
        return await asyncio.get_running_loop().run_in_executor(self.writer, work)

    async def earlier_leaves(self, outcomes: Sequence[int | Refusal], first: int) -> Mapping[int, bytes]:
        """Return the leaves before ``first`` that repeated commands ask about; none when the store fails."""
        wanted = {one for one in outcomes if not isinstance(one, Refusal) and one < first}
        if not wanted:
            return {}
        read = self.ledger.store.leaf
        try:
            return await self.in_writer(lambda: {index: read(index) for index in wanted})
        except StoreError as fault:
            # the batch before us is kept, and its senders hear so
            self.note_failure(fault)
            return {}

    def answer(
        self, submission: Submission, outcome: int | Refusal, draft: Draft, earlier: Mapping[int, bytes]
    ) -> Receipt | Refused:
        """Return a receipt for what is on the record, for a repeated command as for the first."""
        command = submission.command
        if isinstance(outcome, Refusal):
            return self.refused(submission, outcome)
        first = draft.meeting.size - len(draft.entries)
        if outcome >= first:
            entry = draft.entries[outcome - first]
            leaf = encode_entry(entry)
        elif outcome in earlier:
            leaf = earlier[outcome]
            entry = decode_entry(leaf)
        else:
            return unavailable(submission)
        if entry.envelope != submission.envelope:
            return self.refused(submission, Refusal(Reason.COMMAND_ID_TAKEN))
        return self.ledger.receipt(command, outcome, leaf, submission.seen)

    def refused(self, submission: Submission, refusal: Refusal) -> Refused:
        """Return a refusal, and let the log say who was refused what."""
        command = submission.command
        # whoever holds some card may sign an enrolment in anybody's name: it is a claim until it is on the record
        claimed = f"{NEWCOMER} claims=" if isinstance(command.body, Enrol) else ""
        who = f"{claimed}{sender_of(command)} device={submission.envelope.key}"
        self.refusals.note(who, kind_of(command), refusal.reason)
        return Refused(command.id, refusal)

    def close(self) -> None:
        """Let the writer finish and give the store back."""
        self.writer.shutdown()
        self.ledger.store.close()


def unavailable(submission: Submission) -> Refused:
    """Return the answer to what cannot be recorded now; its sender keeps it and sends it again."""
    return Refused(submission.command.id, Refusal(Reason.UNAVAILABLE))


def decided(draft: Draft, submission: Submission) -> int | Refusal:
    """Let a draft take one command; a fault of this program costs its sender the command, not all of us the meeting."""
    try:
        return draft.take(submission)
    except Exception as fault:  # noqa: BLE001 - logged and answered
        log.error("command %s could not be decided: %s", submission.command.id, traced(fault))  # noqa: TRY400 - see traced
        return Refusal(Reason.MALFORMED)
