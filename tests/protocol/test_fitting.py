"""A server that shows what does not fit together: the seat keeps what it has, asks again, and shouts where it must."""

from pathlib import Path

import msgspec
import pytest

from kit.factories import small_definition
from kit.hall import Terminal, free_port, open_hall
from kit.playbook import full_house
from pingyi_protocol.client import enrolment
from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.devices import speakers
from pingyi_protocol.wire.fitting import check_backstage, check_office, check_picture
from pingyi_protocol.wire.messages import BackstagePush, Hello, IdentityRequest, Request, Welcome, WireError
from pingyi_protocol.wire.office import Office
from pingyi_protocol.wire.picture import Backstage, difference, to_bitmap, updated
from pingyi_server.gateway.publisher import Projector

DEFINITION = small_definition(members=5)
BOOK = full_house(DEFINITION).open("1").cast("M02", 90)
FIGURES = round_figures(BOOK.meeting, BOOK.meeting.rounds[0])
PICTURE = Projector("epoch").picture(BOOK.meeting, "", 1000, 5)
change = msgspec.structs.replace
assert PICTURE.live is not None
LIVE = PICTURE.live

MISFITS = [
    change(PICTURE, present="A"),
    change(PICTURE, present="é"),
    change(PICTURE, present="////"),
    change(PICTURE, items=()),
    change(PICTURE, items=PICTURE.items[::-1]),
    change(PICTURE, seats={"M99": "1-1"}),
    change(PICTURE, live=change(LIVE, item="none")),
    change(PICTURE, live=change(LIVE, voted="A")),
    change(PICTURE, live=change(LIVE, present="////")),
    change(PICTURE, live=change(LIVE, remaining=-1)),
    change(PICTURE, live=change(LIVE, round=0)),
    change(PICTURE, live=change(LIVE, running=change(FIGURES, item="none"))),
    change(PICTURE, published=(change(FIGURES, targets=()),)),
]


def test_what_the_server_makes_fits() -> None:
    check_picture(PICTURE, DEFINITION)
    check_picture(change(PICTURE, published=(FIGURES,), live=change(LIVE, running=FIGURES)), DEFINITION)
    check_backstage(Projector("epoch").backstage(BOOK.meeting, ["M01"]), DEFINITION)


async def a_session(folder: Path) -> tuple[Session, Terminal, list[Request]]:
    """A session that is not connected, and what it would send."""
    async with open_hall(folder, small_definition(members=5, port=free_port())) as hall:
        admitted = await hall.admit("M01", Role.CHAIR)
    terminal, asked = Terminal(admitted.facts, admitted.keys), list[Request]()

    def send(request: Request, number: str = "") -> bool:
        assert not number
        asked.append(request)
        return True

    terminal.session.send = send  # type: ignore[method-assign]  # there are no sockets
    return terminal.session, terminal, asked


async def test_what_comes_before_the_first_answer_is_no_misfit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A clerk's command would print the warning on the terminal."""
    session, _, _ = await a_session(tmp_path)
    session.take(BackstagePush(Backstage(PICTURE.present, None)))
    assert session.backstage is None
    assert caplog.messages == []


async def test_a_misfit_is_not_shown_and_asked_for_again(tmp_path: Path) -> None:
    session, terminal, asked = await a_session(tmp_path)
    for misfit in MISFITS:
        session.take(Welcome(misfit, DEFINITION))
        assert (session.picture, session.definition) == (None, None)
    session.take(Welcome(PICTURE, DEFINITION))
    assert (session.picture, session.definition) == (PICTURE, DEFINITION)
    for misfit in MISFITS:
        asked.clear()
        session.asked = 0.0
        later = change(misfit, sequence=6)
        session.show(updated(PICTURE, difference(PICTURE, later)))
        assert session.picture == PICTURE
        assert Hello(PICTURE.definition) in asked
    good = Backstage(PICTURE.present, FIGURES)
    session.take(BackstagePush(good))
    for bad in (Backstage("A", None), Backstage("////", None), Backstage("", change(FIGURES, item="none"))):
        session.take(BackstagePush(bad))
        assert session.backstage == good
    assert terminal.ear.alarms == []


@pytest.mark.parametrize("named", ["", "0" * 64])
async def test_a_definition_that_is_not_the_one_named_raises_the_alarm(tmp_path: Path, named: str) -> None:
    session, terminal, _ = await a_session(tmp_path)
    other = change(DEFINITION, targets=(change(DEFINITION.targets[0], name="别的单位"), *DEFINITION.targets[1:]))
    for picture, definition in ((PICTURE, other), (change(PICTURE, definition=named), DEFINITION)):
        session.take(Welcome(picture, definition))
        assert (session.picture, session.definition) == (None, None)
        assert terminal.ear.alarms.pop().key == "receipt.other_definition"


class Answering:
    """A socket whose other end answers with so many frames."""

    def __init__(self, frames: list[bytes]) -> None:
        self.frames = frames

    async def send_multipart(self, _frames: list[bytes]) -> None:
        """Take it."""

    async def recv_multipart(self) -> list[bytes]:
        return self.frames


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_an_enrolment_answer_of_another_shape_is_no_answer(count: int) -> None:
    socket = Answering([b"{}"] * count)
    with pytest.raises(enrolment.NoAnswerError):
        await enrolment.ask(socket, IdentityRequest(""))  # type: ignore[arg-type]  # all that is used of a socket


def test_what_only_the_clerk_sees_is_refused_where_it_does_not_fit() -> None:
    good = Office(connected=to_bitmap([0]), calling=(DEFINITION.roster[0].number,))
    check_office(good, DEFINITION)
    beyond = to_bitmap([len(speakers(DEFINITION))])
    for bad in (Office(issued=beyond), Office(revoked="!"), Office(calling=("nobody",))):
        with pytest.raises(WireError):
            check_office(bad, DEFINITION)
