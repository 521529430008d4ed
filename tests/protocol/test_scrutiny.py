"""A scrutineer's part in secret rounds: it answers what it has followed itself, and remembers before it speaks."""

import asyncio
from base64 import b64decode
from copy import deepcopy
from decimal import Decimal
from itertools import cycle

import msgspec
import pytest

from kit.attacks_secret import SECRET_ATTACKS
from kit.attacks_secret_form import FORM_ATTACKS
from kit.every_kind import MOTION, SCORE, scored
from kit.playbook import signing_key
from kit.scrutinies import Watcher, finish, keyed
from kit.secret_book import OPENERS, SecretBook, secret_hall, secretly
from kit.secret_records import PEOPLE, bad_deal
from pingyi_protocol.client.scrutiny import Kept, Opening
from pingyi_protocol.keys.vault import VaultError
from pingyi_protocol.meeting.commands import Choice, OpenPart, OverrideCosigning
from pingyi_protocol.meeting.definition import Option, Role
from pingyi_protocol.meeting.model import Principal
from pingyi_protocol.record.entry import encode_entry
from pingyi_protocol.secret.ceremony import Step
from pingyi_protocol.secret.messages import CommitToKey, ConfirmKey, DealShares, RevealKey
from pingyi_server.gateway.secret_rounds import secret_of

FULL = OSError(28, "No space left on device")


def book() -> SecretBook:
    """Six members are there for a score and a motion."""
    return SecretBook(secret_hall(secretly(SCORE), secretly(MOTION))).check_in(*PEOPLE)


def scoring(one: SecretBook) -> SecretBook:
    """Five of them have scored secretly, and the server has checked that."""
    one.open("score")
    for person, value in zip(PEOPLE, (90, 80, 85, None, 100), strict=False):
        one.seal(person, scored("T01", value))
    return one.close().check()


async def test_terminals_that_take_part_make_a_key_and_open_with_it() -> None:
    hall = book()
    watchers = await keyed(hall, *OPENERS)
    assert hall.meeting.key is not None
    for one in watchers.values():
        assert [type(body) for body in one.session.said] == [CommitToKey, RevealKey, DealShares, ConfirmKey]
        assert one.scrutiny.seen.holding
        # what belonged to the ceremony alone is gone
        assert one.scrutiny.kept.dealer is None
    scoring(hall).begin_opening()
    for person in ("M02", "M04"):
        await watchers[person].scrutiny.open(await watchers[person].waiting())
    sealing = hall.meeting.rounds[-1].sealing
    assert sealing is not None
    assert sealing.unsealed
    tally = sealing.sums["T01", ""]
    assert tally.scores == 4
    assert tally.total == Decimal(355)


async def test_nothing_is_said_before_the_scrutineer_says_so_once() -> None:
    hall = book().begin_ceremony(*OPENERS)
    one = Watcher(hall, "M02")
    assert (await one.look()).seen.may_take_part
    assert one.session.said == []
    one.scrutiny.take_part()
    await finish(one)
    assert [type(body) for body in one.session.said] == [CommitToKey]
    # it waits for the others, and asks nobody again
    assert not one.scrutiny.seen.may_take_part
    assert one.scrutiny.seen.taking_part


@pytest.mark.parametrize("step", [Step.COMMIT, Step.REVEAL, Step.DEAL, Step.CONFIRM])
@pytest.mark.parametrize("heard", [True, False])
async def test_started_anew_in_any_step_it_goes_on(step: Step, heard: bool) -> None:
    """What was said last may have reached the record, or not."""
    hall = book().begin_ceremony(*OPENERS)
    watchers = {person: Watcher(hall, person) for person in OPENERS}
    others = [watchers["M03"], watchers["M04"]]
    for each in watchers.values():
        (await each.look()).take_part()
    one = watchers["M02"]
    turns = cycle((*others, one))
    while hall.meeting.ceremony is not None and hall.meeting.ceremony.step is not step:
        await next(turns).scrutiny.look()
    one.session.heard = heard
    await one.look()
    again = one.again()
    await finish(again, *others)
    assert hall.meeting.key is not None
    assert again.scrutiny.seen.holding
    assert again.scrutiny.fault is None


