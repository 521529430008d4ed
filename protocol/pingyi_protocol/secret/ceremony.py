"""How the scrutineers make the election key: what is said through the untrusted server, and what all check of it.

Pedersen's distributed key generation ("A threshold cryptosystem without a trusted party", EUROCRYPT 1991) with
Feldman's checks (FOCS 1987), in four rounds: everyone commits, everyone reveals the points of a polynomial with a proof
of possession, everyone deals sealed shares, everyone signs one and the same transcript. After C2SP's COCKTAIL-DKG
(https://c2sp.org/cocktail-dkg). Whoever reveals last cannot choose the key, for it was committed to; nobody is ever
left out of a ceremony that goes on: one that fails names who is missing or at fault, and another one begins afresh.
That an adversary can so make it fail after seeing the key, and choose a little among keys, does no harm to ElGamal
(Cortier, Galindo, Glondu, Izabachène, "Distributed ElGamal à la Pedersen: application to Helios", WPES 2013).

A ``Board`` is what has been said. Server, scrutineers and verifiers make it of the same messages by one ``accept``.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import TypeVar

import nacl.bindings
import nacl.exceptions

from pingyi_protocol.keys.signing import WeakKeyError, parse_public_key, verify
from pingyi_protocol.keys.transport import transport_key_text
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.record.tracking import FINGERPRINT_CHARACTERS, short_code
from pingyi_protocol.secret.group import (
    IDENTITY,
    GroupError,
    Point,
    Transcript,
    add,
    multiply,
    parse_point,
    parse_scalar,
    parse_text,
    raised,
    total,
)
from pingyi_protocol.secret.messages import (
    BOX_KEY_BYTES,
    SEALED_BYTES,
    Ceremony,
    CeremonyError,
    CommitToKey,
    ConfirmKey,
    DealShares,
    DisputeShare,
    Message,
    RevealKey,
    check_length,
    commitment_digest,
    possession,
    share_nonce,
    signed_bytes,
    text_of,
)
from pingyi_protocol.secret.proof import PAIR_BYTES, known_holds, parse_proof


class Step(StrEnum):
    """Which messages a ceremony waits for; the last two are its ends."""

    COMMIT = "commit"
    REVEAL = "reveal"
    DEAL = "deal"
    CONFIRM = "confirm"
    DONE = "done"
    FAILED = "failed"


_Kept = TypeVar("_Kept", CommitToKey, RevealKey, DealShares, ConfirmKey)


class ElectionKey(Struct, frozen=True):
    """The key that ballots are encrypted to, and the point of each scrutineer's share, in base64.

    ``transcript`` is the digest that all scrutineers signed.
    """

    key: str
    threshold: int
    shares: tuple[str, ...]
    transcript: str

    @property
    def digest(self) -> bytes:
        """The 64 bytes that stand for the key, its scrutineers and how it came about."""
        parts = Transcript("pingyi election key/1").add(parse_text(self.transcript), parse_text(self.key))
        return parts.add_texts(str(self.threshold)).add(*map(parse_text, self.shares)).digest()

    @property
    def fingerprint(self) -> str:
        """The short code (80 bits) that is shown on every screen and read aloud."""
        return short_code(self.digest, FINGERPRINT_CHARACTERS)


@dataclass(frozen=True)
class Board:
    """All that was said in a ceremony; begin with the ceremony alone. Each tuple is in the order of arrival."""

    ceremony: Ceremony
    commitments: tuple[CommitToKey, ...] = ()
    reveals: tuple[RevealKey, ...] = ()
    deals: tuple[DealShares, ...] = ()
    confirmations: tuple[ConfirmKey, ...] = ()
    dispute: DisputeShare | None = None

    @property
    def step(self) -> Step:
        """What the ceremony waits for."""
        if self.dispute is not None:
            return Step.FAILED
        rounds = (self.commitments, self.reveals, self.deals, self.confirmations)
        steps = (Step.COMMIT, Step.REVEAL, Step.DEAL, Step.CONFIRM)
        waiting = (step for step, said in zip(steps, rounds, strict=True) if len(said) < len(self.ceremony.scrutineers))
        return next(waiting, Step.DONE)

    @property
    def missing(self) -> tuple[int, ...]:
        """The indices of those from whom the step still waits for a message."""
        said: dict[Step, tuple[Message, ...]] = {
            Step.COMMIT: self.commitments,
            Step.REVEAL: self.reveals,
            Step.DEAL: self.deals,
            Step.CONFIRM: self.confirmations,
        }
        if self.step not in said:
            return ()
        there = {message.index for message in said[self.step]}
        return tuple(index for index in self.ceremony.indices if index not in there)

    @property
    def at_fault(self) -> int | None:
        """The index of who dealt a bad share; None where nobody did."""
        return None if self.dispute is None else self.dispute.dealer

    @cached_property
    def digest(self) -> bytes:
        """What is signed in the last round: the terms and all messages of the first three, by index."""
        transcript = self.ceremony.transcript("pingyi key transcript/1")
        rounds: tuple[tuple[Message, ...], ...] = (self.commitments, self.reveals, self.deals)
        for said in rounds:
            for message in sorted(said, key=lambda one: one.index):
                transcript.add(signed_bytes(self.ceremony, message))
        return transcript.digest()

    def accept(self, message: Message) -> "Board":
        """Return the board with a message more.

        Raises CeremonyError (or GroupError for what is no point, scalar or base64) and changes nothing when the message
        is not of this step, comes from nobody or twice, is not signed by the scrutineer of its index, or is not good.
        """
        if message.index not in self.ceremony.indices:
            raise CeremonyError("secret.no_scrutineer")
        if message.index not in self.missing:
            raise CeremonyError("secret.not_awaited", index=message.index)
        last = isinstance(message, ConfirmKey | DisputeShare)
        body = signed_bytes(self.ceremony, message, self.digest if last else b"")
        key = parse_public_key(self.ceremony.scrutineers[message.index - 1].key)
        if not verify(key, body, parse_text(message.signature)):
            raise CeremonyError("secret.not_signed", index=message.index)
        match self.step, message:
            case Step.COMMIT, CommitToKey():
                check_length(message.digest, 64, message.index)
                return replace(self, commitments=(*self.commitments, message))
            case Step.REVEAL, RevealKey():
                self._check_reveal(message)
                return replace(self, reveals=(*self.reveals, message))
            case Step.DEAL, DealShares():
                self._check_deal(message)
                return replace(self, deals=(*self.deals, message))
            case Step.CONFIRM, ConfirmKey():
                return replace(self, confirmations=(*self.confirmations, message))
            case Step.CONFIRM, DisputeShare():
                self._check_dispute(message)
                return replace(self, dispute=message)
            case _:
                raise CeremonyError("secret.not_awaited", index=message.index)

    def _check_reveal(self, message: RevealKey) -> None:
        index = message.index
        if len(message.points) != self.ceremony.threshold:
            raise CeremonyError("secret.coefficients", index=index, wanted=self.ceremony.threshold)
        for point in message.points:
            parse_point(parse_text(point))
        check_length(message.box, BOX_KEY_BYTES, index)
        check_length(message.proof, PAIR_BYTES, index)
        try:
            transport_key_text(parse_text(message.box))
        except WeakKeyError as error:
            raise CeremonyError("secret.reveal", index=index) from error
        if parse_text(_of(self.commitments, index).digest) != commitment_digest(self.ceremony, message):
            raise CeremonyError("secret.not_as_committed", index=index)
        proven = possession(self.ceremony, index, message.box, message.points)
        if not known_holds(proven, Point(parse_text(message.points[0])), parse_proof(parse_text(message.proof))):
            raise CeremonyError("secret.possession", index=index)

    def _check_deal(self, message: DealShares) -> None:
        if len(message.shares) != len(self.ceremony.scrutineers):
            raise CeremonyError("secret.deal", index=message.index)
        for index, share in zip(self.ceremony.indices, message.shares, strict=True):
            check_length(share, 0 if index == message.index else SEALED_BYTES, message.index)

    def _check_dispute(self, message: DisputeShare) -> None:
        index, secret = message.index, parse_text(message.secret)
        check_length(message.secret, BOX_KEY_BYTES, index)
        own = nacl.bindings.crypto_scalarmult_base(secret) == parse_text(_of(self.reveals, index).box)
        known = message.dealer in self.ceremony.indices and message.dealer != index
        if not own or not known or opened_share(self, message.dealer, index, secret) is not None:
            raise CeremonyError("secret.dispute", index=index)

    def reveal_of(self, index: int) -> RevealKey:
        """Return what a scrutineer revealed; LookupError where nothing was."""
        return _of(self.reveals, index)

    def deal_of(self, index: int) -> DealShares:
        """Return what a scrutineer dealt; LookupError where nothing was."""
        return _of(self.deals, index)


def election_key(board: Board) -> ElectionKey:
    """Return the key that a ceremony made. CeremonyError while not all scrutineers have signed its transcript."""
    if board.step is not Step.DONE:
        raise CeremonyError("secret.unfinished")
    threshold = board.ceremony.threshold
    columns = [[Point(parse_text(one.points[place])) for one in board.reveals] for place in range(threshold)]
    joint = tuple(map(total, columns))
    shares = tuple(at(joint, index) for index in board.ceremony.indices)
    if IDENTITY in (joint[0], *shares):
        raise CeremonyError("secret.key_void")
    return ElectionKey(text_of(joint[0]), threshold, tuple(map(text_of, shares)), text_of(board.digest))


def at(points: tuple[Point, ...], index: int) -> Point:
    """Return the point of a polynomial's value at ``index``, given the points of its coefficients, lowest first."""
    value = points[-1]
    for point in reversed(points[:-1]):
        value = add(multiply(index, value), point)
    return value


def opened_share(board: Board, dealer: int, index: int, secret: bytes) -> int | None:
    """Return the share that ``dealer`` sealed for ``index``, whose secret X25519 key this is; None for a bad one.

    Bad is what does not open, is no scalar, or is not the value at ``index`` of the polynomial that was revealed.
    """
    reveal = board.reveal_of(dealer)
    sealed = parse_text(board.deal_of(dealer).shares[index - 1])
    nonce = share_nonce(board.ceremony, dealer, index)
    try:
        share = parse_scalar(nacl.bindings.crypto_box_open(sealed, nonce, parse_text(reveal.box), secret))
    except (nacl.exceptions.CryptoError, GroupError):
        return None
    points = tuple(Point(parse_text(point)) for point in reveal.points)
    return share if raised(share) == at(points, index) else None


def _of(said: tuple[_Kept, ...], index: int) -> _Kept:
    found = next((message for message in said if message.index == index), None)
    if found is None:
        raise LookupError(index)
    return found
