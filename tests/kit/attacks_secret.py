"""Attacks on secret rounds and their keys by whoever writes the record; the server signs the head of whatever it is."""

import dataclasses
from collections.abc import Callable
from typing import TypeVar

import msgspec

from kit.attacks import REPLAY, Attack
from kit.playbook import MEETING
from kit.records import Record
from kit.secret_records import SECRET, SECRET_BOOK, forged
from pingyi_protocol.meeting.commands import Body, CastSecret, Command, OpenPart, OverrideCosigning
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import (
    BallotsChecked,
    CosigningOverridden,
    ElectionKeyMade,
    Event,
    InvalidBallot,
    KeyMessageTaken,
    LineTotals,
    OpeningBegun,
    OpeningPartTaken,
    ResultAnnounced,
    RoundClosed,
    RoundUnsealed,
    SecretBallotCast,
)
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.record.entry import Entry, encode_entry
from pingyi_protocol.record.report import Step
from pingyi_protocol.secret.ballot import known_ballot
from pingyi_protocol.secret.messages import RevealKey
from pingyi_protocol.secret.opening import sums_text
from pingyi_protocol.secret.proof import combined
from pingyi_protocol.wire.envelope import Envelope, seal

change = msgspec.structs.replace
OPENED = (Step.REPLAY, Step.RECOUNT)
Kind = TypeVar("Kind", bound=Event)


def leaves_of(kind: type[Kind], item: str = "") -> list[tuple[int, Kind]]:
    """Return the leaves of this kind with their events, those about an item where one is named."""
    entries = ((index, SECRET.entry(index).event) for index in range(len(SECRET.leaves)))
    of_kind = [(index, event) for index, event in entries if isinstance(event, kind)]
    return [(index, event) for index, event in of_kind if item in ("", getattr(event, "item", ""))]


def signed(principal: Principal, body: Body) -> Envelope:
    """Return a command that the principal's own device has signed."""
    command = Command(MEETING, "f" * 32, *principal, "", body)
    return seal(msgspec.json.encode(command), SECRET_BOOK.keys[principal])


def otherwise(index: int, event: Event, envelope: Envelope | None = None) -> Record:
    """Return the record with another event on a leaf, under the same command unless there is another one."""
    entry = SECRET.entry(index)
    changed = change(entry, event=event, envelope=envelope or entry.envelope)
    return forged(SECRET, (*SECRET.leaves[:index], encode_entry(changed), *SECRET.leaves[index + 1 :]))


def inserted(index: int, event: Event, envelope: Envelope | None) -> Record:
    """Return the record with a leaf more."""
    leaf = encode_entry(Entry(index, SECRET.entry(index).at, "", envelope, event))
    return forged(SECRET, (*SECRET.leaves[:index], leaf, *SECRET.leaves[index:]))


def without(index: int) -> Record:
    """Return the record without a leaf."""
    return forged(SECRET, (*SECRET.leaves[:index], *SECRET.leaves[index + 1 :]))


def ballot_for_another_member() -> Record:
    """M01's ballot stands in the name of M06, who cast none."""
    index, event = leaves_of(SecretBallotCast, "score")[0]
    return otherwise(index, change(event, person="M06"))


def ballot_replaced() -> Record:
    """Another sealed ballot stands in the event than the one that was signed."""
    (index, event), (_, other) = leaves_of(SecretBallotCast, "score")[:2]
    return otherwise(index, change(event, sealed=other.sealed))


def ballot_dropped() -> Record:
    """A ballot is left out."""
    return without(leaves_of(SecretBallotCast, "score")[3][0])


def ballot_after_the_close() -> Record:
    """A ballot comes behind the close, and is said to count."""
    closed, _ = leaves_of(RoundClosed, "motion")[0]
    _, cast = leaves_of(SecretBallotCast, "motion")[0]
    principal = Principal(cast.person, Role.MEMBER)
    body = CastSecret(cast.item, cast.round, cast.sealed)
    return inserted(closed + 1, change(cast, ballot="f" * 32), signed(principal, body))


