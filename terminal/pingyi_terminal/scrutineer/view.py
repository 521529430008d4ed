"""From the meeting as a scrutineer's terminal sees it to everything that its screen shows. Pure."""

from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from pingyi_protocol.client.scrutiny import Opening
from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import (
    AnswerCount,
    ConfirmRound,
    CountersignVoid,
    Score,
)
from pingyi_protocol.meeting.definition import Definition, Item, Option, SelectionRules
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import LIVE
from pingyi_protocol.record.checkpoint import Checkpoint, fingerprint
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.picture import Continuing, from_bitmap
from pingyi_terminal.choices import short_name
from pingyi_terminal.reading import each_target, outcome, several
from pingyi_terminal.scrutineer.secret import (
    Own,
    TakePart,
    ceremony_heading,
    ceremony_lines,
    key_line,
    opening_figures,
    opening_heading,
    opening_lines,
)
from pingyi_terminal.scrutineer.situation import Situation, about_ceremony
from pingyi_terminal.scrutineer.standing import Facts, standing_figures, standing_lines
from pingyi_terminal.scrutineer.step import Step, beside, step_of
from pingyi_terminal.widgets import Hint, Piece


@dataclass(frozen=True, slots=True)
class ScrutineerView:
    """The whole screen: ``heading`` and ``lines`` are what is to be signed, or where the meeting stands.

    ``figures`` are counts with their words, ``fingerprint`` is what is read aloud.
    ``note`` stands beside the block; ``loud`` where it is a complaint.
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
    fingerprint: str = ""


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
        hints=hints(words, situation.following is not None, situation.overridable),
        fingerprint=situation.own.fingerprint if about_ceremony(situation) else "",
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
    fault = situation.draft.alarm or situation.own.seen.fault
    if fault is not None:
        return words("scrutineer.alarm", fault=fault.words(words.language))
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
    if shown is None or isinstance(shown, Opening | TakePart):
        return numbered(words, situation, *secret_content(words, situation))
    item = situation.definition.item(shown.item)
    if item is None:
        return words("scrutineer.standing"), standing_figures(words, facts), standing_lines(words, facts)
    key = "void_heading" if isinstance(shown, CountersignVoid) else "count_heading"
    heading = words(f"scrutineer.{key}", item=item.id, title=item.title, round=shown.round)
    if isinstance(shown, CountersignVoid):
        figures, lines = void_figures(words, situation, shown), void_lines(words, situation, item, shown)
        return numbered(words, situation, heading, figures, lines)
    lines = count_lines(words, situation, item, shown)
    return numbered(words, situation, heading, count_figures(words, shown), lines)


Content: TypeAlias = tuple[str, Iterable[tuple[int, str]], Iterable[str]]
"""Heading, figures and lines."""


def numbered(
    words: Catalogue, situation: Situation, heading: str, figures: Iterable[tuple[int, str]], lines: Iterable[str]
) -> Content:
    """Say in the heading which of several things that wait this is."""
    if situation.following is not None and situation.shown is not None:
        place = situation.waiting.index(situation.shown) + 1
        heading = words("scrutineer.nth", place=place, count=len(situation.waiting), heading=heading)
    return heading, figures, lines


def secret_content(words: Catalogue, situation: Situation) -> Content:
    """Return what is shown of a round that is to be opened, of a ceremony, or else where the meeting stands."""
    own, definition, one = situation.own, situation.definition, situation.sealed
    if one is not None:
        states = (
            each.needed for each in situation.picture.secret.rounds if (each.item, each.round) == (one.item, one.number)
        )
        lines = opening_lines(words, definition, own, one, next(states, 0))
        return opening_heading(words, definition, one), opening_figures(words, one), lines
    board = own.board
    if about_ceremony(situation) and board is not None:
        return ceremony_heading(words, own, board), (), ceremony_lines(words, definition, own, board)
    facts = Facts(definition, situation.picture)
    known = filter(None, (key_line(words, own.seen.meeting), *reading(words, own)))
    return words("scrutineer.standing"), standing_figures(words, facts), (*standing_lines(words, facts), *known)


def reading(words: Catalogue, own: Own) -> Iterator[str]:
    """Say how far the record is followed, where this terminal follows it."""
    if own.seen.meeting is None and own.seen.size:
        yield words("scrutiny.reading", size=own.seen.size, all=own.seen.size + own.seen.behind)
    elif own.seen.meeting is not None:
        yield words("scrutiny.followed", size=own.seen.size)


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


def hints(words: Catalogue, several_wait: bool = False, overridable: bool = False) -> tuple[Hint, ...]:
    """Return the last row; a key turns to the next thing where several wait, another lets a round be opened."""
    turning = (Hint("f6", "F6", words("scrutineer.key_next")),) if several_wait else ()
    answering = (Hint("f8", "F8", words("scrutiny.key_override"), "danger"),) if overridable else ()
    return (
        *turning,
        *answering,
        Hint("up", words("chair.chip_up"), ""),
        Hint("down", words("chair.chip_down"), words("scrutineer.key_scroll")),
        Hint("escape", "Esc", words("chair.key_back")),
        Hint("f1", "F1", words("chair.key_help")),
        Hint("f2", "F2", words("chair.key_language")),
        Hint("ctrl+q", "Ctrl+Q", words("chair.key_leave")),
    )
