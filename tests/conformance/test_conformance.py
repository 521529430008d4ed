"""A second verifier, written in JavaScript from the text of protocol/SPEC.md, judges every vector as it must."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kit.node import run_node

VECTORS = Path(__file__).parents[2] / "protocol" / "vectors"
TAMPERED = [json.loads(line) for line in (VECTORS / "tampered.jsonl").read_text(encoding="utf-8").splitlines()]
SECRET = ("secret/record.zip", "secret/code-taken-after-the-trial.zip")
PINS = 10

pytestmark = pytest.mark.node


def judged(kind: str) -> list[dict[str, Any]]:
    """What the second verifier says of all vectors of a kind, in one process."""
    done = run_node("vectors.mjs", kind, VECTORS)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def results_in(name: str) -> str:
    with zipfile.ZipFile(VECTORS / name) as record:
        return record.read("results.json").decode()


# all records in one process: each is a few tenths of a second, most of it signatures that others have too
def test_every_record_is_judged_as_its_vector_says() -> None:
    said = {(one["name"], one["pin"]): one for one in judged("records")}
    for name, pin in (("record.zip", "receipt"), *((name, "") for name in SECRET)):
        one = said.pop((name, pin))
        assert one["fails"] == [], one["findings"]
        assert one["results"] == results_in(name)
    for line in TAMPERED:
        name, pins = f"tampered/{line['file']}", [pin for pin in ("checkpoint", "receipt") if line[pin]]
        alone = said.pop((name, ""))
        # what is consistent in itself is valid until something is held against it
        assert set(alone["fails"]) >= set(line["fails"]) - ({PINS} if pins else set()), (name, alone)
        assert (alone["fails"] == []) == bool(pins or not line["fails"]), (name, alone["findings"])
        assert alone["fails"] or alone["results"] == results_in(name), name
        for pin in pins:
            assert PINS in said.pop((name, pin))["fails"], (name, pin)
    assert not said


def test_every_text_is_read_and_judged_as_its_vector_says() -> None:
    said = judged("texts")
    assert {one["name"]: one["found"] for one in said if one["found"]} == {}
    names = {one["name"].partition(",")[0] for one in said}
    files = {path.name for path in VECTORS.rglob("*.json*")} - {"tampered.jsonl"}
    assert names == files


def test_the_command_says_by_its_exit_code_what_it_found() -> None:
    record, tampered = VECTORS / "record.zip", VECTORS / "tampered" / "changed-count.zip"
    good = run_node("verify.mjs", record, "--receipt", VECTORS / "receipt.json")
    assert (good.returncode, good.stdout.splitlines()[-1]) == (0, "VALID")
    assert "for 3, against 1, abstain 0: rejected" in good.stdout
    bad = run_node("verify.mjs", tampered)
    assert (bad.returncode, bad.stdout.splitlines()[-1]) == (1, "NOT VALID")
    assert run_node("verify.mjs", VECTORS / "receipt.json").returncode == 2
    assert run_node("verify.mjs").returncode == 2
