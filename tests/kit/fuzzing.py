"""Bad input at random: good inputs changed in their bytes, in their JSON, or in the members of their archive."""

import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.hostile_texts import ESCAPES, MARKUP


@dataclass(frozen=True)
class Fuzz:
    """Inputs for one reader, and what must hold of every one of them: ``check`` fails or raises where it does not.

    ``examples`` is how many a run of the tests tries: fewer where one takes longer.
    """

    name: str
    inputs: st.SearchStrategy[Any]
    check: Callable[[Any], None]
    examples: int = 200


TOKENS = (
    *(b"NaN", b"Infinity", b"-Infinity", b"1e999999", b"-0", b"0x10", b"1_0", b"9" * 400, b"1" + b"0" * 5000),
    *(b"null", b"true", b'""', b"[]", b"{}", b'"', b"\\", b"\\u0000", b"\\ud800", b"\\x", b",", b":", b"]", b"}"),
    *(b"[" * 3000, b'{"a":' * 3000, b"\x00", b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\n", b"\r\n", b"\n\n\n"),
    *(b"<!DOCTYPE x [", b"&#0;", b"&x;", b"<", b"/>", b"]]>", b"'''", b"[[", b"=", b"PK\x03\x04", b"PK\x05\x06"),
    *(ESCAPES.encode(), MARKUP.encode(), "９评议".encode(), b"\xef\xbb\xbf", b"../../x", b"-" * 500),
)


@st.composite
def changed_bytes(draw: st.DrawFn, samples: Sequence[bytes]) -> bytes:
    """One of the samples with up to four changes of its bytes."""
    content = bytearray(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(content)))
        end = min(len(content), begin + draw(st.sampled_from((0, 1, 2, 4, 30, 1000, 10**9))))
        match draw(st.sampled_from(("flip", "cut", "put", "twice", "other", "random"))):
            case "flip" if begin < len(content):
                content[begin] ^= 1 << draw(st.integers(0, 7))
            case "cut":
                del content[begin:end]
            case "put":
                content[begin:end] = draw(st.sampled_from(TOKENS))
            case "twice":
                content[end:end] = content[begin:end]
            case "other":
                other = draw(st.sampled_from(samples))
                content[begin:end] = other[begin : begin + 2000]
            case _:
                content[begin:end] = draw(st.binary(max_size=20))
    return bytes(content)


class Pairs(list[tuple[str, Any]]):
    """A JSON object as its pairs, of which two may have one name."""


class Written(bytes):
    """Something that is written into a JSON text as it is."""


hostile_texts = st.sampled_from(
    (ESCAPES, MARKUP, "", "\0", "\ud7ff", "9" * 5000, "e" * 100_000, "../..", "{}", "%s{0}")
)
hostile_values: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 70),
    st.sampled_from((2**31, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**400, -(10**30))),
    st.floats(),
    hostile_texts,
    st.text(max_size=20),
    st.sampled_from(
        ("NaN", "sNaN", "Infinity", "-Infinity", "1E+999999", "1E-999999", "0E+5000", "-0", "1e1000000000")
    ),
    st.sampled_from(TOKENS).map(Written),
    st.sampled_from(([], Pairs(), [None], [[]], Pairs([("type", "x")]), ["x"] * 3000)).map(deepcopy),
)


def parts(tree: Any) -> Iterator[tuple[Any, int]]:
    """Every place in a JSON tree, as what holds it and where in there."""
    for place, one in enumerate(tree):
        value = one[1] if isinstance(tree, Pairs) else one
        yield tree, place
        if isinstance(value, list):
            yield from parts(value)


@st.composite
def changed_json(draw: st.DrawFn, samples: Sequence[bytes]) -> bytes:
    """One of the samples, each a JSON object, with up to three changes of its values and names."""
    tree = json.loads(draw(st.sampled_from(samples)), object_pairs_hook=Pairs)
    for _ in range(draw(st.integers(1, 3))):
        holder, place = draw(st.sampled_from(list(parts(tree)) or [(Pairs([("", tree)]), 0)]))
        match draw(st.sampled_from(("change", "change", "change", "drop", "twice", "add", "rename", "move"))):
            case "change":
                value = draw(hostile_values)
                holder[place] = (holder[place][0], value) if isinstance(holder, Pairs) else value
            case "drop":
                del holder[place]
            case "twice":
                holder.insert(draw(st.integers(0, len(holder))), holder[place])
            case "add":
                value = draw(hostile_values)
                holder.append((draw(st.text(max_size=5)), value) if isinstance(holder, Pairs) else value)
            case "rename" if isinstance(holder, Pairs):
                holder[place] = (draw(hostile_texts), holder[place][1])
            case _:
                holder.append(holder.pop(place))
    return written(tree)


NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
hostile_numbers = st.sampled_from(
    ("NaN", "sNaN", "Infinity", "1E+999999", "1E-999999", "0E+5000", "-0", "0.1", "-1", "1E+30")
)
hostile_integers = st.integers(-2, 70) | st.sampled_from((2**31, 2**53, 2**63 - 1, 2**64, -(2**63) - 1, 10**30))


@st.composite
def plausible_json(draw: st.DrawFn, sample: bytes, under: str) -> bytes:
    """The sample with up to three values under this name changed to others of their kind: it will be understood."""
    tree = json.loads(sample, object_pairs_hook=Pairs)
    place = next(place for place, (name, _) in enumerate(tree) if name == under)
    for _ in range(draw(st.integers(0, 3))):
        places = list(parts(tree[place][1]))
        if not places:
            break
        holder, where = draw(st.sampled_from(places))
        name, value = holder[where] if isinstance(holder, Pairs) else ("", holder[where])
        if name == "type":
            continue
        other = draw(another(value, [str(one) for one in leaves(tree)]))
        holder[where] = (name, other) if isinstance(holder, Pairs) else other
    return written(tree)


def leaves(tree: Any) -> Iterator[Any]:
    """Every text in a JSON tree."""
    for holder, place in parts(tree):
        value = holder[place][1] if isinstance(holder, Pairs) else holder[place]
        if isinstance(value, str):
            yield value


def another(value: Any, known: list[str]) -> st.SearchStrategy[Any]:
    """Another value of the same kind; ``known`` are texts that mean something."""
    match value:
        case bool():
            other: st.SearchStrategy[Any] = st.just(not value)
        case int():
            other = hostile_integers
        case None:
            other = hostile_integers | hostile_numbers
        case str() if NUMBER.fullmatch(value):
            other = hostile_numbers | hostile_integers.map(str)
        case str():
            other = st.sampled_from(known) | hostile_texts
        case list() if not isinstance(value, Pairs):
            other = st.sampled_from(([], value[1:], value[::-1], value + value, value * 40)).map(deepcopy)
        case _:
            other = st.just(value)
    return other


def written(tree: Any) -> bytes:
    """Write a JSON tree without blanks, as its parts are."""
    if isinstance(tree, Written):
        return bytes(tree)
    if isinstance(tree, Pairs):
        return b"{" + b",".join(written(name) + b":" + written(value) for name, value in tree) + b"}"
    if isinstance(tree, list):
        return b"[" + b",".join(map(written, tree)) + b"]"
    if isinstance(tree, Decimal):
        return str(tree).encode()
    if isinstance(tree, int) and abs(tree) > 2**64:
        return b"%s1%s" % (b"-" * (tree < 0), b"0" * 400)
    return json.dumps(tree, ensure_ascii=False).encode("utf-8", "surrogatepass")


@st.composite
def changed_members(draw: st.DrawFn, samples: Sequence[bytes], methods: Sequence[int]) -> bytes:
    """One of the samples, each a zip, with a member changed, dropped, doubled, renamed or moved, and zipped again."""
    with zipfile.ZipFile(BytesIO(draw(st.sampled_from(samples)))) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    place = draw(st.integers(0, len(members) - 1))
    name, content = members[place]
    match draw(st.sampled_from(("change", "change", "change", "drop", "move", "rename", "empty"))):
        case "change":
            members[place] = (name, draw(changed_bytes([content])))
        case "drop":
            del members[place]
        case "move":
            members.append(members.pop(place))
        case "rename":
            members[place] = (draw(st.sampled_from(("../x", "/etc/x", "x" * 1000, name.upper(), "a\\b"))), content)
        case _:
            members[place] = (name, b"")
    saved = BytesIO()
    with zipfile.ZipFile(saved, "w", draw(st.sampled_from(methods))) as again:
        for name, content in members:
            again.writestr(name, content)
    return saved.getvalue()


def trial(fuzz: Fuzz, examples: int) -> Callable[[], None]:
    """Return what checks so many inputs; what fails is made as small as can be and raised."""

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(fuzz.inputs)
    def check(given_input: Any) -> None:
        fuzz.check(given_input)

    return check


def tried(fuzz: Fuzz) -> None:
    """Check as many inputs as a run of the tests does."""
    trial(fuzz, fuzz.examples)()
