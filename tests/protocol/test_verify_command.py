"""``pingyi verify`` as a person runs it: exit codes, every reason named, both languages, no escape sequences."""

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
from click.testing import CliRunner

from kit.factories import small_definition
from kit.records import LOG, Scribe, ballot, fixed_key
from kit.tampering import GOOD, change, with_score
from pingyi_protocol.commands.verify import harmless, verify
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import (
    CheckIn,
    CountersignContinuation,
    DeclareContinuation,
    OpenRound,
    PauseRound,
)
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.events import BallotCast, ContinuationCountersigned, ContinuationDeclared
from pingyi_protocol.record.pins import PinFormError, key_fingerprint, parse_checkpoint_pin, parse_key_pin
from pingyi_protocol.wire.messages import Pong, encode

FINGERPRINT = GOOD.results.fingerprint


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return GOOD.write(tmp_path / "record.zip")


def pingyi(*arguments: object) -> "subprocess.CompletedProcess[str]":
    """Run the installed program."""
    program = "from pingyi_protocol.command_line import main; main()"
    command = [sys.executable, "-c", program, "verify", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"PINGYI_LANGUAGE": "en"})


def test_a_valid_record_ends_with_0_and_says_what_to_compare(good: Path) -> None:
    done = pingyi(good)
    assert (done.returncode, done.stderr) == (0, "")
    assert "VALID\nIt is consistent in itself. Compare this fingerprint with the signed minutes:" in done.stdout
    assert done.stdout.count(FINGERPRINT) == 2
    assert "SIMULATED DATA" in done.stdout


def test_it_speaks_chinese_too(good: Path) -> None:
    done = CliRunner().invoke(verify, [str(good), "--lang", "zh"])
    assert done.exit_code == 0
    assert f"请将此指纹与签字的会议记录核对：{FINGERPRINT}" in done.output
    assert "模拟数据" in done.output


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "item 7, round 1 was entered by the clerk, signed by the scrutineer M03"), ("zh", "监票人 M03 已签字")],
)
def test_results_by_hand_are_named(good: Path, language: str, said: str) -> None:
    output = CliRunner().invoke(verify, [str(good), "--lang", language]).output
    assert said in output
    assert output.count("表决器故障，举手表决") == 1


def test_an_invalid_record_ends_with_1_and_names_every_reason(tmp_path: Path) -> None:
    index = GOOD.find(BallotCast)
    forged = GOOD.with_leaf(index, with_score(GOOD.entry(index), "99")).write(tmp_path / "record.zip")
    done = pingyi(forged)
    assert done.returncode == 1
    assert "entries are not those that the server signed" in done.stderr
    assert f"6. Entry {index} does not say what its signed command leads to." in done.stderr
    assert done.stderr.endswith("NOT VALID\n")
    assert "\nVALID" not in done.stdout
    assert "every entry is signed and follows from the rules: FAILED" in done.stdout


