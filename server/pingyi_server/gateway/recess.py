"""The break that the chair calls between two items. It is no part of the record."""

from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.model import Device, Meeting
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.messages import CallRecess


class Recess:
    """Stands from the chair's word until the chair ends it, a round is opened, or the meeting is closed."""

    def __init__(self) -> None:
        """Begin without a break."""
        self.called = False

    def call(self, request: CallRecess, device: Device, meeting: Meeting) -> Refusal | None:
        """Take the chair's word; return why not, if it is somebody else's or no time for a break."""
        if device.principal.role is not Role.CHAIR or (request.wanted and not may_rest(meeting)):
            return Refusal(Reason.NOT_ALLOWED)
        self.called = request.wanted
        return None

    def stands(self, meeting: Meeting) -> bool:
        """Whether there is a break now."""
        self.called = self.called and may_rest(meeting)
        return self.called


def may_rest(meeting: Meeting) -> bool:
    """Whether nothing is voted on and the meeting is not closed."""
    return meeting.live_round is None and meeting.closed is None
