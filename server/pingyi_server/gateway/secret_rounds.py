"""Secret rounds: what everybody is shown of them, and what the rules by themselves cannot find out of their openings.

Shown are the election key and how it is made, and how far each opening has come.
"""

from base64 import b64encode
from collections.abc import Iterator

from pingyi_protocol.meeting.commands import Body, OverrideCosigning
from pingyi_protocol.meeting.key_ceremony import awaited
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round, Sealing
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.record.checkpoint import parse_note_body
from pingyi_protocol.record.merkle import MerkleLog
from pingyi_protocol.wire.picture import Ceremony, SealedRound, Secret


def secret_of(meeting: Meeting) -> Secret:
    """Return what belongs to secret rounds."""
    key = meeting.key
    return Secret(
        key, key.fingerprint if key is not None else "", meeting.holders, ceremony_of(meeting), tuple(opening(meeting))
    )


def ceremony_of(meeting: Meeting) -> Ceremony | None:
    """Return how far the newest key ceremony has come."""
    board = meeting.ceremony
    if board is None:
        return None
    terms, people = board.ceremony, tuple(one.person for one in board.ceremony.scrutineers)
    at_fault = "" if board.at_fault is None else people[board.at_fault - 1]
    return Ceremony(terms.attempt, terms.threshold, people, board.step, awaited(board), at_fault)


def opening(meeting: Meeting) -> Iterator[SealedRound]:
    """Yield the closed secret rounds that may still be announced."""
    for one in meeting.rounds:
        if one.sealing is not None and one.phase is Phase.CLOSED and meeting.round_of(one.item) is one:
            yield sealed_round(meeting, one, one.sealing)


def sealed_round(meeting: Meeting, one: Round, sealing: Sealing) -> SealedRound:
    """Return how far the opening of a closed round has come."""
    valid, least = one.received - one.invalid, meeting.items[one.item].rules.least_ballots
    return SealedRound(
        item=one.item,
        round=one.number,
        checked=sealing.checked,
        invalid=tuple(sorted(sealing.invalid)),
        too_few=sealing.checked and valid < least,
        size=parse_note_body(sealing.basis).size if sealing.basis else 0,
        cosigned=sealing.cosigned,
        needed=len(one.present) // 2 + 1,
        overridden=sealing.override.person if sealing.override is not None else "",
        parts=tuple(sealing.holders[index - 1] for index in sorted(sealing.parts)),
        bad=tuple(dict.fromkeys(sealing.bad)),
        missing=sealing.missing,
        unsealed=sealing.unsealed,
    )


def other_head(log: MerkleLog | None, body: Body) -> Refusal | None:
    """Why no round can be opened on the head that an override names, if so: only here the leaves are at hand."""
    if log is None or not isinstance(body, OverrideCosigning):
        return None
    ours = 0 < body.size <= log.size and body.root == b64encode(log.root(body.size)).decode()
    return None if ours else Refusal(Reason.OPENING_MISFIT)
