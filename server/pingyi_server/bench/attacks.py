"""What a stranger's laptop, or a hostile terminal that is enrolled, does to the server's sockets.

Each attack is what is done on one connection, until the server cuts it or the attacker has had enough of it.
"""

import asyncio
import base64
import os

import msgspec

from pingyi_protocol.client.enrolment import ENROLMENT_OFFSET, INTRODUCTION_OFFSET, request_for
from pingyi_protocol.client.session import BROADCAST_OFFSET
from pingyi_protocol.keys.enrolment_code import SECRET_BYTES, EnrolmentCode
from pingyi_protocol.keys.key_file import generate_device_keys
from pingyi_protocol.keys.transport import generate_transport_keys
from pingyi_protocol.meeting.commands import CloseRound
from pingyi_protocol.meeting.definition import Role
from pingyi_protocol.wire.messages import Hello, Ping, Submit, encode
from pingyi_server.bench.attacker import AGAIN_SECONDS, Attack, Attacker, reading
from pingyi_server.bench.stage import ITEM, ballot
from pingyi_server.bench.zmtp import GREETING, INNER_MORE, LONG, Peer

MEETING = 0
FRAME_BYTES = 60_000
TOPIC_BYTES = 100
SMALL_BUFFER = 4096
TRICKLE_SECONDS = 1.0
GUESSES = 32


async def silence(_attacker: Attacker, peer: Peer) -> None:
    """Connect and never say a word."""
    await peer.swallow()


async def trickle(attacker: Attacker, peer: Peer) -> None:
    """Shake hands a byte a second."""
    for byte in GREETING + peer.hello():
        await attacker.send(peer, bytes((byte,)))
        await asyncio.sleep(TRICKLE_SECONDS)


async def half_handshake(attacker: Attacker, peer: Peer) -> None:
    """Let the server compute its part of a handshake, and stop."""
    await attacker.send(peer, GREETING)
    await peer.read(len(GREETING))
    await attacker.send(peer, peer.hello())
    await peer.welcomed()
    await peer.swallow()


async def garbage(attacker: Attacker, peer: Peer) -> None:
    """Send noise in place of a handshake."""
    await attacker.flood(peer, lambda: os.urandom(512))


async def stranger(_attacker: Attacker, peer: Peer) -> None:
    """Shake hands properly, with keys that nobody enrolled."""
    await peer.join(generate_transport_keys())
    await peer.swallow()


async def replayed_handshake(attacker: Attacker, peer: Peer) -> None:
    """Send again, byte for byte, what an enrolled terminal once sent to get in."""
    await attacker.send(peer, GREETING)
    await peer.read(len(GREETING))
    if attacker.overheard is None:
        hello = peer.hello()
        await attacker.send(peer, hello)
        initiate = peer.initiate(await peer.welcomed(), attacker.insider.keys.transport, "DEALER")
        await attacker.send(peer, initiate)
        await peer.ready()
        attacker.overheard = (hello, initiate)
        return
    hello, initiate = attacker.overheard
    await attacker.send(peer, hello)
    await peer.frame()
    await attacker.send(peer, initiate)
    await peer.swallow()


async def introductions(attacker: Attacker, peer: Peer) -> None:
    """Ask for the server's key over and over: no secret, and no handshake."""
    for _ in range(int(attacker.rate.messages * AGAIN_SECONDS)):
        await peer.read(1)
        peer = await attacker.connected(INTRODUCTION_OFFSET)


async def guesses(attacker: Attacker, peer: Peer) -> None:
    """Try enrolment codes by the thousand, each request well-formed and signed."""
    await peer.join(generate_transport_keys())
    facts = attacker.insider.facts
    keys = generate_device_keys()
    tries = []
    for _ in range(GUESSES):
        code = EnrolmentCode(
            facts.addresses, facts.port, facts.server_key, facts.person, Role.MEMBER, os.urandom(SECRET_BYTES)
        )
        tries.append(encode(request_for(code, keys, facts.meeting, pinned=False)))
    await reading(peer, attacker.flood(peer, lambda: peer.message(b"", tries[peer.nonce % GUESSES])))


async def pings(attacker: Attacker, peer: Peer) -> None:
    """Ping from an enrolled terminal, hundreds of times a second, and read the answers."""
    ping = encode(Ping())
    await peer.join(attacker.insider.keys.transport)
    await reading(peer, attacker.flood(peer, lambda: peer.message(b"1", ping)))


async def unread_answers(attacker: Attacker, peer: Peer) -> None:
    """Ask for the whole meeting over and over, and read nothing."""
    hello = encode(Hello(""))
    await peer.join(attacker.insider.keys.transport)
    await attacker.flood(peer, lambda: peer.message(b"1", hello))


async def junk(attacker: Attacker, peer: Peer) -> None:
    """Send large messages of noise from an enrolled terminal."""
    noise = os.urandom(FRAME_BYTES)
    await peer.join(attacker.insider.keys.transport)
    await reading(peer, attacker.flood(peer, lambda: peer.message(b"1", noise)))


async def oversized(attacker: Attacker, peer: Peer) -> None:
    """Announce a frame of a terabyte, and begin to send it."""
    noise = os.urandom(FRAME_BYTES)
    await peer.join(attacker.insider.keys.transport)
    await attacker.send(peer, bytes((LONG,)) + (1 << 40).to_bytes(8, "big"))
    await attacker.flood(peer, lambda: noise)


