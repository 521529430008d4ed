"""What terminals are shown: the picture projected from the state, and what only chair and clerk see."""

from collections.abc import Collection, Iterable

import msgspec
from rpds import HashTrieMap

from pingyi_protocol.meeting.appraisal import composite_of
from pingyi_protocol.meeting.confirmation import to_be_signed
from pingyi_protocol.meeting.counting import counted, round_figures
from pingyi_protocol.meeting.definition import TRIAL, Audience, Definition, Display
from pingyi_protocol.meeting.devices import waiting_codes
from pingyi_protocol.meeting.figures import CompositeLine, RoundFigures
from pingyi_protocol.meeting.key_ceremony import next_ceremony
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.model import Meeting, Round
from pingyi_protocol.meeting.voiding import to_be_countersigned
from pingyi_protocol.wire.picture import Backstage, Head, ItemStatus, LiveRound, Picture, digest, to_bitmap
from pingyi_server.gateway.secret_rounds import secret_of

MOST_BITMAPS = 64
"""Bitmaps that are remembered, each with the map that it was made of."""


class Projector:
    """Makes pictures of one meeting's successive states; remembers what only changes with the definition."""

    def __init__(self, epoch: str) -> None:
        """Name this run of the publisher."""
        self.epoch = epoch
        self.definition: Definition | None = None
        self.digest = ""
        self.definition_frame = msgspec.Raw(b"null")
        self.places: dict[str, int] = {}
        self.bitmaps: dict[int, tuple[object, str]] = {}
        self.counted: dict[tuple[str, int], tuple[Round, RoundFigures]] = {}
        self.made_of: tuple[object, ...] = ()
        self.composite: tuple[CompositeLine, ...] = ()

    def picture(self, meeting: Meeting, fingerprint: str, clock: int, sequence: int) -> Picture:
        """Return what every enrolled terminal may see of ``meeting`` at ``clock``."""
        self.know(meeting.definition)
        live, until = meeting.latest, meeting.check_in_until
        return Picture(
            epoch=self.epoch,
            sequence=sequence,
            clock=clock,
            definition=self.digest,
            head=Head(meeting.size, fingerprint),
            present=self.bitmap(meeting.present),
            seats=dict(meeting.seats.items()),
            items=tuple(self.status(meeting, item.id) for item in meeting.agenda),
            live=None if live is None else self.live_round(meeting, live, clock),
            published=tuple(self.published(meeting, one) for one in meeting.rounds if is_public(meeting, one)),
            left=self.bitmap(meeting.left),
            excused=self.bitmap(meeting.excused),
            check_in=None if until is None or until <= clock else until - clock,
            check_in_over=until is not None and until <= clock,
            closed=meeting.closed is not None,
            composite=meeting.composite,
            secret=secret_of(meeting),
        )

    def backstage(
        self,
        meeting: Meeting,
        connected: Iterable[str],
        calling: Iterable[str] = (),
        answering: Iterable[str] = (),
    ) -> Backstage:
        """Return what chair and clerk see besides.

        ``connected`` are the members whose terminals answer, ``answering`` the scrutineers, ``calling`` those who call
        the clerk.
        """
        live = meeting.latest
        standing = live is not None and live.phase is not Phase.VOID and not is_public(meeting, live)
        # whoever countersigns a result that was entered by hand has to see it
        watching = live is not None and (audience(meeting, live) is not Audience.NOBODY or live.manual is not None)
        running = round_figures(meeting, live) if live is not None and standing and watching else None
        # one that was left unsigned waits on while another item is open
        unsigned = (one for one in meeting.rounds if one.phase is Phase.CLOSED and meeting.awaits_confirmation(one))
        countable = (one for one in unsigned if one.sealing is None or one.sealing.checked)
        waiting = next((one for one in countable if meeting.round_of(one.item) is one), None)
        return Backstage(
            self.bitmap(connected),
            running,
            confirming=to_be_signed(waiting) if waiting is not None else None,
            voiding=to_be_countersigned(meeting),
            codes=waiting_codes(meeting),
            calling=self.bitmap(calling),
            composite=self.composed(meeting),
            ceremony=next_ceremony(meeting),
            answering=self.bitmap(answering),
        )

    def composed(self, meeting: Meeting) -> tuple[CompositeLine, ...]:
        """Return the composites as they stand, worked out again only when what they are made of has changed."""
        results = [one for one in meeting.rounds if one.phase is Phase.ANNOUNCED]
        made_of = (meeting.definition, meeting.evidence, meeting.withdrawn, *results)
        if len(made_of) != len(self.made_of) or any(
            one is not other for one, other in zip(made_of, self.made_of, strict=True)
        ):
            self.made_of, self.composite = made_of, composite_of(meeting)
        return self.composite

    def live_round(self, meeting: Meeting, one: Round, clock: int) -> LiveRound:
        """Return the newest round as everybody may see it."""
        running = one.live and audience(meeting, one) is Audience.ALL
        return LiveRound(
            item=one.item,
            round=one.number,
            phase=one.phase,
            # a deadline does not change: the picture holds the time left at the moment when it changed last
            remaining=one.remaining_at(clock),
            present=self.bitmap(one.present),
            voted=self.bitmap(one.ballots),
            received=one.received,
            recused=self.bitmap(one.recused),
            base=counted(meeting, one).present,
            running=round_figures(meeting, one) if running else None,
            candidates=one.candidates,
            places=one.places,
            unconfirmed=one.phase is Phase.CLOSED and meeting.awaits_confirmation(one),
            manual=one.manual.reason if one.manual else "",
            key=one.sealing.key if one.sealing is not None else None,
        )

    def published(self, meeting: Meeting, one: Round) -> RoundFigures:
        """Return the figures of a public round, counted once: those of its groups take every ballot again."""
        counted = self.counted.get((one.item, one.number))
        if counted is None or counted[0] is not one:
            counted = self.counted[one.item, one.number] = one, round_figures(meeting, one)
        return counted[1]

    def status(self, meeting: Meeting, item: str) -> ItemStatus:
        """Return where an item stands."""
        one, recused = meeting.round_of(item), self.bitmap(meeting.recused_from(item))
        if item in meeting.withdrawn:
            return ItemStatus(item, Phase.WITHDRAWN, one.number if one else 0, meeting.withdrawn[item], recused)
        if one is None:
            return ItemStatus(item, Phase.PENDING, 0, recused=recused)
        return ItemStatus(item, one.phase, one.number, one.reason, recused)

    def know(self, definition: Definition | None) -> None:
        """Digest the definition and number the roster, once for each definition."""
        if definition is None or definition is self.definition:
            return
        self.definition = definition
        self.counted.clear()
        self.digest = digest(definition)
        self.definition_frame = msgspec.Raw(msgspec.json.encode(definition))
        self.bitmaps.clear()
        self.places = {person.number: place for place, person in enumerate(definition.roster)}

    def bitmap(self, people: Iterable[str]) -> str:
        """Return these people as a bitmap over the roster; for a map that never changes it is made once."""
        if not isinstance(people, HashTrieMap):
            return self.drawn(people)
        known = self.bitmaps.get(id(people))
        if known is None or known[0] is not people:
            if len(self.bitmaps) >= MOST_BITMAPS:
                self.bitmaps.clear()
            known = self.bitmaps[id(people)] = people, self.drawn(people)
        return known[1]

    def drawn(self, people: Iterable[str]) -> str:
        """Return a new bitmap of these people."""
        places = self.places
        return to_bitmap([places[person] for person in people if person in places])


