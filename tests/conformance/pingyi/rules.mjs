// What each command needs and the event that it leads to: SPEC, "Replay", the table. Rounds are in rules_round.mjs.

import { need, same, unbase64, utf8 } from "./bytes.mjs";
import { readCheckpoint } from "./checkpoints.mjs";
import { compositeLines } from "./composite.mjs";
import { withItem } from "./effects.mjs";
import { checkEvidence } from "./evidence.mjs";
import { read } from "./json.mjs";
import * as kinds from "./kinds.mjs";
import { included, leafHash } from "./merkle.mjs";
import { ROUND_RULES } from "./rules_round.mjs";
import { SECRET_RULES } from "./rules_secret.mjs";
import { isSigned, isSigningKey, isTransportKey, keyId } from "./signatures.mjs";
import { checkSound, isSeat, seatPlace } from "./soundness.mjs";
import { principalOf } from "./state.mjs";
import { allDiffer, plainText } from "./texts.mjs";

const HASH = /^[0-9a-f]{64}$/;

function codeOf(state, { person, role }) {
    const code = state.codes.get(principalOf(person, role));
    need(code !== undefined, `no code of ${person} is outstanding`);
    return code;
}

function attendee(state, { person, reason }, present) {
    plainText(reason);
    need(state.isEntitled(person), `${person} is not entitled`);
    need(state.present.has(person) === present, `${person} is ${present ? "not " : ""}present`);
}

function recusal(state, { person, item, reason }, recused) {
    plainText(reason);
    need(state.definition.agenda.some(({ id }) => id === item), `the item ${item} is not on the agenda`);
    need(state.isEntitled(person), `${person} is not entitled`);
    need(state.recusedFrom(item).has(person) === recused, `${person} is ${recused ? "not " : ""}recused`);
}

function issueCode(state, { person, role, secret_hash: hash }) {
    need(state.mayAct(person, role), `${person} may not act as ${role}`);
    need(HASH.test(hash), "the hash of a secret");
    need(![...state.codes.values()].some((code) => code.hash === hash), "a code that is outstanding");
    const came = role === "member" && (state.present.has(person) || state.left.has(person));
    const waits = came || (role === "scrutineer" && state.counted().length > 0);
    return { type: "code-issued/2", person, role, secret_hash: hash, waits };
}

function enrol(state, { person, role, body }) {
    const code = codeOf(state, { person, role });
    need(code.hash === body.code && !code.waits, "another code, or one that waits for the chair");
    need(isSigningKey(body.signing_key) && isTransportKey(body.transport_key), "a key that is not good");
    const known = [...state.devices.values()].some(({ transport }) => transport === body.transport_key);
    need(!known && !state.devices.has(keyId(body.signing_key)), "a device with this key is enrolled");
    need(body.transport_key !== state.serverKey && body.signing_key !== state.logKey, "a key of the server");
    return { ...body, type: "device-enrolled/2", person, role };
}

function moveSeat(state, { person, seat }) {
    need(isSeat(seat) && state.onRoster(person) !== undefined, "a seat and a person of the roster");
    const taken = state.definition.roster.some((one) => state.seatOf(one) === seatPlace(seat));
    need(!taken, `somebody sits at ${seat}`);
    return { type: "seat-moved/1", person, seat };
}

function addItem(state, body) {
    need(!state.withdrawn.has(body.item.id), "the id of a withdrawn item");
    const agenda = state.definition.agenda.filter(({ id }) => !state.withdrawn.has(id));
    checkSound(withItem({ ...state.definition, agenda }, body.item, body.targets, body.problems));
    return { ...body, type: "item-added/3" };
}

function reorder(state, { order }) {
    const agenda = state.definition.agenda.map(({ id }) => id);
    need(allDiffer(order) && order.length === agenda.length, "an item that stands twice, or not");
    need(order.every((id) => agenda.includes(id)), "an unknown item");
    const begun = (ids) => ids.filter((id) => state.latest(id) !== undefined).join("\n");
    need(begun(order) === begun(agenda), "items with a round in another order");
    return { type: "agenda-reordered/1", order };
}

function withdrawItem(state, { item, reason }) {
    plainText(reason);
    need(state.definition.agenda.some(({ id }) => id === item), `the item ${item} is not on the agenda`);
    need(!state.withdrawn.has(item), "the item is withdrawn");
    need(state.roundsOf(item).every(({ phase }) => phase === "void"), "a round of the item stands");
    return { type: "item-withdrawn/1", item, reason };
}

function checkInWindow(state, open, at) {
    const minutes = state.definition.meeting.check_in_minutes;
    need(minutes !== null, "members check in at any time");
    need(state.isCheckInOpen(at) !== open, "check-in is so already");
    return open ? { type: "check-in-opened/1", seconds: 60n * minutes } : { type: "check-in-closed/1" };
}

function announceComposite(state) {
    need(!state.running(), "a round is open or paused");
    need(state.composite === null, "the composites are announced");
    const lines = compositeLines(state);
    need(lines.length > 0 && lines.every(({ missing }) => missing.length === 0), "a composite that is not whole");
    return { type: "composite-announced/1", lines };
}

function closeMeeting(state, person) {
    need(!state.running(), "a round is open or paused");
    need(state.rounds.every(({ voiding }) => voiding === null), "a voiding waits");
    return { type: "meeting-closed/1", person };
}

