"""From the meeting as this console sees it to everything that the chair's screen shows. Pure: no clock, no widget."""

from datetime import datetime

from pingyi_protocol.client.session import Link
from pingyi_protocol.meeting.commands import CloseMeeting
from pingyi_protocol.meeting.confirmation import signers
from pingyi_protocol.meeting.definition import TRIAL, Display
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.text import Catalogue, catalogue
from pingyi_terminal.chair.agenda import agenda
from pingyi_terminal.chair.floor import floor
from pingyi_terminal.chair.moves import (
    agreeing,
    ceremonial,
    check_in_switch,
    composing,
    ending,
    extension,
    pausing,
    recess_switch,
    revote,
    runoff,
    taking_back,
    trial,
    voidable,
)
from pingyi_terminal.chair.parts import Agenda, Aside, ChairView, Count, Countdown, Figures, Floor, Said
from pingyi_terminal.chair.results import count, figures
from pingyi_terminal.chair.second import agreement_aside, codes_shout, voiding_aside
from pingyi_terminal.chair.secret import secret_aside
from pingyi_terminal.chair.situation import Situation
from pingyi_terminal.chair.step import clock_of, deed_words, doing_of, idle, next_step
from pingyi_terminal.sealed import has_secret, held_up, is_secret
from pingyi_terminal.widgets import Hint, Piece, mode_piece
from pingyi_terminal.widgets.keys import KeyState

PATIENCE = 3
"""Seconds of connecting after which something may be wrong."""

ITEMS_NAMED = 4
"""Items of one kind that are named before the meeting is closed; more would not fit beside the gold block."""

HURRY = 10_000
"""Milliseconds left from which the countdown stands in warning."""


def chair_view(words: Catalogue, situation: Situation, now: datetime, link_since: datetime) -> ChairView:
    """Return the whole screen. ``now`` is this machine's wall clock, ``link_since`` when the link's state began."""
    facts = situation.definition.meeting
    return ChairView(
        title=f"{facts.name} {facts.session}".strip(),
        note=words("widgets.simulated") if facts.simulated else "",
        pieces=pieces(words, situation, now),
        shout=shout(words, situation, now, link_since),
        agenda=agenda(words, situation),
        floor=floor(words, situation),
        count=count(words, situation),
        figures=figures(words, situation),
        step=next_step(words, situation),
        aside=aside(words, situation),
        countdown=countdown(words, situation),
        hints=hints(words, situation),
    )


def waiting_view(words: Catalogue, link: Link, now: datetime, link_since: datetime) -> ChairView:
    """Return the screen before the server was heard for the first time."""
    shut = link.shut
    long = (now - link_since).total_seconds() >= PATIENCE
    connecting = words("chair.connecting", since=link_since.strftime("%H:%M:%S")) if long else ""
    block = shut if link.shut_out else "connecting"
    return ChairView(
        title="",
        note="",
        pieces=(Piece(now.strftime("%H:%M:%S")),),
        shout=words(f"chair.{shut}") if link.shut_out else connecting,
        agenda=Agenda("", (), "", ()),
        floor=Floor("", "", (), (), Said(), "", (), (), ""),
        count=Count("", None, 0, Said()),
        figures=Figures(""),
        step=idle(words(f"chair.{block}_block"), words(f"chair.{block}_block_detail")),
        aside=Aside(Said(), ()),
        countdown=Countdown("", "", "", "dim"),
        hints=(
            Hint("f1", "F1", words("chair.key_help")),
            Hint("f2", "F2", words("chair.key_language")),
            Hint("ctrl+q", "Ctrl+Q", words("chair.key_leave")),
        ),
    )


def pieces(words: Catalogue, situation: Situation, now: datetime) -> tuple[Piece, ...]:
    """Return the right side of the header."""
    here = situation.attendance
    short = words("chair.quorum_short", quorum=here.quorum, short=here.short)
    quorum = Piece(short, "warning") if here.short else Piece(words("chair.quorum_met", quorum=here.quorum), "ok")
    counts = [Piece(words("chair.due", count=here.due), "dim"), Piece(words("chair.present", count=here.present))]
    counts += [Piece(words("chair.left_early", count=here.left), "dim")] if here.left else []
    counts += [Piece(words("chair.excused", count=here.excused), "dim")] if here.excused else []
    clock = Piece(now.strftime("%H:%M:%S"))
    mode = (mode_piece(words, situation.stage.rules.secrecy),) if situation.stage else ()
    return (*counts, quorum, clock, *mode)


