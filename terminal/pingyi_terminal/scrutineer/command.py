"""``pingyi scrutineer``: the screen of whoever watches the count and signs it."""

from collections.abc import Callable
from pathlib import Path

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_terminal.options import WORDS, terminal_options


@click.command(cls=SpokenCommand, help=WORDS("scrutineer.help"))
@terminal_options
def scrutineer(code: str | None, root: Path | None, language: Language, *, set_pin: bool, new_card: bool) -> None:
    """Take the code or the profile, hold it alone, and run the screen."""
    # sockets and screens are slow to load and no other command's help should wait for them
    from pingyi_protocol.client.scrutiny import Scrutiny  # noqa: PLC0415 - see above
    from pingyi_protocol.client.session import Session  # noqa: PLC0415 - see above
    from pingyi_protocol.keys.profile import SHARES_FILE  # noqa: PLC0415 - see above
    from pingyi_protocol.keys.vault import Vault  # noqa: PLC0415 - see above
    from pingyi_terminal.application import show  # noqa: PLC0415 - see above
    from pingyi_terminal.enrolling import profile_for  # noqa: PLC0415 - see above
    from pingyi_terminal.link import attach  # noqa: PLC0415 - see above
    from pingyi_terminal.scrutineer.app import ScrutineerApp, ScrutineerSession  # noqa: PLC0415 - see above

    profile, keys, language = profile_for(Role.SCRUTINEER, code, root, language, set_pin=set_pin, new_card=new_card)
    with profile.held():
        facts = profile.facts
        pinned = profile.needs_pin

        def begin(session: ScrutineerSession, changed: Callable[[], None]) -> Scrutiny | None:
            return Scrutiny(session, vault, changed, pinned=pinned) if isinstance(session, Session) else None

        vault = Vault(profile.folder / SHARES_FILE, keys.signing_seed, f"{facts.origin} {facts.person}")
        show(
            ScrutineerApp(
                lambda running: attach(running, facts, keys, profile),
                facts.person,
                facts.origin,
                language,
                begin=begin,
            )
        )
