"""The instrument, small: it measures what it says, in the form that it says."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pingyi_protocol.meeting.definition import Language, Opens
from pingyi_protocol.text import catalogue
from pingyi_server.bench import bare, broadcasting, loads, opening, returning, secret, sides
from pingyi_server.bench import hostile as bench
from pingyi_server.bench.command import bench as command
from pingyi_server.bench.figures import Figure, Rounds, held_against, percentile
from pingyi_server.bench.hostile import Size, check
from pingyi_server.bench.report import figure_line, rounds_line
from pingyi_server.bench.seats import Timing
from pingyi_server.bench.stage import StageError, set_up

SMALL = Size(seats=3, rate=20.0, rounds=1, seconds=1.0)
KEYS = {"name", "value", "unit", "against", "ratio", "goal", "met"}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood that is over soon."""
    monkeypatch.setattr(bench, "QUICK", SMALL)
    monkeypatch.setattr(bench, "CONNECTIONS", 24)
    monkeypatch.setattr(bench, "WARM_SECONDS", 0.5)
    monkeypatch.setattr(bench, "SETTLE_SECONDS", 0.1)
    monkeypatch.setenv("PINGYI_LANGUAGE", "en")


@pytest.mark.usefixtures("small")
def test_a_small_flood_gives_figures_as_json() -> None:
    done = CliRunner().invoke(command, ["hostile", "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    figures = json.loads(done.output)
    assert all(set(figure) == KEYS for figure in figures)
    [first, *others] = figures
    assert (first["name"], first["unit"], first["goal"]) == ("cast p99", "ms", 3.0)
    assert first["ratio"] == pytest.approx(first["value"] / first["against"])
    assert first["met"] is (first["ratio"] <= 3.0)
    assert all(figure["goal"] is None for figure in others)
    assert next(figure["value"] for figure in others if figure["name"] == "hostile messages") > 0


@pytest.mark.usefixtures("small")
def test_a_small_flood_is_told_in_words() -> None:
    done = CliRunner().invoke(command, ["hostile"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "3 honest seats cast 20 ballots a second" in done.output
    assert "guesses enrolment codes" in done.output


def test_a_percentile_is_the_nearest_rank() -> None:
    values = list(range(1, 101))
    assert [percentile(values, share) for share in (0.01, 0.5, 0.99, 1.0)] == [1, 50, 99, 100]
    assert percentile([7.0], 0.99) == 7.0
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0


@pytest.mark.parametrize(("value", "met", "word"), [(30.0, True, "met"), (30.1, False, "MISSED")])
def test_a_goal_is_met_up_to_its_ratio(value: float, met: bool, word: str) -> None:
    figure = held_against("cast p99", value, "ms", 10.0, 3.0)
    assert figure.met is met
    assert figure_line(figure, catalogue("pingyi_server", Language.ENGLISH)).endswith(f": {word}")


@pytest.mark.parametrize("wrong", ["refused", "unanswered", "lost_links", "alarms"])
def test_a_flood_in_which_an_honest_seat_was_wronged_is_no_measurement(wrong: str) -> None:
    check(Timing([1.0]))
    with pytest.raises(StageError) as found:
        check(Timing([1.0], **{wrong: 17}))
    assert "17" in found.value.words(Language.ENGLISH)


async def test_a_server_that_does_not_start_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    stage = await set_up(tmp_path / "meeting", 1)
    (tmp_path / "meeting" / "server.key").unlink()
    with pytest.raises(StageError) as found:
        async with stage.served():
            pass
    assert "server.key" in found.value.words(Language.ENGLISH)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loads of a few seats, which say nothing but that the instrument works."""
    for name in ("BURST", "SPREAD", "SUSTAINED"):
        monkeypatch.setattr(loads, name, {False: loads.Size(4, 1, few=2, ballots=2)})
    monkeypatch.setattr(returning, "RECONNECT", {False: returning.Size(4, 1)})
    monkeypatch.setattr(broadcasting, "BROADCAST", {False: broadcasting.Size(4, 1)})
    for module in (sides, returning, broadcasting):
        monkeypatch.setattr(module, "SETTLE_SECONDS", 0.1)
    monkeypatch.setattr(bare, "CHECKS", 20)
    monkeypatch.setattr(secret, "ROUNDS", {False: 1})
    monkeypatch.setattr(
        secret, "HALLS", {False: (opening.Size("result 60 sum", "wait 60 sum", Opens.SUM, 6, 1, 60.0),)}
    )
    monkeypatch.setattr(opening, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(loads, "SETTLE_SECONDS", 0.1)
    monkeypatch.setenv("PINGYI_LANGUAGE", "en")


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("name", "goals"),
    [
        ("burst", {"burst p99": 2.2}),
        ("spread", {"spread p99": 25.0, "chair shown p99": 100.0, "hall shown p99": 100.0}),
        ("sustained", {"sustained rate": 0.6, "processor a ballot": 1.25}),
        (
            "secret",
            {
                "seal sum": 1.3,
                "check sum": 1.3,
                "seal distribution": 1.3,
                "check distribution": 1.3,
                "result 60 sum": 60.0,
            },
        ),
        ("reconnect", {"reconnect": 1.5, "memory a seat": 1.5}),
        ("broadcast", {"broadcast p99": 1.3}),
    ],
)
def test_a_small_load_gives_figures_as_json(name: str, goals: dict[str, float]) -> None:
    done = CliRunner().invoke(command, [name, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    figures = json.loads(done.output)
    assert all(set(figure) == KEYS for figure in figures)
    # what a few seats take of memory, or of the processor, is less than the system gives, or counts, at a time
    assert all(figure["value"] > 0 for figure in figures if figure["unit"] not in ("KiB", "us"))
    assert {figure["name"]: figure["goal"] for figure in figures if figure["goal"]} == goals


def test_the_round_in_the_middle_stands_for_all() -> None:
    rounds = Rounds("burst p99", "ms", [30.0, 10.0, 24.0], [10.0, 10.0, 10.0], "bench.beside_checks", 2.4)
    assert rounds.figure() == Figure("burst p99", 24.0, "ms", 10.0, 2.4, 2.4, met=True)
    line = rounds_line(rounds, catalogue("pingyi_server", Language.ENGLISH))
    assert "24.00 ms (10.00 - 30.00)" in line
    assert line.endswith("ratio 2.40 (1.00 - 3.00); goal at most 2.4: met")


def test_of_a_rate_more_is_better() -> None:
    rounds = Rounds("sustained rate", "1/s", [50.0], [100.0], "bench.beside_verifies", 0.6)
    assert rounds.figure().met is False
    assert Rounds("spread p99", "ms", [20.0], goal=25.0).figure() == Figure(
        "spread p99", 20.0, "ms", goal=25.0, met=True
    )
