"""PINs as a person types them, or as a service is given them; never from an argument or the environment."""

import getpass
import os
import warnings
from contextvars import ContextVar
from pathlib import Path
from time import sleep
from typing import Protocol

import click

from pingyi_protocol.command_line import BadInput
from pingyi_protocol.keys.key_file import DeviceKeys, WrongPinError, needs_pin, plain_pin, read_key_file
from pingyi_protocol.keys.places import Whose, whose_profile
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.keys.tries import in_whole_seconds, seconds_to_wait, try_pin
from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.text import Catalogue, catalogue

LEAST_CHARACTERS = 4
TRIES = 4
"""How often one start asks; the waits between them go on at the next one (see ``keys.tries``)."""


class Desk(Protocol):
    """Where a person is asked for a PIN."""

    def tell(self, said: str) -> None:
        """Say what is wrong; it stands there with the next question."""

    def ask(self, words: Catalogue, question: str) -> str:
        """Return what was typed without showing it; BadInput where there is nowhere to ask."""


class Console:
    """The terminal that the command runs in."""

    def tell(self, said: str) -> None:
        """Say it on standard error."""
        click.echo(said, err=True)

    def ask(self, words: Catalogue, question: str) -> str:
        """Ask at the terminal itself; BadInput where there is none."""
        with warnings.catch_warnings():
            # what is typed would be shown, or be read from whatever standard input is
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                typed: str = click.prompt(question, hide_input=True)
            except getpass.GetPassWarning as fault:
                raise BadInput(words("unlock.no_terminal")) from fault
        return typed


DESK: ContextVar[Desk] = ContextVar("desk", default=Console())  # noqa: B039 - it holds nothing
"""Where this program asks; another than the console where its screen is elsewhere."""


def new_pin(language: Language) -> str:
    """Return a PIN that was typed twice alike; one that is too short is refused in words and asked for again."""
    words = catalogue("pingyi_protocol", language)
    while True:
        pin = asked(words, "unlock.new_pin")
        if len(pin) < LEAST_CHARACTERS:
            DESK.get().tell(words("unlock.short", least=LEAST_CHARACTERS))
        elif plain_pin(asked(words, "unlock.again")) == plain_pin(pin):
            return pin
        else:
            DESK.get().tell(words("unlock.differs"))


def unlocked(profile: Profile, language: Language) -> DeviceKeys:
    """Return a profile's keys as ``opened`` does."""
    return opened(profile.key_file, whose_profile(profile), language)


def opened(key_file: Path, whose: Whose, language: Language) -> DeviceKeys:
    """Return the keys in a file; where it has a PIN, with that of the service manager, or asking for it.

    BadInput when that one is wrong, when every typed one was, and when there is no terminal to ask at.
    """
    if not needs_pin(key_file):
        return read_key_file(key_file)
    words = catalogue("pingyi_protocol", language)
    left = seconds_to_wait(key_file)
    if left > 0:
        DESK.get().tell(words("unlock.wait", seconds=in_whole_seconds(left)))
        wait(key_file)
    given = credential(whose)
    if given is not None:
        try:
            return try_pin(key_file, given)
        except WrongPinError as fault:
            raise BadInput(words("unlock.credential_wrong", name=whose.credential, file=key_file)) from fault
    for _ in range(TRIES - 1):
        try:
            return try_pin(key_file, asked(words, f"unlock.pin_{whose}", file=key_file))
        except WrongPinError:
            DESK.get().tell(words("unlock.wrong", seconds=in_whole_seconds(seconds_to_wait(key_file))))
            wait(key_file)
    try:
        return try_pin(key_file, asked(words, f"unlock.pin_{whose}", file=key_file))
    except WrongPinError as fault:
        raise BadInput(words(f"unlock.refused_{whose}", file=key_file)) from fault


def wait(key_file: Path) -> None:
    """Wait until a PIN is looked at again."""
    while (left := seconds_to_wait(key_file)) > 0:
        sleep(left)


def credential(whose: Whose) -> str | None:
    """Return the PIN in the file that the service manager gave (systemd's ``LoadCredential=``), None without one.

    Its line's end is not part of it. Raises OSError when it cannot be read.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder is None:
        return None
    try:
        return (Path(folder) / whose.credential).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except FileNotFoundError:
        return None


def asked(words: Catalogue, key: str, **values: object) -> str:
    """Return what was typed at the desk without showing it; BadInput where there is nowhere to ask."""
    return DESK.get().ask(words, words(key, **values))
