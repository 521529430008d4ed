from decimal import Decimal
from pathlib import Path

from kit.factories import small_definition
from kit.hall import free_port, open_hall
from pingyi_protocol.meeting.commands import AnnounceRound, Cast, CheckIn, CloseRound, OpenRound, Score
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.meeting.refusal import Reason, Refusal
from pingyi_protocol.wire.messages import Receipt


async def test_a_small_hall_scores_an_item_and_everybody_sees_the_announced_mean(tmp_path: Path) -> None:
    async with open_hall(tmp_path, small_definition(members=5, port=free_port())) as hall:
        chair = await hall.admit("M01", Role.CHAIR)
        seats = [await hall.admit(f"M{place:02}") for place in range(1, 6)]
        assert await chair.session.ask(OpenRound("1")) == Refusal(Reason.BELOW_QUORUM, {"present": "0", "quorum": "3"})
        for seat in seats:
            assert isinstance(await seat.session.ask(CheckIn()), Receipt)
        assert isinstance(await chair.session.ask(OpenRound("1")), Receipt)
        for seat, score in zip(seats, (92, 88, 95, 90), strict=False):
            assert isinstance(await seat.session.ask(Cast("1", 1, (Score("T01", "", Decimal(score)),))), Receipt)
        await chair.until(lambda _: chair.picture.live and chair.round.received == 4)
        assert chair.round.running is not None
        assert chair.round.running.targets[0].mean == Decimal("91.25")
        assert isinstance(await chair.session.ask(CloseRound("1", 1)), Receipt)
        late = await seats[4].session.ask(Cast("1", 1, (Score("T01", "", Decimal(0)),)))
        assert late == Refusal(Reason.CLOSED)
        assert isinstance(await chair.session.ask(AnnounceRound("1", 1)), Receipt)
        for seat in seats:
            await seat.until(lambda _: seat.picture.status("1").phase is Phase.ANNOUNCED)  # noqa: B023 - awaited at once
            [figures] = seat.picture.published[0].targets
            assert (figures.measure, figures.scores, figures.not_voted) == (Decimal("91.25"), 4, 1)
