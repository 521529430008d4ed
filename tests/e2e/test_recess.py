"""A break between two items: the chair calls it, every terminal knows of it, nothing of it is on the record."""

from pathlib import Path

from kit.factories import small_definition
from kit.hall import Hall, Terminal, free_port, open_hall
from pingyi_protocol.client.session import Session
from pingyi_protocol.meeting.commands import CheckIn, CloseMeeting, CloseRound, OpenRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.evolve import HALL
from pingyi_protocol.wire.messages import CallRecess, Receipt


def rests(session: Session) -> bool:
    return session.picture is not None and session.picture.recess


def goes_on(session: Session) -> bool:
    return session.picture is not None and not session.picture.recess


async def whole(hall: Hall) -> tuple[Terminal, Terminal, Terminal]:
    """Admit chair, hall and two members who are present, and return the chair, the hall and a member."""
    chair, wall = await hall.admit("M01", Role.CHAIR), await hall.admit(HALL.person, HALL.role)
    seats = [await hall.admit(person) for person in ("M01", "M02", "M03")]
    for seat in seats:
        assert isinstance(await seat.session.ask(CheckIn()), Receipt)
    return chair, wall, seats[-1]


async def test_the_chair_calls_a_break_and_the_next_round_or_the_end_ends_it(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(members=4, port=free_port())) as hall:
        chair, wall, seat = await whole(hall)
        size = hall.recorder.meeting.size
        assert seat.session.request(CallRecess(wanted=True))
        assert chair.session.request(CallRecess(wanted=True))
        for one in (chair, wall, seat):
            await one.until(rests)
        assert seat.session.request(CallRecess(wanted=False))
        late = await hall.admit("M04")
        await late.until(rests)
        assert chair.session.request(CallRecess(wanted=False))
        await wall.until(goes_on)
        assert not {type(one) for one in hall.recorder.meeting.commands} & {CallRecess}
        assert hall.recorder.meeting.size == size + 2, "the late one's code and enrolment"

        assert chair.session.request(CallRecess(wanted=True))
        await wall.until(rests)
        assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
        await wall.until(goes_on)
        assert chair.session.request(CallRecess(wanted=True))
        assert isinstance(await chair.session.ask(CloseRound("1", 1)), Receipt)
        await wall.until(lambda session: session.picture and session.picture.live and not session.picture.recess)

        assert chair.session.request(CallRecess(wanted=True))
        await wall.until(rests)
        assert isinstance(await chair.session.ask(CloseMeeting()), Receipt)
        await wall.until(lambda session: session.picture and session.picture.closed and not session.picture.recess)
