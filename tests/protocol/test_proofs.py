"""Proofs of secret ballots are checked by worker processes while the record is followed, with the same verdicts."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kit.every_kind import MOTION
from kit.secret_book import SecretBook, secret_hall, secretly
from kit.secret_records import PEOPLE, SECRET
from kit.waits import WAIT_SECONDS
from pingyi_protocol.meeting.commands import Choice
from pingyi_protocol.meeting.definition import Option
from pingyi_protocol.meeting.events import BallotsChecked
from pingyi_protocol.meeting.sealed import questions_of
from pingyi_protocol.record import proofs as checking
from pingyi_protocol.record.entry import decode_entry
from pingyi_protocol.record.proofs import Proofs, Sheet
from pingyi_protocol.record.replay import Replay
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.secret.ballot import Question, fault_of


def sheets() -> list[Sheet]:
    """Three members' ballots to a motion; the last is a copy of the first one's."""
    book = SecretBook(secret_hall(secretly(MOTION))).check_in(*PEOPLE).make_key().open("motion")
    cast = [book.sealed(person, Choice("", Option.FOR)).sealed for person in PEOPLE[:2]]
    asked = questions_of(book.meeting, book.newest)
    keys = [book.key_of(person) for person in PEOPLE[:3]]
    return [Sheet(asked, key, texts) for key, texts in zip(keys, (*cast, cast[0]), strict=True)]


def verdicts(proofs: Proofs, ballots: list[Sheet]) -> list[str]:
    """What is said of each ballot."""
    return [proofs.fault(one.questions[0], one.key, one.texts[0]) for one in ballots]


EXPECTED = ["", "", "secret.ballot_proof"]


@pytest.mark.parametrize("worthwhile", [1, 10**6])
def test_workers_say_what_is_found_here_too(worthwhile: int) -> None:
    ballots = sheets()
    with Proofs(2, worthwhile) as proofs:
        for one in ballots:
            proofs.expect(one)
        assert (proofs.pool is not None) == (worthwhile == 1)
        assert verdicts(proofs, ballots) == EXPECTED
        # what nobody expected is checked as well
        unasked = ballots[0]._replace(key=ballots[1].key)
        assert verdicts(proofs, [unasked]) == ["secret.ballot_proof"]


def test_a_killed_worker_is_replaced_and_its_work_done_again() -> None:
    ballots = sheets()
    with Proofs(2, 1) as proofs:
        for one in ballots:
            proofs.expect(one)
        assert proofs.pool is not None
        for process in list(proofs.pool._processes.values()):
            os.kill(process.pid or 0, signal.SIGKILL)
        assert verdicts(proofs, ballots) == EXPECTED
        proofs.expect(ballots[0])
        assert verdicts(proofs, ballots) == EXPECTED


def test_without_workers_that_stay_alive_it_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MOST_POOLS", 0)
    ballots = sheets()
    with Proofs(2, 1) as proofs:
        for one in ballots:
            proofs.expect(one)
        assert proofs.pool is None
        assert verdicts(proofs, ballots) == EXPECTED


def test_what_was_checked_ahead_is_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ballots = sheets()
    with Proofs(2, 10**6) as proofs:
        for one in ballots:
            proofs.expect(one)
        assert [proofs.ahead() for _ in range(4)] == [True, True, True, False]
        monkeypatch.setattr(checking, "fault_of", None)
        assert verdicts(proofs, ballots) == EXPECTED
    assert not proofs.ahead()


def test_a_record_is_followed_with_the_workers_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "MOST_AHEAD", 1)
    asked = []
    with Proofs(2, 1) as proofs:

        def fault(*ballot: object) -> str:
            asked.append(ballot)
            return proofs.fault(*ballot)  # type: ignore[arg-type]  # as they come

        replay = Replay(fault)
        for leaf in SECRET.leaves:
            entry = decode_entry(leaf)
            if isinstance(entry.event, BallotsChecked):
                # nothing is left to be checked here
                assert proofs.verdicts
            replay.take(entry)
            proofs.follow(replay.meeting, entry.event)
        # and what is done is forgotten
        assert not proofs.kept
        assert not proofs.waiting
        assert not proofs.verdicts
    assert len(asked) > len(PEOPLE)


def test_the_verifier_takes_the_verdicts_of_its_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = []

    def fault(_proofs: Proofs, question: Question, key: bytes, text: str) -> str:
        used.append(text)
        return fault_of(question, key, text)

    monkeypatch.setattr(Proofs, "fault", fault)
    assert verify_record(SECRET.write(tmp_path / "record.zip")).valid
    assert used


ORPHANED = """
from pingyi_protocol.record.proofs import worker_pool
import os, signal, time
if __name__ == "__main__":
    pool = worker_pool(1)
    print(pool.submit(os.getpid).result(), flush=True)
    time.sleep(600)
"""


def test_workers_end_with_a_program_that_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "orphaned.py"
    script.write_text(ORPHANED)
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        worker = int(program.stdout.readline())
        program.kill()
    end = time.monotonic() + WAIT_SECONDS
    while runs(worker):
        assert time.monotonic() < end
        time.sleep(0.05)


def runs(process: int) -> bool:
    """Whether a process is there that has not ended."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
