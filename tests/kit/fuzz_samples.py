"""A small meeting whose files and messages are made bad, and what every reader owes: a typed error in words."""

import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from kit.factories import small_definition
from kit.fuzzing import changed_bytes, changed_json, hostile_texts
from kit.hostile_texts import hidden_in
from kit.records import LOG, MEETING, ORIGIN, Record, Scribe, ballot, fixed_transport
from pingyi_protocol.keys.profile import ProfileFacts
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.meeting.attendance import check_in_is_open
from pingyi_protocol.meeting.commands import AnnounceRound, CheckIn, CloseMeeting, CloseRound, OpenCheckIn, OpenRound
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.wire.messages import (
    Receipt,
)
from pingyi_protocol.wording import WordedError


def worded(fault: WordedError) -> None:
    """An error says what is wrong in both languages, and nothing in it commands a terminal."""
    for language in Language:
        assert not hidden_in(fault.words(language))


@cache
def scribe() -> Scribe:
    """A small meeting with everything that a record must have."""
    book = Scribe(small_definition(3))
    chair = book.enrol("M01", Role.CHAIR)
    seats = [book.enrol(f"M{place:02}") for place in (1, 2)]
    if not check_in_is_open(book.meeting, book.at):
        book.do(chair, OpenCheckIn())
    for seat in seats:
        book.do(seat, CheckIn())
    book.witness(*seats)
    book.do(chair, OpenRound("1"))
    book.do(seats[1], ballot("1", 1, 92))
    book.do(chair, CloseRound("1", 1))
    book.do(chair, AnnounceRound("1", 1))
    book.do(chair, CloseMeeting())
    book.witness(*seats)
    return book


@cache
def record() -> Record:
    """Its record."""
    return scribe().finish()


@cache
def archive() -> bytes:
    """Its archive."""
    with tempfile.TemporaryDirectory() as folder:
        return record().write(Path(folder) / "record.zip").read_bytes()


@cache
def ballot_receipt() -> Receipt:
    """The receipt of its ballot."""
    index = next(place for place, leaf in enumerate(record().leaves) if b"ballot-cast" in leaf)
    return record().receipt(index)


def frames(samples: Iterable[bytes]) -> st.SearchStrategy[bytes]:
    """Bad frames."""
    known = list(samples)
    return st.one_of(changed_json(known), changed_bytes(known), st.binary(max_size=200))


def facts_of() -> ProfileFacts:
    """The profile of a terminal in the small meeting."""
    return ProfileFacts(
        meeting=MEETING,
        meeting_name="示例",
        addresses=("127.0.0.1",),
        port=7610,
        server_key=fixed_transport("server"),
        log_key=public_text(LOG),
        origin=ORIGIN,
        person="M02",
        role=Role.MEMBER,
    )


def texts(samples: Callable[[], Iterable[bytes]]) -> st.SearchStrategy[str]:
    """Bad texts."""
    changed = st.deferred(lambda: changed_bytes(list(samples()))).map(lambda one: one.decode(errors="replace"))
    return st.one_of(changed, hostile_texts, st.text(max_size=200))


def later(make: Callable[[], st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Inputs whose samples are made when they are first needed."""
    return st.deferred(make)


def bad(samples: Callable[[], Iterable[bytes]]) -> st.SearchStrategy[bytes]:
    """Bad JSON."""
    return later(lambda: frames(samples()))
