"""``pingyi doctor``: whether this machine and a meeting are ready, each line good, to look at, or to be mended."""

from collections.abc import Iterable
from pathlib import Path

import click
from rich.cells import cell_len

from pingyi_protocol.command_line import Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.hidden import shown
from pingyi_server.commands.options import FolderArgument, database_option, words
from pingyi_server.folder import MeetingFolder

COLOURS = {"good": "green", "look": "yellow", "mend": "red"}


@click.command(cls=SpokenCommand, help=words()("doctor.help"))
@click.argument("directory", metavar="[DIR]", type=FolderArgument(), required=False)
@database_option
def doctor(directory: Path | None, database: str | None) -> None:
    """Look at everything, say each thing in a line, and change nothing."""
    from pingyi_server.doctor.examination import findings  # noqa: PLC0415 - help stays fast without it
    from pingyi_server.doctor.finding import Area, State, line  # noqa: PLC0415 - see above

    found = sorted(
        findings(MeetingFolder(directory, database) if directory else None),
        key=lambda one: list(Area).index(one.area),
    )
    states = {state: words()(f"doctor.{state}") for state in State}
    areas = {area: words()(f"doctor.area_{area}") for area in Area}
    for one in found:
        state = click.style(padded(states[one.state], states.values()), fg=COLOURS[one.state])
        click.echo(f"{state}  {padded(areas[one.area], areas.values())}  {shown(line(one, words()))}")
    counts = {state: sum(one.state is state for one in found) for state in State}
    told = words()("doctor.counts", **{state.value: count for state, count in counts.items()})
    if counts[State.MEND]:
        raise Failure(told)
    click.echo(told)


def padded(text: str, others: Iterable[str]) -> str:
    """Return a text as wide as the widest of them."""
    return text + " " * (max(map(cell_len, others)) - cell_len(text))
