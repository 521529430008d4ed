"""From the meeting as a scrutineer's terminal sees it to everything that its screen shows. Pure."""

from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import (
    AnswerCount,
    Body,
    ConfirmRound,
    CountersignContinuation,
    CountersignVoid,
    Score,
)
from pingyi_protocol.meeting.confirmation import signers
from pingyi_protocol.meeting.definition import Definition, Item, Option, Person, Role, SelectionRules
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import LIVE
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.checkpoint import Checkpoint, fingerprint
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_protocol.wire.picture import Backstage, Continuing, Picture, from_bitmap
from pingyi_terminal.choices import short_name
from pingyi_terminal.console_draft import ConsoleDraft
from pingyi_terminal.reading import each_target, outcome, several
from pingyi_terminal.scrutineer.standing import Facts, standing_figures, standing_lines
from pingyi_terminal.widgets import Hint, Piece
from pingyi_terminal.widgets.keys import ActionState


@dataclass(frozen=True, slots=True)
class Draft(ConsoleDraft):
    """What this terminal knows for itself.

    ``asking`` waits for its second Enter. ``signed`` is on the record as leaf ``leaf``.
    ``refusal`` is what became of the last one, ``fault`` why it could not be sent. ``left_over`` says that something
    was signed before the last start and is not sent again. ``chosen`` is what this terminal turned to where several
    things wait.
    """

    chosen: Body | None = None
    asking: Body | None = None
    signed: Body | None = None
    leaf: int = 0
    refusal: Refusal | None = None
    fault: str = ""
    left_over: bool = False

    def undisturbed(self) -> Self:
        """Return the draft without question and complaint."""
        return replace(self, asking=None, refusal=None, fault="", left_over=False)


@dataclass(frozen=True, slots=True)
class Situation:
    """The meeting as the terminal of ``person`` sees it now; ``origin`` names the log of its record."""

    definition: Definition
    picture: Picture
    person: str
    origin: str
    backstage: Backstage | None = None
    link: Link = Link.UP
    draft: Draft = Draft()

    @property
    def waiting(self) -> tuple[CountersignVoid | ConfirmRound, ...]:
        """What a scrutineer is to sign: the rounds that are to be void, then a count."""
        if self.backstage is None:
            return ()
        count = self.backstage.confirming
        return (*self.backstage.voiding, *((count,) if count is not None else ()))

    @property
    def shown(self) -> CountersignVoid | ConfirmRound | None:
        """What the screen is about: what this terminal turned to, else the first that waits."""
        chosen = next((one for one in self.waiting if one == self.draft.chosen), None)
        return chosen or next(iter(self.waiting), None)

    @property
    def following(self) -> CountersignVoid | ConfirmRound | None:
        """What comes after that, None where nothing else waits."""
        if len(self.waiting) < 2 or self.shown is None:  # noqa: PLR2004 - one has nothing after it
            return None
        return self.waiting[(self.waiting.index(self.shown) + 1) % len(self.waiting)]


@dataclass(frozen=True, slots=True)
class Step:
    """What Enter signs now; ``does`` is None where nothing can be signed."""

    does: Body | None
    label: str
    detail: str
    state: ActionState


@dataclass(frozen=True, slots=True)
class ScrutineerView:
    """The whole screen: ``heading`` and ``lines`` are what is to be signed, or where the meeting stands.

    ``figures`` are counts with their words. ``note`` stands beside the block; ``loud`` where it is a complaint.
    """

    title: str
    simulated: str
    pieces: tuple[Piece, ...]
    shout: str
    heading: str
    figures: tuple[tuple[int, str], ...]
    lines: tuple[str, ...]
    step: Step
    note: str
    loud: bool
    hints: tuple[Hint, ...]


def scrutineer_view(words: Catalogue, situation: Situation, now: datetime) -> ScrutineerView:
    """Return the whole screen; ``now`` is this machine's wall clock."""
    meeting = situation.definition.meeting
    heading, figures, lines = content(words, situation)
    note, loud = beside(words, situation)
    return ScrutineerView(
        title=f"{meeting.name} {meeting.session}".strip(),
        simulated=words("widgets.simulated") if meeting.simulated else "",
        pieces=pieces(words, situation, now),
        shout=shout(words, situation),
        heading=heading,
        figures=tuple(figures),
        lines=tuple(lines),
        step=step_of(words, situation),
        note=note,
        loud=loud,
        hints=hints(words, situation.following is not None),
    )


