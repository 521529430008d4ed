"""``act(face, key, character)``: what a key means on a face. Pure; a click on a block or a hint is a key too."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from pingyi_protocol.meeting.commands import Answer, Body, Cast, CheckIn
from pingyi_protocol.meeting.definition import Option, Secrecy
from pingyi_terminal.seat.draft import (
    Draft,
    Stage,
    answers_of,
    blank,
    complete,
    draft_of,
    faulty,
    next_gap,
    replace,
)
from pingyi_terminal.seat.entering import (
    abstained,
    chosen,
    erased,
    folded,
    moved,
    nudged,
    scored,
    settled,
    shifted,
    toggled,
    typed,
)
from pingyi_terminal.seat.faces import (
    Agenda,
    Arrival,
    Aside,
    Ended,
    Face,
    Filling,
    Recorded,
    Result,
    RoundKey,
    Sent,
)
from pingyi_terminal.seat.form import MOST_DIGITS

PAGE = 5
"""Steps of a page key."""

SPACES = (" ", "\u3000")
"""A space, and the wide one that an input method gives."""


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
class Seal:
    """Encrypt these answers for the round, then sign and send."""

    key: RoundKey
    answers: tuple[Answer, ...] = field(repr=False)


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


@dataclass(frozen=True, slots=True)
class CallClerk:
    """Call the clerk to this seat, or no more."""

    wanted: bool


Act: TypeAlias = Write | Submit | Seal | Turn | Hide | Translate | Leave | CallClerk


def act(face: Face, key: str, character: str | None, aside: Aside = Aside.NONE) -> Act | None:
    """Return what pressing ``key`` (Textual's name) does on ``face``; None if nothing."""
    if key == "f2":
        return Translate()
    if key == "f1":
        return Turn(Aside.NONE if aside is Aside.HELP else Aside.HELP)
    if key == "f9":
        return CallClerk(not face.frame.calling)
    if aside is not Aside.NONE:
        return act_aside(key, aside)
    return turning(face, key) or pressing(face, key, character)


def pressing(face: Face, key: str, character: str | None) -> Act | None:
    """Return what a key does that checks in, fills in or sends."""
    match face:
        case Agenda(arrival=Arrival.NEEDED) if key == "enter" and not face.frame.final:
            return Submit(CheckIn())
        case Filling(draft=Draft(stage=Stage.FILLING)):
            return act_filling(face, key, character)
        case Filling():
            return act_confirming(face, key, character)
        case _:
            return None


def turning(face: Face, key: str) -> Act | None:
    """Return what a function key does that shows something else, or the same otherwise."""
    if key == "f5" and isinstance(face, Recorded | Ended | Result | Sent):
        return Turn(Aside.AGENDA)
    if key == "f4" and isinstance(face, Filling | Recorded | Sent):
        return Hide()
    if key == "f7" and isinstance(face, Result) and face.figures.groups:
        return Turn(Aside.GROUPS)
    if key == "f6" and isinstance(face, Recorded) and face.may_change:
        ballot = face.ballot
        readable = ballot is not None and not ballot.sealed
        earlier = draft_of(ballot.answers, face.form, changing=True) if ballot and readable else blank(face.form)
        return Write(face.head.key, replace(earlier, changing=True))
    return None


def act_aside(key: str, aside: Aside) -> Act | None:
    """Return what a key does on a face that was looked up."""
    if key == "enter" and aside is Aside.LEAVING:
        return Leave()
    ways_back = (("f5", Aside.AGENDA), ("f7", Aside.DETAILS), ("f7", Aside.GROUPS))
    if key in ("escape", "enter") or (key, aside) in ways_back:
        return Turn(Aside.NONE)
    return None


def act_filling(face: Filling, key: str, character: str | None) -> Act | None:
    """Return what a key does while a ballot is filled in."""
    round_key, draft = face.head.key, face.draft
    if key == "enter":
        return entered(face)
    if key == "f7":
        return Turn(Aside.DETAILS) if face.about is not None else None
    if key == "escape":
        return Write(round_key, None) if draft.changing else None
    if key == "f3":
        return abstaining(face)
    after = steered(face, key) or written(face, key, character)
    return None if after is None or after == draft else Write(round_key, after)


def steered(face: Filling, key: str) -> Draft | None:
    """Return the draft after an arrow or page key; None for another key."""
    draft, form = face.draft, face.form
    aside, upright = {"right": 1, "left": -1}, {"down": 1, "up": -1}
    if key in upright and not form.lone:
        return moved(draft, draft.row + upright[key])
    if form.selects:
        return None
    if form.lines[draft.row].scored:
        steps = aside | {"up": 1, "down": -1, "pageup": PAGE, "pagedown": -PAGE}
        ends = {"home": form.scale.lowest, "end": form.scale.highest}
        if key in steps:
            return settled(nudged(draft, form.scale, steps[key]), form)
        return settled(scored(draft, ends[key]), form) if key in ends else None
    steps = aside | (upright if form.lone else {})
    return shifted(draft, form, steps[key]) if key in steps else None


def written(face: Filling, key: str, character: str | None) -> Draft | None:
    """Return the draft after a digit, a space, or a key that takes away; None for another key."""
    draft, form = face.draft, face.form
    if key in ("backspace", "delete"):
        return None if form.selects else erased(draft)
    if character is None:
        return None
    if form.selects:
        return marked(draft, face, character)
    if form.lines[draft.row].scored:
        return settled(typed(draft, character), form)
    option = option_at(face, character)
    if option is None:
        return None
    after = chosen(draft, option)
    # one choice and nothing else: the key that chooses it asks at once whether it is meant
    return replace(after, stage=Stage.CONFIRMING) if form.lone else after


def marked(draft: Draft, face: Filling, character: str) -> Draft | None:
    """Return the draft after a character on a list of candidates: a space marks the present one, a digit its own."""
    form, digit = face.form, folded(character)
    if character in SPACES:
        return toggled(draft, form, draft.row)
    if len(digit) != 1 or digit not in "123456789":
        return None
    if len(form.lines) <= MOST_DIGITS:
        row = int(digit) - 1
        return toggled(draft, form, row) if row < len(form.lines) else None
    # where numbers have two digits, the first one goes to the next candidate that begins with it
    rows = (*range(draft.row + 1, len(form.lines)), *range(draft.row + 1))
    return next((moved(draft, row) for row in rows if str(row + 1).startswith(digit)), None)


def option_at(face: Filling, character: str | None) -> Option | None:
    """Return the option of the present line that has this digit."""
    options, digit = face.form.lines[face.draft.row].options, folded(character or "")
    return options[int(digit) - 1] if digit in tuple(map(str, range(1, len(options) + 1))) else None


def entered(face: Filling) -> Act | None:
    """Return where Enter leads: to the next gap, or to the confirmation when there is none."""
    draft, form = face.draft, face.form
    if faulty(draft, form):
        return None
    gap = next_gap(draft, form)
    if gap is not None:
        return None if gap == draft.row else Write(face.head.key, moved(draft, gap))
    return Write(face.head.key, replace(draft, stage=Stage.CONFIRMING, full=False)) if complete(draft, form) else None


def abstaining(face: Filling) -> Act | None:
    """Return what F3 does: a single answer or a whole selection is asked at once, a line of a sheet is marked."""
    draft, form = face.draft, face.form
    if not form.item.rules.abstention:
        return None
    if form.lone and not form.lines[0].scored:
        return Write(face.head.key, replace(chosen(draft, Option.ABSTAIN), stage=Stage.CONFIRMING))
    if form.lone or form.selects:
        return Write(face.head.key, replace(draft, stage=Stage.ABSTAINING))
    return Write(face.head.key, abstained(draft, form))


def act_confirming(face: Filling, key: str, character: str | None) -> Act | None:
    """Return what a key does while the member is asked to confirm."""
    draft, form = face.draft, face.form
    if key in ("escape", "backspace"):
        return Write(face.head.key, replace(draft, stage=Stage.FILLING, fresh=True))
    if key == "enter" and (draft.stage is Stage.ABSTAINING or complete(draft, form)):
        answers = answers_of(draft, form)
        if form.item.rules.secrecy is Secrecy.SECRET:
            return Seal(face.head.key, answers)
        return Submit(Cast(*face.head.key, answers))
    other = option_at(face, character) if form.lone else None
    if other is None or draft.entry.option is other:
        return None
    return Write(face.head.key, replace(chosen(draft, other), stage=Stage.CONFIRMING))


def slid(face: Face, value: Decimal) -> Act | None:
    """Return what a score touched on the ruler or among the quick values does: it is for the target of the line."""
    if not isinstance(face, Filling) or face.draft.stage is not Stage.FILLING:
        return None
    row, rows = face.draft.row, face.form.siblings(face.draft.row)
    if row not in rows and len(rows) != 1:
        return None
    there = face.draft if row in rows else moved(face.draft, rows[0])
    return Write(face.head.key, settled(scored(there, value), face.form))


def picked(face: Face, row: int, option: Option | None) -> Act | None:
    """Return what touching a line of the sheet, or an option on it, does."""
    if not isinstance(face, Filling) or face.draft.stage is not Stage.FILLING:
        return None
    if face.form.selects:
        return Write(face.head.key, toggled(face.draft, face.form, row))
    there = moved(face.draft, row)
    return Write(face.head.key, there if option is None else chosen(there, option))
