// The kinds of SPEC, "Figures" and "The composite".

import { bool, dec, int, list, maybe, object, oneOf, text } from "./json.mjs";

export const option = oneOf("for", "against", "satisfied", "basically_satisfied", "not_satisfied", "chosen", "abstain");

export const targetFigures = object({
    target: text,
    scores: int,
    abstentions: int,
    not_voted: int,
    total: dec,
    measure: maybe(dec),
    exact: maybe(text),
    mean: maybe(dec),
    trimmed_mean: maybe(dec),
    median: maybe(dec),
    deviation: maybe(dec),
    least: maybe(dec),
    greatest: maybe(dec),
    dropped: int,
    band: maybe(text),
    bands: list(object({ band: text, count: int })),
    values: list(object({ value: dec, count: int })),
    passed: maybe(bool),
    criteria: list(object({ criterion: text, scores: int, total: dec, measure: maybe(dec), exact: maybe(text) })),
});
const optionCounts = list(object({ option, count: int }));
export const choiceFigures = object({
    target: text,
    counts: optionCounts,
    not_voted: int,
    base: int,
    needed: int,
    outcome: text,
});
export const selectionFigures = object({
    candidates: list(object({ target: text, votes: int })),
    places: int,
    abstentions: int,
    not_voted: int,
    base: int,
    needed: int,
    winners: list(text),
    tied: list(text),
});
export const groupFigures = object({
    group: text,
    present: int,
    received: int,
    targets: list(object({ target: text, scores: maybe(int), total: maybe(dec), measure: maybe(dec) })),
    choices: list(object({ target: text, counts: maybe(optionCounts) })),
});
export const roundFigures = object({
    item: text,
    round: int,
    present: int,
    received: int,
    recused: int,
    targets: list(targetFigures),
    choices: list(choiceFigures),
    selection: maybe(selectionFigures),
    groups: list(groupFigures),
    invalid: int,
    manual: text,
});
const weighed = { score: dec, exact: text, weight: dec, weighted: dec };
export const compositeLine = object({
    target: text,
    components: list(object({ component: text, ...weighed, parts: list(object({ part: text, ...weighed })) })),
    missing: list(object({ component: text, part: text })),
    total: maybe(dec),
    exact: maybe(text),
    rank: maybe(int),
    band: maybe(text),
    again: bool,
});