def waiting_view(words: Catalogue, link: Link, now: datetime) -> ScrutineerView:
    """Return the screen before the server was heard for the first time."""
    key = f"{link.shut}_block" if link.shut_out else "connecting_block"
    step = Step(None, words(f"chair.{key}"), words(f"chair.{key}_detail"), "faint")
    shouted = words(f"scrutineer.{link.shut}") if link.shut_out else ""
    return ScrutineerView("", "", (clock_piece(now),), shouted, "", (), (), step, "", False, hints(words))


def clock_piece(now: datetime) -> Piece:
    """Return the wall clock for the header."""
    return Piece(now.strftime("%H:%M:%S"))


def pieces(words: Catalogue, situation: Situation, now: datetime) -> tuple[Piece, ...]:
    """Return the right side of the header."""
    present = len(from_bitmap(situation.picture.present))
    due = Piece(words("chair.due", count=len(situation.definition.entitled)), "dim")
    return due, Piece(words("chair.present", count=present)), clock_piece(now)


def shout(words: Catalogue, situation: Situation) -> str:
    """Return what must not be overlooked: a record that does not fit or cannot be written, a revoked terminal."""
    if situation.draft.alarm is not None:
        return words("scrutineer.alarm", fault=situation.draft.alarm.words(words.language))
    if situation.link.shut_out:
        return words(f"scrutineer.{situation.link.shut}")
    if situation.link is not Link.UP:
        return words("scrutineer.link_lost")
    return "" if situation.picture.recording else words("chair.not_recording")


def content(words: Catalogue, situation: Situation) -> tuple[str, Iterable[tuple[int, str]], Iterable[str]]:
    """Return heading, figures and lines: the copy that was put back, what is to be signed, or where things stand."""
    copy = situation.picture.watch.continuing
    if copy is not None:
        return words("scrutineer.copy_heading"), (), copy_lines(words, situation.origin, copy)
    shown, facts = situation.shown, Facts(situation.definition, situation.picture)
    item = situation.definition.item(shown.item) if shown is not None else None
    if shown is None or item is None:
        return words("scrutineer.standing"), standing_figures(words, facts), standing_lines(words, facts)
    key = "void_heading" if isinstance(shown, CountersignVoid) else "count_heading"
    heading = words(f"scrutineer.{key}", item=item.id, title=item.title, round=shown.round)
    if situation.following is not None:
        place = situation.waiting.index(shown) + 1
        heading = words("scrutineer.nth", place=place, count=len(situation.waiting), heading=heading)
    if isinstance(shown, CountersignVoid):
        return heading, void_figures(words, situation, shown), void_lines(words, situation, item, shown)
    return heading, count_figures(words, shown), count_lines(words, situation, item, shown)


def copy_lines(words: Catalogue, origin: str, copy: Continuing) -> Iterator[str]:
    """Say from which copy the meeting is to go on, and why."""
    code = fingerprint(Checkpoint(origin, copy.size, b64decode(copy.root)))
    yield words("scrutineer.copy", size=copy.size, fingerprint=code)
    yield words("scrutineer.copy_reason", reason=copy.reason)
    yield words("scrutineer.copy_loss")


def count_figures(words: Catalogue, count: ConfirmRound) -> Iterator[tuple[int, str]]:
    """Return the numbers that are signed, each with its word, and who did not vote."""
    yield count.present, words("scrutineer.present")
    yield count.received, words("scrutineer.received")
    yield count.present - count.received - count.recused, words("scrutineer.not_voted")
    yield count.recused, words("scrutineer.recused")
    if count.counts:
        yield count.invalid, words("scrutineer.invalid")


def count_lines(words: Catalogue, situation: Situation, item: Item, count: ConfirmRound) -> Iterator[str]:
    """Say what a result by hand holds, why it was entered, and what it comes to."""
    one = situation.picture.live
    if not count.counts:
        yield words("scrutineer.count_means")
        return
    if one is not None and (one.item, one.round) == (count.item, count.round):
        yield words("chair.manual_because", reason=one.manual)
    yield from entered(words, situation.definition, item, count.counts)
    found = figures_of(situation, count.item, count.round)
    if found is not None:
        yield from result_lines(words, situation, item, found)