function declareContinuation(state, person, { size, root, reason }, { index, log }) {
    plainText(reason);
    need(state.settled <= size && size <= index, "a continuation from what is not settled");
    need(same(unbase64(root, 32), log.root(size)), "the root is not that of the first leaves");
    return { type: "continuation-declared/1", person, size, root, reason };
}

function countersignContinuation(state, person, { size, root, reason }) {
    const waiting = state.waiting();
    need(waiting !== undefined, "no continuation waits");
    need(waiting.size === size && waiting.root === root && waiting.reason === reason, "another continuation");
    need(waiting.chair !== person, "the chair cannot countersign");
    return { type: "continuation-countersigned/1", person, size, root };
}

function handIn(state, { person, role }, { receipt }) {
    const { index, leaf, proof, checkpoint } = receipt;
    const entry = read(kinds.entry, leaf);
    need(entry.index === index && entry.envelope !== null, "the leaf of a receipt");
    const head = readCheckpoint(checkpoint, state.origin, state.logKey);
    const hashes = proof.map((hash) => unbase64(hash, 32));
    need(included(leafHash(utf8(leaf)), index, head.size, hashes, head.root), "the proof of a receipt");
    const device = state.devices.get(entry.envelope.key);
    need(device !== undefined && !device.revoked && device.person === person && device.role === role, "another's");
    need(isSigned(entry.envelope, device.signing), "the signature of what was lost is not good");
    const command = read(kinds.command, entry.envelope.payload);
    need(command.meeting === state.meeting && command.person === person && command.role === role, "another's command");
    need(state.continuations.some(({ size }) => size <= index), "no continuation lost this leaf");
    need(!state.accepted.has(command.id) && !state.handedIn.has(command.id), "what was lost is there");
    return { type: "receipt-handed-in/1", person, command: command.id, index };
}

export const RULES = {
    "create-meeting/1"(state, { meeting, person, role, body }, { index }) {
        need(index === 0n && person === "clerk" && role === "clerk", "a meeting begins with leaf 0");
        need([body.log_key, body.signing_key].every(isSigningKey), "a signing key that is not good");
        need([body.server_key, body.transport_key].every(isTransportKey), "a transport key that is not good");
        need(body.log_key !== body.signing_key && body.server_key !== body.transport_key, "a key that stands twice");
        return { ...body, type: "meeting-created/1", meeting };
    },
    "load-definition/4"(state, { body }) {
        need(state.counted().length === 0 && !state.running(), "a round has begun");
        checkSound(body.definition);
        return { type: "definition-loaded/4", definition: body.definition };
    },
    "issue-code/1": (state, { body }) => issueCode(state, body),
    "countersign-code/1"(state, { body }) {
        const code = codeOf(state, body);
        need(code.hash === body.secret_hash && code.waits, "a code that does not wait");
        return { type: "code-countersigned/1", person: body.person, role: body.role };
    },
    "withdraw-code/1"(state, { body }) {
        codeOf(state, body);
        return { ...body, type: "code-withdrawn/1" };
    },
    "revoke-device/1"(state, { body }) {
        plainText(body.reason);
        need(!(body.person === "clerk" && body.role === "clerk"), "the clerk's own device");
        need(state.speaks.has(principalOf(body.person, body.role)), "no device speaks for them");
        return { ...body, type: "device-revoked/1" };
    },
    "enrol/2": enrol,
    "check-in/1"(state, { person }, { at }) {
        need(state.isEntitled(person) && !state.present.has(person), "who checks in is entitled and not present");
        need(state.isCheckInOpen(at), "check-in is not open");
        return { type: "checked-in/1", person, reason: "" };
    },
    "check-in-by-hand/1"(state, { body }) {
        attendee(state, body, false);
        return { ...body, type: "checked-in/1" };
    },
    "check-out/1"(state, { body }) {
        attendee(state, body, true);
        return { ...body, type: "checked-out/1" };
    },
    "excuse/1"(state, { body }) {
        attendee(state, body, false);
        need(!state.left.has(body.person) && !state.excused.has(body.person), "who left, or is excused");
        return { ...body, type: "excused/1" };
    },
    "open-check-in/1": (state, command, { at }) => checkInWindow(state, true, at),
    "close-check-in/1": (state, command, { at }) => checkInWindow(state, false, at),
    "move-seat/1": (state, { body }) => moveSeat(state, body),
    "recuse/1"(state, { body }) {
        recusal(state, body, false);
        return { ...body, type: "recused/1" };
    },
    "lift-recusal/1"(state, { body }) {
        recusal(state, body, true);
        return { ...body, type: "recusal-lifted/1" };
    },
    "add-item/3": (state, { body }) => addItem(state, body),
    "reorder-agenda/1": (state, { body }) => reorder(state, body),
    "withdraw-item/1": (state, { body }) => withdrawItem(state, body),
    "import-evidence/1"(state, { body }) {
        checkEvidence(state, body);
        return { ...body, type: "evidence-imported/1" };
    },
    "announce-composite/1": announceComposite,
    "close-meeting/1": (state, { person }) => closeMeeting(state, person),
    "declare-continuation/1": (state, { person, body }, leaf) => declareContinuation(state, person, body, leaf),
    "countersign-continuation/1": (state, { person, body }) => countersignContinuation(state, person, body),
    "hand-in-receipt/1": (state, command) => handIn(state, command, command.body),
    ...ROUND_RULES,
    ...SECRET_RULES,
};
