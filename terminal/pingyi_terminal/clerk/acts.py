"""What the clerk can do with the person, the item or the call under the cursor, and what each act asks for. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from pingyi_protocol.meeting.commands import (
    Body,
    CheckInByHand,
    CheckOut,
    Excuse,
    LiftRecusal,
    MoveSeat,
    Recuse,
    ReorderAgenda,
    RevokeDevice,
    WithdrawCode,
    WithdrawItem,
)
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.reasons import is_reason
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.messages import AdditionRead
from pingyi_protocol.wire.picture import from_bitmap
from pingyi_terminal.clerk.situation import Line, Page, Presence, Situation


class Act(StrEnum):
    """An act of the clerk; its word is the catalogue's ``clerk.act_<act>``."""

    ISSUE = "issue"
    WITHDRAW_CODE = "withdraw_code"
    ATTENDANCE = "attendance"
    MOVE = "move"
    RECUSAL = "recusal"
    REVOKE = "revoke"
    UP = "up"
    DOWN = "down"
    SAVE = "save"
    RESULT = "result"
    ADD = "add"
    WITHDRAW_ITEM = "withdraw_item"
    EXPORT = "export"
    SLIP = "slip"
    STEPS = "steps"
    TRY = "try"
    CEREMONY = "ceremony"


KEYS: dict[Page, dict[str, Act]] = {
    Page.ROSTER: {
        "f3": Act.ISSUE,
        "f4": Act.WITHDRAW_CODE,
        "f5": Act.ATTENDANCE,
        "f6": Act.MOVE,
        "f7": Act.RECUSAL,
        "f8": Act.REVOKE,
    },
    Page.AGENDA: {
        "f3": Act.UP,
        "f4": Act.DOWN,
        "f5": Act.SAVE,
        "f6": Act.RESULT,
        "f7": Act.ADD,
        "f8": Act.WITHDRAW_ITEM,
    },
    Page.EXPORTS: {"f3": Act.EXPORT, "f4": Act.SLIP},
    Page.COMPOSITE: {"f3": Act.STEPS, "f4": Act.TRY},
    Page.SEALED: {"f3": Act.CEREMONY},
}
"""The key of each act on its page."""

DANGEROUS = frozenset({Act.REVOKE, Act.WITHDRAW_ITEM})


class Attendance(StrEnum):
    """How a member's attendance can be mended."""

    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    EXCUSE = "excuse"


@dataclass(frozen=True, slots=True)
class Question:
    """What an act asks before it is done: ``choices`` (value and words), and ``field``, a text.

    ``field`` names what is typed ("reason", "seat", "file"), "" for nothing; ``dangerous`` ones stand on orange.
    ``does`` is the key of the words on the block, "" for those of the act; ``keys`` take the choices at once.
    """

    act: Act
    title: str
    means: str
    choices: tuple[tuple[str, str], ...] = ()
    field: str = ""
    dangerous: bool = False
    does: str = ""
    keys: tuple[str, ...] = ()


def possible(situation: Situation, act: Act) -> bool:
    """Whether an act can be done now, as far as the console can see; the server has the last word."""
    if act in KEYS[Page.EXPORTS].values():
        return situation.ready and not exporting(situation) and (act is Act.EXPORT or announced(situation))
    if act in KEYS[Page.COMPOSITE].values():
        return bool(situation.composites)
    if not situation.ready or situation.picture.closed:
        return False
    if act is Act.CEREMONY:
        return situation.backstage is not None and situation.backstage.ceremony is not None
    if act in KEYS[Page.ROSTER].values():
        line = situation.line
        return line is not None and possible_with(line, act)
    return possible_on_agenda(situation, act)


def possible_with(line: Line, act: Act) -> bool:
    """Whether an act can be done with somebody."""
    match act:
        case Act.ISSUE:
            return line.who.role is not Role.CLERK
        case Act.WITHDRAW_CODE:
            return line.coded
        case Act.REVOKE:
            return line.enrolled and line.who.role is not Role.CLERK
        case Act.MOVE:
            return line.person is not None
        case _:
            return line.who.role is Role.MEMBER


def possible_on_agenda(situation: Situation, act: Act) -> bool:
    """Whether an act can be done with the item under the cursor."""
    item = situation.item
    if act is Act.ADD:
        return not situation.reordered
    if item is None:
        return False
    phase = situation.picture.status(item.id).phase
    match act:
        case Act.UP | Act.DOWN:
            return shifted(situation, -1 if act is Act.UP else 1) is not None
        case Act.SAVE:
            return situation.reordered
        case Act.RESULT:
            return situation.live is None and phase in (Phase.PENDING, Phase.VOID, Phase.ANNOUNCED)
        case _:
            return phase in (Phase.PENDING, Phase.VOID)


