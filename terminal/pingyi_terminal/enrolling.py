"""How a terminal comes by its profile: at the first screen, by a code for scripts, or it has one already."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import click

from pingyi_protocol.client.enrolment import EnrolmentRefusedError, NoAnswerError
from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.keys.digits import EnrolmentCodeError
from pingyi_protocol.keys.draft import EnrolmentDraft
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, parse
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import Profile, ProfileFacts, default_root
from pingyi_protocol.keys.typed_code import parse_typed
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.pin_prompt import new_pin, unlocked
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_terminal.display import has_display
from pingyi_terminal.enrolment import steps
from pingyi_terminal.enrolment.trouble import COMMANDS

STANDARD_INPUT = "-"
MOST_CHARACTERS = 4000


class Opened(NamedTuple):
    """A terminal that may begin: its profile, its private keys, and the language that it goes on in."""

    profile: Profile
    keys: DeviceKeys
    language: Language


def profile_for(
    role: Role,
    code: str | None,
    root: Path | None,
    language: Language,
    *,
    set_pin: bool = False,
    new_card: bool = False,
) -> Opened:
    """Return the profile to use: a new one for ``code`` ("-": from standard input), else the newest for ``role``.

    Where there is neither, and with ``new_card``, the first screen asks for a card. An enrolment that was broken off is
    finished first. Asks for a PIN where the profile has one, or a new one with ``set_pin``. Raises BadInput when the
    code is for another role, or there is nothing to go by and no terminal to ask at; Failure when the server does not
    take the code; ProfileInUseError when the profile that it would replace is in use here.
    """
    root = root or default_root()
    if code is not None:
        return by_code(role, from_input() if code == STANDARD_INPUT else code, root, language, set_pin=set_pin)
    if not new_card:
        draft = EnrolmentDraft.unfinished(root, role)
        if draft is not None:
            keys = unlocked(draft, language)
            return Opened(finished(draft, language), keys, language)
        found = Profile.find(root, role)
        if found:
            return Opened(found[0], unlocked(found[0], language), language)
    return at_first_screen(role, root, language, set_pin=set_pin)


def by_code(role: Role, code: str, root: Path, language: Language, *, set_pin: bool) -> Opened:
    """Enrol with a code that was given with the command, or finish what an earlier try with it began."""
    parsed = read_code(role, code, catalogue("pingyi_terminal", language))
    draft = steps.unfinished(root, role, parsed)
    if draft is not None:
        keys = unlocked(draft, language)
    else:
        pin = new_pin(language) if set_pin else ""
        with in_words(parsed, language):
            facts = asyncio.run(steps.facts_for(role, parsed))
        draft, keys = steps.begun(root, parsed, facts, pin)
    return Opened(finished(draft, language), keys, language)


def read_code(role: Role, text: str, words: Catalogue) -> EnrolmentCode:
    """Return the code that was given. BadInput when it is for another role, or made to be typed on the first screen."""
    try:
        code = parse(text)
    except EnrolmentCodeError as fault:
        with suppress(EnrolmentCodeError):
            parse_typed(text)
            raise BadInput(words("enrol.typed")) from fault
        raise
    if code.role is not role:
        raise BadInput(words("enrol.other_role", role=words(f"enrol.role_{code.role}"), command=COMMANDS[code.role]))
    return code


def finished(draft: EnrolmentDraft, language: Language) -> Profile:
    """Send what a draft holds and return its profile; Failure as ``in_words`` says it."""
    with in_words(draft.facts, language):
        return asyncio.run(steps.finished(draft))


def at_first_screen(role: Role, root: Path, language: Language, *, set_pin: bool) -> Opened:
    """Let a card be scanned or typed. Ends the command when the screen is left without; BadInput without a display."""
    if not has_display():
        words = catalogue("pingyi_terminal", language)
        raise BadInput(words("enrol.no_profile", role=words(f"enrol.role_{role}")))
    # a screen is slow to load, and who has a profile should not wait for it
    from pingyi_terminal.application import show  # noqa: PLC0415 - see above
    from pingyi_terminal.enrolment.app import EnrolmentApp  # noqa: PLC0415 - see above

    app = EnrolmentApp(role, root, language, set_pin=set_pin)
    show(app)
    if app.profile is None:
        raise click.exceptions.Exit(0)
    spoken = app.words.language
    # an earlier try may have left its keys under a PIN
    return Opened(app.profile, app.keys or unlocked(app.profile, spoken), spoken)


def from_input() -> str:
    """Return the code from standard input, up to the end of its line, and give the screens the terminal back."""
    code = sys.stdin.readline(MOST_CHARACTERS)
    if sys.platform != "win32" and not os.isatty(0):
        take_terminal()
    return code


def take_terminal() -> None:
    """Make the terminal that the program runs in its standard input again; where there is none all stays as it is."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return
    os.dup2(terminal, 0)
    os.close(terminal)


@contextmanager
def in_words(server: EnrolmentCode | ProfileFacts, language: Language) -> Iterator[None]:
    """Say for people what went wrong with an enrolment at ``server``."""
    try:
        yield
    except NoAnswerError as fault:
        words = catalogue("pingyi_terminal", language)
        raise Failure(words("enrol.no_answer", address=server.addresses[0], port=server.port)) from fault
    except EnrolmentRefusedError as fault:
        if fault.refusal.reason is Reason.UNAVAILABLE:
            # nobody sends it again by itself, as a session would
            raise Failure(catalogue("pingyi_terminal", language)("enrol.unavailable")) from fault
        reasons = catalogue("pingyi_protocol", language)
        raise Failure(reasons(f"refusal.{fault.refusal.reason}", **fault.refusal.values)) from fault