async def test_without_its_strongbox_a_terminal_takes_no_second_part_in_a_ceremony() -> None:
    hall = book().begin_ceremony(*OPENERS)
    first, second, third = Watcher(hall, "M02"), Watcher(hall, "M02"), Watcher(hall, "M02")
    for one in (first, third):
        (await one.look()).take_part()
    await finish(first)
    # copies of the keys without the strongbox: one that comes late is not asked, what another would say is not the own
    assert not (await second.look()).seen.may_take_part
    await finish(third)
    fault = third.scrutiny.fault
    assert fault is not None
    assert fault.key == "secret.not_own"
    assert second.session.said + third.session.said == []


async def test_another_terminal_of_the_same_scrutineer_cannot_take_part() -> None:
    hall = book().begin_ceremony(*OPENERS)
    hall.keys[Principal("M02", Role.SCRUTINEER)] = signing_key("another device")
    one = Watcher(hall, "M02")
    assert not (await one.look()).seen.may_take_part


async def test_a_ceremony_begun_anew_drops_what_the_earlier_one_left() -> None:
    hall = book().begin_ceremony(*OPENERS)
    one = Watcher(hall, "M02")
    (await one.look()).take_part()
    first = one.scrutiny.kept.dealer
    assert first is not None
    hall.begin_ceremony("M02", "M03")
    assert (await one.look()).kept.dealer is None
    one.scrutiny.take_part()
    dealer = one.scrutiny.kept.dealer
    assert dealer is not None
    assert dealer.coefficients != first.coefficients
    assert one.box.data is not None
    assert msgspec.json.encode(first.coefficients[0]) not in one.box.data
    # of one that it took part in and that is over it takes no second
    again = Watcher(hall, "M02", one.box)
    again.box.write(msgspec.json.encode(Kept(attempt=2)))
    assert not (await Watcher(hall, "M02", again.box).look()).seen.may_take_part


async def test_a_bad_share_ends_the_ceremony_and_is_named() -> None:
    hall = book().begin_ceremony(*OPENERS)
    one = Watcher(hall, "M02")
    (await one.look()).take_part()
    for _ in range(2):
        await finish(one)
        hall.answers("M03", "M04")
    await finish(one)
    hall.say(Principal("M03", Role.SCRUTINEER), bad_deal(hall, "M03")).answers("M04")
    await finish(one)
    board = hall.meeting.ceremony
    assert board is not None
    assert (board.step, board.at_fault) == (Step.FAILED, 2)
    assert one.scrutiny.kept.dealer is None
    assert one.scrutiny.fault is None


async def test_another_transcript_is_an_alarm_and_nothing_is_confirmed() -> None:
    hall = book().begin_ceremony(*OPENERS)
    one = Watcher(hall, "M02")
    (await one.look()).take_part()
    await finish(one)
    # the server shows M02 a record in which the others have committed to something else than what it shows them
    hall.answers("M03", "M04")
    await finish(one)
    assert isinstance(one.session.said[-1], RevealKey)
    kept = one.scrutiny.kept
    assert kept.dealer is not None
    other = msgspec.structs.replace(kept.dealer, commitments=kept.dealer.commitments[:2])
    one.scrutiny.keep(msgspec.structs.replace(kept, dealer=other))
    hall.answers("M03", "M04")
    await finish(one)
    fault = one.scrutiny.fault
    assert fault is not None
    assert fault.key == "secret.other_transcript"
    assert [type(body) for body in one.session.said] == [CommitToKey, RevealKey]


async def test_nothing_goes_out_that_the_disk_has_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = book()
    watchers = await keyed(hall, *OPENERS)
    scoring(hall).begin_opening()
    one = watchers["M02"]
    opening, said = await one.waiting(), len(one.session.said)

    def full(_data: bytes) -> None:
        raise FULL

    monkeypatch.setattr(one.box, "write", full)
    assert await one.scrutiny.open(opening) is None
    assert one.scrutiny.seen.mishap is FULL
    assert len(one.session.said) == said
    hall.begin_ceremony("M02", "M03")
    fresh = Watcher(book().begin_ceremony(*OPENERS), "M02")
    await fresh.look()
    monkeypatch.setattr(fresh.box, "write", full)
    fresh.scrutiny.take_part()
    await finish(fresh)
    assert fresh.session.said == []
    assert fresh.scrutiny.seen.mishap is FULL


