"""A state of an item has one name, wherever it is read."""

import pytest

from pingyi_protocol.meeting.definition import Language
from pingyi_protocol.meeting.life import Phase
from pingyi_protocol.text import catalogue


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("language", list(Language))
def test_seat_chair_and_status_call_a_state_by_one_name(phase: Phase, language: Language) -> None:
    terminal, server = catalogue("pingyi_terminal", language), catalogue("pingyi_server", language)
    assert terminal(f"seat.item_{phase}") == server(f"status.{phase}")
    # of an open item the chair says what the members do
    assert phase is Phase.OPEN or terminal(f"chair.phase_{phase}") == server(f"status.{phase}")
