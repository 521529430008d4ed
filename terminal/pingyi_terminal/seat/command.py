"""``pingyi seat``: take a seat in a meeting."""

import logging
from pathlib import Path

import click

from pingyi_protocol.command_words import SpokenCommand
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_terminal.enrolling import profile_for
from pingyi_terminal.options import WORDS, terminal_options


@click.command(cls=SpokenCommand, help=WORDS("seat.help"))
@terminal_options
def seat(code: str | None, root: Path | None, language: Language, *, set_pin: bool, new_card: bool) -> None:
    """Enrol with a code once, then open the seat."""
    profile, keys, language = profile_for(Role.MEMBER, code, root, language, set_pin=set_pin, new_card=new_card)
    with profile.held():
        take_seat(profile, keys, language)


def take_seat(profile: Profile, keys: DeviceKeys, language: Language) -> None:
    """Run the app until it is left; whatever ended it otherwise is raised."""
    # a screen is slow to load, and no help text should wait for it
    from pingyi_terminal.application import show  # noqa: PLC0415 - see above
    from pingyi_terminal.link import attach  # noqa: PLC0415 - see above
    from pingyi_terminal.seat.app import SeatApp  # noqa: PLC0415 - see above
    from pingyi_terminal.seat.ballots import kept_receipts  # noqa: PLC0415 - see above

    # what is logged while the screen is drawn would be drawn over it
    logging.getLogger("pingyi_protocol").addHandler(logging.FileHandler(profile.folder / "terminal.log", delay=True))
    known = set(profile.damaged)
    profile.waiting()
    app = SeatApp(
        profile.facts.person,
        language,
        lambda running: attach(running, profile.facts, keys, profile),
        kept_receipts(profile),
        damaged=[path for path in profile.damaged if path not in known],
    )
    show(app)
