"""``pingyi load``: check the meeting file and write it into the meeting's database."""

import asyncio

import click

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.meeting.commands import LoadDefinition
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.text import catalogue, language_of_locale
from pingyi_server.commands.options import with_folder, words
from pingyi_server.folder import MeetingFolder


@click.command(cls=SpokenCommand, help=words()("load.help"))
@with_folder
def load(folder: MeetingFolder) -> None:
    """Check everything first; nothing is written while there is an error."""
    from pingyi_server.imports.difference import difference  # noqa: PLC0415 - help stays fast without the workbook reader

    definition = checked(folder)
    if not folder.begun:
        with folder.held():
            # another load may have come first: its keys are the meeting's
            if not folder.begun:
                folder.begin(definition)
    earlier = folder.meeting().definition
    if earlier == definition:
        click.echo(words()("load.unchanged"))
        return
    if earlier is not None:
        click.echo(words()("load.changes"))
        for change in difference(earlier, definition):
            click.echo(f"  {change.describe(language_of_locale())}")
    write(folder, definition)
    counts = {"members": len(definition.entitled), "items": len(definition.agenda), "targets": len(definition.targets)}
    click.echo(words()("load.loaded", name=definition.meeting.name, **counts))
    click.echo(words()("load.next", folder=folder.typed))


def checked(folder: MeetingFolder) -> Definition:
    """Return what the meeting file says; every error at once, on standard error, with exit code 2."""
    from pingyi_server.imports.findings import FileFinding, MeetingFileError  # noqa: PLC0415 - see load
    from pingyi_server.imports.folder import read_meeting_folder  # noqa: PLC0415 - see load

    def warn(finding: FileFinding) -> None:
        click.echo(words()("load.warning", finding=finding.describe(language_of_locale())), err=True)

    try:
        return read_meeting_folder(folder.path, warn)
    except MeetingFileError as fault:
        for line in fault.describe(language_of_locale()):
            click.echo(line, err=True)
        count = len(fault.findings)
        raise BadInput(words()("load.one_error" if count == 1 else "load.errors", count=count)) from fault


def write(folder: MeetingFolder, definition: Definition) -> None:
    """Put the definition on the record, through the running server if there is one."""
    from pingyi_server.clerk import submit  # noqa: PLC0415 - see load

    answer = asyncio.run(submit(folder, LoadDefinition(definition)))
    if isinstance(answer, Refusal):
        refusals = catalogue("pingyi_protocol", language_of_locale())
        raise Failure(refusals(f"refusal.{answer.reason}", **answer.values))
