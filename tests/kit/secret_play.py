"""A meeting with secret rounds that a test drives by hand, as the screens of chair, hall and clerk see it."""

from collections.abc import Iterable
from typing import Self

from kit.chairs import Play
from kit.every_kind import MOTION, SCORE, scored
from kit.secret_book import OPENERS, SecretBook, secret_hall, secretly
from pingyi_protocol.meeting.commands import Answer
from pingyi_protocol.meeting.definition import Definition, Item, Opens, Role
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.wire.picture import Backstage
from pingyi_server.gateway.publisher import Projector

PEOPLE = tuple(f"M{place:02}" for place in range(1, 7))
SUM, SPREAD, RESOLVED = secretly(SCORE), secretly(SCORE, Opens.DISTRIBUTION), secretly(MOTION)
GIVEN = (90, 80, 85, 100, None)


class SecretPlay(Play):
    """A play over a ``book``; ``answering`` are the scrutineers whose terminals answer."""

    def __init__(self, book: SecretBook, answering: Iterable[str] = OPENERS) -> None:
        self.book = book
        self.answering = tuple(answering)
        self.projector = Projector("epoch")
        self.silent = set()
        self.recess = False

    @property
    def meeting(self) -> Meeting:  # type: ignore[override] # the book's, which no play sets
        """The meeting as the book has it."""
        return self.book.meeting

    @property
    def definition(self) -> Definition:
        """Its definition."""
        assert self.book.meeting.definition is not None
        return self.book.meeting.definition

    @property
    def backstage(self) -> Backstage:
        """What chair and clerk see, and which scrutineers answer."""
        self.projector.know(self.definition)
        here = set(self.meeting.present) - self.silent
        return self.projector.backstage(self.meeting, here, (), self.answering)

    def sealed(self, *answers: Answer | None) -> Self:
        """The newest round is open, and the members cast these in their order."""
        for person, answer in zip(PEOPLE, answers, strict=False):
            if answer is not None:
                self.book.seal(person, answer)
        return self


def gathered(*items: Item, keyed: bool = True) -> SecretPlay:
    """Six members are there, three of them scrutineers at their terminals, who have made a key unless told."""
    book = SecretBook(secret_hall(*items)).check_in(*PEOPLE)
    if keyed:
        book.make_key()
    else:
        for person in OPENERS:
            book.enrol(person, Role.SCRUTINEER)
    return SecretPlay(book)


def scoring(item: Item = SUM, *more: Item) -> SecretPlay:
    """Five of six have scored secretly, and the round is still open."""
    play = gathered(item, *more)
    play.book.open(item.id)
    return play.sealed(*(scored("T01", value) for value in GIVEN))
