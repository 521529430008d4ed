"""Tries of a PIN, slowed down: wrong ones are counted beside the key file, so that no new start begins them again.

``<key file>.tries`` holds how many in a row were wrong, and when the last one was made (seconds since 1970). A try is
counted before it is made, and the right PIN removes the count: to kill the program spares nobody the wait. Tries of
several programs follow one another (``<key file>.lock``).

This slows down whoever sits at the machine and uses this program. Whoever can copy the file, remove the count or set
the clock is slowed down by scrypt alone (n = 2**17, some tenths of a second and 128 MiB a guess): on one machine four
digits then hold for less than an hour, six random letters and digits for years.
"""

import math
import time
from pathlib import Path
from typing import Annotated

import filelock
import msgspec

from pingyi_protocol.keys.durable import remove_durably, write_durably
from pingyi_protocol.keys.key_file import DeviceKeys, needs_pin, read_key_file
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.wording import WordedError

LONGEST_DELAY = 60
_DOUBLINGS = 6
"""After so many the delay is the longest."""


class PinTooSoonError(WordedError):
    """The PIN was wrong lately, and the wait is not over: this one was not looked at."""


class _Count(Struct, frozen=True, tag_field="format", tag="pingyi-tries/1"):
    wrong: Annotated[int, msgspec.Meta(ge=0)]
    last: float


def delay_after(wrong: int) -> int:
    """Return how many seconds after ``wrong`` wrong PINs in a row the next one is looked at: 0, 1, 2, 4 ... 60."""
    return min(2 ** min(wrong - 1, _DOUBLINGS), LONGEST_DELAY) if wrong > 0 else 0


def seconds_to_wait(key_file: Path) -> float:
    """Return in how many seconds a PIN for ``key_file`` is looked at, 0.0 for at once. Raises OSError."""
    count = _read(_count_of(key_file))
    delay = delay_after(count.wrong)
    # a clock that was set back makes nobody wait longer than the rule says
    return min(max(count.last + delay - time.time(), 0.0), delay)


def try_pin(key_file: Path, pin: str) -> DeviceKeys:
    """Return the keys in ``key_file``, trying ``pin`` where it has one.

    Raises PinTooSoonError when ``seconds_to_wait`` is not over, WrongPinError, which lengthens it, KeyFileError, and
    OSError where the count cannot be written: then the PIN is not tried.
    """
    if not needs_pin(key_file):
        return read_key_file(key_file)
    count = _count_of(key_file)
    with filelock.FileLock(key_file.with_name(f"{key_file.name}.lock"), mode=0o600):
        left = seconds_to_wait(key_file)
        if left > 0:
            raise PinTooSoonError("keys.pin_too_soon", seconds=in_whole_seconds(left))
        counted = _Count(_read(count).wrong + 1, time.time())
        write_durably(count, msgspec.json.encode(counted) + b"\n")
        keys = read_key_file(key_file, pin)
        remove_durably(count)
        return keys


def in_whole_seconds(left: float) -> int:
    """Return a wait as people are told it."""
    return max(1, math.ceil(left))


def forget_tries(key_file: Path) -> None:
    """Begin the count anew, for a file with another PIN. Raises OSError."""
    _count_of(key_file).unlink(missing_ok=True)


def _count_of(key_file: Path) -> Path:
    return key_file.with_name(f"{key_file.name}.tries")


def _read(count: Path) -> _Count:
    """Return the count; one that somebody damaged is as good as many."""
    try:
        return msgspec.json.decode(count.read_bytes(), type=_Count)
    except FileNotFoundError:
        return _Count(0, 0.0)
    except (ValueError, RecursionError):
        return _Count(_DOUBLINGS, 0.0)
