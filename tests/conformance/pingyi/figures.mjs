// The figures of a round: SPEC, "Figures".

import { chosenTargets, criteriaOf, optionsOf } from "./items.mjs";
import { groupsOf } from "./groups.mjs";
import { scoresOf, statistics, summed } from "./scores.mjs";
import { openedAnswers, openedSum } from "./secret/lines.mjs";

/**
 * The figures of a round {number, present, recused, ballots, manual, lines, candidates, places, invalid, valid}.
 *
 * `ballots` are those that count, each {person, answers}; `manual` is what was entered by hand, else null; `lines` what
 * a secret round opened to, else null, and `valid` how many ballots of it hold.
 */
export function roundFigures(definition, item, round) {
    const recused = [...round.recused.keys()].filter((person) => round.present.has(person)).length;
    const received = round.manual === null ? BigInt(round.received) : round.manual.received;
    const present = BigInt(round.present.size);
    const common = { present, received, recused: BigInt(recused), notVoted: present - received - BigInt(recused) };
    const cast = answered(item, round);
    const bases = { ...common, ...electorate(definition, round, recused) };
    return {
        item: item.id,
        round: BigInt(round.number),
        present,
        received,
        recused: BigInt(recused),
        targets: item.rules.type === "score" ? item.targets.map((one) => targetFigures(item, one, round, cast, common)) : [],
        choices: chosenTargets(item).map((target) => choiceFigures(item, target, cast, bases)),
        selection: item.rules.type === "selection" ? selectionFigures(item, round, cast, bases) : null,
        groups: round.manual === null && item.rules.least_group !== null ? groupsOf(definition, item, round) : [],
        invalid: round.manual === null ? BigInt(round.invalid) : round.manual.invalid,
        manual: round.manual === null ? "" : round.manual.reason,
    };
}

/** The answers as [{answers, count}]: each sheet stands for so many ballots. */
function answered(item, round) {
    if (round.manual !== null) return round.manual.counts.map(({ answer, count }) => ({ answers: [answer], count }));
    if (round.lines !== null) return openedAnswers(item, round);
    return round.ballots.map(({ answers }) => ({ answers, count: 1n }));
}

/** Those to whom a passing can refer: how many are entitled and how many present. */
function electorate(definition, round, recusedPresent) {
    const entitled = definition.roster.filter((person) => person.entitled);
    const leave = definition.meeting.recused_leave;
    const recused = leave ? entitled.filter((person) => round.recused.has(person.number)).length : 0;
    return {
        allMembers: BigInt(entitled.length - recused),
        presentMembers: BigInt(round.present.size - (leave ? recusedPresent : 0)),
    };
}

function targetFigures(item, target, round, cast, { notVoted }) {
    const sums = round.lines !== null && item.rules.opens === "sum";
    const scores = sums ? openedSum(item, round, target) : scoresOf(item, target, cast);
    const own = sums ? summed(scores, item.rules) : statistics(scores, item.rules);
    const criteria = round.manual === null ? criteriaOf(item, target) : [];
    return {
        target,
        ...own,
        not_voted: notVoted,
        criteria: criteria.map((criterion) => {
            const given = sums
                ? summed(openedSum(item, round, target, criterion.id), item.rules)
                : statistics(scoresOf(item, target, cast, criterion.id), item.rules);
            const { scores: count, total, measure, exact } = given;
            return { criterion: criterion.id, scores: count, total, measure, exact };
        }),
    };
}

/** How many ballots chose each option for a target. */
export function optionCounts(options, target, cast) {
    return options.map((option) => ({
        option,
        count: cast.reduce((total, { answers, count }) => {
            const found = answers.some((one) => one.type === "choice" && one.target === target && one.option === option);
            return found ? total + count : total;
        }, 0n),
    }));
}

/** The least whole number that passes of a base. */
function neededOf({ numerator, denominator, strict }, base) {
    const product = base * numerator;
    const least = strict ? product / denominator + 1n : (product + denominator - 1n) / denominator;
    return least === 0n ? 1n : least;
}

function baseOf(passing, bases, counts) {
    switch (passing.base) {
        case "all_members":
            return bases.allMembers;
        case "present":
            return bases.presentMembers;
        case "cast":
            return bases.received;
        default:
            return counts[0].count + counts[1].count;
    }
}

function choiceFigures(item, target, cast, bases) {
    const counts = optionCounts(optionsOf(item), target, cast);
    const passing = item.rules.type === "score" ? item.rules.question : item.rules.passing;
    const base = baseOf(passing, bases, counts);
    const needed = neededOf(passing, base);
    return { target, counts, not_voted: bases.notVoted, base, needed, outcome: outcomeOf(item, counts, needed) };
}

function outcomeOf(item, counts, needed) {
    const [first, second] = counts.map(({ count }) => count);
    if (item.rules.type !== "rating") return first >= needed ? "passed" : "rejected";
    if (first >= needed) return "satisfied";
    return first + second >= needed ? "basically_satisfied" : "not_satisfied";
}

function selectionFigures(item, round, cast, bases) {
    const candidates = round.candidates.map((target) => {
        const [{ count }] = optionCounts(["chosen"], target, cast);
        return { target, votes: count };
    });
    const { passing } = item.rules;
    const base = passing === null ? bases.received : baseOf(passing, bases, []);
    const needed = passing === null ? 1n : neededOf(passing, base);
    return {
        candidates,
        places: BigInt(round.places),
        abstentions: optionCounts(["abstain"], "", cast)[0].count,
        not_voted: bases.notVoted,
        base,
        needed,
        ...elected(candidates, Number(round.places), needed),
    };
}

function elected(candidates, places, needed) {
    const able = candidates.filter(({ votes }) => votes >= needed);
    const ordered = able.sort((one, other) => (one.votes < other.votes ? 1 : one.votes > other.votes ? -1 : 0));
    const last = ordered[places - 1];
    const names = (some) => some.map(({ target }) => target);
    if (ordered.length > places && last !== undefined && last.votes === ordered[places].votes) {
        return {
            winners: names(ordered.filter(({ votes }) => votes > last.votes)),
            tied: names(ordered.filter(({ votes }) => votes === last.votes)),
        };
    }
    return { winners: names(ordered.slice(0, places)), tied: [] };
}
