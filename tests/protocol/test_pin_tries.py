"""A PIN is guessed slowly, whatever is restarted, killed or run beside: the count is beside the key file."""

import threading
from pathlib import Path

import pytest

from kit.waits import quick_waits
from pingyi_protocol.keys import tries
from pingyi_protocol.keys.key_file import (
    DeviceKeys,
    KeyFileError,
    WrongPinError,
    generate_device_keys,
    write_key_file,
)
from pingyi_protocol.keys.tries import PinTooSoonError, delay_after, forget_tries, seconds_to_wait, try_pin

KEYS = generate_device_keys()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Append to it to let time go by."""
    return quick_waits(monkeypatch)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.json"
    write_key_file(path, KEYS, "2580")
    return path


def wrong(file: Path) -> None:
    with pytest.raises(WrongPinError):
        try_pin(file, "0000")


def test_delays_double_up_to_a_minute() -> None:
    assert [delay_after(count) for count in range(9)] == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert delay_after(10**9) == 60


def test_a_guess_before_its_time_is_not_looked_at_even_if_it_is_right(file: Path, waits: list[float]) -> None:
    wrong(file)
    with pytest.raises(PinTooSoonError, match="in 1 s"):
        try_pin(file, "2580")
    waits.append(0.5)
    with pytest.raises(PinTooSoonError):
        try_pin(file, "2580")
    waits.append(0.5)
    assert try_pin(file, "2580") == KEYS
    assert seconds_to_wait(file) == 0


def test_guesses_are_counted_across_starts_and_forgotten_after_the_right_one(file: Path, waits: list[float]) -> None:
    for delay in (1, 2, 4, 8, 16, 32, 60, 60):
        wrong(file)
        assert seconds_to_wait(file) == delay
        waits.append(delay)
    assert try_pin(file, "2580") == KEYS
    wrong(file)
    assert seconds_to_wait(file) == 1


def test_a_program_that_is_killed_while_it_tries_has_used_up_its_try(
    file: Path, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def killed(_file: Path, _pin: str) -> DeviceKeys:
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(tries, "read_key_file", killed)
        with pytest.raises(KilledError):
            try_pin(file, "0000")
    assert (seconds_to_wait(file), waits) == (1, [])


def test_two_programs_that_guess_at_once_get_one_guess(file: Path, waits: list[float]) -> None:
    found: list[Exception] = []

    def guess() -> None:
        try:
            try_pin(file, "0000")
        except (WrongPinError, PinTooSoonError) as fault:
            found.append(fault)

    both = [threading.Thread(target=guess) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert {type(one) for one in found} == {WrongPinError, PinTooSoonError}
    assert (seconds_to_wait(file), waits) == (1, [])


def test_a_clock_that_is_set_back_locks_nobody_out(file: Path, waits: list[float]) -> None:
    wrong(file)
    waits.append(-1_000_000)
    assert seconds_to_wait(file) == 1


def test_a_damaged_count_is_as_good_as_many(file: Path, waits: list[float]) -> None:
    wrong(file)
    count = file.with_name("keys.json.tries")
    for damage in (b"", b"{}", b'{"format":"pingyi-tries/1","wrong":-3}', b"\xff", b"[]"):
        count.write_bytes(damage)
        wrong(file)
        assert seconds_to_wait(file) == 60
        waits.append(60)


def test_the_count_is_its_owners_alone_and_never_half_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(file)
    assert {path.name for path in file.parent.iterdir()} == {"keys.json", "keys.json.tries", "keys.json.lock"}
    assert {path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {0o600}
    forget_tries(file)
    assert seconds_to_wait(file) == 0

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    # a PIN whose try cannot be counted is not tried
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        try_pin(file, "2580")
    assert not file.with_name("keys.json.tries").exists()


def test_without_a_pin_nothing_is_counted(tmp_path: Path) -> None:
    write_key_file(tmp_path / "keys.json", KEYS)
    assert try_pin(tmp_path / "keys.json", "") == KEYS
    with pytest.raises(KeyFileError):
        try_pin(tmp_path / "none.json", "")
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]
