"""Where one ballot stands in a record: whether it is there, and whether it counts. For members who hold a receipt."""

from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.meeting.admission import decode_command
from pingyi_protocol.meeting.commands import Answer, Command
from pingyi_protocol.meeting.definition import TRIAL, Person
from pingyi_protocol.meeting.events import BallotCast, SecretBallotCast
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Continuation, Meeting, Round
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.bundle import Bundle
from pingyi_protocol.record.checkpoint import Checkpoint
from pingyi_protocol.record.entry import Entry, decode_entry
from pingyi_protocol.record.merkle import leaf_hash
from pingyi_protocol.record.receipt import ReceiptError, check_receipt, code_of, entry_of
from pingyi_protocol.record.tracking import tracking_code
from pingyi_protocol.wire.messages import Receipt


class StandingError(RecordError):
    """The ballot is not in the record, or what was asked about is no ballot."""

    exit_code = 1


@dataclass(frozen=True)
class Standing:
    """One ballot in a record.

    ``counts`` says whether it is the one that counts for its member in a round that is closed; ``key`` of the
    catalogue's [standing] section and ``values`` say so in words. ``code`` is its tracking code. ``continuation`` is
    the one by which the log was given up from which the receipt is, None where the record continues that log.
    """

    entry: Entry
    ballot: BallotCast | SecretBallotCast
    code: str
    title: str
    person: Person
    counts: bool
    key: str
    values: dict[str, object]
    continuation: Continuation | None = None

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What was answered; only for whoever holds the receipt, and nothing where it is encrypted."""
        return self.ballot.answers if isinstance(self.ballot, BallotCast) else ()


def standing_of_code(path: Path, meeting: Meeting, code: str) -> Standing:
    """Find the ballot with this tracking code in the record at ``path``, which gives ``meeting``; StandingError."""
    with Bundle(path) as bundle:
        for body in bundle.leaves():
            if tracking_code(leaf_hash(body)) == code:
                return standing_of(decode_entry(body), meeting, code)
    done = [one.size for one in meeting.continuations if one.countersigned is not None]
    if done:
        raise StandingError("standing.no_such_code_continued", code=code, size=done[-1])
    raise StandingError("standing.no_such_code", code=code)


def standing_of_receipt(path: Path, meeting: Meeting, receipt: Receipt, misfit: RecordError | None) -> Standing:
    """Find the ballot that a receipt is for, in the record from which the receipt is.

    It is looked for by what was signed: after a lawful continuation it may stand on another leaf. ``misfit`` says why
    the record does not continue the receipt's own head, None where it does; only a continuation that the scrutineer
    has countersigned explains that. StandingError names what is missing, lost, or not explained; ReceiptError says
    that the receipt proves nothing, whatever the record says.
    """
    sent, command, head = proven(meeting, receipt)
    if not isinstance(sent.event, BallotCast | SecretBallotCast):
        raise StandingError("standing.no_ballot")
    lost = meeting.lost.get(command.id)
    if lost is not None:
        raise StandingError("standing.lost", index=lost.index, leaf=lost.leaf)
    body = leaf_at(path, meeting.commands.get(command.id))
    entry = decode_entry(body) if body is not None else None
    if body is None or entry is None or entry.envelope != sent.envelope:
        raise not_there(meeting, receipt, head, misfit)
    behind = None
    if misfit is not None:
        in_place = body == receipt.leaf.encode()
        behind = given_up(meeting, receipt, head, entry.index, in_place=in_place)
        if behind is None:
            raise StandingError("standing.rewritten", found=entry.index, fault=misfit)
    found = standing_of(entry, meeting, tracking_code(leaf_hash(body)))
    return replace(found, continuation=behind)


def proven(meeting: Meeting, receipt: Receipt) -> tuple[Entry, Command, Checkpoint]:
    """Return entry, command and head of a receipt that the meeting's log has signed, whatever the record says of it.

    StandingError when it is of another meeting, ReceiptError when it proves nothing.
    """
    entry = entry_of(receipt)
    command = decode_command(entry.envelope) if entry.envelope is not None else None
    if entry.envelope is None or command is None or isinstance(command, Refusal):
        raise ReceiptError("receipt.no_leaf")
    if command.meeting != meeting.id:
        name = meeting.definition.meeting.name if meeting.definition else meeting.id
        raise StandingError("standing.other_meeting", name=name)
    head = check_receipt(receipt, entry.envelope, parse_public_key(meeting.log_key), meeting.origin, None)
    return entry, command, head


def leaf_at(path: Path, index: int | None) -> bytes | None:
    """Return one leaf of the record at ``path``, None where there is none of this number."""
    if index is None:
        return None
    with Bundle(path) as bundle:
        return next(islice(bundle.leaves(), index, None), None)


def not_there(meeting: Meeting, receipt: Receipt, head: Checkpoint, misfit: RecordError | None) -> StandingError:
    """Return what to say of a ballot that is not in the record."""
    about = {"index": receipt.index, "code": code_of(receipt)}
    one = given_up(meeting, receipt, head, None, in_place=False)
    if one is not None:
        return StandingError("standing.not_sent_again", size=one.size, declared=one.declared, **about)
    return StandingError("standing.missing", fault=misfit or "", **about)


def given_up(
    meeting: Meeting, receipt: Receipt, head: Checkpoint, index: int | None, *, in_place: bool
) -> Continuation | None:
    """Return the countersigned continuation by which the receipt's head was given up, if one can explain that.

    What an older copy of ``size`` leaves holds stays where it was; what it has lost stands behind the continuation, on
    leaf ``index``, if it was sent again (None: it was not).
    """
    for one in reversed(meeting.continuations):
        if one.countersigned is None or one.size >= head.size:
            continue
        sent_again = index is None or index > one.countersigned
        if in_place if receipt.index < one.size else sent_again:
            return one
    return None


def standing_of(entry: Entry, meeting: Meeting, code: str) -> Standing:
    """Say of a leaf whether it is a ballot that counts; StandingError when it is none."""
    ballot = entry.event
    definition = meeting.definition
    if not isinstance(ballot, BallotCast | SecretBallotCast) or definition is None:
        raise StandingError("standing.no_ballot")
    one = next(each for each in meeting.rounds if (each.item, each.number) == (ballot.item, ballot.round))
    person = definition.person(ballot.person) or Person(ballot.person, ballot.person)
    key, values = verdict(one, ballot.person, entry.index)
    counts = key == "standing.counts"
    return Standing(entry, ballot, code, meeting.items[ballot.item].title, person, counts, key, values)


def verdict(one: Round, person: str, index: int) -> tuple[str, dict[str, object]]:
    """Return what a ballot on leaf ``index`` amounts to in its round."""
    latest = one.ballots[person]
    if one.item == TRIAL.id:
        return "standing.trial_counts_not", {}
    invalid = one.sealing.invalid.get(person) if one.sealing is not None else None
    if invalid is not None or latest.leaf < index:
        # of a secret round a ballot that does not hold counts for nothing, and one before it may count in its place
        return "standing.not_valid", {}
    if latest.leaf != index:
        return "standing.replaced", {"leaf": latest.leaf}
    if one.phase is Phase.VOID:
        return "standing.void", {"reason": one.reason}
    if one.live or one.sealed:
        return "standing.not_closed" if one.live else "standing.not_opened", {}
    return "standing.counts", {}
