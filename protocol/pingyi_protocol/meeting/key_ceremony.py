"""The key ceremony on the record: who takes part, and what each scrutineer says; the rest is ``secret.ceremony``."""

from pingyi_protocol.meeting.commands import BeginCeremony, Command
from pingyi_protocol.meeting.definition import Item, Role, Secrecy
from pingyi_protocol.meeting.events import CeremonyBegun, CeremonyFailed, ElectionKeyMade, Event, KeyMessageTaken
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Principal, Round
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.secret import SecretError
from pingyi_protocol.secret.ceremony import Board, Step, election_key
from pingyi_protocol.secret.messages import Ceremony, ConfirmKey, DisputeShare, Message, Scrutineer, text_of


def begin_ceremony(meeting: Meeting, _command: Command, body: BeginCeremony, _at: int) -> Event | Refusal:
    """Scrutineers of the roster, each by the device that speaks for them now, begin; what was unfinished ends."""
    following = meeting.attempts + 1
    if body.attempt != following:
        return Refusal(Reason.OTHER_CEREMONY, {"attempt": str(body.attempt), "next": str(following)})
    sealed = sealed_round(meeting)
    if sealed is not None:
        return Refusal(Reason.ROUND_SEALED, {"item": sealed.item})
    threshold = meeting.definition.meeting.threshold if meeting.definition else 0
    ready = scrutineers(meeting)
    if body.threshold != threshold or body.scrutineers != tuple(one for one in ready if one in body.scrutineers):
        return Refusal(Reason.CEREMONY_MISFIT, {"threshold": str(threshold)})
    try:
        Ceremony(meeting.origin, body.attempt, body.threshold, body.scrutineers)
    except SecretError:
        return Refusal(Reason.CEREMONY_MISFIT, {"threshold": str(threshold)})
    return CeremonyBegun(body.attempt, body.threshold, body.scrutineers, awaited(meeting.ceremony))


def scrutineers(meeting: Meeting) -> tuple[Scrutineer, ...]:
    """Return who can take part in a ceremony now, in the order of the roster."""
    roster = meeting.definition.roster if meeting.definition else ()
    devices = ((one.number, meeting.sessions.get(Principal(one.number, Role.SCRUTINEER))) for one in roster)
    return tuple(
        Scrutineer(person, text_of(meeting.devices[device].signing_key))
        for person, device in devices
        if device is not None
    )


def next_ceremony(meeting: Meeting) -> BeginCeremony | None:
    """Return what begins the next ceremony with everybody who can take part; None while it would be refused, or idle.

    It may name fewer than the threshold: then it says who is there already.
    """
    definition = meeting.definition
    secret = any(item.rules.secrecy is Secrecy.SECRET for item in meeting.agenda)
    over = meeting.closed is not None or meeting.continuing is not None
    if definition is None or not secret or over or sealed_round(meeting) is not None:
        return None
    return BeginCeremony(meeting.attempts + 1, definition.meeting.threshold, scrutineers(meeting))


def awaited(board: Board | None) -> tuple[str, ...]:
    """Return of whom a ceremony still awaits a message, by their numbers."""
    return () if board is None else tuple(board.ceremony.scrutineers[index - 1].person for index in board.missing)


def sealed_round(meeting: Meeting) -> Round | None:
    """Return the secret round that takes ballots, or is closed and yet to be opened, if there is one.

    One that is void, or that another round of its item has followed, is never opened.
    """
    for one in reversed(meeting.rounds):
        waits = one.live or (one.phase is Phase.CLOSED and meeting.round_of(one.item) is one)
        if one.sealed and waits:
            return one
    return None


def not_sealable(meeting: Meeting, item: Item) -> Refusal | None:
    """Why no secret round of this item can begin now, if so: for want of a key, or of people to be hidden among."""
    board = meeting.ceremony
    if board is not None and board.missing:
        return Refusal(Reason.CEREMONY_UNDERWAY, {"missing": ", ".join(awaited(board))})
    if meeting.key is None:
        return Refusal(Reason.NO_ELECTION_KEY)
    voters = len(meeting.present) - sum(who in meeting.present for who in meeting.recused_from(item.id))
    if voters < item.rules.least_ballots:
        values = {"present": str(voters), "least": str(item.rules.least_ballots)}
        return Refusal(Reason.TOO_FEW_PRESENT, values)
    return None


def take_message(meeting: Meeting, command: Command, body: Message, _at: int) -> Event | Refusal:
    """A scrutineer's word, if the board takes it from this person now."""
    board = meeting.ceremony
    if board is None or board.step in (Step.DONE, Step.FAILED):
        return Refusal(Reason.NO_CEREMONY)
    people = [one.person for one in board.ceremony.scrutineers]
    if command.person not in people or body.index != people.index(command.person) + 1:
        return Refusal(Reason.KEY_MESSAGE_REFUSED)
    try:
        after = board.accept(body)
        key = election_key(after) if after.step is Step.DONE else None
    except SecretError:
        return Refusal(Reason.KEY_MESSAGE_REFUSED)
    attempt = board.ceremony.attempt
    if isinstance(body, DisputeShare):
        return CeremonyFailed(command.person, attempt, body, people[body.dealer - 1])
    if key is not None and isinstance(body, ConfirmKey):
        return ElectionKeyMade(command.person, attempt, body, key, key.fingerprint)
    return KeyMessageTaken(command.person, attempt, body)
