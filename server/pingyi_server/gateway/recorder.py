"""The one way to change a meeting: decide, append durably, and only then answer and let others see."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from pingyi_protocol.meeting.commands import Command
from pingyi_protocol.meeting.decide import decide
from pingyi_protocol.meeting.events import Event
from pingyi_protocol.meeting.evolve import evolve
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.entry import Entry, decode_entry, encode_entry
from pingyi_protocol.wire.envelope import Envelope
from pingyi_protocol.wire.messages import Receipt, Refused
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.ledger.ledger import Batch, Ledger
from pingyi_server.ledger.store import HeadMovedError, StoreError

log = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Submission:
    """An admitted command, the exact envelope it came in, and the size of the head that its sender holds."""

    command: Command
    envelope: Envelope
    seen: int


@dataclass
class Draft:
    """A batch in the making: the state that its entries lead to, before anything is durable."""

    meeting: Meeting
    at: int
    time: str
    entries: list[Entry] = field(default_factory=list)

    def take(self, submission: Submission) -> int | Refusal:
        """Decide one command; return the index of its leaf, also where it was accepted before, or its refusal."""
        command = submission.command
        earlier = self.meeting.commands.get(command.id)
        if earlier is not None:
            return earlier
        outcome = decide(self.meeting, command, self.at)
        if isinstance(outcome, Refusal):
            return outcome
        return self.add(outcome, submission.envelope, command.id)

    def add(self, event: Event, envelope: Envelope | None, command: str) -> int:
        """Put an event into the batch and return the index of its leaf."""
        index = self.meeting.size
        self.entries.append(Entry(index, self.at, self.time, envelope, event))
        self.meeting = evolve(self.meeting, event, self.at, command)
        return index


class Recorder:
    """Takes admitted commands one batch after the other into the ledger.

    When the store fails, everything in the batch is refused as unavailable, nothing is lost that was ever
    answered, and the next batch first finds out what the store has really kept.
    """

    def __init__(self, ledger: Ledger, clock: MeetingClock) -> None:
        """Write to ``ledger`` by ``clock``."""
        self.ledger = ledger
        self.clock = clock
        self.turn = asyncio.Lock()
        self.writer = ThreadPoolExecutor(1, thread_name_prefix="ledger-writer")
        self.doubt: Batch | None = None

    @property
    def meeting(self) -> Meeting:
        """The durable state."""
        return self.ledger.meeting

    async def record(self, submissions: Sequence[Submission]) -> list[Receipt | Refused]:
        """Return the answer to each submission, in order; what has a receipt is durable."""
        async with self.turn:
            try:
                await self.resolve_doubt()
                draft = self.draft()
                outcomes = [draft.take(submission) for submission in submissions]
                await self.keep(draft)
                return [self.answer(*pair, draft) for pair in zip(submissions, outcomes, strict=True)]
            except HeadMovedError:
                raise
            except StoreError as fault:
                log.error("the store failed, nothing is accepted until it works again: %s", fault)  # noqa: TRY400 - the driver's own traceback helps nobody here
                return [Refused(one.command.id, Refusal(Reason.UNAVAILABLE)) for one in submissions]

    async def record_own(self, cause: Callable[[Meeting, int], Event | None]) -> None:
        """Record what the clock or a restart brings about now, if anything; StoreError when it cannot be kept."""
        if self.doubt is None and cause(self.meeting, self.clock.at()) is None:
            return
        async with self.turn:
            await self.resolve_doubt()
            draft = self.draft()
            event = cause(draft.meeting, draft.at)
            if event is not None:
                draft.add(event, None, "")
                await self.keep(draft)

    def draft(self) -> Draft:
        """Begin a batch now."""
        return Draft(self.meeting, self.clock.at(), self.clock.label())

    async def keep(self, draft: Draft) -> None:
        """Append a batch; when this returns, it is durable."""
        if not draft.entries:
            return
        batch = self.ledger.prepare(draft.meeting, draft.entries)
        append = self.ledger.store.append
        try:
            # the point of no return: nobody is answered and nothing is shown before this commit
            await self.in_writer(lambda: append(batch.size, batch.leaves, batch.note))
        except HeadMovedError:
            raise
        except StoreError:
            self.doubt = batch
            await self.resolve_doubt()
        else:
            self.ledger.accept(batch)
        for entry in draft.entries:
            log.info("%s", described(entry))

    async def resolve_doubt(self) -> None:
        """After a failed commit, find out whether it was kept; StoreError when it was not or cannot be told."""
        batch = self.doubt
        if batch is None:
            return
        size = await self.in_writer(self.ledger.store.size)
        self.doubt = None
        if size == batch.size + len(batch.leaves):
            self.ledger.accept(batch)
            return
        self.ledger.abandon(batch)
        if size != batch.size:
            raise HeadMovedError("store.head_moved", size=batch.size)

    async def in_writer(self, work: Callable[[], Result]) -> Result:
        """Run blocking work on the writer's thread."""
        return await asyncio.get_running_loop().run_in_executor(self.writer, work)

    def answer(self, submission: Submission, outcome: int | Refusal, draft: Draft) -> Receipt | Refused:
        """Return a receipt for what is on the record, for a repeated command as for the first."""
        command = submission.command
        if isinstance(outcome, Refusal):
            return Refused(command.id, outcome)
        first = draft.meeting.size - len(draft.entries)
        leaf = encode_entry(draft.entries[outcome - first]) if outcome >= first else self.ledger.store.leaf(outcome)
        if decode_entry(leaf).envelope != submission.envelope:
            return Refused(command.id, Refusal(Reason.COMMAND_ID_TAKEN))
        return self.ledger.receipt(command, outcome, leaf, submission.seen)

    def close(self) -> None:
        """Let the writer finish and give the store back."""
        self.writer.shutdown()
        self.ledger.store.close()


def described(entry: Entry) -> str:
    """Return a log line for an event: who and what, never a ballot's content, a key or a code."""
    parts = {name: getattr(entry.event, name, None) for name in ("person", "role", "item", "round", "seat")}
    shown = " ".join(f"{name}={value}" for name, value in parts.items() if value is not None)
    return f"leaf={entry.index} {type(entry.event).__name__} {shown}"
