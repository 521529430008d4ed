"""A second reader, written from SPEC.md in plain whole numbers, agrees with the library about all vectors."""

import hashlib
import json
import zipfile
from base64 import b64decode, b64encode
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


# the record


def leaves() -> list[Any]:
    with zipfile.ZipFile(FOLDER / "record.zip") as record:
        return [json.loads(line) for line in record.read("leaves.jsonl").splitlines()]


LEAVES = leaves()


def events(kind: str, **fields: object) -> list[Any]:
    """Return the events of a kind with these fields, in their order."""
    kept = (leaf["event"] for leaf in LEAVES if leaf["event"]["type"] == kind)
    return [event for event in kept if all(event[name] == value for name, value in fields.items())]


[MADE] = events("election-key-made/1")
KEYS = {one["person"]: b64decode(one["signing_key"]) for one in events("device-enrolled/2", role="member")}
ENCODINGS = {
    "score": ("score", "T01", {"type": "sum", "steps": 100, "parts": 1, "abstention": True}),
    "selection": ("selection", "", {"type": "selection", "candidates": 4, "least": 1, "most": 2, "abstention": True}),
    "motion": ("choice", "", {"type": "distribution", "choices": 2, "abstention": True}),
}


def question_of(item: str) -> Any:
    line, target, encoding = ENCODINGS[item]
    [created] = events("meeting-created/1")
    told = {"meeting": created["origin"], "item": item, "round": 1, "line": line, "target": target}
    return told | {"encoding": encoding, "key": MADE["key"]["key"]}


def scalar_of(seed: str, place: int) -> int:
    """Return a random scalar as the text says that it is drawn."""
    drawn = hashlib.shake_256(f"{seed}/{place}".encode()).digest(64)
    return 1 + int.from_bytes(drawn, "little") % (ORDER - 1)


def test_the_second_ceremony_of_the_record_makes_its_key() -> None:
    reveals = [one["message"] for one in events("key-message-taken/1", attempt=2)]
    ceremony = {"ceremony": {"threshold": 2}, "messages": reveals}
    assert key_of(ceremony) == (MADE["key"]["key"], MADE["key"]["shares"])


def test_the_randomness_of_the_record_is_the_one_that_the_text_tells() -> None:
    makers = {"0000003a": ("M01", 0x36 + 3), "0000003b": ("M01", 0x36 + 3)}
    for event in events("secret-ballot-cast/1"):
        maker, number = makers.get(event["ballot"][-8:], (event["person"], int(event["ballot"], 16) - 1))
        left = b64decode(event["sealed"][0])[:32]
        assert left == written(times(scalar_of(f"{maker} casts {number}", 0), BASE))
    first = events("key-message-taken/1", attempt=2, person="M02")[1]["message"]["points"]
    assert [b64decode(one) for one in first] == [written(times(scalar_of("M02 deals 2", one), BASE)) for one in (0, 1)]


@pytest.mark.parametrize("item", ["selection", "motion"])
def test_the_ballots_of_the_record_hold_and_add_up_to_what_is_opened(item: str) -> None:
    question, ballots = question_of(item), []
    for event in events("secret-ballot-cast/1", item=item):
        [text] = event["sealed"]
        assert read_ballot(question, KEYS[event["person"]], text)
        ballots.append({"member": b64encode(KEYS[event["person"]]).decode(), "text": text})
    [begun], [checked] = events("opening-begun/1", item=item), events("ballots-checked/1", item=item)
    assert checked["invalid"] == []
    basis = f"{question['meeting']}\n{begun['size']}\n{begun['root']}\n"
    taken = [one for one in events("opening-part-taken/1", item=item) if one["good"]] + events(
        "round-unsealed/1", item=item
    )
    parts = [{"index": ["M02", "M03", "M04"].index(one["person"]) + 1, "text": one["parts"][0]} for one in taken]
    opening = {
        "question": question,
        "basis": basis,
        "ballots": ballots,
        "parts": sorted(parts, key=lambda one: one["index"]),
    }
    opened = read_opening(opening, MADE["key"])
    said = [
        [*one["totals"], one["abstentions"]] for each in events("round-unsealed/1", item=item) for one in each["lines"]
    ]
    assert opened == said


def test_a_copied_ballot_of_the_record_does_not_hold_for_who_copied_it() -> None:
    *_, copied = events("secret-ballot-cast/1", item="score", person="M02")
    with pytest.raises(Unproven):
        read_ballot(question_of("score"), KEYS["M02"], copied["sealed"][0])
