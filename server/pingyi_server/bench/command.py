"""``pingyi bench``: measure this program on this machine."""

import asyncio

import click
import msgspec

from pingyi_protocol.command_words import SpokenGroup
from pingyi_server.commands.options import words


@click.group(cls=SpokenGroup, help=words()("bench.help"))
def bench() -> None:
    """Group the measurements."""


@bench.command("hostile", help=words()("bench.hostile"))
@click.option("--full", is_flag=True, help=words()("bench.full"))
@click.option("--json", "as_json", is_flag=True, help=words()("bench.json"))
def hostile(*, full: bool, as_json: bool) -> None:
    """Flood a server beside honest seats and say what they felt."""
    from pingyi_server.bench.hostile import FULL, QUICK, measure  # noqa: PLC0415 - help stays fast without it
    from pingyi_server.bench.report import hostile_report  # noqa: PLC0415 - see above

    found = asyncio.run(measure(FULL if full else QUICK))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(found.figures())))
        return
    for line in hostile_report(found, words()):
        click.echo(line)
