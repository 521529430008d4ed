"""A second reader, written from SPEC.md in plain whole numbers, agrees with the library about all vectors."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.edwards import BASE, minus, plus, read, times, written
from kit.secret_attacks import WEAK_POINTS
from kit.secret_reader import Unproven, key_of, read_ballot, read_opening
from pingyi_protocol.secret.group import GENERATOR, ORDER, GroupError, add, multiply, parse_point, raised, subtract

FOLDER = Path(__file__).parents[2] / "protocol" / "vectors" / "secret"


def lines(name: str) -> list[Any]:
    return [json.loads(line) for line in (FOLDER / name).read_text().splitlines()]


@given(st.integers(0, ORDER - 1), st.integers(1, ORDER - 1))
@settings(max_examples=10, deadline=None)
def test_the_group_is_the_same(one: int, other: int) -> None:
    left, right = times(one, BASE), times(other, BASE)
    assert (written(left), written(right)) == (raised(one), raised(other))
    assert written(plus(left, right)) == add(raised(one), raised(other))
    assert written(minus(left, right)) == subtract(raised(one), raised(other))
    assert written(times(one, right)) == multiply(one, raised(other))


@given(
    st.one_of(
        st.binary(min_size=32, max_size=32), st.sampled_from([*map(bytes.fromhex, WEAK_POINTS.values()), GENERATOR])
    )
)
@settings(max_examples=25, deadline=None)
def test_the_same_bytes_are_points(data: bytes) -> None:
    try:
        read(data)
    except ValueError:
        with pytest.raises(GroupError):
            parse_point(data)
    else:
        assert parse_point(data) == data


def test_the_ballots_are_valid() -> None:
    for line in lines("ballots.jsonl"):
        read_ballot(line["question"], b64decode(line["member"]), line["text"])


def test_the_bad_ballots_are_refused_where_the_library_refuses_them() -> None:
    for line in lines("refused-ballots.jsonl"):
        with pytest.raises((ValueError, Unproven)) as error:
            read_ballot(line["question"], b64decode(line["member"]), line["text"])
        assert not line["place"] or error.value.args == (line["place"],), line["attack"]


def test_the_ceremony_makes_the_key() -> None:
    ceremony = json.loads((FOLDER / "ceremony.json").read_text())
    assert key_of(ceremony) == (ceremony["key"]["key"], ceremony["key"]["shares"])


def test_the_opening_gives_the_totals() -> None:
    key = json.loads((FOLDER / "ceremony.json").read_text())["key"]
    opening = json.loads((FOLDER / "opening.json").read_text())
    assert read_opening(opening, key) == [[*opening["totals"], opening["abstentions"]]] * 2
