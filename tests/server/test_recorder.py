"""The one way to change a meeting, with a disk that fails: nobody is told what is not durable, and nothing is lost."""

import asyncio
import logging
import threading
from pathlib import Path

import pytest

from kit.factories import small_definition
from kit.ledgers import LOG_KEY, FailingStore, recorder_in, store_in, submission, submissions
from kit.playbook import CHAIR, ORIGIN, Playbook, full_house
from pingyi_protocol.meeting.commands import CheckIn, LoadDefinition, OpenRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import restarted, timer
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.record.receipt import check_receipt
from pingyi_protocol.record.replay import follow
from pingyi_protocol.wire.messages import Receipt, Refused
from pingyi_server.gateway.clock import MeetingClock
from pingyi_server.gateway.recorder import Draft, Recorder, Submission
from pingyi_server.ledger.ledger import Ledger
from pingyi_server.ledger.store import HeadMovedError, StoreError
from pingyi_server.ledger.trial import LEAST_OCTETS

MEMBER_TWO = Principal("M02", Role.MEMBER)
HALL = small_definition(members=3)


class StillClock(MeetingClock):
    """A clock that a test sets."""

    now = 0

    def at(self) -> int:
        return self.now


@pytest.fixture
def book() -> Playbook:
    return full_house(HALL)


async def underway(folder: Path, book: Playbook) -> Recorder:
    """A recorder that has recorded the script so far."""
    ledger = Ledger(store_in(folder), LOG_KEY, ORIGIN)
    recorder = Recorder(ledger, StillClock(0))
    answers = await recorder.record(submissions(book))
    assert all(isinstance(answer, Receipt) for answer in answers)
    return recorder


def mood(recorder: Recorder, name: str) -> None:
    assert isinstance(recorder.ledger.store, FailingStore)
    recorder.ledger.store.mood = name


async def mended(recorder: Recorder) -> None:
    """The store works again, and the server's next look at its clock finds out."""
    mood(recorder, "well")
    await recorder.record_own(lambda _meeting, _at: None)


def later(recorder: Recorder, milliseconds: int) -> None:
    assert isinstance(recorder.clock, StillClock)
    recorder.clock.now += milliseconds


def leaf_of(answer: Receipt | Refused, submission: Submission) -> int:
    """The leaf of a receipt that holds."""
    assert isinstance(answer, Receipt), answer
    check_receipt(answer, submission.envelope, bytes(LOG_KEY.verify_key), ORIGIN, None)
    return answer.index


def reason_of(answer: Receipt | Refused) -> Reason:
    assert isinstance(answer, Refused), answer
    return answer.refusal.reason


def sound(recorder: Recorder) -> None:
    """State, database, log and the verifier's view are one."""
    meeting = Meeting()
    for _, leaf in recorder.ledger.store.leaves():
        meeting = follow(meeting, decode_entry(leaf))
    reopened = Ledger(recorder.ledger.store, LOG_KEY, ORIGIN)
    assert recorder.meeting == meeting == reopened.meeting
    assert recorder.ledger.log.root() == reopened.log.root()
    assert recorder.ledger.note == reopened.note


async def test_every_accepted_command_gets_a_receipt_that_holds_and_a_refused_one_no_leaf(
    tmp_path: Path, book: Playbook
) -> None:
    commands = submissions(book.open("1").cast("M01", 90))
    recorder = recorder_in(tmp_path)
    mixed = [*commands, submission(book, CHAIR, OpenRound("2"))]
    *answers, refused = await recorder.record(mixed)
    assert [leaf_of(*pair) for pair in zip(answers, commands, strict=True)] == list(range(len(commands)))
    assert refused == Refused(mixed[-1].command.id, Refusal(Reason.ROUND_OPEN, {"item": "1"}))
    assert recorder.meeting.size == len(commands)
    sound(recorder)
    recorder.close()


async def test_a_repeated_command_gets_its_own_leaf_again_and_a_borrowed_id_nothing(
    tmp_path: Path, book: Playbook
) -> None:
    recorder = await underway(tmp_path, book)
    once = submission(book, CHAIR, OpenRound("1"))
    other = submission(book, MEMBER_TWO, CheckIn(), once.command.id)
    first, twin, stranger = await recorder.record([once, once, other])
    assert leaf_of(first, once) == leaf_of(twin, once)
    assert reason_of(stranger) is Reason.COMMAND_ID_TAKEN
    size = recorder.meeting.size
    again, stranger = await recorder.record([once, other])
    assert leaf_of(again, once) == leaf_of(first, once)
    assert reason_of(stranger) is Reason.COMMAND_ID_TAKEN
    assert recorder.meeting.size == size
    sound(recorder)
    recorder.close()


