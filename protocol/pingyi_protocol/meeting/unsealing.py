"""How a secret round is opened: on which head, by whose parts, and what its figures then come from."""

from collections.abc import Iterable
from functools import lru_cache

from pingyi_protocol.meeting.commands import Command, OpenPart, OverrideCosigning
from pingyi_protocol.meeting.confirmation import chief_scrutineer
from pingyi_protocol.meeting.continuation import is_hash
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.events import (
    BallotsChecked,
    CosigningOverridden,
    Event,
    LineTotals,
    OpeningBegun,
    OpeningPartTaken,
    RoundUnsealed,
)
from pingyi_protocol.meeting.life import Move, Phase
from pingyi_protocol.meeting.model import Meeting, Round, Sealing
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import lawful_round
from pingyi_protocol.meeting.sealed import basis_of, sums_of
from pingyi_protocol.meeting.sealed_ballots import Fault, ballots_checked, to_be_checked
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.checkpoint import verify_cosignature
from pingyi_protocol.secret import SecretError
from pingyi_protocol.secret.ballot import fault_of
from pingyi_protocol.secret.ceremony import ElectionKey
from pingyi_protocol.secret.opening import Count, Part, Result, open_count


def openable(meeting: Meeting, one: Round) -> Refusal | None:
    """Why this round cannot be opened whoever wants it, if so."""
    sealing = one.sealing
    if sealing is None or sealing.unsealed:
        return Refusal(Reason.NOT_SEALED)
    if one.voiding is not None:
        return Refusal(Reason.VOID_WAITS, {"item": one.item})
    if not sealing.checked:
        return Refusal(Reason.BALLOTS_UNCHECKED)
    least, valid = meeting.items[one.item].rules.least_ballots, one.received - one.invalid
    if valid < least:
        return Refusal(Reason.TOO_FEW_BALLOTS, {"ballots": str(valid), "least": str(least)})
    return None


def not_behind_the_close(meeting: Meeting, one: Round, size: int, root: str) -> Refusal | None:
    """Why this is no head to open the round on, if so: it has to cover the close, and there is one only."""
    begun = one.sealing is not None and one.sealing.basis
    # the close is the leaf behind the last that counts
    covers = one.last is not None and one.last + 2 <= size <= meeting.size
    return None if covers and is_hash(root) and not begun else Refusal(Reason.OPENING_MISFIT)


def opening_begun(
    meeting: Meeting, one: Round, size: int, root: str, cosignatures: tuple[str, ...], sums: tuple[str, ...]
) -> OpeningBegun | None:
    """Return that a round may be opened on this head; None where too few cosigned it and nobody answers for that.

    ``sums`` are those of ``sums_of``, which takes long.
    """
    refused = openable(meeting, one) or not_behind_the_close(meeting, one, size, root)
    if refused is not None or one.phase is not Phase.CLOSED or meeting.round_of(one.item) != one:
        return None
    people = cosigners(meeting, one, basis_of(meeting, size, root), cosignatures)
    enough = 2 * len(people) > len(one.present) or overridden(one, size, root)
    right = enough and len(people) == len(cosignatures)
    return OpeningBegun(one.item, one.number, size, root, cosignatures, sums) if right else None


def overridden(one: Round, size: int, root: str) -> bool:
    """Whether a scrutineer answers for opening the round on this head, whoever has cosigned it."""
    said = one.sealing.override if one.sealing is not None else None
    return said is not None and (said.size, said.root) == (size, root)


def cosigners(meeting: Meeting, one: Round, body: str, lines: Iterable[str]) -> frozenset[str]:
    """Return who of those present for the round has cosigned the head, by a terminal that may still speak."""
    found = set()
    for line in lines:
        name = line.removeprefix("— ").partition(" ")[0]
        device = meeting.devices.get(name.removeprefix(f"{meeting.origin}/"))
        if device is None or device.revoked or device.principal.role is not Role.MEMBER:
            continue
        try:
            verify_cosignature(body, line, device.signing_key, f"{meeting.origin}/{device.id}")
        except RecordError:
            continue
        if device.principal.person in one.present:
            found.add(device.principal.person)
    return frozenset(found)


