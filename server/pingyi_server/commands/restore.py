"""``pingyi restore``: put a backup in place; chair and scrutineer must sign before the meeting goes on."""

from pathlib import Path

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_server.commands.options import say_findings, with_folder, words
from pingyi_server.folder import MeetingFolder


@click.command(cls=SpokenCommand, help=words()("restore.help"))
@with_folder
@click.argument("backup", metavar="BACKUP", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--reason", required=True, help=words()("restore.reason"))
def restore(folder: MeetingFolder, backup: Path, reason: str) -> None:
    """Put the backup in place and say what comes next."""
    from pingyi_protocol.meeting.reasons import LONGEST_REASON, is_reason  # noqa: PLC0415 - help stays fast
    from pingyi_server.folder import FolderError  # noqa: PLC0415 - see above
    from pingyi_server.restoring import put_back  # noqa: PLC0415 - see above

    if not is_reason(reason):
        raise FolderError("restore.reason_refused", most=LONGEST_REASON)
    done = put_back(folder, backup, reason)
    say_findings(done.audit)
    click.echo(words()("restore.done", size=done.size, fingerprint=done.fingerprint))
    if done.aside is not None:
        click.echo(words()("restore.aside", file=done.aside))
    click.echo(words()("restore.next", folder=folder.typed))