@pytest.mark.parametrize("content", [None, b"", b"hello"])
def test_what_is_no_record_ends_with_2(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "other.zip"
    if content is not None:
        path.write_bytes(content)
    done = pingyi(path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert str(path) in done.stderr


def test_a_folder_ends_with_2(tmp_path: Path) -> None:
    assert pingyi(tmp_path).returncode == 2


def test_pins_that_fit_are_named(good: Path, tmp_path: Path) -> None:
    index = GOOD.find(BallotCast)
    receipt, note = tmp_path / "receipt.json", tmp_path / "head.txt"
    receipt.write_bytes(encode(GOOD.receipt(index)))
    note.write_text(GOOD.notes[1], encoding="utf-8")
    pins = ["--key", GOOD.identity.log_key, "--checkpoint", str(note), "--receipt", str(receipt)]
    done = CliRunner().invoke(verify, [str(good), *pins, "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert "pinned by the log key" in done.output
    assert "those behind it are not pinned" in done.output
    assert f"entry {index}, and the first {len(GOOD.leaves)}" in done.output
    assert "consistent in itself" not in done.output


def test_a_typed_fingerprint_is_taken_as_it_is_meant(good: Path) -> None:
    typed = FINGERPRINT.lower().replace("-", " ")
    done = CliRunner().invoke(verify, [str(good), "--checkpoint", typed, "--lang", "en"])
    assert done.exit_code == 0
    assert f"pinned by its final head {FINGERPRINT}" in done.output


@pytest.mark.parametrize(
    "key", [public_text(fixed_key("other")), key_fingerprint(bytes(fixed_key("other").verify_key))]
)
def test_another_key_ends_with_1(good: Path, key: str) -> None:
    done = pingyi(good, "--key", key)
    assert done.returncode == 1
    assert "another log, or somebody else wrote it" in done.stderr


@pytest.mark.parametrize("content", [GOOD.write, lambda path: path.write_text("no head\nat all\n")])
def test_a_file_that_holds_no_head_is_bad_input_in_words(good: Path, tmp_path: Path, content: object) -> None:
    path = tmp_path / "head.txt"
    content(path)  # type: ignore[operator]  # both write a file
    for language in ("en", "zh"):
        done = CliRunner().invoke(verify, [str(good), "--checkpoint", str(path), "--lang", language])
        assert isinstance(done.exception, PinFormError)
        assert done.exception.exit_code == 2
        assert done.exception.words(Language(language))
    done_in_full = pingyi(good, "--checkpoint", path)
    assert (done_in_full.returncode, done_in_full.stdout) == (2, "")
    assert done_in_full.stderr.count("\n") == 1


def test_the_report_says_who_cosigned_who_went_on_and_that_the_meeting_is_closed(good: Path) -> None:
    done = CliRunner().invoke(verify, [str(good), "--lang", "en"]).output
    assert "the last head: 1 of 4 present cosigned it; 2 terminals in all" in done
    declared, countersigned = GOOD.find(ContinuationDeclared), GOOD.find(ContinuationCountersigned)
    assert f"(chair M01, entry {declared}; scrutineer M03, entry {countersigned})" in done
    assert "enrolled after the copy" not in done
    assert f"the chair closed the meeting (entry {len(GOOD.leaves) - 1})" in done


def test_an_unfinished_record_says_what_is_open(tmp_path: Path) -> None:
    scribe = Scribe(small_definition())
    chair = scribe.enrol("M01", Role.CHAIR)
    seats = [scribe.enrol(f"M{place:02}") for place in range(1, 4)]
    for seat in seats:
        scribe.do(seat, CheckIn())
    scribe.do(chair, OpenRound("1"))
    scribe.do(seats[0], ballot("1", 1, 90))
    scribe.do(chair, PauseRound("1", 1))
    path = scribe.finish().write(tmp_path / "record.zip")
    said = CliRunner().invoke(verify, [str(path), "--lang", "en"]).output
    assert "OPEN:         item 1, round 1 still takes ballots (1 so far)" in said
    assert "NOT CLOSED:" in said
    said = CliRunner().invoke(verify, [str(path), "--lang", "zh"]).output
    assert "未截止：  议题 1 第 1 轮仍在收票（已收 1 票）" in said
    assert "未散会" in said


def test_a_continuation_by_devices_that_the_copy_does_not_know_is_pointed_out(tmp_path: Path) -> None:
    scribe = Scribe(small_definition())
    chair = scribe.enrol("M01", Role.CHAIR)
    size = scribe.log.size
    scrutineer = scribe.enrol("M03", Role.SCRUTINEER)
    values = (size, b64encode(scribe.log.root(size)).decode(), "磁盘损坏")
    scribe.do(chair, DeclareContinuation(*values))
    scribe.do(scrutineer, CountersignContinuation(*values))
    path = scribe.finish().write(tmp_path / "record.zip")
    said = CliRunner().invoke(verify, [str(path), "--lang", "en"]).output
    assert f"the device of the scrutineer M03 was enrolled after the copy (entry {size + 1})" in said
    assert "of the chair" not in said


@pytest.mark.parametrize("option", ["--key", "--checkpoint", "--receipt"])
def test_a_pin_that_is_none_ends_with_2_and_says_so(good: Path, option: str) -> None:
    given = good if option == "--receipt" else "nonsense!"
    done = pingyi(good, option, given)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(("This is neither", "This file is no receipt"))


def test_another_message_is_no_receipt(good: Path, tmp_path: Path) -> None:
    path = tmp_path / "receipt.json"
    path.write_bytes(encode(Pong(1, "", 1)))
    with pytest.raises(PinFormError, match="no receipt"):
        CliRunner().invoke(verify, [str(good), "--receipt", str(path)], catch_exceptions=False)


def test_keys_are_known_by_text_and_by_code() -> None:
    assert parse_key_pin(public_text(LOG)) == parse_key_pin(key_fingerprint(bytes(LOG.verify_key)).lower())
    with pytest.raises(PinFormError):
        parse_key_pin("A" * 43 + "=")
    with pytest.raises(PinFormError, match="16 characters"):
        parse_checkpoint_pin("7K2M-Q9XD")


def test_what_a_forged_record_says_is_never_obeyed_by_the_terminal(tmp_path: Path) -> None:
    entry = GOOD.entry(0)
    forged = change(entry, event=change(entry.event, origin="\x1b[2J\x1b[32mVALID\u202e"))
    path = GOOD.with_leaf(0, forged).write(tmp_path / "record.zip")
    done = CliRunner().invoke(verify, [str(path), "--lang", "en"])
    assert done.exit_code == 1
    assert "\x1b" not in done.output
    assert "\u202e" not in done.output


def test_a_quoted_text_is_cut_short_and_made_visible() -> None:
    assert harmless("评议\x1b[0m\n") == "评议<U+001B>[0m<U+000A>"
    assert len(harmless("x" * 100_000)) < 1000


def test_no_server_code_is_imported() -> None:
    program = """
import sys
import pingyi_protocol.commands.verify
print({name.split(".")[0] for name in sys.modules} & {"pingyi_server", "pingyi_terminal", "sqlalchemy", "textual"})
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
