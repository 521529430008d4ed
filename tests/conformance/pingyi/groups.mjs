// The figures of groups, and which are withheld: SPEC, "Groups".

import { byCodePoints } from "./bytes.mjs";
import { optionCounts } from "./figures.mjs";
import { chosenTargets, optionsOf } from "./items.mjs";
import { scoresOf, statistics } from "./scores.mjs";

/** The group figures of a round whose ballots are open. */
export function groupsOf(definition, item, round) {
    const voters = definition.roster.filter(
        ({ number, entitled }) => entitled && round.present.has(number) && !round.recused.has(number),
    );
    const groups = new Map();
    for (const { number, group } of voters) groups.set(group, [...(groups.get(group) ?? []), number]);
    const counted = [...groups].map(([name, numbers]) => {
        const cast = round.ballots.filter(({ person }) => numbers.includes(person));
        const sheets = cast.map(({ answers }) => ({ answers, count: 1n }));
        return {
            group: name,
            present: BigInt(numbers.length),
            received: BigInt(cast.length),
            targets: item.rules.type === "score" ? item.targets.map((target) => scored(item, target, sheets)) : [],
            choices: choicesOf(item, sheets),
        };
    });
    withhold(counted, item.rules.least_group);
    return counted.filter(({ group }) => group !== "");
}

function scored(item, target, sheets) {
    const { scores, total, measure } = statistics(scoresOf(item, target, sheets), item.rules);
    return { target, scores, total, measure };
}

function choicesOf(item, sheets) {
    if (item.rules.type !== "selection") {
        return chosenTargets(item).map((target) => ({ target, counts: optionCounts(optionsOf(item), target, sheets) }));
    }
    const [abstained] = optionCounts(["abstain"], "", sheets);
    return item.targets.map((target) => ({
        target,
        counts: [...optionCounts(["chosen"], target, sheets), { ...abstained }],
        answers: BigInt(sheets.length),
    }));
}

function withhold(groups, least) {
    const [first] = groups;
    first?.targets.forEach((_, place) => {
        for (const group of hidden(groups, least, (one) => one.targets[place].scores)) {
            Object.assign(group.targets[place], { scores: null, total: null, measure: null });
        }
    });
    first?.choices.forEach((_, place) => {
        const answers = ({ choices }) => choices[place].answers ?? choices[place].counts.reduce((all, one) => all + one.count, 0n);
        for (const group of hidden(groups, least, answers)) group.choices[place].counts = null;
    });
}

/** The groups of one entry that are withheld. */
function hidden(groups, least, answers) {
    const counted = groups.map((group) => ({ group, count: answers(group) }));
    const withheld = counted.filter(({ group, count }) => group.group === "" || count < least);
    const others = counted
        .filter((one) => !withheld.includes(one))
        .sort((one, other) =>
            one.count === other.count ? byCodePoints(one.group.group, other.group.group) : one.count < other.count ? -1 : 1,
        );
    const together = () => withheld.reduce((total, { count }) => total + count, 0n);
    while (together() > 0n && together() < least && others.length) withheld.push(others.shift());
    return withheld.map(({ group }) => group);
}
