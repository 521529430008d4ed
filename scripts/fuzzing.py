"""What scripts/fuzz runs: the inputs of the tests, with new seeds, until the time is over."""

import logging
import sys
import time
import traceback
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from hypothesis import seed

from kit.fuzz_files import FILES_READ
from kit.fuzz_server import SERVER
from kit.fuzz_wire import WIRE
from kit.fuzzing import Fuzz, trial

KEPT = ROOT / "fuzz"


def main(ends: float, number: int) -> int:
    """Try one reader after the other with ever new seeds; return 1 if one failed."""
    # bad input is what is logged here, by the thousand
    logging.getLogger().addHandler(logging.NullHandler())
    readers = [*WIRE, *FILES_READ, *SERVER]
    tried = dict.fromkeys((fuzz.name for fuzz in readers), 0)
    failed: set[str] = set()
    while time.time() < ends:
        # a short run does not begin with the same ones again
        readers = readers[number % len(readers) :] + readers[: number % len(readers)]
        for fuzz in readers:
            if time.time() >= ends or fuzz.name in failed:
                continue
            number += 1
            if passes(fuzz, number):
                tried[fuzz.name] += fuzz.examples
            else:
                failed.add(fuzz.name)
        if len(failed) == len(tried):
            break
    for name, count in tried.items():
        print(f"{name}: {'FAILED' if name in failed else f'{count} inputs'}")
    return 1 if failed else 0


def passes(fuzz: Fuzz, number: int) -> bool:
    """Try a reader with one seed; the smallest input that fails is kept in a file."""
    last: list[Any] = []

    def noted(given: Any) -> None:
        last[:] = [given]
        fuzz.check(given)

    try:
        seed(number)(trial(Fuzz(fuzz.name, fuzz.inputs, noted, fuzz.examples), fuzz.examples))()
    except Exception:  # noqa: BLE001 - whatever it is, it is what we look for
        KEPT.mkdir(exist_ok=True)
        file = KEPT / f"{fuzz.name}-{number}"
        [given] = last
        file.with_suffix(".input").write_bytes(given if isinstance(given, bytes) else repr(given).encode())
        file.with_suffix(".txt").write_text(f"seed {number}\n{traceback.format_exc()}", encoding="utf-8")
        print(f"{fuzz.name}: FAILED with seed {number}, see {file}.txt", flush=True)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2])))
