"""A secret round from the key to the announced result, by a real server on real sockets."""

from pathlib import Path

import pytest

from kit.every_kind import SCORE
from kit.hall import free_port, open_hall
from kit.sealed_hall import SealedHall, sealed_definition
from kit.secret_book import secretly
from pingyi_protocol.client import vigil
from pingyi_protocol.meeting.commands import AnnounceRound

PEOPLE = tuple(f"M{place:02}" for place in range(1, 7))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Terminals of so small a hall cosign at once."""
    monkeypatch.setattr(vigil, "SPREAD_SECONDS", 0.1)


async def test_secret_round_from_key_to_result(tmp_path: Path) -> None:
    definition = sealed_definition(free_port(), secretly(SCORE))
    async with open_hall(tmp_path, definition) as hall:
        room = SealedHall(hall)
        try:
            await room.gather(PEOPLE)
            await room.make_key()
            await room.hold("score", M01=90, M02=80, M03=None, M04=85, M05=100)
            begun = await room.until("score", "size")
            assert begun.cosigned >= begun.needed
            assert begun.invalid == ()
            assert not begun.unsealed
            await room.openers["M02"].open("score")
            await room.openers["M04"].open("score")
            await room.until("score", "unsealed")
            await room.press(AnnounceRound("score", 1))
            await room.chair.until(lambda _: room.chair.picture.figures("score"))
            figures = room.chair.picture.figures("score")
            assert figures is not None
            assert (figures.targets[0].scores, figures.targets[0].abstentions) == (4, 1)
            assert str(figures.targets[0].total) == "355"
        finally:
            await room.stop()
