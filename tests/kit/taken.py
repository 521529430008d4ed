"""A command of every kind that was taken, to be put elsewhere: in the first state of a meeting that allows it."""

from copy import copy
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import msgspec
from hypothesis import find, settings
from hypothesis.errors import NoSuchExample

from kit.every_state import NEWCOMER, Scene, State, lawful, scene
from kit.factories import research, small_definition
from kit.playbook import CHAIR, Playbook, full_house, signing_key
from kit.secret_records import SECRET_BOOK
from pingyi_protocol.keys.signing import SigningKey
from pingyi_protocol.meeting.commands import (
    AnnounceComposite,
    Body,
    CastSecret,
    Command,
    Enrol,
    OpenPart,
    OverrideCosigning,
)
from pingyi_protocol.meeting.decide import decide
from pingyi_protocol.meeting.model import Meeting, Principal
from pingyi_protocol.meeting.refusal import Refusal
from pingyi_protocol.record.entry import Entry
from pingyi_protocol.record.replay import Replay
from pingyi_protocol.secret.messages import CommitToKey, ConfirmKey, DealShares, DisputeShare, RevealKey
from pingyi_protocol.wire.envelope import Envelope, seal

change = msgspec.structs.replace
SECRET_KINDS = (CommitToKey, RevealKey, DealShares, ConfirmKey, DisputeShare, CastSecret, OverrideCosigning, OpenPart)
QUICK = settings(max_examples=50, database=None, deadline=None)


@dataclass(frozen=True)
class Taken:
    """A command that was taken: the meeting before it, the ``entry`` that it made, and the script with it."""

    before: Meeting
    book: Playbook
    command: Command
    entry: Entry
    key: SigningKey

    @property
    def envelope(self) -> Envelope:
        """What its sender signed."""
        assert self.entry.envelope is not None
        return self.entry.envelope

    @property
    def principal(self) -> Principal:
        """Who sent it."""
        return Principal(self.command.person, self.command.role)

    def signed(self, **changes: Any) -> Envelope:
        """What its sender would have signed elsewhere."""
        return seal(msgspec.json.encode(change(self.command, **changes)), self.key)


@cache
def taken(kind: type[Body]) -> Taken:
    """A command of this kind, taken in the first state that allows it, or in a meeting with secret rounds."""
    if kind in SECRET_KINDS:
        return taken_in_secret(kind)
    for state in State:
        for about, window in (("motion", True), ("score", True), ("motion", False)):
            here = scene(about, state, window=window)
            try:
                principal, body = find(lawful(here, kind), partial(allowed, here), settings=QUICK)
            except NoSuchExample:
                continue
            book, key = here.replayed(), key_of(here, principal, body)
            command = book.command(principal, body)
            book.send(seal(msgspec.json.encode(command), key)).settled()
            return Taken(here.book.meeting, book, command, book.entries[-1], key)
    if kind is AnnounceComposite:
        return taken_composite()
    raise AssertionError(kind)


def taken_in_secret(kind: type[Body]) -> Taken:
    """The first command of this kind in the meeting with secret rounds."""
    index, command = next((at, one) for at, one in SECRET_BOOK.commands.items() if isinstance(one.body, kind))
    replay, book = Replay(), copy(SECRET_BOOK)
    for entry in SECRET_BOOK.entries[:index]:
        replay.take(entry)
    before, entry = replay.meeting, SECRET_BOOK.entries[index]
    replay.take(entry)
    book.meeting, book.entries = replay.meeting, SECRET_BOOK.entries[: index + 1]
    book.commands, book.keys = dict(book.commands), dict(book.keys)
    return Taken(before, book, command, entry, book.keys[Principal(command.person, command.role)])


def taken_composite() -> Taken:
    """The chair's announcement of composites, which no state of a single item allows."""
    book = full_house(small_definition(5)).clerk(research(*((target, "90") for target in ("T01", "T02", "T03"))))
    book.open("1").cast("M02", 80).close().announce().open("2").cast("M02", 70, 60).close().announce()
    before, command = book.meeting, book.command(CHAIR, AnnounceComposite())
    book.send(seal(msgspec.json.encode(command), book.keys[CHAIR])).settled()
    return Taken(before, book, command, book.entries[-1], book.keys[CHAIR])


def key_of(here: Scene, principal: Principal, body: Body) -> SigningKey:
    """The key of whoever says this."""
    return signing_key(NEWCOMER) if isinstance(body, Enrol) else here.book.keys[principal]


def allowed(here: Scene, said: tuple[Principal, Body]) -> bool:
    """Whether this can be said here."""
    principal, body = said
    command = Command(here.book.meeting.id, "f" * 32, *principal, "", body)
    return not isinstance(decide(here.book.meeting, command, here.book.at), Refusal)