def ballot_of_another_item() -> Record:
    """A ballot of the one item is taken for another: signed again by the member's own, lost, device."""
    index, _ = leaves_of(SecretBallotCast, "motion")[0]
    _, other = leaves_of(SecretBallotCast, "selection")[0]
    body = CastSecret("motion", 1, other.sealed)
    event = SecretBallotCast(other.person, "motion", 1, "f" * 32, other.sealed)
    return otherwise(index, event, signed(Principal(other.person, Role.MEMBER), body))


def earlier_ballot_counted() -> Record:
    """M03's newer ballot, which holds, is said not to, so that the earlier one counts."""
    index, event = leaves_of(BallotsChecked, "score")[0]
    newest = [cast for _, cast in leaves_of(SecretBallotCast, "score") if cast.person == "M03"][-1]
    slander = InvalidBallot("M03", newest.ballot, "secret.ballot_proof")
    return otherwise(index, change(event, invalid=tuple(sorted((*event.invalid, slander), key=lambda one: one.person))))


def unproven_ballot_counted() -> Record:
    """A ballot whose proofs do not hold is let through."""
    index, event = leaves_of(BallotsChecked, "score")[0]
    return otherwise(index, change(event, invalid=event.invalid[:1]))


def unchecked_and_opened() -> Record:
    """The proofs were never checked."""
    return without(leaves_of(BallotsChecked, "score")[0][0])


def opened_on_too_few_cosignatures() -> Record:
    """Half of the terminals present have cosigned the head, and no more."""
    index, event = leaves_of(OpeningBegun, "score")[0]
    return otherwise(index, change(event, cosignatures=event.cosignatures[:3]))


def opened_on_a_doubled_cosignature() -> Record:
    """One terminal stands for several."""
    index, event = leaves_of(OpeningBegun, "score")[0]
    return otherwise(index, change(event, cosignatures=(*event.cosignatures[:3], *event.cosignatures[:1])))


def opened_on_a_head_that_never_was() -> Record:
    """The chief scrutineer overrides for a head of another record."""
    index, event = leaves_of(CosigningOverridden, "selection")[0]
    begun, opening = leaves_of(OpeningBegun, "selection")[0]
    [other] = [one.root for _, one in leaves_of(OpeningBegun, "score")]
    body = OverrideCosigning(event.item, event.round, event.size, other, event.reason)
    envelope = signed(Principal("M03", Role.SCRUTINEER), body)
    leaves = list(otherwise(index, change(event, root=other), envelope).leaves)
    leaves[begun] = otherwise(begun, change(opening, root=other)).leaves[begun]
    return forged(SECRET, tuple(leaves))


def one_ballot_opened_as_the_sum() -> Record:
    """The opening is of a single ballot, offered as the sum of all."""
    index, event = leaves_of(OpeningBegun, "score")[0]
    _, cast = leaves_of(SecretBallotCast, "score")[0]
    one = SECRET_BOOK.meeting.round_of("score")
    assert one is not None
    assert one.sealing is not None
    [count] = one.sealing.counts
    ballot = known_ballot(count.question, SECRET_BOOK.key_of(cast.person), cast.sealed[0])
    sums = tuple(combined(ballot.ciphertexts, factors) for factors in count.question.encoding.openings)
    return otherwise(index, change(event, sums=(sums_text(dataclasses.replace(count, sums=sums)),)))


def override_by_another() -> Record:
    """A scrutineer who is not the chief one overrides."""
    index, event = leaves_of(CosigningOverridden, "selection")[0]
    body = OverrideCosigning(event.item, event.round, event.size, event.root, event.reason)
    return otherwise(index, change(event, person="M02"), signed(Principal("M02", Role.SCRUTINEER), body))


def second_opening_of_a_round() -> Record:
    """What was opened on one head is to be opened on another one too."""
    _, event = leaves_of(CosigningOverridden, "selection")[0]
    begun, _ = leaves_of(OpeningBegun, "selection")[0]
    body = OverrideCosigning(event.item, event.round, event.size, event.root, "再次开启")
    return inserted(begun + 1, change(event, reason="再次开启"), signed(Principal("M03", Role.SCRUTINEER), body))


def other_totals() -> Record:
    """The opening says other totals than the parts give."""
    index, event = leaves_of(RoundUnsealed, "score")[0]
    [line] = event.lines
    return otherwise(index, change(event, lines=(LineTotals((line.totals[0] + 1,), line.abstentions),)))


