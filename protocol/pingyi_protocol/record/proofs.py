"""The proofs of secret ballots, checked in worker processes while the record that holds them is still being followed.

A ballot's proofs cost a hundred times what its signature does. So each is given to a worker as soon as it is read, and
its verdict asked for where the record says which ballots do not hold. Few ballots are checked at once, without workers.
"""

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Future, ProcessPoolExecutor
from multiprocessing import resource_tracker
from typing import NamedTuple, Self

from pingyi_protocol.meeting.events import BallotsChecked, Event, RoundVoided, SecretBallotCast
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.sealed import questions_of
from pingyi_protocol.secret.ballot import Question, fault_of

WORTHWHILE = 2000
"""Bits whose proofs take longer than workers take to start: a second and a half."""

MOST_AHEAD = 256
"""Sheets that workers have at once: who reads faster than they check waits for them."""

MOST_POOLS = 4
"""So often workers are started anew where one was killed; then the checks are done here."""

NICENESS = 10
"""Screens and sockets go first."""


class Sheet(NamedTuple):
    """A ballot: its questions, its member's public key, and its text for each question."""

    questions: tuple[Question, ...]
    key: bytes
    texts: tuple[str, ...]

    @property
    def bits(self) -> int:
        """How much there is to check."""
        return sum(question.encoding.length for question in self.questions)


def faults_of(sheet: Sheet) -> tuple[str, ...]:
    """Return for each question what ``fault_of`` says."""
    asked = zip(sheet.questions, sheet.texts, strict=True)
    return tuple(fault_of(question, sheet.key, text) for question, text in asked)


def worker_begins() -> None:
    """Leave interrupts to the program, give way to it, and end with it however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name == "posix":
        os.nice(NICENESS)
    threading.Thread(target=end_with_parent, daemon=True).start()


def end_with_parent() -> None:
    """Wait for the end of the program whose worker this is: who was killed tells its workers nothing."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(0)


def worker_pool(workers: int) -> ProcessPoolExecutor:
    """Return so many workers, which begin as they are needed; none shares memory with this program."""
    if os.name == "posix":
        # under a screen that captures what is printed there is no file behind stderr, and spawning would fail on it
        with contextlib.redirect_stderr(sys.__stderr__):
            resource_tracker.ensure_running()
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), worker_begins)


def ignored(_bits: int) -> None:
    """Tell nobody."""


class Proofs:
    """What is wrong with the secret ballots of a record. Of one thread at a time; a context that ends its workers."""

    def __init__(
        self, workers: int | None = None, worthwhile: int = WORTHWHILE, heard: Callable[[int], None] = ignored
    ) -> None:
        """Check on all cores unless told, and begin with that once so many bits wait.

        ``heard`` is told of how many more bits it is known whether their proofs hold.
        """
        self.workers = workers or os.cpu_count() or 1
        self.heard = heard
        self.told: set[Sheet] = set()
        self.worthwhile = worthwhile
        self.pool: ProcessPoolExecutor | None = None
        self.pools = 0
        self.closed = False
        self.kept: dict[tuple[str, int], dict[tuple[Question, bytes, str], tuple[Sheet, int]]] = {}
        self.verdicts: dict[Sheet, Future[tuple[str, ...]]] = {}
        self.under_way: deque[Sheet] = deque()
        self.waiting: list[Sheet] = []
        self.bits = 0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers."""
        self.close()

    def close(self) -> None:
        """End the workers, whatever they are at; who waits for a verdict in another thread gets CancelledError."""
        self.closed = True
        self.end_pool()

    def end_pool(self) -> None:
        """End the workers that there are now."""
        pool, self.pool = self.pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def follow(self, meeting: Meeting, event: Event) -> None:
        """Begin to check a ballot that ``meeting`` has taken with this event; forget those of a round that is done."""
        match event:
            case SecretBallotCast(person, item, number):
                one = next(each for each in reversed(meeting.rounds) if (each.item, each.number) == (item, number))
                ballot = one.ballots[person]
                self.expect(Sheet(questions_of(meeting, one), ballot.key, ballot.sealed))
            case BallotsChecked() | RoundVoided():
                done = {sheet for sheet, _ in self.kept.pop((event.item, event.round), {}).values()}
                self.waiting = [sheet for sheet in self.waiting if sheet not in done]
                self.told -= done
                for sheet in done:
                    self.verdicts.pop(sheet, None)
            case _:
                pass

    def expect(self, sheet: Sheet) -> None:
        """Begin to check a ballot, or note that it will be worth while together with others."""
        first = sheet.questions[0]
        places = self.kept.setdefault((first.item, first.round), {})
        for place, question in enumerate(sheet.questions):
            places[question, sheet.key, sheet.texts[place]] = sheet, place
        self.bits += sheet.bits
        self.waiting.append(sheet)
        if self.bits < self.worthwhile or self.workers == 1:
            return
        for each in self.waiting:
            self.send(each)
        self.waiting.clear()
        while len(self.under_way) > MOST_AHEAD:
            self.verdict(self.under_way.popleft())

    def ahead(self) -> bool:
        """Check one ballot that no worker was given, while nobody waits for its verdict; whether there was one."""
        if self.closed or not self.waiting:
            return False
        sheet = self.waiting.pop(0)
        verdict = self.verdicts[sheet] = Future()
        verdict.set_result(faults_of(sheet))
        return True

    def send(self, sheet: Sheet) -> None:
        """Give a ballot to the workers."""
        if self.pool is None and self.pools < MOST_POOLS and not self.closed:
            self.pool, self.pools = worker_pool(self.workers), self.pools + 1
        if self.pool is None:
            return
        try:
            self.verdicts[sheet] = self.pool.submit(faults_of, sheet)
        except BrokenExecutor:
            self.end_pool()
            self.send(sheet)
        else:
            self.under_way.append(sheet)

    def fault(self, question: Question, key: bytes, text: str) -> str:
        """Return the key of what is wrong with a ballot, "" for nothing: what ``fault_of`` says of it."""
        if self.closed:
            raise CancelledError
        found = self.kept.get((question.item, question.round), {}).get((question, key, text))
        if found is None or found[0] not in self.verdicts:
            self.heard(question.encoding.length)
            return fault_of(question, key, text)
        sheet, place = found
        return self.verdict(sheet)[place]

    def verdict(self, sheet: Sheet) -> tuple[str, ...]:
        """Return what the workers say of a ballot, waiting for it; where one was killed, others take its place."""
        while sheet in self.verdicts:
            try:
                found = self.verdicts[sheet].result()
            except BrokenExecutor:
                self.begin_anew()
            else:
                self.tell(sheet)
                return found
        self.tell(sheet)
        return faults_of(sheet)

    def tell(self, sheet: Sheet) -> None:
        """Tell that a ballot is checked, once."""
        if sheet not in self.told:
            self.told.add(sheet)
            self.heard(sheet.bits)

    def begin_anew(self) -> None:
        """Give all that has no verdict to other workers."""
        self.end_pool()
        undone = [sheet for sheet, each in self.verdicts.items() if not each.done() or each.exception() is not None]
        self.under_way.clear()
        for sheet in undone:
            del self.verdicts[sheet]
        for sheet in undone:
            self.send(sheet)
