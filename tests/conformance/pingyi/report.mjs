// What a verification found and counted, in words.

import { fingerprint, keyCode } from "./checkpoints.mjs";
import { STEPS } from "./steps.mjs";
import { witnessFacts } from "./witnesses.mjs";

/** The report of a verification: its steps, the facts, the figures as they were counted again, the verdict. */
export function report(verification) {
    const { findings, replay, isValid } = verification;
    const steps = Array.from({ length: STEPS }, (_, place) => {
        const count = findings.filter(({ step }) => step === place + 1).length;
        return `${place + 1}: ${count === 0 ? "ok" : `${count} found`}`;
    });
    const known = replay !== null && replay.state.definition !== null && verification.key !== null;
    return [
        `Steps         ${steps.join("  ")}`,
        ...(known ? [...facts(verification), ...figures(verification)] : []),
        ...findings.map(({ step, fault }) => `${step}. ${fault}`),
        isValid ? "VALID" : "NOT VALID",
    ].join("\n");
}

function facts(verification) {
    const { replay, heads, leaves, key } = verification;
    const { state } = replay;
    const { closes, end, terminals } = witnessFacts(verification);
    const running = state.running();
    return [
        `Record        ${leaves.length} leaves, ${state.counted().length} rounds`,
        `Fingerprint   ${heads.length > 0 ? fingerprint(heads.at(-1).body) : "none"}`,
        `Log key       ${key} (${keyCode(key)})`,
        ...closes.map(({ item, round, cosigned, present }) => `Cosigned      item ${item}, round ${round}: ${cosigned} of ${present}`),
        `Cosigned      the last head: ${end.cosigned} of ${end.present}; ${terminals} terminals in all`,
        ...(running === undefined ? [] : [`Not closed    item ${running.item}, round ${running.number} is ${running.phase}`]),
        `Meeting       ${state.closed ? "closed" : "not closed"}`,
        ...state.continuations.flatMap((one) => continued(state, one)),
    ];
}

function continued({ devices }, { size, reason, chair, chairKey, scrutineer, scrutineerKey }) {
    const signers = [
        [chair, chairKey],
        [scrutineer, scrutineerKey],
    ].filter(([person]) => person !== null);
    const late = signers.filter(([, key]) => devices.get(key).leaf >= size).map(([person]) => person);
    const signed = signers.map(([person]) => person).join(" and ");
    return [
        `Continued     from the first ${size} leaves, signed by ${signed}: ${reason}`,
        ...late.map((person) => `              the device of ${person} was enrolled on a leaf that the copy lacks`),
    ];
}

function figures({ recount }) {
    return recount.rounds
        .filter(({ phase, figures: counted }) => phase === "announced" && counted !== null)
        .flatMap(({ item, number, figures: counted }) => [
            `Counted       item ${item}, round ${number}: ${counted.received} of ${counted.present}`,
            ...counted.targets.map(({ target, scores, measure }) => `              ${target}: ${measure} of ${scores} scores`),
            ...counted.choices.map((one) => `              ${choice(one)}`),
            ...(counted.selection === null ? [] : [`              ${selected(counted.selection)}`]),
        ]);
}

const choice = ({ target, counts, outcome }) =>
    `${target}${target ? ": " : ""}${counts.map(({ option, count }) => `${option} ${count}`).join(", ")}: ${outcome}`;

const selected = ({ candidates, winners }) =>
    `${candidates.map(({ target, votes }) => `${target} ${votes}`).join(", ")}: ${winners.join(", ")}`;