def forged_part() -> Record:
    """A scrutineer's part is another one's, who opens alone."""
    index, event = leaves_of(RoundUnsealed, "score")[0]
    _, first = leaves_of(OpeningPartTaken, "score")[0]
    body = OpenPart(event.item, event.round, first.parts)
    return otherwise(index, change(event, parts=first.parts), signed(Principal(event.person, Role.SCRUTINEER), body))


def bad_part_called_good() -> Record:
    """A part that was passed over is counted as one of those that open."""
    index, event = next(one for one in leaves_of(OpeningPartTaken, "selection") if not one[1].good)
    return otherwise(index, change(event, good=True))


def opened_without_a_part() -> Record:
    """One part fewer than it takes."""
    return without(leaves_of(OpeningPartTaken, "score")[0][0])


def announced_unopened() -> Record:
    """The round is announced, and was never opened."""
    return without(leaves_of(RoundUnsealed, "score")[0][0])


def announced_otherwise() -> Record:
    """Other figures are announced than were opened."""
    index, event = leaves_of(ResultAnnounced)[0]
    [target] = event.figures.targets
    figures = change(event.figures, targets=(change(target, total=target.total + 1),))
    return otherwise(index, change(event, figures=figures))


def invalid_ballots_concealed() -> Record:
    """The announcement says that all ballots held."""
    index, event = leaves_of(ResultAnnounced)[0]
    return otherwise(index, change(event, figures=change(event.figures, invalid=0)))


def key_of_the_server() -> Record:
    """The key that was made is said to be another one."""
    index, event = leaves_of(ElectionKeyMade)[0]
    return otherwise(index, change(event, key=change(event.key, key=event.key.shares[0])))


def rogue_key() -> Record:
    """The last to reveal shows other points than were committed to."""
    reveals = [one for one in leaves_of(KeyMessageTaken) if isinstance(one[1].message, RevealKey)]
    index, event = reveals[-1]
    _, other = reveals[-2]
    assert isinstance(event.message, RevealKey)
    assert isinstance(other.message, RevealKey)
    message = change(event.message, points=other.message.points, proof=other.message.proof)
    return otherwise(index, change(event, message=message), signed(Principal(event.person, Role.SCRUTINEER), message))


def threshold_lowered() -> Record:
    """A ceremony message is left out, so that not all have confirmed."""
    return without(leaves_of(KeyMessageTaken)[-1][0])


def key_message_in_anothers_name() -> Record:
    """One scrutineer speaks in the ceremony for another."""
    (index, event), (_, other) = leaves_of(KeyMessageTaken)[:2]
    return otherwise(index, event, signed(Principal(other.person, Role.SCRUTINEER), event.message))


Make = Callable[[], Record]
SECRET_ATTACKS: dict[str, Attack] = {
    f"secret-{make.__name__.replace('_', '-')}": Attack(make, fails)
    for make, fails in (
        (ballot_for_another_member, REPLAY),
        (ballot_replaced, REPLAY),
        (ballot_dropped, OPENED),
        (ballot_after_the_close, REPLAY),
        (ballot_of_another_item, REPLAY),
        (earlier_ballot_counted, OPENED),
        (unproven_ballot_counted, OPENED),
        (unchecked_and_opened, OPENED),
        (opened_on_too_few_cosignatures, OPENED),
        (opened_on_a_doubled_cosignature, OPENED),
        (opened_on_a_head_that_never_was, REPLAY),
        (one_ballot_opened_as_the_sum, OPENED),
        (override_by_another, OPENED),
        (second_opening_of_a_round, REPLAY),
        (other_totals, OPENED),
        (forged_part, OPENED),
        (bad_part_called_good, REPLAY),
        (opened_without_a_part, OPENED),
        (announced_unopened, OPENED),
        (announced_otherwise, OPENED),
        (invalid_ballots_concealed, OPENED),
        (key_of_the_server, REPLAY),
        (rogue_key, REPLAY),
        (threshold_lowered, REPLAY),
        (key_message_in_anothers_name, REPLAY),
    )
}