async def test_a_part_that_got_lost_is_given_again_after_a_restart_and_no_other_one() -> None:
    hall = book()
    watchers = await keyed(hall, *OPENERS)
    scoring(hall).begin_opening()
    one = watchers["M02"]
    one.session.heard = False
    await one.scrutiny.open(await one.waiting())
    again = one.again()
    await again.scrutiny.open(await again.waiting())
    assert hall.meeting.rounds[-1].sealing is not None
    assert hall.meeting.rounds[-1].sealing.missing == ("M03", "M04")
    # a record in which the same round is opened on other ballots: it gives no part a second time
    third = again.again()
    done = third.scrutiny.kept.openings.done
    changed = msgspec.structs.replace(done[0], digest="00" * 64)
    openings = msgspec.structs.replace(third.scrutiny.kept.openings, done=(changed,))
    third.scrutiny.keep(msgspec.structs.replace(third.scrutiny.kept, openings=openings))
    third.session.leaves = [encode_entry(entry) for entry in hall.entries[:-1]]
    said = len(third.session.said)
    assert await third.scrutiny.open(await third.waiting()) is None
    fault = third.scrutiny.fault
    assert fault is not None
    assert fault.key == "secret.opened_before"
    assert len(third.session.said) == said


async def test_a_record_without_one_ballot_is_not_opened_by_who_opened_the_whole_one() -> None:
    hall = book()
    one = (await keyed(hall, *OPENERS))["M02"]
    hall.open("score")
    for person in PEOPLE[:4]:
        hall.seal(person, scored("T01", 90))
    # what the two results differ by would be the score of the last one
    fewer = deepcopy(hall)
    hall.seal(PEOPLE[4], scored("T01", 37)).close().check().begin_opening()
    fewer.close().check().begin_opening()
    assert await one.scrutiny.open(await one.waiting()) is not None
    again = one.again()
    again.session.leaves = [encode_entry(entry) for entry in fewer.entries]
    assert await again.scrutiny.open(await again.waiting()) is None
    assert again.scrutiny.fault is not None
    assert again.scrutiny.fault.key == "secret.opened_before"
    assert again.session.said == []


async def test_only_what_is_on_the_screen_is_opened() -> None:
    hall = book()
    watchers = await keyed(hall, *OPENERS)
    scoring(hall).begin_opening()
    one = watchers["M02"]
    shown = await one.waiting()
    assert await one.scrutiny.open(shown._replace(digests=("00",))) is None
    assert await one.scrutiny.open(Opening("motion", 1, ())) is None
    assert await one.scrutiny.open(shown) is not None


FORGED = SECRET_ATTACKS | FORM_ATTACKS


@pytest.mark.parametrize("name", FORGED)
async def test_on_a_record_that_does_not_hold_nothing_is_said_or_opened(name: str) -> None:
    hall = book()
    one = Watcher(hall, "M02")
    one.session.leaves = list(FORGED[name].make().leaves)
    await one.look()
    assert one.scrutiny.fault is not None
    assert "index" in one.scrutiny.fault.values
    assert list(one.scrutiny.openings()) == []
    assert list(one.scrutiny.overridable()) == []
    one.scrutiny.take_part()
    assert one.session.said == []


async def test_an_override_on_the_head_of_another_record_is_an_alarm() -> None:
    hall = book()
    watchers = await keyed(hall, *OPENERS)
    scoring(hall)
    hall.acting(
        Principal("M03", Role.SCRUTINEER), OverrideCosigning("score", 1, len(hall.entries), hall.root(3), "断网")
    )
    hall.begin_overridden()
    one = watchers["M02"]
    await one.look()
    fault = one.scrutiny.fault
    assert fault is not None
    assert fault.values["index"] == len(hall.entries) - 1
    assert list(one.scrutiny.openings()) == []


