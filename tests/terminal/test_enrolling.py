"""Enrolling from the command line when it is broken off, or when the seat is already in use on this machine."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import zmq.asyncio

from kit.factories import small_definition
from kit.hall import Hall, free_port, open_hall
from pingyi_protocol.client.enrolment import NoAnswerError, confirm
from pingyi_protocol.command_line import BadInput, Failure
from pingyi_protocol.keys.draft import EnrolmentDraft
from pingyi_protocol.keys.enrolment_code import encode
from pingyi_protocol.keys.key_file import DeviceKeys
from pingyi_protocol.keys.profile import Profile, ProfileFacts, ProfileInUseError
from pingyi_protocol.meeting.definition import Language, Role
from pingyi_protocol.wire.messages import EnrolRequest
from pingyi_server.ledger.store import StoreError
from pingyi_terminal.enrolling import profile_for
from pingyi_terminal.enrolment import steps


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(tmp_path / "hall", small_definition(5, port=free_port())) as opened:
        yield opened


async def enrolled(root: Path, code: str | None, role: Role = Role.MEMBER) -> tuple[Profile, DeviceKeys]:
    opened = await asyncio.to_thread(profile_for, role, code, root, Language.ENGLISH)
    return opened.profile, opened.keys


def speaking(hall: Hall, person: str) -> list[bytes]:
    """The signing keys that the server takes for ``person``."""
    devices = hall.recorder.meeting.devices.values()
    return [one.signing_key for one in devices if one.principal.person == person and not one.revoked]


def public_half(keys: DeviceKeys) -> bytes:
    return bytes(keys.signing_key.verify_key)


async def test_a_second_code_never_ends_a_seat_that_is_in_use_here(hall: Hall, tmp_path: Path) -> None:
    root = tmp_path / "seats"
    profile, keys = await enrolled(root, encode(await hall.code("M02", Role.MEMBER)))
    second = encode(await hall.code("M02", Role.MEMBER))
    with profile.held(), pytest.raises(ProfileInUseError):
        await enrolled(root, second)
    assert speaking(hall, "M02") == [public_half(keys)]
    # nor does a later start finish it unasked
    again, same = await enrolled(root, None)
    assert (again.folder, same) == (profile.folder, keys)
    # once the seat is free the code is as good as before
    _, newer = await enrolled(root, second)
    assert speaking(hall, "M02") == [public_half(newer)]


class BrokenOffError(Exception):
    """The power went."""


@pytest.mark.parametrize("repeats_code", [True, False])
@pytest.mark.parametrize("recorded", [True, False])
async def test_what_was_broken_off_is_finished_with_the_same_keys(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, repeats_code: bool, recorded: bool
) -> None:
    async def broken(context: zmq.asyncio.Context, facts: ProfileFacts, request: EnrolRequest) -> ProfileFacts:
        if recorded:
            await confirm(context, facts, request)
        raise BrokenOffError

    root, code = tmp_path / "seats", encode(await hall.code("M02", Role.MEMBER))
    with monkeypatch.context() as patch:
        patch.setattr(steps, "confirm", broken)
        with pytest.raises(BrokenOffError):
            await enrolled(root, code)
    draft = EnrolmentDraft.unfinished(root, Role.MEMBER)
    assert draft is not None
    assert Profile.find(root, Role.MEMBER) == []
    size = hall.recorder.meeting.size
    profile, keys = await enrolled(root, code if repeats_code else None)
    assert keys == profile.unlock()
    assert speaking(hall, "M02") == [public_half(keys)]
    assert hall.recorder.meeting.size == size + (not recorded)
    assert profile.facts.enrolment
    assert EnrolmentDraft.unfinished(root, Role.MEMBER) is None
    assert [one.name for one in profile.folder.parent.iterdir()] == ["M02-member"]


async def test_a_refused_draft_is_forgotten_and_the_older_profile_goes_on(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "seats"
    older, keys = await enrolled(root, encode(await hall.code("M02", Role.MEMBER)))
    code = encode(await hall.code("M02", Role.MEMBER))

    async def broken(_context: object, _facts: object, _request: object) -> ProfileFacts:
        raise BrokenOffError

    with monkeypatch.context() as patch:
        patch.setattr(steps, "confirm", broken)
        with pytest.raises(BrokenOffError):
            await enrolled(root, code)
    await enrolled(tmp_path / "elsewhere", code)
    with pytest.raises(Failure):
        await enrolled(root, None)
    assert EnrolmentDraft.unfinished(root, Role.MEMBER) is None
    again, same = await enrolled(root, None)
    assert (again.folder, same) == (older.folder, keys)


async def test_a_draft_waits_for_a_server_that_is_away_and_is_overtaken_by_a_newer_profile(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, code = tmp_path / "seats", encode(await hall.code("M02", Role.MEMBER))

    async def away(_context: object, _facts: object, _request: object) -> ProfileFacts:
        raise NoAnswerError

    with monkeypatch.context() as patch:
        patch.setattr(steps, "confirm", away)
        for given in (code, None):
            with pytest.raises(Failure, match="Nothing answers"):
                await enrolled(root, given)
    assert EnrolmentDraft.unfinished(root, Role.MEMBER) is not None
    with pytest.raises(BadInput):
        await enrolled(root, None, Role.CHAIR)
    time.sleep(0.01)  # noqa: ASYNC251 - files of one clock tick have no order
    newer, _ = await enrolled(root, encode(await hall.code("M03", Role.MEMBER)))
    assert (await enrolled(root, None))[0].folder == newer.folder


async def test_who_enrols_while_the_store_fails_is_told_to_take_the_same_code_again(
    hall: Hall, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, code = tmp_path / "seats", encode(await hall.code("M02", Role.MEMBER))

    def fail(*_: object) -> None:
        raise StoreError("store.full", fault="database or disk is full")

    with monkeypatch.context() as patch:
        for write in ("append", "probe"):
            patch.setattr(hall.recorder.ledger.store, write, fail)
        for given in (code, code, None):
            with pytest.raises(Failure, match="run the same command with the same code again"):
                await enrolled(root, given)
    await hall.recorder.record_own(lambda _meeting, _at: None)
    _, keys = await enrolled(root, code)
    assert speaking(hall, "M02") == [public_half(keys)]
