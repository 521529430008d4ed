"""The middle of the chair's screen: the hall seat by seat, and who is missing or what is read out. Pure."""

from collections import Counter

from pingyi_protocol.meeting.definition import Audience, Item
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.text import Catalogue
from pingyi_terminal.chair.parts import Floor, Said, Somebody
from pingyi_terminal.chair.situation import Member, Situation
from pingyi_terminal.widgets import Place, SeatState

LOUD_FIRST = (SeatState.LOST, SeatState.PRESENT, SeatState.ABSENT)


def floor(words: Catalogue, situation: Situation) -> Floor:
    """Return what the middle shows."""
    everybody = situation.members
    stage = situation.stage
    phase = situation.phase_of(stage) if stage else Phase.PENDING
    heading, note, people = absent(words, everybody), "", missing_at_idle(everybody)
    reading: tuple[str, ...] = ()
    if stage is not None and situation.round is not None:
        heading, note, people = not_voted(words, situation)
        if phase is Phase.VOID:
            status = situation.picture.status(stage.id)
            heading = Said(words("chair.void_because", round=status.round), "warning")
            note, people, reading = "", [], (status.reason,)
        if situation.figures is not None and phase not in LIVE:
            reading = announcement(words, len(everybody), stage, situation.figures)
    if reading and phase is not Phase.VOID:
        heading, note = reading_heading(words, phase, published=situation.published is not None)
    return Floor(
        doing=words(f"chair.phase_{phase}"),
        title=stage.title if stage else "",
        places=tuple(Place(member.seat, member.person.name, member.state) for member in everybody),
        legend=legend(words, everybody, voting=situation.round is not None),
        heading=heading,
        note=note,
        people=() if reading else tuple(Somebody(m.state, m.seat, m.person.name) for m in people),
        reading=reading,
        warning=lost_warning(words, situation),
    )


def absent(words: Catalogue, everybody: tuple[Member, ...]) -> Said:
    """Return the heading over those who are not there before a round."""
    away = sum(member.state is SeatState.ABSENT for member in everybody)
    return Said(words("chair.not_checked_in", count=away)) if away else Said(words("chair.all_checked_in"), "ok")


def missing_at_idle(everybody: tuple[Member, ...]) -> list[Member]:
    """Return who could not vote if an item were opened now, those whose terminals are silent first."""
    return loud_first([member for member in everybody if member.state in (SeatState.LOST, SeatState.ABSENT)])


def loud_first(people: list[Member]) -> list[Member]:
    """Return the people with the states that ask for action first."""
    return sorted(people, key=lambda member: LOUD_FIRST.index(member.state))


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


def legend(words: Catalogue, everybody: tuple[Member, ...], *, voting: bool) -> tuple[tuple[SeatState, str], ...]:
    """Return the states that mean something now, each with its word and number."""
    counts = Counter(member.state for member in everybody)
    if not voting:
        # nobody could vote yet: the letter of the present means no more than that
        words_of = {SeatState.PRESENT: "chair.legend_here"}
    else:
        words_of = {SeatState.VOTED: "widgets.legend_voted", SeatState.PRESENT: "widgets.legend_present"}
    words_of |= {SeatState.LOST: "widgets.legend_lost", SeatState.RECUSED: "widgets.legend_recused"}
    words_of |= {SeatState.ABSENT: "widgets.legend_absent"}
    quiet = {state for state in (SeatState.LOST, SeatState.RECUSED) if not counts[state]}
    return tuple((state, words(key, count=counts[state])) for state, key in words_of.items() if state not in quiet)


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


def announcement(words: Catalogue, due: int, stage: Item, figures: RoundFigures) -> tuple[str, ...]:
    """Return the result as the chair reads it out, a sentence a line."""
    here = words("chair.read_present", due=due, present=figures.present)
    if figures.recused:
        here += words("chair.read_recused", recused=figures.recused)
    if len(figures.targets) > 1:
        not_voted = figures.present - figures.received - figures.recused
        received = words("chair.read_received", received=figures.received, not_voted=not_voted)
        return here, received, words("chair.read_aside")
    [target] = figures.targets
    votes = words("chair.read_votes", scores=target.scores, abstentions=target.abstentions, not_voted=target.not_voted)
    if target.measure is None:
        return here, votes, words("chair.read_no_measure", least=stage.rules.least_scores)
    name = words(f"chair.measure_{stage.rules.measure}")
    key = "chair.read_measure" if target.band else "chair.read_measure_bare"
    return here, votes, words(key, name=name, measure=target.measure, band=target.band)
