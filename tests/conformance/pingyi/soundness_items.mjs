// Whether an item of the agenda is sound: SPEC, "Definition", rules of all kinds.

import { need } from "./bytes.mjs";
import { ballotLength, fits, questions } from "./secret/questions.mjs";
import { HUNDRED, isPlain, sum, value, ZERO } from "./numbers.mjs";
import { allDiffer, required } from "./texts.mjs";

const LARGEST_SHEET = 184320;

export const between = (least, number, greatest) => least <= number && number <= greatest;

/** Throw Refused unless an item is sound in its definition. */
export function checkItem(item, { targets, roster, meeting }) {
    const { rules } = item;
    required(item.id, 20, "an item's id");
    required(item.title, 200, "an item's title");
    need(item.id !== "trial", "an item with the id of the trial");
    need((rules.type === "motion") === (item.targets.length === 0), "an item's targets");
    const known = new Set(targets.map((target) => target.id));
    need(allDiffer(item.targets) && item.targets.every((target) => known.has(target)), "an item's targets");
    const scrutineers = roster.filter((person) => person.roles.includes("scrutineer"));
    need(!rules.confirmed || scrutineers.length > 0, "nobody can confirm");
    checkCommon(rules);
    KINDS[rules.type](item);
    checkCriteria(item);
    if (rules.secrecy === "secret") checkSecret(item, BigInt(scrutineers.length) >= meeting.threshold);
}

function checkCommon(rules) {
    need(rules.display !== "live" || rules.running === "all", "a live display of what not all may see");
    need(rules.seconds === null || between(1n, rules.seconds, 86400n), "the seconds of a round");
    need(rules.least_group === null || rules.least_group >= 2n, "least_group");
    need(rules.least_ballots >= 3n, "least_ballots");
}

const KINDS = {
    score: ({ rules }) => checkScore(rules),
    motion: ({ rules }) => checkPassing(rules.passing, true),
    rating: ({ rules }) => checkPassing(rules.passing, false),
    selection({ rules, targets }) {
        const all = BigInt(targets.length);
        need(between(1n, rules.winners, all) && between(1n, rules.most, all), "winners and most");
        need(between(0n, rules.least, rules.most), "least");
        if (rules.passing !== null) checkPassing(rules.passing, false);
    },
};

function checkPassing({ numerator, denominator, strict, base }, forAndAgainst) {
    need(0n < numerator && (strict ? numerator < denominator : numerator <= denominator), "a passing");
    need(base !== "for_and_against" || forAndAgainst, "a base of for and against");
}

function checkScore(rules) {
    const { lowest, highest, step, measure, dropped } = rules;
    need([lowest, highest, step].every(isPlain), "lowest, highest and step");
    const range = value(highest).minus(value(lowest));
    need(range.against(ZERO) > 0 && value(step).against(ZERO) > 0, "highest above lowest, step above 0");
    const steps = range.over(value(step));
    need(steps.denominator === 1n && steps.numerator <= 10000n, "steps");
    checkBands(rules.bands, lowest, highest);
    if (rules.pass_mark !== null) need(isPlain(rules.pass_mark) && within(rules.pass_mark, rules), "pass_mark");
    need(between(0n, rules.decimals, 4n), "decimals");
    need(rules.least_scores >= 1n && dropped >= 0n, "least_scores and dropped");
    if (measure === "trimmed_mean") need(dropped >= 1n && rules.least_scores > 2n * dropped, "a trimmed mean");
    if (rules.question !== null) checkPassing(rules.question, true);
}

const within = (number, { lowest, highest }) =>
    value(lowest).against(value(number)) <= 0 && value(number).against(value(highest)) <= 0;

/** Throw Refused unless bands are sound for scores from lowest to highest. */
export function checkBands(bands, lowest, highest) {
    if (bands.length === 0) return;
    for (const band of bands) {
        required(band.name, 20, "a band's name", "", true);
        need(isPlain(band.least), "where a band begins");
    }
    const leasts = bands.map((band) => value(band.least));
    need(leasts.every((least, place) => place === 0 || least.against(leasts[place - 1]) < 0), "bands that do not fall");
    need(leasts[0].against(value(highest)) <= 0, "a band above the highest");
    need(leasts.at(-1).against(value(lowest)) === 0, "the last band is not from the lowest");
    need(allDiffer(bands.map((band) => band.name)), "a band stands twice");
}

function checkCriteria({ rules, targets, criteria }) {
    need(criteria.length === 0 || rules.type === "score", "criteria without scores");
    for (const { target, id, name, weight } of criteria) {
        need(targets.includes(target) && id !== "", "a criterion");
        required(name, 100, "a criterion's name");
        need(isPlain(weight) && within(weight, { lowest: "0", highest: "100" }), "a weight");
        need(value(weight).against(ZERO) > 0, "a weight of 0");
    }
    for (const target of new Set(criteria.map((criterion) => criterion.target))) {
        const own = criteria.filter((criterion) => criterion.target === target);
        need(allDiffer(own.map((one) => one.id)) && allDiffer(own.map((one) => one.name)), "a criterion stands twice");
        need(sum(own.map((one) => value(one.weight))).against(HUNDRED) === 0, "weights that are not 100 together");
    }
}

function checkSecret(item, enough) {
    const { rules, criteria } = item;
    need(rules.display !== "live" && rules.running === "nobody" && rules.least_group === null, "a secret round shown");
    need(enough, "fewer scrutineers than the threshold");
    const asked = questions(item, { candidates: item.targets, places: rules.winners ?? 0n });
    need(asked.every(({ encoding }) => fits(encoding)), "a question without an encoding");
    const together = asked.reduce((all, { encoding }) => all + ballotLength(encoding), 0);
    need(together <= LARGEST_SHEET, "ballots that are too long together");
    if (rules.type !== "score") return;
    if (rules.opens === "sum") {
        need(rules.measure === "mean" && rules.dropped === 0n && rules.bands.length === 0, "more than a sum opens");
    } else {
        const steps = value(rules.highest).minus(value(rules.lowest)).over(value(rules.step)).numerator;
        need(criteria.length === 0 && steps <= 1022n, "a distribution of this sheet");
    }
}
