"""The published schema of ``results.json``: what is written is as it says, and nothing else is."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kit.factories import small_definition
from kit.kinds import every_kind, whole_definition
from kit.records import Scribe, closed, small_meeting, told
from kit.secret_records import SECRET
from pingyi_protocol.record.bundle import readable
from pingyi_protocol.record.schema import results_schema

PUBLISHED = Path(__file__).parents[2] / "protocol" / "results.schema.json"


def whole() -> Scribe:
    scribe, _ = told(Scribe(whole_definition()))
    every_kind(scribe)
    return scribe


def results(scribe: Scribe) -> Any:
    return json.loads(readable(scribe.finish().results))


def test_the_published_schema_is_that_of_this_version() -> None:
    """``scripts/vectors`` writes it."""
    assert PUBLISHED.read_bytes() == results_schema()


@pytest.mark.parametrize("meeting", [small_meeting, lambda: closed(small_meeting()), whole])
def test_results_are_as_the_schema_says(meeting: Callable[[], Scribe]) -> None:
    schema = json.loads(PUBLISHED.read_bytes())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(results(meeting()))


def test_results_of_secret_rounds_are_as_the_schema_says() -> None:
    Draft202012Validator(json.loads(PUBLISHED.read_bytes())).validate(json.loads(readable(SECRET.results)))


def test_the_schema_takes_nothing_else() -> None:
    """A binary fraction for a figure, an unknown field, another format: each is named."""
    validator = Draft202012Validator(json.loads(PUBLISHED.read_bytes()))
    good = results(told(Scribe(small_definition()))[0])
    figures = good["rounds"][0]["targets"][0]["figures"]
    for part, field, value in ((figures, "total", 277.0), (good, "more", 1), (good, "format", "other/1")):
        kept = dict(part)
        part[field] = value
        [fault] = validator.iter_errors(good)
        assert field in f"{fault.json_path} {fault.message}"
        part.clear()
        part.update(kept)
    assert validator.is_valid(good)