def void_figures(words: Catalogue, situation: Situation, void: CountersignVoid) -> Iterator[tuple[int, str]]:
    """Return how many were there and what they gave, as far as this terminal is told."""
    one, found = situation.picture.live, figures_of(situation, void.item, void.round)
    if one is not None and (one.item, one.round) == (void.item, void.round):
        present = from_bitmap(one.present)
        numbers = len(present), one.received, len(present & from_bitmap(one.recused))
    elif found is not None:
        numbers = found.present, found.received, found.recused
    else:
        return
    yield from count_figures(words, ConfirmRound(void.item, void.round, *numbers))


def void_lines(words: Catalogue, situation: Situation, item: Item, void: CountersignVoid) -> Iterator[str]:
    """Say why the round is to be void, what it came to, and what the signature does."""
    yield words("chair.voiding_because", reason=void.reason)
    one, found = situation.picture.live, figures_of(situation, void.item, void.round)
    live = one is not None and (one.item, one.round) == (void.item, void.round) and one.phase in LIVE
    if live:
        yield words("scrutineer.void_live")
    elif found is not None:
        yield from result_lines(words, situation, item, found)
    yield words("scrutineer.void_means")


def figures_of(situation: Situation, item: str, number: int) -> RoundFigures | None:
    """Return the figures of a round, where this terminal is told them."""
    running = situation.backstage.running if situation.backstage is not None else None
    known = (*situation.picture.published, *((running,) if running is not None else ()))
    return next((one for one in known if (one.item, one.round) == (item, number)), None)


def result_lines(words: Catalogue, situation: Situation, item: Item, found: RoundFigures) -> Iterator[str]:
    """Say what a round comes to, target by target where there are several."""
    definition = situation.definition
    shown = tuple(each_target(words, definition, found)) if several(found) else ()
    yield from shown or outcome(words, definition, situation.picture, item, found)


def entered(words: Catalogue, definition: Definition, item: Item, counts: tuple[AnswerCount, ...]) -> Iterator[str]:
    """Return the entered counts, a line for each target and question."""
    lines: dict[tuple[type, str], list[str]] = {}
    for one in counts:
        chosen = isinstance(item.rules, SelectionRules)
        line = (type(one.answer), "" if chosen else one.answer.target)
        lines.setdefault(line, []).append(
            words("scrutineer.entered", answer=said(words, definition, one), count=one.count)
        )
    for (_, target), answers in lines.items():
        whose = words("scrutineer.of", target=short_name(definition, target)) if target else ""
        yield whose + words("chair.comma").join(answers)


def said(words: Catalogue, definition: Definition, one: AnswerCount) -> str:
    """Return an answer in words; a candidate's name stands for being chosen."""
    answer = one.answer
    if isinstance(answer, Score):
        return words("choices.abstain") if answer.score is None else str(answer.score)
    if answer.option is Option.CHOSEN:
        return short_name(definition, answer.target)
    return words(f"choices.{answer.option}")


def step_of(words: Catalogue, situation: Situation) -> Step:
    """Return what Enter signs, in words; what was asked for stands as its question."""
    if situation.link.shut_out:
        shut = situation.link.shut
        return idle(words(f"chair.{shut}_block"), words(f"chair.{shut}_block_detail"))
    if situation.draft.sent is not None:
        lost = "" if situation.link is Link.UP else "_lost"
        return Step(None, words("scrutineer.sent"), words(f"chair.sent_detail{lost}"), "faint")
    if situation.link is not Link.UP:
        return idle(words("chair.lost_block"), words("chair.lost_block_detail"))
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
    shown = situation.shown
    item = situation.definition.item(shown.item) if shown is not None else None
    if shown is None or item is None:
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
    if draft.left_over:
        return words("chair.left_over_detail"), True
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
        case _:
            return ""


def hints(words: Catalogue, several_wait: bool = False) -> tuple[Hint, ...]:
    """Return the last row; a key turns to the next thing where several wait."""
    turning = (Hint("f6", "F6", words("scrutineer.key_next")),) if several_wait else ()
    return (
        *turning,
        Hint("up", words("chair.chip_up"), ""),
        Hint("down", words("chair.chip_down"), words("scrutineer.key_scroll")),
        Hint("escape", "Esc", words("chair.key_back")),
        Hint("f1", "F1", words("chair.key_help")),
        Hint("f2", "F2", words("chair.key_language")),
        Hint("ctrl+q", "Ctrl+Q", words("chair.key_leave")),
    )
