"""What the server told terminals, read after the load: on their way answers are only kept."""

from collections.abc import Iterator

import msgspec

from pingyi_protocol.wire.messages import BackstagePush, Receipt, Refused, Reply, Welcome, read, reply_decoder
from pingyi_protocol.wire.picture import LiveRound, Picture, Update
from pingyi_server.bench.stage import StageError

PUSH, WELCOME = b'{"type":"backstage/', b'{"type":"welcome/'


def screen(welcome: bytes) -> tuple[object, ...]:
    """Return what a terminal draws of a picture: all but who sent it, when, and by which clock."""
    picture: Picture = msgspec.json.decode(welcome, type=Welcome).picture
    live = picture.live and msgspec.structs.replace(picture.live, remaining=None)
    return picture.definition, picture.head, picture.present, picture.items, live, picture.published, picture.closed


def receipt_of(reply: Reply) -> Receipt:
    """Return the receipt that came; StageError for a refusal, and for whatever else."""
    if isinstance(reply, Receipt):
        return reply
    reason = reply.refusal.reason if isinstance(reply, Refused) else type(reply).__name__
    raise StageError("bench.refused", reason=reason)


def shows_round(broadcast: bytes, number: int) -> bool:
    """Whether a broadcast says that the round of this number is open."""
    live = msgspec.json.decode(broadcast, type=Update).live
    return isinstance(live, LiveRound) and live.round == number


def counts_shown(shown: list[tuple[float, bytes]], number: int) -> Iterator[tuple[float, int]]:
    """Yield when the wall was shown something and how many ballots it was in the round of this number."""
    decoder = msgspec.json.Decoder(Update)
    for at, body in shown:
        live = (
            msgspec.json.decode(body, type=Welcome).picture.live
            if body.startswith(WELCOME)
            else read(decoder, body).live
        )
        if isinstance(live, LiveRound) and live.round == number:
            yield at, live.received


def counts_behind(pushes: list[tuple[float, bytes]], number: int) -> Iterator[tuple[float, int]]:
    """Yield when the chair was told, and how many ballots it was shown in the round of this number."""
    for at, body in pushes:
        push = read(reply_decoder(), body)
        if isinstance(push, BackstagePush) and push.backstage.running and push.backstage.running.round == number:
            yield at, push.backstage.running.received


def lags(counted: list[float], told: list[tuple[float, int]]) -> list[float]:
    """Return for each first ballot, by the moments of their receipts, the milliseconds until its count was shown."""
    found, place = [], 0
    for at, received in told:
        while place < min(received, len(counted)):
            found.append(max(0.0, 1000 * (at - counted[place])))
            place += 1
    return found