def exporting(situation: Situation) -> bool:
    """Whether an export is under way."""
    one = situation.desk.exporting if situation.desk is not None else None
    return one is not None and not one.finished and not one.fault


def announced(situation: Situation) -> bool:
    """Whether any result is announced."""
    return any(situation.picture.status(one.id).phase is Phase.ANNOUNCED for one in situation.agenda)


def shifted(situation: Situation, move: int) -> tuple[str, ...] | None:
    """Return the order with the item under the cursor moved; None where what was opened would lose its order."""
    item, agenda = situation.item, [one.id for one in situation.agenda]
    if item is None:
        return None
    place = agenda.index(item.id)
    other = place + move
    if not 0 <= other < len(agenda):
        return None
    if all(situation.picture.status(agenda[one]).round for one in (place, other)):
        return None
    agenda[place], agenda[other] = agenda[other], agenda[place]
    return tuple(agenda)


def question_of(words: Catalogue, situation: Situation, act: Act) -> Question | None:
    """Return what an act asks; None for one that asks nothing, or is not possible."""
    if not possible(situation, act):
        return None
    line, item = situation.line, situation.item
    if act is Act.ADD:
        return Question(act, words("clerk.ask_add"), words("clerk.ask_add_means"), field="file", does="clerk.do_read")
    if act in KEYS[Page.ROSTER].values() and line is not None:
        return question_about(words, situation, act, line)
    if act is Act.SAVE:
        order = "  ".join(one.id for one in situation.agenda)
        return Question(act, words("clerk.ask_save"), words("clerk.ask_save_means", order=order))
    if act is Act.WITHDRAW_ITEM and item is not None:
        title = words("clerk.ask_withdraw_item", item=item.id, title=item.title)
        return Question(act, title, words("clerk.ask_withdraw_item_means"), field="reason", dangerous=True)
    return None


MOST_ADDED, MOST_WARNINGS = 6, 3
"""Items and warnings that a question names; the others are counted."""


def question_of_addition(words: Catalogue, found: AdditionRead) -> Question:
    """Return what is asked before what a file holds is added."""
    lines = [f"{one.item.id}  {one.item.title}  ({words(f'clerk.kind_{one.item.rules.kind}')})" for one in found.items]
    warnings = [words("clerk.add_warning", warning=one) for one in found.warnings.get(words.language.value, ())]
    told = [*within(words, lines, MOST_ADDED), *within(words, warnings, MOST_WARNINGS)]
    title = words("clerk.ask_items", count=len(found.items), file=found.file)
    return Question(Act.ADD, title, "\n".join(told), does="clerk.do_add")


def within(words: Catalogue, lines: list[str], most: int) -> list[str]:
    """Return so many lines, and how many more there are."""
    rest = len(lines) - most
    return [*lines[:most], words("clerk.more", count=rest)] if rest > 0 else lines


def question_about(words: Catalogue, situation: Situation, act: Act, line: Line) -> Question:
    """Return what an act asks about somebody."""
    who = named(words, line)
    match act:
        case Act.ISSUE:
            means = "clerk.ask_issue_waits" if waits_for_chair(situation, line) else "clerk.ask_issue_means"
            means = "clerk.ask_issue_again" if line.enrolled and not waits_for_chair(situation, line) else means
            return Question(act, words("clerk.ask_issue", who=who), words(means))
        case Act.WITHDRAW_CODE:
            return Question(act, words("clerk.ask_withdraw_code", who=who), words("clerk.ask_withdraw_code_means"))
        case Act.ATTENDANCE:
            choices = tuple((one.value, words(f"clerk.{one}")) for one in attendances(line))
            return Question(act, words("clerk.ask_attendance", who=who), words("clerk.on_record"), choices, "reason")
        case Act.MOVE:
            means = words("clerk.ask_move_means", seat=line.seat or words("clerk.no_seat"))
            return Question(act, words("clerk.ask_move", who=who), means, field="seat")
        case Act.RECUSAL:
            choices = tuple(recusals(words, situation, line))
            return Question(act, words("clerk.ask_recusal", who=who), words("clerk.on_record"), choices, "reason")
        case _:
            means = words("clerk.ask_revoke_means")
            return Question(act, words("clerk.ask_revoke", who=who), means, field="reason", dangerous=True)


