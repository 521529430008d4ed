"""Attacks on what is chosen, entered by hand or signed by a scrutineer: more of ``kit.attacks``."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from kit.attacks import COUNTED, REPLAY, Attack
from kit.records import CHAIR, Record
from kit.tampering import GOOD, change, envelope_of, inserted
from pingyi_protocol.meeting.commands import AnnounceRound, AnswerCount, CheckIn, Choice, EnterResult, OpenRound
from pingyi_protocol.meeting.components import EvidenceLine, GivenScore
from pingyi_protocol.meeting.definition import TRIAL, Option, Role
from pingyi_protocol.meeting.events import (
    CheckedIn,
    CheckInClosed,
    CompositeAnnounced,
    EvidenceImported,
    ItemWithdrawn,
    ResultAnnounced,
    ResultEntered,
    RoundClosed,
    RoundConfirmed,
    RoundOpened,
)
from pingyi_protocol.meeting.evolve import CLERK
from pingyi_protocol.meeting.figures import Outcome, RoundFigures
from pingyi_protocol.meeting.model import Principal

Kind = TypeVar("Kind", ResultAnnounced, ResultEntered, RoundClosed, RoundConfirmed, RoundOpened)


def of_round(kind: type[Kind], item: str, number: int) -> tuple[int, Kind]:
    """Return the leaf of this kind that is about this round, and its event."""
    for index in range(len(GOOD.leaves)):
        event = GOOD.entry(index).event
        about = event.figures if isinstance(event, ResultAnnounced) else event
        if isinstance(event, kind) and (about.item, about.round) == (item, number):  # type: ignore[union-attr]  # all have them
            return index, event
    raise LookupError(kind, item, number)


def without(index: int) -> Record:
    """Return the record without a leaf, numbered and signed again by the server."""
    return GOOD.with_leaves((*GOOD.leaves[:index], *GOOD.leaves[index + 1 :])).numbered().signed_again()


def manual_result_without_the_scrutineer() -> Record:
    """Return the record with a result by hand announced that no scrutineer signed."""
    return without(of_round(RoundConfirmed, "7", 1)[0])


def manual_result_signed_otherwise() -> Record:
    """Return the record with other counts by hand than those that the scrutineer signed; the clerk signs anything."""
    index, event = of_round(ResultEntered, "7", 1)
    counts = (AnswerCount(Choice("", Option.FOR), 3),)
    body = EnterResult(event.item, event.round, event.reason, event.received, event.invalid, counts)
    forged = change(GOOD.entry(index), envelope=envelope_of(CLERK, body), event=change(event, counts=counts))
    return GOOD.with_leaf(index, forged).signed_again()


def close_confirmed_by_nobody() -> Record:
    """Return the record with a motion announced whose count the chief scrutineer had to sign, and did not."""
    return without(of_round(RoundConfirmed, "3", 1)[0])


def with_announcement(item: str, number: int, forge: Callable[[RoundFigures], RoundFigures]) -> Record:
    """Return the record with other figures announced of a round, signed again by the server."""
    index, event = of_round(ResultAnnounced, item, number)
    return GOOD.with_leaf(index, change(GOOD.entry(index), event=ResultAnnounced(forge(event.figures)))).signed_again()


def changed_count() -> Record:
    """Return the record with a vote against the motion announced as one for it."""

    def forge(figures: RoundFigures) -> RoundFigures:
        [choice] = figures.choices
        first, second, *rest = choice.counts
        counts = (change(first, count=first.count + 1), change(second, count=second.count - 1), *rest)
        return change(figures, choices=(change(choice, counts=counts, outcome=Outcome.PASSED),))

    return with_announcement("3", 1, forge)


def winner_swapped() -> Record:
    """Return the record with the loser of a runoff announced as its winner."""

    def forge(figures: RoundFigures) -> RoundFigures:
        assert figures.selection is not None
        return change(figures, selection=change(figures.selection, winners=("T02",)))

    return with_announcement("5", 2, forge)


def manual_result_announced_as_cast() -> Record:
    """Return the record with a result by hand announced as if seats had given it."""
    return with_announcement("7", 1, lambda figures: change(figures, manual="", invalid=0))


def runoff_among_others() -> Record:
    """Return the record with a runoff in which somebody stood who was not tied."""
    index, event = of_round(RoundOpened, "5", 2)
    forged = change(event, candidates=("T01", "T03"))
    return GOOD.with_leaf(index, change(GOOD.entry(index), event=forged)).signed_again()


def trial_announced() -> Record:
    """Return the record with the trial vote announced as if it were a result."""
    index = of_round(RoundClosed, TRIAL.id, 1)[0] + 1
    event = ResultAnnounced(RoundFigures(TRIAL.id, 1, 4, 2, 0))
    return inserted(GOOD, index, envelope_of(CHAIR, AnnounceRound(TRIAL.id, 1)), event)


def check_in_after_the_window() -> Record:
    """Return the record with a member checking in when check-in was closed."""
    person = Principal("M05", Role.MEMBER)
    return inserted(GOOD, GOOD.find(CheckInClosed) + 1, envelope_of(person, CheckIn()), CheckedIn("M05", ""))


def round_of_a_withdrawn_item() -> Record:
    """Return the record with a round of an item that was withdrawn."""
    index = GOOD.find(ItemWithdrawn) + 1
    return inserted(GOOD, index, envelope_of(CHAIR, OpenRound("8")), RoundOpened("8", 1, None))


def changed_composite() -> Record:
    """Return the record with another total announced for a target."""
    index = GOOD.find(CompositeAnnounced)
    event = GOOD.entry(index).event
    assert isinstance(event, CompositeAnnounced)
    lines = (change(event.lines[0], total=Decimal("99.99")), *event.lines[1:])
    return GOOD.with_leaf(index, change(GOOD.entry(index), event=CompositeAnnounced(lines))).signed_again()


def evidence_other_than_signed() -> Record:
    """Return the record with other material for a target than the clerk signed."""
    index = GOOD.find(EvidenceImported, 4)
    event = GOOD.entry(index).event
    assert isinstance(event, EvidenceImported)
    better = EvidenceLine(event.lines[0].target, GivenScore(Decimal(99)))
    forged = change(event, lines=(better, *event.lines[1:]))
    return GOOD.with_leaf(index, change(GOOD.entry(index), event=forged)).signed_again()


KIND_ATTACKS: dict[str, Attack] = {
    "changed-composite": Attack(changed_composite, COUNTED),
    "evidence-other-than-signed": Attack(evidence_other_than_signed, REPLAY),
    "changed-count": Attack(changed_count, COUNTED),
    "check-in-after-the-window": Attack(check_in_after_the_window, REPLAY),
    "close-confirmed-by-nobody": Attack(close_confirmed_by_nobody, COUNTED),
    "manual-result-announced-as-cast": Attack(manual_result_announced_as_cast, COUNTED),
    "manual-result-signed-otherwise": Attack(manual_result_signed_otherwise, COUNTED),
    "manual-result-without-the-scrutineer": Attack(manual_result_without_the_scrutineer, COUNTED),
    "round-of-a-withdrawn-item": Attack(round_of_a_withdrawn_item, REPLAY),
    "runoff-among-others": Attack(runoff_among_others, COUNTED),
    "trial-announced": Attack(trial_announced, COUNTED),
    "winner-swapped": Attack(winner_swapped, COUNTED),
}
