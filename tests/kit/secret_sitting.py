"""A meeting with secret rounds of several kinds beside an open one, and its twin in which all is open."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cache

import msgspec

from kit.every_kind import CRITERIA, MOTION, RATING, SELECTION, SHEET, ruled, scored
from kit.exports import Memory
from kit.playbook import signing_key
from kit.records import Record
from kit.secret_book import SecretBook, secret_hall, secretly
from kit.secret_records import record_of
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.commands import AnnounceComposite, Answer, Choice, ImportEvidence
from pingyi_protocol.meeting.components import Component, EvidenceLine, GivenScore
from pingyi_protocol.meeting.definition import CompositeRules, Definition, Item, Language, Opens, Option
from pingyi_protocol.record.entry import encode_entry
from pingyi_server.exports.source import Source
from pingyi_server.exports.view import Reader

change = msgspec.structs.replace

KEY = public_text(signing_key("log"))
PEOPLE = tuple(f"M{place:02}" for place in range(1, 8))
"""The last of them votes on nothing, and M06 seals what is not valid in the first round."""

COMPONENTS = (
    Component("C1", "电子表决测评", Decimal("62.5"), committee=True),
    Component("C2", "整改成效调研", Decimal("37.5")),
)
STEP = change(ruled(SHEET, step=Decimal(10), bands=()), title="再评议两局", targets=("T03", "T04"))
ITEMS: tuple[Item, ...] = (CRITERIA, STEP, SELECTION, MOTION, RATING)
OPENLY = ("rating",)
"""Of both meetings open."""

GIVEN: dict[str, Sequence[tuple[int | None, ...]]] = {
    "criteria": ((91, 82, 77), (63, 70, 88), (55, 99, None), (100, 81, 66), (78, 64, 93)),
    "sheet": ((90, 80), (70, None), (100, 60), (90, 90), (80, 50)),
}
CHOSEN: dict[str, Sequence[tuple[Choice, ...]]] = {
    "selection": [
        tuple(Choice(target, Option.CHOSEN) for target in chosen) or (Choice("", Option.ABSTAIN),)
        for chosen in (("T01", "T02"), ("T01",), (), ("T01", "T03"), ("T02",))
    ],
    "motion": [(Choice("", Option(option)),) for option in ("for", "for", "against", "abstain", "for")],
    "rating": [
        (Choice("T01", Option(one)), Choice("T02", Option(other)))
        for one, other in (("satisfied", "not_satisfied"), ("satisfied", "satisfied"), ("not_satisfied", "abstain"))
    ],
}


def answers(item: str, place: int) -> tuple[Answer, ...]:
    """Return what a member answers, by place."""
    if item == "criteria":
        first, second, whole = GIVEN[item][place]
        return scored("T01", first, "p1"), scored("T01", second, "p2"), scored("T02", whole)
    if item == "sheet":
        return tuple(scored(target, score) for target, score in zip(("T03", "T04"), GIVEN[item][place], strict=True))
    return CHOSEN[item][place]


def definition(*, secret: bool) -> Definition:
    """Return the meeting, with secret items or without."""
    opens = {"sheet": Opens.DISTRIBUTION}
    items = (
        item if item.id in OPENLY or not secret else secretly(item, opens.get(item.id, Opens.SUM)) for item in ITEMS
    )
    small = secret_hall(*items, members=len(PEOPLE))
    return change(small, components=COMPONENTS, composite=CompositeRules())


def told(book: SecretBook, *, secret: bool) -> SecretBook:
    """Let every item be voted on and announced, then the composites; the chair closes the meeting."""
    book.check_in(*PEOPLE)
    if secret:
        book.make_key()
    lines = tuple(EvidenceLine(f"T{place:02}", GivenScore(Decimal(90 + place))) for place in range(1, 5))
    book.clerk(ImportEvidence("C2", "", "调研.xlsx", "5e" * 32, lines))
    for item in ITEMS:
        sealed = secret and item.id not in OPENLY
        book.open(item.id)
        places = len(GIVEN.get(item.id) or CHOSEN[item.id])
        for place, person in enumerate(PEOPLE[:places]):
            (book.seal if sealed else book.answer)(person, *answers(item.id, place))
        if sealed and item is ITEMS[0]:
            book.member("M06", book.sealed("M01", *answers(item.id, 0)))
        book.close()
        if sealed and item.id == "sheet":
            book.check().override("M03").begin_overridden().opens("M02", "M04")
        elif sealed:
            book.unseal()
        book.announce()
    return book.chair(AnnounceComposite()).close_meeting()


@cache
def record(*, secret: bool) -> Record:
    """Return the record of the meeting."""
    book = told(SecretBook(definition(secret=secret)), secret=secret)
    return record_of([encode_entry(entry) for entry in book.entries])


class Finished:
    """A record that is read as a scribe's is."""

    cosigned: tuple[tuple[int, str, str], ...] = ()

    def __init__(self, found: Record) -> None:
        self.found = found

    def finish(self) -> Record:
        """Return the record."""
        return self.found


def read(found: Record, language: Language = Language.ENGLISH) -> Source:
    """Return what the files of a record are made from."""
    reader = Reader(Memory(Finished(found)), KEY)
    assert list(reader.leaves())
    return Source(reader.view(), language)
