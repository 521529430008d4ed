"""A scrutineer's terminal in a process of its own: it helps make the key, and opens whatever waits to be opened."""

import asyncio

import msgspec
import zmq.asyncio

from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.record.proofs import Proofs
from pingyi_server.bench.stage import Enrolled
from pingyi_server.bench.workers import lines
from pingyi_server.simulated_scrutineer import open_secret_rounds
from pingyi_server.simulation import Ear, Memory


class OpenerPlan(Struct, frozen=True):
    """Whose terminal it is, and whether it checks the proofs of ballots."""

    scrutineer: Enrolled
    checks: bool


async def take_part() -> None:
    """Do so for whom the plan on standard input names, until there are no more orders there."""
    orders = lines()
    plan = msgspec.json.decode(await anext(orders), type=OpenerPlan)
    one = plan.scrutineer
    with zmq.asyncio.Context(io_threads=1) as context:
        session = Session(context, one.facts, one.keys, Memory(), Ear())
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(session.run()),
                tasks.create_task(open_secret_rounds(session, Proofs() if plan.checks else None)),
            ]
            async for _ in orders:
                pass
            for task in running:
                task.cancel()


if __name__ == "__main__":
    asyncio.run(take_part())
