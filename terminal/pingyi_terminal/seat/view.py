"""``face_of(situation)``: which face a seat shows. Pure: all that it depends on is in the situation."""

from dataclasses import dataclass

from pingyi_protocol.meeting.definition import Definition, Item, Press, Target
from pingyi_protocol.meeting.life import LIVE, Phase
from pingyi_protocol.meeting.refusal import Reason
from pingyi_protocol.wire.picture import LiveRound, Picture
from pingyi_terminal.seat.agenda_view import agenda
from pingyi_terminal.seat.draft import Entry, blank, unsent
from pingyi_terminal.seat.faces import (
    Alarm,
    Arrival,
    Aside,
    Base,
    ByHand,
    CameLate,
    Closed,
    Connecting,
    Details,
    Encrypting,
    Ended,
    Face,
    Filling,
    Frame,
    Groups,
    Head,
    Help,
    Leaving,
    OwnBallot,
    Recorded,
    Recused,
    Result,
    Sent,
    TakenOver,
    TrialOver,
    Voided,
)
from pingyi_terminal.seat.form import Form
from pingyi_terminal.seat.situation import (
    Situation,
    answers_in,
    frame_of,
    has_voted,
    head_of,
    is_in,
    round_form,
    waiting_ballot,
)

TOO_LATE = frozenset({Reason.CLOSED, Reason.MEETING_CLOSED})
"""Why a ballot that was signed in time, as its seat saw it, does not count."""


def face_of(situation: Situation) -> Face:
    """Return what to show now."""
    base = base_of(situation)
    match situation.aside:
        case Aside.HELP:
            return Help(base.frame, base)
        case Aside.LEAVING:
            sealing = bool(situation.sealing)
            return Leaving(base.frame, len(situation.outstanding), filled_in(base), sealing)
        case Aside.DETAILS if isinstance(base, Filling) and base.about is not None:
            return Details(base.frame, base.head, base.targets[base.about], base.problems[base.about])
        case Aside.GROUPS if isinstance(base, Result) and base.figures.groups:
            return Groups(base.frame, base.head, base.item, base.targets, base.figures)
        case Aside.AGENDA if isinstance(base, Recorded | Ended | Result | Sent):
            return agenda(situation, base.frame, aside=True) or base
        case _:
            return base


def base_of(situation: Situation) -> Base:
    """Return the face that the meeting itself asks for."""
    frame = frame_of(situation)
    if situation.alarm is not None:
        return Alarm(frame, situation.alarm)
    if situation.link.shut_out:
        return TakenOver(frame)
    on_agenda = agenda(situation, frame)
    if on_agenda is None:
        return Connecting(frame, len(situation.outstanding))
    standing = round_of(situation, frame)
    if standing is None or on_agenda.arrival is Arrival.NO_VOTE:
        return on_agenda
    base = round_face(situation, standing, here=on_agenda.arrival is Arrival.DONE) or on_agenda
    # the hall looks at the composites now, no more at the last result
    return on_agenda if on_agenda.composites and isinstance(base, Result) else base


def filled_in(base: Base) -> tuple[Entry, ...] | None:
    """Return what leaving now would lose; None if nothing."""
    if not isinstance(base, Filling):
        return None
    return unsent(base.draft, base.form, base.earlier.answers if base.earlier else None)


@dataclass(frozen=True)
class Standing:
    """The round that was opened last, as a face needs it."""

    frame: Frame
    head: Head
    form: Form
    targets: tuple[Target, ...]
    definition: Definition
    picture: Picture
    live: LiveRound

    @property
    def named(self) -> tuple[Frame, Head, Item, tuple[Target, ...]]:
        """What every face of a round begins with."""
        return self.frame, self.head, self.form.item, self.targets


def round_of(situation: Situation, frame: Frame) -> Standing | None:
    """Return the round that was opened last, if there is one that stands."""
    definition, picture = situation.definition, situation.picture
    live = picture.live if picture else None
    item = definition.item(live.item) if definition and live else None
    if definition is None or picture is None or live is None or item is None:
        return None
    head = head_of(situation, definition, live)
    form = round_form(picture, item, live.round)
    targets = tuple(definition.target(target) for target in form.targets)
    return Standing(frame, head, form, targets, definition, picture, live)


def round_face(situation: Situation, standing: Standing, *, here: bool) -> Base | None:
    """Return the face of the round that was opened last; None where the agenda is what there is to see."""
    live = standing.live
    own = on_its_way(situation, standing)
    if own is not None or not here:
        return own
    if live.phase is Phase.VOID:
        return void_face(situation, standing)
    if live.phase in LIVE and not came_to_nothing(situation, standing):
        return open_face(situation, standing)
    if live.manual and not is_public(standing):
        return ByHand(*standing.named, live.manual)
    return ended_face(situation, standing)


