"""What ``pingyi verify`` says of secret rounds, and how it tells that it is still at their proofs."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from kit.secret_records import SECRET, SECRET_BOOK
from pingyi_protocol.commands.verify import verify
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.record.proofs import Proofs
from pingyi_protocol.record.replay import Replay
from pingyi_protocol.record.verify import verify_record
from pingyi_protocol.text import catalogue

BITS = {"score": 8, "selection": 5, "motion": 3}
"""Of one ballot: seven weights and the abstention; four candidates and the abstention; three options."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return SECRET.write(tmp_path_factory.mktemp("record") / "record.zip")


@pytest.mark.parametrize("language", list(Language))
def test_it_says_how_much_was_checked_and_by_whom_each_round_was_opened(path: Path, language: Language) -> None:
    words, key = catalogue("pingyi_protocol", language), SECRET_BOOK.meeting.key
    assert key is not None
    said = CliRunner().invoke(verify, [str(path), "--lang", language.value])
    assert said.exit_code == 0
    shown = said.output.splitlines()
    about = {"round": 1, "code": key.fingerprint, "threshold": 2}
    numbers = verify_record(path).facts
    assert numbers is not None
    for line in (
        words("verify.secret_checked", rounds=3, bits=numbers.proofs, parts=4),
        words(
            "verify.secret_opened", item="score", valid=4, received=5, size=62, cosigned=6, parts="M02, M03", **about
        ),
        words("verify.secret_invalid", people="M05"),
        words("verify.secret_bad", people="M04"),
        words("verify.secret_overridden", person="M03", size=74, reason="两台终端断线"),
        words("verify.secret_sealed", item="motion", valid=3, received=3, parts="M04", **about),
    ):
        assert line in shown


def test_it_counts_the_proofs_of_each_bit_that_it_checked(path: Path) -> None:
    """Every newest ballot, and of M02 the one before, which counts as the newest does not hold."""
    facts = verify_record(path).facts
    assert facts is not None
    ballots = {one.item: len(one.ballots) for one in facts.meeting.rounds} | {"score": 6}
    assert facts.proofs == sum(BITS[item] * number for item, number in ballots.items())


def test_progress_moves_with_the_proofs_and_never_backwards(path: Path) -> None:
    told: list[tuple[int, int]] = []
    assert verify_record(path, progress=lambda done, total: told.append((done, total))).valid
    done = [one for one, _ in told]
    assert done == sorted(done)
    assert told[-1][0] == told[-1][1]
    assert len({total for _, total in told}) == 1
    # more than the leaves alone: each ballot's proofs are told of
    assert len(told) > len(SECRET.leaves) + 10


@pytest.mark.parametrize("workers", [1, 2])
def test_each_bit_is_told_of_once_whoever_checks_it(workers: int) -> None:
    heard: list[int] = []
    with Proofs(workers, worthwhile=1, heard=heard.append) as proofs:
        replay = Replay(proofs.fault)
        for index in range(len(SECRET.leaves)):
            entry = SECRET.entry(index)
            replay.take(entry)
            proofs.follow(replay.meeting, entry.event)
    assert sum(heard) == 6 * 8 + 5 * 5 + 3 * 3
