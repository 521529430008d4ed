"""What a session sends: commands that wait for their answer, and which of them outlive a restart."""

import msgspec

from pingyi_protocol.client.keeping import Keeping
from pingyi_protocol.meeting.admission import decode_command
from pingyi_protocol.meeting.commands import Cast, CastSecret, CheckIn, Command, HandInReceipt
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.checkpoint import Checkpoint
from pingyi_protocol.wire.envelope import Envelope

LASTING = (Cast, CastSecret, CheckIn, HandInReceipt)
"""What is sent however much later: it speaks for its sender alone, of what it names. All else is for its moment."""


class Outstanding(msgspec.Struct):
    """A command that waits for its answer. ``seen`` are the heads that it was sent with."""

    command: Command
    envelope: Envelope
    sent: float = 0.0
    seen: list[Checkpoint | None] = msgspec.field(default_factory=list)


def taken_up(keeping: Keeping) -> tuple[dict[str, Outstanding], list[Command]]:
    """Return what an earlier start left unanswered: by id what is sent again, and what is dropped here and now.

    What is dropped may be on the record nevertheless. What this version does not understand is dropped silently.
    """
    outstanding: dict[str, Outstanding] = {}
    given_up: list[Command] = []
    for command_id, sent in keeping.waiting():
        envelope = msgspec.json.decode(sent, type=Envelope)
        command = decode_command(envelope)
        if isinstance(command, Refusal):
            keeping.drop(command_id, command.reason)
        elif isinstance(command.body, LASTING):
            outstanding[command_id] = Outstanding(command, envelope)
        else:
            keeping.drop(command_id, "left over")
            given_up.append(command)
    return outstanding, given_up
