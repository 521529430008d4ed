"""One scrutineer's own part in making the key: what is kept secret, and what is answered to the board.

What ``begin`` and ``respond`` return is stored, encrypted, *before* the message is sent: a scrutineer who forgot which
transcript was signed could be brought to sign another one.
"""

from typing import TypeAlias, TypeVar

import msgspec
import nacl.bindings
import nacl.signing

from pingyi_protocol.keys.discreet import Discreet
from pingyi_protocol.keys.signing import public_text
from pingyi_protocol.secret.ceremony import Board, ElectionKey, Step, election_key, opened_share
from pingyi_protocol.secret.group import ORDER, Draw, parse_scalar, parse_text, raised, random_scalar, scalar_bytes
from pingyi_protocol.secret.messages import (
    BOX_KEY_BYTES,
    Ceremony,
    CeremonyError,
    CommitToKey,
    ConfirmKey,
    DealShares,
    DisputeShare,
    Message,
    RevealKey,
    commitment_digest,
    possession,
    share_nonce,
    signed_bytes,
    text_of,
)
from pingyi_protocol.secret.proof import proof_bytes, prove_known

Signer: TypeAlias = nacl.signing.SigningKey
_Message = TypeVar("_Message", bound=Message)


class Dealer(Discreet, frozen=True):
    """What one scrutineer keeps during a ceremony.

    ``coefficients`` are exactly ``threshold`` scalars, lowest first; ``box`` is the secret X25519 key; ``reveal`` is
    made at the start; ``commitments`` are everyone's as they stood when it was sent, none before; ``settled`` is the
    digest of the transcript that was confirmed or disputed, empty before.
    """

    ceremony: Ceremony
    index: int
    coefficients: tuple[bytes, ...]
    box: bytes
    reveal: RevealKey
    commitments: tuple[CommitToKey, ...] = ()
    settled: bytes = b""


class KeyShare(Discreet, frozen=True):
    """A scrutineer's share of the election key whose digest is ``election``; ``secret`` is a scalar (32 bytes)."""

    election: bytes
    index: int
    secret: bytes


def begin(ceremony: Ceremony, signer: Signer, draw: Draw) -> Dealer:
    """Choose a polynomial and a key for shares. CeremonyError where the signer is none of the scrutineers."""
    keys = [one.key for one in ceremony.scrutineers]
    if public_text(signer) not in keys:
        raise CeremonyError("secret.no_scrutineer")
    index = keys.index(public_text(signer)) + 1
    coefficients = tuple(random_scalar(draw) for _ in range(ceremony.threshold))
    secret = draw(BOX_KEY_BYTES)
    box = text_of(nacl.bindings.crypto_scalarmult_base(secret))
    points = tuple(text_of(raised(one)) for one in coefficients)
    proof = prove_known(possession(ceremony, index, box, points), coefficients[0], draw)
    reveal = _signed(ceremony, RevealKey(index, box, points, text_of(proof_bytes(proof))), signer)
    return Dealer(ceremony, index, tuple(map(scalar_bytes, coefficients)), secret, reveal)


def respond(dealer: Dealer, board: Board, signer: Signer) -> tuple[Dealer, Message] | None:
    """Return what to keep from now on and what to send; None where the board waits for nothing from this scrutineer.

    Raises CeremonyError when the board is of another ceremony, shows something in this scrutineer's name that is not
    the own, or asks to settle another transcript than before.
    """
    _check_own(dealer, board)
    if dealer.index not in board.missing:
        return None
    ceremony, index = board.ceremony, dealer.index
    match board.step:
        case Step.COMMIT:
            digest = text_of(commitment_digest(ceremony, dealer.reveal))
            return dealer, _signed(ceremony, CommitToKey(index, digest), signer)
        case Step.REVEAL:
            # from here on nobody may commit anew, knowing what this scrutineer reveals
            return msgspec.structs.replace(dealer, commitments=board.commitments), dealer.reveal
        case Step.DEAL:
            return dealer, _signed(ceremony, DealShares(index, _sealed(dealer, board)), signer)
        case _:
            if dealer.settled not in (b"", board.digest):
                raise CeremonyError("secret.other_transcript")
            settled = msgspec.structs.replace(dealer, settled=board.digest)
            others = _others(board, index)
            bad = next((one for one in others if opened_share(board, one, index, dealer.box) is None), None)
            answer = ConfirmKey(index) if bad is None else DisputeShare(index, bad, text_of(dealer.box))
            return settled, _signed(ceremony, answer, signer, board.digest)


def take_share(dealer: Dealer, board: Board) -> tuple[ElectionKey, KeyShare]:
    """Return the key that was made and the own share of it, once all have signed; then ``dealer`` is to be destroyed.

    Raises CeremonyError while somebody has not, or where this is not the transcript that was confirmed.
    """
    _check_own(dealer, board)
    key = election_key(board)
    if dealer.settled != board.digest:
        raise CeremonyError("secret.other_transcript")
    secret = share_for(dealer.coefficients, dealer.index)
    for one in _others(board, dealer.index):
        share = opened_share(board, one, dealer.index, dealer.box)
        if share is None:
            raise CeremonyError("secret.unfinished")
        secret += share
    return key, KeyShare(key.digest, dealer.index, scalar_bytes(secret % ORDER))


def _others(board: Board, index: int) -> tuple[int, ...]:
    return tuple(one for one in board.ceremony.indices if one != index)


def share_for(coefficients: tuple[bytes, ...], index: int) -> int:
    """Return the polynomial's value at ``index``."""
    value = 0
    for coefficient in reversed(coefficients):
        value = (value * index + parse_scalar(coefficient)) % ORDER
    return value


def _sealed(dealer: Dealer, board: Board) -> tuple[str, ...]:
    sealed = []
    for index in board.ceremony.indices:
        if index == dealer.index:
            sealed.append("")
            continue
        share = scalar_bytes(share_for(dealer.coefficients, index))
        nonce, box = share_nonce(board.ceremony, dealer.index, index), parse_text(board.reveal_of(index).box)
        sealed.append(text_of(nacl.bindings.crypto_box(share, nonce, box, dealer.box)))
    return tuple(sealed)


def _check_own(dealer: Dealer, board: Board) -> None:
    """What stands in the own name must be the own: whoever holds the board could have put another one there."""
    if board.ceremony != dealer.ceremony:
        raise CeremonyError("secret.other_ceremony")
    digest = text_of(commitment_digest(board.ceremony, dealer.reveal))
    committed = [one for one in board.commitments if one.index == dealer.index]
    dealt = [one for one in board.deals if one.index == dealer.index]
    # what was revealed is what was committed to, or the board would not have it
    if any(one.digest != digest for one in committed) or any(one.shares != _sealed(dealer, board) for one in dealt):
        raise CeremonyError("secret.not_own", index=dealer.index)
    if dealer.commitments and set(dealer.commitments) != set(board.commitments):
        raise CeremonyError("secret.other_transcript")


def _signed(ceremony: Ceremony, message: _Message, signer: Signer, before: bytes = b"") -> _Message:
    signature = signer.sign(signed_bytes(ceremony, message, before)).signature
    return msgspec.structs.replace(message, signature=text_of(signature))
