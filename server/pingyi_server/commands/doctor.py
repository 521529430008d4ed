"""``pingyi doctor``: whether this machine and a meeting are ready, each line good, to look at, or to be mended."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.cells import set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pingyi_protocol.command_line import Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.hidden import shown
from pingyi_server.commands.options import FolderArgument, database_option, words
from pingyi_server.folder import MeetingFolder

COLOURS = {"good": "green", "look": "yellow", "mend": "bold red"}
GAP = 2


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
    show(
        [
            (Text(states[one.state], COLOURS[one.state]), Text(areas[one.area]), Text(shown(line(one, words()))))
            for one in found
        ]
    )
    counts = {state: sum(one.state is state for one in found) for state in State}
    told = words()("doctor.counts", **{state.value: count for state, count in counts.items()})
    if counts[State.MEND]:
        raise Failure(told)
    click.echo(told)


def show(rows: Sequence[tuple[Text, Text, Text]]) -> None:
    """Print state, area and text of each finding: in columns on a screen, one line each into a file."""
    if sys.stdout.isatty():
        grid = Table.grid(padding=(0, GAP))
        for overflow in ("ellipsis", "ellipsis", "fold"):
            # a Chinese clause is one long word, and nothing of it may be cut
            grid.add_column(overflow=overflow)
        for row in rows:
            grid.add_row(*row)
        Console().print(grid)
        return
    widths = [max(row[place].cell_len for row in rows) + GAP for place in range(2)]
    for state, area, text in rows:
        click.echo(set_cell_size(state.plain, widths[0]) + set_cell_size(area.plain, widths[1]) + text.plain)
