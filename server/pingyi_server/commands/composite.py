"""``pingyi composite``: the composites as they stand, one of them step by step, or what other weights would give."""

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from pingyi_protocol.command_line import BadInput
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.text import Catalogue
from pingyi_server.commands.options import say_waiting, with_folder, words
from pingyi_server.folder import MeetingFolder

if TYPE_CHECKING:
    from rich.console import Console

    from pingyi_protocol.meeting.components import Component
    from pingyi_protocol.meeting.composite import Source
    from pingyi_server.exports.report.composite import Composites
    from pingyi_server.exports.view import View


@click.command(cls=SpokenCommand, help=words()("composite.help"))
@with_folder
@click.option("--target", metavar="NAME", help=words()("composite.help_target"))
@click.option("--weight", "weights", metavar="NAME=PERCENT", multiple=True, help=words()("composite.help_weight"))
def composite(folder: MeetingFolder, target: str | None, weights: tuple[str, ...]) -> None:
    """Show it, whether a server runs or not; nothing is written."""
    # help stays fast without the database and the tables
    from rich.console import Console  # noqa: PLC0415 - see above

    from pingyi_server.exports.report.composite import Composites  # noqa: PLC0415 - see above
    from pingyi_server.exports.view import Reader  # noqa: PLC0415 - see above
    from pingyi_server.exports.what_if import reweighted  # noqa: PLC0415 - see above

    folder.require_database()
    log_key = folder.clerk_profile().facts.log_key
    with closing(folder.open_store()) as store, store.snapshot() as still:
        reader = Reader(still, log_key)
        for _ in reader.leaves():
            pass
        view, restored = reader.view(), still.restored()
    meeting = reader.replay.meeting
    if not view.results.composite:
        raise BadInput(words()("composite.none"))
    shown = view
    if weights:
        shown = reweighted(view, dict(read_weights(weights, view.definition.components)))
    console = Console(highlight=False, markup=False, emoji=False)
    if target is None:
        console.print(table_of(Composites(shown, words()), view if weights else None, words()))
    else:
        show_steps(console, Composites(shown, words()), target)
    if weights:
        console.print(words()("composite.not_saved"))
    elif view.results.composite_announced:
        console.print(words()("composite.announced"))
    else:
        console.print(words()("composite.not_announced"))
    say_waiting(restored, meeting)


def read_weights(given: tuple[str, ...], components: "tuple[Component, ...]") -> "Iterator[tuple[Source, Decimal]]":
    """Yield what weights are asked for; BadInput names what cannot be read."""
    from pingyi_server.exports.what_if import named_sources  # noqa: PLC0415 - see composite

    known = named_sources(components)
    for text in given:
        name, _, percent = text.rpartition("=")
        try:
            weight = Decimal(percent.strip().rstrip("%％"))
        except InvalidOperation:
            weight = Decimal("NaN")
        if not name.strip() or not weight.is_finite() or not 0 <= weight <= 100:  # noqa: PLR2004 - per cent
            raise BadInput(words()("composite.bad_weight", text=text))
        if name.strip() not in known:
            names = words()("export.comma").join(component.name for component in components)
            raise BadInput(words()("composite.unknown", name=name.strip(), names=names))
        yield known[name.strip()], weight


def table_of(composites: "Composites", record: "View | None", words: Catalogue) -> object:
    """Return the table of all targets; beside each total the one of the ``record`` where weights were tried."""
    from rich import box  # noqa: PLC0415 - see composite
    from rich.table import Table  # noqa: PLC0415 - see composite

    title = words("composite.title") if record is None else words("composite.title_tried")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column(words("export.rank"), justify="right", no_wrap=True)
    table.add_column(words("export.target_name"), overflow="fold")
    for component in composites.components:
        table.add_column(f"{component.name}\n{component.weight:f}%", justify="right", overflow="fold")
    table.add_column(words("export.composite"), justify="right", no_wrap=True)
    earlier = {line.target: line for line in record.results.composite} if record is not None else {}
    if record is not None:
        table.add_column(words("composite.on_record"), justify="right", no_wrap=True)
    table.add_column(words("composite.follows"), overflow="fold")
    for line in composites.ordered:
        scores = {one.component: f"{one.score:f}" for one in line.components}
        cells = ["" if line.rank is None else f"{line.rank}", composites.name(line)]
        cells += [scores.get(component.id, "-") for component in composites.components]
        cells.append("-" if line.total is None else f"{line.total:f}")
        if record is not None:
            before = earlier[line.target]
            cells.append("-" if before.total is None else f"{before.total:f} ({before.rank})")
        again = words("report.again_yes") if line.again else ""
        missing = words("composite.missing", missing=composites.lacking(line)) if line.missing else ""
        cells.append(words("report.comma").join(filter(None, (line.band, again, missing))))
        table.add_row(*cells)
    return table


def show_steps(console: "Console", composites: "Composites", target: str) -> None:
    """Print how one target's total is worked out; BadInput where there is no such target."""
    wanted = target.strip()
    for line in composites.ordered:
        known = composites.view.definition.target(line.target)
        if wanted not in (known.id, known.name, known.short_name):
            continue
        steps = composites.steps(line)
        console.print(steps.table.caption)
        for source, formula, score, weight, weighted in steps.table.rows:
            console.print(f"  {source}: {formula}")
            # what has no end says by itself that it is about that much
            found = weighted if weighted.startswith("≈") else f"= {weighted}"
            console.print(f"    {words()('composite.step', score=score, weight=weight, weighted=found)}")
        for sentence in steps.conclusion:
            console.print(f"  {sentence}")
        return
    names = words()("export.comma").join(composites.name(line) for line in composites.ordered)
    raise BadInput(words()("composite.no_target", name=wanted, names=names))