async def test_the_chief_scrutineer_answers_for_the_head_that_was_followed() -> None:
    hall = book()
    watchers = await keyed(hall, *OPENERS)
    hall.open("score")
    for person in PEOPLE[:3]:
        hall.seal(person, scored("T01", 90))
    hall.close()
    chief, other = watchers["M03"], watchers["M02"]
    await chief.look()
    assert list(chief.scrutiny.overridable()) == []
    hall.check()
    await finish(chief, other)
    assert list(other.scrutiny.overridable()) == []
    assert other.scrutiny.override("score", 1, "断网") is None
    said = chief.scrutiny.override("score", 1, "断网")
    assert said == OverrideCosigning("score", 1, len(hall.entries), hall.root(), "断网")
    chief.session.submit(said)
    hall.begin_overridden()
    for one in (chief, other):
        await one.scrutiny.open(await one.waiting())
    assert hall.meeting.rounds[-1].sealing is not None
    assert hall.meeting.rounds[-1].sealing.unsealed


async def test_a_key_on_the_screens_that_is_not_the_records_is_an_alarm() -> None:
    hall = book()
    watchers = await keyed(hall, *OPENERS)
    one = watchers["M02"]
    one.session.shown = msgspec.structs.replace(secret_of(hall.meeting), key=None, fingerprint="K7M2-Q9XD-4TRB-8W3F")
    await one.look()
    fault = one.scrutiny.fault
    assert fault is not None
    assert "K7M2-Q9XD-4TRB-8W3F" in str(fault)


async def test_one_run_of_the_server_has_one_record_and_another_run_goes_on_from_it() -> None:
    hall = book().make_key()
    one = Watcher(hall, "M02")
    await one.look()
    leaves = one.session.record
    one.session.epoch = "second"
    one.session.leaves = leaves[:-3]
    assert (await one.look()).fault is None  # the picture may be older than what was read
    hall.open("score")
    one.session.leaves = None
    assert (await one.look()).fault is None
    assert one.scrutiny.meeting == hall.meeting
    # the same run shows leaves that are none of the record that it showed before
    another = book().make_key().open("motion").seal("M01", Choice("", Option.FOR)).close()
    one.session.leaves = [encode_entry(entry) for entry in another.entries]
    await one.look()
    assert one.scrutiny.fault is not None


async def test_while_the_record_is_in_doubt_or_the_meeting_has_nothing_secret_it_is_not_read() -> None:
    one = Watcher(book().make_key(), "M02")
    one.session.vigil.witness.sure = False
    assert (await one.look()).meeting is None
    open_only = SecretBook(secret_hall(MOTION)).check_in(*PEOPLE)
    assert (await Watcher(open_only, "M02").look()).meeting is None


async def test_fewer_than_the_least_number_of_ballots_is_never_opened() -> None:
    hall = book()
    watchers = await keyed(hall, *OPENERS)
    hall.open("motion")
    for person in PEOPLE[:2]:
        hall.seal(person, Choice("", Option.FOR))
    hall.close().check()
    one = watchers["M03"]
    await one.look()
    assert list(one.scrutiny.openings()) == []
    assert list(one.scrutiny.overridable()) == []


def test_a_damaged_strongbox_is_told() -> None:
    hall = book()
    one = Watcher(hall, "M02")
    one.box.write(b"{}{}")
    with pytest.raises(VaultError):
        Watcher(hall, "M02", one.box)


async def test_it_runs_until_it_is_told_to_stop() -> None:
    hall = book().make_key()
    one = Watcher(hall, "M02")
    running = asyncio.create_task(one.scrutiny.run())
    async with asyncio.timeout(60):
        while one.scrutiny.meeting is None:  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert one.scrutiny.follower.proofs.closed
    assert "Kept(...)" in repr(one.scrutiny.kept)
    assert b64decode(one.scrutiny.head[1]) == one.scrutiny.follower.hashes.root()
    assert OpenPart not in {type(body) for body in one.session.said}
