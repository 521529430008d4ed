"""``pingyi rehearse``: the meeting once through with simulated members, on this machine and on a record thrown away."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pingyi_protocol.command_line import BadInput
from pingyi_protocol.command_words import SpokenCommand
from pingyi_server.commands.load import checked
from pingyi_server.commands.options import with_folder, words
from pingyi_server.folder import FolderError, MeetingFolder

if TYPE_CHECKING:
    from pingyi_server.imports.mapping import MeetingFile

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Result = TypeVar("Result")


@click.command(cls=SpokenCommand, help=words()("rehearse.help"))
@with_folder
@click.option("--seats", type=click.IntRange(5, 3000), help=words()("rehearse.seats"))
@click.option("--rounds", type=click.IntRange(1), help=words()("rehearse.rounds"))
def rehearse(folder: MeetingFolder, seats: int | None, rounds: int | None) -> None:
    """Run it, say what was found, and leave nothing behind."""
    from pingyi_server.bench.stage import free_port  # noqa: PLC0415 - help stays fast without it
    from pingyi_server.ledger.database import sqlite_file  # noqa: PLC0415 - see above
    from pingyi_server.rehearsal import rehearsing  # noqa: PLC0415 - see above
    from pingyi_server.rehearsal.report import lines  # noqa: PLC0415 - see above
    from pingyi_server.rehearsal.roster import resized  # noqa: PLC0415 - see above

    file = meeting_of(folder)
    if not file.definition.agenda:
        raise BadInput(words()("rehearse.no_agenda"))
    if sqlite_file(folder.database) is None:
        click.echo(words()("rehearse.other_database"))
    file = resized(file, seats or len(file.definition.entitled), free_port())

    def tell(key: str, **values: object) -> None:
        click.echo(words()(f"rehearse.{key}", **values))

    try:
        found = asyncio.run(until_told(rehearsing.rehearse(file, folder, rounds, tell)))
    except asyncio.CancelledError:
        click.echo(words()("rehearse.stopped"), err=True)
        raise click.Abort from None
    for line in lines(found, words()):
        click.echo(line)
    tell("thrown_away", folder=folder.typed)


def meeting_of(folder: MeetingFolder) -> "MeetingFile":
    """Return the meeting on the folder's record, or as its file has it before it was loaded; nothing is written."""
    from pingyi_protocol.meeting.commands import Recuse  # noqa: PLC0415 - help stays fast without it
    from pingyi_server.imports.mapping import MeetingFile  # noqa: PLC0415 - see above
    from pingyi_server.untouched import untouched  # noqa: PLC0415 - see above

    if not folder.begun:
        return checked(folder)
    folder.require_database()
    meeting = untouched(folder).meeting()
    if meeting.definition is None:
        raise FolderError("folder.not_loaded", folder=folder.typed)
    recusals = tuple(Recuse(person, item, reason) for (item, person), reason in meeting.recusals.items())
    return MeetingFile(meeting.definition, recusals)


async def until_told(work: Coroutine[Any, Any, Result]) -> Result:
    """Return what the work gives; a signal that says stop cancels it, once, so that it can put everything away."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if not task.cancelling():
            task.cancel()

    for number in STOPPING:
        loop.add_signal_handler(number, stop)
    return await task
