"""``pingyi audit``: the live database against its ledger. Exit code 0 sound, 1 not, with every difference named."""

from contextlib import closing

import click

from pingyi_protocol.command_line import Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.commands.verify import progress_bar
from pingyi_server.commands.options import say_findings, say_waiting, with_folder, words
from pingyi_server.folder import MeetingFolder


@click.command(cls=SpokenCommand, help=words()("audit.help"))
@with_folder
@click.option("--rebuild", "anew", is_flag=True, help=words()("audit.rebuild"))
def audit(folder: MeetingFolder, anew: bool) -> None:
    """Read everything at one moment, also while the server runs; rebuild only what a sound ledger gives."""
    from pingyi_server.ledger import audit as auditing  # noqa: PLC0415 - help stays fast without the database
    from pingyi_server.ledger.projection import rebuild  # noqa: PLC0415 - see above

    folder.require_database()
    clerk = folder.clerk_profile()
    facts = clerk.facts
    with closing(folder.open_store()) as store:
        with progress_bar(words()("audit.reading")) as progress:
            found = auditing.audit(store, facts.log_key, facts.origin, progress, tables=not anew, seen=clerk.head())
        restored = store.restored()
        say_findings(found)
        if not found.holds:
            raise Failure(words()("audit.other_version" if found.other_version else "audit.unsound"))
        if anew:
            rebuild(store, found.meeting)
            click.echo(words()("audit.rebuilt"))
        if not found.sound:
            say_waiting(restored, found.meeting)
            what = "unsound_beside" if found.counts.get(auditing.BESIDE) else "unsound_tables"
            raise Failure(words()(f"audit.{what}", folder=folder.typed))
    click.echo(words()("audit.sound" if found.size else "audit.empty", size=found.size, fingerprint=found.fingerprint))
    say_waiting(restored, found.meeting)
    click.echo(told_line(folder, found.size, found.size if anew else found.told))


def told_line(folder: MeetingFolder, size: int, told: int | None) -> str:
    """Say how far the tables that people query have come."""
    if told is None:
        return words()("audit.not_told", folder=folder.typed)
    return words()("audit.told_all" if told == size else "audit.told_some", told=told, size=size, folder=folder.typed)
