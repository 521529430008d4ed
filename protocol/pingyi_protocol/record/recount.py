"""Count every round again from its ballots, apart from the tallies that the rules keep while they run.

Other code for the same rules: who was there, what was cast and what was signed are collected leaf by leaf; the figures
then come from whole lists (``recount_figures``, ``recount_groups``).
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from pingyi_protocol.meeting.commands import Answer
from pingyi_protocol.meeting.definition import Item, Press, ScoreRules, SelectionRules
from pingyi_protocol.meeting.events import Event, ResultEntered, RoundClosed
from pingyi_protocol.meeting.figures import RoundFigures, SelectionFigures
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.meeting.sealed import lines_in
from pingyi_protocol.record import RecordError
from pingyi_protocol.record.progress import Progress, silent
from pingyi_protocol.record.recount_composite import Sheet
from pingyi_protocol.record.recount_figures import Box, Paper, chosen, scored, selected
from pingyi_protocol.record.recount_groups import grouped
from pingyi_protocol.record.recount_hall import Announced, Composed, Hall, Key
from pingyi_protocol.record.recount_secret import SealedCast, misopened, papers_opened, sums_opened


class RecountError(RecordError):
    """The ballots give another result than the record says."""


class Recount:
    """Collects what happened, leaf by leaf; ``faults`` then counts."""

    def __init__(self) -> None:
        """Begin with an empty hall."""
        self.hall = Hall()

    def take(self, leaf: int, event: Event, *, held: bool) -> None:
        """Note an event; one that is not borne out (not ``held``) counts for nothing but what it claims is checked."""
        self.hall.claim(event)
        if held:
            self.hall.take(leaf, event)

    def faults(self, progress: Progress = silent) -> Iterator[RecountError]:
        """Yield what does not agree, round by round; ``progress`` is told of each round."""
        for key, close in self.hall.closed.items():
            yield from self.faults_of_close(key, close)
        # nearly all of the work is in the figures
        for done, (key, announced) in enumerate(self.hall.announced.items(), start=1):
            yield from self.faults_of_announcement(key, announced)
            progress(done, len(self.hall.announced))
        for composed in self.hall.composed:
            yield from self.faults_of_composite(composed)

    def faults_of_composite(self, composed: Composed) -> Iterator[RecountError]:
        """Compare announced composites, field by field."""
        ours = {line.target: line for line in self.sheet(composed).lines()}
        said = {line.target: line for line in composed.lines}
        if list(ours) != [line.target for line in composed.lines]:
            yield RecountError("recount.composite_targets")
        for target in ours.keys() & said.keys():
            for part, right, found in differences(ours[target], said[target]):
                yield RecountError("recount.composite", target=target, part=part, said=text(found), right=text(right))

    def sheet(self, composed: Composed) -> Sheet:
        """Return what composites were made from."""
        definition, committee = composed.definition, dict[str, Fraction | None]()
        for key in composed.results:
            item = self.hall.agenda.get(key[0])
            if item is not None and key in self.hall.standing:
                exact = {one.target: one.exact for one in scored(self.box(key, item))}
                committee |= {target: None if one is None else Fraction(one) for target, one in exact.items()}
        mine = {target for item in composed.agenda if isinstance(item.rules, ScoreRules) for target in item.targets}
        return Sheet(
            definition.components,
            definition.composite,
            tuple(target.id for target in definition.targets if target.id in mine),
            composed.evidence,
            {target: score for target, score in committee.items() if score is not None},
        )

    def faults_of_attendance(self, meeting: Meeting) -> Iterator[RecountError]:
        """Compare who is here, left, is excused, and what is withdrawn, with what the rules give at the end."""
        for part, right, said in (
            ("present", self.hall.here, set(meeting.present)),
            ("left", self.hall.left, dict(meeting.left.items())),
            ("excused", self.hall.excused, dict(meeting.excused.items())),
            ("withdrawn", self.hall.withdrawn, dict(meeting.withdrawn.items())),
        ):
            if right != said:
                yield RecountError("recount.attendance", part=part, said=listed(said), right=listed(right))

    def faults_of_close(self, key: Key, close: RoundClosed) -> Iterator[RecountError]:
        """Compare the numbers of a close."""
        counted = self.counted(key)
        yield from self.faults_of_numbers(key, close)
        for person in sorted(counted.keys() - self.hall.present.get(key, set())):
            yield RecountError("recount.absent", **name(key), person=person)
        for person in sorted(counted.keys() & self.hall.recused.get(key, set())):
            yield RecountError("recount.recused", **name(key), person=person)

    def faults_of_numbers(self, key: Key, said: RoundClosed | RoundFigures) -> Iterator[RecountError]:
        """Compare how many were present, cast a ballot that counts, and were recused."""
        present, received, recused = self.numbers(key)
        if (said.present, said.received, said.recused) != (present, received, recused):
            found = {"said_present": said.present, "said": said.received, "said_recused": said.recused}
            right = {"present": present, "received": received, "recused": recused}
            yield RecountError("recount.close", **name(key), **found, **right)

    def numbers(self, key: Key) -> tuple[int, int, int]:
        """Return how many were present for a round, have a ballot that counts, and were present and recused."""
        present = self.hall.present.get(key, set())
        entered = self.hall.entered.get(key)
        received = entered.received if entered else len(self.counted(key))
        return len(present), received, len(present & self.hall.recused.get(key, set()))

    def faults_of_announcement(self, key: Key, announced: Announced) -> Iterator[RecountError]:
        """Compare announced figures, and look who signed the count before."""
        item = self.hall.agenda.get(key[0])
        if item is None or key not in self.hall.standing or key not in {**self.hall.closed, **self.hall.entered}:
            yield RecountError("recount.not_closed", **name(key))
            return
        if announced.withdrawn:
            yield RecountError("recount.withdrawn", **name(key))
        yield from self.faults_of_signature(key, item, announced.confirmed)
        yield from self.faults_of_candidates(key, item)
        if key in self.hall.sealed and not self.opened(key):
            yield RecountError("recount.not_opened", **name(key))
            return
        yield from self.faults_of_totals(key, item)
        yield from self.faults_of_numbers(key, announced.figures)
        yield from self.faults_of_figures(key, item, announced.figures)

    def opened(self, key: Key) -> bool:
        """Whether a secret round was checked and opened."""
        one = self.hall.sealed[key]
        return one.wrong is not None and one.totals is not None

    def faults_of_totals(self, key: Key, item: Item) -> Iterator[RecountError]:
        """Add the ballots of a secret round up again, and try its totals."""
        one = self.hall.sealed.get(key)
        if one is None:
            return
        valid = list(self.valid(key).values())
        least = item.rules.least_ballots
        if len(valid) < least:
            yield RecountError("recount.too_few", **name(key), ballots=len(valid), least=least)
        for target in misopened(one, item, *self.hall.standing[key], valid):
            yield RecountError("recount.totals", **name(key), target=target)

    def valid(self, key: Key) -> dict[str, SealedCast]:
        """Return by member the ballot of a secret round that counts."""
        one, close = self.hall.sealed.get(key), self.hall.closed.get(key)
        return {} if one is None or close is None else one.valid(close.first, close.last)

    def invalid(self, key: Key) -> int:
        """Return how many ballots were received and are not valid."""
        entered = self.hall.entered.get(key)
        if entered is not None:
            return entered.invalid
        return len(self.counted(key)) - len(self.valid(key)) if key in self.hall.sealed else 0

    def faults_of_signature(self, key: Key, item: Item, confirmed: str) -> Iterator[RecountError]:
        """A result by hand needs a scrutineer's signature, an item that asks for it the chief one's."""
        chief = self.hall.chief
        if not confirmed and (item.rules.confirmed or key in self.hall.entered):
            yield RecountError("recount.unconfirmed", **name(key))
        elif item.rules.confirmed and chief and confirmed != chief:
            yield RecountError("recount.not_chief", **name(key), person=confirmed, chief=chief)

    def faults_of_candidates(self, key: Key, item: Item) -> Iterator[RecountError]:
        """Who stood: all, for all places; or those whom the round before left standing, for the places that it left."""
        stood = self.hall.standing[key]
        allowed: list[tuple[tuple[str, ...], int]] = [((), 0)]
        if isinstance(item.rules, SelectionRules):
            allowed = [(item.targets, item.rules.winners)]
            before = self.selection_before(key, item)
            if before is not None:
                stood_before = [one.target for one in before.candidates]
                some = stood_before != list(item.targets)
                rest = before.tied or tuple(one for one in stood_before if some and one not in before.winners)
                allowed += [(rest, before.places - len(before.winners))] if rest else []
        if stood not in allowed:
            candidates, places = stood
            yield RecountError("recount.candidates", **name(key), candidates=", ".join(candidates), places=places)

    def selection_before(self, key: Key, item: Item) -> SelectionFigures | None:
        """Return what the round before came to, those that are void left out."""
        earlier = [one for one in self.hall.standing if one[0] == key[0] and one[1] < key[1]]
        standing = [one for one in earlier if one not in self.hall.void]
        return selected(self.box(max(standing), item)) if standing and max(standing) in self.hall.announced else None

    def faults_of_figures(self, key: Key, item: Item, said: RoundFigures) -> Iterator[RecountError]:
        """Compare every figure."""
        box, entered = self.box(key, item), self.hall.entered.get(key)
        whole = item.title
        yield from differing(key, whole, "invalid", self.invalid(key), said.invalid)
        yield from differing(key, whole, "manual", entered.reason if entered else "", said.manual)
        yield from compared(key, item, tuple(scored(box)), said.targets, "target")
        yield from compared(key, item, tuple(chosen(box)), said.choices, "target")
        ours = selected(box)
        yield from compared(key, item, (ours,) if ours else (), (said.selection,) if said.selection else (), "")
        yield from compared(key, item, () if entered else tuple(grouped(box)), said.groups, "group")

    def box(self, key: Key, item: Item) -> Box:
        """Return what a closed round is counted from."""
        hall = self.hall
        entered = hall.entered.get(key)
        cast = {} if entered else self.counted(key)
        present, received, recused = self.numbers(key)
        left_out = hall.recused.get(key, set()) if hall.recused_leave else set()
        candidates, places = hall.standing[key]
        sealed = hall.sealed.get(key)
        lines = lines_in(item, candidates, places) if sealed else ()
        totals = (sealed.totals or ()) if sealed else ()
        papers = papers_opened(item, lines, totals, candidates) if sealed else list(cast.values())
        return Box(
            item=item,
            papers=papers_of(entered) if entered else papers,
            sums=sums_opened(item, lines, totals, len(self.valid(key))) if sealed else {},
            voters={
                person: group
                for person, group in hall.groups.items()
                if person in hall.present.get(key, set()) - hall.recused.get(key, set())
            },
            cast=cast,
            all_members=len(hall.groups) - len(left_out),
            present=len(hall.present.get(key, set()) - left_out),
            received=received,
            not_voted=present - received - recused,
            candidates=candidates,
            places=places,
            entered=entered is not None,
        )

    def counted(self, key: Key) -> dict[str, Paper]:
        """Return the answers that count by person: on the declared leaves, the first or the last of each."""
        close = self.hall.closed.get(key)
        item = self.hall.agenda.get(key[0])
        first_counts = item is not None and item.rules.press is Press.FIRST
        counted: dict[str, tuple[Answer, ...]] = {}
        for ballot in self.hall.ballots.get(key, ()):
            within = close is not None and close.first <= ballot.leaf <= close.last
            if within and not (first_counts and ballot.person in counted):
                counted[ballot.person] = ballot.answers
        return counted


def papers_of(entered: ResultEntered) -> list[Paper]:
    """Return one paper for each answer that was counted by hand."""
    return [paper for line in entered.counts for paper in [(line.answer,)] * line.count]


def differences(ours: msgspec.Struct, theirs: msgspec.Struct) -> Iterator[tuple[str, object, object]]:
    """Yield the name of each field in which they differ, and both values, ours first."""
    for field in msgspec.structs.fields(ours):
        mine, other = getattr(ours, field.name), getattr(theirs, field.name)
        if mine != other:
            yield field.name, mine, other


def compared(
    key: Key, item: Item, ours: Sequence[msgspec.Struct], theirs: Sequence[msgspec.Struct], label: str
) -> Iterator[RecountError]:
    """Compare parts of the figures one by one; the field ``label`` says what each is about, "" the whole item."""

    def about(part: msgspec.Struct) -> str:
        return (getattr(part, label) if label else "") or item.title

    if list(map(about, ours)) != list(map(about, theirs)):
        yield RecountError("recount.targets", **name(key))
        return
    for our, their in zip(ours, theirs, strict=True):
        for part, right, said in differences(our, their):
            yield from differing(key, about(our), part, right, said)


def differing(key: Key, target: str, part: str, right: object, said: object) -> Iterator[RecountError]:
    """Name a figure that is not what was announced."""
    if right != said:
        values = {"target": target, "part": part, "said": text(said), "right": text(right)}
        yield RecountError("recount.figure", **name(key), **values)


def name(key: Key) -> dict[str, object]:
    """Return the fields that name a round in a text."""
    return {"item": key[0], "round": key[1]}


def text(value: object) -> str:
    """Return a figure as a text names it."""
    if isinstance(value, str | Decimal | int):
        return str(value) or '""'
    return msgspec.json.encode(value).decode()


def listed(people: set[str] | dict[str, str]) -> str:
    """Return a list as a text names it: in order, with the reasons where there are any."""
    reasons = people if isinstance(people, dict) else {}
    return ", ".join(f"{person} ({reasons[person]})" if person in reasons else person for person in sorted(people))
