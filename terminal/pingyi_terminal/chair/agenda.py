"""The left side of the chair's screen: the agenda, and where each item stands. Pure."""

from pingyi_protocol.meeting.definition import TRIAL, Item, ScoreRules
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.floor import phase_words, title_of
from pingyi_terminal.chair.parts import Agenda, AgendaLine, Said
from pingyi_terminal.chair.situation import Situation
from pingyi_terminal.choices import outcome_words
from pingyi_terminal.reading import chosen_before
from pingyi_terminal.sealed import is_secret, sealed_round, stage_words

TONES = {
    Phase.OPEN: "accent",
    Phase.CLOSED: "foreground",
    Phase.ANNOUNCED: "ok",
    Phase.PAUSED: "warning",
    Phase.VOID: "warning",
}
"""The colours of states; all others are faint."""


def agenda(words: Catalogue, situation: Situation) -> Agenda:
    """Return the agenda with the state of each item."""
    cursor, items = situation.cursor, situation.definition.agenda
    lines = tuple(line_of(words, situation, item) for item in situation.listed)
    if cursor is None:
        return Agenda(words("chair.agenda"), lines, "", ())
    marked = line_of(words, situation, cursor)
    place = words("chair.agenda")
    if cursor in items:
        place = words("chair.folded", place=items.index(cursor) + 1, count=len(items))
    targets = tuple(situation.definition.target(target).name for target in cursor.targets)
    return Agenda(place, lines, f"{place}  {marked.title}  {marked.state.text}", targets)


def line_of(words: Catalogue, situation: Situation, item: Item) -> AgendaLine:
    """Return one line of the agenda."""
    state, bare = (trial_state(words, situation), "") if item is TRIAL else item_state(words, situation, item)
    return AgendaLine(
        item=item.id,
        mark=words("chair.trial_mark") if item is TRIAL else item.id,
        title=title_of(words, item),
        state=state,
        bare=bare,
        cursor=item is situation.cursor,
        stage=item is situation.stage,
        withdrawn=situation.phase_of(item) is Phase.WITHDRAWN,
    )


def trial_state(words: Catalogue, situation: Situation) -> Said:
    """Return where the trial vote stands; that it counts for nothing where nothing else is to be said."""
    phase = situation.phase_of(TRIAL)
    if phase in (Phase.PENDING, Phase.VOID):
        return Said(words("chair.trial_means"), "faint")
    return Said(phase_words(words, TRIAL, phase), TONES.get(phase, "faint"))


def item_state(words: Catalogue, situation: Situation, item: Item) -> tuple[Said, str]:
    """Return where an item stands; an announced one with what it came to, a withdrawn one with the reason.

    Besides, the same in fewer words: without the round where there were several, else without that it is secret.
    """
    phase = situation.phase_of(item)
    text = phase_words(words, item, phase)
    public = situation.picture.figures(item.id)
    tone = TONES.get(phase, "faint")
    if phase is Phase.WITHDRAWN:
        return Said(words("chair.withdrawn", reason=situation.picture.status(item.id).reason), tone), ""
    if phase is Phase.CLOSED and awaiting(situation, item):
        text, tone = words("chair.awaiting"), "warning"
    if phase is Phase.ANNOUNCED and public is not None:
        text = announced(words, item, public, chosen_before(situation.picture, public))
        text = words("chair.by_hand", state=text) if public.manual else text
    if phase not in LIVE and situation.voiding_of(item) is not None:
        text, tone = words("chair.awaiting_void"), "warning"
    sealed = sealed_round(situation.picture, item.id)
    if sealed is not None and phase is Phase.CLOSED and situation.voiding_of(item) is None:
        # before the signature on the count, which a sealed round waits for as well
        text = stage_words(words, situation.definition, sealed) if not sealed.unsealed else text
        tone = "accent" if sealed.unsealed else "warning"
    plain = text
    text = words("sealed.marked", state=plain) if is_secret(item) else plain
    number = situation.round_of(item)
    bare = text if number > 1 else ""
    if is_secret(item) and number <= 1:
        # of two short of room the one that nobody would guess
        bare = words("sealed.mark") if phase is Phase.PENDING else plain
    text = words("chair.nth_round", state=text, round=number) if number > 1 else text
    return Said(text, tone), bare


def awaiting(situation: Situation, item: Item) -> bool:
    """Whether a scrutineer has to sign the newest round of this item."""
    one, behind = situation.picture.live, situation.backstage
    signing = behind.confirming if behind is not None else None
    latest = one is not None and one.item == item.id and one.unconfirmed
    return latest or (signing is not None and signing.item == item.id)


def announced(words: Catalogue, item: Item, public: RoundFigures, before: tuple[str, ...] = ()) -> str:
    """Return what an announced item came to, in a few words; ``before`` were chosen in rounds before this one."""
    if public.selection is not None:
        if public.selection.tied:
            return words("chair.announced_tied", count=len(public.selection.tied))
        return words("chair.announced_chosen", count=len(before) + len(public.selection.winners))
    if len(item.targets) > 1:
        return words("chair.phase_announced_sheet", count=len(item.targets))
    outcomes = [outcome_words(words, one.outcome) for one in public.choices]
    if not isinstance(item.rules, ScoreRules):
        return " ".join(outcomes)
    [target] = public.targets
    measure = words("chair.no_measure") if target.measure is None else str(target.measure)
    return " ".join([measure, *([target.band] if target.band else []), *outcomes])