def shout(words: Catalogue, situation: Situation, now: datetime, link_since: datetime) -> str:
    """Return what must not be overlooked: a record that does not fit or cannot be written, a cut console, no quorum.

    And the members whose new terminals wait for the chair.
    """
    alarm = situation.draft.alarm
    if alarm is not None:
        return words("chair.alarm", fault=alarm.words(words.language))
    if situation.link.shut_out:
        return words(f"chair.{situation.link.shut}")
    if situation.link is Link.UP:
        here = situation.attendance
        below = words("chair.quorum_lost_shout", present=here.present, quorum=here.quorum, short=here.short)
        if not situation.picture.recording:
            return words("chair.not_recording")
        return "\n".join(filter(None, (below if situation.quorum_lost else "", codes_shout(words, situation))))
    seconds = max(0, int((now - link_since).total_seconds()))
    return words("chair.link_lost", since=link_since.strftime("%H:%M:%S"), seconds=seconds)


def aside(words: Catalogue, situation: Situation) -> Aside:
    """Return what stands beside the gold block: a refusal first, then a question, else what comes after."""
    first = complaint_aside(words, situation) or agreement_aside(words, situation)
    if first is not None:
        return first
    if situation.picture.closed:
        final = (situation.picture.head.fingerprint, words("chair.final_detail"))
        return Aside(Said(words("chair.final"), "ok"), final)
    if isinstance(situation.draft.asking, CloseMeeting):
        undone = left_undone(words, situation) or [words("chair.end_means")]
        return Aside(Said(words("chair.end_title"), "warning"), tuple(undone))
    copy = situation.picture.watch.continuing
    if copy is not None:
        why = words("chair.continue_why", size=copy.size, reason=copy.reason)
        return Aside(Said(words("chair.continue_title"), "warning"), (why, words("chair.continue_loss")))
    return (
        voiding_aside(words, situation)
        or quorum_aside(words, situation)
        or recess_aside(words, situation)
        or secret_aside(words, situation)
        or Aside(Said(words("chair.after_that"), "dim"), tuple(coming(words, situation)), numbered=True)
    )


def quorum_aside(words: Catalogue, situation: Situation) -> Aside | None:
    """Return what the chair can decide when the quorum is lost in a round, with the key of each; else None."""
    if not situation.quorum_lost:
        return None
    ways = [words("chair.quorum_lost_go_on")]
    if pausing(situation) is not None:
        ways.append(words("chair.quorum_lost_pause"))
    return Aside(Said(words("chair.quorum_lost"), "warning"), (*ways, words("chair.quorum_lost_void")))


def recess_aside(words: Catalogue, situation: Situation) -> Aside | None:
    """Return that the hall is told of a break, and what ends it; None without one."""
    if not situation.picture.recess:
        return None
    return Aside(Said(words("chair.recess"), "accent"), (words("chair.recess_means"), words("chair.recess_ends")))


def complaint_aside(words: Catalogue, situation: Situation) -> Aside | None:
    """Return what came of the last command that came to nothing, None where the chair has put that away."""
    draft, definition = situation.draft, situation.definition
    doing = deed_words(words, definition, draft.refused) if draft.refused is not None else ""
    if draft.fault:
        return Aside(Said(words("chair.not_sent", step=doing), "warning"), (words("chair.fault", fault=draft.fault),))
    if draft.refusal is not None:
        reasons = catalogue("pingyi_protocol", words.language)
        reason = reasons(f"refusal.{draft.refusal.reason}", **draft.refusal.values)
        return Aside(Said(words("chair.refused", step=doing), "warning"), (reason,))
    if draft.left_over:
        steps = words("chair.and").join(deed_words(words, definition, one) for one in draft.left_over)
        return Aside(Said(words("chair.left_over", step=steps), "warning"), (words("chair.left_over_detail"),))
    return None


