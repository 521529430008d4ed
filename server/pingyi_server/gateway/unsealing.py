"""What the server does by itself for secret rounds: it says which ballots hold, and on which head a round is opened.

All that takes long runs in worker processes or on a thread: no screen waits for it. What it came to is recorded only
where it still stands then; else it is found out anew.
"""

import asyncio
import logging
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TypeAlias

from pingyi_protocol.meeting.commands import Command, OpenPart
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import OpeningBegun
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.meeting.sealed import basis_of, sum_of, summands
from pingyi_protocol.meeting.sealed_ballots import to_be_checked
from pingyi_protocol.meeting.unsealing import cosigners, not_awaited, openable, opened, opening_begun
from pingyi_protocol.secret import SecretError
from pingyi_protocol.wire.messages import Receipt, Refused
from pingyi_server.gateway.checking import Checking, RoundKey
from pingyi_server.gateway.journal import traced
from pingyi_server.gateway.recorder import Recorder, Submission
from pingyi_server.gateway.witnesses import Witnesses
from pingyi_server.gateway.workers import Workers
from pingyi_server.ledger.store import HeadMovedError, StoreError

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.05
FAULT_SECONDS = 1.0
MOST_PARTS = 64
"""Parts of scrutineers that wait to be looked at; each may take half a second."""

Answering: TypeAlias = Callable[[Receipt | Refused], None]


class Unsealing:
    """The secret rounds of one server on their way to be opened. It takes them up wherever they stand."""

    def __init__(self, recorder: Recorder, witnesses: Witnesses) -> None:
        """Have done nothing yet."""
        self.recorder = recorder
        self.witnesses = witnesses
        self.workers = Workers()
        self.checking = Checking(self.workers)
        self.sums: dict[RoundKey, asyncio.Task[tuple[str, ...]]] = {}
        self.tried: dict[tuple[RoundKey, int], tuple[object, ...]] = {}
        self.parts: asyncio.Queue[tuple[Submission, Answering]] = asyncio.Queue(MOST_PARTS)

    def take(self, part: Submission, answer: Answering) -> None:
        """Take a scrutineer's part, which is answered later; one too many is passed over, and will come again."""
        with suppress(asyncio.QueueFull):
            self.parts.put_nowait((part, answer))

    async def take_parts(self) -> None:
        """Record the parts in turn, each worked out beforehand on a thread: no other command waits meanwhile."""
        while True:
            part, answer = await self.parts.get()
            await asyncio.to_thread(work_out, self.recorder.meeting, part.command)
            [said] = await self.recorder.record([part])
            answer(said)

    async def run(self) -> None:
        """Go on until cancelled; HeadMovedError when another server writes to the same ledger."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            # whoever tries the store until it works again is the clock
            if self.recorder.failing:
                continue
            try:
                await self.step()
            except HeadMovedError:
                raise
            except StoreError:
                log.debug("nothing is recorded until the store works again")
            except Exception as fault:  # noqa: BLE001 - it costs a secret round its opening, not all of us the meeting
                log.error("a secret round cannot be opened: %s", traced(fault))  # noqa: TRY400 - see traced
                await asyncio.sleep(FAULT_SECONDS)

    async def close(self) -> None:
        """End the work that is under way; what it would have come to is found out anew."""
        for task in self.sums.values():
            task.cancel()
        await asyncio.gather(*self.sums.values(), return_exceptions=True)
        await self.checking.close()
        await asyncio.to_thread(self.workers.close)

    async def step(self) -> None:
        """Record what can be recorded now."""
        self.checking.follow(self.recorder.meeting)
        done = await self.checking.checked(self.recorder.meeting)
        if done is not None:
            one, event = done
            await self.recorder.record_own(lambda meeting, _at: event if to_be_checked(meeting) is one else None)
        meeting = self.recorder.meeting
        waiting = {(one.item, one.number): one for one in to_be_begun(meeting)}
        for key in self.sums.keys() - waiting.keys():
            self.sums.pop(key).cancel()
        for key, one in waiting.items():
            await self.begin(meeting, key, one)

    async def begin(self, meeting: Meeting, key: RoundKey, one: Round) -> None:
        """Record that a round may be opened as soon as enough have cosigned a head behind its close."""
        if key not in self.sums:
            self.sums[key] = asyncio.create_task(self.sums_of(meeting, one))
        if not self.sums[key].done():
            return
        for size, lines in self.heads(meeting, one):
            tried = one, meeting.devices, len(lines)
            if self.tried.get((key, size)) == tried:
                continue
            root = b64encode(self.recorder.ledger.log.root(size)).decode()
            event = await asyncio.to_thread(begun, meeting, one, size, root, lines, self.sums[key].result())
            if event is not None:
                await self.record(meeting, one, event)
                return
            self.tried[key, size] = tried

    async def sums_of(self, meeting: Meeting, one: Round) -> tuple[str, ...]:
        """Return what the ballots of a round add up to, question by question."""
        return tuple(await asyncio.gather(*(self.workers.run(sum_of, each) for each in summands(meeting, one))))

    def heads(self, meeting: Meeting, one: Round) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Yield the heads on which a round may be begun, as far as their cosignatures hold: size and cosignatures."""
        if one.last is None or one.sealing is None:
            return
        # the close is the leaf behind the last that counts
        cosigned = self.witnesses.cosigned(one.last + 2)
        said = one.sealing.override
        for size in sorted({*cosigned, *((said.size,) if said is not None else ())}):
            lines = present_lines(meeting, one, cosigned.get(size, {}).items())
            if 2 * len(lines) > len(one.present) or (said is not None and said.size == size):
                yield size, tuple(lines.values())

    async def record(self, known: Meeting, one: Round, event: OpeningBegun) -> None:
        """Record on which head a round is opened, unless that changed meanwhile, or who may speak for whom."""

        def cause(meeting: Meeting, _at: int) -> OpeningBegun | None:
            stands = meeting.devices is known.devices and any(each is one for each in to_be_begun(meeting))
            return event if stands else None

        await self.recorder.record_own(cause)


