"""How an answer becomes a vector of bits, what is proven about them, and what their totals say.

A ballot encrypts each bit by itself and proves that it is 0 or 1; further claims tie the bits together. What is opened
are fixed sums of the ballots' bits and nothing else, so the encoding decides what anybody can learn. An answer is a
tuple of whole numbers, its *marks*, or None for an abstention.
"""

from itertools import chain
from typing import NamedTuple, TypeAlias

from pingyi_protocol.meeting.struct import Struct
from pingyi_protocol.secret import SecretError

MOST_PLACES = 1024
"""More bits than this no ballot has: a score from 0 to 100 in steps of 0.1 has 1001 bins."""

Factors: TypeAlias = tuple[tuple[int, int], ...]
"""A sum of bits: (place in the vector, factor), in the order of the places."""

Marks: TypeAlias = tuple[int, ...] | None
"""One answer: see each encoding; None abstains."""


class EncodingError(SecretError):
    """There is no such encoding, or the marks or totals are none that it has."""


class Claim(NamedTuple):
    """What a ballot proves: the sum of its bits, each times its factor, is one of ``values``."""

    factors: Factors
    values: tuple[int, ...]


class Opened(NamedTuple):
    """The totals of a round as opened: of each thing that an encoding counts, and of the abstentions."""

    totals: tuple[int, ...]
    abstentions: int


def weights(steps: int) -> tuple[int, ...]:
    """Return the weights of bits whose sums are exactly the whole numbers from 0 to ``steps`` (1 or more).

    Powers of two, and at last what is missing to ``steps``: with all before it making 0 to 2^n - 1 and the last one no
    more than 2^n, no number is left out, and the greatest sum is ``steps``.
    """
    if steps < 1:
        raise EncodingError("secret.steps")
    powers = [1 << place for place in range(steps.bit_length() - 1)]
    return (*powers, steps - sum(powers))


def _one(place: int) -> Factors:
    return ((place, 1),)


class _Encoding(Struct, frozen=True, kw_only=True):
    """What is common: whether a ballot may abstain, which takes one bit more, the last."""

    abstention: bool = False

    @property
    def counted(self) -> int:
        """How many bits say something else than an abstention."""
        raise NotImplementedError

    @property
    def length(self) -> int:
        """How many bits a ballot has."""
        return self.counted + self.abstention

    @property
    def bits(self) -> tuple[Claim, ...]:
        """Every bit is 0 or 1."""
        return tuple(Claim(_one(place), (0, 1)) for place in range(self.length))

    @property
    def openings(self) -> tuple[Factors, ...]:
        """The sums that are opened: every bit's, unless an encoding says otherwise."""
        return tuple(map(_one, range(self.length)))

    def bounds(self, ballots: int) -> tuple[int, ...]:
        """The most that each opened sum can be."""
        return (ballots,) * self.length

    def _opened_abstentions(self) -> tuple[Factors, ...]:
        return (_one(self.counted),) if self.abstention else ()

    def _split(self, totals: tuple[int, ...]) -> Opened:
        return Opened(totals[:-1], totals[-1]) if self.abstention else Opened(totals, 0)

    def _abstained(self) -> tuple[int, ...]:
        if not self.abstention:
            raise EncodingError("secret.no_abstention")
        return (*(0 for _ in range(self.counted)), 1)

    def _with_abstention(self, bits: tuple[int, ...]) -> tuple[int, ...]:
        return (*bits, 0) if self.abstention else bits


