"""The proofs of secret ballots, checked by worker processes as the ballots come in.

Nothing waits for them but the opening: a ballot has its receipt once it is durable. So at the close little is left to
check; of a member whose newest ballot does not hold, that is the one before it.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from rpds import HashTrieMap

from pingyi_protocol.meeting.events import BallotsChecked
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.model import Ballot, Meeting, Round
from pingyi_protocol.meeting.sealed import newest_first, questions_of
from pingyi_protocol.meeting.sealed_ballots import ballots_checked, to_be_checked
from pingyi_protocol.record.proofs import Sheet, faults_of
from pingyi_protocol.secret.ballot import Question
from pingyi_server.gateway.journal import traced
from pingyi_server.gateway.workers import Workers

log = logging.getLogger(__name__)

CHUNK_BITS = 256
"""A worker is given ballots of so many bits at once, or a single one that has more: some tenths of a second."""

RoundKey: TypeAlias = tuple[str, int]
Verdicts: TypeAlias = dict[tuple[Question, bytes, str], str]
"""By question, public key of the member, and text of the ballot: what is wrong with it, "" for nothing."""


class Checking:
    """The verdicts on the ballots of one server's secret rounds, until the record says them."""

    def __init__(self, workers: Workers) -> None:
        """Have checked nothing."""
        self.workers = workers
        self.verdicts: dict[RoundKey, Verdicts] = {}
        self.given: dict[RoundKey, set[str]] = {}
        self.seen: dict[RoundKey, HashTrieMap[str, Ballot]] = {}
        self.tasks: dict[asyncio.Task[None], RoundKey] = {}

    def follow(self, meeting: Meeting) -> None:
        """Give the workers what is new in the rounds that will be opened; forget the others."""
        wanted = {(one.item, one.number): one for one in meeting.rounds if awaits_check(one)}
        if wanted:
            # the first ballot of a small hall may come just before its round is closed
            self.workers.begin(faults_of_all, ())
        for key in self.given.keys() - wanted.keys():
            del self.given[key]
            self.verdicts.pop(key, None)
            self.seen.pop(key, None)
        for key, one in wanted.items():
            if self.seen.get(key) is not one.ballots:
                self.seen[key] = one.ballots
                self.give(meeting, one, one.ballots.values())

    def give(self, meeting: Meeting, one: Round, ballots: Iterable[Ballot]) -> None:
        """Give the workers those of these ballots that they have not had."""
        key, asked = (one.item, one.number), questions_of(meeting, one)
        given = self.given.setdefault(key, set())
        fresh = [Sheet(asked, each.key, each.sealed) for each in ballots if each.id not in given]
        given.update(each.id for each in ballots)
        for chunk in chunks(fresh):
            task = asyncio.create_task(self.check(key, chunk))
            self.tasks[task] = key
            task.add_done_callback(self.done)

    def done(self, task: asyncio.Task[None]) -> None:
        """Forget a task; what no ballot may bring about is a fault of this program, and the round stays unopened."""
        self.tasks.pop(task, None)
        fault = None if task.cancelled() else task.exception()
        if fault is not None:
            log.error("ballots could not be checked: %s", traced(fault))

    async def check(self, key: RoundKey, sheets: tuple[Sheet, ...]) -> None:
        """Let a worker check these ballots, and note what it says, unless the round is void meanwhile."""
        found = await self.workers.run(faults_of_all, sheets)
        if key not in self.given:
            return
        verdicts = self.verdicts.setdefault(key, {})
        for sheet, faults in zip(sheets, found, strict=True):
            for question, text, fault in zip(sheet.questions, sheet.texts, faults, strict=True):
                verdicts[question, sheet.key, text] = fault

    async def checked(self, meeting: Meeting) -> tuple[Round, BallotsChecked] | None:
        """Return the round whose check is to be recorded now, with what it came to; None while there is none.

        What has no verdict yet and needs one is given to the workers.
        """
        one = to_be_checked(meeting)
        if one is None or (one.item, one.number) in self.tasks.values():
            return None
        verdicts = self.verdicts.get((one.item, one.number), {})
        # with thousands of ballots it takes longer than a screen may wait
        undecided = await asyncio.to_thread(undecided_ballots, meeting, one, verdicts)
        if undecided:
            self.give(meeting, one, undecided)
            return None
        return one, await asyncio.to_thread(ballots_checked, meeting, one, lambda *asked: verdicts[asked])

    async def close(self) -> None:
        """Stop."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


def awaits_check(one: Round) -> bool:
    """Whether the proofs of a round's ballots are, or will be, to be checked."""
    return one.sealing is not None and not one.sealing.checked and (one.phase in LIVE or one.phase is Phase.CLOSED)


def undecided_ballots(meeting: Meeting, one: Round, verdicts: Verdicts) -> list[Ballot]:
    """Return of each member the ballot that may count and has no verdict yet, if there is one."""
    asked, undecided = questions_of(meeting, one), []
    for person in one.ballots:
        for ballot in newest_first(one, person):
            places = [(question, ballot.key, text) for question, text in zip(asked, ballot.sealed, strict=True)]
            if not all(place in verdicts for place in places):
                undecided.append(ballot)
                break
            if not any(verdicts[place] for place in places):
                break
    return undecided


def chunks(sheets: Iterable[Sheet]) -> Iterator[tuple[Sheet, ...]]:
    """Yield the sheets in portions for a worker."""
    portion: list[Sheet] = []
    bits = 0
    for sheet in sheets:
        if portion and bits + sheet.bits > CHUNK_BITS:
            yield tuple(portion)
            portion, bits = [], 0
        portion.append(sheet)
        bits += sheet.bits
    if portion:
        yield tuple(portion)


def faults_of_all(sheets: tuple[Sheet, ...]) -> tuple[tuple[str, ...], ...]:
    """Return for each ballot and question what is wrong with it; a worker's task."""
    return tuple(map(faults_of, sheets))
