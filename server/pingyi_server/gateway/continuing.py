"""A copy that was put back is served to be continued: until chair and scrutineer have signed, nothing else is taken."""

from pingyi_protocol.meeting.commands import Body, DeclareContinuation
from pingyi_protocol.meeting.decide import WHILE_WAITING
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.picture import Continuing
from pingyi_server.ledger.store import Restored


def is_waiting(restored: Restored | None, meeting: Meeting) -> bool:
    """Whether the copy has not been continued lawfully yet."""
    # nothing can have followed the close of a meeting, so a copy that holds it has lost nothing
    if restored is None or meeting.closed is not None:
        return False
    done = ((one.size, one.root) for one in meeting.continuations if one.countersigned is not None)
    return (restored.size, restored.root) not in done


def held_back(restored: Restored | None, meeting: Meeting, body: Body) -> Refusal | None:
    """Why a command is not taken now because of the copy, if so. Devices may enrol, for somebody must sign."""
    waiting = is_waiting(restored, meeting)
    if isinstance(body, DeclareContinuation):
        # only here the leaves are at hand: the rules cannot compare the root
        fits = waiting and restored is not None and (body.size, body.root) == (restored.size, restored.root)
        return None if fits else Refusal(Reason.CONTINUATION_MISFIT)
    if waiting and not isinstance(body, WHILE_WAITING):
        pending = meeting.continuing is not None
        return Refusal(Reason.CONTINUATION_PENDING if pending else Reason.CONTINUATION_NEEDED)
    return None


def shown(restored: Restored | None, meeting: Meeting) -> Continuing | None:
    """Return what terminals are told about a copy that waits."""
    one = meeting.continuing
    if one is not None:
        return Continuing(one.size, one.root, one.reason, declared=True)
    if restored is None or not is_waiting(restored, meeting):
        return None
    return Continuing(*restored, declared=False)