class Sum(_Encoding, frozen=True, tag="sum"):
    """Only the sum of the marks is opened: a score as weighted bits, one such score for each of ``parts`` criteria.

    Marks: for each part a number of steps, 0 to ``steps``. Who abstains does so for all parts: the last bit is added to
    each other one and the sum proven to be 0 or 1, so nothing else can be 1 beside it.
    """

    steps: int
    parts: int = 1

    def __post_init__(self) -> None:
        """Refuse what would be no ballot."""
        if self.steps < 1 or self.parts < 1 or self.length > MOST_PLACES:
            raise EncodingError("secret.steps")

    @property
    def counted(self) -> int:
        """The bits of one part after the other."""
        # not by ``weights``: a damaged record may ask for any number of steps
        return self.steps.bit_length() * self.parts

    @property
    def name(self) -> str:
        """What stands in every hash: "sum", steps, parts, abstention."""
        return f"sum {self.steps} {self.parts} {self.abstention:d}"

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What a ballot proves, in this order."""
        last = self.counted
        beside = range(last) if self.abstention else ()
        return (*self.bits, *(Claim(((place, 1), (last, 1)), (0, 1)) for place in beside))

    @property
    def openings(self) -> tuple[Factors, ...]:
        """The sums that are opened: of each part, and of the abstentions."""
        one = weights(self.steps)
        starts = range(0, self.counted, len(one))
        parts = (tuple((start + place, weight) for place, weight in enumerate(one)) for start in starts)
        return (*parts, *self._opened_abstentions())

    def bounds(self, ballots: int) -> tuple[int, ...]:
        """The most that each opened sum can be."""
        return (*(self.steps * ballots for _ in range(self.parts)), *(ballots for _ in self._opened_abstentions()))

    def vector(self, marks: Marks) -> tuple[int, ...]:
        """Return the bits of an answer."""
        if marks is None:
            return self._abstained()
        if len(marks) != self.parts or not all(0 <= mark <= self.steps for mark in marks):
            raise EncodingError("secret.marks")
        return self._with_abstention(tuple(chain.from_iterable(map(self._bits_of, marks))))

    def _bits_of(self, mark: int) -> tuple[int, ...]:
        *powers, last = weights(self.steps)
        rest, taken = (mark, 0) if mark < 1 << len(powers) else (mark - last, 1)
        return (*(rest >> place & 1 for place in range(len(powers))), taken)

    def decode(self, totals: tuple[int, ...], ballots: int) -> Opened:
        """Return what opened totals say; EncodingError where ``ballots`` proven ballots cannot give them."""
        opened = self._split(totals)
        scored = ballots - opened.abstentions
        if scored < 0 or any(total > self.steps * scored for total in opened.totals):
            raise EncodingError("secret.totals")
        return opened


class Distribution(_Encoding, frozen=True, tag="distribution"):
    """How many chose each of ``choices`` is opened: one bit for each, exactly one of which is 1.

    Marks: the place of the choice, from 0.
    """

    choices: int

    def __post_init__(self) -> None:
        """Refuse what would be no ballot."""
        if self.choices < 1 or self.length > MOST_PLACES:
            raise EncodingError("secret.choices", most=MOST_PLACES)

    @property
    def counted(self) -> int:
        """A bit for each choice."""
        return self.choices

    @property
    def name(self) -> str:
        """What stands in every hash: "distribution", choices, abstention."""
        return f"distribution {self.choices} {self.abstention:d}"

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What a ballot proves, in this order."""
        return (*self.bits, Claim(tuple((place, 1) for place in range(self.length)), (1,)))

    def vector(self, marks: Marks) -> tuple[int, ...]:
        """Return the bits of an answer."""
        if marks is None:
            return self._abstained()
        if len(marks) != 1 or not 0 <= marks[0] < self.choices:
            raise EncodingError("secret.marks")
        return self._with_abstention(tuple(int(place == marks[0]) for place in range(self.choices)))

    def decode(self, totals: tuple[int, ...], ballots: int) -> Opened:
        """Return what opened totals say; EncodingError where ``ballots`` proven ballots cannot give them."""
        if sum(totals) != ballots:
            raise EncodingError("secret.totals")
        return self._split(totals)


class Selection(_Encoding, frozen=True, tag="selection"):
    """How many chose each of ``candidates`` is opened: a bit for each, of which ``least`` to ``most`` are 1.

    Marks: the places of those chosen, from 0, rising. An abstention counts n + 1 in the sum over n candidates, and the
    sum is proven to be ``least`` to ``most``, or n + 1: so nobody is chosen beside it.
    """

    candidates: int
    least: int
    most: int

    def __post_init__(self) -> None:
        """Refuse what would be no ballot."""
        if not 0 <= self.least <= self.most <= self.candidates or self.most < 1 or self.length > MOST_PLACES:
            raise EncodingError("secret.selection", most=MOST_PLACES)

    @property
    def counted(self) -> int:
        """A bit for each candidate."""
        return self.candidates

    @property
    def name(self) -> str:
        """What stands in every hash: "selection", candidates, least, most, abstention."""
        return f"selection {self.candidates} {self.least} {self.most} {self.abstention:d}"

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What a ballot proves, in this order."""
        chosen = tuple((place, 1) for place in range(self.candidates))
        values = tuple(range(self.least, self.most + 1))
        if not self.abstention:
            return (*self.bits, Claim(chosen, values))
        beyond = self.candidates + 1
        return (*self.bits, Claim((*chosen, (self.candidates, beyond)), (*values, beyond)))

    def vector(self, marks: Marks) -> tuple[int, ...]:
        """Return the bits of an answer."""
        if marks is None:
            return self._abstained()
        chosen = tuple(int(place in marks) for place in range(self.candidates))
        rising = tuple(place for place, bit in enumerate(chosen) if bit)
        if marks != rising or not self.least <= len(marks) <= self.most:
            raise EncodingError("secret.marks")
        return self._with_abstention(chosen)

    def decode(self, totals: tuple[int, ...], ballots: int) -> Opened:
        """Return what opened totals say; EncodingError where ``ballots`` proven ballots cannot give them."""
        opened = self._split(totals)
        chose = ballots - opened.abstentions
        if not self.least * chose <= sum(opened.totals) <= self.most * chose or max(opened.totals) > chose:
            raise EncodingError("secret.totals")
        return opened


Encoding: TypeAlias = Sum | Distribution | Selection


def ballot_bytes(encoding: Encoding) -> int:
    """Return how many bytes a ballot of this encoding has, before base64."""
    return 64 * (encoding.length + sum(len(claim.values) for claim in encoding.claims))
