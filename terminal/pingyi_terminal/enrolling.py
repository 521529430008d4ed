"""How a terminal comes by its profile: it takes an enrolment code once, and finds its profile afterwards."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import zmq.asyncio

from pingyi_protocol.client.enrolment import (
    EnrolmentRefusedError,
    NoAnswerError,
    confirm,
    identify,
    request_for,
)
from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.keys.draft import EnrolmentDraft, replacing
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, code_id, parse
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.keys.profile import Profile, ProfileError, ProfileFacts, default_root
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.pin_prompt import new_pin, unlocked
from pingyi_protocol.text import catalogue
from pingyi_protocol.wire.messages import EnrolRequest, WireError, encode, enrolment_decoder, read


def profile_for(
    role: Role, code: str | None, root: Path | None, language: Language, *, set_pin: bool = False
) -> tuple[Profile, DeviceKeys]:
    """Return the profile to use and its keys: a new one for ``code``, else the newest for ``role`` below ``root``.

    An enrolment that was broken off is finished first. Asks for a PIN where the profile has one, or a new one with
    ``set_pin``. Raises BadInput when there is neither code nor profile or the code is for another role, Failure when
    the server does not take the code, ProfileInUseError when the profile that it would replace is in use here.
    """
    words = catalogue("pingyi_terminal", language)
    root = root or default_root()
    if code is None:
        draft = EnrolmentDraft.unfinished(root, role)
        found = Profile.find(root, role)
        if draft is None and not found:
            raise BadInput(words("enrol.no_profile", role=words(f"enrol.role_{role}")))
        profile: Profile = draft or found[0]
        keys = unlocked(profile, language)
        return (profile if draft is None else finished(draft, language)), keys
    parsed = parse(code)
    if parsed.role is not role:
        raise BadInput(words("enrol.other_role", role=words(f"enrol.role_{parsed.role}")))
    draft = EnrolmentDraft.unfinished(root, role, code_id(parsed.secret))
    if draft is not None:
        keys = unlocked(draft, language)
        return finished(draft, language), keys
    pin = new_pin(language) if set_pin else ""
    keys = generate_device_keys()
    with in_words(parsed, language):
        facts = asyncio.run(identify(zmq.asyncio.Context.instance(), parsed))
    # nothing is written for a seat that is in use: the next start would finish it, and end that seat
    with replacing(root, facts):
        request = encode(request_for(parsed, keys, facts.meeting, pinned=bool(pin)))
        draft = EnrolmentDraft.begin(root, code_id(parsed.secret), facts, keys, pin, request)
    return finished(draft, language), keys


def finished(draft: EnrolmentDraft, language: Language) -> Profile:
    """Send the draft's request, which the server answers alike however often it comes, and return the profile.

    Failure when the server does not answer, then the draft stays and the next start sends it again, or refuses it.
    """
    try:
        request = read(enrolment_decoder(), draft.request)
    except WireError as fault:
        raise ProfileError("keys.profile_damaged", file=draft.folder) from fault
    if not isinstance(request, EnrolRequest):
        raise ProfileError("keys.profile_damaged", file=draft.folder)
    with replacing(draft.root, draft.facts), draft.held(), in_words(draft.facts, language):
        try:
            facts = asyncio.run(confirm(zmq.asyncio.Context.instance(), draft.facts, request))
        except EnrolmentRefusedError as fault:
            if fault.refusal.reason is not Reason.UNAVAILABLE:
                draft.discard()
            raise
    return draft.publish(facts)


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
