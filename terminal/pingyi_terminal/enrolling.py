"""How a terminal comes by its profile: it takes an enrolment code once, and finds its profile afterwards."""

import asyncio
from pathlib import Path

import click
import zmq.asyncio

from pingyi_protocol.client.enrolment import EnrolmentRefusedError, NoAnswerError, enrol
from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.keys.enrolment_code import parse
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.keys.profile import Profile, default_root
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.text import catalogue


def profile_for(
    role: Role, code: str | None, root: Path | None, language: Language, *, set_pin: bool = False
) -> tuple[Profile, DeviceKeys]:
    """Return the profile to use and its keys: a new one for ``code``, else the newest for ``role`` below ``root``.

    Asks for a PIN where the profile has one, or a new one with ``set_pin``. Raises BadInput when there is
    neither code nor profile or the code is for another role, Failure when the server does not take the code.
    """
    words = catalogue("pingyi_terminal", language)
    root = root or default_root()
    if code is None:
        found = Profile.find(root, role)
        if not found:
            raise BadInput(words("enrol.no_profile", role=words(f"enrol.role_{role}")))
        pin = click.prompt(words("enrol.pin"), hide_input=True) if found[0].needs_pin else ""
        return found[0], found[0].unlock(pin)
    parsed = parse(code)
    if parsed.role is not role:
        raise BadInput(words("enrol.other_role", role=words(f"enrol.role_{parsed.role}")))
    pin = click.prompt(words("enrol.new_pin"), hide_input=True, confirmation_prompt=True) if set_pin else ""
    keys = generate_device_keys()
    try:
        facts = asyncio.run(enrol(zmq.asyncio.Context.instance(), parsed, keys))
    except NoAnswerError as fault:
        raise Failure(words("enrol.no_answer", address=parsed.addresses[0], port=parsed.port)) from fault
    except EnrolmentRefusedError as fault:
        reasons = catalogue("pingyi_protocol", language)
        raise Failure(reasons(f"refusal.{fault.refusal.reason}", **fault.refusal.values)) from fault
    return Profile.create(root, facts, keys, pin), keys
