// What a secret round opened to, as answers and sums: SPEC, "Figures", secret rounds.

import { criteriaOf, optionsOf } from "../items.mjs";
import { exactDecimal, HUNDRED, value, whole, ZERO } from "../numbers.mjs";
import { questions } from "./questions.mjs";

/** The opened line of a question {totals, abstentions}. */
function lineOf(item, round, line, target) {
    const place = questions(item, round).findIndex((one) => one.line === line && one.target === target);
    return round.lines[place];
}

/** Opened choices, selections and distributions of scores, as [{answers, count}]. */
export function openedAnswers(item, round) {
    return questions(item, round).flatMap(({ line, target, encoding }, place) => {
        if (encoding.type === "sum") return [];
        const { totals, abstentions } = round.lines[place];
        const answers = answersOf(item, round, line, target);
        return [...totals, abstentions].map((count, option) => ({ answers: [answers[option]], count }));
    });
}

function answersOf(item, round, line, target) {
    const choice = (option, of = target) => ({ type: "choice", target: of, option });
    if (line === "selection") {
        return [...round.candidates.map((one) => choice("chosen", one)), choice("abstain")];
    }
    if (line === "choice") return optionsOf(item).map((option) => choice(option));
    const { lowest, highest, step } = item.rules;
    const score = (text) => ({ type: "score", target, criterion: "", score: text });
    const answers = [];
    for (let next = value(lowest); next.against(value(highest)) <= 0; next = next.plus(value(step))) {
        answers.push(score(exactDecimal(next)));
    }
    return [...answers, score(null)];
}

/** The opened sum for a target, or under one of its criteria: {count, abstentions, total}. */
export function openedSum(item, round, target, criterion = null) {
    const { totals, abstentions } = lineOf(item, round, "score", target);
    const count = BigInt(round.valid) - abstentions;
    const total = (part) => whole(count).times(value(item.rules.lowest)).plus(value(item.rules.step).times(whole(totals[part])));
    const own = criteriaOf(item, target);
    if (own.length === 0) return { count, abstentions, total: total(0) };
    if (criterion !== null) return { count, abstentions, total: total(own.findIndex(({ id }) => id === criterion)) };
    const weighed = own.map(({ weight }, part) => total(part).times(value(weight)).over(HUNDRED));
    return { count, abstentions, total: weighed.reduce((one, other) => one.plus(other), ZERO) };
}
