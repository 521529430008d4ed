"""Load from processes of their own: each is told its plan first, and then one order after the other."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import msgspec

from pingyi_protocol.meeting.struct import Struct
from pingyi_server.bench.stage import StageError

LONGEST_LINE = 64 * 1024 * 1024

Order = TypeVar("Order", bound=Struct)
Answer = TypeVar("Answer", bound=msgspec.Struct)


class Worker:
    """The process at the other end of a pair of pipes."""

    def __init__(self, module: str, process: asyncio.subprocess.Process) -> None:
        """Take a process that was just started."""
        self.module = module
        self.process = process

    async def ask(self, order: Struct, kind: type[Answer]) -> Answer:
        """Give it an order and wait for its answer; StageError when it has ended."""
        if self.process.stdin is None or self.process.stdout is None:
            raise AssertionError("pipes were asked for")
        self.process.stdin.write(msgspec.json.encode(order) + b"\n")
        line = await self.process.stdout.readline()
        if not line:
            raise StageError("bench.worker_ended", module=self.module, code=await self.process.wait())
        return msgspec.json.decode(line, type=kind)


@asynccontextmanager
async def worker(module: str, plan: Struct) -> AsyncIterator[Worker]:
    """Run ``python -m module`` with this plan for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
        # it ends when its orders end, and not in the middle of one when somebody presses Ctrl+C
        start_new_session=True,
    )
    if process.stdin is None:
        raise AssertionError("a pipe was asked for")
    process.stdin.write(msgspec.json.encode(plan) + b"\n")
    try:
        yield Worker(module, process)
    finally:
        # without orders there is nothing left to do
        process.stdin.close()
        await process.wait()


async def lines() -> AsyncIterator[bytes]:
    """Yield the lines of standard input as they come."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield line


async def obey(
    orders: AsyncIterator[bytes], kind: type[Order], work: Callable[[Order], Awaitable[msgspec.Struct]]
) -> None:
    """Do what each order says and answer it in a line, until there are no more."""
    async for line in orders:
        say(await work(msgspec.json.decode(line, type=kind)))


def say(answer: msgspec.Struct) -> None:
    """Answer an order in a line."""
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.buffer.flush()
