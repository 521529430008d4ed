"""What a scrutineer's Enter does now, in words, and what became of it. Pure."""

from dataclasses import dataclass

from pingyi_protocol.client.scrutiny import Opening
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import (
    Body,
    ConfirmRound,
    CountersignContinuation,
    CountersignVoid,
    OpenPart,
    OverrideCosigning,
)
from pingyi_protocol.meeting.confirmation import signers
from pingyi_protocol.meeting.definition import Definition, Person, Role
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_protocol.wording import WordedError
from pingyi_terminal.scrutineer.secret import TakePart
from pingyi_terminal.scrutineer.situation import Draft, Duty, Situation, about_ceremony
from pingyi_terminal.widgets.keys import ActionState


@dataclass(frozen=True, slots=True)
class Step:
    """What Enter signs or does now; ``does`` is None where there is nothing."""

    does: Body | Duty | None
    label: str
    detail: str
    state: ActionState


def step_of(words: Catalogue, situation: Situation) -> Step:
    """Return what Enter signs, in words; what was asked for stands as its question."""
    if situation.link.shut_out:
        shut = situation.link.shut
        return idle(words(f"chair.{shut}_block"), words(f"chair.{shut}_block_detail"))
    if situation.draft.sent is not None:
        lost = "" if situation.link is Link.UP else "_lost"
        sent = "scrutiny.part_sent" if isinstance(situation.draft.sent, OpenPart) else "scrutineer.sent"
        return Step(None, words(sent), words(f"chair.sent_detail{lost}"), "faint")
    if situation.link is not Link.UP:
        return idle(words("chair.lost_block"), words("chair.lost_block_detail"))
    if situation.own.seen.fault is not None:
        return idle(words("scrutiny.stopped"), words("scrutiny.stopped_detail"))
    step = lawful_step(words, situation)
    if step.does is not None and situation.draft.asking == step.does:
        return Step(step.does, words("chair.ask", step=step.label), words("scrutineer.ask_detail"), "danger")
    return step


def lawful_step(words: Catalogue, situation: Situation) -> Step:
    """Return what can be signed now, before anybody asked for it."""
    copy = situation.picture.watch.continuing
    if copy is not None and not copy.declared:
        return idle(words("scrutineer.not_declared"), words("scrutineer.not_declared_detail"))
    if copy is not None:
        does = CountersignContinuation(copy.size, copy.root, copy.reason)
        return Step(does, words("scrutineer.countersign"), words("scrutineer.asks_again"), "normal")
    step = secret_step(words, situation)
    return step or signing_step(words, situation)


def secret_step(words: Catalogue, situation: Situation) -> Step | None:
    """Return what can be done for secret rounds, None where that is not what the screen is about."""
    shown, seen = situation.shown, situation.own.seen
    if isinstance(shown, TakePart):
        return Step(shown, words("scrutiny.take_part"), words("scrutineer.asks_again"), "normal")
    if seen.busy:
        return idle(words("scrutiny.busy"), words("scrutiny.busy_detail"))
    if isinstance(shown, Opening):
        return Step(shown, words("scrutiny.open"), words("scrutineer.asks_again"), "normal")
    if about_ceremony(situation) and seen.taking_part:
        return idle(words("scrutiny.automatic"), words("scrutiny.automatic_detail"))
    return None


def signing_step(words: Catalogue, situation: Situation) -> Step:
    """Return what can be signed of counts and void rounds."""
    shown = situation.shown
    item = situation.definition.item(shown.item) if isinstance(shown, ConfirmRound | CountersignVoid) else None
    if not isinstance(shown, ConfirmRound | CountersignVoid) or item is None:
        return idle(words("scrutineer.nothing"), words("scrutineer.nothing_detail"))
    kind = "_void" if isinstance(shown, CountersignVoid) else ""
    people = second_people(situation.definition) if kind else signers(situation.definition, item)
    if people and situation.person not in {person.number for person in people}:
        who = words("chair.and").join(f"{person.number} {person.name}" for person in people)
        return idle(words(f"scrutineer.not_yours{kind}"), who)
    return Step(shown, words(f"scrutineer.sign{kind}"), words("scrutineer.asks_again"), "normal")


def second_people(definition: Definition) -> tuple[Person, ...]:
    """Return who can sign what the chair has declared: the scrutineers who are not the chair."""
    return tuple(
        person for person in definition.roster if Role.SCRUTINEER in person.roles and Role.CHAIR not in person.roles
    )


def idle(label: str, detail: str) -> Step:
    """Return a block that stays in place and does nothing."""
    return Step(None, label, detail, "faint")


def beside(words: Catalogue, situation: Situation) -> tuple[str, bool]:
    """Return what stands beside the block, and whether it is a complaint: what became of the last signature."""
    draft = situation.draft
    if draft.fault:
        return words("chair.fault", fault=draft.fault), True
    if draft.refusal is not None:
        reasons = catalogue("pingyi_protocol", words.language)
        return reasons(f"refusal.{draft.refusal.reason}", **draft.refusal.values), True
    mishap = situation.own.seen.mishap
    if mishap is not None:
        said = mishap.words(words.language) if isinstance(mishap, WordedError) else mishap.strerror or str(mishap)
        return words("chair.fault", fault=said), True
    if draft.left_over:
        return words("chair.left_over_detail"), True
    if draft.signed is None and about_ceremony(situation) and situation.own.fingerprint:
        return words("scrutiny.read_aloud"), False
    return signed_words(words, draft), False


def signed_words(words: Catalogue, draft: Draft) -> str:
    """Say what of this terminal is on the record since its start, the last signature."""
    match draft.signed:
        case ConfirmRound(item=item, round=number):
            return words("scrutineer.signed_count", item=item, round=number, index=draft.leaf)
        case CountersignVoid(item=item, round=number):
            return words("scrutineer.signed_void", item=item, round=number, index=draft.leaf)
        case CountersignContinuation():
            return words("scrutineer.signed_copy", index=draft.leaf)
        case OpenPart(item=item, round=number):
            return words("scrutiny.part_taken", item=item, round=number, index=draft.leaf)
        case OverrideCosigning(item=item, round=number):
            return words("scrutiny.override_taken", item=item, round=number, index=draft.leaf)
        case _:
            return ""
