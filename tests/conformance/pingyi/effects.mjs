// What each event changes: SPEC, "Effects".

import { exactDecimal, value } from "./numbers.mjs";
import { principalOf, timeLeft } from "./state.mjs";
import { keyId } from "./signatures.mjs";
import { read } from "./json.mjs";
import * as kinds from "./kinds.mjs";

const UNSETTLED = ["code-issued/2", "code-countersigned/1", "device-enrolled/2", "continuation-countersigned/1"];

/** Make the event of leaf {index, at, before, envelope} part of the state. */
export function apply(state, event, leaf) {
    const command = leaf.envelope && read(kinds.command, leaf.envelope.payload);
    if (command) state.accepted.add(command.id);
    EFFECTS[event.type](state, event, leaf, command);
    if (!UNSETTLED.includes(event.type)) state.settled = leaf.index + 1n;
}

function enrol(state, { person, role, signing_key: signing, transport_key: transport }, { index }) {
    const principal = principalOf(person, role);
    const earlier = state.speaks.get(principal);
    if (earlier !== undefined) state.devices.get(earlier).revoked = true;
    const id = keyId(signing);
    state.devices.set(id, { person, role, signing, transport, revoked: false, leaf: index });
    state.speaks.set(principal, id);
}

/** A value for comparison, its decimals by value. */
const byValue = (one) =>
    JSON.stringify(one, (name, content) => {
        if (["weight", "satisfied", "not_repeated", "value"].includes(name)) return exactDecimal(value(content));
        return typeof content === "bigint" ? content.toString() : content;
    });

function loadDefinition(state, { definition }) {
    const before = state.definition;
    state.definition = definition;
    state.composite = null;
    const gone = (person) => !state.isEntitled(person);
    const items = new Set(definition.agenda.map((item) => item.id));
    for (const people of [state.present, state.left, state.excused]) removeWhere(people, gone);
    removeWhere(state.recusals, (item) => !items.has(item));
    for (const people of state.recusals.values()) removeWhere(people, gone);
    removeWhere(state.withdrawn, (item) => !items.has(item));
    const kept =
        before !== null &&
        byValue([before.targets, before.components]) === byValue([definition.targets, definition.components]);
    if (!kept) state.evidence.clear();
    state.ceremonies.redefined(state);
}

function removeWhere(people, gone) {
    for (const person of [...people.keys()]) if (gone(person)) people.delete(person);
}

function checkIn(state, { person }) {
    state.present.add(person);
    state.left.delete(person);
    state.excused.delete(person);
    const running = state.running();
    if (state.definition.meeting.late_ballots && running) running.present.add(person);
    const principal = principalOf(person, "member");
    const code = state.codes.get(principal);
    if (code && state.speaks.has(principal)) code.waits = true;
}

function recusalsOf(state, item) {
    if (!state.recusals.has(item)) state.recusals.set(item, new Map());
    return state.recusals.get(item);
}

function begin(state, { item, round, candidates, places }, { index }) {
    if (item !== "trial" && state.counted().length === 0) {
        for (const [principal, code] of state.codes) if (JSON.parse(principal)[1] === "scrutineer") code.waits = true;
    }
    const begun = {
        item,
        number: Number(round),
        phase: "open",
        first: index,
        last: null,
        deadline: null,
        remaining: null,
        present: new Set(state.present),
        recused: new Map(state.recusedFrom(item)),
        candidates,
        places,
        ballots: new Map(),
        manual: null,
        signer: null,
        voiding: null,
        reason: "",
        voidedBy: null,
        figures: null,
        closedAt: null,
        announced: null,
        secret: null,
    };
    state.rounds.push(begun);
    return begun;
}

function openRound(state, event, leaf) {
    const round = begin(state, event, leaf);
    round.deadline = event.seconds === null ? null : leaf.at + 1000n * event.seconds;
    if (state.itemNamed(event.item).rules.secrecy === "secret") {
        const { key, fingerprint, holders } = state.ceremonies.made;
        round.secret = {
            key,
            fingerprint,
            holders,
            ballots: new Map(),
            checked: null,
            overridden: null,
            head: null,
            bad: new Set(),
            basis: null,
            parts: new Map(),
            lines: null,
        };
    }
}

function enterResult(state, event, leaf) {
    const round = begin(state, event, leaf);
    const { reason, received, invalid, counts } = event;
    Object.assign(round, { manual: { reason, received, invalid, counts }, phase: "closed", last: leaf.index });
}

const end = (round, phase) => Object.assign(round, { phase, deadline: null, remaining: null });

function pause(round, remaining) {
    Object.assign(round, { phase: "paused", deadline: null, remaining });
}

function extend(round, added, at) {
    if (round.phase === "paused") round.remaining += added;
    else round.deadline = (round.deadline > at ? round.deadline : at) + added;
}

function announce(state, { figures }, { index }) {
    const round = end(state.round(figures), "announced");
    Object.assign(round, { figures, announced: index });
    if (figures.targets.length > 0) state.composite = null;
}

function voidRound(state, event) {
    const round = state.round(event);
    const scored = round.phase === "announced" && state.itemNamed(event.item).rules.type === "score";
    if (scored) state.composite = null;
    end(round, "void");
    Object.assign(round, { voiding: null, reason: event.reason, voidedBy: event.person });
}

function declareContinuation(state, { person, size, root, reason }, { index, before, envelope }) {
    state.continuations.push({ size, root, reason, chair: person, leaf: index, chairKey: envelope.key, scrutineer: null });
    const running = state.running();
    if (running?.phase === "open" && running.deadline !== null) pause(running, timeLeft(running, before));
}

