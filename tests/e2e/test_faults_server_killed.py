"""The server is killed in the middle of bursts: no ballot with a receipt is missing, and all count once."""

import random
from decimal import Decimal
from pathlib import Path

import pytest

from kit.burst import Burst, burst, checked
from kit.factories import first_score, live_rules, small_definition
from kit.hall import free_port
from pingyi_protocol.meeting.commands import AnnounceRound, Cast, CloseRound, OpenRound
from pingyi_protocol.wire.messages import Receipt
from pingyi_server.folder import MeetingFolder


@pytest.mark.parametrize(
    ("seats", "kills"), [(60, 3), pytest.param(300, 50, marks=pytest.mark.full)], ids=["short", "long"]
)
async def test_no_ballot_is_lost_or_counted_twice_when_the_server_is_killed(
    tmp_path: Path, database_url: str, seats: int, kills: int
) -> None:
    luck = random.Random(seats)  # noqa: S311 - repeatable on purpose
    folder = tmp_path / "meeting"
    folder.mkdir()
    definition = small_definition(seats, free_port(), live_rules(seconds=None))
    async with burst(MeetingFolder(folder, database_url), definition) as hall:
        chair = hall.chair.session
        assert isinstance(await chair.ask(OpenRound("1")), Receipt)
        for _ in range(kills):
            await hall.kill_in_a_burst(luck)
            # now and then the next burst begins while seats are still coming back from the last one
            if luck.random() < 0.7:
                await hall.settled()
        await hall.settled()
        assert sum(hall.unanswered) > 0
        assert isinstance(await chair.ask(CloseRound("1", 1)), Receipt)
        assert isinstance(await chair.ask(AnnounceRound("1", 1)), Receipt)
        await hall.until(lambda: bool(chair.picture and chair.picture.published))
        assert chair.picture is not None
        [figures] = chair.picture.published[0].targets
        assert (figures.scores, figures.not_voted) == (seats, 0)
        assert figures.total == sum(last_scores(hall))
    checked(hall, tmp_path / "record")


def last_scores(hall: Burst) -> list[Decimal]:
    """What each member pressed last."""
    bodies = [seat.cast[-1].body for seat in hall.seats]
    return [first_score(body.answers) or Decimal(0) for body in bodies if isinstance(body, Cast)]