def to_be_begun(meeting: Meeting) -> Iterator[Round]:
    """Yield the rounds whose ballots were checked and whose opening has not begun, where it may."""
    if meeting.closed is not None or meeting.continuing is not None:
        return
    for one in meeting.rounds:
        if one.sealing is None or not one.sealing.checked or one.sealing.basis or one.phase is not Phase.CLOSED:
            continue
        if meeting.round_of(one.item) is one and openable(meeting, one) is None:
            yield one


def present_lines(meeting: Meeting, one: Round, lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return of each member who was present for a round the cosignature of a terminal that may still speak."""
    found = {}
    for device, line in lines:
        known = meeting.devices.get(device)
        if known is None or known.revoked or known.principal.role is not Role.MEMBER:
            continue
        if known.principal.person in one.present:
            found[known.principal.person] = line
    return found


def begun(
    meeting: Meeting, one: Round, size: int, root: str, lines: tuple[str, ...], sums: tuple[str, ...]
) -> OpeningBegun | None:
    """Return that a round may be opened on this head, by those of the cosignatures that hold for it."""
    event = opening_begun(meeting, one, size, root, lines, sums)
    if event is not None:
        return event
    # some may be of a record that an older copy has replaced
    body = basis_of(meeting, size, root)
    good = tuple(line for line in lines if cosigners(meeting, one, body, (line,)))
    return None if good == lines else opening_begun(meeting, one, size, root, good, sums)


def work_out(meeting: Meeting, command: Command) -> None:
    """Find out what a part comes to, which whoever decides will want to know: ``opened`` remembers it."""
    body = command.body
    one = meeting.round_of(body.item) if isinstance(body, OpenPart) else None
    if not isinstance(body, OpenPart) or one is None or one.sealing is None or one.number != body.round:
        return
    if openable(meeting, one) is None and not_awaited(one.sealing, command.person) is None:
        with suppress(SecretError):
            opened(one.sealing, one.sealing.holders.index(command.person) + 1, body.parts)