async def test_a_device_that_is_revoked_on_the_way_says_nothing_any_more(tmp_path: Path, book: Playbook) -> None:
    recorder = await underway(tmp_path, book)
    leaves = len(book.entries)
    admitted = submission(book, CHAIR, OpenRound("1"))
    book.enrol(*CHAIR, device="second console")
    # the enrolment is recorded between the admission of the command and its turn
    *_, answer = await recorder.record([*submissions(book, leaves), admitted])
    assert reason_of(answer) is Reason.DEVICE_REVOKED
    sound(recorder)
    recorder.close()


# a store that fails


@pytest.mark.parametrize("failure", ["lost", "dead"])
async def test_when_nothing_was_kept_everybody_is_told_unavailable_and_it_goes_on_later(
    tmp_path: Path, book: Playbook, failure: str
) -> None:
    recorder = await underway(tmp_path, book)
    before, root = recorder.meeting, recorder.ledger.log.root()
    commands = [submission(book, CHAIR, OpenRound("1")), submission(book, CHAIR, OpenRound("2"))]
    mood(recorder, failure)
    for _ in range(3):
        assert [reason_of(answer) for answer in await recorder.record(commands)] == [Reason.UNAVAILABLE] * 2
        assert recorder.meeting is before
    await mended(recorder)
    first, second = await recorder.record(commands)
    assert leaf_of(first, commands[0]) == before.size
    assert reason_of(second) is Reason.ROUND_OPEN
    assert recorder.ledger.log.root(before.size) == root
    sound(recorder)
    recorder.close()


@pytest.mark.parametrize("failure", ["kept", "kept, then dead"])
async def test_what_was_kept_although_the_store_failed_is_found_and_counts_once(
    tmp_path: Path, book: Playbook, failure: str
) -> None:
    recorder = await underway(tmp_path, book)
    before = recorder.meeting
    command = submission(book, CHAIR, OpenRound("1"))
    mood(recorder, failure)
    [answer] = await recorder.record([command])
    assert reason_of(answer) is Reason.UNAVAILABLE
    assert recorder.meeting is before
    await mended(recorder)
    assert recorder.meeting.phase_of("1") is Phase.OPEN
    [answer] = await recorder.record([command])
    assert leaf_of(answer, command) == before.size
    assert recorder.meeting.size == before.size + 1
    sound(recorder)
    recorder.close()


