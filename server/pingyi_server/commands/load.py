"""``pingyi load``: check the meeting file and write it into the meeting's database."""

from collections import Counter
from typing import TYPE_CHECKING

import click

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.meeting.commands import Body, LoadDefinition, Recuse
from pingyi_protocol.meeting.definition import Definition
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.text import catalogue, language_of_locale
from pingyi_server.commands.options import with_folder, words
from pingyi_server.folder import MeetingFolder

if TYPE_CHECKING:
    from pingyi_server.imports.mapping import MeetingFile


@click.command(cls=SpokenCommand, help=words()("load.help"))
@with_folder
def load(folder: MeetingFolder) -> None:
    """Check everything first; nothing is written while there is an error."""
    file = checked(folder)
    if not folder.begun:
        with folder.held():
            # another load may have come first: its keys are the meeting's
            if not folder.begun:
                folder.begin(file.definition)
    earlier = folder.meeting().definition
    if earlier != file.definition:
        tell_changes(earlier, file.definition)
        write(folder, LoadDefinition(file.definition))
    # only a definition that is on the record has members and items to recuse; a load that was cut short goes on here
    meeting = folder.meeting()
    recusals = [one for one in file.recusals if (one.item, one.person) not in meeting.recusals]
    for one in recusals:
        write(folder, one)
    if earlier == file.definition and not recusals:
        click.echo(words()("load.unchanged"))
    else:
        tell_loaded(file.definition, recusals)
    tell_other_recusals(meeting, file.recusals)
    if earlier != file.definition:
        click.echo(words()("load.next", folder=folder.typed))


def checked(folder: MeetingFolder) -> "MeetingFile":
    """Return what the meeting file says; every error at once, on standard error, with exit code 2."""
    # help stays fast without the workbook reader
    from pingyi_server.imports.findings import FileFinding, MeetingFileError  # noqa: PLC0415 - see above
    from pingyi_server.imports.folder import read_meeting_folder  # noqa: PLC0415 - see above

    def warn(finding: FileFinding) -> None:
        click.echo(words()("load.warning", finding=finding.describe(language_of_locale())), err=True)

    try:
        return read_meeting_folder(folder.path, warn)
    except MeetingFileError as fault:
        for line in fault.describe(language_of_locale()):
            click.echo(line, err=True)
        count = len(fault.findings)
        raise BadInput(words()("load.one_error" if count == 1 else "load.errors", count=count)) from fault


def tell_changes(earlier: Definition | None, definition: Definition) -> None:
    """Say line by line what is new since the last load."""
    from pingyi_server.imports.difference import difference  # noqa: PLC0415 - see checked

    if earlier is None:
        return
    click.echo(words()("load.changes"))
    for change in difference(earlier, definition):
        click.echo(f"  {change.describe(language_of_locale())}")


def tell_loaded(definition: Definition, recusals: list[Recuse]) -> None:
    """Say what was written, and what comes next."""
    counts = {"members": len(definition.entitled), "items": len(definition.agenda), "targets": len(definition.targets)}
    click.echo(words()("load.loaded", name=definition.meeting.name, **counts))
    kinds = Counter(item.rules.kind for item in definition.agenda)
    named = (words()("load.kind", kind=words()(f"workbook.kind_{kind}"), count=count) for kind, count in kinds.items())
    click.echo(words()("load.kinds", kinds=words()("imports.between_choices").join(named)))
    for one in recusals:
        click.echo(words()("load.recused", **named_recusal(definition, one)))


def tell_other_recusals(meeting: Meeting, recusals: tuple[Recuse, ...]) -> None:
    """Name those on the record that the file does not hold, or not so: a load adds recusals and lifts none."""
    definition = meeting.definition
    if definition is None:
        return
    held = {(one.item, one.person): one.reason for one in recusals}
    for (item, person), reason in meeting.recusals.items():
        if held.get((item, person)) != reason:
            click.echo(words()("load.still_recused", **named_recusal(definition, Recuse(person, item, reason))))


def named_recusal(definition: Definition, one: Recuse) -> dict[str, str]:
    """Return the values that the words of a recusal name."""
    line = definition.person(one.person)
    return {"item": one.item, "person": one.person, "name": line.name if line else "", "reason": one.reason}


def write(folder: MeetingFolder, body: Body) -> None:
    """Put it on the record, through the running server if there is one."""
    from pingyi_server.clerk import submitted  # noqa: PLC0415 - see checked

    answer = submitted(folder, body)
    if isinstance(answer, Refusal):
        refusals = catalogue("pingyi_protocol", language_of_locale())
        raise Failure(refusals(f"refusal.{answer.reason}", **answer.values))