async def endless_message(attacker: Attacker, peer: Peer) -> None:
    """Send large frames of one message that never ends: the library hands none of it on before the last."""
    noise = os.urandom(FRAME_BYTES)
    await peer.join(attacker.insider.keys.transport)
    await reading(peer, attacker.flood(peer, lambda: peer.sealed(noise, INNER_MORE)))


async def endless_empty_frames(attacker: Attacker, peer: Peer) -> None:
    """The same with empty frames, each of which costs the server more than the sender."""
    await peer.join(attacker.insider.keys.transport)
    await reading(peer, attacker.flood(peer, lambda: b"".join(peer.sealed(b"", INNER_MORE) for _ in range(100))))


async def many_frames(attacker: Attacker, peer: Peer) -> None:
    """Send messages of hundreds of frames, each of them at its end."""
    await peer.join(attacker.insider.keys.transport)
    await reading(peer, attacker.flood(peer, lambda: peer.message(*[b""] * 500)))


async def forged_ballots(attacker: Attacker, peer: Peer) -> None:
    """Send ballots under a signature that does not hold: each costs the server its check."""
    envelope = attacker.insider.command(ballot())
    forged = msgspec.structs.replace(envelope, signature=base64.b64encode(os.urandom(32) + bytes(32)).decode())
    body = encode(Submit(forged, 0))
    await peer.join(attacker.insider.keys.transport)
    await reading(peer, attacker.flood(peer, lambda: peer.message(b"1", body)))


async def forbidden_commands(attacker: Attacker, peer: Peer) -> None:
    """Sign as a member what only the chair may do."""
    await peer.join(attacker.insider.keys.transport)

    def close() -> bytes:
        return peer.message(b"1", encode(Submit(attacker.insider.command(CloseRound(ITEM, 1)), 0)))

    await reading(peer, attacker.flood(peer, close))


async def ballots(attacker: Attacker, peer: Peer) -> None:
    """Vote as fast as the machine can sign: each of these ballots is lawful, and would be written to the disk."""
    await peer.join(attacker.insider.keys.transport)
    await reading(
        peer,
        attacker.flood(peer, lambda: peer.message(b"1", encode(Submit(attacker.insider.command(ballot()), 0)))),
    )


async def replayed_ballot(attacker: Attacker, peer: Peer) -> None:
    """Send one lawful ballot again and again."""
    body = encode(Submit(attacker.insider.command(ballot()), 0))
    await peer.join(attacker.insider.keys.transport)
    await reading(peer, attacker.flood(peer, lambda: peer.message(b"1", body)))


async def subscriptions(attacker: Attacker, peer: Peer) -> None:
    """Subscribe to topics without end: the library keeps each, byte by byte."""
    await peer.join(attacker.insider.keys.transport, "SUB")
    await reading(peer, attacker.flood(peer, lambda: peer.message(b"\1" + os.urandom(TOPIC_BYTES))))


async def unread_news(attacker: Attacker, peer: Peer) -> None:
    """Subscribe to everything and read nothing."""
    await peer.join(attacker.insider.keys.transport, "SUB")
    await attacker.send(peer, peer.message(b"\1"))
    await asyncio.Event().wait()


async def broadcast_flood(attacker: Attacker, peer: Peer) -> None:
    """Send to the socket that only tells."""
    noise = os.urandom(FRAME_BYTES)
    await peer.join(attacker.insider.keys.transport, "SUB")
    await reading(peer, attacker.flood(peer, lambda: peer.message(b"\3" + noise)))


ATTACKS = {
    attack.name: attack
    for attack in (
        Attack("silence", MEETING, silence),
        Attack("silence_at_broadcast", BROADCAST_OFFSET, silence),
        Attack("silence_at_enrolment", ENROLMENT_OFFSET, silence),
        Attack("trickle", MEETING, trickle),
        Attack("half_handshake", MEETING, half_handshake),
        Attack("garbage", MEETING, garbage),
        Attack("stranger", MEETING, stranger),
        Attack("replayed_handshake", MEETING, replayed_handshake),
        Attack("introductions", INTRODUCTION_OFFSET, introductions),
        Attack("guesses", ENROLMENT_OFFSET, guesses),
        Attack("pings", MEETING, pings),
        Attack("unread_answers", MEETING, unread_answers, SMALL_BUFFER),
        Attack("junk", MEETING, junk),
        Attack("oversized", MEETING, oversized),
        Attack("endless_message", MEETING, endless_message),
        Attack("endless_empty_frames", MEETING, endless_empty_frames),
        Attack("many_frames", MEETING, many_frames),
        Attack("forged_ballots", MEETING, forged_ballots),
        Attack("forbidden_commands", MEETING, forbidden_commands),
        Attack("ballots", MEETING, ballots),
        Attack("replayed_ballot", MEETING, replayed_ballot),
        Attack("subscriptions", BROADCAST_OFFSET, subscriptions),
        Attack("unread_news", BROADCAST_OFFSET, unread_news, SMALL_BUFFER),
        Attack("broadcast_flood", BROADCAST_OFFSET, broadcast_flood),
    )
}
"""Every attack by its name."""
