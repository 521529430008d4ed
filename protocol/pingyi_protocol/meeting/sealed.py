"""What a secret round asks, what its ballots add up to, and what its totals say."""

from base64 import b64decode
from functools import cache
from typing import NamedTuple

from pingyi_protocol.meeting.ballots import limits
from pingyi_protocol.meeting.definition import Item, SelectionRules
from pingyi_protocol.meeting.events import LineTotals
from pingyi_protocol.meeting.model import Ballot, Meeting, Round
from pingyi_protocol.record.checkpoint import Checkpoint
from pingyi_protocol.secret.ballot import Question, known_ballot
from pingyi_protocol.secret.encoding import Opened
from pingyi_protocol.secret.opening import Count, count_ballots, read_count, sums_text
from pingyi_protocol.secret.sheet import Line, lines_of


def lines_in(item: Item, candidates: tuple[str, ...], places: int) -> tuple[Line, ...]:
    """Return the questions of a round's sheet, in their order."""
    size = (1, 1)
    if isinstance(item.rules, SelectionRules):
        size = limits(item.rules, places, tied=candidates != item.targets)
    return lines_of(item, item.rules.opens, candidates, size)


def questions_of(meeting: Meeting, one: Round) -> tuple[Question, ...]:
    """Return what each ballot of a secret round answers, in the order of the sheet; none in an open round."""
    if one.sealing is None:
        return ()
    lines = lines_in(meeting.items[one.item], one.candidates, one.places)
    return questions(meeting.origin, one.item, one.number, one.sealing.key.key, lines)


@cache
def questions(origin: str, item: str, number: int, key: str, lines: tuple[Line, ...]) -> tuple[Question, ...]:
    """Return the question of each line; made once for all ballots of a round."""
    return tuple(Question(origin, item, number, line.kind.value, line.target, line.encoding, key) for line in lines)


def newest_first(one: Round, person: str) -> tuple[Ballot, ...]:
    """Return all ballots of a member in a secret round, the newest first."""
    earlier = one.sealing.earlier.get(person, ()) if one.sealing is not None else ()
    return (one.ballots[person], *reversed(earlier))


def basis_of(meeting: Meeting, size: int, root: str) -> str:
    """Return how an opening names the head it stands on: the lines of its checkpoint."""
    return Checkpoint(meeting.origin, size, b64decode(root)).note_body


class Summands(NamedTuple):
    """What is added up for one question of a round: each valid ballot's public key and text, at ``least`` so many."""

    question: Question
    least: int
    ballots: tuple[tuple[bytes, str], ...]


def summands(meeting: Meeting, one: Round) -> tuple[Summands, ...]:
    """Return what is added up of a round whose proofs were checked, for each question of its sheet."""
    if one.sealing is None:
        return ()
    valid = [ballot for person, ballot in one.ballots.items() if person not in one.sealing.invalid]
    least = meeting.items[one.item].rules.least_ballots
    return tuple(
        Summands(question, least, tuple((each.key, each.sealed[place]) for each in valid))
        for place, question in enumerate(questions_of(meeting, one))
    )


def sum_of(what: Summands) -> str:
    """Return what it adds up to, as an opening says it; two additions of points for each bit of each ballot."""
    question, least, ballots = what
    proven = (known_ballot(question, key, text) for key, text in ballots)
    return sums_text(count_ballots(question, "", proven, least))


def sums_of(meeting: Meeting, one: Round) -> tuple[str, ...]:
    """Return what is opened of a round whose proofs were checked, as its opening says it: one text for each question.

    It costs what ``sum_of`` does for each.
    """
    return tuple(map(sum_of, summands(meeting, one)))


def counts_of(meeting: Meeting, one: Round, basis: str, sums: tuple[str, ...]) -> tuple[Count, ...]:
    """Return what is opened on a head, by what the record says are the sums."""
    valid = one.received - one.invalid
    asked = questions_of(meeting, one)
    return tuple(read_count(question, basis, valid, text) for question, text in zip(asked, sums, strict=True))


def lines_opened(item: Item, one: Round, lines: tuple[LineTotals, ...]) -> tuple[tuple[Line, Opened], ...]:
    """Return each question of a round with what it opened to."""
    asked = lines_in(item, one.candidates, one.places)
    return tuple((line, Opened(each.totals, each.abstentions)) for line, each in zip(asked, lines, strict=True))
