"""A member's answers in a secret round, as they leave this machine: encrypted to the scrutineers' key, and proven."""

from dataclasses import dataclass, field

import nacl.utils

from pingyi_protocol.meeting.commands import Answer, CastSecret
from pingyi_protocol.meeting.definition import Item
from pingyi_protocol.meeting.sealed import lines_in, questions
from pingyi_protocol.secret import SecretError
from pingyi_protocol.secret.ballot import cast_ballot
from pingyi_protocol.secret.group import Draw
from pingyi_protocol.secret.sheet import marks_of
from pingyi_protocol.wire.picture import LiveRound


@dataclass(frozen=True)
class Sealer:
    """What seals a member's ballots: the name of the log, and the public key that signs them (32 bytes)."""

    origin: str
    member: bytes
    draw: Draw = field(default=nacl.utils.random, repr=False)

    def seal(self, item: Item, live: LiveRound, answers: tuple[Answer, ...]) -> CastSecret:
        """Return the ballot of ``answers``, which are complete; its length is that of every other in this round.

        It takes as long as its proofs (milliseconds for a sum, half a second and more for distributions of several
        targets), whatever the answers are: do it where no screen waits. Nothing of the randomness is kept. Raises
        SecretError where the round has no key, a bad one, or the answers are none of its answers.
        """
        if live.key is None:
            raise SecretError("secret.no_key")
        lines = lines_in(item, live.candidates, live.places)
        asked = questions(self.origin, item.id, live.round, live.key.key, lines)
        texts = (
            cast_ballot(question, self.member, marks_of(item, line, answers, live.candidates), self.draw)
            for line, question in zip(lines, asked, strict=True)
        )
        return CastSecret(item.id, live.round, tuple(texts))
