// Items of the agenda and what an answer to them may be: SPEC, "The trial" and "The answers fit".

import { need } from "./bytes.mjs";
import { write } from "./json.mjs";
import * as kinds from "./kinds.mjs";
import { value } from "./numbers.mjs";

const SCORE = /^-?[0-9]{1,7}(\.[0-9]{0,5}[1-9])?$/;
const MOTION = ["for", "against", "abstain"];
const RATING = ["satisfied", "basically_satisfied", "not_satisfied", "abstain"];

export const TRIAL = {
    id: "trial",
    title: "",
    targets: [],
    rules: {
        type: "motion",
        secrecy: "open",
        press: "last",
        display: "live",
        running: "all",
        seconds: null,
        timer_closes: true,
        abstention: true,
        confirmed: false,
        least_group: null,
        opens: "sum",
        least_ballots: 5n,
        passing: { numerator: 1n, denominator: 2n, base: "cast", strict: true },
    },
    criteria: [],
};

/** The item with this id, or the trial; undefined where there is none. */
export const itemOf = (definition, id) => (id === "trial" ? TRIAL : definition.agenda.find((item) => item.id === id));

export const criteriaOf = (item, target) => item.criteria.filter((criterion) => criterion.target === target);

/** The options that an item's choices have, in their order; none where it asks for none. */
export function optionsOf({ rules }) {
    if (rules.type === "rating") return RATING;
    return rules.type === "motion" || (rules.type === "score" && rules.question !== null) ? MOTION : [];
}

/** The targets that choices are made of: the empty one for a motion. */
export function chosenTargets(item) {
    if (optionsOf(item).length === 0) return [];
    return item.rules.type === "motion" ? [""] : item.targets;
}

/** The fewest and the most candidates that a ballot of a selection chooses in a round. */
export function selectionBounds(item, { candidates, places }) {
    const { least, most } = item.rules;
    const all = isAll(item, candidates);
    const greatest = all || most < places ? most : places;
    return { least: least < greatest ? least : greatest, most: greatest };
}

/** Whether the candidates are the item's targets. */
export const isAll = (item, candidates) =>
    candidates.length === item.targets.length && candidates.every((one, place) => one === item.targets[place]);

/** Throw Refused unless the answers fit an item in a round. */
export function checkAnswers(item, round, answers) {
    if (item.rules.type === "selection") return checkChosen(item, round, answers);
    const expected = sheet(item);
    need(answers.length === expected.length, "answers that are not those of the sheet");
    answers.forEach((answer, place) => checkAnswer(item, expected[place], answer));
    for (const target of item.rules.type === "score" ? item.targets : []) {
        const empty = answers.filter((one) => one.type === "score" && one.target === target).map((one) => one.score === null);
        need(new Set(empty).size === 1, "a target half abstained from");
    }
}

function sheet(item) {
    const options = optionsOf(item);
    const choice = (target) => ({ type: "choice", target });
    if (item.rules.type !== "score") return chosenTargets(item).map(choice);
    return item.targets.flatMap((target) => {
        const own = criteriaOf(item, target).map((criterion) => criterion.id);
        const scores = (own.length ? own : [""]).map((criterion) => ({ type: "score", target, criterion }));
        return options.length ? [...scores, choice(target)] : scores;
    });
}

function checkAnswer(item, expected, answer) {
    need(
        Object.entries(expected).every(([field, content]) => answer[field] === content),
        "an answer that is not at its place of the sheet",
    );
    if (answer.type === "choice") return checkOption(item, answer.option);
    checkScore(item.rules, answer.score, true);
}

function checkOption(item, option) {
    need(optionsOf(item).includes(option), `${option} is no option here`);
    need(option !== "abstain" || item.rules.abstention, "an abstention, which is not allowed");
}

function checkScore(rules, score, whole) {
    if (score === null) return need(rules.abstention, "an abstention, which is not allowed");
    need(SCORE.test(score) && score !== "-0", `the score ${score} in another spelling`);
    const above = value(score).minus(value(rules.lowest));
    need(above.numerator >= 0n && value(score).against(value(rules.highest)) <= 0, "a score beyond lowest and highest");
    need(!whole || above.over(value(rules.step)).denominator === 1n, "a score between two steps");
}

function checkChosen(item, round, answers) {
    need(answers.every((answer) => answer.type === "choice"), "no choices");
    if (answers.length === 1 && answers[0].option === "abstain") {
        return need(answers[0].target === "" && item.rules.abstention, "an abstention, which is not allowed");
    }
    const { least, most } = selectionBounds(item, round);
    need(least <= BigInt(answers.length) && BigInt(answers.length) <= most, "too many or too few are chosen");
    let place = -1;
    for (const { target, option } of answers) {
        const next = round.candidates.indexOf(target);
        need(option === "chosen" && next > place, "choices out of the candidates' order");
        place = next;
    }
}

/** Throw Refused unless counts by hand are possible for an item with these candidates. */
export function checkCounts(item, { candidates, places }, counts, valid) {
    const texts = counts.map(({ answer }) => write(kinds.count, { answer, count: 0n }));
    need(new Set(texts).size === texts.length, "an answer stands twice");
    need(counts.every(({ count }) => count >= 1n), "a count below 1");
    if (item.rules.type === "selection") return checkCountedChosen(item, { candidates, places }, counts, valid);
    counts.forEach(({ answer }) => checkCountedAnswer(item, answer));
    const total = (type, target) =>
        counts
            .filter(({ answer }) => answer.type === type && answer.target === target)
            .reduce((all, { count }) => all + count, 0n);
    const scored = item.rules.type === "score" ? item.targets : [];
    need(scored.every((target) => total("score", target) === valid), "scores that are not as many as ballots");
    need(chosenTargets(item).every((target) => total("choice", target) === valid), "choices that are not as many");
}

function checkCountedAnswer(item, answer) {
    if (answer.type === "choice") {
        need(chosenTargets(item).includes(answer.target), "a choice of another target");
        return checkOption(item, answer.option);
    }
    need(item.rules.type === "score" && item.targets.includes(answer.target), "a score of another target");
    need(answer.criterion === "", "a score by criterion");
    checkScore(item.rules, answer.score, criteriaOf(item, answer.target).length === 0);
}

function checkCountedChosen(item, round, counts, valid) {
    let [abstained, chosen] = [0n, 0n];
    const { least, most } = selectionBounds(item, round);
    for (const { answer, count } of counts) {
        need(answer.type === "choice", "no choice");
        if (answer.option === "abstain") {
            need(answer.target === "" && item.rules.abstention, "an abstention, which is not allowed");
            abstained += count;
        }
    }
    const voted = valid - abstained;
    need(voted >= 0n, "more abstentions than ballots");
    for (const { answer, count } of counts.filter(({ answer: one }) => one.option !== "abstain")) {
        need(answer.option === "chosen" && round.candidates.includes(answer.target), "no candidate");
        need(count <= voted, "more votes than ballots");
        chosen += count;
    }
    need(least * voted <= chosen && chosen <= most * voted, "too many or too few votes");
}

