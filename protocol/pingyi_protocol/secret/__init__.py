"""The secret ballot: encrypted, proven right by whoever cast it, and opened only in sum, by a threshold of scrutineers.

Exponential ElGamal over the prime-order subgroup of edwards25519, with a key that the scrutineers make together. All of
it is pure: randomness comes in as an argument, and what has to be remembered goes out as a value to be stored.

``group`` is the arithmetic, ``proof`` the zero-knowledge proofs, ``encoding`` how an answer becomes bits, ``sheet`` how
an item's rules become encodings, ``ballot`` what a member casts, ``messages``, ``ceremony`` and ``dealing`` how the key
comes about, ``opening`` how totals come out. SPEC.md, "Secret ballots", has every byte.
"""

from pingyi_protocol.wording import WordedError


class SecretError(WordedError):
    """Something about a secret ballot, the making of its key or its opening is wrong; the text says what."""
