"""The end of a meeting (散会): nothing is taken after it, so that the final fingerprint stays what the hall shows."""

from pingyi_protocol.meeting.commands import CloseMeeting, Command
from pingyi_protocol.meeting.events import MeetingClosed
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Reason, Refusal


def close_meeting(meeting: Meeting, command: Command, _body: CloseMeeting, _at: int) -> MeetingClosed | Refusal:
    """A meeting ends while no round takes ballots, whatever its items have come to: for want of a quorum at once."""
    live = meeting.live_round
    if live is not None:
        return Refusal(Reason.ROUND_OPEN, {"item": live.item})
    if meeting.voiding is not None:
        return Refusal(Reason.VOID_WAITS, {"item": meeting.voiding.item})
    return MeetingClosed(command.person)
