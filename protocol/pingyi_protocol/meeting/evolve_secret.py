"""The state after an event of a key ceremony or a secret round, for ``evolve``."""

import msgspec
from rpds import HashTrieMap

from pingyi_protocol.meeting.definition import Definition, Role
from pingyi_protocol.meeting.events import (
    BallotsChecked,
    CeremonyBegun,
    CeremonyFailed,
    CosigningOverridden,
    ElectionKeyMade,
    KeyMessageTaken,
    OpeningBegun,
    OpeningPartTaken,
    RoundUnsealed,
    SecretBallotCast,
)
from pingyi_protocol.meeting.evolve_rounds import the_round, with_round
from pingyi_protocol.meeting.model import Ballot, Meeting, Override, Principal, Round, Sealing
from pingyi_protocol.meeting.sealed import basis_of, counts_of, lines_opened, newest_first
from pingyi_protocol.secret.ceremony import Board
from pingyi_protocol.secret.encoding import Sum
from pingyi_protocol.secret.messages import Ceremony
from pingyi_protocol.secret.sheet import Kind, SumTally, choice_counts, score_tally, sum_tallies

replace = msgspec.structs.replace


def ceremony_begun(meeting: Meeting, event: CeremonyBegun, _at: int) -> Meeting:
    """Begin with an empty board; the key made before stands until there is another one."""
    ceremony = Ceremony(meeting.origin, event.attempt, event.threshold, event.scrutineers)
    return replace(meeting, ceremony=Board(ceremony), attempts=event.attempt)


def key_message_taken(meeting: Meeting, event: KeyMessageTaken | CeremonyFailed, _at: int) -> Meeting:
    """Put the message on the board."""
    board = meeting.ceremony
    return meeting if board is None else replace(meeting, ceremony=board.accept(event.message))


def election_key_made(meeting: Meeting, event: ElectionKeyMade, _at: int) -> Meeting:
    """The ceremony is done; secret rounds that begin from now on are encrypted to its key."""
    board = meeting.ceremony
    if board is None:
        return meeting
    holders = tuple(one.person for one in board.ceremony.scrutineers)
    return replace(meeting, ceremony=board.accept(event.message), key=event.key, holders=holders)


def kept_key(meeting: Meeting, definition: Definition) -> Meeting:
    """Return the meeting with the ceremony and the key that it keeps under another definition.

    Where the scrutineers or their threshold are others, it keeps none, and they are made anew.
    """
    earlier = meeting.definition
    if earlier is not None and openers(earlier) == openers(definition):
        return meeting
    return replace(meeting, ceremony=None, key=None, holders=())


def openers(definition: Definition) -> tuple[int, tuple[str, ...]]:
    """Return the threshold and the scrutineers of a definition."""
    people = tuple(one.number for one in definition.roster if Role.SCRUTINEER in one.roles)
    return definition.meeting.threshold, people


def sealing_of(one: Round) -> Sealing:
    """Return what makes this round a secret one; ValueError for another."""
    if one.sealing is None:
        raise ValueError("an open round has nothing sealed")
    return one.sealing


def secret_ballot_cast(meeting: Meeting, event: SecretBallotCast, _at: int) -> Meeting:
    """Take the ballot in place of the member's earlier one, which is kept: this one's proofs may not hold."""
    one = the_round(meeting, event.item, event.round)
    sealing, person = sealing_of(one), event.person
    key = meeting.devices[meeting.sessions[Principal(person, Role.MEMBER)]].signing_key
    if person in one.ballots:
        earlier = (*sealing.earlier.get(person, ()), one.ballots[person])
        sealing = replace(sealing, earlier=sealing.earlier.insert(person, earlier))
    ballot = Ballot(event.ballot, meeting.size, (), event.sealed, key)
    return with_round(meeting, replace(one, ballots=one.ballots.insert(person, ballot), sealing=sealing))


def ballots_checked(meeting: Meeting, event: BallotsChecked, _at: int) -> Meeting:
    """Let each member's newest ballot that holds count; who has none is invalid, and received all the same."""
    one = the_round(meeting, event.item, event.round)
    wrong = {found.ballot: found for found in event.invalid}
    ballots = one.ballots
    invalid: HashTrieMap[str, str] = HashTrieMap()
    for person in {found.person for found in event.invalid}:
        newest = one.ballots[person]
        holds = next((each for each in newest_first(one, person) if each.id not in wrong), None)
        if holds is None:
            invalid = invalid.insert(person, wrong[newest.id].fault)
        else:
            ballots = ballots.insert(person, holds)
    sealing = replace(sealing_of(one), checked=True, invalid=invalid)
    return with_round(meeting, replace(one, ballots=ballots, sealing=sealing))


def cosigning_overridden(meeting: Meeting, event: CosigningOverridden, _at: int) -> Meeting:
    """Note who answers for which head."""
    one = the_round(meeting, event.item, event.round)
    said = Override(event.person, event.size, event.root, event.reason)
    return with_round(meeting, replace(one, sealing=replace(sealing_of(one), override=said)))


def opening_begun(meeting: Meeting, event: OpeningBegun, _at: int) -> Meeting:
    """What is to be opened stands, on this head and on no other one."""
    one = the_round(meeting, event.item, event.round)
    basis = basis_of(meeting, event.size, event.root)
    counts = counts_of(meeting, one, basis, event.sums)
    sealing = replace(sealing_of(one), basis=basis, cosigned=len(event.cosignatures), counts=counts)
    return with_round(meeting, replace(one, sealing=sealing))


def opening_part_taken(meeting: Meeting, event: OpeningPartTaken | RoundUnsealed, _at: int) -> Meeting:
    """Keep a good part, and the name of whose part was not."""
    one = the_round(meeting, event.item, event.round)
    sealing = sealing_of(one)
    if isinstance(event, OpeningPartTaken) and not event.good:
        return with_round(meeting, replace(one, sealing=replace(sealing, bad=(*sealing.bad, event.person))))
    index = sealing.holders.index(event.person) + 1
    return with_round(meeting, replace(one, sealing=replace(sealing, parts=sealing.parts.insert(index, event.parts))))


def round_unsealed(meeting: Meeting, event: RoundUnsealed, at: int) -> Meeting:
    """The totals are out: tallies and votes stand as if they had been counted openly, or the sums alone."""
    meeting = opening_part_taken(meeting, event, at)
    one, item = the_round(meeting, event.item, event.round), meeting.items[event.item]
    tallies, votes = one.tallies, one.votes
    sums: HashTrieMap[tuple[str, str], SumTally] = HashTrieMap()
    for line, opened in lines_opened(item, one, event.lines):
        if line.kind is not Kind.SCORE:
            votes = votes.update(choice_counts(item, line, opened, one.candidates))
        elif isinstance(line.encoding, Sum):
            found = sum_tallies(item, line.target, opened, one.received - one.invalid)
            sums = sums.update({(line.target, criterion): tally for criterion, tally in found.items()})
        else:
            tallies = tallies.insert((line.target, ""), score_tally(item, opened))
    sealing = replace(sealing_of(one), sums=sums, unsealed=True)
    return with_round(meeting, replace(one, tallies=tallies, votes=votes, sealing=sealing))
