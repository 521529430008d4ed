"""What sealing a secret ballot costs, and checking one, beside nothing but the group operations that it takes.

The operations are those of one run, noted as libsodium was asked for them, and done again with the same arguments. Then
whole halls vote secretly, for how long a result takes from the close.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import nacl.bindings
import nacl.utils

from pingyi_protocol.meeting.definition import Opens
from pingyi_protocol.secret.ballot import Question, cast_ballot, verify_ballot
from pingyi_protocol.secret.encoding import Distribution, Encoding, Marks, Sum
from pingyi_protocol.secret.group import raised, random_scalar
from pingyi_protocol.secret.messages import text_of
from pingyi_server.bench.belenios import beside
from pingyi_server.bench.figures import Found, Rounds
from pingyi_server.bench.opening import Size, cast_before, opened, rounds_of

GOAL = 1.3
SCORE = 83
ROUNDS = {False: 7, True: 31}
ASKED = (
    "crypto_core_ed25519_is_valid_point",
    "crypto_core_ed25519_add",
    "crypto_core_ed25519_sub",
    "crypto_scalarmult_ed25519_noclamp",
    "crypto_scalarmult_ed25519_base_noclamp",
)
MEMBER = bytes(range(32))


class Sheet(NamedTuple):
    """A kind of ballot: what sealing and checking it is called, its encoding, an answer, and how many make a round."""

    sealing: str
    checking: str
    encoding: Encoding
    marks: Marks
    ballots: int


SHEETS = (
    Sheet("seal sum", "check sum", Sum(100, abstention=True), (SCORE,), 20),
    Sheet("seal distribution", "check distribution", Distribution(101), (SCORE,), 2),
)

Call = tuple[Callable[..., Any], tuple[Any, ...]]


SMALL = (
    Size("result 60 sum", "wait 60 sum", Opens.SUM, 60, 3, 1.0),
    Size("result 60 sum shared", "wait 60 sum shared", Opens.SUM, 60, 3, shared=True),
    Size("result 60 distribution", "wait 60 distribution", Opens.DISTRIBUTION, 60, 3, 6.0),
    Size("result 60 distribution shared", "wait 60 distribution shared", Opens.DISTRIBUTION, 60, 2, shared=True),
)
LARGE = (
    Size("result 3000 sum", "wait 3000 sum", Opens.SUM, 3000, 3, 20.0, seconds=15.0),
    Size("result 3000 sum at once", "wait 3000 sum at once", Opens.SUM, 3000, 3, 20.0),
)
HALLS = {False: SMALL, True: (*SMALL, *LARGE)}


async def secret(*, full: bool) -> Found:
    """Seal and check sums of 0 to 100 with abstention, and distributions over 101 scores, beside the bare work.

    Then hold rounds of both in whole halls.
    """
    figures = {one.name: one for sheet in SHEETS for one in measured(sheet, ROUNDS[full])}
    how = [
        ("bench.secret_how", {"rounds": str(ROUNDS[full])}),
        await asyncio.to_thread(beside),
        ("bench.halls_how", {}),
    ]
    rounds = list(figures.values())
    for size in HALLS[full]:
        found = await opened(size)
        how.append(cast_before(size, found, min(figures[f"check {size.opens}"].values)))
        rounds.extend(rounds_of(size, found))
    return Found(how, rounds)


def measured(sheet: Sheet, rounds: int) -> Iterator[Rounds]:
    """Yield what sealing and checking one ballot of this kind takes, in milliseconds."""
    key = text_of(raised(random_scalar(nacl.utils.random)))
    question = Question("bench.example/1", "1", 1, "score", "T01", sheet.encoding, key)

    def seal() -> str:
        return cast_ballot(question, MEMBER, sheet.marks, nacl.utils.random)

    text = seal()
    for name, work in ((sheet.sealing, seal), (sheet.checking, lambda: verify_ballot(question, MEMBER, text))):
        with noted() as calls:
            work()
        bare = partial(done_again, tuple(calls))
        values, against = [], []
        for _ in range(rounds):
            values.append(milliseconds(work, sheet.ballots))
            against.append(milliseconds(bare, sheet.ballots))
        yield Rounds(name, "ms", values, against, "bench.beside_operations", GOAL)


@contextmanager
def noted() -> Iterator[list[Call]]:
    """Note what libsodium is asked for, as long as the block lasts."""
    calls: list[Call] = []
    kept = {name: getattr(nacl.bindings, name) for name in ASKED}

    def noting(function: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*arguments: Any) -> Any:
            calls.append((function, arguments))
            return function(*arguments)

        return asked

    try:
        for name, function in kept.items():
            setattr(nacl.bindings, name, noting(function))
        yield calls
    finally:
        for name, function in kept.items():
            setattr(nacl.bindings, name, function)


def done_again(calls: tuple[Call, ...]) -> None:
    """Ask libsodium for the same again."""
    for function, arguments in calls:
        function(*arguments)


def milliseconds(work: Callable[[], object], times: int) -> float:
    """Return how long the work takes once, on the average of so many times."""
    begun = time.perf_counter()
    for _ in range(times):
        work()
    return 1000 * (time.perf_counter() - begun) / times
