"""``pingyi hall``: the hall display as a command."""

from pathlib import Path

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_terminal.options import WORDS, terminal_options

THEMES = ("dark", "bright")


@click.command(cls=SpokenCommand, help=WORDS("hall.help"))
@terminal_options
@click.option("--theme", type=click.Choice(THEMES), default="dark", help=WORDS("hall.option_theme"))
def hall(code: str | None, root: Path | None, language: Language, theme: str, *, set_pin: bool, new_card: bool) -> None:
    """Show the meeting on the wall."""
    # sockets and screens are slow to load and no other command's help should wait for them
    from pingyi_terminal.application import show  # noqa: PLC0415 - see above
    from pingyi_terminal.enrolling import profile_for  # noqa: PLC0415 - see above
    from pingyi_terminal.hall.app import HallApp  # noqa: PLC0415 - see above
    from pingyi_terminal.theme import HALL, HALL_BRIGHT  # noqa: PLC0415 - see above

    found, keys, language = profile_for(Role.HALL, code, root, language, set_pin=set_pin, new_card=new_card)
    with found.held():
        show(HallApp(found.facts, keys, found, language, theme=HALL_BRIGHT if theme == "bright" else HALL))
