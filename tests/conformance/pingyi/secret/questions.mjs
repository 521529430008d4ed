// What a secret round asks, and how a ballot of it is encoded: SPEC, "Secret rounds" and "Encodings".

import { value } from "../numbers.mjs";
import { selectionBounds } from "../items.mjs";

const MOST_BITS = 1024;

/** The questions of a round's sheet, in order: each {line, target, encoding}. */
export function questions(item, round) {
    const { rules } = item;
    const { abstention } = rules;
    const choice = (target, choices) => ({
        line: "choice",
        target,
        encoding: { type: "distribution", choices, abstention },
    });
    switch (rules.type) {
        case "score":
            return item.targets.flatMap((target) => {
                const scored = { line: "score", target, encoding: scoreEncoding(item, target) };
                return rules.question === null ? [scored] : [scored, choice(target, 2n)];
            });
        case "motion":
            return [choice("", 2n)];
        case "rating":
            return item.targets.map((target) => choice(target, 3n));
        default: {
            const { least, most } = selectionBounds(item, round);
            const candidates = BigInt(round.candidates.length);
            return [{ line: "selection", target: "", encoding: { type: "selection", candidates, least, most, abstention } }];
        }
    }
}

/** How many steps lie between the lowest and the highest score. */
export const stepsOf = ({ lowest, highest, step }) => value(highest).minus(value(lowest)).over(value(step)).numerator;

function scoreEncoding({ rules, criteria }, target) {
    const { abstention } = rules;
    const steps = stepsOf(rules);
    if (rules.opens === "distribution") return { type: "distribution", choices: steps + 1n, abstention };
    const own = criteria.filter((criterion) => criterion.target === target).length;
    return { type: "sum", steps, parts: BigInt(own || 1), abstention };
}

/** The name of an encoding, which goes into every hash. */
export function nameOf(encoding) {
    const numbers = {
        sum: () => [encoding.steps, encoding.parts],
        distribution: () => [encoding.choices],
        selection: () => [encoding.candidates, encoding.least, encoding.most],
    }[encoding.type]();
    return [encoding.type, ...numbers, encoding.abstention ? 1 : 0].join(" ");
}

/** Whether there is such an encoding: its numbers are possible and its bits not too many. */
export function fits(encoding) {
    if (encoding.type === "selection") {
        const { least, most, candidates } = encoding;
        if (!(most >= 1n && 0n <= least && least <= most && most <= candidates)) return false;
    } else if (encoding.type === "sum" ? encoding.steps < 1n || encoding.parts < 1n : encoding.choices < 1n) {
        return false;
    }
    return bits(encoding) <= MOST_BITS;
}

/** How many bits a ballot has. */
export function bits(encoding) {
    const counted = {
        sum: () => weights(encoding).length * Number(encoding.parts),
        distribution: () => Number(encoding.choices),
        selection: () => Number(encoding.candidates),
    }[encoding.type]();
    return counted + (encoding.abstention ? 1 : 0);
}

/** The weights of the bits of one part of a sum. */
export function weights({ steps }) {
    const length = steps.toString(2).length;
    const powers = Array.from({ length: length - 1 }, (_, place) => 1n << BigInt(place));
    return [...powers, steps - ((1n << BigInt(length - 1)) - 1n)];
}

/** The claims of a ballot: each says that the sum of some bits, each times its factor, is one of some values. */
export function claims(encoding) {
    const all = Array.from({ length: bits(encoding) }, (_, bit) => [bit, 1n]);
    const single = all.map((bit) => ({ factors: [bit], values: [0n, 1n] }));
    const abstained = all.at(-1);
    const others = encoding.abstention ? all.slice(0, -1) : all;
    switch (encoding.type) {
        case "sum":
            if (!encoding.abstention) return single;
            return [...single, ...others.map((bit) => ({ factors: [bit, abstained], values: [0n, 1n] }))];
        case "distribution":
            return [...single, { factors: all, values: [1n] }];
        default: {
            const { candidates, least, most, abstention } = encoding;
            const values = Array.from({ length: Number(most - least) + 1 }, (_, more) => least + BigInt(more));
            if (!abstention) return [...single, { factors: others, values }];
            const factors = [...others, [abstained[0], candidates + 1n]];
            return [...single, { factors, values: [...values, candidates + 1n] }];
        }
    }
}

/** How many bytes a ballot has. */
export const ballotLength = (encoding) =>
    64 * bits(encoding) + 64 * claims(encoding).reduce((all, { values }) => all + values.length, 0);

/** What is opened of the sums of N ballots: for each, the factors of the bits and the greatest total. */
export function opened(encoding, ballots) {
    const single = Array.from({ length: bits(encoding) }, (_, bit) => ({ factors: [[bit, 1n]], bound: ballots }));
    if (encoding.type !== "sum") return single;
    const own = weights(encoding);
    const totals = Array.from({ length: Number(encoding.parts) }, (_, part) => ({
        factors: own.map((weight, bit) => [part * own.length + bit, weight]),
        bound: ballots * encoding.steps,
    }));
    return encoding.abstention ? [...totals, single.at(-1)] : totals;
}

/** Whether N proven ballots can open to these totals and abstentions. */
export function possible(encoding, ballots, totals, abstentions) {
    const given = ballots - abstentions;
    const together = totals.reduce((total, one) => total + one, 0n);
    switch (encoding.type) {
        case "sum":
            return given >= 0n && totals.every((total) => total <= encoding.steps * given);
        case "distribution":
            return together + abstentions === ballots;
        default:
            return (
                encoding.least * given <= together &&
                together <= encoding.most * given &&
                totals.every((total) => total <= given)
            );
    }
}
