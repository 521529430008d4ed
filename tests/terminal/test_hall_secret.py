"""The wall and secret rounds: the key and its fingerprint, turnout only, who opens by name, and what a sum tells."""

from datetime import datetime

import pytest

from kit.every_kind import scored
from kit.hall_display import HandSession, Wall
from kit.screens import plain
from kit.secret_book import OPENERS
from kit.secret_play import RESOLVED, SPREAD, SUM, SecretPlay, gathered, scoring
from kit.snapshots import Shows
from pingyi_protocol.meeting.commands import AnnounceRound, OpenPart
from pingyi_protocol.meeting.definition import Item, Language, Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.secret.ceremony import Step
from pingyi_terminal.hall import app as app_module
from pingyi_terminal.hall.face import (
    Face,
    Idle,
    KeyCeremony,
    KeyMade,
    Pace,
    Polling,
    Result,
    Unopened,
    Unsealing,
    Wanted,
)
from pingyi_terminal.hall.view import choose
from pingyi_terminal.sealed import Share, Stage
from pingyi_terminal.theme import HALL_BRIGHT

USUAL, SMALL, LARGE = (100, 30), (80, 24), (160, 45)
PACE = Pace()


class Noon(datetime):
    """A clock on the wall that stands."""

    @classmethod
    def now(cls, tz: object = None) -> "Noon":
        del tz
        return cls(2026, 11, 1, 15, 42, 7)


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wall's clock stands."""
    monkeypatch.setattr(app_module, "datetime", Noon)


def face_of(play: SecretPlay, wanted: Wanted | None = None) -> Face:
    return choose(play.definition, play.picture, 0.0, PACE, wanted or Wanted())


def wall_of(
    monkeypatch: pytest.MonkeyPatch, play: SecretPlay, language: Language = Language.CHINESE, **options: object
) -> Wall:
    return Wall(monkeypatch, HandSession(play.definition, play.picture), language, **options)


def closed(item: Item = SUM) -> SecretPlay:
    play = scoring(item, RESOLVED)
    play.book.close()
    return play


def test_a_ceremony_says_its_step_and_who_is_awaited_and_a_failed_one_that_it_failed() -> None:
    play = gathered(SUM, keyed=False)
    assert isinstance(face_of(play), Idle)
    play.book.begin_ceremony(*OPENERS).answers("M03")
    face = face_of(play)
    assert isinstance(face, KeyCeremony)
    shares = {one.name: one.share for one in face.holders}
    assert (face.step, face.steps) == (1, 4)
    assert shares == {"委员02": Share.AWAITED, "委员03": Share.GIVEN, "委员04": Share.AWAITED}
    play.book.answers("M02", "M04")
    step = play.meeting.ceremony
    assert step is not None
    assert step.step is Step.REVEAL
    assert face_of(play) != face


def test_the_fingerprint_of_a_new_key_stands_for_its_time_and_not_over_a_round() -> None:
    play = gathered(SUM)
    made = face_of(play, Wanted(key_seen=1.0))
    assert isinstance(made, KeyMade)
    assert made.fingerprint == play.picture.secret.fingerprint
    assert made.holders == ("委员02", "委员03", "委员04")
    assert isinstance(face_of(play, Wanted(key_seen=PACE.key)), Idle)
    assert isinstance(face_of(play, Wanted(key=True)), KeyMade)
    assert isinstance(face_of(play, Wanted(key=False, key_seen=1.0)), Idle)
    play.book.open(SUM.id)
    assert isinstance(face_of(play, Wanted(key=True, key_seen=1.0)), Polling)


def test_while_it_is_open_the_wall_has_the_turnout_and_the_fingerprint_and_nothing_else() -> None:
    faces = []
    for given in ((90, 80, 85), (0, 100, None)):
        play = gathered(SUM)
        play.book.open(SUM.id)
        faces.append(face_of(play.sealed(*(scored("T01", value) for value in given))))
    assert faces[0] == faces[1]
    assert isinstance(faces[0], Polling)
    assert (faces[0].received, faces[0].fingerprint, faces[0].running) == (3, play.picture.secret.fingerprint, None)


def test_the_opening_goes_from_the_proofs_to_the_parts_by_name() -> None:
    play = closed()
    seen = []
    for on in (
        play.book.check,
        play.book.begin_opening,
        lambda: play.book.opens("M03"),
        lambda: play.book.opens("M02"),
    ):
        face = face_of(play)
        assert isinstance(face, Unsealing)
        seen.append((face.stage, [one.name for one in face.holders if one.share is Share.GIVEN]))
        on()
    last = face_of(play)
    assert isinstance(last, Unsealing)
    assert [stage for stage, _ in seen] == [Stage.CHECKING, Stage.COSIGNING, Stage.OPENING, Stage.OPENING]
    assert seen[-1][1] == ["委员03"]
    assert (last.stage, last.holders[-1].share) == (Stage.UNSEALED, Share.SPARE)


