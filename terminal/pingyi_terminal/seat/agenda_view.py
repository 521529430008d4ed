"""What the agenda shows: where each item stands, and whether this member is present or can be. Pure."""

from pingyi_protocol.meeting.choices import least_of
from pingyi_protocol.meeting.commands import CheckIn
from pingyi_protocol.meeting.definition import TRIAL, Item
from pingyi_protocol.meeting.figures import RoundFigures
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.wire.picture import Picture
from pingyi_terminal.sealed import is_secret
from pingyi_terminal.seat.faces import Agenda, AgendaLine, Arrival, Frame
from pingyi_terminal.seat.form import scale_of
from pingyi_terminal.seat.situation import Situation, is_in, own_line, places, seconds_of


def agenda(situation: Situation, frame: Frame, *, aside: bool = False) -> Agenda | None:
    """Return the agenda; None before the server was heard."""
    definition, picture = situation.definition, situation.picture
    if definition is None or picture is None:
        return None
    lines = tuple(agenda_line(situation, picture, item) for item in definition.agenda)
    entitled = len(definition.entitled)
    return Agenda(
        frame,
        lines,
        arrival_of(situation),
        present=len(places(picture.present)),
        due=entitled,
        quorum=least_of(definition.meeting.quorum, entitled),
        complaint=situation.complaint,
        aside=aside,
        check_in=seconds_of(situation.check_in_left),
        trial=picture.live is not None and picture.live.item == TRIAL.id and picture.live.phase in LIVE,
        excused=is_in(picture.excused, situation),
        left=is_in(picture.left, situation),
        composites=tuple(
            (definition.target(line.target).name, line)
            for line in sorted(picture.composite, key=lambda line: line.rank or 0)
        ),
    )


def agenda_line(situation: Situation, picture: Picture, item: Item) -> AgendaLine:
    """Return one line of the agenda."""
    status = next((one for one in picture.items if one.item == item.id), None)
    phase = status.phase if status else Phase.PENDING
    figures = picture.figures(item.id)
    choices = figures.choices if figures and not figures.targets else ()
    live = picture.live
    return AgendaLine(
        item,
        phase,
        measure_of(figures, item),
        ballot=situation.ballots.get((item.id, status.round)) if status else None,
        recused=status is not None and is_in(status.recused, situation),
        outcome=choices[0].outcome if len(choices) == 1 else None,
        reason=status.reason if status and phase is Phase.WITHDRAWN else "",
        unconfirmed=live is not None and live.item == item.id and live.unconfirmed,
        manual=bool(figures and figures.manual),
        keyless=is_secret(item) and picture.secret.key is None and phase in (Phase.PENDING, Phase.VOID),
    )


def measure_of(figures: RoundFigures | None, item: Item) -> str:
    """Return the published measure of an item with a single scored target, "" where there is none."""
    alone = figures.targets[0] if figures and len(figures.targets) == 1 else None
    return "" if alone is None or alone.measure is None else f"{alone.measure:.{scale_of(item).decimals}f}"


def arrival_of(situation: Situation) -> Arrival:
    """Return whether the member counts as present, and if not whether check-in is open."""
    line, picture = own_line(situation), situation.picture
    if line is None or not line.entitled:
        return Arrival.NO_VOTE
    if picture is not None and is_in(picture.present, situation):
        return Arrival.DONE
    if any(isinstance(command.body, CheckIn) for command in situation.outstanding):
        return Arrival.SENT
    window = situation.definition.meeting.check_in_minutes if situation.definition else None
    if window is None or situation.check_in_left:
        return Arrival.NEEDED
    return Arrival.NOT_OPEN if situation.check_in_left is None else Arrival.OVER