def borne_out(meeting: Meeting, event: Event, fault: Fault = fault_of) -> bool:
    """Whether an event about a secret round that no command causes is what the rules give.

    It costs what the proofs do; ``fault`` may know what worker processes found.
    """
    if meeting.closed is not None or meeting.continuing is not None:
        return False
    match event:
        case BallotsChecked():
            one = to_be_checked(meeting)
            return one is not None and event == ballots_checked(meeting, one, fault)
        case OpeningBegun(item, number, size, root, cosignatures, sums):
            latest = meeting.round_of(item)
            if latest is None or latest.number != number:
                return False
            # the sums last: there are none of ballots that are not checked
            likely = event == opening_begun(meeting, latest, size, root, cosignatures, sums)
            return likely and sums == sums_of(meeting, latest)
        case _:
            return False


def override(meeting: Meeting, command: Command, body: OverrideCosigning, at: int) -> Event | Refusal:
    """The chief scrutineer, where there is one, answers for what too few terminals have cosigned."""
    if not is_reason(body.reason):
        return Refusal(Reason.TEXT_REFUSED)
    one = lawful_round(meeting, body.item, body.round, Move.UNSEAL, at)
    if isinstance(one, Refusal):
        return one
    chief = chief_scrutineer(meeting)
    if chief not in ("", command.person):
        return Refusal(Reason.NOT_CHIEF_SCRUTINEER, {"person": chief})
    refused = openable(meeting, one) or not_behind_the_close(meeting, one, body.size, body.root)
    if refused is not None:
        return refused
    return CosigningOverridden(body.item, body.round, body.size, body.root, body.reason, command.person)


def open_part(meeting: Meeting, command: Command, body: OpenPart, at: int) -> Event | Refusal:
    """A holder of a share adds a part: a bad one is noted and passed over; with enough good ones the totals are out."""
    one = lawful_round(meeting, body.item, body.round, Move.UNSEAL, at)
    if isinstance(one, Refusal):
        return one
    refused, sealing = openable(meeting, one), one.sealing
    if refused is not None or sealing is None:
        return refused or Refusal(Reason.NOT_SEALED)
    refused = not_awaited(sealing, command.person)
    if refused is not None:
        return refused
    try:
        results = opened(sealing, sealing.holders.index(command.person) + 1, body.parts)
    except SecretError:
        return Refusal(Reason.TOTALS_REFUSED)
    totals = tuple(LineTotals(*one.opened) for one in results if one.opened is not None)
    if totals:
        return RoundUnsealed(command.person, body.item, body.round, body.parts, totals)
    return OpeningPartTaken(command.person, body.item, body.round, body.parts, bool(results))


def not_awaited(sealing: Sealing, person: str) -> Refusal | None:
    """Why no part of this person is awaited, if so."""
    if not sealing.basis:
        return Refusal(Reason.OPENING_NOT_BEGUN)
    if person not in sealing.holders:
        return Refusal(Reason.NO_SHARE, {"person": person})
    there = person not in sealing.missing
    return Refusal(Reason.PART_TAKEN, {"person": person}) if there else None


def opened(sealing: Sealing, index: int, parts: tuple[str, ...]) -> tuple[Result, ...]:
    """Return what the good parts and this one come to, by question; nothing where any text of this one is bad."""
    if len(parts) != len(sealing.counts):
        return ()
    given = sorted(sealing.parts.insert(index, parts).items())
    results = []
    for place, count in enumerate(sealing.counts):
        result = opened_count(count, sealing.key, tuple((each, texts[place]) for each, texts in given))
        if index in result.bad:
            return ()
        results.append(result)
    return tuple(results)


@lru_cache(maxsize=1024)
def opened_count(count: Count, key: ElectionKey, parts: tuple[tuple[int, str], ...]) -> Result:
    """Return what ``open_count`` does: whoever decides may have had it worked out beforehand, where nobody waits."""
    return open_count(count, key, (Part(index, text) for index, text in parts))
