// The composites of targets: SPEC, "The composite".

import { scoredTargets, sourcesOf } from "./evidence.mjs";
import { exactDecimal, Fraction, HUNDRED, rounded, sum, value, whole } from "./numbers.mjs";
import { bandOf } from "./scores.mjs";

/** The latest measures: a Map of targets and {round, measure: fraction}, of {rounds} that have figures when announced. */
export function latestMeasures({ rounds }) {
    const latest = new Map();
    const announced = rounds.filter(({ phase }) => phase === "announced");
    for (const round of announced.sort((one, other) => (one.announced < other.announced ? -1 : 1))) {
        for (const { target, exact } of round.figures.targets) latest.set(target, { round, exact });
    }
    const measured = [...latest].filter(([, { exact }]) => exact !== null);
    return new Map(measured.map(([target, { round, exact }]) => [target, { round, measure: fractionOf(exact) }]));
}

const fractionOf = (exact) => new Fraction(...exact.split("/").map(BigInt));

/** The composite lines of {definition, withdrawn, evidence, rounds}. */
export function compositeLines(state) {
    const { components, composite } = state.definition;
    if (components.length === 0) return [];
    const measures = latestMeasures(state);
    const lines = scoredTargets(state).map((target) => lineOf(state, target, measures.get(target)?.measure ?? null));
    const totals = lines.map(({ sum: total }) => total);
    return lines.map(({ sum: total, ...line }) => {
        if (total === null) return { ...line, total: null, exact: null, rank: null, band: null, again: false };
        const shown = rounded(total, composite.decimals);
        const again = composite.again_below !== null && value(shown).against(value(composite.again_below)) < 0;
        return {
            ...line,
            total: shown,
            exact: total.toString(),
            rank: BigInt(1 + totals.filter((one) => one !== null && one.against(total) > 0).length),
            band: bandOf(composite.bands, value(shown)),
            again,
        };
    });
}

function lineOf(state, target, measure) {
    const { components, composite } = state.definition;
    const [found, missing, weighted] = [[], [], []];
    for (const component of components) {
        const sources = component.committee ? [] : sourcesOf(component);
        const scores = sources.map((part) => [part, sourceScore(state, component, part, target)]);
        if (component.committee && measure === null) missing.push({ component: component.id, part: "" });
        for (const [part, score] of scores) if (score === null) missing.push({ component: component.id, part: part.id });
        if (component.committee ? measure === null : scores.some(([, score]) => score === null)) continue;
        const parted = component.parts.length > 0;
        const own = component.committee ? measure : parted ? sum(scores.map(([part, score]) => weigh(score, part))) : scores[0][1];
        weighted.push(weigh(own, component));
        found.push({
            component: component.id,
            ...shownScore(own, component, composite),
            parts: parted ? scores.map(([part, score]) => ({ part: part.id, ...shownScore(score, part, composite) })) : [],
        });
    }
    return { target, components: found, missing, sum: missing.length > 0 ? null : sum(weighted) };
}

const weigh = (score, { weight }) => score.times(value(weight)).over(HUNDRED);

function shownScore(score, weighed, { decimals }) {
    return {
        score: rounded(score, decimals),
        exact: score.toString(),
        weight: exactDecimal(value(weighed.weight)),
        weighted: rounded(weigh(score, weighed), decimals),
    };
}

function sourceScore({ evidence }, component, part, target) {
    const stands = evidence.get(JSON.stringify([component.id, part.id]));
    const line = stands?.lines.find((one) => one.target === target);
    return line === undefined ? null : SCORES[part.rule.type](line.material, part.rule, stands.lines);
}

const SCORES = {
    scores: ({ score }) => value(score),
    hotline({ handled, satisfied, repeated }, rule) {
        const pleased = value(rule.satisfied).times(new Fraction(satisfied, handled));
        return pleased.plus(value(rule.not_repeated).times(new Fraction(handled - repeated, handled)));
    },
    survey({ counts }, { grades }) {
        const points = sum(counts.map((count, place) => whole(count).times(value(grades[place].value))));
        return points.over(sum(counts.map(whole)));
    },
    votes({ votes, voters }, { of }, lines) {
        const most = lines.reduce((greatest, { material }) => (material.votes > greatest ? material.votes : greatest), 0n);
        return HUNDRED.times(new Fraction(votes, of === "most" ? most : voters));
    },
};
