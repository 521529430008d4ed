"""``decide(meeting, command, at)``: the rules. What a command leads to, or why it is refused.

It reads no clock, socket, disk or random source. The server runs it once for every command; the verifier runs
it again over the whole record and expects the same events, so a server that bent a rule is found out.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.keys.transport import parse_transport_key
from pingyi_protocol.meeting.agenda import add, reorder, withdraw
from pingyi_protocol.meeting.appraisal import announce_composite, import_evidence
from pingyi_protocol.meeting.attendance import (
    check_in,
    check_in_by_hand,
    check_out,
    close_check_in,
    excuse,
    move_seat,
    open_check_in,
)
from pingyi_protocol.meeting.commands import (
    MAY,
    AddItem,
    AnnounceComposite,
    AnnounceRound,
    BeginCeremony,
    Body,
    Cast,
    CastSecret,
    CheckIn,
    CheckInByHand,
    CheckOut,
    CloseCheckIn,
    CloseMeeting,
    CloseRound,
    Command,
    ConfirmRound,
    CountersignCode,
    CountersignContinuation,
    CountersignVoid,
    CreateMeeting,
    DeclareContinuation,
    Enrol,
    EnterResult,
    Excuse,
    ExtendRound,
    HandInReceipt,
    ImportEvidence,
    IssueCode,
    LiftRecusal,
    LoadDefinition,
    MoveSeat,
    OpenCheckIn,
    OpenPart,
    OpenRound,
    OverrideCosigning,
    PauseRound,
    Recuse,
    ReorderAgenda,
    ResumeRound,
    RevokeDevice,
    TakeBackVoid,
    VoidRound,
    WithdrawCode,
    WithdrawItem,
)
from pingyi_protocol.meeting.confirmation import confirm, enter
from pingyi_protocol.meeting.continuation import countersign, declare, hand_in
from pingyi_protocol.meeting.devices import countersign_code, enrol, issue_code, may_act, revoke_device, withdraw_code
from pingyi_protocol.meeting.ending import close_meeting
from pingyi_protocol.meeting.events import DefinitionLoaded, Event, MeetingCreated
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.key_ceremony import begin_ceremony, take_message
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.meeting.recusal import lift, recuse
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import announce, cast, close, extend, open_round, pause, resume
from pingyi_protocol.meeting.sealed_ballots import cast_secret
from pingyi_protocol.meeting.soundness import findings_of
from pingyi_protocol.meeting.unsealing import open_part, override
from pingyi_protocol.meeting.voiding import countersign_void, take_back_void, void
from pingyi_protocol.secret.messages import CommitToKey, ConfirmKey, DealShares, DisputeShare, RevealKey
from pingyi_protocol.wording import WordedError

Decision: TypeAlias = Event | Refusal

WHILE_WAITING = (CountersignContinuation, CountersignCode, Enrol, IssueCode)
"""What is taken while a continuation waits for its countersignature: devices may come in, for somebody must sign."""


def decide(meeting: Meeting, command: Command, at: int) -> Decision:
    """Return the event that ``command`` leads to at millisecond ``at`` of the meeting's clock, or its refusal.

    The caller has checked that the command is signed by the device of (person, role). A command id that was
    accepted before is refused here as taken; whoever answers a repeated command looks it up first.
    """
    if isinstance(command.body, CreateMeeting):
        return create(meeting, command)
    refused = barred(meeting, command)
    if refused is not None:
        return refused
    if meeting.closed is not None:
        # whatever came after it would move the head away from the final one, which hangs on the wall
        return Refusal(Reason.MEETING_CLOSED)
    if meeting.continuing is not None and not isinstance(command.body, WHILE_WAITING):
        return Refusal(Reason.CONTINUATION_PENDING)
    rule: Callable[[Meeting, Command, Any, int], Decision] = RULES[type(command.body)]
    return named(meeting, rule(meeting, command, command.body, at))


def named(meeting: Meeting, decision: Decision) -> Decision:
    """Return a refusal whose words name a target as people do: by its short name or name, not by its id."""
    if not isinstance(decision, Refusal) or not decision.values.get("target") or meeting.definition is None:
        return decision
    target = meeting.definition.target(decision.values["target"])
    return Refusal(decision.reason, decision.values | {"target": target.short_name or target.name})


def barred(meeting: Meeting, command: Command) -> Refusal | None:
    """Why this sender may not ask this of this meeting, whatever the rule of the command says, if so."""
    if command.meeting != meeting.id:
        return Refusal(Reason.OTHER_MEETING)
    if command.id in meeting.commands:
        return Refusal(Reason.COMMAND_ID_TAKEN)
    if command.role not in MAY[type(command.body)]:
        return Refusal(Reason.NOT_ALLOWED)
    if meeting.definition is None and not isinstance(command.body, LoadDefinition):
        return Refusal(Reason.NOTHING_LOADED)
    if not may_act(meeting, command.person, command.role):
        # enrolled under an earlier definition, which gave them the role
        return Refusal(Reason.NO_SUCH_PERSON, {"person": command.person, "role": command.role})
    return None


def create(meeting: Meeting, command: Command) -> Decision:
    """Begin a ledger, once."""
    body = command.body
    if meeting.size or not isinstance(body, CreateMeeting):
        return Refusal(Reason.MEETING_EXISTS)
    if Principal(command.person, command.role) != CLERK:
        return Refusal(Reason.NOT_ALLOWED)
    try:
        parse_public_key(body.log_key)
        parse_public_key(body.signing_key)
        parse_transport_key(body.server_key)
        parse_transport_key(body.transport_key)
    except WordedError:
        return Refusal(Reason.KEY_REFUSED)
    if body.signing_key == body.log_key or body.transport_key == body.server_key:
        # the log and the clerk sign for themselves
        return Refusal(Reason.KEY_REFUSED)
    return MeetingCreated(
        meeting=command.meeting,
        origin=body.origin,
        log_key=body.log_key,
        server_key=body.server_key,
        signing_key=body.signing_key,
        transport_key=body.transport_key,
    )


def load(meeting: Meeting, _command: Command, body: LoadDefinition, _at: int) -> Decision:
    """A definition is taken until the first round opens, a trial vote aside."""
    if meeting.begun:
        return Refusal(Reason.MEETING_UNDERWAY)
    if meeting.live_round is not None:
        return Refusal(Reason.ROUND_OPEN, {"item": meeting.live_round.item})
    found = findings_of(body.definition)
    if found:
        return Refusal(Reason.DEFINITION_UNSOUND, {"count": str(len(found))})
    return DefinitionLoaded(body.definition)


RULES: dict[type[Body], Callable[[Meeting, Command, Any, int], Decision]] = {
    LoadDefinition: load,
    IssueCode: issue_code,
    CountersignCode: countersign_code,
    WithdrawCode: withdraw_code,
    Enrol: enrol,
    RevokeDevice: revoke_device,
    CheckIn: check_in,
    CheckInByHand: check_in_by_hand,
    CheckOut: check_out,
    OpenCheckIn: open_check_in,
    CloseCheckIn: close_check_in,
    Excuse: excuse,
    MoveSeat: move_seat,
    Recuse: recuse,
    LiftRecusal: lift,
    AddItem: add,
    ReorderAgenda: reorder,
    WithdrawItem: withdraw,
    ImportEvidence: import_evidence,
    OpenRound: open_round,
    ExtendRound: extend,
    PauseRound: pause,
    ResumeRound: resume,
    CloseRound: close,
    ConfirmRound: confirm,
    EnterResult: enter,
    AnnounceRound: announce,
    AnnounceComposite: announce_composite,
    VoidRound: void,
    CountersignVoid: countersign_void,
    TakeBackVoid: take_back_void,
    CloseMeeting: close_meeting,
    Cast: cast,
    BeginCeremony: begin_ceremony,
    CommitToKey: take_message,
    RevealKey: take_message,
    DealShares: take_message,
    ConfirmKey: take_message,
    DisputeShare: take_message,
    CastSecret: cast_secret,
    OverrideCosigning: override,
    OpenPart: open_part,
    DeclareContinuation: declare,
    CountersignContinuation: countersign,
    HandInReceipt: hand_in,
}
