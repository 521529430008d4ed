"""``pingyi clerk console DIR``, and ``pingyi clerk DIR``: the clerk's screen beside the running server."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.text import catalogue
from pingyi_protocol.wording import WordedError
from pingyi_terminal.options import WORDS, language_option

if TYPE_CHECKING:
    from textual.app import App

    from pingyi_protocol.client.served import Served
    from pingyi_protocol.client.session import Session


class ConsoleError(WordedError):
    """The console cannot find the server."""

    package = "pingyi_terminal"
    exit_code = 1


@click.command(cls=SpokenCommand, help=WORDS("clerk.help"))
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@language_option
def console(directory: Path, language: Language) -> None:
    """Open the clerk's keys, find the running server, and run the screen."""
    # sockets and screens are slow to load and no other command's help should wait for them
    import msgspec  # noqa: PLC0415 - see above
    import zmq.asyncio  # noqa: PLC0415 - see above

    from pingyi_protocol.client.served import SERVING, served_at  # noqa: PLC0415 - see above
    from pingyi_protocol.client.session import Session  # noqa: PLC0415 - see above
    from pingyi_protocol.keys.places import CLERK_FOLDER  # noqa: PLC0415 - see above
    from pingyi_protocol.keys.profile import Profile  # noqa: PLC0415 - see above
    from pingyi_protocol.pin_prompt import unlocked  # noqa: PLC0415 - see above
    from pingyi_terminal.application import show  # noqa: PLC0415 - see above
    from pingyi_terminal.clerk.app import ClerkApp  # noqa: PLC0415 - see above
    from pingyi_terminal.clerk.keeping import Desk  # noqa: PLC0415 - see above
    from pingyi_terminal.link import Messenger  # noqa: PLC0415 - see above

    words = catalogue("pingyi_terminal", language)
    profiles = Profile.find(directory / CLERK_FOLDER, Role.CLERK)
    if not profiles:
        raise BadInput(words("clerk.no_profile", folder=directory))
    profile = profiles[0]

    def where() -> "Served | None":
        try:
            return served_at(directory)
        except ValueError as fault:
            raise ConsoleError("clerk.serving_damaged", file=directory / SERVING) from fault

    if where() is None:
        raise Failure(words("clerk.not_served", folder=directory))
    keys = unlocked(profile, language)

    def attach(app: "App[None]", served: "Served") -> "tuple[Session, asyncio.Task[None]]":
        facts = msgspec.structs.replace(profile.facts, addresses=(served.address,), port=served.port)
        context = zmq.asyncio.Context.instance()
        session = Session(context, facts, keys, Desk(profile), Messenger(app), served.office)
        return session, asyncio.create_task(session.run())

    show(ClerkApp(attach, where, profile.facts.server_key, language))
