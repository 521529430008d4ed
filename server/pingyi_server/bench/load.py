"""The ballots of one round on their way: each is sent when it is due, and again when it is not answered."""

import random
import time
from collections.abc import Sequence
from typing import NamedTuple

from pingyi_protocol.client.session import PING_SECONDS, RESEND_SECONDS
from pingyi_protocol.wire.envelope import Envelope
from pingyi_protocol.wire.messages import Ping, encode
from pingyi_server.bench.connections import Meeting

SENDS = 64
"""Ballots that are sent before answers are looked at again."""


class Ballot(NamedTuple):
    """A signed ballot: the number of its request, its envelope, and the request but for the head at its end."""

    number: bytes
    envelope: Envelope
    request: bytes


class Answer(NamedTuple):
    """What came for a ballot: whose it was, how many its seat had cast before, when it was pressed and answered."""

    seat: int
    turn: int
    pressed: float
    at: float
    body: bytes


class Load:
    """The ballots of all seats, each one's first at a random moment of so many seconds and the others one by one."""

    def __init__(
        self, meeting: Meeting, ballots: Sequence[Sequence[Ballot]], sizes: Sequence[int], seconds: float
    ) -> None:
        """Begin now; ``sizes`` are those of the heads that the seats hold."""
        self.meeting = meeting
        self.ballots = ballots
        self.ends = [b"%d}" % size for size in sizes]
        self.begun = self.looked = time.monotonic()
        seats = range(len(ballots))
        self.due = sorted(((self.begun + random.random() * seconds, seat) for seat in seats), reverse=True)  # noqa: S311 - no secret
        self.pressed, self.sent, self.turns = [0.0 for _ in seats], [0.0 for _ in seats], [0 for _ in seats]
        self.answers: list[Answer] = []
        self.left = sum(map(len, ballots))
        self.pinged = 0

    def go_on(self, now: float) -> float:
        """Send what is due, and return for how many seconds nothing more is."""
        for _ in range(SENDS):
            if not self.due or self.due[-1][0] > now:
                break
            moment, seat = self.due.pop()
            self.pressed[seat] = moment
            self.send(seat, now)
        if now - self.looked > RESEND_SECONDS:
            self.looked = now
            self.send_again(now)
        everybody = len(self.meeting.places)
        while self.pinged < (now - self.begun) / PING_SECONDS * everybody:
            self.meeting.send(self.pinged % everybody, b"", encode(Ping()))
            self.pinged += 1
        return max(0.0, self.due[-1][0] - now) if self.due else PING_SECONDS

    def send(self, seat: int, now: float) -> None:
        """Send a seat's next ballot."""
        ballot = self.ballots[seat][self.turns[seat]]
        self.sent[seat] = now
        self.meeting.send(seat, ballot.number, ballot.request + self.ends[seat])

    def send_again(self, now: float) -> None:
        """Do as a terminal does: what may be lost with a connection is sent again."""
        for seat, at in enumerate(self.sent):
            if at and now - at > RESEND_SECONDS and self.turns[seat] < len(self.ballots[seat]):
                self.send(seat, now)

    def answered(self, seat: int, number: bytes, body: bytes, at: float) -> None:
        """Take an answer, unless it has come before, and send what its seat casts next."""
        turn, mine = self.turns[seat], self.ballots[seat]
        if turn == len(mine) or number != mine[turn].number:
            return
        self.answers.append(Answer(seat, turn, self.pressed[seat], at, body))
        self.left -= 1
        self.turns[seat] += 1
        if self.turns[seat] < len(mine):
            self.pressed[seat] = at
            self.send(seat, at)