def on_its_way(situation: Situation, standing: Standing) -> Encrypting | Sent | None:
    """Return the face of a ballot that has left the member's hands and has no receipt yet; None without one."""
    if standing.head.key in situation.sealing:
        return Encrypting(*standing.named)
    waiting = waiting_ballot(situation, standing.head.key)
    return None if waiting is None else Sent(*standing.named, answers_in(waiting))


def came_to_nothing(situation: Situation, standing: Standing) -> bool:
    """Whether the newest ballot of one's own was refused because it came after the close."""
    refused = situation.refused.get(standing.head.key)
    return refused is not None and refused.refusal.reason in TOO_LATE


def is_public(standing: Standing) -> bool:
    """Whether the figures of the round may be seen."""
    return any((one.item, one.round) == standing.head.key for one in standing.picture.published)


def void_face(situation: Situation, standing: Standing) -> Voided | None:
    """Return the face of a void round, unless its item was withdrawn afterwards."""
    status = next((one for one in standing.picture.items if one.item == standing.live.item), None)
    if status is not None and status.phase is Phase.WITHDRAWN:
        return None
    voted = standing.head.key in situation.ballots or has_voted(situation)
    return Voided(*standing.named, status.reason if status else "", voted)


def open_face(situation: Situation, standing: Standing) -> Base:
    """Return the face of a round that takes ballots: to fill in, recorded, or why there is no ballot."""
    live, head, form = standing.live, standing.head, standing.form
    if is_in(live.recused, situation):
        return Recused(*standing.named)
    own = situation.ballots.get(head.key)
    if not is_in(live.present, situation):
        return CameLate(*standing.named)
    draft = situation.drafts.get(head.key)
    refused = situation.refused.get(head.key)
    if draft is None and (own is not None or has_voted(situation)):
        return recorded(situation, standing)
    problems = tuple(standing.definition.problems_of(target.id) for target in standing.targets)
    return Filling(
        standing.frame,
        head,
        form,
        standing.targets,
        problems,
        draft or blank(form),
        own,
        refused.refusal if refused else None,
    )


def ended_face(situation: Situation, standing: Standing) -> Base | None:
    """Return the face of a round that takes no more ballots: its result, or what became of the own ballot."""
    live, head = standing.live, standing.head
    own = situation.ballots.get(head.key)
    refused = situation.refused.get(head.key)
    late = refused.answers if refused and came_to_nothing(situation, standing) else None
    voted = own is not None or has_voted(situation)
    recused = is_in(live.recused, situation)
    was_present = is_in(live.present, situation) and not recused
    if head.trial:
        return TrialOver(*standing.named, worked=voted) if was_present or voted else None
    typed = unsent_in(situation, standing, own)
    figures = next((one for one in standing.picture.published if (one.item, one.round) == head.key), None)
    counted = voted and late is None and typed is None
    announced = live.phase is Phase.ANNOUNCED
    # that something did not count is said first, and again beside the announced result
    if figures is not None and (announced or counted or figures.manual):
        missed = was_present and not voted and not figures.manual
        lost, elsewhere = late is not None, voted and own is None
        return Result(*standing.named, figures, own, missed, lost, typed, announced, elsewhere)
    if not counted and (was_present or voted or late is not None):
        return Closed(*standing.named, late, typed, voted, own)
    if recused:
        return Recused(*standing.named)
    return recorded(situation, standing) if voted else None


def unsent_in(situation: Situation, standing: Standing, own: OwnBallot | None) -> tuple[Entry, ...] | None:
    """Return what was filled in for the round and never sent; None if nothing."""
    draft = situation.drafts.get(standing.head.key)
    return unsent(draft, standing.form, own.answers if own else None) if draft else None


def recorded(situation: Situation, standing: Standing) -> Recorded:
    """Return the face of a ballot that is on the record."""
    live = standing.live
    is_open = live.phase in LIVE
    sealed_rounds = standing.picture.secret.rounds
    opening = next((one for one in sealed_rounds if (one.item, one.round) == standing.head.key), None)
    return Recorded(
        *standing.named,
        situation.ballots.get(standing.head.key),
        open=is_open,
        received=live.received,
        base=live.base,
        may_change=is_open and standing.form.item.rules.press is Press.LAST,
        form=standing.form,
        opening=opening,
        invalid=opening is not None and situation.person in opening.invalid,
    )