def at_clock(picture: Picture, clock: int) -> Picture:
    """Return the same picture with what is left of a running countdown at ``clock``."""
    live = picture.live
    if live is not None and live.remaining is not None and live.phase is Phase.OPEN:
        left = max(0, live.remaining - (clock - picture.clock))
        live = msgspec.structs.replace(live, remaining=left)
    check_in, over = picture.check_in, picture.check_in_over
    if check_in is not None:
        check_in = max(0, check_in - (clock - picture.clock)) or None
        over = check_in is None
    return msgspec.structs.replace(picture, clock=clock, live=live, check_in=check_in, check_in_over=over)


def adds_ballots(earlier: Picture, later: Picture) -> bool:
    """Whether nothing but ballots has come between two pictures."""
    before, after = earlier.live, later.live
    if before is None or after is None:
        return False
    counted = msgspec.structs.replace(
        before, voted=after.voted, received=after.received, remaining=after.remaining, running=after.running
    )
    known = msgspec.structs.replace(earlier, sequence=later.sequence, clock=later.clock, head=later.head, live=counted)
    return known == msgspec.structs.replace(later, check_in=earlier.check_in)


def audience(meeting: Meeting, one: Round) -> Audience:
    """Return who sees the running figures of this round."""
    return meeting.items[one.item].rules.running


def is_public(meeting: Meeting, one: Round) -> bool:
    """Whether the figures of a round are for the hall: announced, or closed where the item shows them then.

    Those that a scrutineer has still to sign are not, nor those of a secret round before it is opened, and a trial
    vote's are until the next round is opened.
    """
    if one.item == TRIAL.id and one is not meeting.latest:
        return False
    early: Collection[Display] = (Display.LIVE, Display.ON_CLOSE)
    shown_at_close = meeting.items[one.item].rules.display in early
    return one.phase is Phase.ANNOUNCED or (
        one.phase is Phase.CLOSED and shown_at_close and not one.sealed and not meeting.awaits_confirmation(one)
    )
