"""Make the record of a large meeting once, verify it, and set the time against bare signature checks in the same run.

The record is made by the rules themselves and kept in the system's temporary folder, as long as the sources stay as
they are.
"""

import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import TypeVar

from nacl.signing import SigningKey, VerifyKey

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from kit.large import large_meeting
from pingyi_protocol.record.bundle import COSIGNATURES, Bundle
from pingyi_protocol.record.cosignatures import parse_cosignatures
from pingyi_protocol.record.report import Facts
from pingyi_protocol.record.verify import verify_record

MAKERS = ("protocol/pingyi_protocol/meeting", "tests/kit")
"""The folders of the sources that say what is in the record."""

CHECKS = 20_000
RUNS = 3

Result = TypeVar("Result")


def main(arguments: list[str]) -> int:
    """Print what is in the record, what verifying it takes, and what the machine's signature checks take."""
    members, items = (int(each) for each in arguments) if arguments else (3000, 40)
    path = record_of(members, items)
    with Bundle(path) as bundle:
        heads = len(bundle.notes())
        cosignatures = sum(len(lines) for _, lines in parse_cosignatures(bundle.content(COSIGNATURES)))
    rates, times = [], []
    for _ in range(RUNS):
        rates.append(CHECKS / seconds_of(check_signatures)[0])
        taken, facts = seconds_of(lambda: facts_of(path))
        times.append(taken)
    rate, taken = median(rates), median(times)
    signatures = facts.size + heads + cosignatures
    print(f"record       {members} members, {items} items: {facts.size} entries, {facts.ballots} ballots")
    print(f"             {heads} signed heads, {cosignatures} cosignatures, {path.stat().st_size / 1e6:.1f} MB")
    print(f"machine      {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"             {rate:.0f} bare Ed25519 checks a second ({spread(rates)})")
    print(f"verify       {taken:.1f} s, median of {RUNS} ({spread(times)}), one run after the other with the checks")
    print(f"ratio        {taken * rate / signatures:.2f} of the bare checks of its {signatures} signatures")
    return 0


def record_of(members: int, items: int) -> Path:
    """Return the record of such a meeting, made now unless it is there."""
    digest = sha256()
    for file in sorted(file for folder in MAKERS for file in (ROOT / folder).rglob("*.py")):
        digest.update(file.read_bytes())
    folder = Path(tempfile.gettempdir()) / "pingyi-benchmark"
    path = folder / f"record-{members}x{items}-{digest.hexdigest()[:8]}.zip"
    if not path.exists():
        folder.mkdir(exist_ok=True)
        print(f"making {path}, which takes minutes, once", flush=True)
        large_meeting(members, items).finish().write(path.with_suffix(".part")).replace(path)
    return path


def facts_of(path: Path) -> Facts:
    """Verify the record and return what it holds."""
    report = verify_record(path)
    if report.facts is None or not report.valid:
        raise SystemExit(f"not valid: {report.reasons}")
    return report.facts


def check_signatures() -> None:
    """Check a signature, again and again, with nothing else."""
    key, message = SigningKey.generate(), os.urandom(400)
    signature, public = key.sign(message).signature, bytes(key.verify_key)
    for _ in range(CHECKS):
        VerifyKey(public).verify(message, signature)


def seconds_of(work: Callable[[], Result]) -> tuple[float, Result]:
    """Return how long it takes, and what it gives."""
    begun = time.perf_counter()
    result = work()
    return time.perf_counter() - begun, result


def spread(values: list[float]) -> str:
    """Return the least and the greatest."""
    digits = 0 if min(values) > 1000 else 1  # noqa: PLR2004 - rates and seconds
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
