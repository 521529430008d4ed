// Evidence of other components: SPEC, "Evidence".

import { need } from "./bytes.mjs";
import { HUNDRED, isPlain, value, ZERO } from "./numbers.mjs";
import { allDiffer, required } from "./texts.mjs";

const LARGEST = 10n ** 12n;

/** The scored targets of a definition, in its order. */
export function scoredTargets({ definition, withdrawn }) {
    const scoring = definition.agenda.filter(({ id, rules }) => rules.type === "score" && !withdrawn.has(id));
    const scored = new Set(scoring.flatMap((item) => item.targets));
    return definition.targets.map(({ id }) => id).filter((id) => scored.has(id));
}

/** The sources of evidence of a component: its parts, or itself with an empty part. */
export const sourcesOf = (component) =>
    component.parts.length > 0 ? component.parts : [{ id: "", weight: component.weight, rule: component.rule }];

/** Throw Refused unless evidence may be imported. */
export function checkEvidence(state, { component: id, part, file, sha256, lines }) {
    required(file, 255, "the name of a file");
    need(/^[0-9a-f]{64}$/.test(sha256), "the hash of a file");
    const component = state.definition.components.find((one) => one.id === id);
    need(component !== undefined && !component.committee, "no component with evidence");
    const source = sourcesOf(component).find((one) => one.id === part);
    need(source !== undefined, "no part with evidence");
    const scored = scoredTargets(state);
    need(lines.length > 0 && allDiffer(lines.map(({ target }) => target)), "no line, or a target twice");
    for (const { target, material } of lines) {
        need(scored.includes(target), "a target without scores");
        need(material.type === source.rule.type, "material of another kind");
        MATERIALS[material.type](material, source.rule);
    }
    const votes = source.rule.type !== "votes" || source.rule.of === "voters";
    need(votes || lines.some(({ material }) => material.votes > 0n), "no votes at all");
}

const counted = (...numbers) => need(numbers.every((one) => 0n <= one && one <= LARGEST), "a number beyond 10^12");

const MATERIALS = {
    scores({ score }) {
        need(isPlain(score), "a score that is not plain");
        need(value(score).against(ZERO) >= 0 && value(score).against(HUNDRED) <= 0, "a score beyond 0 and 100");
    },
    hotline({ handled, satisfied, repeated }) {
        counted(handled, satisfied, repeated);
        need(handled >= 1n && satisfied <= handled && repeated <= handled, "more than was handled");
    },
    survey({ counts }, { grades }) {
        counted(...counts);
        need(counts.length === grades.length && counts.some((count) => count > 0n), "the counts of a survey");
    },
    votes({ votes, voters }, { of }) {
        counted(votes, voters);
        need(of === "voters" ? voters >= 1n && votes <= voters : voters === 0n, "voters");
    },
};
