// Scores of one target: SPEC, "Scores".

import { criteriaOf } from "./items.mjs";
import { exactDecimal, HUNDRED, rounded, roundedRoot, sum, value, whole } from "./numbers.mjs";

/** The scores for a target, or under one of its criteria: [fraction or null], one for each ballot. */
export function scoresOf(item, target, cast, criterion = null) {
    const own = criteriaOf(item, target);
    return cast.flatMap(({ answers, count }) => {
        const given = answers.filter((one) => one.type === "score" && one.target === target);
        const counted = criterion === null ? given : given.filter((one) => one.criterion === criterion);
        if (counted.length === 0) return [];
        return Array(Number(count)).fill(scoreOf(counted, criterion === null ? own : []));
    });
}

function scoreOf(given, criteria) {
    if (given.some(({ score }) => score === null)) return null;
    if (criteria.length === 0 || given[0].criterion === "") return value(given[0].score);
    const weights = new Map(criteria.map(({ id, weight }) => [id, value(weight)]));
    return sum(given.map(({ criterion, score }) => value(score).times(weights.get(criterion)).over(HUNDRED)));
}

const meanOf = (numbers) => (numbers.length ? sum(numbers).over(whole(numbers.length)) : null);

function medianOf(sorted) {
    const middle = sorted.length / 2;
    return meanOf(sorted.length % 2 ? [sorted[Math.floor(middle)]] : sorted.slice(middle - 1, middle + 1));
}

function varianceOf(numbers) {
    const mean = meanOf(numbers);
    return mean && meanOf(numbers.map((one) => one.times(one))).minus(mean.times(mean));
}

/** The figures of scores by score rules, without those of criteria. */
export function statistics(scores, rules) {
    const sorted = scores.filter((one) => one !== null).sort((one, other) => one.against(other));
    const enough = BigInt(sorted.length) >= rules.least_scores;
    const dropped = Number(rules.dropped);
    const trims = dropped > 0 && enough && sorted.length > 2 * dropped;
    const trimmed = trims ? meanOf(sorted.slice(dropped, -dropped)) : null;
    const measures = { mean: meanOf(sorted), trimmed_mean: trimmed, median: medianOf(sorted) };
    const variance = varianceOf(sorted);
    return {
        ...measured(scores.length - sorted.length, sorted.length, sum(sorted), enough ? measures[rules.measure] : null, rules),
        mean: figure(measures.mean, rules),
        trimmed_mean: figure(trimmed, rules),
        median: figure(measures.median, rules),
        deviation: variance && roundedRoot(variance, rules.decimals),
        least: sorted.length ? exactDecimal(sorted[0]) : null,
        greatest: sorted.length ? exactDecimal(sorted.at(-1)) : null,
        dropped: trims ? rules.dropped : 0n,
        bands: rules.bands.map((band) => ({
            band: band.name,
            count: BigInt(sorted.filter((score) => bandOf(rules.bands, score) === band.name).length),
        })),
        values: valuesOf(sorted),
    };
}

/** The figures of which only {count, abstentions, total} was opened. */
export function summed({ count, abstentions, total }, rules) {
    const mean = count > 0n ? total.over(whole(count)) : null;
    return {
        ...measured(abstentions, count, total, count >= rules.least_scores ? mean : null, rules),
        mean: figure(mean, rules),
        trimmed_mean: null,
        median: null,
        deviation: null,
        least: null,
        greatest: null,
        dropped: 0n,
        bands: [],
        values: [],
    };
}

function measured(abstentions, count, total, measure, rules) {
    const shown = figure(measure, rules);
    const mark = rules.pass_mark;
    return {
        scores: BigInt(count),
        abstentions: BigInt(abstentions),
        total: exactDecimal(total),
        measure: shown,
        exact: measure && measure.toString(),
        band: shown && bandOf(rules.bands, value(shown)),
        passed: shown === null || mark === null ? null : value(shown).against(value(mark)) >= 0,
    };
}

const figure = (number, { decimals }) => number && rounded(number, decimals);

/** The first band that a number is not below, or null. */
export const bandOf = (bands, number) => bands.find((band) => value(band.least).against(number) <= 0)?.name ?? null;

function valuesOf(sorted) {
    const counts = new Map();
    for (const score of sorted) counts.set(exactDecimal(score), (counts.get(exactDecimal(score)) ?? 0n) + 1n);
    return [...counts].map(([number, count]) => ({ value: number, count }));
}
