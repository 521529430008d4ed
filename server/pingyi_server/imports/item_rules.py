"""The rules of one item as cells of its line in the agenda, and back."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from pingyi_protocol.meeting.definition import (
    ItemKind,
    ItemRules,
    Passing,
    RatingRules,
    Rules,
    ScoreRules,
    Secrecy,
    SelectionRules,
)
from pingyi_protocol.meeting.findings import Finding
from pingyi_server.imports.columns import KIND_COLUMNS, KINDS, PASSING_COLUMNS, RULE_COLUMNS

Values = dict[str, Any]


def rules_of(line: Mapping[str, Any]) -> Rules:
    """Return the rules that a line holds; what is blank (None) is usual for its kind."""
    kind = ItemKind(line["kind"])
    rules = KINDS[kind]
    given = {name: line[name] for name in rules.__struct_fields__ if line.get(name) is not None}
    if rules is ScoreRules:
        given["question"] = _passing(line, Passing()) if line["question"] else None
    elif rules is SelectionRules:
        given["passing"] = _passing(line, Passing()) if any(line[one] is not None for one in PASSING_COLUMNS) else None
    else:
        given["passing"] = _passing(line, RatingRules().passing if rules is RatingRules else Passing())
    return rules(**given)


def cells_of(rules: Rules) -> Values:
    """Return the cells of these rules, and of the kind of item; None for what the kind has not."""
    usual = ItemRules()
    passing = getattr(rules, "passing", None) or getattr(rules, "question", None)
    cells: Values = dict.fromkeys(sorted(RULE_COLUMNS))
    cells |= {name: getattr(rules, name) for name in rules.__struct_fields__ if name in KIND_COLUMNS[rules.kind]}
    if isinstance(rules, ScoreRules):
        cells["question"] = rules.question is not None
    if rules.secrecy is Secrecy.OPEN and (rules.opens, rules.least_ballots) == (usual.opens, usual.least_ballots):
        cells["opens"] = cells["least_ballots"] = None
    if passing is not None:
        cells["passing_base"] = passing.base
        cells["passing_share"] = (passing.numerator, passing.denominator)
        cells["passing_more_than"] = passing.strict
    return cells | {"kind": rules.kind}


def out_of_place(index: int, line: Mapping[str, Any], filled: frozenset[str]) -> Iterator[Finding]:
    """Find ``filled`` cells of a line that say nothing of its kind of item, and would be lost in silence."""
    kind = ItemKind(line["kind"])
    for column in sorted(filled & RULE_COLUMNS - KIND_COLUMNS[kind]):
        yield Finding(("agenda", index, column), "not_of_kind", values={"kind": kind.value})
    if kind is ItemKind.SCORE and not line["question"]:
        for column in sorted(filled & PASSING_COLUMNS):
            yield Finding(("agenda", index, column), "question_first")


def _passing(line: Mapping[str, Any], usual: Passing) -> Passing:
    """Return the passing rule of a line; what is blank is as in the usual one."""
    given: Values = {}
    if line["passing_base"] is not None:
        given["base"] = line["passing_base"]
    if line["passing_share"] is not None:
        given["numerator"], given["denominator"] = line["passing_share"]
    if line["passing_more_than"] is not None:
        given["strict"] = line["passing_more_than"]
    return msgspec.structs.replace(usual, **given)
