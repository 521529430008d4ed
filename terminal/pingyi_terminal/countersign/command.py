"""``pingyi countersign``: a scrutineer agrees that the meeting goes on from an older copy of its record."""

from pathlib import Path

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.text import catalogue, language_of_locale

WORDS = catalogue("pingyi_terminal", language_of_locale())


@click.command(cls=SpokenCommand, help=WORDS("countersign.help"))
@click.argument("code", required=False)
@click.option(
    "--profile",
    "root",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=WORDS("countersign.option_profile"),
)
@click.option("--pin", "set_pin", is_flag=True, help=WORDS("countersign.option_pin"))
@click.option(
    "--lang",
    "language",
    type=click.Choice([language.value for language in Language]),
    default=language_of_locale().value,
    help=WORDS("countersign.option_lang"),
)
def countersign(code: str | None, root: Path | None, set_pin: bool, language: str) -> None:
    """Show what is to be signed, ask, and sign."""
    import asyncio  # noqa: PLC0415 - no other command's help should wait for sockets

    from pingyi_protocol.command_line import Failure  # noqa: PLC0415 - see above
    from pingyi_protocol.meeting.refusal import Refusal  # noqa: PLC0415 - see above
    from pingyi_terminal.countersign.signing import agree, copy_fingerprint, look  # noqa: PLC0415 - see above
    from pingyi_terminal.enrolling import profile_for  # noqa: PLC0415 - see above

    words = catalogue("pingyi_terminal", Language(language))
    profile, keys = profile_for(Role.SCRUTINEER, code, root, words.language, set_pin=set_pin)
    with profile.held():
        copy = asyncio.run(look(profile, keys, words))
        click.echo(words("countersign.meeting", name=profile.facts.meeting_name))
        click.echo(words("countersign.copy", size=copy.size, fingerprint=copy_fingerprint(profile.facts.origin, copy)))
        click.echo(words("countersign.reason", reason=copy.reason))
        click.echo(words("countersign.loss"))
        if not click.confirm(words("countersign.ask")):
            raise Failure(words("countersign.left"))
        answer = asyncio.run(agree(profile, keys, copy, words))
    if isinstance(answer, Refusal):
        raise Failure(catalogue("pingyi_protocol", words.language)(f"refusal.{answer.reason}", **answer.values))
    click.echo(words("countersign.done", index=answer.index))
