"""What scrutineers say to each other while they make the election key: its terms, its messages, what is hashed."""

from base64 import b64encode
from typing import TypeAlias

from pingyi_protocol.keys.signing import parse_public_key
from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.secret import SecretError
from pingyi_protocol.secret.group import SCALAR_BYTES, Transcript, parse_text

LEAST_THRESHOLD = 2
MOST_SCRUTINEERS = 32
BOX_KEY_BYTES = 32
_NONCE_BYTES = 24
SEALED_BYTES = SCALAR_BYTES + 16


class CeremonyError(SecretError):
    """A message does not belong into the ceremony as it stands, or its content is not good."""


class Scrutineer(Struct, frozen=True):
    """Who takes part: the number in the roster, and the base64 of the device's public signing key."""

    person: str
    key: str


class Ceremony(Struct, frozen=True):
    """What a ceremony is about. A scrutineer's *index* is the place among ``scrutineers``, from 1.

    ``attempt`` numbers the ceremonies of a meeting from 1. ``threshold`` of the scrutineers can open, fewer learn
    nothing. Raises CeremonyError unless 2 <= threshold <= scrutineers <= 32, all persons and keys differ, and the keys
    are safe.
    """

    meeting: str
    attempt: int
    threshold: int
    scrutineers: tuple[Scrutineer, ...]

    def __post_init__(self) -> None:
        """Refuse what no ceremony can be."""
        count = len(self.scrutineers)
        if not LEAST_THRESHOLD <= self.threshold <= count <= MOST_SCRUTINEERS:
            raise CeremonyError("secret.threshold", least=LEAST_THRESHOLD, most=MOST_SCRUTINEERS)
        if len({one.person for one in self.scrutineers}) < count or len({one.key for one in self.scrutineers}) < count:
            raise CeremonyError("secret.scrutineer_twice")
        for one in self.scrutineers:
            parse_public_key(one.key)

    @property
    def indices(self) -> range:
        """The indices of the scrutineers, from 1."""
        return range(1, len(self.scrutineers) + 1)

    def transcript(self, domain: str) -> Transcript:
        """Return a transcript that holds the whole ceremony's terms."""
        texts = (text for one in self.scrutineers for text in (one.person, one.key))
        return Transcript(domain).add_texts(self.meeting, str(self.attempt), str(self.threshold), *texts)


class CommitToKey(Struct, frozen=True, tag="commit-to-key/1"):
    """The first round: the hash (64 bytes) of what will be revealed. All bytes are base64, in every message."""

    index: int
    digest: str
    signature: str = ""

    @property
    def content(self) -> tuple[bytes, ...]:
        """What is signed of it."""
        return (parse_text(self.digest),)


class RevealKey(Struct, frozen=True, tag="reveal-key/1"):
    """The second round: a fresh X25519 key for shares, the points of the ``threshold`` coefficients, the possession."""

    index: int
    box: str
    points: tuple[str, ...]
    proof: str
    signature: str = ""

    @property
    def content(self) -> tuple[bytes, ...]:
        """What is signed of it, and committed to."""
        return (parse_text(self.box), *map(parse_text, self.points), parse_text(self.proof))


class DealShares(Struct, frozen=True, tag="deal-shares/1"):
    """The third round: a sealed share (48 bytes) for each scrutineer in turn, the empty text in the own place."""

    index: int
    shares: tuple[str, ...]
    signature: str = ""

    @property
    def content(self) -> tuple[bytes, ...]:
        """What is signed of it."""
        return tuple(map(parse_text, self.shares))


class ConfirmKey(Struct, frozen=True, tag="confirm-key/1"):
    """The fourth round: a signature over everything before it."""

    index: int
    signature: str = ""

    @property
    def content(self) -> tuple[bytes, ...]:
        """Nothing of its own."""
        return ()


class DisputeShare(Struct, frozen=True, tag="dispute-share/1"):
    """Instead of the fourth round: the share from ``dealer`` is bad, as all can see with the own secret X25519 key.

    The key was made for this ceremony, which ends here, and opens nothing else.
    """

    index: int
    dealer: int
    secret: str
    signature: str = ""

    @property
    def content(self) -> tuple[bytes, ...]:
        """What is signed of it."""
        return (str(self.dealer).encode(), parse_text(self.secret))


Message: TypeAlias = CommitToKey | RevealKey | DealShares | ConfirmKey | DisputeShare


def share_nonce(ceremony: Ceremony, dealer: int, index: int) -> bytes:
    """Return the nonce of a sealed share: the keys are of one ceremony, and each pair seals once each way."""
    return ceremony.transcript("pingyi key share/1").add_texts(str(dealer), str(index)).digest()[:_NONCE_BYTES]


def commitment_digest(ceremony: Ceremony, reveal: RevealKey) -> bytes:
    """Return what is committed to before it is revealed."""
    return ceremony.transcript("pingyi key commitment/1").add_texts(str(reveal.index)).add(*reveal.content).digest()


def possession(ceremony: Ceremony, index: int, box: str, points: tuple[str, ...]) -> Transcript:
    """Return the statement of a proof of possession: the terms, whose it is, and all that is revealed with it."""
    parts = ceremony.transcript("pingyi key possession/1").add_texts(str(index))
    return parts.add(parse_text(box), *map(parse_text, points))


def signed_bytes(ceremony: Ceremony, message: Message, before: bytes = b"") -> bytes:
    """Return what a scrutineer signs of a message; ``before`` is the board's digest in the last round."""
    tag = str(message.__struct_config__.tag)
    return (
        ceremony.transcript("pingyi key message/1")
        .add_texts(tag, str(message.index))
        .add(before, *message.content)
        .digest()
    )


def check_length(text: str, wanted: int, index: int) -> None:
    """Raise CeremonyError unless a text of base64 holds so many bytes."""
    if len(parse_text(text)) != wanted:
        raise CeremonyError("secret.message_length", index=index)


def text_of(data: bytes) -> str:
    """Return bytes as base64."""
    return b64encode(data).decode("ascii")
