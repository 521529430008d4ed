"""A server that lies to a terminal: what no clerk could have loaded is not shown."""

import asyncio
from decimal import Decimal

import msgspec
import pytest
import zmq.asyncio

from kit.factories import small_definition
from kit.fuzz_samples import facts_of
from kit.hall import Deaf, Memory
from kit.hostile_texts import ESCAPES, hidden_in, poisoned
from pingyi_protocol.client.session import Session
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.meeting.definition import Definition, ScoreRules
from pingyi_protocol.meeting.events import DefinitionLoaded
from pingyi_protocol.meeting.evolve import evolve
from pingyi_protocol.meeting.model import Meeting
from pingyi_protocol.wire.messages import Welcome, encode, read, reply_decoder
from pingyi_protocol.wire.picture import digest
from pingyi_server.gateway.publisher import Projector

GOOD = small_definition()


def with_rules(rules: ScoreRules) -> Definition:
    agenda = tuple(msgspec.structs.replace(item, rules=rules) for item in GOOD.agenda)
    return msgspec.structs.replace(GOOD, agenda=agenda)


async def heard(definition: Definition) -> Session:
    """A session that was welcomed with this definition, over the wire's own form."""
    session = Session(zmq.asyncio.Context.instance(), facts_of(), generate_device_keys(), Memory(), Deaf())
    meeting = evolve(Meeting(), DefinitionLoaded(definition), 0)
    picture = Projector("e").picture(meeting, "K7M2-Q9XD", 0, 1)
    welcome = Welcome(msgspec.structs.replace(picture, definition=digest(definition)), definition)
    session.take(read(reply_decoder(), encode(welcome)))
    return session


async def test_a_sound_definition_is_shown() -> None:
    session = await heard(GOOD)
    assert session.definition == GOOD
    assert session.picture is not None


@pytest.mark.parametrize(
    "definition",
    [
        poisoned(GOOD, ESCAPES),
        poisoned(GOOD, ESCAPES, ids=True),
        with_rules(ScoreRules(step=Decimal(0))),
        with_rules(ScoreRules(lowest=Decimal("NaN"))),
        with_rules(ScoreRules(highest=Decimal("1E+999999"))),
        msgspec.structs.replace(GOOD, roster=()),
    ],
)
async def test_a_definition_that_no_clerk_could_have_loaded_is_not_shown(definition: Definition) -> None:
    session = await heard(definition)
    assert (session.definition, session.picture) == (None, None)


class OneReply:
    """A socket on which one frame comes in, and then nothing more."""

    def __init__(self, frame: bytes) -> None:
        self.frames = [frame]

    async def recv_multipart(self) -> list[bytes]:
        if not self.frames:
            raise asyncio.CancelledError
        return [b"", self.frames.pop()]


async def test_what_a_server_says_wrongly_is_logged_without_what_a_terminal_obeys(
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = await heard(GOOD)
    frame = b'{"type":"refused/1","command":"","refusal":{"reason":"\\u001b[2J\\u202e","values":{}}}'
    with pytest.raises(asyncio.CancelledError):
        await session.read_replies(OneReply(frame))  # type: ignore[arg-type]  # all that is read of a socket
    [line] = caplog.messages
    assert "[2J" in line
    assert not hidden_in(line)