def test_a_bad_part_is_shown_and_does_not_end_the_opening() -> None:
    play = closed()
    play.book.check().begin_opening()
    good = play.book.parts("M02")
    play.book.acting(Principal("M04", Role.SCRUTINEER), OpenPart(SUM.id, 1, good.parts))
    face = face_of(play)
    assert isinstance(face, Unsealing)
    assert {one.name: one.share for one in face.holders}["委员04"] is Share.BAD


def test_too_few_valid_ballots_are_never_opened_in_kind_words() -> None:
    play = gathered(SUM)
    play.book.open(SUM.id)
    play.sealed(scored("T01", 90)).book.close().check()
    assert face_of(play) == Unopened(SUM, 1, (play.definition.target("T01"),), 3)


async def test_a_key_made_before_our_eyes_is_shown_large_by_itself(
    shows: Shows, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = gathered(SUM, keyed=False)
    wall = wall_of(monkeypatch, play)
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, play.picture)
        play.book.begin_ceremony(*OPENERS).answers("M02")
        await wall.show(pilot, play.picture)
        shows(wall.app, "ceremony", "第 1 步，共 4 步", "委员03", "等待中")
        play.book.answers("M03", "M04")
        for _ in range(3):
            play.book.answers(*OPENERS)
        await wall.show(pilot, play.picture)
        shows(wall.app, "key", "请监票人读出，请各位与席位上显示的核对")
        await wall.show(pilot, play.picture, after=PACE.key)
        assert "请监票人读出" not in plain(wall.app)
        await pilot.press("f4")
        assert "请监票人读出" in plain(wall.app)
        await pilot.press("f4")
        assert "请监票人读出" not in plain(wall.app)


async def test_a_secret_round_from_its_opening_to_its_result(shows: Shows, monkeypatch: pytest.MonkeyPatch) -> None:
    play = scoring(SUM, RESOLVED)
    wall = wall_of(monkeypatch, play)
    fingerprint = play.picture.secret.fingerprint
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, play.picture)
        shows(wall.app, "open", "无记名投票", "只显示谁已投票", fingerprint)
        play.book.close()
        await wall.show(pilot, play.picture)
        shows(wall.app, "checking", "正在核验证明")
        play.book.check().begin_opening().opens("M02")
        await wall.show(pilot, play.picture)
        shows(wall.app, "opening", "监票人正在开启", "已开启", "待开启", "6（须 4）")
        play.book.opens("M03").announce()
        await wall.show(pilot, play.picture)
        assert isinstance(wall.app.face, Result)
        assert "各分值人数" not in plain(wall.app)
        assert "只开启了总和" in plain(wall.app)


async def test_a_result_that_is_opened_later_takes_the_stage_when_it_is_announced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play = closed()
    play.book.check().begin_opening().opens("M02")
    sealed = play.book.newest
    wall = wall_of(monkeypatch, play)
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, play.picture)
        play.book.open(RESOLVED.id).close()
        await wall.show(pilot, play.picture)
        play.book.acting(Principal("M03", Role.SCRUTINEER), play.book.parts("M03", sealed))
        play.book.chair(AnnounceRound(SUM.id, 1))
        await wall.show(pilot, play.picture)
        assert isinstance(wall.app.face, Result)
        assert wall.app.face.item == SUM


async def test_a_distribution_is_shown_as_an_open_one(monkeypatch: pytest.MonkeyPatch) -> None:
    play = closed(SPREAD)
    play.book.unseal().announce()
    wall = wall_of(monkeypatch, play)
    async with wall.app.run_test(size=USUAL) as pilot:
        await wall.show(pilot, play.picture)
        assert "各分值人数" in plain(wall.app)
        assert "只开启了总和" not in plain(wall.app)


@pytest.mark.parametrize(("size", "name"), [(SMALL, "small"), (LARGE, "large")])
async def test_other_sizes_in_english_and_bright(
    shows: Shows, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], name: str
) -> None:
    play = scoring(SUM, RESOLVED)
    wall = wall_of(monkeypatch, play, Language.ENGLISH, theme=HALL_BRIGHT)
    async with wall.app.run_test(size=size) as pilot:
        await wall.show(pilot, play.picture)
        shows(wall.app, f"open-{name}", "Only who has voted is shown")
        play.book.close().check().begin_opening().opens("M02")
        await wall.show(pilot, play.picture)
        shows(wall.app, f"opening-{name}", "The scrutineers are opening it")
        await pilot.press("f4")
        shows(wall.app, f"key-{name}", "A scrutineer reads it aloud")
        await pilot.press("f4")
        play.book.opens("M03").announce()
        await wall.show(pilot, play.picture)
        shows(wall.app, f"sum-{name}", "Secret: only the sum was opened")
    few = gathered(SUM)
    few.book.open(SUM.id)
    few.sealed(scored("T01", 90)).book.close().check()
    wall = wall_of(monkeypatch, few, Language.ENGLISH)
    async with wall.app.run_test(size=size) as pilot:
        await wall.show(pilot, few.picture)
        shows(wall.app, f"unopened-{name}", "fewer than 3 valid ballots", "protects everyone's choice")
