"""What the books say is lawful, so that a rule that refuses too much is found out, and what they say of groups."""

import statistics
from collections import Counter
from fractions import Fraction

from kit.tellers import Book, Key, Tellers, whole_scores
from pingyi_protocol.meeting.commands import (
    AddItem,
    AnnounceRound,
    Answer,
    Body,
    Cast,
    CheckIn,
    CheckInByHand,
    CheckOut,
    Choice,
    CloseMeeting,
    CloseRound,
    ConfirmRound,
    CountersignVoid,
    Excuse,
    LiftRecusal,
    OpenRound,
    Recuse,
    ReorderAgenda,
    Score,
    TakeBackVoid,
    VoidRound,
    WithdrawItem,
)
from pingyi_protocol.meeting.definition import (
    TRIAL,
    Definition,
    Item,
    MotionRules,
    Option,
    Press,
    RatingRules,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.events import (
    CheckInClosed,
    CheckInOpened,
    DefinitionLoaded,
    ItemAdded,
    MeetingClosed,
    RoundOpened,
)
from pingyi_protocol.meeting.figures import GroupFigures, RoundFigures, TargetFigures
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.record.entry import Entry


class Ushers:
    """Who may do what, by the tellers' books and the clock; ``welcome`` is true only if nothing speaks against it."""

    def __init__(self, tellers: Tellers) -> None:
        self.tellers = tellers
        self.definition: Definition
        self.items: dict[str, Item] = {}
        self.window: int | None = None
        self.opened: dict[Key, int] = {}
        self.over = False

    def take(self, entry: Entry) -> None:
        """Enter one event."""
        match entry.event:
            case DefinitionLoaded(definition):
                self.definition = definition
                self.items = {item.id: item for item in (*definition.agenda, TRIAL)}
            case ItemAdded(item):
                self.items[item.id] = item
            case CheckInOpened(seconds):
                self.window = entry.at + 1000 * seconds
            case CheckInClosed():
                self.window = None
            case RoundOpened(item_id, number):
                self.opened[item_id, number] = entry.at
            case MeetingClosed():
                self.over = True
            case _:
                pass

    def welcome(self, principal: Principal, body: Body, at: int) -> bool:
        """Whether this must be accepted at this moment."""
        if self.over:
            return False
        reason = getattr(body, "reason", "-")
        if not (reason.strip() and reason.isprintable()):
            return False
        return self.in_hall(principal, body, at) or self.on_agenda(body) or self.in_round(principal, body, at)

    def in_hall(self, principal: Principal, body: Body, at: int) -> bool:  # noqa: PLR0911 - one answer for each command
        """Who comes and goes."""
        books = self.tellers
        members = {person.number for person in self.definition.entitled}
        match body:
            case CheckIn():
                always = self.definition.meeting.check_in_minutes is None
                return principal.person not in books.present and (always or at < (self.window or 0))
            case CheckInByHand(person):
                return person in members - books.present
            case CheckOut(person):
                return person in books.present
            case Excuse(person):
                return person in members - books.present - set(books.left) - set(books.excused)
            case Recuse(person, item):
                return person in members and item in books.agenda and person not in books.recused.get(item, ())
            case LiftRecusal(person, item):
                return person in books.recused.get(item, ())
            case CloseMeeting():
                return self.live is None and not any(book.voiding for book in self.tellers.books.values())
            case _:
                return False

    def on_agenda(self, body: Body) -> bool:
        """What stands on it: the one item that is added here is sound, if its id is new."""
        agenda, opened = self.tellers.agenda, {item for item, _ in self.tellers.books}
        match body:
            case AddItem(item):
                return item.id == "extra" and item.id not in agenda
            case ReorderAgenda(order):
                kept = [item for item in order if item in opened] == [item for item in agenda if item in opened]
                return Counter(order) == Counter(agenda) and kept
            case WithdrawItem(item):
                voided = all(book.void for (which, _), book in self.tellers.books.items() if which == item)
                return item in agenda and item not in self.tellers.withdrawn and voided
            case _:
                return False

    @property
    def live(self) -> Key | None:
        """The round that is open."""
        return next((key for key, book in self.tellers.books.items() if book.open), None)

    def in_round(self, principal: Principal, body: Body, at: int) -> bool:  # noqa: PLR0911 - one for each command
        """What is done with the latest round of an item, or with its next one."""
        if isinstance(body, OpenRound):
            return self.may_open(body)
        if isinstance(body, VoidRound | CountersignVoid | TakeBackVoid):
            return self.may_void(body)
        if not isinstance(body, Cast | CloseRound | AnnounceRound | ConfirmRound):
            return False
        key = (body.item, body.round)
        if body.round < 1 or body.round != self.following(body.item) - 1:
            return False
        book, rules = self.tellers.books[key], self.items[body.item].rules
        ended = book.closed is not None and not book.void and book.announced is None and body.item != TRIAL.id
        match body:
            case Cast():
                return book.open and self.may_cast(principal.person, body, book, at)
            case CloseRound():
                return book.open
            case AnnounceRound():
                return ended and not book.voiding and (bool(book.signed) or not (rules.confirmed or book.manual))
            case ConfirmRound():
                chief = {person.number for person in self.definition.roster if person.chief}
                signer = not rules.confirmed or not chief or principal.person in chief
                return ended and not book.signed and signer and counted(body, book)

    def following(self, item: str) -> int:
        """The number of an item's next round."""
        return 1 + sum(which == item for which, _ in self.tellers.books)

    def may_open(self, body: OpenRound) -> bool:
        """One at a time, with enough members there, what is not withdrawn; the trial before anything was opened."""
        quorum, books = self.definition.meeting.quorum, self.tellers.books
        share = Fraction(quorum.numerator, quorum.denominator) * self.tellers.due
        there = len(self.tellers.present)
        if self.live or body.round != self.following(body.item):
            return False
        if body.item == TRIAL.id:
            return not body.among and all(item == TRIAL.id for item, _ in books)
        if body.item not in self.tellers.agenda or body.item in self.tellers.withdrawn:
            return False
        if any(book.voiding for (item, _), book in books.items() if item == body.item):
            return False
        counting = [book for (item, _), book in books.items() if item == body.item and not book.void]
        result = counting[-1].announced if counting else None
        tied = result.selection.tied if result and result.selection else ()
        return (there > share or (there == share and not quorum.strict)) and body.among in ((), tied)

    def may_void(self, body: VoidRound | CountersignVoid | TakeBackVoid) -> bool:
        """Whether the latest round may be declared void, or what was declared be signed or taken back."""
        book = self.tellers.books.get((body.item, body.round))
        if book is None or book.void or body.round != self.following(body.item) - 1:
            return False
        match body:
            case VoidRound():
                return True
            case CountersignVoid():
                return book.voiding == body.reason
            case TakeBackVoid():
                return book.voiding != ""

    def may_cast(self, person: str, body: Cast, book: Book, at: int) -> bool:
        """Who is there, not recused, in time; and casts a ballot that fits, the first one where only that counts."""
        item = self.items[body.item]
        limit = item.rules.seconds
        timely = limit is None or not item.rules.timer_closes or at < self.opened[body.item, body.round] + 1000 * limit
        again = item.rules.press is Press.FIRST and person in book.ballots
        there = person in self.tellers.present & book.present - book.recused
        return timely and there and not again and fits(item, book, body.answers)


def counted(body: ConfirmRound, book: Book) -> bool:
    """Whether this is the count in the book."""
    by_hand = (book.manual.invalid, book.manual.counts) if book.manual else (0, ())
    stands = (len(book.present), book.received, len(book.present & book.recused), *by_hand)
    return (body.present, body.received, body.recused, body.invalid, body.counts) == stands


def fits(item: Item, book: Book, answers: tuple[Answer, ...]) -> bool:  # noqa: PLR0911 - one answer for each kind
    """Whether these answers are a ballot on this item: whole, in order, with whole points; all or nothing abstained."""
    match item.rules:
        case SelectionRules(most=most, least=least):
            if answers == (Choice("", Option.ABSTAIN),):
                return True
            chosen = [one.target for one in answers if isinstance(one, Choice) and one.option is Option.CHOSEN]
            in_order = chosen == [who for who in book.candidates if who in chosen]
            among_tied = book.candidates != item.targets
            most = min(most, book.places) if among_tied else most
            return len(chosen) == len(answers) and in_order and min(least, most) <= len(chosen) <= most
        case MotionRules():
            return len(answers) == 1 and answered(answers[0], "", (Option.FOR, Option.AGAINST, Option.ABSTAIN))
        case RatingRules():
            return [one.target for one in answers] == [*item.targets] and all(
                isinstance(one, Choice) and one.option not in (Option.FOR, Option.AGAINST, Option.CHOSEN)
                for one in answers
            )
        case ScoreRules(question=question):
            left = list(answers)
            for target in item.targets:
                under = [criterion.id for criterion in item.criteria_of(target)] or [""]
                scores, left = left[: len(under)], left[len(under) :]
                if not scored(target, under, scores):
                    return False
                if question is not None:
                    asked, left = left[:1], left[1:]
                    if not asked or not answered(asked[0], target, (Option.FOR, Option.AGAINST, Option.ABSTAIN)):
                        return False
            return not left


def answered(answer: Answer, target: str, options: tuple[Option, ...]) -> bool:
    """Whether this is one of the options, about this target."""
    return isinstance(answer, Choice) and answer.target == target and answer.option in options


def scored(target: str, under: list[str], answers: list[Answer]) -> bool:
    """Whether these are whole points from 0 to 100 under each criterion, or abstentions from all of them."""
    given = [one for one in answers if isinstance(one, Score) and one.target == target]
    if len(given) < len(answers) or [one.criterion for one in given] != under:
        return False
    points = [one.score for one in given if one.score is not None]
    return len(points) in (0, len(given)) and all(str(score) in map(str, range(101)) for score in points)


# what the books say of trimmed means and of review groups


def count_trimmed(item: Item, book: Book, figures: TargetFigures) -> None:
    """The mean without the ends, of the scores in rising order."""
    assert isinstance(item.rules, ScoreRules)
    cut = item.rules.dropped
    rising = sorted(score for score in whole_scores(item, book, figures.target) if score is not None)
    left = rising[cut : len(rising) - cut]
    assert (figures.trimmed_mean is None) == (not cut or len(rising) < item.rules.least_scores or not left)
    if figures.trimmed_mean is not None:
        assert abs(Fraction(figures.trimmed_mean) - statistics.mean(left)) <= Fraction(1, 200)


def count_groups(definition: Definition, item: Item, book: Book, figures: RoundFigures) -> None:
    """Each group's own ballots; what is shown, or can be had by taking what is shown away, has enough answers."""
    group_of = {person.number: person.group for person in definition.entitled}
    for group in figures.groups:
        own = {who: ballot for who, ballot in book.ballots.items() if group_of[who] == group.group}
        assert group.received == len(own)
        assert group.present == sum(group_of[who] == group.group for who in book.present - book.recused)
        count_group(item, own, group)
    for place, chosen in enumerate(figures.choices):
        answers = [answer for ballot in book.ballots.values() for answer in ballot if isinstance(answer, Choice)]
        everything = sum(answer.target == chosen.target for answer in answers)
        shown = [group.choices[place].counts for group in figures.groups]
        hidden = everything - sum(line.count for counts in shown if counts is not None for line in counts)
        assert not figures.groups or hidden == 0 or hidden >= (item.rules.least_group or 0) or set(shown) <= {None}


def count_group(item: Item, own: dict[str, tuple[Answer, ...]], group: GroupFigures) -> None:
    """One group: its choices, and its scores, or nothing where they are too few."""
    least = item.rules.least_group or 0
    selected = isinstance(item.rules, SelectionRules)
    every = [answer for ballot in own.values() for answer in ballot]
    for line in group.choices:
        votes = Counter(
            one.option
            for one in every
            if isinstance(one, Choice) and (one.target == line.target or (selected and one.option is Option.ABSTAIN))
        )
        many = len(own) if selected else votes.total()
        assert line.counts is None or many >= least
        assert line.counts is None or {one.option: one.count for one in line.counts if one.count} == dict(votes)
    for target in group.targets:
        scores = [one for one in whole_scores(item, Book(set(), set(), (), 0, own), target.target) if one is not None]
        assert target.scores is None or (target.scores, Fraction(target.total or 0)) == (len(scores), sum(scores))
        assert target.scores is None or len(scores) >= least
