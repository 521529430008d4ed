"""The group of the secret ballot: what is taken in, and that its sums and products are those of edwards25519."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.secret_attacks import WEAK_POINTS, mixed
from kit.secret_hall import drawing
from pingyi_protocol.secret.group import (
    GENERATOR,
    IDENTITY,
    ORDER,
    GroupError,
    Point,
    Transcript,
    add,
    multiply,
    parse_point,
    parse_scalar,
    parse_text,
    raised,
    random_scalar,
    scalar_bytes,
    small,
    subtract,
    total,
)
from pingyi_protocol.secret.proof import Ciphertext, Pair, known_holds, one_of_holds, prove_known

SCALARS = st.integers(0, ORDER - 1)


@pytest.mark.parametrize("text", WEAK_POINTS.values(), ids=WEAK_POINTS)
def test_a_point_of_small_order_or_of_another_form_is_refused(text: str) -> None:
    with pytest.raises(GroupError) as error:
        parse_point(bytes.fromhex(text))
    assert error.value.key == "secret.point"


def test_a_point_of_mixed_order_is_refused() -> None:
    point = mixed(raised(5))
    assert add(Point(point), Point(point)) == raised(10)  # on the curve it is
    with pytest.raises(GroupError):
        parse_point(point)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_point_and_a_scalar_have_32_bytes(length: int) -> None:
    data = (GENERATOR + GENERATOR)[:length]
    with pytest.raises(GroupError):
        parse_point(data)
    with pytest.raises(GroupError):
        parse_scalar(bytes(length))


@pytest.mark.parametrize("scalar", [ORDER, ORDER + 1, 2**253, 2**256 - 1])
def test_a_scalar_is_below_the_order(scalar: int) -> None:
    with pytest.raises(GroupError) as error:
        parse_scalar(scalar_bytes(scalar))
    assert error.value.key == "secret.scalar"
    assert parse_scalar(scalar_bytes(ORDER - 1)) == ORDER - 1


@pytest.mark.parametrize("text", ["AA", "AA=", "AB==", "AA==\n", " AA==", "AA-_", "é", "AAAA===="])
def test_only_canonical_base64_is_text(text: str) -> None:
    with pytest.raises(GroupError):
        parse_text(text)


@given(SCALARS, SCALARS)
@settings(max_examples=20)
def test_multiples_add_up(left: int, right: int) -> None:
    assert add(raised(left), raised(right)) == raised(left + right)
    assert subtract(raised(left), raised(right)) == raised(left - right)
    assert multiply(left, raised(right)) == raised(left * right)


def test_zero_and_the_identity_are_no_special_case() -> None:
    point = raised(7)
    assert multiply(0, point) == multiply(ORDER, point) == raised(0) == total(()) == IDENTITY
    assert multiply(5, IDENTITY) == add(IDENTITY, IDENTITY) == subtract(point, point) == IDENTITY
    assert add(point, IDENTITY) == subtract(point, IDENTITY) == total([point]) == small(7)


def test_a_key_of_rfc_8032_is_a_multiple_of_the_generator() -> None:
    """RFC 8032, section 7.1, test 1."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    half = int.from_bytes(hashlib.sha512(seed).digest()[:32], "little")
    clamped = half & ((1 << 254) - 8) | (1 << 254)
    key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert raised(clamped).hex() == key


def test_the_equations_of_a_proof_are_those_of_rfc_9381() -> None:
    """RFC 9381, appendix B.3, example 16: ECVRF-EDWARDS25519-SHA512-TAI proves equal logarithms in this group."""
    key = parse_point(bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
    base = parse_point(bytes.fromhex("91bbed02a99461df1ad4c6564a5f5d829d0b90cfc7903e7a5797bd658abf3318"))
    gamma = parse_point(bytes.fromhex("8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f"))
    pair = Pair(
        int.from_bytes(bytes.fromhex("26f8a57ccaed74ee1b190bed1f479d97"), "little"),
        parse_scalar(bytes.fromhex("27d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805")),
    )
    seen = Recorder("")
    one_of_holds(seen, base, Ciphertext(key, gamma), (0,), (pair,))
    assert [point.hex() for point in seen.added] == [
        "aef27c725be964c6a9bf4c45ca8e35df258c1878b838f37d9975523f09034071",
        "5016572f71466c646c119443455d6cb9b952f07d060ec8286d678615d55f954f",
    ]
    hashed = hashlib.sha512(b"\x03\x02" + b"".join((key, base, gamma, *seen.added)) + b"\x00").digest()
    assert int.from_bytes(hashed[:16], "little") == pair.challenge


class Recorder(Transcript):
    """A transcript that remembers what was added last."""

    def add(self, *parts: bytes) -> "Transcript":
        self.added = parts
        return super().add(*parts)


def test_parts_of_a_transcript_cannot_be_moved() -> None:
    ways = [(b"ab", b"c"), (b"a", b"bc"), (b"abc",), (b"abc", b""), (b"", b"abc")]
    assert len({Transcript("tag").add(*parts).challenge() for parts in ways}) == len(ways)
    assert Transcript("tag").challenge() != Transcript("tag/2").challenge()


def test_a_fork_goes_on_by_itself() -> None:
    trunk = Transcript("tag").add(b"one")
    left, right = trunk.fork().add(b"two"), trunk.fork().add(b"three")
    assert left.digest() == Transcript("tag").add(b"one", b"two").digest()
    assert len({trunk.digest(), left.digest(), right.digest()}) == 3


def test_a_hash_is_the_whole_of_sha_512() -> None:
    expected = hashlib.sha512(b"".join(len(one).to_bytes(8, "big") + one for one in (b"tag", b"edwards25519", b"x")))
    transcript = Transcript("tag").add(b"x")
    assert transcript.digest() == expected.digest()
    assert transcript.challenge() == int.from_bytes(expected.digest(), "little") % ORDER


def test_a_drawn_scalar_is_never_zero() -> None:
    assert random_scalar(bytes) == 1
    assert random_scalar(lambda size: (ORDER - 2).to_bytes(size, "little")) == ORDER - 1
    assert random_scalar(lambda size: (ORDER - 1).to_bytes(size, "little")) == 1


def test_who_knows_a_secret_can_prove_it_and_nobody_else() -> None:
    proof = prove_known(Transcript("tag"), 77, drawing("known"))
    assert known_holds(Transcript("tag"), raised(77), proof)
    assert not known_holds(Transcript("tag"), raised(78), proof)
    assert not known_holds(Transcript("other"), raised(77), proof)
