"""The JSON schema of ``results.json``, published as ``protocol/results.schema.json``."""

import inspect
from typing import Any

import msgspec

from pingyi_protocol.record.results import FORMAT, Results

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def results_schema() -> bytes:
    """Return the schema of the results that this version writes, as JSON for the eyes.

    Decimal figures are strings such as ``"92.33"``: no reader's binary fractions change them.
    """
    made = msgspec.json.schema(Results)
    for part in made["$defs"].values():
        if "description" in part:
            part["description"] = inspect.cleandoc(part["description"])
    made["$defs"]["Results"]["properties"]["format"] = {"const": FORMAT}
    schema: dict[str, Any] = {"$schema": DIALECT, "title": FORMAT} | made
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"
