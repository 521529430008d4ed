"""The steps by which a terminal comes by its profile; whoever asks, command line or screen, asks in this order.

What is sent is on the disk before: a crash, a full disk or a lost answer leaves a draft, and it is sent once more.
"""

from pathlib import Path

import zmq.asyncio

from pingyi_protocol.client.enrolment import (
    EnrolmentRefusedError,
    NoAnswerError,
    confirm,
    identify,
    introduced,
    request_for,
    resolved,
)
from pingyi_protocol.keys.draft import EnrolmentDraft, replacing
from pingyi_protocol.keys.enrolment_code import EnrolmentCode, code_id
from pingyi_protocol.keys.key_file import DeviceKeys, generate_device_keys
from pingyi_protocol.keys.profile import Profile, ProfileError, ProfileFacts, ProfileInUseError
from pingyi_protocol.keys.typed_code import TypedCode
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.wire.messages import EnrolRequest, WireError, encode, enrolment_decoder, read
from pingyi_protocol.wording import WordedError

PASSING = frozenset({Reason.UNAVAILABLE, Reason.CODE_NOT_COUNTERSIGNED})
"""Refusals that spend no code: the same request is taken once the server writes again, or the chair agrees."""


class OtherRoleError(Exception):
    """The code is for a terminal of another ``role``."""

    def __init__(self, role: Role) -> None:
        """Keep the role that it is for."""
        super().__init__(f"the code is for {role}")
        self.role = role


class DifferentKeyError(Exception):
    """The person has seen that the server's key is not the one on the card."""


FAULTS = (NoAnswerError, EnrolmentRefusedError, OtherRoleError, DifferentKeyError, WordedError, OSError)
"""What may come in the way of an enrolment, and is told in words."""


def passes(fault: Exception) -> bool:
    """Whether the same code may be taken later, when whoever is named has done what is said."""
    if isinstance(fault, EnrolmentRefusedError):
        return fault.refusal.reason in PASSING
    return isinstance(fault, NoAnswerError | ProfileInUseError | OSError)


def unfinished(root: Path, role: Role, code: EnrolmentCode | TypedCode) -> EnrolmentDraft | None:
    """Return what an earlier try with this code left on the disk."""
    return EnrolmentDraft.unfinished(root, role, code_id(code.secret))


async def server_key(typed: TypedCode) -> str:
    """Return the key that the server of a typed code says it has; nothing is sent. NoAnswerError."""
    return await introduced(typed)


async def whole(typed: TypedCode, key: str) -> EnrolmentCode:
    """Return the whole code, now that a person trusts the server with ``key``. Raises as ``facts_for``."""
    return await resolved(zmq.asyncio.Context.instance(), typed, key)


async def facts_for(role: Role, code: EnrolmentCode) -> ProfileFacts:
    """Return what the profile will remember; nothing is on the record yet.

    OtherRoleError before anything is sent, EnrolmentRefusedError when the server does not take the code, NoAnswerError.
    """
    if code.role is not role:
        raise OtherRoleError(code.role)
    return await identify(zmq.asyncio.Context.instance(), code)


def begun(root: Path, code: EnrolmentCode, facts: ProfileFacts, pin: str) -> tuple[EnrolmentDraft, DeviceKeys]:
    """Make the terminal's keys and put them and the request on the disk, under ``pin`` ("" for none).

    ProfileInUseError, with nothing written, when the profile that it would replace is in use here: the next start would
    finish it, and end that seat. Raises OSError.
    """
    keys = generate_device_keys()
    with replacing(root, facts):
        request = encode(request_for(code, keys, facts.meeting, pinned=bool(pin)))
        return EnrolmentDraft.begin(root, code_id(code.secret), facts, keys, pin, request), keys


async def finished(draft: EnrolmentDraft) -> Profile:
    """Send the draft's request, which the server answers alike however often it comes, and return the profile.

    NoAnswerError and a refusal that passes leave the draft, and the next try sends it again; any other
    EnrolmentRefusedError ends it.
    """
    try:
        request = read(enrolment_decoder(), draft.request)
    except WireError as fault:
        raise ProfileError("keys.profile_damaged", file=draft.folder) from fault
    if not isinstance(request, EnrolRequest):
        raise ProfileError("keys.profile_damaged", file=draft.folder)
    with replacing(draft.root, draft.facts), draft.held():
        try:
            facts = await confirm(zmq.asyncio.Context.instance(), draft.facts, request)
        except EnrolmentRefusedError as fault:
            if fault.refusal.reason not in PASSING:
                draft.discard()
            raise
    return draft.publish(facts)
