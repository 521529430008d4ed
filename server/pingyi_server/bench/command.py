"""``pingyi bench``: measure this program on this machine."""

import asyncio
from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import TYPE_CHECKING

import click
import msgspec

from pingyi_protocol.command_words import SpokenCommand, SpokenGroup
from pingyi_server.commands.options import words

if TYPE_CHECKING:
    from pingyi_server.bench.figures import Found

MEASURED = {
    "burst": "loads",
    "spread": "loads",
    "sustained": "loads",
    "secret": "secret",
    "reconnect": "returning",
    "broadcast": "broadcasting",
}
"""The measurements that print figures of rounds, and the modules of this package that have them."""


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


def measurement(name: str) -> click.Command:
    """Return the command that measures, and prints figures of rounds."""

    @click.command(name, cls=SpokenCommand, help=words()(f"bench.{name}"))
    @click.option("--full", is_flag=True, help=words()("bench.full"))
    @click.option("--json", "as_json", is_flag=True, help=words()("bench.json"))
    def measured(*, full: bool, as_json: bool) -> None:
        from pingyi_server.bench.report import report  # noqa: PLC0415 - help stays fast without it

        measure: Callable[..., Coroutine[None, None, Found]] = getattr(
            import_module(f"pingyi_server.bench.{MEASURED[name]}"), name
        )
        found = asyncio.run(measure(full=full))
        if as_json:
            click.echo(msgspec.json.format(msgspec.json.encode(found.figures())))
            return
        for line in report(found, words()):
            click.echo(line)

    return measured


for each in MEASURED:
    bench.add_command(measurement(each))