def named(words: Catalogue, line: Line) -> str:
    """Name somebody in their role, so that two people of one name are told apart."""
    role = words(f"clerk.role_{line.who.role}")
    return role if line.person is None else f"{line.seat} {line.number} {line.name} ({role})".strip()


def waits_for_chair(situation: Situation, line: Line) -> bool:
    """Whether a code can only be taken once the chair has agreed: a member's who has been here, or a scrutineer's late.

    The rule is ``pingyi_protocol.meeting.devices.issue_code``; here it only says beforehand what will be.
    """
    if line.who.role is Role.SCRUTINEER:
        return any(one.round for one in situation.picture.items)
    return line.who.role is Role.MEMBER and line.presence in (Presence.PRESENT, Presence.LEFT)


def attendances(line: Line) -> tuple[Attendance, ...]:
    """Return how this member's attendance can be mended."""
    match line.presence:
        case Presence.PRESENT:
            return (Attendance.CHECK_OUT,)
        case Presence.ABSENT:
            return (Attendance.CHECK_IN, Attendance.EXCUSE)
        case _:
            return (Attendance.CHECK_IN,)


def recusals(words: Catalogue, situation: Situation, line: Line) -> list[tuple[str, str]]:
    """Return the items that somebody can be recused from, or that lifted; an open one for its next round."""
    place = [person.number for person in situation.definition.roster].index(line.who.person)
    found = []
    for item in situation.definition.agenda:
        status = situation.picture.status(item.id)
        if status.phase is Phase.WITHDRAWN:
            continue
        key = "clerk.lift" if place in from_bitmap(status.recused) else "clerk.recuse"
        found.append((item.id, words(key, item=item.id, title=item.title)))
    return found


def body_of(situation: Situation, act: Act, choice: str, text: str) -> Body | None:
    """Return the command of an act that was answered; None for one that makes no command of itself."""
    line, item = situation.line, situation.item
    if act is Act.SAVE:
        return ReorderAgenda(tuple(one.id for one in situation.agenda))
    if act is Act.WITHDRAW_ITEM and item is not None:
        return WithdrawItem(item.id, text)
    return body_about(situation, act, line, (choice, text)) if line is not None else None


def body_about(situation: Situation, act: Act, line: Line, answered: tuple[str, str]) -> Body | None:
    """Return the command of an act with somebody."""
    (person, role), (choice, text) = line.who, answered
    match act:
        case Act.WITHDRAW_CODE:
            return WithdrawCode(person, role)
        case Act.ATTENDANCE:
            return attendance_of(Attendance(choice), person, text)
        case Act.MOVE:
            return MoveSeat(person, text)
        case Act.RECUSAL:
            place = [one.number for one in situation.definition.roster].index(person)
            lifted = place in from_bitmap(situation.picture.status(choice).recused)
            return (LiftRecusal if lifted else Recuse)(person, choice, text)
        case Act.REVOKE:
            return RevokeDevice(person, role, text)
        case _:
            return None


def attendance_of(kind: Attendance, person: str, reason: str) -> Body:
    """Return the command that mends a member's attendance."""
    match kind:
        case Attendance.CHECK_IN:
            return CheckInByHand(person, reason)
        case Attendance.CHECK_OUT:
            return CheckOut(person, reason)
        case Attendance.EXCUSE:
            return Excuse(person, reason)


def complaint(field: str, text: str) -> str:
    """Return the key of what is wrong with what was typed, "" for nothing."""
    if field == "reason" and not is_reason(text):
        return "clerk.needs_reason"
    if field in ("seat", "file") and not text.strip():
        return f"clerk.needs_{field}"
    return ""


def menu_of(words: Catalogue, situation: Situation) -> Question | None:
    """Return the acts that are possible now with what is under the cursor; None where there are none."""
    page, line, item = situation.draft.page, situation.line, situation.item
    acts = {key: act for key, act in KEYS[page].items() if possible(situation, act)}
    if not acts:
        return None
    title = words("clerk.menu")
    if page is Page.ROSTER and line is not None:
        title = named(words, line)
    elif page is Page.AGENDA and item is not None:
        title = f"{item.id}  {item.title}"
    choices = tuple((act.value, f"{key.upper()}  {words(f'clerk.act_{act}')}") for key, act in acts.items())
    return Question(Act.SAVE, title, "", choices, does="clerk.do_menu", keys=tuple(acts))
