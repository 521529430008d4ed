"""What people sign or enter in place of the devices: the scrutineer's confirmation, and results counted by hand."""

import msgspec

from pingyi_protocol.meeting.ballots import limits, line_of, unanswerable, whole_lines
from pingyi_protocol.meeting.commands import AnswerCount, Choice, Command, ConfirmRound, EnterResult
from pingyi_protocol.meeting.definition import TRIAL, Definition, Item, Option, Person, Role, SelectionRules
from pingyi_protocol.meeting.devices import may_act
from pingyi_protocol.meeting.events import Event, ResultEntered, RoundConfirmed
from pingyi_protocol.meeting.life import Move
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.meeting.rounds import candidates_of, lawful_round, openable


def confirm(meeting: Meeting, command: Command, body: ConfirmRound, at: int) -> Event | Refusal:
    """A scrutineer signs the very count that stands; the chief one where the item asks for it and there is one."""
    one = lawful_round(meeting, body.item, body.round, Move.CONFIRM, at)
    if isinstance(one, Refusal):
        return one
    if one.item == TRIAL.id:
        return Refusal(Reason.TRIAL)
    if one.confirmed:
        return Refusal(Reason.ALREADY_CONFIRMED, {"person": one.confirmed})
    refused = not_to_sign(meeting, command.person, one)
    if refused is not None:
        return refused
    if written(body) != written(to_be_signed(one)):
        return Refusal(Reason.CONFIRMATION_MISFIT)
    return RoundConfirmed(body.item, body.round, command.person)


def not_to_sign(meeting: Meeting, person: str, one: Round) -> Refusal | None:
    """Why this scrutineer does not sign this round's count, if so: not the chief, or one who could have entered it."""
    if one.sealing is not None and not one.sealing.checked:
        return Refusal(Reason.BALLOTS_UNCHECKED)
    chief = chief_scrutineer(meeting)
    if meeting.items[one.item].rules.confirmed and chief not in ("", person):
        return Refusal(Reason.NOT_CHIEF_SCRUTINEER, {"person": chief})
    if one.manual and may_act(meeting, person, Role.CLERK):
        return Refusal(Reason.SAME_PERSON)
    return None


def to_be_signed(one: Round) -> ConfirmRound:
    """Return what a scrutineer signs of a closed round."""
    counts = one.manual.counts if one.manual else ()
    return ConfirmRound(one.item, one.number, len(one.present), one.received, one.recused_present, one.invalid, counts)


def written(body: ConfirmRound) -> bytes:
    """Return it as it is signed: what is no number at all can be told apart so, and compared by no other way."""
    return msgspec.json.encode(body)


def chief_scrutineer(meeting: Meeting) -> str:
    """Return the member number of the chief scrutineer, "" where none is named."""
    roster = meeting.definition.roster if meeting.definition else ()
    return next((person.number for person in roster if person.chief), "")


def signers(definition: Definition, item: Item, *, by_hand: bool = False) -> tuple[Person, ...]:
    """Return who may sign the count of this item: the chief scrutineer alone where it asks for that and there is one.

    Any scrutineer may sign what was entered ``by_hand`` on an item that does not; but nobody who could have entered it.
    """
    people = tuple(person for person in definition.roster if Role.SCRUTINEER in person.roles)
    chief = tuple(person for person in definition.roster if person.chief)
    if item.rules.confirmed and chief:
        people = chief
    return tuple(person for person in people if not (by_hand and Role.CLERK in person.roles))


def enter(meeting: Meeting, _command: Command, body: EnterResult, _at: int) -> Event | Refusal:
    """What hands or paper gave is an item's next round, if the numbers can be true of those present."""
    item = enterable(meeting, body)
    if isinstance(item, Refusal):
        return item
    standing = candidates_of(meeting, item, body.among)
    if isinstance(standing, Refusal):
        return standing
    voters = len(meeting.present) - sum(who in meeting.present for who in meeting.recused_from(item.id))
    if not 0 <= body.invalid <= body.received <= voters:
        values = {"received": str(body.received), "invalid": str(body.invalid), "present": str(voters)}
        return Refusal(Reason.RESULT_OVER_PRESENT, values)
    refused = miscounted(item, body.counts, body.received - body.invalid, *standing)
    return refused or ResultEntered(
        body.item, body.round, body.reason, body.received, body.invalid, body.counts, *standing
    )


def enterable(meeting: Meeting, body: EnterResult) -> Item | Refusal:
    """Return the item whose next round may be entered by hand now."""
    if not is_reason(body.reason):
        return Refusal(Reason.TEXT_REFUSED)
    if body.item == TRIAL.id:
        return Refusal(Reason.TRIAL)
    item = openable(meeting, body.item, body.round, Move.ENTER, Move.ENTER)
    if isinstance(item, Item) and (meeting.definition is None or not signers(meeting.definition, item, by_hand=True)):
        return Refusal(Reason.NO_SCRUTINEER)
    return item


def miscounted(
    item: Item, counts: tuple[AnswerCount, ...], valid: int, candidates: tuple[str, ...], places: int
) -> Refusal | None:
    """Why these counts are not what ``valid`` ballots can give, if so."""
    answers = [line.answer for line in counts]
    if len(set(map(msgspec.json.encode, answers))) < len(answers) or any(line.count < 1 for line in counts):
        return Refusal(Reason.ANSWERS_MISFIT)
    if isinstance(item.rules, SelectionRules):
        size = limits(item.rules, places, tied=candidates != item.targets)
        return misselected_count(item.rules, counts, valid, candidates, size)
    refused = next(filter(None, (unanswerable(item, answer) for answer in answers)), None)
    if refused is not None:
        return refused
    lines = whole_lines(item)
    if not {line_of(answer) for answer in answers} <= set(lines):
        return Refusal(Reason.ANSWERS_MISFIT)
    for wanted in lines:
        given = sum(line.count for line in counts if line_of(line.answer) == wanted)
        if given != valid:
            reason = Reason.TARGET_MISFIT if wanted[1] else Reason.RESULT_MISFIT
            return Refusal(reason, {"target": wanted[1], "given": str(given), "valid": str(valid)})
    return None


def misselected_count(
    rules: SelectionRules,
    counts: tuple[AnswerCount, ...],
    valid: int,
    candidates: tuple[str, ...],
    size: tuple[int, int],
) -> Refusal | None:
    """The same of a selection: no candidate has more votes than there were ballots, nor all together too many."""
    blank = Choice("", Option.ABSTAIN)
    abstained = sum(line.count for line in counts if line.answer == blank)
    if abstained and not rules.abstention:
        return Refusal(Reason.ABSTENTION_NOT_ALLOWED)
    votes = {line.answer.target: line.count for line in counts if line.answer != blank}
    if any(line.answer not in (blank, Choice(line.answer.target, Option.CHOSEN)) for line in counts):
        return Refusal(Reason.ANSWERS_MISFIT)
    if not votes.keys() <= set(candidates):
        return Refusal(Reason.ANSWERS_MISFIT)
    choosing = valid - abstained
    least, most = size
    total = sum(votes.values())
    if any(count > choosing for count in votes.values()) or not least * choosing <= total <= most * choosing:
        values = {"given": str(total), "choosing": str(choosing), "least": str(least), "most": str(most)}
        return Refusal(Reason.SELECTION_MISFIT, values)
    return None