def left_undone(words: Catalogue, situation: Situation) -> list[str]:
    """Return what the agenda would be left with if the meeting were closed now, a line for each kind of it."""
    lines = []
    for phase in (Phase.PENDING, Phase.CLOSED, Phase.VOID):
        left = [item.id for item in situation.definition.agenda if situation.phase_of(item) is phase]
        named, more = words("chair.and").join(left[:ITEMS_NAMED]), len(left) - ITEMS_NAMED
        named += words("chair.end_more", count=more) if more > 0 else ""
        if left:
            lines.append(words(f"chair.end_{phase}", items=named))
    unsealed = [one.item for one in situation.picture.secret.rounds if not one.unsealed]
    lines += [words("sealed.end_sealed", items=words("chair.and").join(unsealed))] if unsealed else []
    newest = ((item.id, situation.picture.figures(item.id)) for item in situation.definition.agenda)
    tied = [item for item, one in newest if one is not None and one.selection is not None and one.selection.tied]
    lines += [words("chair.end_tied", items=words("chair.and").join(tied))] if tied else []
    # what items lack, composites lack because of it
    return lines or uncomposed(words, situation)


def uncomposed(words: Catalogue, situation: Situation) -> list[str]:
    """Return that composites are not announced, and what they lack, in a line; nothing where there are none."""
    lines = situation.backstage.composite if situation.backstage is not None else ()
    if not lines or situation.picture.composite:
        return []
    lacking = {one.component for line in lines for one in line.missing}
    names = [one.name for one in situation.definition.components if one.id in lacking]
    if not names:
        return [words("chair.composite_waits")]
    targets = sum(bool(line.missing) for line in lines)
    return [words("chair.composite_lacks", targets=targets, components=words("chair.and").join(names))]


def coming(words: Catalogue, situation: Situation) -> list[str]:
    """Return the steps after the next one."""
    stage, following = situation.stage, situation.next_item
    if stage is None:
        return []
    phase = situation.phase_of(stage)
    if stage is TRIAL:
        return [words(step) for step in ("chair.trial_seats", "chair.then_trial_over")]
    lines = after_announcement(words, situation) if phase in (Phase.ANNOUNCED, Phase.WITHDRAWN) else []
    if phase in (Phase.ANNOUNCED, Phase.WITHDRAWN):
        return lines
    signed_first = situation.live is not None and stage.rules.confirmed
    if situation.unconfirmed or signed_first:
        who = words("chair.and").join(person.name for person in signers(situation.definition, stage))
        lines.append(words("chair.then_sign", who=who or words("chair.confirming_nobody")))
    if situation.live is not None and is_secret(stage):
        threshold = situation.definition.meeting.threshold
        lines += [words("sealed.then_check"), words("sealed.then_open", threshold=threshold)]
    at_close = stage.rules.display is not Display.ON_ANNOUNCEMENT
    opening = ["chair.then_score", "chair.then_close", "chair.then_announce"]
    ending = ["chair.then_shown", "chair.then_announce"] if at_close else ["chair.then_announce", "chair.then_shown"]
    closed = ["chair.then_official" if at_close else "chair.then_shown"]
    closed = ["chair.then_announce", "chair.then_shown"] if situation.unconfirmed else closed
    steps = {Phase.PENDING: opening, Phase.VOID: opening, Phase.CLOSED: closed}.get(phase, ending)
    lines += [words(step, doing=doing_of(words, stage)) for step in steps]
    if phase not in (Phase.PENDING, Phase.VOID):
        lines.append(words("chair.then_next", item=following.title) if following else words("chair.then_finish"))
    return lines


def after_announcement(words: Catalogue, situation: Situation) -> list[str]:
    """Return what comes after the step that follows an announced or withdrawn item."""
    if runoff(situation) is not None:
        return [words("chair.then_tied"), words("chair.then_close"), words("chair.then_announce")]
    if situation.next_item is not None:
        return [words("chair.then_open"), words("chair.then_close")]
    if composing(situation) is not None:
        return [words("chair.then_composites"), words("chair.then_finish")]
    return [*uncomposed(words, situation), words("chair.then_final"), words("chair.then_record")]


