"""``pingyi restore``: put a backup in place; chair and scrutineer must sign before the meeting goes on."""

from pathlib import Path

import click

from pingyi_protocol.command_line import Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.commands.verify import harmless
from pingyi_protocol.text import language_of_locale
from pingyi_server.commands.options import say_findings, with_folder, words
from pingyi_server.folder import MeetingFolder


@click.command(cls=SpokenCommand, help=words()("restore.help"))
@with_folder
@click.argument("backup", metavar="BACKUP", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--reason", required=True, help=words()("restore.reason"))
@click.option("--yes", is_flag=True, help=words()("restore.yes"))
def restore(folder: MeetingFolder, backup: Path, reason: str, yes: bool) -> None:
    """Say what goes, and ask; put the backup in place, and say what comes next."""
    from pingyi_server.ledger.audit import Audit  # noqa: PLC0415 - help stays fast without the database
    from pingyi_server.restoring import Lost, put_back  # noqa: PLC0415 - see above

    def agree(lost: Lost, found: Audit) -> None:
        say_findings(found)
        if lost.key:
            fault = lost.fault and harmless(lost.fault.words(language_of_locale()))
            click.echo(words()(f"restore.lost_{lost.key}", fault=fault, **lost.values))
        # what the clerk has seen may be newer than both
        if (lost.key or found.findings) and not yes and not click.confirm(words()("restore.ask")):
            raise Failure(words()("restore.left"))

    done = put_back(folder, backup, reason, agree)
    click.echo(words()("restore.done", size=done.size, fingerprint=done.fingerprint))
    if done.aside is not None:
        click.echo(words()("restore.aside", file=done.aside))
    click.echo(words()("restore.shown", reason=done.reason))
    click.echo(words()("restore.next", folder=folder.typed))
