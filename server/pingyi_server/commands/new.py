"""``pingyi new``: write a meeting folder: a workbook to fill in, the sample meeting, or what comes after a meeting."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pingyi_protocol.command_line import OF_THE_DISK
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.commands.verify import progress_bar
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import catalogue, language_of_locale

if TYPE_CHECKING:
    from pingyi_server.programme.following import Next
    from pingyi_server.programme.sitting import Sitting


class BadInputError(click.ClickException):
    """What was asked for cannot be done; one line says what to do instead."""

    exit_code = 2


WORDS = catalogue("pingyi_server", language_of_locale())


@click.command(cls=SpokenCommand, help=WORDS("new.help"))
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--sample", is_flag=True, help=WORDS("new.help_sample"))
@click.option(
    "--from",
    "earlier",
    metavar="MEETING",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help=WORDS("next.help_from"),
)
@click.option("--database", metavar="URL", envvar="PINGYI_DATABASE", help=WORDS("folder.database"))
@click.option(
    "--lang",
    "language",
    type=click.Choice([language.value for language in Language]),
    show_default=language_of_locale().value,
    help=WORDS("new.help_lang"),
)
def new(folder: Path, sample: bool, earlier: Path | None, database: str | None, language: str | None) -> None:
    """Write ``meeting.xlsx`` into ``folder``, which is made where it does not exist."""
    # spreadsheet libraries are slow to load and no other command's help should wait for them
    from pingyi_server.imports.folder import TOML_NAME, WORKBOOK_NAME  # noqa: PLC0415 - see above
    from pingyi_server.imports.mapping import MeetingFile  # noqa: PLC0415 - see above
    from pingyi_server.imports.sample import example_meeting, sample_meeting  # noqa: PLC0415 - see above
    from pingyi_server.imports.sample_evidence import EVIDENCE_FOLDER, sample_evidence  # noqa: PLC0415 - see above
    from pingyi_server.imports.workbook_writer import workbook_of  # noqa: PLC0415 - see above

    if sample and earlier is not None:
        raise _refusal("next.with_sample")
    _refuse_existing(folder / WORKBOOK_NAME, folder / TOML_NAME, *([folder / EVIDENCE_FOLDER] if sample else []))
    chosen = Language(language) if language else language_of_locale()
    told = [WORDS("new.next_sample" if sample else "new.next_template", folder=shlex.quote(str(folder)))]
    if earlier is not None:
        sitting = _sitting(earlier, database)
        chosen = Language(language) if language else sitting.facts.language
        coming = _following(sitting, chosen)
        file = MeetingFile(coming.definition, coming.recusals)
        told = [*_said(sitting, coming), WORDS("next.fill_in", folder=shlex.quote(str(folder)))]
    else:
        file = sample_meeting(chosen) if sample else example_meeting(chosen)
    evidence = sample_evidence(file.definition, chosen) if sample else ()
    files = {folder / WORKBOOK_NAME: workbook_of(file.definition, chosen, file.recusals)}
    _write_all(files | {folder / EVIDENCE_FOLDER / one.name: one.content for one in evidence})
    click.echo(WORDS("new.written", path=folder / WORKBOOK_NAME))
    if evidence:
        click.echo(WORDS("new.written_evidence", folder=folder / EVIDENCE_FOLDER))
    for line in told:
        click.echo(line)


def _refuse_existing(*paths: Path) -> None:
    for path in paths:
        if path.exists():
            raise _refusal("new.exists", path=path)


def _write_all(files: Mapping[Path, bytes]) -> None:
    """Write files that must not exist, and the folders that they are in."""
    for path, content in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_new(path, content)
        except FileExistsError as error:
            raise _refusal("new.exists", path=error.filename or path) from None
        except OSError as error:
            if error.errno in OF_THE_DISK:
                raise
            raise _refusal("new.cannot_write", path=path, reason=error.strerror) from None


def _sitting(earlier: Path, database: str | None) -> "Sitting":
    """Read the meeting that the new one goes on from."""
    from pingyi_server.folder import MeetingFolder  # noqa: PLC0415 - help stays fast without the database
    from pingyi_server.programme.reading import sitting_of  # noqa: PLC0415 - see above

    folder = MeetingFolder(earlier, database)
    folder.require_database()
    with progress_bar(WORDS("next.bar")) as progress:
        return sitting_of(folder, str(earlier), progress)


def _following(sitting: "Sitting", language: Language) -> "Next":
    """Return the meeting that comes after this one."""
    from pingyi_server.imports.sample import example_meeting  # noqa: PLC0415 - help stays fast
    from pingyi_server.programme.following import next_meeting  # noqa: PLC0415 - see above

    title = catalogue("pingyi_server", language)("next.item")
    return next_meeting(sitting, example_meeting(language).definition, title, language)


def _said(sitting: "Sitting", coming: "Next") -> Iterator[str]:
    """Say who is next, and what to look at."""
    for key, names in (("chosen", coming.chosen), ("again", coming.again)):
        if names:
            yield WORDS(f"next.{key}", count=len(names), names=WORDS("export.comma").join(names))
    if coming.recusals:
        yield WORDS("next.recusals", count=len(coming.recusals))
    if not sitting.closed:
        yield WORDS("next.open", meeting=sitting.facts.session)


def _write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist, whole or not at all."""
    with path.open("xb") as file:
        try:
            file.write(content)
            file.flush()
        except OSError:
            path.unlink()
            raise


def _refusal(key: str, **values: object) -> BadInputError:
    return BadInputError(WORDS(key, **values))
