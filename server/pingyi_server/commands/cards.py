"""``pingyi cards``: printable seat cards, each with a fresh enrolment code."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.commands.verify import progress_bar
from pingyi_protocol.meeting.definition import Definition, Language, Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.text import language_of_locale
from pingyi_protocol.wording import WordedError
from pingyi_server.commands.code import whose, why
from pingyi_server.commands.options import with_folder, words
from pingyi_server.folder import FolderError, MeetingFolder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pingyi_protocol.keys.enrolment_code import EnrolmentCode
    from pingyi_server.cards.issuing import Issued

MOST_NAMED = 20
ROLES = (Role.MEMBER, Role.CHAIR, Role.SCRUTINEER, Role.HALL)


@click.command(cls=SpokenCommand, help=words()("cards.help"))
@with_folder
@click.argument("members", metavar="[MEMBER]...", nargs=-1)
@click.option("--role", type=click.Choice([role.value for role in ROLES]), help=words()("cards.role"))
@click.option("--address", metavar="ADDRESS", help=words()("cards.first_address"))
@click.option("--out", metavar="OUT", type=click.Path(file_okay=False, path_type=Path), help=words()("cards.out"))
@click.option("--force", is_flag=True, help=words()("cards.force"))
@click.option("--lang", type=click.Choice([language.value for language in Language]), help=words()("cards.lang"))
def cards(
    folder: MeetingFolder,
    members: tuple[str, ...],
    role: str | None,
    address: str | None,
    out: Path | None,
    force: bool,
    lang: str | None,
) -> None:
    """Choose for whom, make the cards with their codes, and say where they are."""
    # help stays fast without the typesetter and the ledger
    from pingyi_server.cards.choosing import lacking, named  # noqa: PLC0415 - see above
    from pingyi_server.cards.issuing import fresh_code  # noqa: PLC0415 - see above
    from pingyi_server.cards.making import free_folder, make_cards  # noqa: PLC0415 - see above
    from pingyi_server.clerk import open_keys  # noqa: PLC0415 - see above

    meeting = folder.meeting()
    definition = meeting.definition
    if definition is None:
        raise FolderError("folder.not_loaded", folder=folder.typed)
    if address is not None and address not in definition.meeting.addresses:
        listed = ", ".join(definition.meeting.addresses)
        raise BadInput(words()("cards.no_address", address=address, addresses=listed))
    wanted = Role(role) if role else None
    if members:
        chosen = named(meeting, definition, members, wanted)
    else:
        chosen = lacking(meeting, definition, wanted, again=force)
    codes = [fresh_code(folder, definition, one, address) for one in chosen.fresh]
    out = out or free_folder(folder.path)
    language = Language(lang) if lang else definition.meeting.language
    open_keys(folder)
    with progress_bar(words()("cards.setting")) as setting, progress_bar(words()("cards.issuing")) as issuing:
        issued = make_cards(folder, codes, out, language, force=force, progress=(setting, issuing))
    tell(folder, definition, codes, issued, out)
    if chosen.kept:
        click.echo(words()("cards.kept", count=chosen.kept))


def tell(
    folder: MeetingFolder, definition: Definition, codes: Sequence[EnrolmentCode], issued: Issued, out: Path
) -> None:
    """Say what was made, and which cards do not work, or not yet; Failure when any does not."""
    from pingyi_server.cards.issuing import awaiting_chair  # noqa: PLC0415 - help stays fast without the ledger
    from pingyi_server.cards.printing import PDF  # noqa: PLC0415 - see above

    names = [whose(definition, Principal(code.person, code.role)) for code in codes]
    refused = [(name, one) for name, one in zip(names, issued.answers, strict=False) if isinstance(one, Refusal)]
    for name, refusal in refused[:MOST_NAMED]:
        click.echo(words()("cards.refused", whose=name, why=why(refusal)), err=True)
    click.echo(words()("cards.made", count=len(codes), file=(out / PDF).resolve()))
    if issued.fault is not None:
        fault, done = said(issued.fault), len(issued.answers)
        raise Failure(words()("cards.partly", fault=fault, done=done, count=len(codes)))
    unsigned = awaiting_chair(folder.meeting(), codes)
    waiting = [name for name, code in zip(names, codes, strict=True) if code in unsigned]
    if waiting:
        click.echo(words()("cards.countersign", people=words()("imports.between_choices").join(waiting)))
    if refused:
        raise Failure(words()("cards.some_refused", count=len(refused)))
    click.echo(words()("cards.keep"))


def said(fault: WordedError | OSError) -> str:
    """Return what went wrong, in the person's language."""
    return fault.words(language_of_locale()) if isinstance(fault, WordedError) else str(fault)