def countdown(words: Catalogue, situation: Situation) -> Countdown:
    """Return the countdown, what is left of the check-in, or how long the item would be open."""
    if situation.restored:
        # it stands, and what there is to sign needs the room
        return Countdown("", "", "", "dim")
    if situation.live is not None:
        return running_clock(words, situation, situation.live.phase)
    if situation.check_in:
        tone = "warning" if situation.check_in <= HURRY else "foreground"
        return Countdown(
            clock_of(situation.check_in), words("chair.check_in_left"), words("chair.minutes_seconds"), tone
        )
    stage = None if situation.picture.closed else situation.stage
    if stage is None or stage.rules.seconds is None or situation.phase_of(stage) not in (Phase.PENDING, Phase.VOID):
        return Countdown("", "", "", "dim")
    if held_up(situation.picture, stage) is not None:
        # what it waits for needs the room
        return Countdown("", "", "", "dim")
    planned = clock_of(1000 * stage.rules.seconds)
    return Countdown(planned, words("chair.planned"), words("chair.minutes_seconds"), "faint")


def running_clock(words: Catalogue, situation: Situation, phase: Phase) -> Countdown:
    """Return the countdown of the live round."""
    if situation.remaining is None:
        return Countdown("", words("chair.no_countdown"), "", "dim")
    figure, unit = clock_of(situation.remaining), words("chair.minutes_seconds")
    if phase is Phase.PAUSED:
        return Countdown(figure, words("chair.standing"), unit, "dim")
    if situation.remaining == 0:
        return Countdown(figure, words("chair.closing" if situation.closing else "chair.time_over"), "", "warning")
    left = words("chair.left" if situation.link is Link.UP else "chair.estimated")
    return Countdown(figure, left, unit, "warning" if situation.remaining <= HURRY else "foreground")


def hints(words: Catalogue, situation: Situation) -> tuple[Hint, ...]:
    """Return the last row: what can be pressed now, and faint in its place what cannot."""
    paused = situation.live is not None and situation.live.phase is Phase.PAUSED
    pause_word = words("chair.key_resume" if paused else "chair.key_pause")
    drafted = situation.draft.asking or situation.draft.complaint or situation.cursor is not situation.stage
    back: KeyState = "normal" if drafted else "faint"
    check_in = check_in_hint(words, situation)
    void = Hint("f8", "F8", words("chair.key_void"), "danger" if voidable(situation) else "faint")
    if situation.voiding:
        void = Hint("f8", "F8", words("chair.key_take_back"), "danger" if taking_back(situation) else "faint")
    again = Hint("f9", "F9", words("chair.key_revote"), "normal" if revote(situation) else "faint")
    end = Hint("f7", "F7", words("chair.key_end"), "danger" if ending(situation) else "faint")
    rest_word = words("chair.key_go_on" if situation.picture.recess else "chair.key_recess")
    rest = Hint("f4", "F4", rest_word, "normal" if recess_switch(situation) else "faint")
    key = Hint("0", "0", words("sealed.key_ceremony"), "normal" if ceremonial(situation) else "faint")
    # each moment has its own keys: a clock while ballots are taken, a trial vote before the first item
    if situation.live is not None:
        now = (
            Hint("plus", "+", words("chair.key_extend"), "normal" if extension(situation) else "faint"),
            Hint("f4", "F4", pause_word, "normal" if pausing(situation) else "faint"),
            *check_in,
            void,
        )
    elif TRIAL in situation.listed:
        trying = Hint("f5", "F5", words("chair.key_trial"), "normal" if trial(situation) else "faint")
        now = (*check_in, rest, trying, end, *((key,) if has_secret(situation.definition) else ()))
    elif situation.stage is not None and is_secret(situation.stage):
        now = (*check_in, key, end, void, again)
    else:
        now = (*check_in, rest, end, void, again)
    if situation.codes:
        now = (Hint("f6", "F6", words("chair.key_agree"), "danger" if agreeing(situation) else "faint"), *now)
    return (
        *now,
        Hint("up", words("chair.chip_up"), ""),
        Hint("down", words("chair.chip_down"), words("chair.key_choose")),
        Hint("escape", "Esc", words("chair.key_back"), back),
        Hint("f1", "F1", words("chair.key_help")),
        Hint("f2", "F2", words("chair.key_language")),
        Hint("ctrl+q", "Ctrl+Q", words("chair.key_leave")),
    )


def check_in_hint(words: Catalogue, situation: Situation) -> tuple[Hint, ...]:
    """Return the key of the check-in's window, nothing where members may check in at any time."""
    if situation.definition.meeting.check_in_minutes is None:
        return ()
    word = "chair.key_close_check_in" if situation.check_in else "chair.key_open_check_in"
    return (Hint("f3", "F3", words(word), "normal" if check_in_switch(situation) else "faint"),)
