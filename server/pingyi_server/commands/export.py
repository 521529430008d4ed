"""``pingyi export``: write results, ballots, composite and the record, from one reading of the ledger."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from pingyi_protocol.command_line import Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.commands.verify import harmless, progress_bar
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.record import RecordError
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
@click.option("--bilingual", is_flag=True, help=words()("export.bilingual"))
@click.option("--force", is_flag=True, help=words()("export.force"))
@click.option("--lang", type=click.Choice([language.value for language in Language]), help=words()("export.lang"))
def export(folder: MeetingFolder, out: Path, force: bool, lang: str | None, bilingual: bool) -> None:
    """Write every file and say where each is; works while the server runs."""
    from pingyi_server.exports.files import NAMES, export_all  # noqa: PLC0415 - help stays fast without the database
    from pingyi_server.exports.view import Reader  # noqa: PLC0415 - see above

    folder.require_database()
    log_key = folder.clerk_profile().facts.log_key
    language = Language(lang) if lang else None
    with closing(folder.open_store()) as store, store.snapshot() as still, progress_bar(words()("export.bar")) as bar:
        reader = Reader(still, log_key)
        exported = export_all(reader, out, language, bilingual=bilingual, force=force, progress=bar)
        restored = still.restored()
    say_left_out(exported.view.left_out)
    for name in NAMES:
        if (out / name).exists():
            click.echo(words()("export.wrote", file=(out / name).resolve()))
    for name, why in exported.unmade.items():
        click.echo(words()("export.unmade", file=name, why=harmless(why.words(language_of_locale()))), err=True)
    say_waiting(restored, reader.replay.meeting)
    results = exported.view.results
    if results.simulated:
        click.echo(words()("export.simulated"))
    click.echo(words()("export.done", size=results.size, fingerprint=results.fingerprint))
    if exported.view.unfinished:
        click.echo(words()("export.not_closed"))
    if exported.unmade:
        raise Failure(words()("export.some_unmade", count=len(exported.unmade)))


def say_left_out(faults: Sequence[RecordError]) -> None:
    """Name the cosignatures that are not in the record, and count those beyond the first."""
    for fault in faults[:MOST_NAMED]:
        click.echo(words()("export.left_out", fault=harmless(fault.words(language_of_locale()))), err=True)
    if len(faults) > MOST_NAMED:
        click.echo(words()("export.left_out_more", count=len(faults) - MOST_NAMED), err=True)
