"""Hostile connections in one process, which leaves the machine to everybody else wherever they want it."""

import asyncio
import itertools
import os

import msgspec
from zmq.utils import z85

from pingyi_protocol.meeting.struct import Struct
from pingyi_server.bench.attacker import Attacker, Rate, Tally
from pingyi_server.bench.attacks import ATTACKS
from pingyi_server.bench.stage import LOOPBACK, Enrolled
from pingyi_server.bench.workers import lines, obey
from pingyi_server.bench.zmtp import Address
from pingyi_server.simulation import allow_sockets

LEAST_URGENT = 19


class FloodPlan(Struct, frozen=True):
    """Who attacks, and how: so many connections take these attacks in turn, and the insiders of one wave.

    Each insider attacks from an address of its own on this machine's loopback, as from a machine in the hall.
    """

    waves: tuple[tuple[Enrolled, ...], ...]
    connections: int
    attacks: tuple[str, ...]
    rate: Rate


class Flooding(Struct, frozen=True):
    """Flood for so many seconds, with the insiders and addresses of this wave, whom the server does not know yet."""

    seconds: float
    wave: int


class Flooded(msgspec.Struct):
    """What each attack sent, and the seconds of processor time that sending took."""

    tallies: dict[str, Tally]
    processor: float


async def attack() -> None:
    """Flood as ordered on standard input, behind the plan."""
    # what an attacker computes is done on other machines in a hall: here everybody else goes first
    os.nice(LEAST_URGENT)
    orders = lines()
    plan = msgspec.json.decode(await anext(orders), type=FloodPlan)
    allow_sockets(plan.connections)
    await obey(orders, Flooding, lambda order: flooded(plan, order))


async def flooded(plan: FloodPlan, order: Flooding) -> Flooded:
    """Run all attacks for as long as the order says."""
    before = sum(os.times()[:2])
    insiders = plan.waves[order.wave]
    facts = insiders[0].facts
    address = Address(LOOPBACK, facts.port, z85.decode(facts.server_key.encode()))
    machines = itertools.cycle((one, f"127.0.{1 + order.wave}.{number}") for number, one in enumerate(insiders, 1))
    attackers = [
        (name, Attacker(address, insider, plan.rate, source))
        for name, (insider, source) in zip(
            itertools.islice(itertools.cycle(plan.attacks), plan.connections), machines, strict=False
        )
    ]
    tasks = [asyncio.create_task(attacker.persist(ATTACKS[name])) for name, attacker in attackers]
    _, going_on = await asyncio.wait(tasks, timeout=order.seconds, return_when=asyncio.FIRST_EXCEPTION)
    for task in going_on:
        task.cancel()
    faults = await asyncio.gather(*tasks, return_exceptions=True)
    for fault in faults:
        if not isinstance(fault, asyncio.CancelledError) and fault is not None:
            raise fault
    tallies = {name: Tally() for name in plan.attacks}
    for name, attacker in attackers:
        tallies[name].add(attacker.tally)
    return Flooded(tallies, sum(os.times()[:2]) - before)


if __name__ == "__main__":
    asyncio.run(attack())
