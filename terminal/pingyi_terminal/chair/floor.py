"""The middle of the chair's screen: the hall seat by seat, and who is missing or what is read out. Pure."""

from collections import Counter

from pingyi_protocol.meeting.definition import TRIAL, Audience, Item
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.text import Catalogue
from pingyi_protocol.wire.picture import SealedRound
from pingyi_terminal.chair.parts import Floor, Said, Somebody
from pingyi_terminal.chair.situation import Attendance, Away, Member, Situation, Turnout
from pingyi_terminal.chair.step import kind_of_item
from pingyi_terminal.reading import announcement
from pingyi_terminal.sealed import opening_told, sealed_round
from pingyi_terminal.widgets import Place, SeatState

LOUD_FIRST = (SeatState.LOST, SeatState.PRESENT, SeatState.ABSENT)


def floor(words: Catalogue, situation: Situation) -> Floor:
    """Return what the middle shows."""
    everybody = situation.members
    stage = situation.stage
    phase = situation.phase_of(stage) if stage else Phase.PENDING
    heading, note, people = absent(words, everybody), away_words(words, situation.attendance), idle(everybody)
    if situation.voting is not None:
        heading, note, people = not_voted(words, situation)
    sealed = sealed_round(situation.picture, stage.id) if stage else None
    reading = to_read(words, situation)
    if phase in (Phase.VOID, Phase.WITHDRAWN) and reading and stage is not None:
        number = situation.round_of(stage)
        void = words("chair.void_because", round=number)
        heading, note = Said(void if phase is Phase.VOID else words("chair.phase_withdrawn"), "warning"), ""
    elif phase in (Phase.CLOSED, Phase.ANNOUNCED) and situation.voiding is not None:
        heading, note = Said(words("chair.voiding", round=situation.voiding.round), "warning"), ""
    elif phase is Phase.CLOSED and sealed is not None and situation.figures is None:
        heading, note = opening_heading(words, sealed), ""
    elif reading:
        heading, note = reading_heading(words, phase, published=situation.published is not None)
    return Floor(
        doing=phase_words(words, stage, phase) if stage else "",
        title=title_of(words, stage) if stage else "",
        places=tuple(Place(member.seat, member.person.name, shown_state(member)) for member in everybody),
        legend=legend(words, everybody, situation.turnout),
        heading=heading,
        note=note,
        people=() if reading else tuple(Somebody(m.state, m.seat, name_of(words, m)) for m in people),
        reading=reading,
        warning=lost_warning(words, situation),
    )


def shown_state(member: Member) -> SeatState:
    """Return what the seat map shows of a member: a call comes before everything else."""
    return SeatState.CALLING if member.calling else member.state


def to_read(words: Catalogue, situation: Situation) -> tuple[str, ...]:
    """Return the text to read out: the result, or why there is none, or may be none; of a trial vote nothing is."""
    stage, found = situation.stage, situation.figures
    if stage is None or stage is TRIAL:
        return ()
    phase = situation.phase_of(stage)
    if phase in (Phase.VOID, Phase.WITHDRAWN):
        return (situation.picture.status(stage.id).reason,)
    if situation.voiding is not None and phase not in LIVE:
        return (words("chair.voiding_because", reason=situation.voiding.reason),)
    if phase in LIVE:
        return ()
    sealed = sealed_round(situation.picture, stage.id)
    if found is None:
        told = opening_told(words, situation.definition, sealed) if sealed is not None else ()
        return tuple(words("sealed.told", label=one.label, value=one.value) for one in told)
    return announcement(words, situation.definition, situation.picture, found)


def title_of(words: Catalogue, item: Item) -> str:
    """Return what an item is called; the trial vote has no title of its own."""
    return words("chair.trial_title") if item is TRIAL else item.title


def phase_words(words: Catalogue, item: Item, phase: Phase) -> str:
    """Return where an item stands; while it is open, what is done on it."""
    return words(f"chair.now_{kind_of_item(item)}") if phase is Phase.OPEN else words(f"chair.phase_{phase}")


def name_of(words: Catalogue, member: Member) -> str:
    """Return a member's name, and why nobody waits for them, if so."""
    away = {Away.LEFT: "chair.away_left", Away.EXCUSED: "chair.away_excused"}
    return f"{member.person.name} {words(away[member.away])}" if member.away in away else member.person.name


def away_words(words: Catalogue, here: Attendance) -> str:
    """Return how many of those who are not there left early or are excused."""
    counts = (("chair.left_early", here.left), ("chair.excused", here.excused))
    return "  ".join(words(key, count=count) for key, count in counts if count)


