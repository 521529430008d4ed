"""From a signed envelope to a command that its sender may send: the same steps at the server and in the verifier.

Verify, then decode: nothing in a payload is looked at before its signature fits the device that it names.
"""

from functools import cache

import msgspec

from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.meeting.commands import Command, CreateMeeting, Enrol
from pingyi_protocol.meeting.model import Device, Meeting
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.envelope import Envelope, EnvelopeError, verify_envelope
from pingyi_protocol.wording import WordedError

LONGEST_LABEL = 40


@cache
def decoder() -> msgspec.json.Decoder[Command]:
    """Return the one decoder of commands."""
    return msgspec.json.Decoder(Command)


def device_of(meeting: Meeting, envelope: Envelope) -> Device | Refusal:
    """Return the device that the envelope names, if it may still speak."""
    device = meeting.devices.get(envelope.key)
    if device is None:
        return Refusal(Reason.DEVICE_UNKNOWN)
    return Refusal(Reason.DEVICE_REVOKED) if device.revoked else device


def signed_by(envelope: Envelope, public_key: bytes) -> Refusal | None:
    """Why the signature does not fit this key, if so. Takes most of the time of a ballot, and lets threads run."""
    try:
        verify_envelope(envelope, public_key)
    except EnvelopeError:
        return Refusal(Reason.BAD_SIGNATURE)
    return None


def read_command(envelope: Envelope, device: Device) -> Command | Refusal:
    """Decode the payload of a verified envelope and hold it to the device's principal.

    A command that shows a key is not for an enrolled device: it is signed by the key that it shows, and came
    with the code's secret, which only the enrolment socket asks for.
    """
    command = decode_command(envelope)
    if isinstance(command, Refusal):
        return command
    if (command.person, command.role) != device.principal or isinstance(command.body, CreateMeeting | Enrol):
        return Refusal(Reason.NOT_ALLOWED)
    return command


def read_newcomer(envelope: Envelope, signing_key: str) -> Command | Refusal:
    """Verify and decode a command by which a device shows its own key: the first of a ledger, or an enrolment."""
    try:
        public = parse_public_key(signing_key)
    except WordedError:
        return Refusal(Reason.KEY_REFUSED)
    refused = signed_by(envelope, public)
    if refused is not None:
        return refused
    command = decode_command(envelope)
    if isinstance(command, Refusal):
        return command
    shows_key = isinstance(command.body, CreateMeeting | Enrol) and command.body.signing_key == signing_key
    return command if shows_key else Refusal(Reason.KEY_REFUSED)


def decode_command(envelope: Envelope) -> Command | Refusal:
    """Decode strictly: unknown tags and fields are refused, and the text must be what our encoder writes."""
    try:
        payload = envelope.payload.encode()
        command = decoder().decode(payload)
    except (ValueError, RecursionError):  # all of msgspec's errors are ValueErrors, and so is a lone surrogate
        return Refusal(Reason.MALFORMED)
    if msgspec.json.encode(command) != payload or not well_formed_id(command.id) or not label(command.issued):
        return Refusal(Reason.MALFORMED)
    return command


def well_formed_id(text: str) -> bool:
    """Whether an id is 32 lower-case hex digits."""
    return len(text) == 32 and all(character in "0123456789abcdef" for character in text)  # noqa: PLR2004 - 128 bits


def label(text: str) -> bool:
    """Whether a time label is short and plain; nothing depends on what it says."""
    return len(text) <= LONGEST_LABEL and text.isascii() and text.isprintable()
