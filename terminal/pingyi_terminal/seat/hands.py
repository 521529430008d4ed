"""``act(face, key, character)``: what a key means on a face. Pure; a click on a block or a hint is a key too."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from pingyi_protocol.meeting.commands import Body, Cast, CheckIn
from pingyi_terminal.seat.draft import (
    Draft,
    Stage,
    abstained,
    answers_of,
    blank,
    complete,
    draft_of,
    erased,
    fault_of,
    moved,
    next_gap,
    nudged,
    replace,
    scored,
    typed,
)
from pingyi_terminal.seat.faces import (
    Agenda,
    Arrival,
    Aside,
    Closed,
    Face,
    Filling,
    Recorded,
    Recused,
    Result,
    RoundKey,
    Sent,
    Voided,
)

PAGE = 5
"""Steps of a page key."""


@dataclass(frozen=True, slots=True)
class Write:
    """Hold this draft for the round; None drops it."""

    key: RoundKey
    draft: Draft | None


@dataclass(frozen=True, slots=True)
class Submit:
    """Sign and send."""

    body: Body


@dataclass(frozen=True, slots=True)
class Turn:
    """Look at something else, or back."""

    aside: Aside


@dataclass(frozen=True, slots=True)
class Hide:
    """Hide the own score from the neighbour, or show it again."""


@dataclass(frozen=True, slots=True)
class Translate:
    """Speak the other language."""


@dataclass(frozen=True, slots=True)
class Leave:
    """End the program although a ballot waits."""


Act: TypeAlias = Write | Submit | Turn | Hide | Translate | Leave


def act(face: Face, key: str, character: str | None, aside: Aside = Aside.NONE) -> Act | None:  # noqa: PLR0911 - a line a key
    """Return what pressing ``key`` (Textual's name) does on ``face``; None if nothing."""
    if key == "f2":
        return Translate()
    if key == "f1":
        return Turn(Aside.NONE if aside is Aside.HELP else Aside.HELP)
    if aside is not Aside.NONE:
        return act_aside(key, aside)
    if key == "f5" and isinstance(face, Recorded | Closed | Voided | Recused | Result | Sent):
        return Turn(Aside.AGENDA)
    if key == "f4" and isinstance(face, Filling | Recorded | Sent):
        return Hide()
    match face:
        case Agenda(arrival=Arrival.NEEDED) if key == "enter":
            return Submit(CheckIn())
        case Recorded(may_change=True, ballot=ballot) if key == "f6":
            earlier = draft_of(ballot.answers, changing=True) if ballot else replace(blank(face.item), changing=True)
            return Write(face.head.key, earlier)
        case Filling(draft=Draft(stage=Stage.FILLING)):
            return act_filling(face, key, character)
        case Filling():
            return act_confirming(face, key)
        case _:
            return None


def act_aside(key: str, aside: Aside) -> Act | None:
    """Return what a key does on a face that was looked up."""
    if key == "enter" and aside is Aside.LEAVING:
        return Leave()
    if key in ("escape", "enter") or (key, aside) in (("f5", Aside.AGENDA), ("f7", Aside.DETAILS)):
        return Turn(Aside.NONE)
    return None


def act_filling(face: Filling, key: str, character: str | None) -> Act | None:
    """Return what a key does while a ballot is filled in."""
    round_key, draft = face.head.key, face.draft
    if key == "enter":
        return entered(face)
    if key == "f7":
        return Turn(Aside.DETAILS)
    if key == "escape":
        return Write(round_key, None) if draft.changing else None
    if key == "f3":
        return abstaining(face)
    after = erased(draft) if key in ("backspace", "delete") else steered(draft, face, key)
    if after is None and character is not None:
        after = typed(draft, character)
    return None if after is None or after == draft else Write(round_key, after)


def steered(draft: Draft, face: Filling, key: str) -> Draft | None:
    """Return the draft after an arrow or page key; None for another key."""
    rules, alone = face.item.rules, len(face.targets) == 1
    steps = {"right": 1, "left": -1, "pageup": PAGE, "pagedown": -PAGE}
    if alone:
        steps |= {"up": 1, "down": -1}
    if key in steps:
        return nudged(draft, rules, steps[key])
    if key in ("up", "down"):
        return moved(draft, draft.row + (1 if key == "down" else -1))
    if key in ("home", "end"):
        return scored(draft, rules.lowest if key == "home" else rules.highest)
    return None


def entered(face: Filling) -> Act | None:
    """Return where Enter leads: to the next gap, or to the confirmation when there is none."""
    draft, rules = face.draft, face.item.rules
    if fault_of(draft.entry, rules) is not None:
        return None
    gap = next_gap(draft, rules)
    if gap is not None:
        return None if gap == draft.row else Write(face.head.key, moved(draft, gap))
    return Write(face.head.key, replace(draft, stage=Stage.CONFIRMING))


def abstaining(face: Filling) -> Act | None:
    """Return what F3 does: a single ballot is asked at once, a line of a sheet is marked."""
    if not face.item.rules.abstention:
        return None
    if len(face.targets) == 1:
        return Write(face.head.key, replace(face.draft, stage=Stage.ABSTAINING))
    return Write(face.head.key, abstained(face.draft))


def act_confirming(face: Filling, key: str) -> Act | None:
    """Return what a key does while the member is asked to confirm."""
    draft, item = face.draft, face.item
    if key in ("escape", "backspace"):
        return Write(face.head.key, replace(draft, stage=Stage.FILLING, fresh=True))
    if key != "enter":
        return None
    if draft.stage is Stage.ABSTAINING:
        draft = abstained(replace(draft, entries=tuple(replace(entry, abstains=False) for entry in draft.entries)))
    elif not complete(draft, item.rules):
        return None
    return Submit(Cast(item.id, face.head.key[1], answers_of(draft, item)))


def slid(face: Face, value: Decimal) -> Act | None:
    """Return what a score touched on the ruler or among the quick values does."""
    if isinstance(face, Filling) and face.draft.stage is Stage.FILLING:
        return Write(face.head.key, scored(face.draft, value))
    return None


def picked(face: Face, row: int) -> Act | None:
    """Return what touching a line of the sheet does."""
    if isinstance(face, Filling) and face.draft.stage is Stage.FILLING:
        return Write(face.head.key, moved(face.draft, row))
    return None
