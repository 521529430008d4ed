"""The state of a round after an event, for ``evolve``: opened, steered, voted in, closed, signed, announced, void."""

import msgspec
from rpds import HashTrieMap

from pingyi_protocol.meeting.ballots import with_answers
from pingyi_protocol.meeting.definition import Role, ScoreRules, Secrecy
from pingyi_protocol.meeting.events import (
    BallotCast,
    ResultAnnounced,
    ResultEntered,
    RoundClosed,
    RoundConfirmed,
    RoundExtended,
    RoundOpened,
    RoundPaused,
    RoundResumed,
    RoundVoided,
    VoidProposed,
    VoidTakenBack,
)
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Ballot, Manual, Meeting, Round, Sealing, Voiding

replace = msgspec.structs.replace


def round_opened(meeting: Meeting, event: RoundOpened, at: int) -> Meeting:
    """Begin the round with whoever is present."""
    deadline = None if event.seconds is None else at + 1000 * event.seconds
    secret = meeting.items[event.item].rules.secrecy is Secrecy.SECRET
    sealing = Sealing(meeting.key, meeting.holders) if secret and meeting.key is not None else None
    return with_another_round(meeting, replace(begun(meeting, event), deadline=deadline, sealing=sealing))


def begun(meeting: Meeting, event: RoundOpened | ResultEntered) -> Round:
    """Return the round as it begins on the next leaf."""
    return Round(
        item=event.item,
        number=event.round,
        phase=Phase.OPEN,
        first=meeting.size,
        deadline=None,
        remaining=None,
        present=meeting.present,
        ballots=HashTrieMap(),
        tallies=HashTrieMap(),
        recused=meeting.recused_from(event.item),
        candidates=event.candidates,
        places=event.places,
    )


def round_extended(meeting: Meeting, event: RoundExtended, at: int) -> Meeting:
    """Move the deadline, from now on if it has passed, or the time that a paused countdown stands at."""
    one = the_round(meeting, event.item, event.round)
    more = 1000 * event.seconds
    deadline = None if one.deadline is None else max(one.deadline, at) + more
    remaining = None if one.remaining is None else one.remaining + more
    return with_round(meeting, replace(one, deadline=deadline, remaining=remaining))


def round_paused(meeting: Meeting, event: RoundPaused, _at: int) -> Meeting:
    """Stand the countdown still."""
    one = the_round(meeting, event.item, event.round)
    return with_round(meeting, replace(one, phase=Phase.PAUSED, deadline=None, remaining=event.remaining))


def round_resumed(meeting: Meeting, event: RoundResumed, at: int) -> Meeting:
    """Let the countdown run on from where it stood."""
    one = the_round(meeting, event.item, event.round)
    deadline = None if one.remaining is None else at + one.remaining
    return with_round(meeting, replace(one, phase=Phase.OPEN, deadline=deadline, remaining=None))


def ballot_cast(meeting: Meeting, event: BallotCast, _at: int) -> Meeting:
    """Count the ballot in place of the member's earlier one; costs the same however many there are."""
    one, item = the_round(meeting, event.item, event.round), meeting.items[event.item]
    earlier = one.ballots.get(event.person)
    counts = one.tallies, one.votes
    if earlier is not None:
        counts = with_answers(item, *counts, earlier.answers, -1)
    tallies, votes = with_answers(item, *counts, event.answers, 1)
    ballots = one.ballots.insert(event.person, Ballot(event.ballot, meeting.size, event.answers))
    return with_round(meeting, replace(one, ballots=ballots, tallies=tallies, votes=votes))


def result_entered(meeting: Meeting, event: ResultEntered, _at: int) -> Meeting:
    """Begin and end a round in which the counts stand for the ballots."""
    one, item = begun(meeting, event), meeting.items[event.item]
    counts = one.tallies, one.votes
    for line in event.counts:
        counts = with_answers(item, *counts, (line.answer,), line.count)
    tallies, votes = counts
    manual = Manual(event.reason, event.received, event.invalid, event.counts)
    closed = replace(one, phase=Phase.CLOSED, last=meeting.size, tallies=tallies, votes=votes, manual=manual)
    return with_another_round(meeting, closed)


def with_another_round(meeting: Meeting, one: Round) -> Meeting:
    """Return the meeting with this as its newest round.

    With the first that counts, scrutineers' outstanding codes wait for the chair, as those issued from then on do: else
    one that was kept from before would do without.
    """
    after = replace(meeting, rounds=(*meeting.rounds, one))
    if meeting.begun or not after.begun:
        return after
    codes = {code: whom for code, whom in meeting.codes.items() if whom.role is Role.SCRUTINEER}
    return replace(after, unsigned_codes=meeting.unsigned_codes.update(codes))


def round_confirmed(meeting: Meeting, event: RoundConfirmed, _at: int) -> Meeting:
    """Note who signed the count."""
    one = the_round(meeting, event.item, event.round)
    return with_round(meeting, replace(one, confirmed=event.person))


def round_closed(meeting: Meeting, event: RoundClosed, _at: int) -> Meeting:
    """End the round."""
    one = the_round(meeting, event.item, event.round)
    return with_round(meeting, replace(one, phase=Phase.CLOSED, deadline=None, remaining=None, last=event.last))


def result_announced(meeting: Meeting, event: ResultAnnounced, _at: int) -> Meeting:
    """The result is public, and composites that were announced without it stand no more."""
    one = the_round(meeting, event.figures.item, event.figures.round)
    after = with_round(meeting, replace(one, phase=Phase.ANNOUNCED))
    return replace(after, composite=()) if event.figures.targets else after


def void_proposed(meeting: Meeting, event: VoidProposed, _at: int) -> Meeting:
    """Wait for a scrutineer; the round stays what it is."""
    one = the_round(meeting, event.item, event.round)
    return with_round(meeting, replace(one, voiding=Voiding(event.reason, event.person)))


def void_taken_back(meeting: Meeting, event: VoidTakenBack, _at: int) -> Meeting:
    """Wait no more."""
    return with_round(meeting, replace(the_round(meeting, event.item, event.round), voiding=None))


def round_voided(meeting: Meeting, event: RoundVoided, _at: int) -> Meeting:
    """The round ends, if it had not, and counts for nothing; nor do composites that came of it."""
    one = the_round(meeting, event.item, event.round)
    void = replace(one, phase=Phase.VOID, deadline=None, remaining=None, reason=event.reason, voided_by=event.person)
    after = with_round(meeting, replace(void, voiding=None))
    scored = isinstance(meeting.items[one.item].rules, ScoreRules)
    return replace(after, composite=()) if scored and one.phase is Phase.ANNOUNCED else after


def the_round(meeting: Meeting, item: str, number: int) -> Round:
    """Return this round of this item; KeyError if it never was."""
    for one in reversed(meeting.rounds):
        if one.item == item and one.number == number:
            return one
    raise KeyError((item, number))


def with_round(meeting: Meeting, changed: Round) -> Meeting:
    """Return the meeting with this round in place of its earlier self."""
    same = (changed.item, changed.number)
    rounds = tuple(changed if (one.item, one.number) == same else one for one in meeting.rounds)
    return replace(meeting, rounds=rounds)