async def test_the_trial_of_a_store_is_as_large_as_the_batch_that_it_did_not_take(
    tmp_path: Path, book: Playbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that takes 128 KiB and not that batch would fail it again and again."""
    recorder = await underway(tmp_path, book)
    asked: list[int] = []
    probe = FailingStore.probe

    def heard(store: FailingStore, octets: int) -> None:
        asked.append(octets)
        probe(store, octets)

    monkeypatch.setattr(FailingStore, "probe", heard)
    command = submission(book, CLERK, LoadDefinition(small_definition(members=1000)))
    mood(recorder, "lost")
    [answer] = await recorder.record([command])
    assert reason_of(answer) is Reason.UNAVAILABLE
    await mended(recorder)
    [answer] = await recorder.record([command])
    assert leaf_of(answer, command)
    size = len(recorder.ledger.store.leaf(recorder.meeting.size - 1))
    assert size > LEAST_OCTETS
    assert asked[-1] == size
    recorder.close()


async def test_a_countdown_that_ends_while_the_store_fails_ends_when_it_works_again(
    tmp_path: Path, book: Playbook
) -> None:
    recorder = await underway(tmp_path, book.open("1"))
    later(recorder, 120_000)
    mood(recorder, "lost")
    with pytest.raises(StoreError):
        await recorder.record_own(timer)
    assert recorder.meeting.phase_of("1") is Phase.OPEN
    waiting = submission(book, MEMBER_TWO, book.ballot(90))
    [answer] = await recorder.record([waiting])
    assert reason_of(answer) is Reason.UNAVAILABLE
    mood(recorder, "well")
    await recorder.record_own(timer)
    assert recorder.meeting.phase_of("1") is Phase.CLOSED
    # what waited until then is late, and its sender hears so
    [answer] = await recorder.record([waiting])
    assert reason_of(answer) is Reason.CLOSED
    sound(recorder)
    recorder.close()


async def test_a_cancelled_batch_is_found_again(tmp_path: Path, book: Playbook) -> None:
    recorder = await underway(tmp_path, book)
    command = submission(book, CHAIR, OpenRound("1"))
    task = asyncio.create_task(recorder.record([command]))
    while not recorder.turn.locked():  # noqa: ASYNC110 - the lock has no event to wait for
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    [answer] = await recorder.record([command])
    leaf_of(answer, command)
    sound(recorder)
    recorder.close()


@pytest.mark.parametrize("failure", ["well", "lost"])
async def test_another_writer_on_the_same_ledger_is_fatal_even_with_as_many_leaves(
    tmp_path: Path, book: Playbook, failure: str
) -> None:
    recorder = await underway(tmp_path, book)
    command = submission(book, CHAIR, OpenRound("1"))
    mood(recorder, failure)
    if failure == "lost":
        await recorder.record([command])
        mood(recorder, "well")
    intruder = recorder_in(tmp_path)
    [answer] = await intruder.record([submission(book, CHAIR, OpenRound("2"))])
    assert isinstance(answer, Receipt)
    if failure == "well":
        with pytest.raises(HeadMovedError, match="another server"):
            await recorder.record([command])
    for _ in range(2):
        with pytest.raises(HeadMovedError, match="another server"):
            await recorder.record_own(timer)
    sound(intruder)
    recorder.close()
    intruder.close()


# the clock, restarts, and faults of our own


async def test_the_end_of_a_countdown_comes_before_whatever_comes_after_it(tmp_path: Path, book: Playbook) -> None:
    recorder = await underway(tmp_path, book.check_out("M03").open("1"))
    later(recorder, 120_000)
    late = submission(book, MEMBER_TWO, book.ballot(90))
    arrival = submission(book, Principal("M03", Role.MEMBER), CheckIn())
    closed, _ = await recorder.record([late, arrival])
    assert reason_of(closed) is Reason.CLOSED
    one = recorder.meeting.rounds[0]
    assert one.phase is Phase.CLOSED
    assert set(one.present) == {"M01", "M02"}
    sound(recorder)
    recorder.close()


async def test_a_restart_pauses_what_was_open(tmp_path: Path, book: Playbook) -> None:
    recorder = await underway(tmp_path, book.open("1"))
    recorder.close()
    again = recorder_in(tmp_path)
    await again.record_own(lambda meeting, _at: restarted(meeting))
    assert again.meeting.phase_of("1") is Phase.PAUSED
    assert again.meeting.rounds[0].remaining == 120_000
    sound(again)
    again.close()


async def test_a_fault_of_our_own_costs_one_sender_the_command_and_nobody_else(
    tmp_path: Path, book: Playbook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = await underway(tmp_path, book)
    poison = submission(book, CHAIR, OpenRound("2"))
    good = submission(book, CHAIR, OpenRound("1"))
    take = Draft.take

    def trips(draft: Draft, submission: Submission) -> int | Refusal:
        if submission is poison:
            raise ZeroDivisionError
        return take(draft, submission)

    monkeypatch.setattr(Draft, "take", trips)
    answers = await recorder.record([poison, good])
    assert reason_of(answers[0]) is Reason.MALFORMED
    leaf_of(answers[1], good)
    assert "ZeroDivisionError" in caplog.text
    sound(recorder)
    recorder.close()


async def test_the_log_says_who_and_what_but_never_a_score(
    tmp_path: Path, book: Playbook, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        recorder = await underway(tmp_path, book.open("1").cast("M02", 77))
    assert any("BallotCast person=M02 item=1 round=1 by=M02/member device=" in line for line in caplog.messages)
    assert "77" not in " ".join(line for line in caplog.messages if "BallotCast" in line)
    recorder.close()


async def test_a_repeated_command_whose_leaf_cannot_be_read_costs_the_others_nothing(
    tmp_path: Path, book: Playbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = await underway(tmp_path, book)
    store, readers, mine = recorder.ledger.store, list[int](), threading.get_ident()
    read = type(store).leaf

    def leaf(_store: object, index: int) -> bytes:
        readers.append(threading.get_ident())
        return read(store, index)

    def unreadable(_store: object, _index: int) -> bytes:
        raise StoreError("store.failed", fault="disk")

    repeated, fresh = submissions(book)[-1], submission(book, CHAIR, OpenRound("1"))
    monkeypatch.setattr(type(store), "leaf", leaf)
    assert isinstance((await recorder.record([repeated]))[0], Receipt)
    assert readers
    assert mine not in readers
    monkeypatch.setattr(type(store), "leaf", unreadable)
    again, new = await recorder.record([repeated, fresh])
    assert reason_of(again) is Reason.UNAVAILABLE
    assert leaf_of(new, fresh) == recorder.meeting.size - 1
    recorder.close()
