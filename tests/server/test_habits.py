"""Simulated members: what they do fits every kind of item, and a whole meeting of all kinds is played to its close."""

import asyncio
import contextlib
from collections import Counter
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.factories import small_definition
from kit.hall import free_port, open_hall
from kit.meeting_files import definitions
from kit.waits import WAIT_SECONDS
from pingyi_protocol.meeting.ballots import misfit
from pingyi_protocol.meeting.commands import Choice, Recuse, Score
from pingyi_protocol.meeting.counting import round_figures
from pingyi_protocol.meeting.definition import (
    Criterion,
    Definition,
    Item,
    Language,
    MotionRules,
    Passing,
    RatingRules,
    Role,
    ScoreRules,
    SelectionRules,
)
from pingyi_protocol.meeting.life import Phase
from pingyi_server.habits import Standing, first_round, habit
from pingyi_server.imports.sample import sample_meeting
from pingyi_server.simulation import Pace, simulate

SAMPLE = sample_meeting(Language.CHINESE).definition
HASTE = Pace(arrival=0.0, voting=0.1, standing=0.0)


@given(definitions(), st.integers(0, 10_000))
def test_what_a_member_does_is_a_ballot_for_its_item(definition: Definition, seed: int) -> None:
    for item in definition.agenda:
        one = first_round(item)
        answers = habit(seed, "M01", item).answers
        assert answers is None or misfit(item, answers, one.candidates, one.places) is None


@given(st.integers(0, 10_000), st.integers(1, 2))
def test_in_a_runoff_a_member_chooses_among_those_tied_only(seed: int, places: int) -> None:
    selection = SAMPLE.agenda[-1]
    tied = selection.targets[2:5]
    answers = habit(seed, "M01", selection, Standing(2, tied, places)).answers
    assert answers is None or misfit(selection, answers, tied, places) is None


@pytest.mark.parametrize("item", SAMPLE.agenda, ids=lambda item: item.id)
def test_the_same_seed_gives_the_same_and_another_seed_something_else(item: Item) -> None:
    def hall(seed: int) -> list[object]:
        return [habit(seed, person.number, item) for person in SAMPLE.entitled]

    assert hall(1) == hall(1)
    assert hall(1) != hall(2)


def test_about_two_in_a_hundred_cast_nothing_and_two_abstain() -> None:
    motion = SAMPLE.agenda[-3]
    ballots = [habit(7, f"{number}", motion).answers for number in range(5000)]
    cast = Counter(answers if answers is None else answers[0] for answers in ballots)
    silent, abstained = cast[None], sum(count for answer, count in cast.items() if "abstain" in str(answer))
    assert 60 < silent < 140
    assert 60 < abstained < 140


def all_kinds() -> Definition:
    """Six members, a check-in window, a scrutineer, and items of every kind; the last one can end in a tie."""
    small = small_definition(6, port=free_port())
    chief = msgspec.structs.replace(small.roster[2], roles=(Role.MEMBER, Role.SCRUTINEER), chief=True)
    criteria = (Criterion("T01", "K1", "一", Decimal(60)), Criterion("T01", "K2", "二", Decimal(40)))
    return msgspec.structs.replace(
        small,
        meeting=msgspec.structs.replace(small.meeting, check_in_minutes=5),
        roster=(*small.roster[:2], chief, *small.roster[3:]),
        components=(),
        agenda=(
            Item("1", "评分", ("T01", "T02"), ScoreRules(question=Passing()), criteria),
            Item("2", "表决", (), MotionRules(confirmed=True)),
            Item("3", "满意度", ("T03",), RatingRules()),
            Item("4", "票决", ("T01", "T02"), SelectionRules()),
        ),
    )


def tied(definition: Definition, seed: int, item: Item, standing: Standing) -> bool:
    """Whether both candidates get as many votes."""
    ballots = [habit(seed, person.number, item, standing).answers or () for person in definition.entitled]
    votes = Counter(answer.target for answers in ballots for answer in answers if answer.target)
    return votes["T01"] == votes["T02"]


async def test_a_whole_meeting_of_every_kind_is_played_to_its_close(tmp_path: Path) -> None:
    definition = all_kinds()
    first, second = Standing(1, ("T01", "T02"), 1), Standing(2, ("T01", "T02"), 1)
    last = definition.agenda[-1]
    seed = next(
        seed for seed in range(1000) if tied(definition, seed, last, first) and not tied(definition, seed, last, second)
    )
    async with open_hall(tmp_path, definition) as hall:
        await hall.clerk(Recuse("M02", "2", "曾任职"))
        members = [person.number for person in definition.entitled]
        playing = asyncio.create_task(simulate(hall.folder, members, seed, HASTE, chair=True))
        async with asyncio.timeout(WAIT_SECONDS):
            while not hall.recorder.meeting.closed and not playing.done():  # noqa: ASYNC110 - the record tells nobody
                await asyncio.sleep(0.05)
        meeting = hall.recorder.meeting
        playing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await playing
    assert meeting.closed
    assert [(one.item, one.number, one.phase) for one in meeting.rounds] == [
        ("1", 1, Phase.ANNOUNCED),
        ("2", 1, Phase.ANNOUNCED),
        ("3", 1, Phase.ANNOUNCED),
        ("4", 1, Phase.ANNOUNCED),
        ("4", 2, Phase.ANNOUNCED),
    ]
    scored, motion, _, election, runoff = meeting.rounds
    assert {type(answer) for ballot in scored.ballots.values() for answer in ballot.answers} == {Score, Choice}
    assert (motion.confirmed, "M02" in motion.ballots) == ("M03", False)
    for one in (election, runoff):
        figures = round_figures(meeting, one).selection
        assert figures is not None
        assert bool(figures.tied) == (one is election)
