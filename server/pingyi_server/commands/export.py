"""``pingyi export``: write results, ballots, composite and the record, from one reading of the ledger."""

from contextlib import closing
from pathlib import Path

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.commands.verify import harmless
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import language_of_locale
from pingyi_server.commands.options import say_waiting, with_folder, words
from pingyi_server.folder import MeetingFolder

MOST_NAMED = 20
"""Cosignatures left out that are named; the others are counted."""


@click.command(cls=SpokenCommand, help=words()("export.help"))
@with_folder
@click.option(
    "--out", metavar="OUT", required=True, type=click.Path(file_okay=False, path_type=Path), help=words()("export.out")
)
@click.option("--force", is_flag=True, help=words()("export.force"))
@click.option("--lang", type=click.Choice([language.value for language in Language]), help=words()("export.lang"))
def export(folder: MeetingFolder, out: Path, force: bool, lang: str | None) -> None:
    """Write every file and say where each is; works while the server runs."""
    from pingyi_server.exports.files import NAMES, export_all  # noqa: PLC0415 - help stays fast without the database
    from pingyi_server.exports.view import Reader  # noqa: PLC0415 - see above

    folder.require_database()
    log_key = folder.clerk_profile().facts.log_key
    with closing(folder.open_store()) as store, store.snapshot() as still:
        reader = Reader(still, log_key)
        view = export_all(reader, out, Language(lang) if lang else None, force=force)
        restored = still.restored()
    for fault in view.left_out[:MOST_NAMED]:
        click.echo(words()("export.left_out", fault=harmless(fault.words(language_of_locale()))), err=True)
    if len(view.left_out) > MOST_NAMED:
        click.echo(words()("export.left_out_more", count=len(view.left_out) - MOST_NAMED), err=True)
    for name in NAMES:
        if (out / name).exists():
            click.echo(words()("export.wrote", file=(out / name).resolve()))
    say_waiting(restored, reader.replay.meeting)
    if view.results.simulated:
        click.echo(words()("export.simulated"))
    click.echo(words()("export.done", size=view.results.size, fingerprint=view.results.fingerprint))
    if view.unfinished:
        click.echo(words()("export.not_closed"))