def absent(words: Catalogue, everybody: tuple[Member, ...]) -> Said:
    """Return the heading over those who are not there before a round."""
    away = sum(member.state is SeatState.ABSENT for member in everybody)
    return Said(words("chair.not_checked_in", count=away)) if away else Said(words("chair.all_checked_in"), "ok")


def idle(everybody: tuple[Member, ...]) -> list[Member]:
    """Return who could not vote if an item were opened now, those whose terminals are silent first."""
    return loud_first([member for member in everybody if member.state in (SeatState.LOST, SeatState.ABSENT)])


def loud_first(people: list[Member]) -> list[Member]:
    """Return the people with the states that ask for action first, those whom nobody waits for last."""
    return sorted(people, key=lambda member: (LOUD_FIRST.index(member.state), member.away is not Away.NOT))


def not_voted(words: Catalogue, situation: Situation) -> tuple[Said, str, list[Member]]:
    """Return heading, note and list of those who have not voted: who, never how."""
    count = situation.turnout
    if count is None or not count.missing:
        return Said(words("chair.everybody_voted"), "ok"), "", []
    people = loud_first([*count.waiting, *count.gone])
    if count.complete and situation.live:
        return Said(words("chair.only_gone_missing", count=count.missing), "ok"), "", people
    # where figures run along, each new ballot tells something of how
    blind = situation.stage is not None and situation.stage.rules.running is Audience.NOBODY
    return Said(words("chair.not_voted", count=count.missing)), words("chair.who_never_how") if blind else "", people


def reading_heading(words: Catalogue, phase: Phase, *, published: bool) -> tuple[Said, str]:
    """Return the heading over the text to read out, and whether others see it already."""
    if phase is Phase.ANNOUNCED:
        return Said(words("chair.announced_reading")), ""
    kind = "published" if published else "reading"
    return Said(words("chair.published_reading" if published else "chair.reading")), words(f"chair.{kind}_note")


def opening_heading(words: Catalogue, sealed: SealedRound) -> Said:
    """Return the heading over how far a secret round is opened."""
    if sealed.unsealed:
        return Said(words("sealed.unsealed"), "ok")
    return Said(words("sealed.too_few"), "warning") if sealed.too_few else Said(words("sealed.opening"))


def legend(
    words: Catalogue, everybody: tuple[Member, ...], turnout: Turnout | None
) -> tuple[tuple[SeatState, str], ...]:
    """Return the states that mean something now, each with its word and number.

    Who came too late for the round of ``turnout`` has no ballot to cast, and is not among those who have not voted.
    """
    counts = Counter(member.state for member in everybody)
    if turnout is None:
        # nobody could vote yet: the letter of the present means no more than that
        words_of = {SeatState.PRESENT: "chair.legend_here"}
    else:
        words_of = {SeatState.VOTED: "widgets.legend_voted", SeatState.PRESENT: "widgets.legend_present"}
    words_of |= {SeatState.LOST: "widgets.legend_lost", SeatState.RECUSED: "widgets.legend_recused"}
    words_of |= {SeatState.ABSENT: "widgets.legend_absent"}
    calling = sum(member.calling for member in everybody)
    if calling:
        counts[SeatState.CALLING] = calling
        words_of = {SeatState.CALLING: "widgets.legend_calling"} | words_of
    quiet = {state for state in (SeatState.LOST, SeatState.RECUSED) if not counts[state]}
    found = {state: words(key, count=counts[state]) for state, key in words_of.items() if state not in quiet}
    if turnout is not None:
        waiting = sum(member.state is SeatState.PRESENT for member in turnout.waiting)
        late = counts[SeatState.PRESENT] - waiting
        said = words(words_of[SeatState.PRESENT], count=waiting)
        found[SeatState.PRESENT] = words("chair.legend_late", waiting=said, late=late) if late else said
    return tuple(found.items())


def lost_warning(words: Catalogue, situation: Situation) -> str:
    """Return who has been cut off for how long, "" when nobody is."""
    silent = [member for member in situation.members if member.state is SeatState.LOST]
    since = situation.draft.lost
    if not silent:
        return ""
    first = max(silent, key=lambda member: since.get(member.place, 0.0))
    key = "chair.seat_lost_live" if situation.live else "chair.seat_lost"
    text = words(key, seat=first.seat or first.person.name, seconds=int(since.get(first.place, 0.0)))
    return text if len(silent) == 1 else words("chair.seats_lost", first=text, more=len(silent) - 1)
