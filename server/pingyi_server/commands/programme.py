"""``pingyi programme``: the year's appraisal over a folder of meetings. Reads only."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pingyi_protocol.command_line import BadInput, Failure, of_the_system
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.commands.verify import harmless, progress_bar
from pingyi_protocol.text import language_of_locale
from pingyi_server.commands.options import words

if TYPE_CHECKING:
    from pingyi_server.programme.reading import Unread
    from pingyi_server.programme.year import Overview, Programme, Story


@click.command(cls=SpokenCommand, help=words()("programme.help"))
@click.argument("folder", metavar="FOLDER", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--target", metavar="NAME", help=words()("programme.help_target"))
@click.option(
    "--csv", "file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help=words()("programme.help_csv")
)
def programme(folder: Path, target: str | None, file: Path | None) -> None:
    """Show the meetings that can be read, and name the folders that cannot."""
    from rich.console import Console  # noqa: PLC0415 - help stays fast

    from pingyi_server.programme.reading import read_sittings  # noqa: PLC0415 - help stays fast without the database
    from pingyi_server.programme.showing import Showing  # noqa: PLC0415 - see above
    from pingyi_server.programme.year import overview  # noqa: PLC0415 - see above

    found = read_sittings(folder, lambda name: progress_bar(words()("programme.bar", folder=name)))
    if not found.sittings:
        say_unread(found.unread)
        raise BadInput(words()("programme.nothing", folder=folder))
    year = overview(found.sittings, date.today())  # noqa: DTZ011 - deadlines are days where the clerk is
    console = Console(highlight=False, markup=False, emoji=False)
    showing = Showing(words())
    if file is not None:
        write_table(file, year)
    elif target is None:
        for part in showing.whole(year):
            console.print(part)
    else:
        for one, story in chosen(year, target):
            for part in showing.story(one, story):
                console.print(part)
    say_unread(found.unread)
    damaged = sum(one.damaged for one in found.unread)
    if damaged:
        raise Failure(words()("programme.unread_some", count=damaged))


def chosen(year: "Overview", name: str) -> "list[tuple[Programme, Story]]":
    """Return the target of this name in every programme that has it; a part of the name does where one alone has it."""
    from pingyi_server.programme.year import folded  # noqa: PLC0415 - help stays fast without the database

    every = [(one, story) for one in year.programmes for story in one.stories]
    asked = folded(name)
    same = [pair for pair in every if asked in (folded(pair[1].name), folded(pair[1].short_name))]
    found = same or [pair for pair in every if asked and asked in folded(pair[1].name)]
    if not found:
        raise BadInput(words()("programme.no_target", name=name, names=names(every)))
    if len({folded(story.name) for _, story in found}) > 1:
        raise BadInput(words()("programme.several_targets", name=name, count=len(found), names=names(found)))
    return found


def names(found: "Iterable[tuple[Programme, Story]]") -> str:
    """Return the names of targets, each once."""
    return words()("export.comma").join(dict.fromkeys(story.name for _, story in found))


def write_table(file: Path, year: "Overview") -> None:
    """Write the table into a file that must not exist."""
    from pingyi_server.exports.tables import encode_csv  # noqa: PLC0415 - help stays fast
    from pingyi_server.programme.sheet import sheet  # noqa: PLC0415 - see above

    content = encode_csv(sheet(year, words()))
    try:
        with file.open("xb") as out:
            out.write(content)
    except FileExistsError:
        raise BadInput(words()("programme.csv_exists", file=file)) from None
    click.echo(words()("programme.csv_written", file=file.resolve()))


def say_unread(unread: "Iterable[Unread]") -> None:
    """Name the folders that are not shown, each with the reason."""
    for place, one in enumerate(unread):
        if not place:
            click.echo(words()("programme.unread"), err=True)
        fault = one.fault
        why = of_the_system(fault) if isinstance(fault, OSError) else fault.words(language_of_locale())
        click.echo("  " + harmless(words()("programme.unread_one", folder=one.folder, why=why)), err=True)