const EFFECTS = {
    "meeting-created/1"(state, event, leaf) {
        state.meeting = event.meeting;
        state.origin = event.origin;
        state.logKey = event.log_key;
        state.serverKey = event.server_key;
        enrol(state, { ...event, person: "clerk", role: "clerk" }, leaf);
    },
    "definition-loaded/4": loadDefinition,
    "code-issued/2"(state, { person, role, secret_hash: hash, waits }) {
        state.codes.set(principalOf(person, role), { hash, waits });
    },
    "code-countersigned/1"(state, { person, role }) {
        state.codes.get(principalOf(person, role)).waits = false;
    },
    "code-withdrawn/1": (state, { person, role }) => state.codes.delete(principalOf(person, role)),
    "device-enrolled/2"(state, event, leaf) {
        state.codes.delete(principalOf(event.person, event.role));
        enrol(state, event, leaf);
    },
    "device-revoked/1"(state, { person, role }) {
        const principal = principalOf(person, role);
        state.devices.get(state.speaks.get(principal)).revoked = true;
        state.speaks.delete(principal);
    },
    "checked-in/1": checkIn,
    "checked-out/1"(state, { person, reason }) {
        state.present.delete(person);
        state.left.set(person, reason);
    },
    "excused/1": (state, { person, reason }) => state.excused.set(person, reason),
    "check-in-opened/1"(state, { seconds }, { at }) {
        state.checkInUntil = at + 1000n * seconds;
    },
    "check-in-closed/1"(state, event, { at }) {
        state.checkInUntil = at;
    },
    "seat-moved/1": (state, { person, seat }) => state.seats.set(person, seat),
    "recused/1": (state, { person, item, reason }) => recusalsOf(state, item).set(person, reason),
    "recusal-lifted/1": (state, { person, item }) => recusalsOf(state, item).delete(person),
    "item-added/3"(state, { item, targets, problems }) {
        state.definition = withItem(state.definition, item, targets, problems);
        state.composite = null;
    },
    "agenda-reordered/1"(state, { order }) {
        const agenda = order.map((id) => state.itemNamed(id));
        state.definition = { ...state.definition, agenda };
    },
    "item-withdrawn/1"(state, { item, reason }) {
        state.withdrawn.set(item, reason);
        state.composite = null;
    },
    "evidence-imported/1"(state, { component, part, file, sha256, lines }, { index }) {
        state.evidence.set(JSON.stringify([component, part]), { component, part, file, sha256, leaf: index, lines });
        state.composite = null;
    },
    "round-opened/2": openRound,
    "round-extended/1": (state, event, { at }) => extend(state.round(event), 1000n * event.seconds, at),
    "round-paused/1": (state, event) => pause(state.round(event), event.remaining),
    "round-resumed/1"(state, event, { at }) {
        const round = state.round(event);
        const deadline = round.remaining === null ? null : at + round.remaining;
        Object.assign(round, { phase: "open", deadline, remaining: null });
    },
    "ballot-cast/2": (state, event) => state.round(event).ballots.set(event.person, { answers: event.answers }),
    "round-closed/1": (state, event, { index }) =>
        Object.assign(end(state.round(event), "closed"), { last: event.last, closedAt: index }),
    "round-confirmed/1"(state, event) {
        state.round(event).signer = event.person;
    },
    "result-entered/1": enterResult,
    "result-announced/2": announce,
    "meeting-closed/1"(state) {
        state.closed = true;
    },
    "continuation-declared/1": declareContinuation,
    "continuation-countersigned/1"(state, { person }, { index, envelope }) {
        Object.assign(state.waiting(), { scrutineer: person, countersigned: index, scrutineerKey: envelope.key });
    },
    "receipt-handed-in/1": (state, { command }) => state.handedIn.add(command),
    "void-proposed/1"(state, event) {
        state.round(event).voiding = { reason: event.reason, person: event.person };
    },
    "void-taken-back/1"(state, event) {
        state.round(event).voiding = null;
    },
    "round-voided/2": voidRound,
    "composite-announced/1"(state, { lines }) {
        state.composite = lines;
    },
    "ceremony-begun/1": (state, event) => state.ceremonies.begin(state, event),
    "key-message-taken/1": (state, { message }) => state.ceremonies.current.take(message),
    "election-key-made/1": (state, { message }) => state.ceremonies.complete(message),
    "ceremony-failed/1": (state, { message }) => state.ceremonies.current.take(message),
    "secret-ballot-cast/1"(state, event, leaf) {
        const { ballots } = state.round(event).secret;
        const key = state.devices.get(leaf.envelope.key).signing;
        const earlier = ballots.get(event.person) ?? [];
        ballots.set(event.person, [...earlier, { id: event.ballot, sealed: event.sealed, key }]);
    },
    "ballots-checked/1": (state, event, leaf) => {
        state.round(event).secret.checked = leaf.checked;
    },
    "opening-begun/1"(state, event, leaf) {
        Object.assign(state.round(event).secret, { basis: leaf.basis, head: event });
    },
    "cosigning-overridden/1"(state, event) {
        state.round(event).secret.overridden = event;
    },
    "opening-part-taken/1"(state, event) {
        const { secret } = state.round(event);
        if (event.good) secret.parts.set(event.person, event.parts);
        else secret.bad.add(event.person);
    },
    "round-unsealed/1"(state, event) {
        const { secret } = state.round(event);
        secret.parts.set(event.person, event.parts);
        secret.lines = event.lines;
    },
};

/** A definition with an item, targets and problems at the ends of its lists. */
export const withItem = (definition, item, targets, problems) => ({
    ...definition,
    agenda: [...definition.agenda, item],
    targets: [...definition.targets, ...targets],
    problems: [...definition.problems, ...problems],
});
