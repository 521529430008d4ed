// What the record gives for the eyes: SPEC, "Results".

import { fingerprint, noteBody } from "./checkpoints.mjs";
import { compositeLines, latestMeasures } from "./composite.mjs";
import { byCodePoints } from "./bytes.mjs";
import { receivedIn } from "./state.mjs";

/** The results of a meeting's state under a log. */
export function resultsOf(state, log) {
    const { meeting: facts, roster, agenda } = state.definition;
    const size = log.leaves.length;
    const measures = latestMeasures(state);
    return {
        format: "pingyi-results/5",
        meeting: state.meeting,
        name: facts.name,
        session: facts.session,
        date: facts.date,
        simulated: facts.simulated,
        origin: state.origin,
        size: BigInt(size),
        fingerprint: fingerprint(noteBody(state.origin, size, log.root(size))),
        due: BigInt(roster.filter(({ entitled }) => entitled).length),
        present: BigInt(state.present.size),
        attendance: roster.map((person) => attendeeOf(state, person)),
        agenda: agenda.map((item) => lineOf(state, item)),
        rounds: state.counted().map((round) => roundOf(state, round, measures)),
        composite: compositeLines(state),
        composite_announced: state.composite !== null,
        evidence: [...state.evidence.values()].sort(
            (one, other) => byCodePoints(one.component, other.component) || byCodePoints(one.part, other.part),
        ),
    };
}

function attendeeOf(state, { number, name, group, seat, entitled }) {
    const [attendance, reason] = attendanceOf(state, number, entitled);
    return { number, name, group, seat: state.seats.get(number) ?? seat, attendance, reason };
}

function attendanceOf({ present, left, excused }, number, entitled) {
    if (!entitled) return ["without_vote", ""];
    if (present.has(number)) return ["present", ""];
    if (left.has(number)) return ["left", left.get(number)];
    return excused.has(number) ? ["excused", excused.get(number)] : ["absent", ""];
}

function lineOf(state, { id, title, rules }) {
    const withdrawn = state.withdrawn.has(id);
    const phase = withdrawn ? "withdrawn" : (state.latest(id)?.phase ?? "pending");
    return { item: id, title, kind: rules.type, phase, reason: withdrawn ? state.withdrawn.get(id) : "" };
}

function roundOf(state, round, measures) {
    const item = state.itemNamed(round.item);
    const names = new Map(state.definition.targets.map(({ id, name }) => [id, name]));
    const person = (number) => (number === null ? null : signerOf(state, number));
    const figures = round.phase === "announced" ? round.figures : null;
    const name = (target) => names.get(target) ?? "";
    return {
        item: round.item,
        title: item.title,
        kind: item.rules.type,
        round: BigInt(round.number),
        phase: round.phase,
        first: round.first,
        last: round.last,
        measure: item.rules.measure ?? null,
        secrecy: item.rules.secrecy,
        present: BigInt(round.present.size),
        received: round.manual === null ? BigInt(receivedIn(round)) : round.manual.received,
        invalid: round.manual?.invalid ?? BigInt(round.secret?.checked ? receivedIn(round) - round.secret.checked.valid.size : 0),
        reason: round.phase === "void" ? round.reason : "",
        manual: round.manual?.reason ?? "",
        confirmed: person(round.signer),
        voided_by: person(round.voidedBy),
        recused: state.definition.roster
            .filter(({ number }) => round.recused.has(number))
            .map((one) => ({
                number: one.number,
                name: one.name,
                reason: round.recused.get(one.number),
                present: round.present.has(one.number),
            })),
        secret: round.secret === null ? null : secretOf(state, item, round.secret),
        targets: (figures?.targets ?? []).map((one) => ({
            name: name(one.target),
            figures: one,
            rank: rankOf(measures, one.target, round),
        })),
        choices: (figures?.choices ?? []).map((one) => ({ name: name(one.target), figures: one })),
        selection: figures?.selection
            ? { names: figures.selection.candidates.map(({ target }) => name(target)), figures: figures.selection }
            : null,
        groups: figures?.groups ?? [],
    };
}

const signerOf = (state, number) => ({ number, name: state.onRoster(number)?.name ?? "" });

function secretOf(state, { rules }, { fingerprint: code, key, holders, ballots, checked, head, overridden, parts, bad, lines }) {
    const signer = (number) => signerOf(state, number);
    const without = state.definition.roster.filter(({ number }) => ballots.has(number) && !checked?.valid.has(number));
    const faultOf = (number) => checked.invalid.find(({ person }) => person === number).fault;
    return {
        opens: rules.opens,
        least_ballots: rules.least_ballots,
        key: code,
        threshold: key.threshold,
        holders: [...holders.keys()].map(signer),
        checked: checked !== null,
        invalid: checked === null ? [] : without.map(({ number, name }) => ({ number, name, fault: faultOf(number) })),
        head: head && { size: head.size, root: head.root },
        cosigned: BigInt(head?.cosignatures.length ?? 0),
        overridden: overridden && { ...signer(overridden.person), ...overridden },
        parts: [...holders.keys()].filter((person) => parts.has(person)).map(signer),
        bad: [...bad].map(signer),
        unsealed: lines !== null,
    };
}

function rankOf(measures, target, round) {
    const own = measures.get(target);
    if (own === undefined || own.round !== round) return null;
    return BigInt(1 + [...measures.values()].filter(({ measure }) => measure.against(own.measure) > 0).length);
}
