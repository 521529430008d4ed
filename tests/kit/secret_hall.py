"""Scrutineers, members and ballots of a secret round, all of fixed randomness."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from pingyi_protocol.keys.signing import SigningKey, public_text
from pingyi_protocol.secret.ballot import ProvenBallot, Question, cast_ballot, verify_ballot
from pingyi_protocol.secret.ceremony import Board, ElectionKey, Step
from pingyi_protocol.secret.dealing import Dealer, KeyShare, begin, respond, take_share
from pingyi_protocol.secret.encoding import Encoding, Marks, Sum
from pingyi_protocol.secret.group import Draw
from pingyi_protocol.secret.messages import Ceremony, Message, Scrutineer
from pingyi_protocol.secret.opening import Count, Openings, Part, Result, count_ballots, decrypt_part, open_count

MEETING = "pingyi.example/2026/1"


def drawing(seed: str) -> Draw:
    """Return a source of fixed randomness: the n-th draw is SHAKE-256 of the seed, a slash and n, from 0."""
    drawn = 0

    def draw(size: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.shake_256(f"{seed}/{drawn - 1}".encode()).digest(size)

    return draw


def signer(name: str) -> SigningKey:
    """Return a person's device key."""
    return SigningKey(hashlib.sha256(f"signer {name}".encode()).digest())


def member(number: int) -> bytes:
    """Return a member's public key."""
    return bytes(signer(f"member {number}").verify_key)


@dataclass
class Circle:
    """The scrutineers of a ceremony, each with a board of the own; ``sent`` are all messages in their order."""

    ceremony: Ceremony
    signers: dict[int, SigningKey]
    dealers: dict[int, Dealer]
    board: Board
    sent: list[Message]

    def respond(self, index: int, board: Board | None = None) -> Message:
        """Let a scrutineer answer a board, the common one unless another is given."""
        answer = respond(self.dealers[index], board or self.board, self.signers[index])
        assert answer is not None
        self.dealers[index], message = answer
        return message

    def accept(self, message: Message) -> None:
        """Put a message on the common board."""
        self.board = self.board.accept(message)
        self.sent.append(message)

    def reach(self, step: Step, change: Callable[[Message], Message] = lambda message: message) -> None:
        """Go on until the board waits for this step; ``change`` is what an untrusted hand does to the messages."""
        while self.board.step is not step:
            for index in self.board.missing:
                self.accept(change(self.respond(index)))

    def shares(self) -> dict[int, KeyShare]:
        """Return everyone's share."""
        return {index: take_share(dealer, self.board)[1] for index, dealer in self.dealers.items()}

    def key(self) -> ElectionKey:
        """Return the key as the first scrutineer sees it."""
        return take_share(self.dealers[1], self.board)[0]


def circle(threshold: int = 2, count: int = 3, attempt: int = 1) -> Circle:
    """Return scrutineers who have not begun."""
    signers = {index: signer(f"scrutineer {index}") for index in range(1, count + 1)}
    people = tuple(Scrutineer(f"S{index}", public_text(one)) for index, one in signers.items())
    ceremony = Ceremony(MEETING, attempt, threshold, people)
    dealers = {
        index: begin(ceremony, one, drawing(f"ceremony {threshold} {count} {attempt} {index}"))
        for index, one in signers.items()
    }
    return Circle(ceremony, signers, dealers, Board(ceremony), [])


@lru_cache
def finished(threshold: int = 2, count: int = 3) -> Circle:
    """Return scrutineers who have made their key."""
    made = circle(threshold, count)
    made.reach(Step.DONE)
    return made


def question(encoding: Encoding | None = None, **changed: str | int) -> Question:
    """Return a question about a target under the key of ``finished()``; a score from 0 to 3 unless told."""
    facts = {
        "meeting": MEETING,
        "item": "1",
        "round": 1,
        "line": "score",
        "target": "water",
        "key": finished().key().key,
    }
    return Question(encoding=encoding or Sum(3), **(facts | changed))  # type: ignore[arg-type] # by name, as they come


def cast(asked: Question, marks: Iterable[Marks]) -> list[tuple[bytes, str]]:
    """Return a ballot of each member in turn."""
    return [
        (member(number), cast_ballot(asked, member(number), one, drawing(f"ballot {asked.encoding.name} {number}")))
        for number, one in enumerate(marks, start=1)
    ]


def proven(asked: Question, ballots: Iterable[tuple[bytes, str]]) -> list[ProvenBallot]:
    """Return the ballots, verified."""
    return [verify_ballot(asked, who, text) for who, text in ballots]


def counted(asked: Question, marks: Iterable[Marks], least: int = 3) -> Count:
    """Return the count of ballots with these marks."""
    return count_ballots(asked, "basis", proven(asked, cast(asked, marks)), least)


def part(count: Count, index: int, openings: Openings | None = None) -> Part:
    """Return a scrutineer's part of an opening."""
    made = finished()
    share, draw = made.shares()[index], drawing(f"part {index}")
    return decrypt_part(count, made.key(), share, openings or Openings(), draw)[1]


def opened(count: Count, parts: Iterable[Part] | None = None) -> Result:
    """Return the result of an opening by the first two scrutineers, or by these parts."""
    return open_count(count, finished().key(), [part(count, 1), part(count, 2)] if parts is None else parts)
