"""PINs as a person types them: a new one for a profile, and the one that opens it."""

from time import sleep

import click

from pingyi_protocol.command_line import BadInput
from pingyi_protocol.keys.key_file import DeviceKeys, WrongPinError
from pingyi_protocol.keys.profile import Profile
from pingyi_protocol.text import Catalogue

LEAST_CHARACTERS = 4
DELAYS = (1, 2, 4)
"""Seconds to wait before each further try: short for a slip of the finger, long for one who tries them all."""


def new_pin(words: Catalogue) -> str:
    """Return a PIN that was typed twice alike; one that is too short is refused in words and asked for again."""
    while True:
        pin = asked(words, "new_pin")
        if len(pin) < LEAST_CHARACTERS:
            click.echo(words("enrol.pin_short", least=LEAST_CHARACTERS), err=True)
        elif asked(words, "pin_again") == pin:
            return pin
        else:
            click.echo(words("enrol.pin_differs"), err=True)


def unlocked(profile: Profile, words: Catalogue) -> DeviceKeys:
    """Return a profile's keys, asking for the PIN where it has one; BadInput when every try was wrong."""
    if not profile.needs_pin:
        return profile.unlock()
    for delay in DELAYS:
        try:
            return profile.unlock(asked(words, "pin"))
        except WrongPinError:
            click.echo(words("enrol.pin_wrong", seconds=delay), err=True)
            sleep(delay)
    try:
        return profile.unlock(asked(words, "pin"))
    except WrongPinError as fault:
        raise BadInput(words("enrol.pin_refused")) from fault


def asked(words: Catalogue, key: str) -> str:
    """Return what was typed without showing it."""
    typed: str = click.prompt(words(f"enrol.{key}"), hide_input=True)
    return typed
