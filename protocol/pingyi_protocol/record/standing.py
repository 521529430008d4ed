"""Where one ballot stands in a record: whether it is there, and whether it counts. For members who hold a receipt."""

from dataclasses import dataclass
from pathlib import Path

from pingyi_protocol.meeting.commands import Answer
from pingyi_protocol.meeting.definition import TRIAL, Person
from pingyi_protocol.meeting.events import BallotCast
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.bundle import Bundle
from pingyi_protocol.record.entry import Entry, decode_entry
from pingyi_protocol.record.merkle import leaf_hash
from pingyi_protocol.record.receipt import entry_of
from pingyi_protocol.record.tracking import tracking_code
from pingyi_protocol.wire.messages import Receipt


class StandingError(RecordError):
    """The ballot is not in the record, or what was asked about is no ballot."""

    exit_code = 1


@dataclass(frozen=True)
class Standing:
    """One ballot in a record.

    ``counts`` says whether it is the one that counts for its member in a round that is closed; ``key`` of the
    catalogue's [standing] section and ``values`` say so in words. ``code`` is its tracking code.
    """

    entry: Entry
    ballot: BallotCast
    code: str
    title: str
    person: Person
    counts: bool
    key: str
    values: dict[str, object]

    @property
    def answers(self) -> tuple[Answer, ...]:
        """What was answered; only for whoever holds the receipt."""
        return self.ballot.answers


def standing_of_code(path: Path, meeting: Meeting, code: str) -> Standing:
    """Find the ballot with this tracking code in the record at ``path``, which gives ``meeting``; StandingError."""
    with Bundle(path) as bundle:
        for body in bundle.leaves():
            if tracking_code(leaf_hash(body)) == code:
                return standing_of(decode_entry(body), meeting, code)
    raise StandingError("standing.no_such_code", code=code)


def standing_of_receipt(path: Path, meeting: Meeting, receipt: Receipt) -> Standing:
    """Find the ballot that a receipt is for; StandingError, which names it as lost where its loss is on the record.

    It is looked for by what was signed: after a lawful continuation it may stand on another leaf.
    """
    sent = entry_of(receipt)
    if not isinstance(sent.event, BallotCast):
        raise StandingError("standing.no_ballot")
    lost = meeting.lost.get(receipt.command)
    if lost is not None:
        raise StandingError("standing.lost", index=lost.index, leaf=lost.leaf)
    index = meeting.commands.get(receipt.command)
    with Bundle(path) as bundle:
        for place, body in enumerate(bundle.leaves()):
            if place == index:
                entry = decode_entry(body)
                if entry.envelope != sent.envelope:
                    break
                return standing_of(entry, meeting, tracking_code(leaf_hash(body)))
    raise StandingError("standing.missing", index=receipt.index, code=tracking_code(leaf_hash(receipt.leaf.encode())))


def standing_of(entry: Entry, meeting: Meeting, code: str) -> Standing:
    """Say of a leaf whether it is a ballot that counts; StandingError when it is none."""
    ballot = entry.event
    definition = meeting.definition
    if not isinstance(ballot, BallotCast) or definition is None:
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
    if latest.leaf != index:
        return "standing.replaced", {"leaf": latest.leaf}
    if one.phase is Phase.VOID:
        return "standing.void", {"reason": one.reason}
    if one.live:
        return "standing.not_closed", {}
    return "standing.counts", {}
