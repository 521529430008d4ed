"""The table of a round's life as a whole: no dead ends, no way back, and the diagram says the same."""

import re

from pingyi_protocol.meeting.life import LIFE, LIVE, Move, Phase, diagram


def test_every_phase_is_reached_and_none_but_the_withdrawn_is_a_dead_end() -> None:
    reached, frontier = {Phase.PENDING}, {Phase.PENDING}
    while frontier:
        frontier = {after for (phase, _), after in LIFE.items() if phase in frontier} - reached
        reached |= frontier
    assert reached == set(Phase)
    assert {phase for phase, _ in LIFE} == set(Phase) - {Phase.WITHDRAWN}


def test_nothing_but_a_new_round_leads_back_once_ballots_are_no_longer_taken() -> None:
    order = [Phase.PENDING, Phase.OPEN, Phase.CLOSED, Phase.ANNOUNCED, Phase.VOID, Phase.WITHDRAWN]
    places = {phase: order.index(Phase.OPEN if phase is Phase.PAUSED else phase) for phase in Phase}
    new_round = (Move.REVOTE, Move.ENTER)
    assert all(places[after] >= places[phase] for (phase, move), after in LIFE.items() if move not in new_round)


def test_a_round_by_hand_is_entered_wherever_one_could_be_opened_and_is_closed_at_once() -> None:
    entered = {phase for phase, move in LIFE if move is Move.ENTER}
    assert entered == {phase for phase, move in LIFE if move in (Move.OPEN, Move.REVOTE)}
    assert {after for (_, move), after in LIFE.items() if move is Move.ENTER} == {Phase.CLOSED}


def test_an_item_is_withdrawn_only_where_nothing_was_decided() -> None:
    assert {phase for phase, move in LIFE if move is Move.WITHDRAW} == {Phase.PENDING, Phase.VOID}


def test_a_signature_moves_nothing() -> None:
    assert {(phase, after) for (phase, move), after in LIFE.items() if move is Move.CONFIRM} == {
        (Phase.CLOSED, Phase.CLOSED)
    }


def test_what_is_void_stays_void_and_any_round_but_none_can_become_so() -> None:
    assert {move for phase, move in LIFE if phase is Phase.VOID} == {Move.REVOTE, Move.ENTER, Move.WITHDRAW}
    without = {Phase.PENDING, Phase.VOID, Phase.WITHDRAWN}
    assert {phase for phase, move in LIFE if move is Move.VOID} == set(Phase) - without


def test_ballots_are_taken_exactly_while_the_round_is_live_and_change_nothing_else() -> None:
    assert {phase for phase, move in LIFE if move is Move.CAST} == LIVE
    assert all(after is phase for (phase, move), after in LIFE.items() if move in (Move.CAST, Move.EXTEND))


def test_the_diagram_shows_the_table_and_nothing_else() -> None:
    first, start, *arrows = diagram().splitlines()
    assert (first, start.strip()) == ("stateDiagram-v2", "[*] --> pending")
    shown = {}
    for arrow in arrows:
        found = re.fullmatch(r"    (\w+) --> (\w+): (\w+)", arrow)
        assert found is not None
        phase, after, move = found.groups()
        shown[Phase(phase), Move(move)] = Phase(after)
    assert shown == LIFE
    assert len(arrows) == len(LIFE)
